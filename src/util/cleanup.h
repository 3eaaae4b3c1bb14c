/* SPDX-License-Identifier: MIT */
/*
 * Owners release themselves: declare them armed and empty, return freely, disarm with
 * a take_*() when handing the value over.
 */
#ifndef DAVIT_UTIL_CLEANUP_H
#define DAVIT_UTIL_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(release) __attribute__((cleanup(release)))

static inline void free_at(void *slot)
{
	free(*(void **)slot);
}

static inline void close_at(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void fclose_at(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static inline void closedir_at(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

#define AUTO_FREE  AUTO(free_at)
#define AUTO_CLOSE AUTO(close_at)

/* Hand the descriptor to the caller and disarm the cleanup. */
static inline int take_fd(int *fd)
{
	int out = *fd;

	*fd = -1;
	return out;
}

static inline void close_now(int *fd)
{
	close_at(fd);
	*fd = -1;
}

/* Hand a heap string over and disarm the cleanup. */
static inline char *take_str(char **s)
{
	char *out = *s;

	*s = NULL;
	return out;
}

#endif
