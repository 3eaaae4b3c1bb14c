/* SPDX-License-Identifier: MIT */
#include "root/layer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "root/container.h"
#include "root/dirs.h"
#include "root/extract.h"
#include "root/policy.h"
#include "root/protocol.h"
#include "root/range.h"
#include "root/request.h"
#include "root/tree.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/name.h"
#include "util/paths.h"

#define LAYERS      DAVIT_ROOT_DIR "/layers"
#define CACHE       DAVIT_ROOT_DIR "/cache"
#define STORAGE     DAVIT_ROOT_DIR "/storage"
#define BYTES_XATTR "trusted.davit.bytes"
/* Names that no layer, app or release can have (they begin with a dot). */
#define NEW_MARK  ".new-"
#define GONE_MARK ".gone-"

static int refuse_taken(const char *name, struct err *err)
{
	return err_set(err, ERR_REFUSED, "%s is there already", name);
}

static int fill_tree(int dirfd, const char *tmp, const struct layer_fill *fill,
		     int64_t *bytes, struct err *err)
{
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int mnt = -1;
	char text[32];

	if (dirs_make_at(dirfd, tmp, 0755, &dir, err) < 0 ||
	    userns_idmap(dir, fill->user_fd, false, &mnt, err) < 0)
		return -1;
	struct userns_job job = { .user_fd = fill->user_fd,
				  .root_fd = mnt,
				  .keep = { fill->keep },
				  .work = fill->work,
				  .ctx = fill->ctx };

	if (userns_run(&job, bytes, err) < 0)
		return -1;
	(void)snprintf(text, sizeof text, "%lld", (long long)*bytes);
	(void)fsetxattr(dir, BYTES_XATTR, text, strlen(text), 0);
	if (syncfs(dir) < 0)
		return err_sys(err, "write the tree to disk");
	return 0;
}

/* Empty and remove a tree that already has a name of ours. */
static int drop_marked(int dirfd, const char *name, struct err *err)
{
	AUTO_CLOSE int user = -1;
	AUTO_CLOSE int dir = dirs_open_at(dirfd, name, O_RDONLY | O_DIRECTORY);
	AUTO_CLOSE int mnt = -1;

	if (dir < 0)
		return errno == ENOENT ? 0 : err_sys(err, "open %s", name);
	if (userns_open_app(STACK_APP, &user, err) < 0 ||
	    userns_idmap(dir, user, false, &mnt, err) < 0)
		return -1;
	struct userns_job job = { .user_fd = user, .root_fd = mnt, .work = tree_empty };

	if (userns_run(&job, NULL, err) < 0)
		return err_context(err, "remove %s", name);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0)
		return err_sys(err, "remove %s", name);
	return 0;
}

int layer_make(const char *parent, const char *name, const struct layer_fill *fill,
	       int64_t *bytes, struct err *err)
{
	AUTO_FREE char *tmp = xasprintf(NEW_MARK "%d-%s", (int)getpid(), name);
	AUTO_CLOSE int dir = -1;
	struct err ignored;
	int64_t n = 0;
	int rc;

	if (dirs_open(parent, &dir, err) < 0)
		return -1;
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return refuse_taken(name, err);
	fault_at("layer");
	rc = fill_tree(dir, tmp, fill, &n, err);
	fault_at("layer:synced");
	if (rc == 0 && renameat2(dir, tmp, dir, name, RENAME_NOREPLACE) < 0)
		rc = errno == EEXIST ? refuse_taken(name, err)
				     : err_sys(err, "rename %s", name);
	fault_at("layer:renamed");
	if (rc < 0)
		(void)drop_marked(dir, tmp, &ignored);
	else if (fsync(dir) < 0)
		rc = err_sys(err, "sync %s", parent);
	fault_at("layer:done");
	if (rc == 0)
		*bytes = n;
	return rc;
}

/* Give a tree a name of ours, *gone, so that it is out of use at once; NULL when there is
 * none. */
static int mark_gone(int dir, const char *name, char **gone, struct err *err)
{
	*gone = xasprintf(GONE_MARK "%d-%s", (int)getpid(), name);
	fault_at("layer-remove");
	if (renameat2(dir, name, dir, *gone, RENAME_NOREPLACE) == 0) {
		fault_at("layer-remove:renamed");
		return 0;
	}
	free(*gone);
	*gone = NULL;
	return errno == ENOENT ? 0 : err_sys(err, "remove %s", name);
}

int layer_drop(const char *parent, const char *name, struct err *err)
{
	AUTO_FREE char *gone = NULL;
	AUTO_CLOSE int dir = -1;

	if (access(parent, F_OK) < 0)
		return 0;
	if (dirs_open(parent, &dir, err) < 0 || mark_gone(dir, name, &gone, err) < 0)
		return -1;
	return gone ? drop_marked(dir, gone, err) : 0;
}

int layer_open(const char *name, int *fd, struct err *err)
{
	AUTO_CLOSE int dir = -1;

	if (dirs_open(LAYERS, &dir, err) < 0)
		return -1;
	*fd = dirs_open_at(dir, name, O_RDONLY | O_DIRECTORY);
	if (*fd >= 0)
		return 0;
	(void)err_sys(err, "layer %s", name);
	return err_hint(err, "davit stack:list, or build the app again: davit "
			     "ps:rebuild APP");
}

/* A directory below one of ours, made on first use and then owned by uid inside. */
static int open_owned(const char *parent, const char *name, long uid, int *fd,
		      struct err *err)
{
	AUTO_CLOSE int dir = -1;

	if (dirs_open(parent, &dir, err) < 0)
		return -1;
	if (mkdirat(dir, name, 0755) == 0) {
		if (fchownat(dir, name, (uid_t)uid, (gid_t)uid, AT_SYMLINK_NOFOLLOW) < 0)
			return err_sys(err, "owner of %s", name);
	} else if (errno != EEXIST) {
		return err_sys(err, "create directory %s/%s", parent, name);
	}
	*fd = dirs_open_at(dir, name, O_RDONLY | O_DIRECTORY);
	return *fd < 0 ? err_sys(err, "open %s/%s", parent, name) : 0;
}

int layer_open_cache(const char *app, const char *name, long uid, int *fd,
		     struct err *err)
{
	AUTO_FREE char *parent = xasprintf(CACHE "/%s", app);

	if (mkdir(parent, 0700) < 0 && errno != EEXIST)
		return err_sys(err, "create directory %s", parent);
	return open_owned(parent, name, uid, fd, err);
}

int layer_open_storage(const char *name, long uid, int *fd, struct err *err)
{
	return open_owned(STORAGE, name, uid, fd, err);
}

/* A tree under a temporary name whose helper is gone. */
static bool is_remains(const char *name)
{
	const char *pid = strncmp(name, NEW_MARK, 5) == 0    ? name + 5
			  : strncmp(name, GONE_MARK, 6) == 0 ? name + 6
							     : NULL;

	return pid && !container_helper_lives((pid_t)strtol(pid, NULL, 10));
}

static int recover_dir(const char *path, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	AUTO(closedir_at) DIR *d = NULL;
	struct dirent *e;

	if (dirs_open(path, &fd, err) < 0)
		return -1;
	d = fdopendir(dup(fd));
	while (d && (e = readdir(d)) != NULL)
		if (is_remains(e->d_name) && drop_marked(fd, e->d_name, err) < 0)
			return -1;
	return 0;
}

static int recover_below(const char *path, struct err *err)
{
	AUTO(closedir_at) DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *sub = xasprintf("%s/%s", path, e->d_name);

		/* Not the link that a renamed app has under its old name. */
		if (e->d_name[0] != '.' && e->d_type == DT_DIR &&
		    recover_dir(sub, err) < 0)
			return -1;
	}
	return 0;
}

int layer_recover(struct err *err)
{
	if (recover_dir(LAYERS, err) < 0 || recover_dir(STORAGE, err) < 0 ||
	    recover_below(CACHE, err) < 0 ||
	    recover_below(DAVIT_ROOT_DIR "/static", err) < 0)
		return -1;
	return 0;
}

static void remains_in(const char *path, struct strv *paths)
{
	AUTO(closedir_at) DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (is_remains(e->d_name))
			strv_addf(paths, "%s/%s", path, e->d_name);
}

void layer_remains(const char *dir, struct strv *paths)
{
	size_t n = strcspn(dir, "*");
	AUTO_FREE char *top = xasprintf(DAVIT_ROOT_DIR "/%.*s", (int)n, dir);
	AUTO(closedir_at) DIR *d = dir[n] ? opendir(top) : NULL;
	struct dirent *e;

	if (!dir[n])
		remains_in(top, paths);
	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *sub = xasprintf("%s%s", top, e->d_name);

		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			remains_in(sub, paths);
	}
}

/* "app/src" of "app/src" or "/app/src/": relative and normal. */
static int take_prefix(const char *text, struct buf *out, struct err *err)
{
	return extract_name(text ? text + strspn(text, "/") : "", out, err);
}

int verb_unpack(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(buf_release) struct buf prefix = BUF_INIT;
	AUTO_CLOSE int user = -1;
	const char *app = NULL;
	const char *layer = NULL;
	const char *text = NULL;
	bool deletions = false;
	int64_t bytes = 0;
	long uid = 0;
	int fd;

	if (request_app(op, "app", &app, err) < 0 ||
	    request_id(op, "layer", &layer, err) < 0 ||
	    request_fd(op, "fd", &fd, err) < 0 ||
	    request_text_or_null(op, "prefix", 4095, &text, err) < 0 ||
	    request_int(op, "uid", (struct request_range){ -1, 65535, -1 }, &uid, err) <
		    0 ||
	    request_bool(op, "deletions", false, &deletions, err) < 0 ||
	    take_prefix(text, &prefix, err) < 0 || userns_open_app(app, &user, err) < 0)
		return -1;
	struct extract x = { .fd = fd,
			     .prefix = prefix.data,
			     .uid = uid,
			     .deletions = deletions,
			     .max_bytes = policy()->unpack_bytes,
			     .max_entries = policy()->unpack_entries };
	struct layer_fill fill = {
		.user_fd = user, .keep = fd, .work = extract_tree, .ctx = &x
	};

	if (layer_make(LAYERS, layer, &fill, &bytes, err) < 0)
		return err_context(err, "unpack layer %s", layer);
	(void)json_object_set_new(reply, "bytes", json_integer(bytes));
	return 0;
}

static json_t *describe(int dir, const char *name)
{
	AUTO_CLOSE int fd = dirs_open_at(dir, name, O_RDONLY | O_DIRECTORY);
	char text[32] = "0";
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	n = fgetxattr(fd, BYTES_XATTR, text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	return json_pack("{s:s, s:I, s:I}", "name", name, "bytes",
			 (json_int_t)strtoll(text, NULL, 10), "mtime",
			 (json_int_t)st.st_ctim.tv_sec);
}

int verb_layer_list(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	AUTO(closedir_at) DIR *d = NULL;
	json_t *list = json_array();
	struct dirent *e;

	(void)op;
	(void)json_object_set_new(reply, "layers", list);
	if (dirs_open(LAYERS, &fd, err) < 0)
		return -1;
	d = fdopendir(dup(fd));
	while (d && (e = readdir(d)) != NULL) {
		json_t *one = name_is_id(e->d_name) ? describe(fd, e->d_name) : NULL;

		if (one)
			(void)json_array_append_new(list, one);
	}
	return 0;
}

int verb_layer_remove(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_CLOSE int lock = -1;
	AUTO_CLOSE int dir = -1;
	AUTO_FREE char *user = NULL;
	AUTO_FREE char *gone = NULL;
	const char *layer = NULL;

	(void)reply;
	if (request_id(op, "layer", &layer, err) < 0 ||
	    dirs_open(LAYERS, &dir, err) < 0 || dirs_lock("layers", &lock, err) < 0)
		return -1;
	user = container_using(layer);
	if (user) {
		(void)err_set(err, ERR_REFUSED, "layer %s is in use by %s", layer, user);
		return err_hint(err, "stop the instance first");
	}
	if (mark_gone(dir, layer, &gone, err) < 0)
		return -1;
	close_now(&lock);
	return gone ? drop_marked(dir, gone, err) : 0;
}

static json_t *cache_of(int dir, const char *app)
{
	struct stat st;

	if (fstatat(dir, app, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return NULL;
	return json_pack("{s:s, s:I, s:I}", "app", app, "bytes",
			 (json_int_t)tree_bytes(dir, app), "mtime",
			 (json_int_t)st.st_mtim.tv_sec);
}

int verb_cache_list(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	AUTO(closedir_at) DIR *d = NULL;
	json_t *list = json_array();
	struct dirent *e;

	(void)op;
	(void)json_object_set_new(reply, "caches", list);
	if (dirs_open(CACHE, &fd, err) < 0)
		return -1;
	d = fdopendir(dup(fd));
	while (d && (e = readdir(d)) != NULL) {
		json_t *one = name_is_app(e->d_name) ? cache_of(fd, e->d_name) : NULL;

		if (one)
			(void)json_array_append_new(list, one);
	}
	return 0;
}

int verb_cache_clear(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_FREE char *parent = NULL;
	const char *app = NULL;
	const char *name = NULL;

	(void)reply;
	if (request_app(op, "app", &app, err) < 0)
		return -1;
	if (!json_object_get(op, "name"))
		return layer_drop(CACHE, app, err);
	if (request_id(op, "name", &name, err) < 0)
		return -1;
	parent = xasprintf(CACHE "/%s", app);
	return layer_drop(parent, name, err);
}
