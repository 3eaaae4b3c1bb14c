/* SPDX-License-Identifier: MIT */
#include "serve/cert.h"

#include "store/property.h"
#include "util/cleanup.h"

int cert_find(struct store *st, int64_t app_id, char **pem, struct err *err)
{
	return property_find(st, app_id, "certs", "certificate", pem, err);
}

int cert_present(struct store *st, int64_t app_id, bool *present, struct err *err)
{
	AUTO_FREE char *pem = NULL;
	int rc = cert_find(st, app_id, &pem, err);

	if (rc < 0)
		return -1;
	*present = rc == 0;
	return 0;
}

int cert_facts(struct store *st, int64_t app_id, char **facts, struct err *err)
{
	return property_find(st, app_id, "certs", "facts", facts, err);
}

int cert_set_facts(struct store *st, int64_t app_id, const char *facts, struct err *err)
{
	return property_set(st, app_id, "certs", "facts", facts, err);
}

int cert_forget(struct store *st, int64_t app_id, struct err *err)
{
	return property_unset(st, app_id, "certs", "facts", err) < 0
		       ? -1
		       : property_unset(st, app_id, "certs", "certificate", err);
}

/* Both or none: facts are of this certificate, or there are none. */
static int keep(struct store *st, int64_t app_id, const char *pem, const char *facts,
		struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	if (property_set(st, app_id, "certs", "certificate", pem, err) == 0 &&
	    (facts ? property_set(st, app_id, "certs", "facts", facts, err)
		   : property_unset(st, app_id, "certs", "facts", err)) == 0)
		return store_commit(st, err);
	store_rollback(st);
	return -1;
}

int cert_put(struct store *st, proxy_ask *ask, const struct app *app,
	     const char *const pem[2], const char *facts, struct err *err)
{
	json_t *fields = json_pack("{s:s, s:s?, s:s?}", "app", app->name, "cert", pem[0],
				   "key", pem[1]);

	if (!fields)
		return err_set(err, ERR_USAGE, "the certificate or the key is not text");
	if (ask("tls", fields, NULL, err) < 0)
		return err_context(err, "certificate of %s", app->name);
	if (!pem[0])
		return cert_forget(st, app->id, err);
	return keep(st, app->id, pem[0], facts, err);
}
