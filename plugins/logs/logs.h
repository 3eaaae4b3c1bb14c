/* SPDX-License-Identifier: MIT */
/* What processes print: the files that conmon writes, merged by time. */
#ifndef DAVIT_PLUGINS_LOGS_LOGS_H
#define DAVIT_PLUGINS_LOGS_LOGS_H

#include <sys/types.h>

#include "command/command.h"
#include "runtime/logfile.h"

int logs_cmd_logs(struct request *req, struct err *err);

/* How lines are shown. */
struct logs_view {
	struct out *out;
	bool quiet;  /* the text alone */
	bool colour; /* one per process */
};

void logs_print(struct logs_view *view, const struct log_line *line);

#endif
