/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <string.h>

#include "command/rights.h"
#include "plugins/git/git.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

/* git's own rule: gc when a 256th of all loose objects counts more than this. */
#define LOOSE_SAMPLE_MAX 27
#define PACKS_MAX        50

/* Faults of old or odd histories that harm nobody: told, not refused. */
static const char *const forgiven[] = {
	"badDate",
	"badDateOverflow",
	"badEmail",
	"badName",
	"badTimezone",
	"missingEmail",
	"missingNameBeforeEmail",
	"missingSpaceBeforeDate",
	"missingSpaceBeforeEmail",
	"missingTaggerEntry",
	"multipleAuthors",
	"zeroPaddedDate",
	"zeroPaddedFilemode",
};

/*
 * Said at every run instead of being written into each repository: nothing there has to be
 * repaired when these change, or when somebody edits a repository's config.
 */
static const char *const settings[] = {
	"receive.fsckObjects=true",
	"receive.shallowUpdate=true",
	"receive.advertisePushOptions=true",
	"receive.autogc=false",
	/* A release names its commit: after a power cut that commit must be there. */
	"core.fsync=objects,reference",
	"core.fsyncMethod=batch",
	"receive.denyDeletes=false",
	"receive.denyNonFastForwards=false",
	"transfer.hideRefs=refs/davit",
	"uploadpack.allowFilter=true",
	"safe.bareRepository=all",
	"gc.auto=0",
	"maintenance.auto=false",
	"advice.all=false",
};

int git_serve_name(struct store *st, const char *path, char **name, struct err *err)
{
	AUTO_FREE char *copy = NULL;
	struct app app;
	size_t len;
	int rc;

	if (*path == '~')
		path += strcspn(path, "/");
	path += strspn(path, "/");
	if (strncmp(path, "./", 2) == 0)
		path += 2;
	copy = xstrdup(path);
	len = strlen(copy);
	while (len && copy[len - 1] == '/')
		copy[--len] = '\0';
	rc = name_is_app(copy) ? app_find(st, copy, &app, err) : STORE_NO_ROW;
	if (rc < 0)
		return -1;
	/* An app may be named blog.git; otherwise that is git's way to say blog. */
	if (rc != 0 && len > 4 && strcmp(copy + len - 4, ".git") == 0)
		copy[len - 4] = '\0';
	if (!name_is_app(copy)) {
		(void)err_set(err, ERR_USAGE, "'%.100s' is not the name of an app", path);
		return err_hint(err, "git remote set-url davit davit@<host>:<app>, with "
				     "a-z, 0-9, hyphens and dots in <app>");
	}
	*name = take_str(&copy);
	return 0;
}

int git_serve_find_or_make(struct request *req, const char *name, struct err *err)
{
	struct app app;
	int rc = app_find(req->st, name, &app, err);

	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW && req->caller->role >= ROLE_ADMIN) {
		if (trigger(req->st, req->out, err, TRIGGER_APP_MAYBE_CREATE, name,
			    NULL) < 0)
			return -1;
	}
	return rights_find_app(req, name, err);
}

/* What the client's git says of the protocol it speaks; nothing else may pass. */
static void add_protocol(struct strv *env)
{
	const char *text = getenv("GIT_PROTOCOL");

	if (text && strlen(text) < 64 &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789=:-") == strlen(text))
		strv_addf(env, "GIT_PROTOCOL=%s", text);
}

int git_serve_command(struct request *req, const char *verb, struct strv *argv,
		      struct strv *env, struct err *err)
{
	AUTO_FREE char *size = NULL;
	AUTO_FREE char *repo = git_repo_path(req->app.name);

	if (property_get(req->st, PROPERTY(req->app.id, "git", "max-input-size"), "2g",
			 &size, err) < 0)
		return -1;
	strv_add(argv, GIT_PROGRAM);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		strv_add(argv, "-c");
		strv_add(argv, settings[i]);
	}
	for (size_t i = 0; i < sizeof forgiven / sizeof *forgiven; i++) {
		strv_add(argv, "-c");
		strv_addf(argv, "receive.fsck.%s=ignore", forgiven[i]);
	}
	strv_add(argv, "-c");
	strv_addf(argv, "receive.maxInputSize=%s", size);
	strv_add(argv, "-c");
	strv_addf(argv, "core.hooksPath=%s/hooks", paths_share());
	strv_add(argv, verb);
	strv_add(argv, repo);

	plugin_environment(env, req->app.name);
	strv_add(env, "GIT_CONFIG_NOSYSTEM=1");
	strv_add(env, "GIT_CONFIG_GLOBAL=/dev/null");
	strv_addf(env, "DAVIT_APP=%s", req->app.name);
	strv_addf(env, "DAVIT_HEAVY=%s/davit-heavy", paths_libexec());
	add_protocol(env);
	return 0;
}

int git_serve_refuse(struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf line = BUF_INIT;

	if (err->kind == ERR_EXIT)
		return -1;
	buf_adds(&text, err->text);
	if (err->hint[0])
		buf_addf(&text, "\n !     %s", err->hint);
	buf_addf(&line, "%04zxERR %s", text.len + 8, text.data);
	(void)fs_write_all(1, line.data, line.len);
	return err_exit(err, err_exit_status(err));
}

static int count_files(const char *dir)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	int n = 0;

	while (d && readdir(d))
		n++;
	return n;
}

void git_serve_tidy(const char *app)
{
	AUTO_FREE char *repo = git_repo_path(app);
	AUTO_FREE char *sample = paths_in(repo, "objects/17");
	AUTO_FREE char *packs = paths_in(repo, "objects/pack");
	const char *const argv[] = { GIT_PROGRAM, "-C", repo, "gc", "--quiet", NULL };
	struct err ignored;

	/* A pack is three files. */
	if (count_files(sample) > LOOSE_SAMPLE_MAX || count_files(packs) > 3 * PACKS_MAX)
		(void)proc_detach(argv, proc_plain_env, &ignored);
}
