/* SPDX-License-Identifier: MIT */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "plugins/doctor/doctor.h"
#include "serve/cert.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { SOON_S = 14 * 24 * 3600 };

/* Seconds since 1970 at which the first certificate of a PEM text ends; -1: none is there. */
static int64_t ends_at(const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, (int)strlen(pem));
	X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);
	struct tm tm;
	int64_t at = -1;

	if (cert && ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) == 1)
		at = timegm(&tm);
	X509_free(cert);
	(void)BIO_free(in);
	return at;
}

static void check_app(struct doctor *d, const struct app *app, const char *pem)
{
	AUTO_FREE char *cure = xasprintf("davit certs:update %s CRT KEY", app->name);
	int64_t left = ends_at(pem) - clock_now();

	if (left < 0)
		doctor_found(d, FAULT, cure, "the certificate of %s has ended",
			     app->name);
	else if (left < SOON_S)
		doctor_found(d, WARNING, cure, "the certificate of %s ends in %lld days",
			     app->name, (long long)left / (24 * 3600));
}

void doctor_check_certs(struct doctor *d)
{
	strv_foreach(name, &d->apps) {
		AUTO_FREE char *pem = NULL;
		struct app app;
		struct err ignored;

		if (app_find(d->st, name, &app, &ignored) == 0 &&
		    cert_find(d->st, app.id, &pem, &ignored) == 0)
			check_app(d, &app, pem);
	}
}
