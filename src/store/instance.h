/* SPDX-License-Identifier: MIT */
/*
 * Table instance: what should be running.  A row exists from before the container is made
 * until after it is gone, so that nothing runs that no row knows.
 */
#ifndef DAVIT_STORE_INSTANCE_H
#define DAVIT_STORE_INSTANCE_H

#include "store/store.h"
#include "util/name.h"

enum instance_state {
	INSTANCE_STARTING, /* being made; takes no traffic */
	INSTANCE_READY,    /* passed its checks */
	INSTANCE_DRAINING, /* replaced: finishes what it has, then stops */
	INSTANCE_CRASHED,  /* ended by itself; waits for not_before, or gave up */
};

struct instance {
	int64_t id;
	int64_t app_id;
	int64_t release_id;
	char process[PROC_TYPE_MAX + 1];
	int number; /* web.1 */
	char container[192];
	enum instance_state state;
	char address[64];
	int pid;
	int64_t pid_started;
	int restarts;
	int exit_code; /* -1: never exited */
	char exit_why[64];
	int64_t changed_at;
	int64_t not_before; /* CRASHED: when to start again; 0 = gave up */
	int64_t exited_at;  /* when it last ended by itself; 0: never */
	bool unready;       /* READY, but its readiness check fails now */
	int oom_kills;      /* processes of it that were killed for memory, as told */
	int owner;          /* STARTING: the process that is at it, and its start time */
	int64_t owner_started;
};

struct instances {
	struct instance *v;
	size_t len;
};

#define INSTANCES_INIT    \
	{                 \
		.v = NULL \
	}

void instances_release(struct instances *list);

/* Makes the row in state starting and names the container APP.PROCESS.NUMBER.ID. */
int instance_add(struct store *st, const char *app, struct instance *in, struct err *err);
/* All of an app (or of every app: STORE_GLOBAL), by process and number, older first. */
int instance_list(struct store *st, int64_t app_id, struct instances *list,
		  struct err *err);
/* This process is the one that starts it. */
void instance_own(struct instance *in);
/* 0 or STORE_NO_ROW. */
int instance_find(struct store *st, const char *container, struct instance *in,
		  struct err *err);
/*
 * Write back state, address, pid, restarts, exit and times, if the row is still in state
 * `from`: several processes look after instances, and the first one to act wins.
 * STORE_NO_ROW: somebody else was faster, or the row is gone.
 */
int instance_update(struct store *st, struct instance *in, enum instance_state from,
		    struct err *err);
/* Its readiness check fails, or passes again. */
int instance_set_unready(struct store *st, int64_t id, bool unready, struct err *err);
int instance_set_oom_kills(struct store *st, int64_t id, int kills, struct err *err);
/* It was replaced, in whatever state it is. */
int instance_drain(struct store *st, int64_t id, struct err *err);
/* The instance goes on under another release that wants just the same. */
int instance_set_release(struct store *st, int64_t id, int64_t release_id,
			 struct err *err);
int instance_delete(struct store *st, int64_t id, struct err *err);
const char *instance_state_name(enum instance_state state);

#endif
