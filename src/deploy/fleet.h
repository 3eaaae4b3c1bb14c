/* SPDX-License-Identifier: MIT */
/* A group of instances that is started, watched or removed together. */
#ifndef DAVIT_DEPLOY_FLEET_H
#define DAVIT_DEPLOY_FLEET_H

#include <sys/types.h>

#include "deploy/work.h"
#include "store/instance.h"
#include "store/release.h"

struct member {
	struct instance in;
	off_t log_from; /* where its own lines begin in the log it shares */
	int64_t born;   /* clock_ms of its start */
};

struct fleet {
	struct work *w;
	const struct release *release;
	long port; /* of web */
	struct member *v;
	size_t len;
};

void fleet_release(struct fleet *f);
/* Plan one more instance; nothing is started yet. */
void fleet_add(struct fleet *f, const char *process, int number);
/* Take in an instance that has a row already, to start it (again). */
void fleet_adopt(struct fleet *f, const struct instance *in);
/* Rows first, then every container in one batch. */
int fleet_start(struct fleet *f, struct err *err);
/* Remove what was started, containers and rows; errors are not reported. */
void fleet_remove(struct fleet *f);

/* Has its first process ended? */
bool member_is_dead(const struct member *m);
/* Print the last lines that this instance wrote. */
void fleet_show_log(const struct fleet *f, const struct member *m);

#endif
