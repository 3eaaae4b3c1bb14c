/* SPDX-License-Identifier: MIT */
/*
 * Log files /var/log/davit/APP/LOG.log: root writes, group davit reads.  LOG.log.1 and on are
 * the older ones.
 *
 * conmon begins a file anew when it has written a bound of bytes, and drops the old one.  So
 * each file in use has a second name, LOG.log.0, under which the old one is found again.
 */
#ifndef DAVIT_ROOT_LOGS_H
#define DAVIT_ROOT_LOGS_H

#include <jansson.h>

#include "util/err.h"

/* A log that conmon began anew becomes readable to davit. */
void logs_mend(const char *path);
/* Make directory and file; *path is the file, which the caller frees. */
int logs_prepare(const char *app, const char *log, char **path, struct err *err);

int logs_open_dir(const char *app, int *fd, struct err *err);
/* Give LOG.log its second name; what bore it and was replaced becomes LOG.log.1. */
int logs_guard(int dir, const char *log, struct err *err);
/* Let every conmon that writes LOG.log begin a new one: no line is lost. */
int logs_rotate(int dir, const char *app, const char *log, long keep, struct err *err);

int verb_log_tidy(const json_t *op, json_t *reply, struct err *err);
int verb_log_rotate(const json_t *op, json_t *reply, struct err *err);

#endif
