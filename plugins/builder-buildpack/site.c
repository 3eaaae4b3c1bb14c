/* SPDX-License-Identifier: MIT */
/* A site that a build made, from its layers to where nginx serves it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/builder-buildpack/buildpack.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* In a child, so that the container's stdout can be the pipe that the helper's other verb
 * reads from. */
static _Noreturn void pack(struct build *b, const struct strv *layers, const char *dir,
			   int out)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO_FREE char *path = xasprintf("/app/%s", dir);
	json_t *list = json_array();
	json_t *replies = NULL;
	struct err err;
	long code;

	strv_foreach(layer, layers)
		(void)json_array_append_new(list, json_string(layer));
	helper_add(
		&h, "run",
		json_pack("{s:o, s:s, s:o, s:[s,s,s,s,s,s], s:[s], s:s, s:i, s:s, s:s}",
			  "id", json_sprintf("%s.site.%s", b->app.name, b->stamp), "app",
			  b->app.name, "layers", list, "argv", "/bin/tar", "--format=gnu",
			  "-cf", "-", "-C", path, "env", "PATH=/usr/bin:/bin", "cwd",
			  "/app", "uid", APP_UID, "profile", "build", "network", "none"));
	(void)json_array_append_new(json_object_get(json_array_get(h.ops, 0), "argv"),
				    json_string("."));
	h.flags = PROC_STDOUT;
	if (dup2(out, STDOUT_FILENO) < 0 || helper_run(&h, &replies, &err) < 0)
		_exit(1);
	code = (long)json_integer_value(
		json_object_get(json_array_get(replies, 0), "code"));
	_exit(code == 0 ? 0 : 1);
}

static int place(struct build *b, const char *tree, int fd, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;

	helper_add(&h, "static",
		   json_pack("{s:s, s:s, s:i}", "app", b->app.name, "release", tree, "fd",
			     helper_pass(&h, fd)));
	h.cancel_fd = b->call->cancel_fd;
	return helper_run(&h, NULL, err);
}

int site_export(struct build *b, const struct strv *layers, const char *dir,
		const char *tree, struct err *err)
{
	AUTO_CLOSE int from = -1;
	int status = 0;
	int fds[2];
	pid_t pid;
	int rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	from = fds[0];
	pid = fork();
	if (pid == 0)
		pack(b, layers, dir, fds[1]);
	(void)close(fds[1]);
	if (pid < 0)
		return err_sys(err, "fork");
	rc = place(b, tree, from, err);
	close_now(&from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc < 0)
		return err_context(err, "site");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(err, ERR_HOST, "the site in %s could not be read", dir);
}
