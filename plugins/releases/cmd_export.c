/* SPDX-License-Identifier: MIT */
/* releases:export and releases:import: a release as a file that other engines read too. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/plugin.h"
#include "plugins/releases/releases.h"
#include "util/cleanup.h"

/* A file of the caller's own: one who comes by ssh has none here. */
static int refuse_remote(const struct request *req, const char *file, const char *how,
			 struct err *err)
{
	if (!req->caller->ssh || strcmp(file, "-") == 0)
		return 0;
	(void)err_set(err, ERR_USAGE, "%.200s is a path on your side", file);
	return err_hint(err, "ssh davit@HOST %s", how);
}

/* What was there is gone; stdout and pipes have nothing to cut. */
static int empty(int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "look at the file");
	if (!S_ISREG(st.st_mode) || ftruncate(fd, 0) == 0)
		return 0;
	return err_sys(err, "empty the file");
}

static int write_to(struct request *req, const struct release *r, int fd, struct err *err)
{
	char number[24];
	char to[16];

	(void)snprintf(number, sizeof number, "%lld", (long long)r->number);
	(void)snprintf(to, sizeof to, "%d", fd);
	return trigger(req->st, req->out, err, TRIGGER_EXPORT, req->app.name, number, to,
		       request_flag(req, "with-config") ? "config" : "code", NULL) < 0
		       ? -1
		       : 0;
}

int releases_cmd_export(struct request *req, struct err *err)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	const char *file = req->argv[2];
	bool to_stdout = strcmp(file, "-") == 0;
	AUTO_CLOSE int fd = -1;

	req->out->aside = to_stdout;
	if (refuse_remote(req, file, "releases:export APP v1 - > FILE", err) < 0 ||
	    releases_find(req, req->argv[1], &r, err) < 0)
		return -1;
	if (to_stdout && isatty(1)) {
		(void)err_set(err, ERR_USAGE, "an archive is not written to a terminal");
		return err_hint(err, "davit releases:export %s %s - > FILE",
				req->app.name, req->argv[1]);
	}
	fd = request_make_file(req, 2, err);
	if (fd < 0 || empty(fd, err) < 0)
		return -1;
	if (write_to(req, &r, fd, err) < 0) {
		struct err ignored;

		if (!to_stdout)
			(void)empty(fd, &ignored);
		return err_context(err, "%s is not written", file);
	}
	if (!to_stdout && fsync(fd) < 0)
		return err_sys(err, "write %s", file);
	out_step(req->out, "Exported %s v%lld%s", req->app.name, (long long)r.number,
		 request_flag(req, "with-config") ? ", with its variables" : "");
	return 0;
}

int releases_cmd_import(struct request *req, struct err *err)
{
	const char *file = req->argv[1];
	AUTO_CLOSE int fd = -1;
	char from[16] = "0";

	if (refuse_remote(req, file, "releases:import APP - < FILE", err) < 0)
		return -1;
	if (strcmp(file, "-") != 0) {
		fd = request_open_file(req, 1, err);
		if (fd < 0)
			return -1;
		(void)snprintf(from, sizeof from, "%d", fd);
	}
	return trigger(req->st, req->out, err, TRIGGER_IMPORT, req->app.name, from,
		       NULL) < 0
		       ? -1
		       : 0;
}
