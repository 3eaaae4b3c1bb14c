/* SPDX-License-Identifier: MIT */
/*
 * Who is asking.  Three ways in:
 *
 *   ssh     sshd ran the forced command of a line in authorized_keys, which names the key by
 *           its number: name, fingerprint and role come from the store.
 *   local   root may do everything; the davit user (timers, plugins) is trusted, as it owns
 *           all that a command could touch; anybody else may ask for help.
 *   nested  a davit that a davit has started: who asked stands in DAVIT_CALLER, which is
 *           believed from the davit user alone.  What a plugin's hook asks for is done with
 *           the host's rights: root installed the plugin, and whoever may push may set it
 *           off.  The record still says who that was.
 */
#ifndef DAVIT_ACCESS_CALLER_H
#define DAVIT_ACCESS_CALLER_H

#include "command/request.h"

/* The caller behind a key; ERR_REFUSED where the store does not know it (any more). */
int caller_of_key(const char *key_id, struct caller *ret, struct err *err);

/* The caller by user id and DAVIT_CALLER. */
void caller_of_user(struct caller *ret);

/* Set DAVIT_CALLER, and the names that Dokku's plugins read, for programs we start. */
void caller_export(const struct caller *c);

#endif
