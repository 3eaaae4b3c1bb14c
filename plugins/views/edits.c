/* SPDX-License-Identifier: MIT */
/* What was edited by hand goes the way of the command that says the same. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/views/views.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

enum { EDIT_MAX = 1 << 20, TAKE_MS = 120000 };

typedef char *path_fn(const struct views *v);
typedef int text_fn(const struct views *v, struct buf *text, struct err *err);
typedef int take_fn(const struct views *v, const char *path, struct err *err);

static char *tls_path(const struct views *v)
{
	return paths_in(v->home, "%s/tls/server.key", v->app->name);
}

/* Inode, size and times; "-": no file. */
static char *stamp_of(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return xstrdup("-");
	return xasprintf("%llu:%lld:%lld.%09ld:%lld.%09ld", (unsigned long long)st.st_ino,
			 (long long)st.st_size, (long long)st.st_mtim.tv_sec,
			 st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec,
			 st.st_ctim.tv_nsec);
}

static bool is_regular(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The caller of these commands is the host's own user, whoever has asked for the app. */
static void environment(struct strv *env)
{
	static const char *const not_ours[] = { "DAVIT_CALLER=", "DAVIT_DEPLOY_LOCK_FD=",
						"NAME=",         "FINGERPRINT=",
						"SSH_NAME=",     "DOKKU_APP_NAME=" };

	plugin_environment(env, NULL);
	for (size_t i = env->len; i-- > 0;)
		for (size_t k = 0; k < sizeof not_ours / sizeof *not_ours; k++)
			if (strncmp(env->v[i], not_ours[k], strlen(not_ours[k])) == 0) {
				strv_remove(env, i);
				break;
			}
	strv_add(env, VIEWS_OFF "=1");
}

static int run(const struct strv *words, struct err *err)
{
	AUTO_FREE char *davit = paths_davit();
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc_end end;

	strv_add(&argv, davit);
	strv_add(&argv, "--quiet");
	strv_foreach(word, words)
		strv_add(&argv, word);
	environment(&env);

	struct proc p = { .argv = strv_const(&argv),
			  .env = strv_const(&env),
			  .flags = PROC_MERGE,
			  .timeout_ms = TAKE_MS,
			  .out = &said };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code == 0)
		return 0;
	buf_chomp(&said);
	return err_set(err, ERR_REFUSED, "%s", said.data + strspn(said.data, " !"));
}

/* One name a line; a comment is not ours to keep. */
static int take_domains(const struct views *v, const char *path, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	AUTO(strv_release) struct strv words = STRV_INIT;
	bool global = v->app->id == STORE_GLOBAL;

	if (fs_read(path, EDIT_MAX, &text, err) < 0)
		return -1;
	strv_split(&hosts, text.data, " \t\r\n");
	strv_addf(&words, "domains:%s%s", hosts.len ? "set" : "clear",
		  global ? "-global" : "");
	if (!global)
		strv_add(&words, v->app->name);
	strv_foreach(host, &hosts)
		strv_add(&words, host);
	return run(&words, err);
}

static int take_env(const struct views *v, const char *path, struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	bool global = v->app->id == STORE_GLOBAL;

	strv_addf(&words, "config:%s", is_regular(path) ? "import" : "clear");
	strv_add(&words, "--no-restart");
	strv_add(&words, global ? "--global" : v->app->name);
	if (is_regular(path)) {
		strv_add(&words, "--replace");
		strv_add(&words, path);
	}
	return run(&words, err);
}

/* A key that we have put there is a link; one that somebody left is a file. */
static int take_tls(const struct views *v, const char *path, struct err *err)
{
	AUTO_FREE char *crt = paths_in(v->home, "%s/tls/server.crt", v->app->name);
	AUTO(strv_release) struct strv words = STRV_INIT;

	if (!is_regular(path) || !is_regular(crt))
		return 0;
	strv_add(&words, "certs:add");
	strv_add(&words, v->app->name);
	strv_add(&words, crt);
	strv_add(&words, path);
	return run(&words, err);
}

static const struct edit {
	const char *name;
	bool global;
	mode_t mode;
	path_fn *path;
	text_fn *text; /* NULL: cannot be compared, and is not written here */
	take_fn *take;
} edits[] = {
	{ "VHOST", true, 0644, views_domains_path, views_domains, take_domains },
	{ "ENV", true, 0600, views_env_path, views_env, take_env },
	{ "tls", false, 0, tls_path, NULL, take_tls },
};

enum { EDITS = sizeof edits / sizeof *edits };

static bool concerns(const struct edit *e, const struct views *v)
{
	return e->global || v->app->id != STORE_GLOBAL;
}

static char *stamp_line(const struct edit *e, const struct views *v)
{
	AUTO_FREE char *path = e->path(v);
	AUTO_FREE char *stamp = stamp_of(path);

	return xasprintf("%s %s", e->name, stamp);
}

int views_stamp(const struct views *v, struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	AUTO(strv_release) struct strv now = STRV_INIT;
	bool same;

	if (property_list(v->st, v->app->id, "views", "stamps", &was, err) < 0)
		return -1;
	for (size_t i = 0; i < EDITS; i++)
		if (concerns(&edits[i], v))
			strv_take(&now, stamp_line(&edits[i], v));
	same = was.len == now.len;
	for (size_t i = 0; same && i < now.len; i++)
		same = strcmp(was.v[i], now.v[i]) == 0;
	if (same)
		return views_forget_notes(v, err);
	if (store_begin(v->st, err) < 0)
		return -1;
	if (property_list_set(v->st, v->app->id, "views", "stamps", &now, err) == 0 &&
	    views_forget_notes(v, err) == 0)
		return store_commit(v->st, err);
	store_rollback(v->st);
	return -1;
}

/* Touched, but saying what the store says: nothing to take over. */
static bool says_the_same(const struct edit *e, const struct views *v, const char *path)
{
	AUTO(buf_release) struct buf want = BUF_INIT;
	AUTO(buf_release) struct buf have = BUF_INIT;
	struct err ignored;

	return e->text && e->text(v, &want, &ignored) == 0 &&
	       fs_read(path, EDIT_MAX, &have, &ignored) >= 0 &&
	       strcmp(want.data, have.data) == 0;
}

/*
 * A link, or nothing at all, is nobody's edit: it is written again, for a file that is lost
 * must not take domains or variables with it.  The host's VHOST alone says by not being
 * there that there are no domains: programs that know Dokku put it aside and back.
 */
static bool is_edit(const struct edit *e, const struct views *v, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return S_ISREG(st.st_mode);
	return e->text == views_domains && v->app->id == STORE_GLOBAL;
}

/* Where a davit died, or the power went, between a file and its change in the store. */
static bool is_ours(const struct edit *e, const struct views *v, const char *path)
{
	AUTO(buf_release) struct buf have = BUF_INIT;
	struct err ignored;

	return e->text && fs_read(path, EDIT_MAX, &have, &ignored) >= 0 &&
	       views_is_noted(v, e->name, &have);
}

static int write_again(const struct edit *e, const struct views *v, const char *path,
		       struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	return e->text(v, &text, err) < 0 ? -1 : views_put(path, &text, e->mode, err);
}

static int write_one(const struct edit *e, const struct views *v, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf old = BUF_INIT;
	AUTO_FREE char *path = e->path(v);
	struct err ignored;

	if (e->text(v, &text, err) < 0)
		return -1;
	if (is_regular(path))
		(void)fs_read(path, EDIT_MAX, &old, &ignored);
	/* The same text may still have another mode, or be a link. */
	if (strcmp(text.data, old.data) != 0 &&
	    views_note(v, e->name, &text, &old, err) < 0)
		return -1;
	return views_put(path, &text, e->mode, err);
}

int views_write_edits(const struct views *v, struct err *err)
{
	for (size_t i = 0; i < EDITS; i++)
		if (edits[i].text && concerns(&edits[i], v) &&
		    write_one(&edits[i], v, err) < 0)
			return -1;
	return 0;
}

static void take(const struct edit *e, const struct views *v)
{
	AUTO_FREE char *path = e->path(v);
	struct err err = { .kind = ERR_NONE };

	if (!is_edit(e, v, path) || says_the_same(e, v, path) ||
	    (is_ours(e, v, path) ? write_again(e, v, path, &err)
				 : e->take(v, path, &err)) == 0)
		return;
	out_warn(v->out, "%s was edited, and is not taken over: %s", path, err.text);
	out_warn(v->out,
		 "Correct it, or write it again as davit knows it: davit views:sync%s%s",
		 v->app->id == STORE_GLOBAL ? "" : " ", v->app->name);
}

void views_take_edits(const struct views *v)
{
	AUTO(strv_release) struct strv stamps = STRV_INIT;
	struct err ignored;

	/* None: never written, as after an upgrade. */
	if (property_list(v->st, v->app->id, "views", "stamps", &stamps, &ignored) < 0 ||
	    !stamps.len)
		return;
	for (size_t i = 0; i < EDITS; i++) {
		AUTO_FREE char *now = NULL;

		if (!concerns(&edits[i], v))
			continue;
		now = stamp_line(&edits[i], v);
		if (strv_find(&stamps, now) < 0)
			take(&edits[i], v);
	}
}
