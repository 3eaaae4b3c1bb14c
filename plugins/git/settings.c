/* SPDX-License-Identifier: MIT */
/* git:set, git:report and what they share. */
#include <string.h>
#include <sys/stat.h>

#include "plugins/git/git.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/paths.h"

/* git's own rules for a branch (git-check-ref-format), as far as they concern us. */
static int check_branch(const char *key, const char *value, struct err *err)
{
	size_t n = strlen(value);
	bool good = n < 200 && value[0] != '-' && value[0] != '/' && value[0] != '.' &&
		    value[n - 1] != '/' && value[n - 1] != '.' && !strstr(value, "..") &&
		    !strstr(value, "//") && !strstr(value, "/.") &&
		    !strstr(value, "@{") && strcmp(value, "@") != 0 &&
		    !strpbrk(value, " ~^:?*[\\\t") &&
		    (n < 5 || strcmp(value + n - 5, ".lock") != 0);

	for (const char *c = value; *c; c++)
		good = good && (unsigned char)*c >= 0x20 && *c != 0x7f;
	if (good && strncmp(value, "refs/", 5) != 0)
		return 0;
	(void)err_set(err, ERR_USAGE, "%s: '%.100s' is not the name of a branch", key,
		      value);
	return err_hint(err, "as git branch prints it: main, release/2.x");
}

static int check_size(const char *key, const char *value, struct err *err)
{
	size_t n = strspn(value, "0123456789");

	if (n > 0 && n < 12 &&
	    (!value[n] || (strchr("kmgKMG", value[n]) && !value[n + 1])))
		return 0;
	return err_set(err, ERR_USAGE,
		       "%s is a number of bytes, or one with k, m or g: "
		       "500m; not '%.60s'",
		       key, value);
}

static int check_count(const char *key, const char *value, struct err *err)
{
	long n;

	if (name_to_int(value, 1, INT32_MAX, &n))
		return 0;
	return err_set(err, ERR_USAGE, "%s is a number above 0, not '%.60s'", key, value);
}

static int check_env_name(const char *key, const char *value, struct err *err)
{
	if (name_is_env(value))
		return 0;
	return err_set(err, ERR_USAGE, "%s: '%.100s' is not the name of a variable", key,
		       value);
}

static const struct setting rows[] = {
	{ "deploy-branch", "master", SETTING_BOTH, check_branch },
	{ "keep-git-dir", "false", SETTING_BOTH, setting_is_bool },
	{ "max-input-size", "2g", SETTING_BOTH, check_size },
	{ "archive-max-files", "10000", SETTING_GLOBAL, check_count },
	{ "archive-max-size", "1073741824", SETTING_GLOBAL, check_size },
	{ "source-image", "", SETTING_APP, NULL },
	{ "rev-env-var", "GIT_REV", SETTING_APP, check_env_name },
};

const struct settings git_settings = {
	.plugin = "git",
	.prefix = "git-",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
};

/* rev-env-var has a report line of its own: "" there means "none". */
static const struct settings reported = {
	.plugin = "git",
	.prefix = "git-",
	.rows = rows,
	.count = sizeof rows / sizeof *rows - 1,
};

/* When the deploy branch last moved: the time of its file. */
static long long moved_at(const struct app *app, const char *branch)
{
	AUTO_FREE char *repo = git_repo_path(app->name);
	AUTO_FREE char *loose = paths_in(repo, "refs/heads/%s", branch);
	AUTO_FREE char *packed = paths_in(repo, "packed-refs");
	struct stat st;

	if (stat(loose, &st) == 0 || stat(packed, &st) == 0)
		return (long long)st.st_mtime;
	return 0;
}

static int fill_app(struct report *r, struct request *req, const struct app *app,
		    struct err *err)
{
	AUTO_FREE char *branch = NULL;
	AUTO_FREE char *variable = NULL;
	char sha[GIT_SHA] = "";
	bool is_set;
	int rc = git_repo_deploy_tip(req->st, app, sha, err);

	if (rc < 0 || git_repo_branch(req->st, app->id, &branch, &is_set, err) < 0 ||
	    property_get(req->st, PROPERTY(app->id, "git", "rev-env-var"), "GIT_REV",
			 &variable, err) < 0)
		return -1;
	report_add(r, "git-rev-env-var", variable);
	report_add(r, "git-sha", sha);
	if (rc == GIT_NO_REF)
		report_add(r, "git-last-updated-at", "");
	else
		report_addf(r, "git-last-updated-at", "%lld", moved_at(app, branch));
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	if (settings_report(r, req->st, app, &reported, err) < 0)
		return -1;
	return app->id == STORE_GLOBAL ? 0 : fill_app(r, req, app, err);
}

int git_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = {
		.title = "git", .prefix = "git-", .global = true, .fill = fill
	};

	return report_run(req, &kind, err);
}

int git_cmd_set(struct request *req, struct err *err)
{
	const char *key = req->argc > 1 ? req->argv[1] : "";
	const char *value = req->argc > 2 ? req->argv[2] : "";

	/* No value means: do not tell the app its commit at all. */
	if (!req->global && strcmp(key, "rev-env-var") == 0 && !*value) {
		out_title(req->out, "Unsetting rev-env-var");
		return property_set(req->st, req->app.id, "git", key, "", err);
	}
	if (settings_set(req, &git_settings, err) < 0)
		return -1;
	if (req->global || strcmp(key, "deploy-branch") != 0 || !*value)
		return 0;
	if (git_repo_make(req->app.name, err) < 0)
		return -1;
	return git_repo_set_head(req->app.name, value, err);
}
