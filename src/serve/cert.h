/* SPDX-License-Identifier: MIT */
/*
 * Which apps have a certificate.  The files (tls/APP/server.crt, server.key) belong to root and
 * davit cannot read them; the certificate itself, which is public, is also kept in the
 * store, and its row says that the files are in place.
 */
#ifndef DAVIT_SERVE_CERT_H
#define DAVIT_SERVE_CERT_H

#include <stdbool.h>

#include "serve/proxy.h"
#include "store/app.h"

int cert_present(struct store *st, int64_t app_id, bool *present, struct err *err);
/* The certificate chain as PEM: 0 and a new string, or STORE_NO_ROW. */
int cert_find(struct store *st, int64_t app_id, char **pem, struct err *err);
/* From here on the app's vhosts do without it; the files stay until cert_put() removes
 * them. */
int cert_forget(struct store *st, int64_t app_id, struct err *err);
/* What reports say of a certificate, read when it came (`facts` of cert_put): 0 and a new
 * string, or STORE_NO_ROW. */
int cert_facts(struct store *st, int64_t app_id, char **facts, struct err *err);
int cert_set_facts(struct store *st, int64_t app_id, const char *facts, struct err *err);
/* Put both in place, or (NULL, NULL) remove them; the vhost is the caller's matter. */
int cert_put(struct store *st, proxy_ask *ask, const struct app *app,
	     const char *const pem[2], const char *facts, struct err *err);

#endif
