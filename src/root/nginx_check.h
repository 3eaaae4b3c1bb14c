/* SPDX-License-Identifier: MIT */
/*
 * What may stand in an nginx file that davit writes.
 *
 * nginx's master opens logs, certificates and modules as root, so a file is split into
 * words exactly as nginx does it, and every directive and block must be on a list; those
 * that name files, only below fixed roots.
 */
#ifndef DAVIT_ROOT_NGINX_CHECK_H
#define DAVIT_ROOT_NGINX_CHECK_H

#include "util/err.h"

/* 0, or -1 with the line and what is wrong with it.
 */
int nginx_check(const char *text, struct err *err);

#endif
