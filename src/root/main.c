/* SPDX-License-Identifier: MIT */
/*
 * davit-root: the one program of davit that runs as root (protocol.h).
 *
 * Whoever starts it chose its environment, descriptors, limits, working directory and
 * signal dispositions; none of them is trusted.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "root/dirs.h"
#include "root/hook.h"
#include "root/policy.h"
#include "root/protocol.h"
#include "root/verbs.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"

static _Noreturn void refuse(const char *why)
{
	(void)fprintf(stderr, " !     davit-root: %s\n", why);
	_exit(1);
}

static void reset_environment(void)
{
	static char path[] =
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
		"/bin";
	static char locale[] = "LC_ALL=C.UTF-8";
	static char *fresh[] = { path, locale, NULL };

	environ = fresh;
}

/* Default signals but those that a terminal or a closed pipe sends us: what we began is
 * finished or undone, never left. */
static void reset_signals(void)
{
	static const int ignored[] = {
		SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGHUP, SIGPIPE
	};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)alarm(0);
}

static void open_stdio(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(1);
	(void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* Neither we nor the conmon and containers that outlive us die of the caller's limits. */
static void lift(int resource)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	(void)setrlimit((__rlimit_resource_t)resource, &none);
}

/* A file of ours must not be cut, nor a core of ours be left, by the caller's limits. */
static void reset_limits(void)
{
	static const int lifted[] = { RLIMIT_CPU, RLIMIT_AS, RLIMIT_DATA, RLIMIT_NPROC };
	static const struct itimerval off;
	struct rlimit r = { .rlim_cur = 0, .rlim_max = 0 };
	struct rlimit size;

	(void)setrlimit(RLIMIT_CORE, &r);
	for (size_t i = 0; i < sizeof lifted / sizeof *lifted; i++)
		lift(lifted[i]);
	(void)setitimer(ITIMER_VIRTUAL, &off, NULL);
	(void)setitimer(ITIMER_PROF, &off, NULL);
	if (getrlimit(RLIMIT_FSIZE, &size) == 0 && size.rlim_cur != RLIM_INFINITY) {
		size = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
		if (setrlimit(RLIMIT_FSIZE, &size) < 0)
			refuse("the size of files is limited: ulimit -f unlimited");
	}
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_max < 1024)
		refuse("too few descriptors are allowed: ulimit -n 1024");
	r.rlim_cur = r.rlim_max < 65536 ? r.rlim_max : 65536;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

/* Mode 4750 lets only group davit run us; look again, since modes get changed. */
static void become_root(void)
{
	uid_t caller = getuid();

	if (caller != 0 && caller != dirs_davit_uid())
		refuse("only the user davit may run this: sudo -u davit davit …");
	if (geteuid() != 0)
		refuse("not installed setuid root: run make install again, as root");
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		refuse("cannot become root");
}

static void answer(json_t *reply)
{
	AUTO_FREE char *line = json_dumps(reply, JSON_COMPACT);

	if (line && fs_write_all(PROTOCOL_REPLY_FD, line, strlen(line)) == 0)
		(void)fs_write_all(PROTOCOL_REPLY_FD, "\n", 1);
}

static const char *kind_name(enum err_kind kind)
{
	switch (kind) {
	case ERR_USAGE:
	case ERR_FLAG: return "usage";
	case ERR_REFUSED:
	case ERR_NO_APP: return "refused";
	case ERR_APP: return "app";
	case ERR_BUG: return "bug";
	case ERR_NONE:
	case ERR_EXIT:
	case ERR_HOST: break;
	}
	return "host";
}

/* Bytes of names may not be UTF-8: they are shown as '?'. */
static json_t *text_or_ascii(const char *text)
{
	json_t *s = json_string(text);
	AUTO(buf_release) struct buf b = BUF_INIT;

	if (s)
		return s;
	for (; *text; text++)
		buf_add(&b, (unsigned char)*text < 0x80 ? text : "?", 1);
	return json_string(b.data);
}

static bool run_one(const json_t *op)
{
	struct err err = { .kind = ERR_NONE };
	json_t *reply = json_object();
	bool ok = verbs_run(op, reply, &err) == 0;

	(void)json_object_set_new(reply, "ok", json_boolean(ok));
	if (!ok) {
		(void)json_object_set_new(reply, "error", text_or_ascii(err.text));
		(void)json_object_set_new(reply, "kind",
					  json_string(kind_name(err.kind)));
		if (err.hint[0])
			(void)json_object_set_new(reply, "hint", text_or_ascii(err.hint));
	}
	answer(reply);
	json_decref(reply);
	return ok;
}

static json_t *read_request(void)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err err;
	struct stat st;
	json_t *request;

	if (fstat(PROTOCOL_REQUEST_FD, &st) < 0 || !S_ISREG(st.st_mode) ||
	    fcntl(PROTOCOL_REPLY_FD, F_GETFD) < 0)
		refuse("this is called by davit, not by hand: davit help");
	if (lseek(PROTOCOL_REQUEST_FD, 0, SEEK_SET) < 0 ||
	    fs_read_fd(PROTOCOL_REQUEST_FD, PROTOCOL_REQUEST_MAX, &text, &err) < 0)
		refuse("the request cannot be read, or is too large");
	request = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_array(request))
		refuse("the request is not a list of operations");
	return request;
}

int main(int argc, char **argv)
{
	struct err err;
	json_t *request;
	json_t *op;
	size_t i;
	bool ok = true;
	bool by_root = getuid() == 0;

	reset_environment();
	open_stdio();
	reset_signals();
	(void)umask(022);
	if (chdir("/") < 0)
		refuse("no root directory");
	become_root();
	reset_limits();
	if (by_root && argc > 1)
		return hook_main(argc, argv);
	request = read_request();
	if (dirs_ensure(&err) < 0 || policy_load(&err) < 0)
		refuse(err.text);
	json_array_foreach(request, i, op) {
		ok = run_one(op);
		if (!ok)
			break;
	}
	json_decref(request);
	return ok ? 0 : 1;
}
