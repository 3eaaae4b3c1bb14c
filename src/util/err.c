/* SPDX-License-Identifier: MIT */
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header's macros of these names call what is defined here. */
#undef err_set
#undef err_sys
#undef err_exit
#undef err_context
#undef err_hint

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	err->kind = kind;
	err->sys = 0;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return -1;
}

/* Causes that are not where they are met: what to look at is the same wherever that is. */
static const char *hint_of(int sys)
{
	switch (sys) {
	case ENOSPC:
	case EDQUOT:
		return "the disk is full, or out of inodes: df -h; df -i; then davit "
		       "cleanup";
	case EROFS:
		return "the file system is read-only: findmnt -O ro; dmesg | tail; mount -o "
		       "remount,rw";
	default: return "";
	}
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	int n;

	err->kind = ERR_HOST;
	err->sys = saved;
	(void)snprintf(err->hint, sizeof err->hint, "%s", hint_of(saved));
	va_start(ap, fmt);
	n = vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof err->text)
		(void)snprintf(err->text + n, sizeof err->text - (size_t)n, ": %s",
			       strerror(saved));
	return -1;
}

int err_exit(struct err *err, int status)
{
	*err = (struct err){ .kind = ERR_EXIT, .sys = status };
	return -1;
}

int err_context(struct err *err, const char *fmt, ...)
{
	char was[sizeof err->text];
	va_list ap;
	int n;
	int room;

	memcpy(was, err->text, sizeof was);
	va_start(ap, fmt);
	n = vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	room = (int)sizeof err->text - n - 3; /* ": " and the NUL */
	if (n >= 0 && room > 0)
		(void)snprintf(err->text + n, sizeof err->text - (size_t)n, ": %.*s",
			       room, was);
	return -1;
}

int err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (err->hint[0])
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(err->hint, sizeof err->hint, fmt, ap);
	va_end(ap);
	return -1;
}

int err_exit_status(const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE: return 0;
	case ERR_FLAG: return 2;
	case ERR_NO_APP: return 20;
	case ERR_EXIT: return err->sys;
	case ERR_BUG: return 70;
	case ERR_USAGE:
	case ERR_REFUSED:
	case ERR_APP:
	case ERR_HOST: return 1;
	}
	return 1;
}

void err_bug(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, " !     davit: bug at %s:%d: ", file, line);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	abort();
}
