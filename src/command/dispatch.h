/* SPDX-License-Identifier: MIT */
/*
 * From words to a running command: find the row, parse flags, resolve the app, decide
 * whether the caller may, satisfy what the row needs, run it, record the event.
 */
#ifndef DAVIT_COMMAND_DISPATCH_H
#define DAVIT_COMMAND_DISPATCH_H

#include "command/request.h"

/*
 * Run one command line (without the program's name) for a caller.  Errors have been printed
 * when it returns the exit status.  `self` is the argv of this process: a heavy row enters
 * davit-heavy with the same words.
 */
int dispatch(struct caller *caller, const char *const *words, char *const *self);

/* Print an error as users see it: " !     cause" and the next thing to type. */
void dispatch_print_error(struct out *out, const struct err *err);

/* Enter davit-heavy with the words that this process was given: req->self. */
int dispatch_enter_heavy(char *const *self, struct err *err);

/* Become the owner of the store's directory, for good.  No-op unless the uid is 0. */
int dispatch_drop_root(struct err *err);

/* While this file is there (below paths_root), every command is traced: trace:on. */
#define DISPATCH_TRACE_FILE "store/trace"

#endif
