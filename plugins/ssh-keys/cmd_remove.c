/* SPDX-License-Identifier: MIT */
/* ssh-keys:remove NAME | --fingerprint F: shut an owner of a key out. */
#include "plugins/ssh-keys/ssh_keys.h"
#include "util/cleanup.h"

struct which {
	const char *name;
	const char *fingerprint;
};

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
	return rc < 0 || ssh_key_delete(st, k.id, err) < 0 ? -1 : 0;
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
