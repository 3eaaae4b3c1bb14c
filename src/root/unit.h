/* SPDX-License-Identifier: MIT */
/* Where a container's control group is, and the systemd unit that owns it. */
#ifndef DAVIT_ROOT_UNIT_H
#define DAVIT_ROOT_UNIT_H

#include "util/err.h"

/*
 * For a container in the foreground: *group is its OCI cgroupsPath, which the caller
 * frees.  With systemd, this process moves into a scope of its own.
 */
int unit_for_run(const char *id, char **group, struct err *err);

/* For an instance: the same, and with systemd the name of a new unit (else NULL). */
void unit_for_start(const char *id, char **unit, char **group);
/* Start that unit: it runs `davit-root HOOK_CONMON ID`. */
int unit_start(const char *id, const char *unit, const char *pid_file, struct err *err);

#endif
