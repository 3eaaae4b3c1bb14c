/* SPDX-License-Identifier: MIT */
/* What lies between two commits, in the words of their authors. */
#include <string.h>

#include "plugins/releases/releases.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"

#define GIT_PROGRAM "/usr/bin/git"

/* So many subjects are told; what is beyond them is counted by git itself. */
enum { SUBJECTS_MAX = 50, LOG_TIMEOUT_MS = 10000 };

static bool is_sha(const char *s)
{
	return strlen(s) == 40 && strspn(s, "0123456789abcdef") == 40;
}

/* A subject is somebody's text: nothing in it may move the reader's cursor. */
static void make_printable(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
}

/* Lines "HASH subject" of what `to` has and `from` has not, newest first. */
static int log_between(const char *repo, const char *from, const char *to,
		       struct strv *lines, struct err *err)
{
	AUTO_FREE char *max = xasprintf("--max-count=%d", SUBJECTS_MAX + 1);
	AUTO_FREE char *range = xasprintf("%s..%s", from, to);
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *const argv[] = {
		GIT_PROGRAM,  "-C",           repo,         "-c",
		"gc.auto=0",  "log",          "--no-color", "--no-show-signature",
		"--no-notes", "--no-mailmap", max,          "--format=%h %s",
		range,        "--",           NULL
	};
	const struct proc p = { .argv = argv,
				.env = proc_plain_env,
				.timeout_ms = LOG_TIMEOUT_MS,
				.out = &text };
	struct proc_end end;

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code != 0)
		return err_set(err, ERR_HOST, "git log ended with status %d", end.code);
	strv_split(lines, text.data, "\n");
	return 0;
}

static void print_side(struct request *req, const char *mark, const struct strv *lines)
{
	size_t n = 0;

	strv_foreach(line, lines) {
		AUTO_FREE char *text = xstrdup(line);

		if (n++ == SUBJECTS_MAX) {
			out_line(req->out, "%-10s %s and more", "commit", mark);
			return;
		}
		make_printable(text);
		out_line(req->out, "%-10s %s %s", "commit", mark, text);
	}
}

bool releases_diff_commits(struct request *req, const char *from, const char *to)
{
	AUTO_FREE char *repo = paths_in(paths_root(), "git/%s.git", req->app.name);
	AUTO(strv_release) struct strv gained = STRV_INIT;
	AUTO(strv_release) struct strv lost = STRV_INIT;
	struct err err;

	if (strcmp(from, to) == 0)
		return false;
	out_line(req->out, "%-10s %s..%s", "commits", *from ? from : "(none)",
		 *to ? to : "(none)");
	/* A promoted or imported release has commits that this app's repository lacks. */
	if (!is_sha(from) || !is_sha(to) ||
	    log_between(repo, from, to, &gained, &err) < 0 ||
	    log_between(repo, to, from, &lost, &err) < 0)
		return true;
	print_side(req, "+", &gained);
	print_side(req, "-", &lost);
	return true;
}
