/* SPDX-License-Identifier: MIT */
#include "deploy/receive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/finish.h"
#include "deploy/gitdir.h"
#include "deploy/health.h"
#include "deploy/lock.h"
#include "deploy/release.h"
#include "deploy/source.h"
#include "deploy/work.h"
#include "runtime/container.h"
#include "runtime/procfile.h"
#include "store/config.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"
#include "util/paths.h"

#define PUSH_SOURCE "git-push"

enum { TEXT_FILE_MAX = 1 << 20 };

/* One build: what its stages share. */
struct build {
	struct work *w;
	const char *revision;
	char *dir; /* the source tree; removed at the end */
	char *builder;
	struct source_info info;
	struct image image;
};

static void build_release(struct build *b)
{
	struct err ignored;

	if (b->dir) {
		char *slash = strrchr(b->dir, '/');

		*slash = '\0'; /* the directory around the tree */
		(void)fs_remove_tree(b->dir, &ignored);
	}
	free(b->dir);
	free(b->builder);
	source_info_release(&b->info);
	image_release(&b->image);
}

static int fire(struct build *b, struct err *err, enum trigger_id id,
		const char *const words[])
{
	struct trigger_call call = { .id = id,
				     .argv = words,
				     .st = b->w->st,
				     .to = b->w->out,
				     .in = BUF_INIT,
				     .out = BUF_INIT,
				     .image = &b->image,
				     .cancel_fd = b->w->cancel_fd };
	int rc = trigger_fire(&call, err);

	buf_release(&call.out);
	return rc;
}

static int keep_git_dir(struct build *b, const struct source *want, struct err *err)
{
	const struct work *w = b->w;
	AUTO_FREE char *keep = NULL;
	AUTO_FREE char *branch = NULL;

	if (property_get(w->st, PROPERTY(w->app.id, "git", "keep-git-dir"), "false",
			 &keep, err) < 0 ||
	    property_get(w->st, PROPERTY(w->app.id, "git", "deploy-branch"), "master",
			 &branch, err) < 0)
		return -1;
	return strcmp(keep, "true") == 0 ? gitdir_make(want, b->info.sha, branch, err)
					 : 0;
}

static int get_source(struct build *b, struct err *err)
{
	struct work *w = b->w;
	AUTO_FREE char *repo = paths_in(paths_root(), "git/%s.git", w->app.name);
	AUTO_FREE char *around = paths_in(paths_root(), "store/work/%s",
					  w->row.public_id);
	AUTO_FREE char *build_dir = NULL;

	if (work_step(w, "source", err) < 0 ||
	    property_get(w->st, PROPERTY(w->app.id, "builder", "build-dir"), "",
			 &build_dir, err) < 0 ||
	    fs_mkdirs(around, 0700, err) < 0)
		return -1;
	b->dir = paths_in(around, "source");

	struct source want = { .repo = repo,
			       .revision = b->revision,
			       .build_dir = build_dir,
			       .target = b->dir,
			       .to = w->out,
			       .cancel_fd = w->cancel_fd };

	return source_extract(&want, &b->info, err) < 0 || keep_git_dir(b, &want, err) < 0
		       ? -1
		       : work_done(w, "extracted", err);
}

/* A file of the tree; absent leaves `text` empty and returns FS_ABSENT. */
static int read_file(struct build *b, const char *plugin, const char *key,
		     const char *otherwise, struct buf *text, struct err *err)
{
	AUTO_FREE char *name = NULL;

	if (property_get(b->w->st, PROPERTY(b->w->app.id, plugin, key), otherwise, &name,
			 err) < 0)
		return -1;
	return fs_read_beneath(b->dir, name, TEXT_FILE_MAX, text, err);
}

/* Without a Procfile, ps:set start-cmd is the command of web. */
static int start_command(struct build *b, struct err *err)
{
	AUTO_FREE char *command = NULL;

	b->image.processes = json_object();
	if (property_get(b->w->st, PROPERTY(b->w->app.id, "ps", "start-cmd"), "",
			 &command, err) < 0)
		return -1;
	if (*command)
		(void)json_object_set_new(b->image.processes, "web",
					  json_string(command));
	return 0;
}

static int read_procfile(struct build *b, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = read_file(b, "ps", "procfile-path", "Procfile", &text, err);

	if (rc < 0)
		return -1;
	if (rc == FS_ABSENT)
		return start_command(b, err);
	return procfile_parse(text.data, text.len, &b->image.processes, err);
}

/* Plugins may know more about what has to be in there. */
static int ask_app_json(struct build *b, struct err *err)
{
	AUTO_FREE char *name = NULL;
	AUTO_FREE char *path = NULL;

	if (property_get(b->w->st, PROPERTY(b->w->app.id, "app-json", "appjson-path"),
			 "app.json", &name, err) < 0)
		return -1;
	path = paths_in(b->dir, "%s", name);

	const char *const words[] = { b->w->app.name, path, NULL };

	return fire(b, err, TRIGGER_APP_JSON_IS_VALID, words) < 0 ? -1 : 0;
}

static int read_app_json(struct build *b, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = read_file(b, "app-json", "appjson-path", "app.json", &text, err);

	if (rc != 0)
		return rc == FS_ABSENT ? 0 : -1;
	if (jsonc_parse(text.data, text.len, &b->image.app_json, err) < 0)
		return err_context(err, "app.json");
	if (!json_is_object(b->image.app_json))
		return err_set(err, ERR_APP, "app.json: not an object");
	return ask_app_json(b, err);
}

/* What the image asks of its instances, with the variables of today. */
static int check_healths(struct build *b, struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;

	if (config_merged(b->w->st, b->w->app.id, &vars, err) < 0)
		return -1;
	return healths_check_image(&b->image, vars, err);
}

static int read_manifests(struct build *b, struct err *err)
{
	AUTO(buf_release) struct buf checks = BUF_INIT;
	int rc;

	if (read_procfile(b, err) < 0 || read_app_json(b, err) < 0)
		return -1;
	rc = read_file(b, "checks", "checks-path", "CHECKS", &checks, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		b->image.checks = buf_take(&checks);
	if (check_healths(b, err) < 0)
		return -1;
	b->image.cwd = xstrdup("/app");
	b->image.uid = APP_UID;
	return 0;
}

static int choose_builder(struct build *b, struct err *err)
{
	struct work *w = b->w;

	if (property_get(w->st, PROPERTY(w->app.id, "builder", "selected"), "",
			 &b->builder, err) < 0)
		return -1;
	if (*b->builder)
		return 0;
	free(b->builder);
	b->builder = NULL;
	if (trigger_ask(w->st, w->out, &b->builder, err, TRIGGER_BUILDER_DETECT,
			w->app.name, b->dir, NULL) < 0)
		return -1;
	if (*b->builder)
		return property_set(w->st, w->app.id, "builder", "detected", b->builder,
				    err);
	(void)err_set(err, ERR_APP, "nothing here tells how to build this app");
	return err_hint(err,
			"a site has an index.html, Python a requirements.txt or "
			"pyproject.toml, Node a package.json, in the top directory%s",
			b->info.files ? "" : " (this commit holds no file at all)");
}

static int tell_old(struct build *b, enum trigger_id id, struct err *err)
{
	if (strcmp(b->builder, "buildpack") != 0)
		return 0;
	return trigger_old(b->w->st, b->w->out, err, id, b->w->app.name, b->dir, NULL);
}

static int run_builder(struct build *b, struct err *err)
{
	const char *app = b->w->app.name;
	const char *const receive[] = { app, b->builder, b->dir, b->info.sha, NULL };
	const char *const build[] = { b->builder, app, b->dir, NULL };
	int rc;

	if (fire(b, err, TRIGGER_PRE_RECEIVE_APP, receive) < 0 ||
	    work_step(b->w, "build", err) < 0 ||
	    fire(b, err, TRIGGER_PRE_BUILD, build) < 0 ||
	    tell_old(b, TRIGGER_PRE_BUILD_BUILDPACK, err) < 0)
		return -1;
	rc = fire(b, err, TRIGGER_BUILDER_BUILD, build);
	if (rc == TRIGGER_DECLINED) {
		(void)err_set(err, ERR_APP, "the builder '%s' is not here", b->builder);
		return err_hint(err,
				"davit builder:set %s selected (without a value) goes "
				"back to detection",
				app);
	}
	if (rc < 0 || work_done(b->w, "built", err) < 0)
		return -1;
	return tell_old(b, TRIGGER_POST_BUILD_BUILDPACK, err) < 0
		       ? -1
		       : fire(b, err, TRIGGER_POST_BUILD, build);
}

static int make_image(struct build *b, struct err *err)
{
	if (get_source(b, err) < 0)
		return -1;

	const char *const tree[] = { b->w->app.name, b->dir, b->info.sha, NULL };

	(void)snprintf(b->w->row.revision, sizeof b->w->row.revision, "%s", b->info.sha);
	if (fire(b, err, TRIGGER_CORE_POST_EXTRACT, tree) < 0 ||
	    fire(b, err, TRIGGER_POST_EXTRACT, tree) < 0 || read_manifests(b, err) < 0 ||
	    choose_builder(b, err) < 0)
		return -1;
	return run_builder(b, err);
}

static int build_and_release(struct work *w, const char *revision, struct err *err)
{
	AUTO(build_release)
	struct build b = { .w = w,
			   .revision = revision,
			   .info = SOURCE_INFO_INIT,
			   .image = IMAGE_INIT };

	if (make_image(&b, err) < 0)
		return -1;

	struct release_want want = { .w = w,
				     .image = &b.image,
				     .source = w->row.source,
				     .reason = b.info.summary,
				     .revision = b.info.sha,
				     .run_commands = true };

	if (release_make(&want, err) < 0)
		return -1;
	finish_push(w, strcmp(w->row.source, PUSH_SOURCE) == 0 ? PUSH_SOURCE : NULL,
		    b.info.sha);
	return 0;
}

/*
 * While this push waited for its turn, the one before it may have moved the branch: then
 * git cannot take this one any more, and it must not be deployed either.
 */
static int check_branch_stayed(const struct work *w, struct err *err)
{
	AUTO_FREE char *repo = paths_in(paths_root(), "git/%s.git", w->app.name);
	const char *ref = getenv("DAVIT_PUSH_REF");
	const char *from = getenv("DAVIT_PUSH_FROM");
	char now[41] = "0000000000000000000000000000000000000000";
	struct err ignored;

	if (!ref || !from)
		return 0;
	(void)source_resolve(repo, ref, now, &ignored);
	if (strcmp(now, from) == 0)
		return 0;
	(void)err_set(err, ERR_REFUSED,
		      "%s was moved by the push before this one while this one waited",
		      ref);
	return err_hint(err, "push again: git push (after git pull, if it says so)");
}

/* Nothing was ever pushed to the branch that is to be built. */
static int check_branch_there(const struct work *w, const char *branch, struct err *err)
{
	AUTO_FREE char *repo = paths_in(paths_root(), "git/%s.git", w->app.name);
	char sha[41];

	if (source_resolve(repo, branch, sha, err) == 0)
		return 0;
	(void)err_set(
		err, ERR_APP,
		"Cannot build from '%s' as there are no commits stored at that branch.",
		branch);
	return err_hint(err, "push it first: git push davit@<host>:%s %s", w->app.name,
			branch);
}

int receive_on_receive_app(const struct plugin *self, struct trigger_call *call,
			   struct err *err)
{
	struct work w = { .st = call->st, .out = call->to };
	AUTO_FREE char *branch = NULL;
	const char *revision = call->argv[1];
	const char *source;
	int rc;

	(void)self;
	if (app_need(call->st, call->argv[0], &w.app, err) < 0)
		return -1;
	if (lock_inherited(w.app.id)) {
		out_warn(call->to,
			 "%s is being deployed just now, by what started this: "
			 "not deployed a second time",
			 w.app.name);
		return 0;
	}
	if (!revision || !*revision) {
		if (trigger_ask(call->st, call->to, &branch, err,
				TRIGGER_GIT_DEPLOY_BRANCH, w.app.name, NULL) < 0)
			return -1;
		revision = branch;
	}
	if (branch && check_branch_there(&w, branch, err) < 0)
		return -1;
	source = plugin_deploy_source(call->argv[1] ? PUSH_SOURCE : "ps-rebuild");
	if (work_start(&w, "build", source, revision, err) < 0)
		return -1;
	rc = check_branch_stayed(&w, err);
	if (rc == 0)
		rc = build_and_release(&w, revision, err);
	work_end(&w, rc, err);
	return rc;
}

int receive_on_extract(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO(source_info_release) struct source_info info = SOURCE_INFO_INIT;
	AUTO_FREE char *repo = NULL;
	AUTO_FREE char *build_dir = NULL;
	const char *const *w = call->argv;
	struct app app;

	(void)self;
	if (!w[0] || !w[1] || !w[2])
		return err_set(err, ERR_USAGE, "davit-extract: %s",
			       trigger_words(call->id));
	if (app_need(call->st, w[0], &app, err) < 0)
		return -1;
	repo = paths_in(paths_root(), "git/%s.git", app.name);
	if (property_get(call->st, PROPERTY(app.id, "builder", "build-dir"), "",
			 &build_dir, err) < 0)
		return -1;

	struct source want = { .repo = repo,
			       .revision = w[1],
			       .build_dir = build_dir,
			       .target = w[2],
			       .to = call->to,
			       .cancel_fd = call->cancel_fd };

	return source_extract(&want, &info, err);
}
