/* SPDX-License-Identifier: MIT */
/* What a certificate says, as text: kept beside it, so that a report needs no OpenSSL. */
#include <jansson.h>
#include <string.h>

#include "plugins/certs/certs.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

void facts_release(struct facts *f)
{
	strv_release(&f->hostnames);
	free(f->subject);
	free(f->issuer);
	free(f->starts_at);
	free(f->expires_at);
}

char *facts_text(const struct facts *f)
{
	AUTO_FREE char *names = strv_join(&f->hostnames, " ");
	AUTO(json_at)
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "hostnames", names,
			      "subject", f->subject, "issuer", f->issuer, "starts_at",
			      f->starts_at, "expires_at", f->expires_at, "self_signed",
			      f->self_signed);

	/* A name that is no text cannot be kept. */
	return j ? json_dumps(j, JSON_COMPACT) : NULL;
}

int facts_parse(const char *text, struct facts *f, struct err *err)
{
	AUTO(json_at) json_t *j = json_loads(text, 0, NULL);
	const char *names;
	const char *subject;
	const char *issuer;
	const char *starts;
	const char *expires;
	int self_signed;

	if (json_unpack(j, "{s:s, s:s, s:s, s:s, s:s, s:b}", "hostnames", &names,
			"subject", &subject, "issuer", &issuer, "starts_at", &starts,
			"expires_at", &expires, "self_signed", &self_signed) < 0)
		return err_set(err, ERR_HOST,
			       "what is kept of a certificate is unreadable");
	strv_split(&f->hostnames, names, " ");
	f->subject = xstrdup(subject);
	f->issuer = xstrdup(issuer);
	f->starts_at = xstrdup(starts);
	f->expires_at = xstrdup(expires);
	f->self_signed = self_signed;
	return 0;
}
