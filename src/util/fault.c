/* SPDX-License-Identifier: MIT */
#include "util/fault.h"

#ifdef DAVIT_FAULTS
#	include <errno.h>
#	include <fcntl.h>
#	include <signal.h>
#	include <stdbool.h>
#	include <stdio.h>
#	include <stdlib.h>
#	include <string.h>
#	include <sys/file.h>
#	include <unistd.h>

#	include "util/buf.h"
#	include "util/cleanup.h"
#	include "util/fs.h"
#	include "util/paths.h"

#	define TRACE     DAVIT_RUN_DIR "/faults/trace"
#	define WANT      DAVIT_RUN_DIR "/faults/want"
#	define TRACE_MAX (8u << 20)

/* davit-heavy is davit. */
static const char *program(void)
{
	return strcmp(program_invocation_short_name, "davit-root") == 0 ? "davit-root"
									: "davit";
}

/* How often the trace says it: "PROGRAM PID POINT". */
static long count(const char *trace, const char *point)
{
	size_t n = strlen(program());
	long seen = 0;

	for (const char *line = trace; *line;
	     line += strcspn(line, "\n"), line += !!*line) {
		const char *rest = line + n;

		if (strncmp(line, program(), n) != 0 || *rest != ' ')
			continue;
		rest += 1 + strcspn(rest + 1, " ") + 1;
		seen += strncmp(rest, point, strlen(point)) == 0 &&
			rest[strlen(point)] == '\n';
	}
	return seen;
}

static bool is_wanted(int trace, const char *point)
{
	AUTO(buf_release) struct buf want = BUF_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	char mine[256];
	struct err ignored;
	char *rest;
	long n;

	if (fs_read(WANT, 4096, &want, &ignored) != 0)
		return false;
	n = strtol(want.data, &rest, 10);
	(void)snprintf(mine, sizeof mine, " %s %s", program(), point);
	if (strcmp(rest, mine) != 0)
		return false;
	return lseek(trace, 0, SEEK_SET) == 0 &&
	       fs_read_fd(trace, TRACE_MAX, &text, &ignored) == 0 &&
	       count(text.data, point) == n;
}

void fault_at(const char *point)
{
	const char *kill_at = getenv("DAVIT_FAULT");
	AUTO_CLOSE int trace = -1;
	bool stop;

	if (kill_at && strcmp(kill_at, point) == 0)
		(void)kill(getpid(), SIGKILL);
	trace = open(TRACE, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (trace < 0)
		return;
	while (flock(trace, LOCK_EX) < 0 && errno == EINTR)
		;
	(void)dprintf(trace, "%s %d %s\n", program(), (int)getpid(), point);
	stop = is_wanted(trace, point);
	(void)flock(trace, LOCK_UN);
	if (stop)
		(void)raise(SIGSTOP);
}

void fault_at_file(const char *moment, const char *path)
{
	const char *slash = strrchr(path, '/');
	char point[256];

	(void)snprintf(point, sizeof point, "%s:%s", moment, slash ? slash + 1 : path);
	fault_at(point);
}
#else
void fault_at(const char *point)
{
	(void)point;
}

void fault_at_file(const char *moment, const char *path)
{
	(void)moment;
	(void)path;
}
#endif
