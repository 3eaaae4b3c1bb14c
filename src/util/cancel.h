/* SPDX-License-Identifier: MIT */
/*
 * "Whoever asked for this is gone."  A pipe whose read end travels through programs that
 * know nothing of it (git) to the davit at their end; DAVIT_CANCEL_FD names it.  The write
 * end stays with the davit that the client talks to, which closes it when the client is
 * lost; should that davit die, the kernel does.
 */
#ifndef DAVIT_UTIL_CANCEL_H
#define DAVIT_UTIL_CANCEL_H

#include <stdbool.h>

/* The read end that we were given, close-on-exec from now on; 0 when there is none. */
int cancel_fd(void);

/* Is the one who asked gone?  Never waits. */
bool cancel_requested(void);

#endif
