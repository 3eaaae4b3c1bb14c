/* SPDX-License-Identifier: MIT */
/*
 * Table deploy: one run of the pipeline, from waiting for its turn to its result.  `step`
 * names the last step that began; recovery reads it.
 */
#ifndef DAVIT_STORE_DEPLOY_H
#define DAVIT_STORE_DEPLOY_H

#include "store/store.h"

struct deploy {
	int64_t id;
	int64_t app_id;
	char public_id[32]; /* what users see; also the name of its log */
	char kind[16];      /* "build", "deploy" */
	char source[32];    /* "git-push", "config-redeploy", … */
	char author[128];
	char revision[72];
	int pid;
	int64_t pid_started;
	int64_t started_at;
	int64_t finished_at; /* 0: still open */
	char state[16];      /* waiting running succeeded failed canceled superseded */
	char step[32];
	int64_t release_id;
	int exit_code;
};

struct deploys {
	struct deploy *v;
	size_t len;
};

#define DEPLOYS_INIT      \
	{                 \
		.v = NULL \
	}

void deploys_release(struct deploys *list);

/* Insert as waiting; fills id, public_id and times. */
int deploy_add(struct store *st, struct deploy *d, struct err *err);
int deploy_update(struct store *st, const struct deploy *d, struct err *err);
/* Note a step of an open deploy. */
int deploy_set_step(struct store *st, struct deploy *d, const char *step,
		    struct err *err);
/* The newest `limit` of an app (0: of all apps), newest first. */
int deploy_list(struct store *st, int64_t app_id, int limit, struct deploys *list,
		struct err *err);
/* Those waiting or running, oldest first. */
int deploy_open(struct store *st, int64_t app_id, struct deploys *list, struct err *err);
/* The finished ones of an app but its newest `keep`. */
int deploy_beyond(struct store *st, int64_t app_id, int keep, struct deploys *list,
		  struct err *err);
int deploy_delete(struct store *st, int64_t id, struct err *err);
/* 0 or STORE_NO_ROW. */
int deploy_find(struct store *st, const char *public_id, struct deploy *d,
		struct err *err);

#endif
