/* SPDX-License-Identifier: MIT */
/* Asking before something is gone for good, as Dokku asks. */
#ifndef DAVIT_COMMAND_CONFIRM_H
#define DAVIT_COMMAND_CONFIRM_H

#include "command/request.h"

/*
 * "To proceed, type NAME": 0 when that is what stdin's next line says, or --force was
 * given.  Else ERR_EXIT, with the user told.  `what` is the sentence of the warning.
 */
int confirm(struct request *req, const char *name, const char *what, struct err *err);

#endif
