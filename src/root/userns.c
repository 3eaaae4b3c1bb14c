/* SPDX-License-Identifier: MIT */
#include "root/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "root/protocol.h"
#include "root/range.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

/* Write a map file of a process that waits for it. */
static int write_map(pid_t pid, const char *file, unsigned base, struct err *err)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/%s", (int)pid, file);
	AUTO_FREE char *line = xasprintf("0 %u %d\n", base, RANGE_SIZE);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fs_write_all(fd, line, strlen(line)) < 0)
		return err_sys(err, "write %s", path);
	return 0;
}

static int open_ns(pid_t pid, const char *name, int *fd, struct err *err)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/ns/%s", (int)pid, name);

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? err_sys(err, "open %s", path) : 0;
}

/* In a child.  A parent that died before the kernel was told leaves nobody to end it. */
static void die_with(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

static _Noreturn void hold_namespace(int ready, bool with_net, pid_t parent)
{
	int rc = 0;

	die_with(parent);
	if (unshare(CLONE_NEWUSER | (with_net ? CLONE_NEWNET : 0)) < 0)
		rc = errno;
	if (write(ready, &rc, sizeof rc) != (ssize_t)sizeof rc || rc)
		_exit(1);
	for (;;)
		(void)pause();
}

static int await_namespace(int fd, struct err *err)
{
	int rc = 0;

	if (read(fd, &rc, sizeof rc) != (ssize_t)sizeof rc)
		return err_set(err, ERR_HOST, "cannot make a user namespace");
	errno = rc;
	if (rc) {
		(void)err_sys(err, "cannot make a user namespace");
		return err_hint(err, "sysctl user.max_user_namespaces");
	}
	return 0;
}

int userns_open(unsigned base, int *user_fd, int *net_fd, struct err *err)
{
	AUTO_CLOSE int user = -1;
	AUTO_CLOSE int net = -1;
	pid_t parent = getpid();
	int ready[2];
	int rc;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	pid = fork();
	if (pid == 0)
		hold_namespace(ready[1], net_fd != NULL, parent);
	(void)close(ready[1]);
	rc = pid < 0 ? err_sys(err, "fork") : await_namespace(ready[0], err);
	(void)close(ready[0]);
	if (rc == 0 && (write_map(pid, "uid_map", base, err) < 0 ||
			write_map(pid, "gid_map", base, err) < 0 ||
			open_ns(pid, "user", &user, err) < 0 ||
			(net_fd && open_ns(pid, "net", &net, err) < 0)))
		rc = -1;
	if (pid > 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	if (rc < 0)
		return -1;
	*user_fd = take_fd(&user);
	if (net_fd)
		*net_fd = take_fd(&net);
	return 0;
}

int userns_open_app(const char *app, int *user_fd, struct err *err)
{
	unsigned base;

	if (range_get(app, &base, err) < 0)
		return -1;
	return userns_open(base, user_fd, NULL, err);
}

int userns_idmap(int fd, int user_fd, bool readonly, int *mount_fd, struct err *err)
{
	AUTO_CLOSE int got = open_tree(
		fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_NOSUID |
					       MOUNT_ATTR_NODEV |
					       (readonly ? MOUNT_ATTR_RDONLY : 0u),
				   .userns_fd = (unsigned)user_fd };

	if (got < 0)
		return err_sys(err, "clone a mount");
	if (mount_setattr(got, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0) {
		(void)err_sys(err, "shift the user ids of a mount");
		return err_hint(err,
				"put %s on ext4, xfs or btrfs, with Linux 5.19 or "
				"later",
				"/var/lib/davit");
	}
	*mount_fd = take_fd(&got);
	return 0;
}

/* What child and parent share about the outcome. */
struct outcome {
	int rc;
	int64_t value;
	struct err err;
};

static bool kept(const struct userns_job *job, int fd)
{
	for (int i = 0; i < USERNS_KEEP_MAX; i++)
		if (job->keep[i] == fd)
			return true;
	return fd < 3 || fd == job->root_fd || fd == job->user_fd;
}

static int become(const struct userns_job *job, pid_t parent, struct err *err)
{
	struct rlimit files;

	die_with(parent);
	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur > 65536)
		files.rlim_cur = 65536;
	for (int fd = 3; fd < (int)files.rlim_cur && fd < 256; fd++)
		if (!kept(job, fd))
			(void)close(fd);
	(void)close_range(256, ~0U, 0);
	if (setns(job->user_fd, CLONE_NEWUSER) < 0)
		return err_sys(err, "join the user namespace");
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return err_sys(err, "become the app's range");
	(void)close(job->user_fd);
	if (fchdir(job->root_fd) < 0 || chroot(".") < 0)
		return err_sys(err, "enter the tree");
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	die_with(parent); /* changing ids cleared it */
	return 0;
}

/* Wait for the child; kill it when nobody reads the reply any more. */
static int await_child(pid_t pid, struct err *err)
{
	AUTO_CLOSE int child = pidfd_open(pid, 0);
	struct pollfd fds[2] = { { .fd = child, .events = POLLIN },
				 { .fd = PROTOCOL_REPLY_FD } };
	int status = 0;

	while (child >= 0 && poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	bool gone = fds[1].revents && !(fds[1].revents & POLLNVAL);

	if (gone)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (gone)
		return err_set(err, ERR_REFUSED, "cancelled");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, ERR_HOST, "the work inside a tree ended early");
	return 0;
}

int userns_run(const struct userns_job *job, int64_t *value, struct err *err)
{
	struct outcome *o = mmap(NULL, sizeof *o, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t parent = getpid();
	int rc = -1;
	pid_t pid;

	if (o == MAP_FAILED)
		return err_sys(err, "shared memory");
	pid = fork();
	if (pid == 0) {
		o->rc = become(job, parent, &o->err);
		if (o->rc == 0)
			o->rc = job->work(job->ctx, &o->value, &o->err);
		_exit(0);
	}
	if (pid < 0)
		(void)err_sys(err, "fork");
	else
		rc = await_child(pid, err);
	if (rc == 0 && o->rc < 0) {
		*err = o->err;
		err->text[sizeof err->text - 1] = '\0';
		err->hint[sizeof err->hint - 1] = '\0';
		rc = -1;
	}
	if (rc == 0 && value)
		*value = o->value;
	(void)munmap(o, sizeof *o);
	return rc;
}
