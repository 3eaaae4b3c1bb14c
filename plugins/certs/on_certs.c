/* SPDX-License-Identifier: MIT */
/* What other plugins ask; in davit itself, which has no OpenSSL. */
#include "plugins/certs/certs.h"
#include "serve/cert.h"

int certs_on_certs_exists(const struct plugin *self, struct trigger_call *call,
			  struct err *err)
{
	bool present = false;
	struct app app;
	int rc = app_find(call->st, call->argv[0], &app, err);

	(void)self;
	if (rc < 0 || (rc == 0 && cert_present(call->st, app.id, &present, err) < 0))
		return -1;
	buf_adds(&call->out, present ? "true\n" : "false\n");
	return 0;
}

/* A copy of an app has other names: the certificate stays with the first. */
int certs_on_clone(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	struct app app;
	int rc = app_find(call->st, call->argv[1], &app, err);

	(void)self;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return cert_forget(call->st, app.id, err);
}
