/* SPDX-License-Identifier: MIT */
#include "root/nginx_logs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "root/dirs.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"
#include "util/strv.h"

#define NGINX_FILES DAVIT_ROOT_DIR "/nginx"
#define NO_DIR      (-1)

static const char *const kinds[] = { "-access.log", "-error.log" };
enum { KINDS = sizeof kinds / sizeof *kinds };

/* "", or what logrotate puts behind a name: no letter but those of a compressor. */
static bool is_rotation(const char *end)
{
	static const char *const packed[] = { "", ".gz", ".xz", ".bz2", ".zst" };
	size_t digits;

	if (!*end)
		return true;
	if ((*end != '.' && *end != '-') || end[1] < '0' || end[1] > '9')
		return false;
	digits = strspn(end + 1, "0123456789-");
	for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
		if (strcmp(end + 1 + digits, packed[i]) == 0)
			return true;
	return false;
}

const char *nginx_logs_tail(const char *app, const char *name)
{
	size_t n = strlen(app);

	for (size_t i = 0; i < KINDS; i++) {
		size_t len = strlen(kinds[i]);

		if (strncmp(name, app, n) == 0 && strncmp(name + n, kinds[i], len) == 0 &&
		    is_rotation(name + n + len))
			return name + n;
	}
	return NULL;
}

/* A log in use, and not one that was rotated: the app whose it is, or NULL. */
static char *app_of(const char *name)
{
	for (size_t i = 0; i < KINDS; i++) {
		size_t len = strlen(kinds[i]);
		size_t n = strlen(name);

		if (n <= len || strcmp(name + n - len, kinds[i]) != 0)
			continue;

		AUTO_FREE char *app = xstrndup(name, n - len);

		if (name_is_app(app))
			return take_str(&app);
	}
	return NULL;
}

/* A link that a rename has left: the log of the app that it leads to, or NULL. */
static char *alias_target(int dir, const char *name)
{
	char target[256];
	ssize_t n = readlinkat(dir, name, target, sizeof target - 1);

	if (n <= 0)
		return NULL;
	target[n] = '\0';

	AUTO_FREE char *app = app_of(target);

	return app ? xstrdup(target) : NULL;
}

/* All names first: what follows changes the directory. */
static int list(int dir, struct strv *names, struct err *err)
{
	AUTO_CLOSE int fd = dirs_open_at(dir, ".", O_RDONLY | O_DIRECTORY);
	AUTO(closedir_at) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d)
		return err_sys(err, "read " DAVIT_NGINX_LOG_DIR);
	(void)take_fd(&fd); /* d has it */
	while ((e = readdir(d)) != NULL)
		strv_add(names, e->d_name);
	return 0;
}

/* A host without nginx has no such directory, and no log: *dir stays as it is. */
static int open_dir(int *dir, struct err *err)
{
	struct stat st;

	if (lstat(DAVIT_NGINX_LOG_DIR, &st) < 0 && errno == ENOENT)
		return 0;
	return dirs_open(DAVIT_NGINX_LOG_DIR, dir, err);
}

static mode_t type_of(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & S_IFMT
								 : 0;
}

static int drop(int dir, const char *name, struct err *err)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	return err_sys(err, "remove " DAVIT_NGINX_LOG_DIR "/%s", name);
}

/* A log of the app's, or the link of an old name to one. */
static bool belongs(int dir, const char *app, const char *name)
{
	mode_t type = type_of(dir, name);
	AUTO_FREE char *target = type == S_IFLNK ? alias_target(dir, name) : NULL;

	if (type != S_IFREG && type != S_IFLNK)
		return false;
	return nginx_logs_tail(app, name) || (target && nginx_logs_tail(app, target));
}

int nginx_logs_forget_at(int dir, const char *app, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (list(dir, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		if (belongs(dir, app, name) && drop(dir, name, err) < 0)
			return -1;
	return 0;
}

int nginx_logs_forget(const char *app, struct err *err)
{
	AUTO_CLOSE int dir = NO_DIR;

	if (open_dir(&dir, err) < 0)
		return -1;
	return dir < 0 ? 0 : nginx_logs_forget_at(dir, app, err);
}

/* acl(5): the mode as it is, and one more reader.  In the byte order of the disk. */
static int let_read(int fd, mode_t mode, uid_t reader)
{
	struct {
		struct posix_acl_xattr_header head;
		struct posix_acl_xattr_entry entry[5];
	} acl = {
		{ htole32(POSIX_ACL_XATTR_VERSION) },
		{
			{ htole16(ACL_USER_OBJ), htole16(mode >> 6 & 7), 0 },
			{ htole16(ACL_USER), htole16(ACL_READ), htole32(reader) },
			{ htole16(ACL_GROUP_OBJ), htole16(mode >> 3 & 7), 0 },
			{ htole16(ACL_MASK), htole16((mode >> 3 & 7) | ACL_READ), 0 },
			{ htole16(ACL_OTHER), htole16(mode & 7), 0 },
		},
	};

	return fsetxattr(fd, "system.posix_acl_access", &acl, sizeof acl, 0);
}

int nginx_logs_share_at(int dir, const char *app, uid_t reader, struct err *err)
{
	for (size_t i = 0; i < KINDS; i++) {
		AUTO_FREE char *name = xasprintf("%s%s", app, kinds[i]);
		AUTO_CLOSE int fd = openat(
			dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		struct stat st;

		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		    st.st_mode & S_IROTH)
			continue;
		if (let_read(fd, st.st_mode, reader) == 0)
			continue;
		(void)err_sys(err, "share " DAVIT_NGINX_LOG_DIR "/%s", name);
		return err_hint(err, "as root: usermod -a -G adm davit");
	}
	return 0;
}

int verb_nginx_logs(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_CLOSE int dir = NO_DIR;
	const char *app = NULL;

	(void)reply;
	if (request_app(op, "app", &app, err) < 0 || open_dir(&dir, err) < 0)
		return -1;
	return dir < 0 ? 0 : nginx_logs_share_at(dir, app, dirs_davit_uid(), err);
}

/* The log in use and the link to it change places in one step. */
static int move_live(int dir, const char *old, const char *new, struct err *err)
{
	if (drop(dir, new, err) < 0)
		return -1;
	if (symlinkat(new, dir, new) == 0 &&
	    renameat2(dir, old, dir, new, RENAME_EXCHANGE) == 0)
		return 0;
	(void)err_sys(err, "rename " DAVIT_NGINX_LOG_DIR "/%s to %s", old, new);
	(void)unlinkat(dir, new, 0);
	return -1;
}

/* What is there by the new name was another app's, which is gone. */
static int move(int dir, const char *old, const char *new, struct err *err)
{
	AUTO_FREE char *app = app_of(old);
	mode_t type = type_of(dir, old);
	AUTO_FREE char *target = type == S_IFLNK ? alias_target(dir, old) : NULL;

	/* An earlier try has moved it. */
	if (target || (type != S_IFREG && type != S_IFLNK))
		return 0;
	if (app && type == S_IFREG)
		return move_live(dir, old, new, err);
	if (renameat(dir, old, dir, new) == 0)
		return 0;
	return err_sys(err, "rename " DAVIT_NGINX_LOG_DIR "/%s to %s", old, new);
}

int nginx_logs_rename_at(int dir, const char *from, const char *to, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (list(dir, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		const char *tail = nginx_logs_tail(from, name);
		AUTO_FREE char *new = xasprintf("%s%s", to, tail ? tail : "");

		if (tail && move(dir, name, new, err) < 0)
			return -1;
	}
	return 0;
}

int nginx_logs_rename(const char *from, const char *to, struct err *err)
{
	AUTO_CLOSE int dir = NO_DIR;

	if (open_dir(&dir, err) < 0)
		return -1;
	return dir < 0 ? 0 : nginx_logs_rename_at(dir, from, to, err);
}

void nginx_logs_drop_alias_at(int dir, const char *app)
{
	for (size_t i = 0; i < KINDS; i++) {
		AUTO_FREE char *name = xasprintf("%s%s", app, kinds[i]);
		AUTO_FREE char *target = alias_target(dir, name);

		if (target)
			(void)unlinkat(dir, name, 0);
	}
}

void nginx_logs_drop_alias(const char *app)
{
	AUTO_CLOSE int dir = NO_DIR;
	struct err ignored;

	if (open_dir(&dir, &ignored) == 0 && dir >= 0)
		nginx_logs_drop_alias_at(dir, app);
}

int nginx_logs_sweep(struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO_CLOSE int dir = NO_DIR;

	if (open_dir(&dir, err) < 0 || (dir >= 0 && list(dir, &names, err) < 0))
		return -1;
	strv_foreach(name, &names) {
		AUTO_FREE char *app = app_of(name);
		AUTO_FREE char *file = xasprintf(NGINX_FILES "/%s.conf", app ? app : "");

		if (app && !fs_exists(file))
			nginx_logs_drop_alias_at(dir, app);
	}
	return 0;
}
