/* SPDX-License-Identifier: MIT */
/*
 * What processes print and what davit does to them: the files that conmon writes and
 * davit's own, merged by time.
 */
#ifndef DAVIT_PLUGINS_LOGS_LOGS_H
#define DAVIT_PLUGINS_LOGS_LOGS_H

#include "command/command.h"
#include "plugin/plugin.h"
#include "runtime/logfile.h"

int logs_cmd_failed(struct request *req, struct err *err);
int logs_cmd_logs(struct request *req, struct err *err);
int logs_cmd_report(struct request *req, struct err *err);
int logs_cmd_set(struct request *req, struct err *err);
/* logs:vector-*: there is no shipper here. */
int logs_cmd_vector(struct request *req, struct err *err);

trigger_fn logs_on_tick;

enum { LOGS_FILES_MAX = 4096, LOGS_LINES_MAX = 100000 };
#define LOGS_MAX_SIZE "10m"

/* The logs that are shown, in the order of their names; davit's own is the first. */
struct logs_watch {
	const char *app;
	struct log_want want;
	struct log_file *v; /* never moved */
	size_t len;
};

void logs_watch_open(struct logs_watch *w, const struct app *app,
		     const struct log_want *want);
void logs_watch_close(struct logs_watch *w);
/* Open the logs that have appeared. */
int logs_watch_update(struct logs_watch *w, struct err *err);

/* How lines are shown. */
struct logs_view {
	struct out *out;
	bool quiet;  /* the text alone */
	bool colour; /* one per process */
};

/* The last `max` lines of all. */
int logs_print_tail(struct logs_watch *w, struct logs_view *view, size_t max,
		    struct err *err);
/* What has been written since. */
int logs_print_more(struct logs_watch *w, struct logs_view *view, struct err *err);

#endif
