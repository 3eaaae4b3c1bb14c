/* SPDX-License-Identifier: MIT */
#include "deploy/slot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "deploy/lock.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/name.h"

enum { POLL_MS = 50, PARALLEL_MAX = 64 };

/* Recovery knows it by this word: nothing has begun. */
#define STEP_WAITS "slot"

static int how_many(struct store *st, long *count, struct err *err)
{
	AUTO_FREE char *text = NULL;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (property_get(st, PROPERTY(STORE_GLOBAL, "builds", "parallel"), "", &text,
			 err) < 0)
		return -1;
	*count = cores < 1 ? 1 : cores > PARALLEL_MAX ? PARALLEL_MAX : cores;
	(void)name_to_int(text, 1, PARALLEL_MAX, count);
	return 0;
}

/* 0: one of the slots is ours.  LOCK_BUSY: others have them all. */
static int take_one(struct work *w, long count, struct err *err)
{
	char name[32];

	for (long i = 0; i < count; i++) {
		AUTO_CLOSE int fd = -1;

		(void)snprintf(name, sizeof name, "slot.%ld", i);
		if (lock_open(name, &fd, err) < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			w->slot_fd = take_fd(&fd);
			return 0;
		}
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(err, "lock");
	}
	return LOCK_BUSY;
}

/* Builds of other apps that wait for a slot and came before. */
static int count_before(struct work *w, int *before, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;

	if (deploy_open(w->st, STORE_GLOBAL, &open, err) < 0)
		return -1;
	*before = 0;
	for (size_t i = 0; i < open.len; i++)
		*before += open.v[i].id < w->row.id && slot_is_waited_for(&open.v[i]) &&
			   lock_is_alive(&open.v[i]);
	return 0;
}

bool slot_is_waited_for(const struct deploy *d)
{
	return strcmp(d->state, "waiting") == 0 && strcmp(d->step, STEP_WAITS) == 0;
}

/* A build that a hook of another app's deploy asked for has the other's slot: to wait for
 * one would be to wait for oneself. */
bool slot_needed(const struct work *w)
{
	return strcmp(w->row.kind, "build") == 0 && !getenv("DAVIT_DEPLOY_LOCK_FD");
}

static int try_turn(struct work *w, long *count, int *before, struct err *err)
{
	if (how_many(w->st, count, err) < 0 || count_before(w, before, err) < 0)
		return -1;
	return *before ? LOCK_BUSY : take_one(w, *count, err);
}

int slot_try(struct work *w, struct err *err)
{
	long count;
	int before;

	return try_turn(w, &count, &before, err);
}

int slot_wait(struct work *w, struct err *err)
{
	int before = 0;
	int told = -1;
	long count;
	int rc;

	if (deploy_set_step(w->st, &w->row, STEP_WAITS, err) < 0)
		return -1;
	while ((rc = try_turn(w, &count, &before, err)) == LOCK_BUSY) {
		if (lock_check_waiting(w, err) < 0)
			return -1;
		if (before != told)
			out_step(w->out,
				 "As many builds run as this host runs at a time (%ld); "
				 "this one is number %d in line",
				 count, before + 1);
		told = before;
		clock_sleep_ms(POLL_MS);
	}
	return rc < 0 ? -1 : deploy_set_step(w->st, &w->row, "", err);
}

void slot_drop(struct work *w)
{
	if (w->slot_fd < 0)
		return;
	/* A child may have left the descriptor open. */
	(void)flock(w->slot_fd, LOCK_UN);
	close_now(&w->slot_fd);
}
