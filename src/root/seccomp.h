/* SPDX-License-Identifier: MIT */
/* The distribution's seccomp profile in OCI's form, tightened. */
#ifndef DAVIT_ROOT_SECCOMP_H
#define DAVIT_ROOT_SECCOMP_H

#include <jansson.h>

#include "util/err.h"

/* For a container with these capabilities ("CAP_…", NULL at the end).  The caller decrefs. */
int seccomp_load(const char *const *caps, json_t **out, struct err *err);
/* The same from the profile's tree; for tests. */
json_t *seccomp_convert(const json_t *profile, const char *const *caps);

#endif
