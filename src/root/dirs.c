/* SPDX-License-Identifier: MIT */
#include "root/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum owner { ROOT, DAVIT, ROOT_DAVIT };

struct dir {
	const char *path;
	mode_t mode;
	enum owner owner;
};

/* Parents before children.  The last one tells dirs_ensure that all was done. */
static const struct dir dirs[] = {
	{ DAVIT_ETC_DIR, 0755, ROOT },
	{ DAVIT_ROOT_DIR, 0755, ROOT },
	{ DAVIT_ROOT_DIR "/store", 0700, DAVIT },
	{ DAVIT_ROOT_DIR "/git", 0700, DAVIT },
	{ DAVIT_ROOT_DIR "/layers", 0700, ROOT },
	{ DAVIT_ROOT_DIR "/cache", 0700, ROOT },
	{ DAVIT_ROOT_DIR "/storage", 0700, ROOT },
	{ DAVIT_ROOT_DIR "/scratch", 0700, ROOT },
	{ DAVIT_ROOT_DIR "/static", 0755, ROOT },
	{ DAVIT_ROOT_DIR "/nginx", 0755, ROOT },
	{ DAVIT_ROOT_DIR "/nginx/snippets", 0755, ROOT },
	{ DAVIT_ROOT_DIR "/tls", 0750, ROOT },
	{ DAVIT_ROOT_DIR "/plugins", 0755, ROOT },
	{ DAVIT_ROOT_DIR "/plugins/available", 0755, ROOT },
	{ DAVIT_ROOT_DIR "/plugins/enabled", 0755, ROOT },
	{ DAVIT_LOG_DIR, 0750, ROOT_DAVIT },
	{ DAVIT_RUN_DIR, 0711, ROOT },
	{ DAVIT_RUN_DIR "/c", 0711, ROOT },
	{ DAVIT_RUN_DIR "/davit", 0700, DAVIT },
	{ DAVIT_RUN_DIR "/oci", 0700, ROOT },
	{ DAVIT_RUN_DIR "/build", 0700, ROOT },
	{ DAVIT_RUN_DIR "/routes", 0700, ROOT },
	{ DAVIT_RUN_DIR "/locks", 0700, ROOT },
};

static const struct passwd *davit(void)
{
	static const struct passwd root_itself = { .pw_uid = 0, .pw_gid = 0 };
	static const struct passwd *found;

	if (!found)
		found = getpwnam("davit");
	return found ? found : &root_itself;
}

uid_t dirs_davit_uid(void)
{
	return davit()->pw_uid;
}

gid_t dirs_davit_gid(void)
{
	return davit()->pw_gid;
}

static int make(const struct dir *d, struct err *err)
{
	uid_t uid = d->owner == DAVIT ? dirs_davit_uid() : 0;
	gid_t gid = d->owner == ROOT ? 0 : dirs_davit_gid();
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (mkdir(d->path, 0700) < 0 && errno != EEXIST)
		return err_sys(err, "create directory %s", d->path);
	if (dirs_open(d->path, &fd, err) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat %s", d->path);
	if ((st.st_uid != uid || st.st_gid != gid) && fchown(fd, uid, gid) < 0)
		return err_sys(err, "change the owner of %s", d->path);
	if ((st.st_mode & 07777) != d->mode && fchmod(fd, d->mode) < 0)
		return err_sys(err, "change the mode of %s", d->path);
	return 0;
}

int dirs_init(struct err *err)
{
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		if (make(&dirs[i], err) < 0)
			return -1;
	return 0;
}

int dirs_ensure(struct err *err)
{
	return fs_is_dir(DAVIT_RUN_DIR "/locks") ? 0 : dirs_init(err);
}

int dirs_open_at(int dirfd, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					   RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
}

int dirs_open(const char *path, int *fd, struct err *err)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	int got = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);

	if (got < 0 && errno == ELOOP) {
		(void)err_set(err, ERR_HOST, "%s: a symlink is on this path", path);
		return err_hint(err, "replace the symlink by a bind mount");
	}
	if (got < 0)
		return err_sys(err, "open directory %s", path);
	*fd = got;
	return 0;
}

int dirs_make_at(int dirfd, const char *name, mode_t mode, int *fd, struct err *err)
{
	if (mkdirat(dirfd, name, mode) < 0 && errno != EEXIST)
		return err_sys(err, "create directory %s", name);
	*fd = dirs_open_at(dirfd, name, O_RDONLY | O_DIRECTORY);
	return *fd < 0 ? err_sys(err, "open directory %s", name) : 0;
}

int dirs_lock(const char *name, int *fd, struct err *err)
{
	AUTO_FREE char *path = xasprintf(DAVIT_RUN_DIR "/locks/%s", name);
	AUTO_CLOSE int got = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (got < 0)
		return err_sys(err, "open %s", path);
	while (flock(got, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, "lock %s", path);
	*fd = take_fd(&got);
	return 0;
}

int verb_init(const json_t *op, json_t *reply, struct err *err)
{
	(void)op;
	(void)reply;
	return dirs_init(err);
}
