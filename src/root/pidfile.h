/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_ROOT_PIDFILE_H
#define DAVIT_ROOT_PIDFILE_H

#include <jansson.h>
#include <sys/types.h>

#include "util/err.h"

/* The process id in a file of root's. */
int pidfile_read(const char *path, pid_t *pid, struct err *err);
/* The exit status that conmon left for a container; -1 when there is none. */
int pidfile_exit_code(const char *id);
/* The same of a container whose process has ended: its conmon writes it a moment later. */
int pidfile_await_code(const char *id, const json_t *state);

#endif
