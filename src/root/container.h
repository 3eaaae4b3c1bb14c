/* SPDX-License-Identifier: MIT */
/*
 * A container: what was asked for, and what is kept about it in /run/davit/c/ID.
 *
 *   c/ID/state.json  root 0600   what recovery, stop and list need
 *   c/ID/config.json             the bundle's OCI configuration
 *   c/ID/rootfs                  the root file system, a mount
 *   c/ID/m/N                     host directories given to it, mounts
 *   c/ID/files/N                 small files given to it
 */
#ifndef DAVIT_ROOT_CONTAINER_H
#define DAVIT_ROOT_CONTAINER_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "root/net.h"
#include "root/policy.h"
#include "util/err.h"
#include "util/strv.h"

enum mount_kind {
	MOUNT_CACHE,
	MOUNT_BUILDPACKS,
	MOUNT_STORAGE,
	MOUNT_HOST,
	MOUNT_FILE,
	MOUNT_TMPFS
};

/* c/ID/net: its network namespace, a mount. */
#define CONTAINER_NET "net"

enum { CONTAINER_MOUNTS = 64, CONTAINER_ULIMITS = 16 };

struct container_mount {
	enum mount_kind kind;
	const char *name;   /* cache, storage: the name; host: the path */
	const char *path;   /* storage: below it, or NULL */
	const char *target; /* inside */
	int fd;             /* file */
	mode_t mode;        /* file */
	long size;          /* tmpfs, in bytes */
	bool readonly;
};

/* -1: no limit. */
struct container_ulimit {
	const char *name; /* "nofile" */
	int resource;     /* RLIMIT_NOFILE */
	json_int_t soft;
	json_int_t hard;
};

struct container {
	const char *id;
	const char *app;
	struct strv layers;
	struct strv argv;
	struct strv env;
	const char *cwd;
	const char *hostname;
	long uid;
	enum policy_profile profile;
	struct policy_limits limits;
	int64_t memory_reserve; /* bytes that are taken from it last; 0: none */
	int64_t cpu_reserve;    /* thousandths of a core, as a weight; 0: the default */
	struct net_rates rates;
	bool network;
	bool tty;
	struct container_mount mounts[CONTAINER_MOUNTS];
	size_t mount_count;
	struct strv hosts; /* "ADDRESS NAME" */
	struct strv dns;   /* addresses */
	struct container_ulimit ulimits[CONTAINER_ULIMITS];
	size_t ulimit_count;
	long shm; /* bytes of /dev/shm; 0 = the default */
};

/* The fields that `run` and `start` share, for request_fields. */
#define CONTAINER_FIELDS                                                             \
	"id app layers argv env? cwd? uid? profile? memory? swap? disk? cpu? pids? " \
	"network? hostname? mounts? hosts? dns? ulimits? shm? "                      \
	"memory_reserve? cpu_reserve? rate_in? rate_out? "

/* Strings belong to `op`.  Release whatever the outcome. */
int container_parse(const json_t *op, struct container *c, struct err *err);
void container_release(struct container *c);
/* The fields of `exec`: the process only, with the rules of profile "app". */
int container_parse_exec(const json_t *op, struct container *c, struct err *err);
/* One element of "mounts". */
int container_parse_mount(const json_t *one, struct container_mount *m, struct err *err);

/* "<run>/c/ID" or "<run>/c/ID/<name>"; the caller frees. */
char *container_path(const char *id, const char *name);
/* Make c/ID, with its state or not at all; ERR_REFUSED when the id is taken. */
int container_create(const char *id, const json_t *state, struct err *err);
/* What helpers that died while they made one left. */
void container_sweep(void);

enum { CONTAINER_ABSENT = 1 };
/* Read state.json into *state (decref it); CONTAINER_ABSENT when there is none. */
int container_load(const char *id, json_t **state, struct err *err);
int container_save(const char *id, const json_t *state, struct err *err);

/* Unmount, remove the runtime's state, the group, the network name and the directory.
 * Everything is tried; the first error is reported.  Kills what still runs. */
int container_destroy(const char *id, struct err *err);
/*
 * The same of one that is made again at once: its address stays given out to it.  *net_fd is its
 * network namespace, or -1: as long as that is open, the kernel does not begin to take it down,
 * which holds up every other change of the host's network for a tenth of a second.
 */
int container_clear(const char *id, int *net_fd, struct err *err);

/* Ids of all containers that have a directory. */
void container_list(struct strv *ids);
/* The id of a container that uses the layer, or whose app it is; NULL for none.  The
 * caller frees. */
char *container_using(const char *layer);
char *container_of_app(const char *app);

/* Is the process that a state names by pid and start time alive?  `who` is "pid",
 * "conmon" or "helper". */
bool container_alive(const json_t *state, const char *who);
/* Put pid and start time under `who`. */
void container_note_process(json_t *state, const char *who, pid_t pid);
/* Is `pid` a davit-root that still works? */
bool container_helper_lives(pid_t pid);

#endif
