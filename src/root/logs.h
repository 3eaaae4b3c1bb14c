/* SPDX-License-Identifier: MIT */
/* Log files /var/log/davit/APP/LOG.log: root writes, group davit reads. */
#ifndef DAVIT_ROOT_LOGS_H
#define DAVIT_ROOT_LOGS_H

#include <jansson.h>

#include "util/err.h"

/* A log that conmon began anew becomes readable to davit. */
void logs_mend(const char *path);
/* Make directory and file; *path is the file, which the caller frees. */
int logs_prepare(const char *app, const char *log, char **path, struct err *err);

int verb_log_rotate(const json_t *op, json_t *reply, struct err *err);

#endif
