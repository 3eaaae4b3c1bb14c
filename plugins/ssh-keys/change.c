/* SPDX-License-Identifier: MIT */
#include "command/dispatch.h"
#include "plugins/ssh-keys/ssh_keys.h"
#include "store/event.h"
#include "store/property.h"
#include "util/cleanup.h"

int ssh_keys_delete(struct store *st, const struct ssh_key *k, struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;
	struct app app;

	if (ssh_key_delete(st, k->id, err) < 0 ||
	    property_apps(st, "access", k->name, &apps, err) < 0)
		return -1;
	strv_foreach(app_name, &apps)
		if (app_find(st, app_name, &app, err) != 0 ||
		    property_unset(st, app.id, "access", k->name, err) < 0)
			return -1;
	return 0;
}

struct missing {
	const char *text;
	struct strv names;
};

static int note_missing(void *ctx, const struct ssh_key *k, struct err *err)
{
	struct missing *m = ctx;

	(void)err;
	if (!authorized_keys_holds(m->text, k))
		strv_add(&m->names, k->name);
	return 0;
}

static int forget_missing(struct store *st, const struct missing *m, struct err *err)
{
	strv_foreach(name, &m->names) {
		AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };

		if (ssh_key_find_name(st, name, &k, err) != 0 ||
		    ssh_keys_delete(st, &k, err) < 0)
			return -1;
	}
	return 0;
}

/* No file at all says nothing: it may not have been written yet. */
static int follow_file(struct store *st, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct missing m = { .names = STRV_INIT };
	int rc = authorized_keys_read(&text, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	m.text = text.data;
	rc = ssh_key_each(st, note_missing, &m, err);
	if (rc == 0)
		rc = forget_missing(st, &m, err);
	strv_release(&m.names);
	return rc;
}

static int change(struct store *st, ssh_keys_work *work, void *ctx, struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	/* The file before the commit: a line whose key the store does not know opens
	 * nothing, and the lock keeps two writers of the file apart. */
	if (follow_file(st, err) < 0 || work(st, ctx, err) < 0 ||
	    authorized_keys_write(st, err) < 0 || store_commit(st, err) < 0) {
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
