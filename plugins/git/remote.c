/* SPDX-License-Identifier: MIT */
/*
 * Repositories elsewhere.  git speaks to them by argv, with the host's own deploy key and
 * .netrc; a URL never names a program, and a file of this host only for root.
 */
#include <string.h>

#include "plugins/git/git.h"
#include "runtime/outside.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/proc.h"

#define REMOTE_MS (20 * 60 * 1000)

static int refuse(const char *url, const char *why, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "'%.200s' is not the URL of a repository: %s", url,
		      why);
	return err_hint(err, "https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH");
}

static bool has_scheme(const char *url)
{
	static const char *const schemes[] = { "https://", "http://", "git://",
					       "ssh://" };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t n = strlen(schemes[i]);

		/* A host that begins with a hyphen would be an option of ssh. */
		if (strncmp(url, schemes[i], n) == 0)
			return url[n] && url[n] != '-' && url[n] != '/';
	}
	return false;
}

/* user@host:path */
static bool is_scp_like(const char *url)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";
	size_t user = strspn(url, word);
	const char *host = url + user + 1;
	size_t n;

	if (user == 0 || url[user] != '@' || *host == '-')
		return false;
	n = strspn(host, word);
	return n > 0 && host[n] == ':' && host[n + 1] && host[n + 1] != ':' &&
	       host[n + 1] != '-';
}

int git_remote_check(const struct request *req, const char *url, struct err *err)
{
	bool local = url[0] == '/' || strncmp(url, "file:///", 8) == 0;

	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= 0x20 || *c == 0x7f)
			return refuse(url, "it holds a blank or a control character",
				      err);
	if (strlen(url) > 2000)
		return refuse(url, "it is too long", err);
	if (has_scheme(url) || is_scp_like(url))
		return 0;
	if (!local)
		return refuse(url, "no transport of git that is allowed here", err);
	return req->caller->root
		       ? 0
		       : refuse(url, "files of the host are for its root alone", err);
}

char *git_remote_shown(const char *url)
{
	const char *host = strstr(url, "://");
	const char *at;
	size_t n;

	if (!host)
		return xstrdup(url);
	host += 3;
	n = strcspn(host, "/");
	at = memrchr(host, '@', n);
	return at ? xasprintf("%.*s%s", (int)(host - url), url, at + 1) : xstrdup(url);
}

/* The line of all that git said which has the cause. */
static const char *cause(struct buf *said)
{
	static const char *const marks[] = { "fatal: ", "error: ", "ERROR: " };
	char *at = NULL;

	buf_chomp(said);
	for (size_t i = 0; !at && i < sizeof marks / sizeof *marks; i++)
		at = strstr(said->data, marks[i]);
	at = at ? at : said->data;
	at[strcspn(at, "\n")] = '\0';
	return *at ? at : "it failed without a word";
}

static void environment(const struct request *req, struct strv *env)
{
	strv_add(env, "PATH=/usr/local/bin:/usr/bin:/bin");
	strv_add(env, "LC_ALL=C.UTF-8");
	strv_addf(env, "HOME=%s", plugin_home());
	strv_add(env, "GIT_TERMINAL_PROMPT=0");
	strv_add(env, "GIT_ASKPASS=/bin/true");
	strv_add(env, "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=30");
	strv_addf(env, "GIT_ALLOW_PROTOCOL=git:http:https:ssh%s",
		  req->caller->root ? ":file" : "");
}

int git_remote_run(const struct request *req, const char *url, const char *const *words,
		   struct buf *said, struct err *err)
{
	AUTO_FREE char *repo = git_repo_path(req->app.name);
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	AUTO(buf_release) struct buf why = BUF_INIT;
	struct proc_end end;

	strv_add(&argv, GIT_PROGRAM);
	strv_add(&argv, "--git-dir");
	strv_add(&argv, repo);
	strv_add(&argv, "-c");
	strv_add(&argv, "core.hooksPath=/dev/null");
	strv_add(&argv, "-c");
	strv_add(&argv, "gc.auto=0");
	strv_add(&argv, "-c");
	strv_add(&argv, "fetch.fsckObjects=true");
	if (url && outside_git(url, &argv, err) < 0)
		return -1;
	for (; *words; words++)
		strv_add(&argv, *words);
	environment(req, &env);

	struct proc p = { .argv = strv_const(&argv),
			  .env = strv_const(&env),
			  .timeout_ms = REMOTE_MS,
			  .out = said,
			  .err = &why };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.timed_out)
		return err_set(err, ERR_REFUSED, "git took more than %d minutes",
			       REMOTE_MS / 60000);
	if (end.code == 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "git: %.700s", cause(&why));
	return strstr(err->text, "returned error: 30")
		       ? err_hint(err, "it redirects: give the URL that it leads to "
				       "(curl -sI shows it)")
		       : -1;
}
