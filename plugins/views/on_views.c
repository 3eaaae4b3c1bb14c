/* SPDX-License-Identifier: MIT */
/* When views are read and written; and views:sync. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/views/views.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static const struct app host = { .id = STORE_GLOBAL };

/* Trees of a test have no home of their own unless they say so. */
static const char *home_dir(void)
{
	const char *home = plugin_home();

	if (getenv("DAVIT_ROOT") && !getenv("DOKKU_ROOT"))
		return NULL;
	return fs_is_dir(home) ? home : NULL;
}

/* A view that cannot be written is said, and stops nothing. */
static void write_or_warn(const struct views *v)
{
	struct err why;

	if (views_write(v, &why) < 0)
		out_warn(v->out, "%s", why.text);
}

/* Apps without domains of their own follow the host's. */
static int write_all(struct store *st, struct out *out, const char *home, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (app_names(st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct app app;
		struct views v = { .st = st, .out = out, .home = home, .app = &app };

		if (app_find(st, name, &app, err) == 0)
			write_or_warn(&v);
	}
	return 0;
}

/* The host's views; with its domains those of the apps change. */
static int write_host(struct store *st, struct out *out, const char *home,
		      struct err *err)
{
	struct views v = { .st = st, .out = out, .home = home, .app = &host };
	AUTO(buf_release) struct buf want = BUF_INIT;
	AUTO(buf_release) struct buf have = BUF_INIT;
	AUTO_FREE char *path = views_domains_path(&v);
	bool same = views_domains(&v, &want, err) == 0 &&
		    fs_read(path, 1 << 20, &have, err) >= 0 &&
		    strcmp(want.data, have.data) == 0;

	write_or_warn(&v);
	return same ? 0 : write_all(st, out, home, err);
}

/* `word` is an app's name, or nothing or "--global". */
static int write_word(struct store *st, struct out *out, const char *word,
		      struct err *err)
{
	const char *home = home_dir();
	struct app app;
	struct views v = { .st = st, .out = out, .home = home, .app = &app };
	int rc;

	if (!home)
		return 0;
	if (!word || strcmp(word, "--global") == 0)
		return write_host(st, out, home, err);
	rc = app_find(st, word, &app, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		write_or_warn(&v);
	else if (name_is_app(word)) {
		v.app = &host;
		return views_remove(&v, word, err);
	}
	return 0;
}

int views_on_change(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	(void)self;
	return write_word(call->st, call->to, call->argv[0], err);
}

/* The copy has files of its own: what is known about those of the first does not count. */
int views_on_clone(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	struct app app;
	int rc = app_find(call->st, call->argv[1], &app, err);

	(void)self;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (property_clear(call->st, app.id, "views", err) < 0)
		return -1;
	return write_word(call->st, call->to, call->argv[1], err);
}

int views_on_rename(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	const char *home = home_dir();
	const char *old = call->argv[0];
	const char *new = call->argv[1];
	AUTO_FREE char *from = NULL;
	AUTO_FREE char *to = NULL;

	(void)self;
	if (!home)
		return 0;
	from = paths_in(home, "%s", old);
	to = paths_in(home, "%s", new);
	/* What others keep there goes with it; a directory in the way holds views alone. */
	if (rename(from, to) < 0 && errno != ENOENT && errno != EEXIST &&
	    errno != ENOTEMPTY)
		return err_sys(err, "move %s to %s", from, to);
	return write_word(call->st, call->to, old, err) < 0
		       ? -1
		       : write_word(call->st, call->to, new, err);
}

static int take(struct trigger_call *call, const char *word, struct err *err)
{
	const char *home = home_dir();
	struct app app;
	struct views v = { .st = call->st, .out = call->to, .home = home, .app = &host };
	int rc;

	/* views:sync writes what davit knows, whatever was edited. */
	if (!home || getenv(VIEWS_OFF) ||
	    (call->argv[2] && strcmp(call->argv[2], "views:sync") == 0))
		return 0;
	views_take_edits(&v);
	if (strcmp(word, "--global") == 0)
		return 0;
	rc = app_find(call->st, word, &app, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	v.app = &app;
	views_take_edits(&v);
	return 0;
}

int views_on_views(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	(void)self;
	if (!call->argv[0] || !call->argv[1])
		return err_set(err, ERR_USAGE, "davit-views: %s",
			       trigger_words(TRIGGER_VIEWS));
	return strcmp(call->argv[1], "read") == 0
		       ? take(call, call->argv[0], err)
		       : write_word(call->st, call->to, call->argv[0], err);
}

int views_cmd_sync(struct request *req, struct err *err)
{
	const char *home = home_dir();

	if (!home) {
		(void)err_set(err, ERR_HOST, "%s is no directory", plugin_home());
		return err_hint(err, "make install sets the host up");
	}
	if (req->app.id != STORE_GLOBAL)
		return write_word(req->st, req->out, req->app.name, err);
	return write_host(req->st, req->out, home, err) < 0
		       ? -1
		       : write_all(req->st, req->out, home, err);
}
