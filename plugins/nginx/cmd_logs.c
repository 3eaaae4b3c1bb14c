/* SPDX-License-Identifier: MIT */
/* nginx:access-logs and nginx:error-logs: the last lines, or all that come. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "plugins/nginx/nginx.h"
#include "runtime/helper.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

enum { LAST_LINES = 20, CHUNK = 64 << 10 };

char *nginx_usual_log(const char *app, const char *kind)
{
	return paths_in(paths_nginx_log(), "%s-%s.log", app, kind);
}

static int log_path(struct request *req, const char *kind, char **path, struct err *err)
{
	AUTO_FREE char *key = xasprintf("%s-log-path", kind);
	AUTO_FREE char *usual = nginx_usual_log(req->app.name, kind);

	if (property_get(req->st, PROPERTY(req->app.id, NGINX_PLUGIN, key), usual, path,
			 err) < 0)
		return -1;
	if (!nginx_log_is_off(*path))
		return 0;
	(void)err_set(err, ERR_REFUSED, "the %s log of %s is off", kind, req->app.name);
	return err_hint(err, "davit nginx:set %s %s && davit proxy:build-config %s",
			req->app.name, key, req->app.name);
}

/* logrotate has begun it anew, for root and the group adm. */
static bool is_shared_now(struct request *req)
{
	struct err ignored;

	return helper_one("nginx-logs", json_pack("{s:s}", "app", req->app.name), NULL,
			  &ignored) == 0;
}

static int open_log(struct request *req, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == EACCES && is_shared_now(req))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT) {
		(void)err_set(err, ERR_REFUSED, "%s has no such log yet: %s",
			      req->app.name, path);
		return err_hint(err, "it appears with the app's first deploy");
	}
	return err_sys(err, "open %s", path);
}

/* Where the last lines begin. */
static off_t last_lines(int fd)
{
	char chunk[CHUNK];
	off_t end = lseek(fd, 0, SEEK_END);
	off_t from = end > CHUNK ? end - CHUNK : 0;
	ssize_t n = pread(fd, chunk, sizeof chunk, from);
	int lines = 0;

	for (ssize_t i = n - 1; i > 0; i--)
		if (chunk[i - 1] == '\n' && ++lines == LAST_LINES)
			return from + i;
	return from;
}

static bool copy_rest(struct request *req, int fd)
{
	char chunk[CHUNK];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		out_bytes(req->out, chunk, (size_t)n);
	return out_flush(req->out);
}

/* Until the client goes; a log that was rotated away is opened anew. */
static int follow(struct request *req, const char *path, int *fd, struct err *err)
{
	AUTO_CLOSE int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd fds[] = { { .fd = watch, .events = POLLIN },
				{ .fd = STDOUT_FILENO, .events = 0 } };
	char events[4096];

	if (watch < 0 ||
	    inotify_add_watch(watch, paths_nginx_log(), IN_MODIFY | IN_CREATE) < 0)
		return err_sys(err, "watch %s", paths_nginx_log());
	while (copy_rest(req, *fd)) {
		struct stat open_file;
		struct stat named;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return err_sys(err, "wait for %s", path);
		if (fds[1].revents & (POLLERR | POLLHUP))
			return 0;
		while (read(watch, events, sizeof events) > 0)
			;
		if (fstat(*fd, &open_file) == 0 && stat(path, &named) == 0 &&
		    open_file.st_ino != named.st_ino) {
			(void)copy_rest(req, *fd);
			close_now(fd);
			*fd = open_log(req, path, err);
			if (*fd < 0)
				return -1;
		}
	}
	return 0;
}

int nginx_cmd_logs(struct request *req, struct err *err)
{
	const char *kind = strstr(req->command->name, "error") ? "error" : "access";
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int fd = -1;

	if (log_path(req, kind, &path, err) < 0)
		return -1;
	fd = open_log(req, path, err);
	if (fd < 0)
		return -1;
	(void)lseek(fd, last_lines(fd), SEEK_SET);
	if (request_flag(req, "tail"))
		return follow(req, path, &fd, err);
	(void)copy_rest(req, fd);
	return 0;
}
