/* SPDX-License-Identifier: MIT */
#include "root/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/dirs.h"
#include "root/layer.h"
#include "root/policy.h"
#include "root/protocol.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

#define STORAGE DAVIT_ROOT_DIR "/storage"

/* One step down, made where it is missing.  *fd is replaced. */
static int step(int *fd, const char *name, long uid, struct err *err)
{
	int next;

	if (mkdirat(*fd, name, 0755) == 0) {
		if (fchownat(*fd, name, (uid_t)uid, (gid_t)uid, AT_SYMLINK_NOFOLLOW) < 0)
			return err_sys(err, "owner of %s", name);
	} else if (errno != EEXIST) {
		return err_sys(err, "create directory %s in storage", name);
	}
	next = dirs_open_at(*fd, name, O_RDONLY | O_DIRECTORY);
	if (next < 0)
		return err_sys(err, "open directory %s in storage", name);
	close_now(fd);
	*fd = next;
	return 0;
}

int storage_open(const char *name, const char *path, long uid, int *fd, struct err *err)
{
	AUTO(strv_release) struct strv steps = STRV_INIT;
	AUTO_CLOSE int at = -1;

	if (layer_open_storage(name, uid, &at, err) < 0)
		return -1;
	strv_split(&steps, path ? path : "", "/");
	strv_foreach(one, &steps)
		if (step(&at, one, uid, err) < 0)
			return -1;
	*fd = take_fd(&at);
	return 0;
}

static int take_path(const json_t *op, const char **path, struct err *err)
{
	*path = NULL;
	return json_object_get(op, "path") ? request_path(op, "path", path, err) : 0;
}

int verb_storage(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	const char *name = NULL;
	const char *path = NULL;
	long uid = -1;
	long gid = -1;
	long mode = -1;

	(void)reply;
	if (request_id(op, "name", &name, err) < 0 || take_path(op, &path, err) < 0 ||
	    request_int(op, "uid", (struct request_range){ -1, 65535, -1 }, &uid, err) <
		    0 ||
	    request_int(op, "gid", (struct request_range){ -1, 65535, uid }, &gid, err) <
		    0 ||
	    request_int(op, "mode", (struct request_range){ -1, 0777, -1 }, &mode, err) <
		    0 ||
	    storage_open(name, path, uid < 0 ? APP_UID : uid, &fd, err) < 0)
		return -1;
	if (uid >= 0 && fchown(fd, (uid_t)uid, (gid_t)gid) < 0)
		return err_sys(err, "owner of storage %s", name);
	if (mode >= 0 && fchmod(fd, (mode_t)mode) < 0)
		return err_sys(err, "mode of storage %s", name);
	return 0;
}

int verb_storage_remove(const json_t *op, json_t *reply, struct err *err)
{
	const char *name = NULL;

	(void)reply;
	if (request_id(op, "name", &name, err) < 0)
		return -1;
	return layer_drop(STORAGE, name, err);
}

int verb_mountable(const json_t *op, json_t *reply, struct err *err)
{
	const char *path = NULL;

	if (request_path(op, "path", &path, err) < 0)
		return -1;
	(void)json_object_set_new(reply, "allowed",
				  json_boolean(policy_mount_root(path) != NULL));
	return 0;
}
