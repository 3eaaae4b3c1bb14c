/* SPDX-License-Identifier: MIT */
#include "root/static.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/app.h"
#include "root/dirs.h"
#include "root/extract.h"
#include "root/layer.h"
#include "root/policy.h"
#include "root/request.h"
#include "root/userns.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/paths.h"

#define STATIC  DAVIT_ROOT_DIR "/static"
#define CURRENT "current"

static int take(const json_t *op, const char **app, const char **release, struct err *err)
{
	if (request_app(op, "app", app, err) < 0 ||
	    request_id(op, "release", release, err) < 0)
		return -1;
	if (strcmp(*release, CURRENT) == 0)
		return err_set(err, ERR_USAGE, "field release: a reserved name");
	return 0;
}

int verb_static(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_FREE char *parent = NULL;
	AUTO_CLOSE int user = -1;
	const char *app = NULL;
	const char *release = NULL;
	int64_t bytes = 0;
	int fd;

	if (take(op, &app, &release, err) < 0 || request_fd(op, "fd", &fd, err) < 0 ||
	    userns_open_app(app, &user, err) < 0)
		return -1;
	app_drop_alias(app);
	parent = xasprintf(STATIC "/%s", app);
	if (mkdir(parent, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "create directory %s", parent);
	struct extract x = { .fd = fd,
			     .prefix = "",
			     .uid = 0,
			     .web = true,
			     .max_bytes = policy()->unpack_bytes,
			     .max_entries = policy()->unpack_entries };
	struct layer_fill fill = {
		.user_fd = user, .keep = fd, .work = extract_tree, .ctx = &x
	};

	if (layer_make(parent, release, &fill, &bytes, err) < 0)
		return err_context(err, "static site of %s", app);
	(void)json_object_set_new(reply, "bytes", json_integer(bytes));
	return 0;
}

int verb_static_switch(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_FREE char *parent = NULL;
	AUTO_CLOSE int dir = -1;
	const char *app = NULL;
	const char *release = NULL;

	(void)reply;
	if (take(op, &app, &release, err) < 0)
		return -1;
	parent = xasprintf(STATIC "/%s", app);
	if (dirs_open(parent, &dir, err) < 0)
		return -1;
	if (faccessat(dir, release, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "release %s of %s", release, app);
	(void)unlinkat(dir, ".next", 0);
	if (symlinkat(release, dir, ".next") < 0)
		return err_sys(err, "switch the static site of %s", app);
	fault_at("static-switch");
	if (renameat(dir, ".next", dir, CURRENT) < 0)
		return err_sys(err, "switch the static site of %s", app);
	fault_at("static-switch:renamed");
	if (fsync(dir) < 0)
		return err_sys(err, "switch the static site of %s", app);
	fault_at("static-switch:synced");
	return 0;
}

int verb_static_remove(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_FREE char *parent = NULL;
	AUTO_FREE char *link = NULL;
	const char *app = NULL;
	const char *release = NULL;
	char now[256];
	ssize_t n;

	(void)reply;
	if (take(op, &app, &release, err) < 0)
		return -1;
	parent = xasprintf(STATIC "/%s", app);
	link = xasprintf("%s/" CURRENT, parent);
	n = readlink(link, now, sizeof now - 1);
	now[n > 0 ? n : 0] = '\0';
	if (strcmp(now, release) == 0)
		return err_set(err, ERR_REFUSED, "release %s of %s is being served",
			       release, app);
	return layer_drop(parent, release, err);
}
