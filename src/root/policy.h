/* SPDX-License-Identifier: MIT */
/*
 * The administrator's policy, /etc/davit/davit.yml; what it leaves out has a default.
 *
 *   limits:
 *     app:     {memory: 1G, swap: 0, disk: 1G, cpu: 0, pids: 1024}
 *     build:   {memory: 4G, …}
 *     package: {…}
 *     max:     {memory: …}        no container gets more, whatever is asked
 *   unpack: {bytes: 16G, entries: 2000000}
 *   mounts: [/srv/media]          host directories that apps may be given
 *   network: {subnet: 10.213.0.0/18}
 *
 * Sizes are bytes, or numbers with K, M, G, T; cpu is in thousandths of a core, 0 = all.
 */
#ifndef DAVIT_ROOT_POLICY_H
#define DAVIT_ROOT_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"
#include "util/strv.h"

struct policy_limits {
	int64_t memory;
	int64_t swap;
	int64_t disk;
	int64_t cpu;
	int64_t pids;
};

enum policy_profile { PROFILE_APP, PROFILE_BUILD, PROFILE_PACKAGE, PROFILE_COUNT };

struct policy {
	struct policy_limits limits[PROFILE_COUNT];
	struct policy_limits max;
	int64_t unpack_bytes;
	int64_t unpack_entries;
	struct strv mounts;
	char subnet[32]; /* "" = choose a free one */
};

/* The policy in force: the defaults until policy_load was called. */
const struct policy *policy(void);
int policy_load(struct err *err);
/* Read a policy from YAML text into *p, whose defaults are set. */
int policy_parse(const char *text, struct policy *p, struct err *err);
void policy_defaults(struct policy *p);
/* "512M" → bytes; false when malformed. */
bool policy_size(const char *text, int64_t *out);
/* May this absolute normal path be mounted into a container?  Returns the allowed root
 * that covers it, or NULL. */
const char *policy_mount_root(const char *path);

#endif
