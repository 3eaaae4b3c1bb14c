/* SPDX-License-Identifier: MIT */
#include "deploy/submodule.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/outside.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/proc.h"

void submodules_release(struct submodules *s)
{
	for (size_t i = 0; i < s->len; i++) {
		free(s->v[i].path);
		free(s->v[i].sha);
		free(s->v[i].url);
	}
	free(s->v);
	*s = (struct submodules)SUBMODULES_INIT;
}

void submodules_want(struct submodules *s, const char *path, const char *sha)
{
	s->v = xrealloc(s->v, s->len + 1, sizeof *s->v);
	s->v[s->len++] = (struct submodule){ .path = xstrdup(path), .sha = xstrdup(sha) };
}

/* --- .gitmodules ------------------------------------------------------------------ */

/* "key = value" where `line` has this key: the value, quotes and blanks taken off. */
static char *value_of(const char *line, size_t len, const char *key)
{
	const char *end = line + len;
	size_t n = strlen(key);

	while (line < end && isblank((unsigned char)*line))
		line++;
	if ((size_t)(end - line) <= n || strncasecmp(line, key, n) != 0)
		return NULL;
	line += n;
	while (line < end && isblank((unsigned char)*line))
		line++;
	if (line == end || *line++ != '=')
		return NULL;
	while (line < end && isblank((unsigned char)*line))
		line++;
	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	if (end - line >= 2 && *line == '"' && end[-1] == '"') {
		line++;
		end--;
	}
	return xstrndup(line, (size_t)(end - line));
}

/* The part of `path` below the build directory, or NULL when it is not there. */
static const char *below(const char *path, const char *build_dir)
{
	size_t n;

	while (build_dir && (*build_dir == '/' || strncmp(build_dir, "./", 2) == 0))
		build_dir += *build_dir == '/' ? 1 : 2;
	if (!build_dir || !*build_dir || strcmp(build_dir, ".") == 0)
		return path;
	n = strlen(build_dir);
	while (n && build_dir[n - 1] == '/')
		n--;
	return strncmp(path, build_dir, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

static void take_section(struct submodules *s, const char *build_dir, char **path,
			 char **url)
{
	const char *here = *path ? below(*path, build_dir) : NULL;

	for (size_t i = 0; here && *url && i < s->len; i++)
		if (strcmp(s->v[i].path, here) == 0) {
			free(s->v[i].url);
			s->v[i].url = xstrdup(*url);
		}
	free(*path);
	free(*url);
	*path = *url = NULL;
}

void submodules_read(struct submodules *s, const char *build_dir, const char *text,
		     size_t len)
{
	const char *end = text + len;
	char *path = NULL;
	char *url = NULL;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);
		char *value;

		if (n && *text == '[') {
			take_section(s, build_dir, &path, &url);
		} else if ((value = value_of(text, n, "path")) != NULL) {
			free(path);
			path = value;
		} else if ((value = value_of(text, n, "url")) != NULL) {
			free(url);
			url = value;
		}
		text += n + 1;
	}
	take_section(s, build_dir, &path, &url);
}

/* --- fetching ---------------------------------------------------------------------- */

bool submodule_url_is_safe(const char *url)
{
	const char *at = strchr(url, '@');
	const char *colon = strchr(url, ':');
	const char *host;

	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	if (strncmp(url, "https://", 8) == 0)
		return isalnum((unsigned char)url[8]) || url[8] == '[';
	if (strncmp(url, "ssh://", 6) == 0) {
		host = at && at < url + 6 + strcspn(url + 6, "/") ? at + 1 : url + 6;
		return isalnum((unsigned char)url[6]) &&
		       (isalnum((unsigned char)*host) || *host == '[');
	}
	/* user@host:path; "ext::…" and "file:…" have no such user */
	return at && colon && at < colon && isalnum((unsigned char)url[0]) &&
	       isalnum((unsigned char)at[1]) && strcspn(url, "/") > (size_t)(colon - url);
}

struct last_line {
	struct buf text;
};

/* git's last word: "fatal: …" rather than the hints around it. */
static void keep_cause(void *ctx, enum proc_stream from, const char *line)
{
	struct last_line *last = ctx;
	bool is_cause = strncmp(line, "fatal:", 6) == 0 ||
			strncmp(line, "error:", 6) == 0;

	(void)from;
	if (!*line || (last->text.len && !is_cause))
		return;
	buf_reset(&last->text);
	buf_adds(&last->text, line);
}

/* `url`: the one among the words that git speaks to, or NULL. */
static int run_git(const char *url, const char *const *words, int cancel_fd,
		   struct last_line *last, struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	const struct passwd *pw = getpwuid(geteuid());
	struct proc_end end;

	strv_add(&env, proc_plain_env[0]);
	strv_add(&env, "LC_ALL=C.UTF-8");
	strv_addf(&env, "HOME=%s", pw ? pw->pw_dir : "/");
	strv_add(&env, "GIT_TERMINAL_PROMPT=0");
	strv_add(&env, "GIT_ALLOW_PROTOCOL=https:ssh");
	strv_add(&env, "GIT_SSH_COMMAND=ssh -oBatchMode=yes");

	strv_add(&argv, "/usr/bin/git");
	if (url && outside_git(url, &argv, err) < 0)
		return -1;
	for (; *words; words++)
		strv_add(&argv, *words);

	struct proc p = { .argv = strv_const(&argv),
			  .env = strv_const(&env),
			  .timeout_ms = SUBMODULE_TIMEOUT_MS,
			  .cancel_fd = cancel_fd,
			  .on_line = keep_cause,
			  .ctx = last };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.cancelled)
		return err_set(err, ERR_REFUSED, "cancelled");
	if (end.timed_out)
		return err_set(err, ERR_APP, "not fetched within %d seconds",
			       SUBMODULE_TIMEOUT_MS / 1000);
	if (end.code != 0)
		return err_set(err, ERR_APP, "%s",
			       last->text.len ? last->text.data : "git failed");
	return 0;
}

/*
 * The one commit, where the server gives out what is not a tip; else all branches and tags.
 */
static int fetch(const struct submodule *s, const char *repo, int cancel_fd,
		 struct err *err)
{
	struct last_line last = { .text = BUF_INIT };
	const char *const init[] = { "init", "--quiet", "--bare", "--template=",
				     "--",   repo,      NULL };
	const char *const one[] = { "-C",
				    repo,
				    "fetch",
				    "--quiet",
				    "--depth=1",
				    "--no-tags",
				    "--no-recurse-submodules",
				    "--",
				    s->url,
				    s->sha,
				    NULL };
	const char *const all[] = { "-C",
				    repo,
				    "fetch",
				    "--quiet",
				    "--no-recurse-submodules",
				    "--",
				    s->url,
				    "+refs/heads/*:refs/heads/*",
				    "+refs/tags/*:refs/tags/*",
				    NULL };
	int rc = run_git(NULL, init, 0, &last, err);

	if (rc == 0 && run_git(s->url, one, cancel_fd, &last, err) < 0) {
		buf_reset(&last.text);
		rc = run_git(s->url, all, cancel_fd, &last, err);
	}
	buf_release(&last.text);
	return rc;
}

static int check(const struct submodule *s, struct err *err)
{
	if (!s->url) {
		(void)err_set(err, ERR_APP, "no url for it in .gitmodules");
		return err_hint(err, "git submodule add <url> %s, or git rm --cached %s",
				s->path, s->path);
	}
	if (strncmp(s->url, "./", 2) == 0 || strncmp(s->url, "../", 3) == 0) {
		(void)err_set(
			err, ERR_APP,
			"its url %s is relative to a remote that davit does not know",
			s->url);
		return err_hint(err, "git submodule set-url %s https://...", s->path);
	}
	if (!submodule_url_is_safe(s->url)) {
		(void)err_set(err, ERR_APP, "its url %s is neither https nor ssh",
			      s->url);
		return err_hint(err, "git submodule set-url %s https://...", s->path);
	}
	return 0;
}

static int write_it(const struct submodule *s, const struct source *want,
		    struct source_info *info, struct err *err)
{
	const char *scratch = want->scratch ? want->scratch : want->target;
	AUTO_FREE char *repo = xasprintf("%s.sub%d", scratch, want->depth);
	AUTO_FREE char *target = xasprintf("%s/%s", want->target, s->path);
	struct source sub = { .repo = repo,
			      .revision = s->sha,
			      .target = target,
			      .to = want->to,
			      .cancel_fd = want->cancel_fd,
			      .scratch = scratch,
			      .depth = want->depth + 1 };
	struct err ignored;
	int rc;

	if (check(s, err) < 0)
		return -1;
	if (want->to)
		out_note(want->to, "submodule %s from %s", s->path, s->url);
	rc = fetch(s, repo, want->cancel_fd, err);
	if (rc < 0)
		(void)err_hint(err, "try it as the davit user: git ls-remote %s", s->url);
	else
		rc = source_write(&sub, info, err);
	(void)fs_remove_tree(repo, &ignored);
	return rc;
}

int submodule_write(const struct submodule *s, const struct source *want,
		    struct source_info *info, struct err *err)
{
	if (want->depth >= SUBMODULE_DEPTH_MAX || info->submodules++ >= SUBMODULES_MAX)
		return err_set(err, ERR_APP,
			       "submodules: more than %d, or nested deeper than %d",
			       SUBMODULES_MAX, SUBMODULE_DEPTH_MAX);
	if (write_it(s, want, info, err) < 0)
		return err_context(err, "submodule %s", s->path);
	return 0;
}
