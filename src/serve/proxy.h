/* SPDX-License-Identifier: MIT */
/*
 * The mechanism behind every proxy plugin: files change together, are checked and tested
 * before they count, and after any failure the old ones are still in place and serving.
 *
 * davit-root does the work; who calls hands in helper_one() of runtime/helper.h, which
 * this directory lies below.
 */
#ifndef DAVIT_SERVE_PROXY_H
#define DAVIT_SERVE_PROXY_H

#include <jansson.h>
#include <stddef.h>

#include "util/buf.h"
#include "util/err.h"

/* As helper_one(): asks davit-root for one operation; takes `fields`. */
typedef int proxy_ask(const char *verb, json_t *fields, json_t **reply, struct err *err);

struct proxy_change {
	const char *app;
	const char *text; /* the whole file; NULL: none */
};

enum { PROXY_UNCHANGED = 1 };

/*
 * Put these in place: check, test, swap, reload, or keep.  Files that already say the same
 * are left alone; where that holds for all of them nothing is asked of anybody:
 * PROXY_UNCHANGED.  -1: the old files serve on; *err has the proxy's own words, and says
 * whether ours or another file of this host is to blame.
 */
int proxy_apply(proxy_ask *ask, const struct proxy_change *changes, size_t count,
		struct err *err);

/* The app's file as it is in use: 0 or FS_ABSENT. */
int proxy_current(const char *app, struct buf *text, struct err *err);

#endif
