/* SPDX-License-Identifier: MIT */
#include "root/oci.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "root/hostfiles.h"
#include "root/range.h"
#include "root/seccomp.h"
#include "root/world.h"
#include "util/alloc.h"
#include "util/cleanup.h"

#define INIT     "/usr/bin/catatonit"
#define INIT_IN  "/dev/init"
#define PATH_VAR "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *const no_caps[] = { NULL };
static const char *const package_caps[] = {
	"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER",  "CAP_FSETID", "CAP_SETUID",
	"CAP_SETGID", "CAP_SYS_CHROOT",   "CAP_SETFCAP", "CAP_KILL",   NULL
};

static const char *const masked[] = { "/proc/acpi",
				      "/proc/kcore",
				      "/proc/keys",
				      "/proc/latency_stats",
				      "/proc/timer_list",
				      "/proc/timer_stats",
				      "/proc/sched_debug",
				      "/proc/scsi",
				      "/proc/interrupts",
				      "/sys/firmware",
				      "/sys/fs/selinux",
				      "/sys/dev/block",
				      "/sys/devices/virtual/powercap",
				      NULL };

static const char *const readonly[] = {
	"/proc/asound", "/proc/bus",           "/proc/fs", "/proc/irq",
	"/proc/sys",    "/proc/sysrq-trigger", NULL
};

const char *const *oci_caps(enum policy_profile profile)
{
	return profile == PROFILE_PACKAGE ? package_caps : no_caps;
}

static json_t *texts(const char *const *list)
{
	json_t *out = json_array();

	for (; *list; list++)
		(void)json_array_append_new(out, json_string(*list));
	return out;
}

static json_t *environment(const struct container *c)
{
	json_t *env = json_array();
	bool path = false;

	for (size_t i = 0; i < c->env.len; i++) {
		path = path || strncmp(c->env.v[i], "PATH=", 5) == 0;
		(void)json_array_append_new(env, json_string(c->env.v[i]));
	}
	if (!path)
		(void)json_array_append_new(env, json_string(PATH_VAR));
	return env;
}

json_t *oci_process(const struct container *c)
{
	const char *const *caps = oci_caps(c->profile);
	json_t *args = json_array();
	json_t *sets = json_object();

	for (size_t i = 0; i < c->argv.len; i++)
		(void)json_array_append_new(args, json_string(c->argv.v[i]));
	/* No ambient set: a program that gives up uid 0 gives these up too. */
	(void)json_object_set_new(sets, "bounding", texts(caps));
	(void)json_object_set_new(sets, "effective", texts(caps));
	(void)json_object_set_new(sets, "permitted", texts(caps));
	return json_pack("{s:b, s:{s:I, s:I}, s:o, s:o, s:s, s:b, s:o, s:o, s:i}",
			 "terminal", c->tty, "user", "uid", (json_int_t)c->uid, "gid",
			 (json_int_t)c->uid, "args", args, "env", environment(c), "cwd",
			 c->cwd, "noNewPrivileges", 1, "capabilities", sets, "rlimits",
			 world_rlimits(c), "oomScoreAdj",
			 c->profile == PROFILE_APP ? 100 : 500);
}

/* pid 1 is an init that reaps and passes signals on. */
static json_t *init_process(const struct container *c)
{
	json_t *process = oci_process(c);
	json_t *args = json_object_get(process, "args");

	(void)json_array_insert_new(args, 0, json_string("--"));
	(void)json_array_insert_new(args, 0, json_string(INIT_IN));
	return process;
}

static void add_mount(json_t *to, const char *source, const char *target,
		      const char *type, const char *const *options)
{
	(void)json_array_append_new(to, json_pack("{s:s, s:s, s:s, s:o}", "source",
						  source, "destination", target, "type",
						  type, "options", texts(options)));
}

#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/*
 * What the source's mount forbids is locked inside a user namespace: a remount that does
 * not repeat it is refused.  /run of a host with systemd is noexec.
 */
static void add_bind(json_t *to, const char *source, const char *target, bool fixed)
{
	const char *options[] = { "bind", "nosuid", "nodev", fixed ? "ro" : "rw",
				  NULL,   NULL };
	struct statvfs st;

	if (statvfs(source, &st) == 0) {
		if (st.f_flag & ST_RDONLY)
			options[3] = "ro";
		if (st.f_flag & ST_NOEXEC)
			options[4] = "noexec";
	}
	add_mount(to, source, target, "bind", options);
}

static void kernel_mounts(json_t *to, const struct container *c)
{
	char shm[32] = "size=65536k";

	if (c->shm)
		(void)snprintf(shm, sizeof shm, "size=%ld", c->shm);
	add_mount(to, "proc", "/proc", "proc", OPTIONS("nosuid", "noexec", "nodev"));
	add_mount(to, "tmpfs", "/dev", "tmpfs",
		  OPTIONS("nosuid", "strictatime", "mode=755", "size=65536k"));
	add_mount(to, "devpts", "/dev/pts", "devpts",
		  OPTIONS("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
			  "gid=5"));
	add_mount(to, "shm", "/dev/shm", "tmpfs",
		  OPTIONS("nosuid", "noexec", "nodev", "mode=1777", shm));
	add_mount(to, "mqueue", "/dev/mqueue", "mqueue",
		  OPTIONS("nosuid", "noexec", "nodev"));
	add_mount(to, "sysfs", "/sys", "sysfs",
		  OPTIONS("nosuid", "noexec", "nodev", "ro"));
	add_mount(to, "cgroup", "/sys/fs/cgroup", "cgroup",
		  OPTIONS("nosuid", "noexec", "nodev", "relatime", "ro"));
	add_bind(to, INIT, INIT_IN, true);
}

/* What it holds counts as memory of the container. */
static void add_tmpfs(json_t *to, const struct container_mount *m)
{
	char size[32] = "size=67108864";

	if (m->size)
		(void)snprintf(size, sizeof size, "size=%ld", m->size);
	add_mount(
		to, "tmpfs", m->target, "tmpfs",
		OPTIONS("nosuid", "nodev", "mode=1777", size, m->readonly ? "ro" : "rw"));
}

static void given_mounts(json_t *to, const struct container *c)
{
	char name[32];

	for (size_t i = 0; i < c->mount_count; i++) {
		const struct container_mount *m = &c->mounts[i];

		if (m->kind == MOUNT_TMPFS) {
			add_tmpfs(to, m);
			continue;
		}
		(void)snprintf(name, sizeof name, "%s/%zu",
			       m->kind == MOUNT_FILE ? "files" : "m", i);
		AUTO_FREE char *source = container_path(c->id, name);

		add_bind(to, source, m->target, m->readonly);
	}
}

static void host_file_mounts(json_t *to, const struct container *c)
{
	AUTO(strv_release) struct strv pairs = STRV_INIT;

	hostfiles_list(c, &pairs);
	for (size_t i = 0; i + 1 < pairs.len; i += 2)
		add_bind(to, pairs.v[i], pairs.v[i + 1], true);
}

/* A core is 1024, what everything else has without a word. */
static json_int_t shares_of(const struct container *c)
{
	json_int_t shares = c->cpu_reserve * 1024 / 1000;

	return shares < 2 ? 2 : shares > 262144 ? 262144 : shares;
}

static json_t *resources(const struct container *c)
{
	const struct policy_limits *l = &c->limits;
	json_t *memory = json_object();
	json_t *cpu = json_object();

	(void)json_object_set_new(memory, "limit", json_integer(l->memory));
	if (cgroup_has_swap())
		(void)json_object_set_new(memory, "swap",
					  json_integer(l->memory + l->swap));
	if (c->memory_reserve)
		(void)json_object_set_new(memory, "reservation",
					  json_integer(c->memory_reserve < l->memory
							       ? c->memory_reserve
							       : l->memory));
	if (c->profile != PROFILE_APP)
		(void)json_object_set_new(cpu, "shares", json_integer(2));
	else if (c->cpu_reserve)
		(void)json_object_set_new(cpu, "shares", json_integer(shares_of(c)));
	if (l->cpu) {
		(void)json_object_set_new(cpu, "period", json_integer(100000));
		(void)json_object_set_new(cpu, "quota", json_integer(l->cpu * 100));
	}
	return json_pack("{s:[{s:b, s:s}], s:o, s:o, s:{s:I}}", "devices", "allow", 0,
			 "access", "rwm", "memory", memory, "cpu", cpu, "pids", "limit",
			 (json_int_t)l->pids);
}

static void add_namespace(json_t *to, const char *type, int fd)
{
	char path[64];
	json_t *one = json_pack("{s:s}", "type", type);

	if (fd >= 0) {
		(void)snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), fd);
		(void)json_object_set_new(one, "path", json_string(path));
	}
	(void)json_array_append_new(to, one);
}

static json_t *linux_part(const struct container *c, const struct oci_host *h,
			  json_t *seccomp)
{
	static const char *const fresh[] = { "pid", "mount", "ipc", "uts", "cgroup" };
	json_t *ns = json_array();
	json_t *map = json_pack("[{s:i, s:I, s:i}]", "containerID", 0, "hostID",
				(json_int_t)h->base, "size", RANGE_SIZE);

	for (size_t i = 0; i < sizeof fresh / sizeof *fresh; i++)
		add_namespace(ns, fresh[i], -1);
	add_namespace(ns, "user", h->user_fd);
	add_namespace(ns, "network", h->net_fd);
	return json_pack("{s:o, s:O, s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:{s:s, s:s}}",
			 "namespaces", ns, "uidMappings", map, "gidMappings", map,
			 "cgroupsPath", h->cgroup, "resources", resources(c), "seccomp",
			 seccomp, "maskedPaths", texts(masked), "readonlyPaths",
			 texts(readonly), "rootfsPropagation", "private", "sysctl",
			 "net.ipv4.ip_unprivileged_port_start", "0",
			 "net.ipv4.ping_group_range", "0 65535");
}

int oci_compose(const struct container *c, const struct oci_host *h, json_t **out,
		struct err *err)
{
	AUTO_FREE char *rootfs = container_path(c->id, "rootfs");
	json_t *mounts;
	json_t *seccomp;

	if (seccomp_load(oci_caps(c->profile), &seccomp, err) < 0)
		return -1;
	mounts = json_array();
	kernel_mounts(mounts, c);
	host_file_mounts(mounts, c);
	given_mounts(mounts, c);
	*out = json_pack("{s:s, s:{s:s}, s:s, s:o, s:o, s:o}", "ociVersion", "1.0.2",
			 "root", "path", rootfs, "hostname", c->hostname, "process",
			 init_process(c), "mounts", mounts, "linux",
			 linux_part(c, h, seccomp));
	if (!*out)
		return err_set(err, ERR_USAGE, "a text of the request is not UTF-8");
	return 0;
}
