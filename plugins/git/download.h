/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_PLUGINS_GIT_DOWNLOAD_H
#define DAVIT_PLUGINS_GIT_DOWNLOAD_H

#include "util/err.h"

/* Write what an http or https URL gives to `fd`; more than `max` bytes are refused.
 * Passwords of hosts are looked up in the file `netrc`. */
int download_file(const char *url, const char *netrc, int fd, long long max,
		  struct err *err);

#endif
