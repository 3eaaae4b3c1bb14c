/* SPDX-License-Identifier: MIT */
/*
 * What nginx writes about an app: APP-access.log and APP-error.log in its own directory, and
 * what logrotate makes of them (".1", ".2.gz", "-20260131").  Other files there, also those
 * that an administrator has named for an app, are not touched.
 *
 * The functions that end in _at take that directory, for tests.
 */
#ifndef DAVIT_ROOT_NGINX_LOGS_H
#define DAVIT_ROOT_NGINX_LOGS_H

#include <jansson.h>
#include <sys/types.h>

#include "util/err.h"

/* What stands behind the app's name where this is the name of a log of its, else NULL. */
const char *nginx_logs_tail(const char *app, const char *name);

int nginx_logs_forget(const char *app, struct err *err);
int nginx_logs_forget_at(int dir, const char *app, struct err *err);

/* logrotate makes a new log readable for the group adm alone: let `reader` read those in use,
 * beside whoever may. */
int nginx_logs_share_at(int dir, const char *app, uid_t reader, struct err *err);
int verb_nginx_logs(const json_t *op, json_t *reply, struct err *err);

/* Until nginx has the app's new file it may open the old names again: they become links to
 * the new ones. */
int nginx_logs_rename(const char *from, const char *to, struct err *err);
int nginx_logs_rename_at(int dir, const char *from, const char *to, struct err *err);

/* Drop those links of an app, or of all for which nginx has no file. */
void nginx_logs_drop_alias(const char *app);
void nginx_logs_drop_alias_at(int dir, const char *app);
int nginx_logs_sweep(struct err *err);

#endif
