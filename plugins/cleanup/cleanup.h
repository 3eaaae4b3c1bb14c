/* SPDX-License-Identifier: MIT */
/*
 * davit cleanup: what nothing uses goes, and what has a budget is brought within it.  Never
 * a kept release, never what is not ours.  Each step is a function of the table in steps.c.
 */
#ifndef DAVIT_PLUGINS_CLEANUP_CLEANUP_H
#define DAVIT_PLUGINS_CLEANUP_CLEANUP_H

#include <jansson.h>

#include "command/command.h"
#include "plugin/plugin.h"

enum cleanup_budget {
	BUDGET_CACHES,
	BUDGET_BUILD_LOGS,
	BUDGET_SPARE_LAYERS,
	BUDGET_COUNT
};

struct sweep {
	struct store *st;
	struct out *out;
	bool dry;         /* say what would go */
	bool gone_apps;   /* and what is left of apps that the store does not know */
	json_t *host;     /* what davit-root's `inspect` says */
	struct strv apps; /* names */
	int64_t bytes;    /* freed, as far as it is known */
	int count;        /* things removed */
	int64_t budget[BUDGET_COUNT];
};

/* Say that a thing goes, and count it; false: it was only to be said. */
bool cleanup_goes(struct sweep *s, int64_t bytes, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool cleanup_has_app(const struct sweep *s, const char *name);
/* Names in a directory, those that end in `tail`, without it. */
void cleanup_names(const char *dir, const char *tail, struct strv *names);
/* Is a deploy or a build at work?  Then what it has made is not yet anybody's. */
int cleanup_is_busy(struct sweep *s, bool *busy, struct err *err);

struct cleanup_step {
	const char *name;
	int (*run)(struct sweep *s, struct err *err);
};
extern const struct cleanup_step cleanup_steps[];

int cleanup_build_logs(struct sweep *s, struct err *err);
int cleanup_caches(struct sweep *s, struct err *err);
int cleanup_spare_layers(struct sweep *s, struct err *err);
/* Fill s->budget from the properties. */
int cleanup_budgets(struct sweep *s, struct err *err);
const char *cleanup_budget_name(enum cleanup_budget budget);

int cleanup_gone_apps(struct sweep *s, struct err *err);
int cleanup_temporary(struct sweep *s, struct err *err);
int cleanup_locks(struct sweep *s, struct err *err);
int cleanup_layers(struct sweep *s, struct err *err);
int cleanup_static(struct sweep *s, struct err *err);

/* Every step; one that fails is said and keeps no other from its turn. */
int cleanup_run(struct sweep *s, struct err *err);

int cleanup_cmd(struct request *req, struct err *err);
int cleanup_cmd_set(struct request *req, struct err *err);
int cleanup_cmd_report(struct request *req, struct err *err);
int cleanup_on_tick(const struct plugin *self, struct trigger_call *call,
		    struct err *err);

#endif
