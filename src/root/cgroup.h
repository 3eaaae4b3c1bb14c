/* SPDX-License-Identifier: MIT */
/*
 * Control groups, version 1 and 2, with systemd as their owner or without it.
 *
 * Without systemd a container's group is /davit/ID.  With it, the unit of the container
 * has the group delegated: the program that watches sits in <unit>/mon, the container in
 * <unit>/c, because a group with processes of its own cannot have children that are
 * limited.
 */
#ifndef DAVIT_ROOT_CGROUP_H
#define DAVIT_ROOT_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/err.h"
#include "util/strv.h"

bool cgroup_is_v2(void);
bool cgroup_has_systemd(void);
/* Can swap be limited here? */
bool cgroup_has_swap(void);
/* How many processes of the group (an OCI cgroupsPath) the kernel killed for memory. */
long cgroup_oom_kills(const char *path);
/* Put a process into this group of every hierarchy, made when absent.  Nothing is done for one
 * that is there: each move waits for every fork and exit of the host. */
int cgroup_move(pid_t pid, const char *path, struct err *err);
/* Does the text of a /proc/PID/cgroup say this group in every hierarchy?  The one of cpusets does
 * not count: cgroup_move leaves it out. */
bool cgroup_all_in(const char *lines, const char *path);
/* Kill whatever is in the group. */
void cgroup_kill(const char *path);
/* Remove the group and what is below it; for what a runtime left behind.  False when some of it
 * stays, because something is in it. */
bool cgroup_remove(const char *path);
/* Names of the groups directly below this one, in any hierarchy. */
void cgroup_list(const char *path, struct strv *names);
/* The group of a process in the unified (or systemd's) hierarchy; the caller frees.
 * NULL when unknown. */
char *cgroup_of(pid_t pid);

#endif
