/* SPDX-License-Identifier: MIT */
#include "root/pidfile.h"

#include "root/container.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/name.h"

enum { EXIT_MS = 1000 };

int pidfile_read(const char *path, pid_t *pid, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	long n;
	int rc = fs_read(path, 64, &text, err);

	buf_chomp(&text);
	if (rc < 0)
		return -1;
	if (rc > 0 || !name_to_int(text.data, 2, 1L << 30, &n))
		return err_set(err, ERR_HOST, "%s does not hold a process id", path);
	*pid = (pid_t)n;
	return 0;
}

int pidfile_exit_code(const char *id)
{
	AUTO_FREE char *name = xasprintf("exit/%s", id);
	AUTO_FREE char *path = container_path(id, name);
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err ignored;
	long n;

	if (fs_read(path, 64, &text, &ignored) != 0)
		return -1;
	buf_chomp(&text);
	return name_to_int(text.data, 0, 255, &n) ? (int)n : -1;
}

int pidfile_await_code(const char *id, const json_t *state)
{
	int64_t deadline = clock_ms() + EXIT_MS;
	int code = pidfile_exit_code(id);

	while (code < 0 && clock_ms() < deadline && container_alive(state, "conmon")) {
		clock_sleep_ms(1);
		code = pidfile_exit_code(id);
	}
	return code;
}
