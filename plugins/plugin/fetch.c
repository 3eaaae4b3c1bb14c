/* SPDX-License-Identifier: MIT */
/* Plugins in git repositories.  git runs as root, as their hooks will. */
#include <string.h>

#include "plugins/plugin/trees.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

#define GIT_PROGRAM "/usr/bin/git"
#define GIT_MS      (10 * 60 * 1000)

/* No prompt, no transport that is a program, no hooks of a template. */
static const char *const git_env[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin",
	"LC_ALL=C.UTF-8",
	"HOME=/root",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_ALLOW_PROTOCOL=file:git:https:ssh",
	"GIT_SSH_COMMAND=ssh -o BatchMode=yes",
	NULL,
};

static const char *const git_start[] = { GIT_PROGRAM, "-c", "core.hooksPath=/dev/null",
					 "-c", "safe.directory=*" };

/* What it says is one of many lines: the one with the cause. */
static const char *cause(struct buf *said)
{
	char *at = strstr(said->data, "fatal: ");

	buf_chomp(said);
	at = at ? at : said->data;
	at[strcspn(at, "\n")] = '\0';
	return *at ? at : "it failed without a word";
}

static int git(const char *const *words, const char *dir, struct buf *said,
	       struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(buf_release) struct buf why = BUF_INIT;
	struct proc_end end;

	for (size_t i = 0; i < sizeof git_start / sizeof *git_start; i++)
		strv_add(&argv, git_start[i]);
	for (; *words; words++)
		strv_add(&argv, *words);

	struct proc p = { .argv = strv_const(&argv),
			  .env = git_env,
			  .dir = dir,
			  .timeout_ms = GIT_MS,
			  .out = said,
			  .err = &why };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.timed_out)
		return err_set(err, ERR_HOST, "git took more than %d minutes",
			       GIT_MS / 60000);
	return end.code == 0 ? 0 : err_set(err, ERR_REFUSED, "git: %.800s", cause(&why));
}

int fetch_clone(const char *url, const char *committish, const char *dir, struct err *err)
{
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const clone[] = { "clone", "--quiet", "--no-hardlinks", "--", url,
				      dir,     NULL };
	const char *const checkout[] = { "checkout", "--quiet", "--detach", committish,
					 NULL };

	if (git(clone, NULL, &said, err) < 0) {
		(void)err_context(err, "Plugin could not be fetched from %s", url);
		return err_hint(err, "see whether this works as root: git ls-remote %s",
				url);
	}
	if (!committish)
		return 0;
	if (committish[0] == '-')
		return err_set(err, ERR_USAGE, "'%.100s' is no name of a commit",
			       committish);
	if (git(checkout, dir, &said, err) == 0)
		return 0;
	return err_hint(err, "these can be installed: git ls-remote %s", url);
}

char *fetch_ask(const char *dir, const char *const *words)
{
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO_FREE char *git_dir = paths_in(dir, ".git");
	struct err ignored;

	if (!fs_exists(git_dir) || git(words, dir, &said, &ignored) < 0)
		return xstrdup("");
	buf_chomp(&said);
	return buf_take(&said);
}
