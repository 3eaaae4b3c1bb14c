/* SPDX-License-Identifier: MIT */
/* ssh-keys:remove NAME | --fingerprint F: shut an owner of a key out. */
#include "plugins/ssh-keys/ssh_keys.h"
#include "util/cleanup.h"

struct which {
	const char *name;
	const char *fingerprint;
	bool none; /* there was no such key */
};

static int remove_key(struct store *st, void *ctx, struct err *err)
{
	AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };
	struct which *w = ctx;
	int rc = w->name ? ssh_key_find_name(st, w->name, &k, err)
			 : ssh_key_find_fingerprint(st, w->fingerprint, &k, err);

	w->none = rc == STORE_NO_ROW;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return ssh_keys_delete(st, &k, err);
}

int ssh_keys_cmd_remove(struct request *req, struct err *err)
{
	struct which w = { .name = req->argc > 0 ? req->argv[0] : NULL,
			   .fingerprint = request_value(req, "fingerprint") };

	if (!w.name == !w.fingerprint) {
		(void)err_set(err, ERR_USAGE,
			      "say which key: by its name, or by --fingerprint");
		return err_hint(err, "davit ssh-keys:list shows both");
	}
	if (ssh_keys_change(req, remove_key, &w, err) < 0)
		return -1;
	if (w.none)
		out_note(req->out,
			 "there is no ssh key %s; davit ssh-keys:list shows those "
			 "there are",
			 w.name ? w.name : w.fingerprint);
	return 0;
}
