/* SPDX-License-Identifier: MIT */
#include "runtime/stack_base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "root/protocol.h"
#include "runtime/helper.h"
#include "runtime/stack.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { SAID_MAX = 1 << 20, LINES_SHOWN = 15 };

/* The script writes the tree to descriptor 3 and what it has to say to 4. */
static int start_script(int out, int said, pid_t *pid, struct err *err)
{
	AUTO_FREE char *script = paths_in(paths_share(), "buildpacks/stack/base");
	const char *const argv[] = { script, "3", "4", NULL };
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C.UTF-8", "HOME=/", "TMPDIR=/var/tmp", NULL
	};
	struct proc p = {
		.argv = argv,
		.env = env,
		.dir = "/",
		.pass = { out, said },
		.pass_count = 2,
	};

	return proc_start(&p, pid, err);
}

static int unpack(const char *layer, int fd, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;

	helper_add(&h, "unpack",
		   json_pack("{s:s, s:s, s:i, s:s, s:i}", "app", STACK_APP, "layer",
			     layer, "fd", helper_pass(&h, fd), "prefix", "", "uid", -1));
	return helper_run(&h, NULL, err);
}

/* The last lines, which hold the cause. */
static void show(struct out *to, int said)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err ignored;
	char *at;
	int lines = 0;

	if (lseek(said, 0, SEEK_SET) < 0 ||
	    fs_read_fd(said, SAID_MAX, &text, &ignored) < 0)
		return;
	buf_chomp(&text);
	for (at = text.data + text.len; at > text.data && lines < LINES_SHOWN; at--)
		lines += at[-1] == '\n';
	for (char *save = NULL,
		  *line = strtok_r(at + (lines == LINES_SHOWN), "\n", &save);
	     line; line = strtok_r(NULL, "\n", &save))
		out_foreign(to, line);
}

static int drop(const char *layer)
{
	struct err ignored;

	return helper_one("layer-remove", json_pack("{s:s}", "layer", layer), NULL,
			  &ignored);
}

int stack_base_make(struct out *to, char **layer, struct err *err)
{
	AUTO_CLOSE int said = memfd_create("mmdebstrap", MFD_CLOEXEC);
	AUTO_CLOSE int from = -1;
	AUTO_CLOSE int into = -1;
	AUTO_FREE char *made = NULL;
	struct proc_end end;
	struct err why;
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];
	int fds[2];
	pid_t pid;
	int rc;

	if (said < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	from = fds[0];
	into = fds[1];
	(void)strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", gmtime_r(&now, &tm));
	made = xasprintf(STACK_PREFIX "bookworm-%s", stamp);
	if (start_script(into, said, &pid, err) < 0)
		return -1;
	close_now(&into);
	rc = unpack(made, from, &why);
	close_now(&from);
	if (proc_wait(pid, &end, err) < 0)
		return -1;
	if (end.code != 0) {
		show(to, said);
		if (rc == 0)
			(void)drop(made);
		(void)err_set(err, ERR_HOST, "mmdebstrap failed with status %d",
			      end.code);
		return err_hint(err,
				"check the apt sources and the network of this host, "
				"then: davit stack:build");
	}
	if (rc < 0) {
		*err = why;
		return err_context(err, "base layer");
	}
	*layer = take_str(&made);
	return 0;
}
