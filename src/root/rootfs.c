/* SPDX-License-Identifier: MIT */
#include "root/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/dirs.h"
#include "root/layer.h"
#include "root/scratch.h"
#include "root/userns.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/paths.h"

/* Only ever mounted on in private mount namespaces. */
#define WORKBENCH DAVIT_RUN_DIR "/build"
/* mount(2) cuts its data at a page without a word. */
#define DATA_MAX 4000

void rootfs_release(struct rootfs *r)
{
	close_at(&r->mount_fd);
	close_at(&r->upper_fd);
	*r = (struct rootfs){ .mount_fd = -1, .upper_fd = -1 };
}

int rootfs_attach(int mount_fd, const char *path, struct err *err)
{
	if (move_mount(mount_fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(err, "mount at %s", path);
	return 0;
}

/* Make directory `name` on the workbench and attach a detached mount to it. */
static int place(int mount_fd, const char *name, struct err *err)
{
	if (mkdir(name, 0700) < 0)
		return err_sys(err, "create %s", name);
	return rootfs_attach(mount_fd, name, err);
}

static int place_layer(const char *layer, int user_fd, const char *name, struct err *err)
{
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int mnt = -1;

	if (layer_open(layer, &dir, err) < 0 ||
	    userns_idmap(dir, user_fd, true, &mnt, err) < 0)
		return -1;
	return place(mnt, name, err);
}

static int enter_workbench(struct err *err)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(err, "private mount namespace");
	if (mount("tmpfs", WORKBENCH, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700") < 0 ||
	    chdir(WORKBENCH) < 0)
		return err_sys(err, "workbench for mounts");
	return 0;
}

/* Names are single numbers: with relative paths, hundreds of layers fit into DATA_MAX. */
static int place_all(const struct strv *layers, int user_fd, struct buf *data,
		     struct err *err)
{
	char name[24];

	buf_adds(data, "lowerdir=");
	for (size_t i = 0; i < layers->len; i++) {
		(void)snprintf(name, sizeof name, "%zu", i);
		if (place_layer(layers->v[i], user_fd, name, err) < 0)
			return -1;
		buf_addf(data, "%s%s", i ? ":" : "", name);
	}
	buf_adds(data, ",upperdir=s/upper,workdir=s/work,userxattr,volatile");
	if (data->len > DATA_MAX)
		return err_set(err, ERR_REFUSED, "%zu layers are too many", layers->len);
	return 0;
}

static int build(const struct rootfs_plan *plan, int scratch, struct rootfs *out,
		 struct err *err)
{
	AUTO(buf_release) struct buf data = BUF_INIT;

	if (enter_workbench(err) < 0 ||
	    place_all(plan->layers, plan->user_fd, &data, err) < 0)
		return -1;
	out->upper_fd = openat(scratch, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out->upper_fd < 0)
		return err_sys(err, "open the writable layer");
	if (place(scratch, "s", err) < 0)
		return -1;
	if (mkdir("r", 0700) < 0 ||
	    mount("overlay", "r", "overlay", MS_NOSUID | MS_NODEV, data.data) < 0) {
		(void)err_sys(err, "mount the overlay");
		return err_hint(err, "dmesg | tail: Linux 5.19 or later is needed");
	}
	out->mount_fd = open_tree(AT_FDCWD, "r", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return out->mount_fd < 0 ? err_sys(err, "take the overlay") : 0;
}

int rootfs_make(const struct rootfs_plan *plan, struct rootfs *out, struct err *err)
{
	AUTO_CLOSE int host = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int scratch = -1;
	struct rootfs got = { .mount_fd = -1, .upper_fd = -1 };
	int rc;

	if (host < 0)
		return err_sys(err, "open the mount namespace");
	if (scratch_make(plan->disk, plan->base, &scratch, err) < 0)
		return -1;
	rc = build(plan, scratch, &got, err);
	/* Back to the host's mounts: what was attached on the workbench goes away, but
	 * for what the overlay holds on to. */
	if (setns(host, CLONE_NEWNS) < 0 || chdir("/") < 0)
		bug("cannot return to the host's mounts: %s", strerror(errno));
	if (rc < 0) {
		rootfs_release(&got);
		return -1;
	}
	*out = got;
	return 0;
}
