/* SPDX-License-Identifier: MIT */
/* A user of an image by name. */
#ifndef DAVIT_DEPLOY_PASSWD_H
#define DAVIT_DEPLOY_PASSWD_H

#include <stddef.h>

#include "util/err.h"

/* Look in etc/passwd of one layer (a tar stream, compressed or not).  0: *uid is set.
 * PASSWD_ABSENT: the layer has no such file, or the file no such name. */
enum { PASSWD_ABSENT = 1 };
int passwd_find(int layer, const char *user, long *uid, struct err *err);
/* The same in the file's text. */
int passwd_look(const char *text, size_t len, const char *user, long *uid);

#endif
