/* SPDX-License-Identifier: MIT */
/* Is this host going down? */
#ifndef DAVIT_UTIL_HOST_H
#define DAVIT_UTIL_HOST_H

#include <stdbool.h>

/*
 * The mark that `davit-boot stop` makes, for a host without systemd: "<run>/stopping".  The caller
 * frees.
 */
char *host_stopping_mark(void);

/* By that mark, or by systemd's word: what ends now has not crashed, and nothing is started. */
bool host_is_stopping(void);

#endif
