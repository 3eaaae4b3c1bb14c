/* SPDX-License-Identifier: MIT */
/*
 * One failure, described once, owned by whoever declared it.
 *
 * A function that takes a `struct err *` returns 0 on success and -1 on failure, and
 * fills *err only when it returns -1.  A positive result is an outcome named in that
 * function's header.  The text lives inside the struct: an error never allocates,
 * never leaks, never needs releasing.
 *
 * `text` says what is wrong; `hint`, when set, is the next thing to type or to do.
 */
#ifndef DAVIT_UTIL_ERR_H
#define DAVIT_UTIL_ERR_H

#include <stdarg.h>

enum err_kind {
	ERR_NONE,
	ERR_USAGE,   /* the request is malformed: exit 1 */
	ERR_FLAG,    /* an unknown or malformed flag: exit 2 */
	ERR_REFUSED, /* well formed, but not allowed or not possible now: exit 1 */
	ERR_NO_APP,  /* no such app, or none that this caller may see: exit 20 */
	ERR_APP,     /* the user's own code failed to build, boot or answer: exit 1 */
	ERR_HOST,    /* a syscall, a disk or a tool of this host failed: exit 1 */
	ERR_EXIT,    /* nothing to print: leave with the status in `sys` */
	ERR_BUG,     /* davit broke one of its own rules: exit 70 */
};

struct err {
	enum err_kind kind;
	int sys; /* errno where the failure was first seen, or 0; ERR_EXIT: the status */
	char text[1024];
	char hint[512];
};

/* Raise.  Both return -1 so that a failing function can `return err_set(...)`. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* As err_set with ERR_HOST, and ": <strerror(errno)>" after the text.  A full disk and a
 * read-only one bring their hint with them. */
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Leave with `status` without another word; returns -1. */
int err_exit(struct err *err, int status);

/* Say what the caller was doing: "<context>: <what was there>".  Returns -1. */
int err_context(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Add the next command to type; the first hint given is kept.  Returns -1. */
int err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The value is plain at every call, so that analysers follow `return err_set(...)`. */
#define err_set(...)     ((void)err_set(__VA_ARGS__), -1)
#define err_sys(...)     ((void)err_sys(__VA_ARGS__), -1)
#define err_exit(...)    ((void)err_exit(__VA_ARGS__), -1)
#define err_context(...) ((void)err_context(__VA_ARGS__), -1)
#define err_hint(...)    ((void)err_hint(__VA_ARGS__), -1)

/* The one place where a kind becomes an exit status. */
int err_exit_status(const struct err *err);

/* A broken rule of our own: print file, line and text, and abort. */
#define bug(...) err_bug(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void err_bug(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
