/* SPDX-License-Identifier: MIT */
/*
 * The files that nginx includes, and its reload: test everything first, swap, reload, or
 * keep what was there.
 *
 * A name is "APP" (nginx/APP.conf) or "snippets/APP/NAME" (nginx/snippets/APP/NAME.conf).
 */
#ifndef DAVIT_ROOT_NGINX_H
#define DAVIT_ROOT_NGINX_H

#include <jansson.h>

#include "util/err.h"

int verb_nginx(const json_t *op, json_t *reply, struct err *err);
int verb_tls(const json_t *op, json_t *reply, struct err *err);
/* Remove the files of an app and reload. */
int nginx_forget(const char *app, struct err *err);
/* A helper died between its files and the reload: reload, and name the apps of the files,
 * which should be rendered anew. */
int nginx_finish(json_t *apps, struct err *err);

#endif
