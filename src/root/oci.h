/* SPDX-License-Identifier: MIT */
/* The OCI configuration of a container, composed from nothing but checked fields. */
#ifndef DAVIT_ROOT_OCI_H
#define DAVIT_ROOT_OCI_H

#include <jansson.h>

#include "root/container.h"
#include "util/err.h"

/* What the helper has prepared for the container. */
struct oci_host {
	unsigned base; /* of the app's range */
	int user_fd;   /* namespaces, joined through /proc/<us>/fd/N */
	int net_fd;
	const char *cgroup; /* an OCI cgroupsPath */
};

/* The capabilities of a profile, NULL at the end. */
const char *const *oci_caps(enum policy_profile profile);
/* The whole configuration; the caller decrefs. */
int oci_compose(const struct container *c, const struct oci_host *h, json_t **out,
		struct err *err);
/* A process for `exec`: the container's rules, another command. */
json_t *oci_process(const struct container *c);

#endif
