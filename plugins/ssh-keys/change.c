/* SPDX-License-Identifier: MIT */
#include "command/dispatch.h"
#include "plugins/ssh-keys/ssh_keys.h"
#include "store/event.h"
#include "util/cleanup.h"

int ssh_keys_check_root(const struct request *req, struct err *err)
{
	if (req->caller->root)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s must be run as root", req->command->name);
	return err_hint(err, "on the host: sudo davit %s %s", req->command->name,
			req->command->usage);
}

static int change(struct store *st, ssh_keys_work *work, void *ctx, struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	/* The file before the commit: a line whose key the store does not know opens
	 * nothing, and the lock keeps two writers of the file apart. */
	if (work(st, ctx, err) < 0 || authorized_keys_write(st, err) < 0 ||
	    store_commit(st, err) < 0) {
		store_rollback(st);
		return -1;
	}
	return 0;
}

int ssh_keys_change(struct request *req, ssh_keys_work *work, void *ctx, struct err *err)
{
	AUTO(store_close) struct store st = STORE_INIT;
	struct err ignored;
	int rc;

	if (dispatch_drop_root(err) < 0 || store_open(&st, true, err) < 0)
		return -1;
	rc = change(&st, work, ctx, err);
	(void)event_add(&st,
			&(struct event){ .app = "",
					 .actor = req->caller->name,
					 .command = req->command->name,
					 .result = rc == 0 ? "ok" : "failed",
					 .detail = req->argc > 0 ? req->argv[0] : NULL },
			&ignored);
	return rc;
}
