/* SPDX-License-Identifier: MIT */
/* The nginx of the host: ask whether it likes its configuration, make it take it. */
#ifndef DAVIT_ROOT_NGINX_DAEMON_H
#define DAVIT_ROOT_NGINX_DAEMON_H

#include "util/buf.h"
#include "util/err.h"

enum { NGINX_DISLIKED = 1 };
/* `nginx -t` on the whole configuration of the host; NGINX_DISLIKED with its words. */
int nginx_daemon_test(struct buf *words, struct err *err);
/* Reload it and wait until the new workers are there; start it when it does not run. */
int nginx_daemon_reload(struct err *err);

#endif
