/* SPDX-License-Identifier: MIT */
/*
 * The administrator's build environment, that is, what package managers in build
 * containers must know of this host: mirrors, proxies, certificates.
 *
 *   /etc/davit/build.env      NAME=VALUE lines
 *   /etc/davit/build.d/npmrc, pip.conf
 *
 * scripts/build-environment writes them from the host's own configuration.
 */
#ifndef DAVIT_RUNTIME_BUILDENV_H
#define DAVIT_RUNTIME_BUILDENV_H

#include <jansson.h>

#include "runtime/helper.h"
#include "util/buf.h"
#include "util/err.h"

/*
 * Add to a container of the batch `h`: "K=V" items to the array `env` and the files to the
 * array `mounts`.  The descriptors in `fds` must stay open until the batch has run.
 */
struct buildenv {
	int npmrc;
	int pip;
};

#define BUILDENV_INIT                  \
	{                              \
		.npmrc = -1, .pip = -1 \
	}

void buildenv_release(struct buildenv *b);
int buildenv_add(struct buildenv *b, struct helper *h, json_t *env, json_t *mounts,
		 struct err *err);
/* Everything of it as text: part of what decides whether dependencies can be kept. */
int buildenv_text(struct buf *out, struct err *err);

#endif
