/* SPDX-License-Identifier: MIT */
/*
 * What may stand in an nginx file that davit writes.
 *
 * nginx's master opens logs, certificates and modules as root, so a file is split into
 * words exactly as nginx does it, and every directive and block must be on a list; those
 * that name files, only below fixed roots.
 */
#ifndef DAVIT_UTIL_NGINX_CHECK_H
#define DAVIT_UTIL_NGINX_CHECK_H

#include "util/err.h"

/* 0, or -1 with what is wrong, and its line.  Files, certificates and snippets are those of
 * `app`.  The helper has the last word; davit asks too, where it knows more of the text. */
int nginx_check(const char *text, const char *app, int *line, struct err *err);

#endif
