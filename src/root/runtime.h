/* SPDX-License-Identifier: MIT */
/* The OCI runtime: crun where it can, else runc. */
#ifndef DAVIT_ROOT_RUNTIME_H
#define DAVIT_ROOT_RUNTIME_H

#include <stdbool.h>

#include "util/err.h"
#include "util/paths.h"

/* Where the runtime keeps its own state. */
#define RUNTIME_STATE DAVIT_RUN_DIR "/oci"

/* Absolute path, or NULL when neither is installed. */
const char *runtime_path(void);
int runtime_need(const char **path, struct err *err);

/* Run "<runtime> --root … <args>" quietly; its words become the error. */
int runtime_call(const char *const *args, struct err *err);
/* The same on our own stdin, stdout and stderr; with a tty a socket gets its other end. */
int runtime_call_foreground(const char *const *args, struct err *err);
/* Remove what the runtime keeps about the container; fine when there is nothing. */
int runtime_delete(const char *id, struct err *err);
/* The same of one that has neither processes nor a control group any more: then its state is
 * all there is. */
bool runtime_forget(const char *id);

#endif
