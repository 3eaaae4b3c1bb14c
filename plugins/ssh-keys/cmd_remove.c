/* SPDX-License-Identifier: MIT */
/* ssh-keys:remove NAME | --fingerprint F: shut an owner of a key out. */
#include "plugins/ssh-keys/ssh_keys.h"
#include "store/property.h"
#include "util/cleanup.h"

struct which {
	const char *name;
	const char *fingerprint;
};

/* Its rules go too: another key of that name must not find them. */
static int remove_rules(struct store *st, const char *name, struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;
	struct app app;

	if (property_apps(st, "access", name, &apps, err) < 0)
		return -1;
	strv_foreach(app_name, &apps)
		if (app_find(st, app_name, &app, err) != 0 ||
		    property_unset(st, app.id, "access", name, err) < 0)
			return -1;
	return 0;
}

static int remove_key(struct store *st, void *ctx, struct err *err)
{
	AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };
	const struct which *w = ctx;
	int rc = w->name ? ssh_key_find_name(st, w->name, &k, err)
			 : ssh_key_find_fingerprint(st, w->fingerprint, &k, err);

	if (rc == STORE_NO_ROW) {
		(void)err_set(err, ERR_REFUSED, "there is no ssh key %s",
			      w->name ? w->name : w->fingerprint);
		return err_hint(err, "davit ssh-keys:list shows the keys there are");
	}
	return rc < 0 || ssh_key_delete(st, k.id, err) < 0
		       ? -1
		       : remove_rules(st, k.name, err);
}

int ssh_keys_cmd_remove(struct request *req, struct err *err)
{
	struct which w = { .name = req->argc > 0 ? req->argv[0] : NULL,
			   .fingerprint = request_value(req, "fingerprint") };

	if (ssh_keys_check_root(req, err) < 0)
		return -1;
	if (!w.name == !w.fingerprint) {
		(void)err_set(err, ERR_USAGE,
			      "say which key: by its name, or by --fingerprint");
		return err_hint(err, "davit ssh-keys:list shows both");
	}
	return ssh_keys_change(req, remove_key, &w, err);
}
