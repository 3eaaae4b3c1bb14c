/* SPDX-License-Identifier: MIT */
#include "root/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "root/dirs.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/paths.h"
#include "util/proc.h"

#define SCRATCH  DAVIT_ROOT_DIR "/scratch"
#define MIB      ((int64_t)1 << 20)
#define TRIES    64
#define LOOP_DEV 7

/* mkfs once per size; each writable layer begins as a copy of its few blocks. */
static int make_template(const char *path, int64_t bytes, struct err *err)
{
	AUTO_FREE char *tmp = xasprintf("%s.new", path);
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	struct proc_end end;
	const char *const argv[] = { "/sbin/mkfs.ext4",
				     "-q",
				     "-F",
				     "-b",
				     "4096",
				     "-m",
				     "0",
				     "-O",
				     "^has_journal,^resize_inode",
				     "-E",
				     "lazy_itable_init=1,nodiscard,root_owner=0:0",
				     tmp,
				     NULL };

	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, bytes) < 0)
		return err_sys(err, "create %s", tmp);
	struct proc p = {
		.argv = argv, .env = proc_plain_env, .flags = PROC_MERGE, .out = &said
	};

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code) {
		buf_chomp(&said);
		return err_set(err, ERR_HOST, "mkfs.ext4: %s", said.data);
	}
	fault_at("template");
	if (rename(tmp, path) < 0)
		return err_sys(err, "rename %s", tmp);
	fault_at("template:renamed");
	return 0;
}

static int open_template(int64_t bytes, int *fd, struct err *err)
{
	AUTO_FREE char *path = xasprintf(SCRATCH "/template-%lld", (long long)bytes);
	AUTO_CLOSE int lock = -1;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd >= 0)
		return 0;
	if (dirs_lock("scratch", &lock, err) < 0)
		return -1;
	if (access(path, F_OK) < 0 && make_template(path, bytes, err) < 0)
		return -1;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return *fd < 0 ? err_sys(err, "open %s", path) : 0;
}

static int copy_sparse(int from, int to, int64_t bytes)
{
	off_t at = 0;

	if (ftruncate(to, bytes) < 0)
		return -1;
	while ((at = lseek(from, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(from, at, SEEK_HOLE);
		off_t out = at;

		while (at < end) {
			ssize_t n = copy_file_range(from, &at, to, &out,
						    (size_t)(end - at), 0);

			if (n <= 0)
				return -1;
		}
	}
	return errno == ENXIO ? 0 : -1;
}

static int open_loop(int number, struct err *err)
{
	char path[32];
	int fd;

	(void)snprintf(path, sizeof path, "/dev/loop%d", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	/* A /dev that nobody fills: a container used as a host. */
	if (fd < 0 && errno == ENOENT &&
	    mknod(path, S_IFBLK | 0660, makedev(LOOP_DEV, (unsigned)number)) == 0)
		fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? err_sys(err, "open %s", path) : fd;
}

/* Attach to a free device; another process may take it first, so try again. */
static int attach(int image, int *loop, char path[32], struct err *err)
{
	AUTO_CLOSE int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	struct loop_config config = { .fd = (__u32)image,
				      .block_size = 4096,
				      .info = { .lo_flags = LO_FLAGS_AUTOCLEAR } };

	if (control < 0) {
		(void)err_sys(err, "open /dev/loop-control");
		return err_hint(err, "modprobe loop");
	}
	for (int i = 0; i < TRIES; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		AUTO_CLOSE int fd = -1;

		if (number < 0)
			return err_sys(err, "find a free loop device");
		fd = open_loop(number, err);
		if (fd < 0)
			return -1;
		if (ioctl(fd, LOOP_CONFIGURE, &config) == 0) {
			(void)snprintf(path, 32, "/dev/loop%d", number);
			*loop = take_fd(&fd);
			return 0;
		}
		if (errno != EBUSY)
			return err_sys(err, "attach /dev/loop%d", number);
	}
	return err_set(err, ERR_HOST, "every loop device was taken");
}

static int mount_ext4(const char *device, int *mount_fd, struct err *err)
{
	AUTO_CLOSE int fs = fsopen("ext4", FSOPEN_CLOEXEC);

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FLAG, "noinit_itable", NULL, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, "mount the writable layer");
	*mount_fd = fsmount(fs, FSMOUNT_CLOEXEC,
			    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
	return *mount_fd < 0 ? err_sys(err, "mount the writable layer") : 0;
}

int scratch_make(int64_t bytes, unsigned owner, int *mount_fd, struct err *err)
{
	int64_t size = (bytes + 16 * MIB - 1) / (16 * MIB) * (16 * MIB);
	AUTO_CLOSE int template = -1;
	AUTO_CLOSE int image = -1;
	AUTO_CLOSE int loop = -1;
	AUTO_CLOSE int mnt = -1;
	char device[32];

	if (open_template(size, &template, err) < 0)
		return -1;
	image = open(SCRATCH, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (image < 0 || copy_sparse(template, image, size) < 0)
		return err_sys(err, "create the writable layer");
	if (attach(image, &loop, device, err) < 0 || mount_ext4(device, &mnt, err) < 0)
		return -1;
	if (mkdirat(mnt, "upper", 0755) < 0 || mkdirat(mnt, "work", 0700) < 0 ||
	    fchownat(mnt, "upper", owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "prepare the writable layer");
	*mount_fd = take_fd(&mnt);
	return 0;
}
