/* SPDX-License-Identifier: MIT */
#include "root/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/dirs.h"
#include "root/hostfiles.h"
#include "root/layer.h"
#include "root/oci.h"
#include "root/range.h"
#include "root/storage.h"
#include "root/userns.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

#define FILE_MAX (4u << 20)

static int make_dirs(const char *id, struct err *err)
{
	static const char *const names[] = { "rootfs", "m", "files", "exit", "persist" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO_FREE char *path = container_path(id, names[i]);

		if (mkdir(path, 0711) < 0)
			return err_sys(err, "create directory %s", path);
	}
	return 0;
}

/* After this, no layer of the container can be removed. */
static int claim(struct launch *l, const struct launch_how *how, struct err *err)
{
	const struct container *c = l->c;
	AUTO_CLOSE int lock = -1;
	json_t *layers = json_array();

	for (size_t i = 0; i < c->layers.len; i++)
		(void)json_array_append_new(layers, json_string(c->layers.v[i]));
	l->state = json_pack("{s:s, s:s, s:s, s:o, s:s}", "id", c->id, "app", c->app,
			     "kind", how->kind, "layers", layers, "cgroup", how->group);
	container_note_process(l->state, "helper", getpid());
	if (dirs_lock("layers", &lock, err) < 0)
		return -1;
	return container_create(c->id, l->state, err);
}

/* A file's contents become ours before the container starts, so that the sender cannot
 * change them afterwards. */
static int place_file(const struct launch *l, const struct container_mount *m, size_t i,
		      struct err *err)
{
	AUTO_FREE char *name = xasprintf("files/%zu", i);
	AUTO_FREE char *path = container_path(l->c->id, name);
	AUTO(buf_release) struct buf text = BUF_INIT;
	uid_t owner = (uid_t)(l->base + (unsigned)l->c->uid);
	AUTO_CLOSE int fd = open(
		path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_sys(err, "create %s", path);
	if (lseek(m->fd, 0, SEEK_SET) < 0 && errno != ESPIPE)
		return err_sys(err, "file for %s", m->target);
	if (fs_read_fd(m->fd, FILE_MAX, &text, err) < 0)
		return err_context(err, "file for %s", m->target);
	if (fs_write_all(fd, text.data, text.len) < 0 || fchown(fd, owner, owner) < 0 ||
	    fchmod(fd, m->mode) < 0)
		return err_sys(err, "write %s", path);
	return 0;
}

/* Opened step by step below the allowed root, so that no symlink leads out of it. */
static int open_host(const char *path, int *fd, struct err *err)
{
	const char *root = policy_mount_root(path);
	const char *rest = root ? path + strlen(root) : "";
	AUTO_CLOSE int top = -1;

	if (!root)
		return err_set(err, ERR_REFUSED, "%s may not be mounted", path);
	if (dirs_open(root, &top, err) < 0)
		return -1;
	*fd = dirs_open_at(top, *rest ? rest + 1 : ".", O_RDONLY | O_DIRECTORY);
	return *fd < 0 ? err_sys(err, "open %s", path) : 0;
}

static int open_source(const struct launch *l, const struct container_mount *m, int *fd,
		       struct err *err)
{
	switch (m->kind) {
	case MOUNT_CACHE: return layer_open_cache(l->c->app, m->name, l->c->uid, fd, err);
	case MOUNT_STORAGE: return storage_open(m->name, m->path, l->c->uid, fd, err);
	case MOUNT_BUILDPACKS:
		return dirs_open(DAVIT_PREFIX "/share/davit/buildpacks", fd, err);
	case MOUNT_HOST: return open_host(m->name, fd, err);
	case MOUNT_FILE:
	case MOUNT_TMPFS: break;
	}
	return err_set(err, ERR_BUG, "no directory for this mount");
}

/* Trees of ours carry the ids of the inside; the host's own keep theirs. */
static int take_mount(const struct launch *l, const struct container_mount *m, int dir,
		      int *mnt, struct err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					       (m->readonly ? MOUNT_ATTR_RDONLY : 0u) };

	if (m->kind == MOUNT_CACHE || m->kind == MOUNT_STORAGE)
		return userns_idmap(dir, l->user_fd, m->readonly, mnt, err);
	*mnt = open_tree(dir, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (*mnt < 0 || mount_setattr(*mnt, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return err_sys(err, "clone the mount for %s", m->target);
	return 0;
}

static int place_dir(const struct launch *l, const struct container_mount *m, size_t i,
		     struct err *err)
{
	AUTO_FREE char *name = xasprintf("m/%zu", i);
	AUTO_FREE char *path = container_path(l->c->id, name);
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int mnt = -1;

	if (open_source(l, m, &dir, err) < 0 || take_mount(l, m, dir, &mnt, err) < 0)
		return -1;
	if (mkdir(path, 0711) < 0)
		return err_sys(err, "create directory %s", path);
	return rootfs_attach(mnt, path, err);
}

static int place_mounts(const struct launch *l, struct err *err)
{
	for (size_t i = 0; i < l->c->mount_count; i++) {
		const struct container_mount *m = &l->c->mounts[i];
		if (m->kind == MOUNT_TMPFS) /* made by the runtime */
			continue;

		int rc = m->kind == MOUNT_FILE ? place_file(l, m, i, err)
					       : place_dir(l, m, i, err);

		if (rc < 0)
			return -1;
	}
	return 0;
}

/*
 * The namespace outlives its last process until the container is removed: connections to
 * one that has died are refused at once, and tried elsewhere, instead of getting no answer.
 */
static int hold_network(const struct launch *l, struct err *err)
{
	AUTO_FREE char *path = container_path(l->c->id, CONTAINER_NET);
	AUTO_FREE char *source = xasprintf("/proc/self/fd/%d", l->net_fd);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || mount(source, path, NULL, MS_BIND, NULL) < 0)
		return err_sys(err, "hold the network of %s", l->c->id);
	return 0;
}

static int connect_network(struct launch *l, struct err *err)
{
	if (!l->c->network)
		return net_loopback(l->net_fd, err);
	if (net_ensure(err) < 0 || net_attach(l->c->id, l->net_fd, l->old_net_fd,
					      &l->c->rates, l->address, err) < 0)
		return -1;
	if (hold_network(l, err) < 0)
		return -1;
	(void)json_object_set_new(l->state, "address", json_string(l->address));
	return container_save(l->c->id, l->state, err);
}

static int write_config(const struct launch *l, const char *group, struct err *err)
{
	struct oci_host host = { .base = l->base,
				 .user_fd = l->user_fd,
				 .net_fd = l->net_fd,
				 .cgroup = group };
	AUTO_FREE char *path = container_path(l->c->id, "config.json");
	AUTO_FREE char *text = NULL;
	json_t *config = NULL;
	AUTO_CLOSE int fd = -1;

	if (oci_compose(l->c, &host, &config, err) < 0)
		return -1;
	text = json_dumps(config, JSON_COMPACT);
	json_decref(config);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (!text || fd < 0 || fs_write_all(fd, text, strlen(text)) < 0)
		return err_sys(err, "write %s", path);
	return 0;
}

static int make_rootfs(struct launch *l, struct err *err)
{
	struct rootfs_plan plan = { .layers = &l->c->layers,
				    .disk = l->c->limits.disk,
				    .base = l->base,
				    .user_fd = l->user_fd };

	return rootfs_make(&plan, &l->root, err);
}

/* Only the runtime inside the app's range passes: other users of the host would read the
 * app's files through its root directory. */
static int close_dir(const char *id, unsigned base, struct err *err)
{
	AUTO_FREE char *path = container_path(id, NULL);

	if (lchown(path, base, base) < 0 || chmod(path, 0510) < 0)
		return err_sys(err, "owner of %s", path);
	return 0;
}

static int prepare(struct launch *l, const char *group, struct err *err)
{
	const struct container *c = l->c;
	AUTO_FREE char *rootfs = container_path(c->id, "rootfs");

	if (make_dirs(c->id, err) < 0 || range_get(c->app, &l->base, err) < 0 ||
	    close_dir(c->id, l->base, err) < 0 ||
	    userns_open(l->base, &l->user_fd, &l->net_fd, err) < 0 ||
	    make_rootfs(l, err) < 0 || rootfs_attach(l->root.mount_fd, rootfs, err) < 0 ||
	    connect_network(l, err) < 0 ||
	    hostfiles_write(c, l->address[0] ? l->address : NULL, err) < 0 ||
	    place_mounts(l, err) < 0 || write_config(l, group, err) < 0)
		return -1;
	return 0;
}

int launch_prepare(const struct container *c, const struct launch_how *how,
		   struct launch *l, struct err *err)
{
	struct err ignored;

	*l = (struct launch){ .c = c,
			      .user_fd = -1,
			      .net_fd = -1,
			      .old_net_fd = -1,
			      .root = { .mount_fd = -1, .upper_fd = -1 } };
	if ((how->again && container_clear(c->id, &l->old_net_fd, err) < 0) ||
	    claim(l, how, err) < 0) {
		launch_release(l);
		return -1;
	}
	if (prepare(l, how->group, err) == 0)
		return 0;
	launch_release(l);
	(void)container_destroy(c->id, &ignored);
	return -1;
}

void launch_release(struct launch *l)
{
	close_now(&l->user_fd);
	close_now(&l->net_fd);
	close_now(&l->old_net_fd);
	rootfs_release(&l->root);
	json_decref(l->state);
	l->state = NULL;
}
