/* SPDX-License-Identifier: MIT */
/* The cron tasks that an app's app.json names. */
#ifndef DAVIT_RUNTIME_TASKS_H
#define DAVIT_RUNTIME_TASKS_H

#include <jansson.h>

#include "util/schedule.h"

struct task {
	char *id; /* the same for the same app, command and schedule */
	char *command;
	char *schedule;
	char *policy; /* "allow", "forbid", "replace": while the last run still goes on */
	bool maintenance;
	struct schedule when;
};

struct tasks {
	struct task *v;
	size_t len;
};

#define TASKS_INIT        \
	{                 \
		.v = NULL \
	}

/* The bytes of a text as one number, in base 36: what Dokku's ids are. */
char *task_id(const char *text);

void tasks_release(struct tasks *list);
/* Of a parsed app.json (or NULL: none); ERR_APP names the task that is wrong. */
int tasks_of(const char *app, const json_t *app_json, struct tasks *list,
	     struct err *err);

#endif
