/* SPDX-License-Identifier: MIT */
/* skopeo, a package of Debian, is what speaks to registries of images. */
#ifndef DAVIT_RUNTIME_SKOPEO_H
#define DAVIT_RUNTIME_SKOPEO_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/out.h"

struct skopeo {
	const char *const
		*words;       /* after its name, NULL at the end; no secret among them */
	const char *home;     /* of the user whose own logins count */
	const char *dir;      /* it works here, its temporary files too; NULL: /tmp */
	const struct buf *in; /* its stdin, or NULL */
	struct out *out;      /* what it prints is noted here, or NULL */
	int cancel_fd;        /* as in struct proc */
	int timeout_ms;
};

bool skopeo_is_here(void);

/* 0; SKOPEO_FAILED with the cause in its own words in *why; -1: it did not run, or the
 * client is gone. */
enum { SKOPEO_FAILED = 1 };
int skopeo_run(const struct skopeo *s, struct buf *why, struct err *err);

#endif
