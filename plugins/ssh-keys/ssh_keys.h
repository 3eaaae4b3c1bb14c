/* SPDX-License-Identifier: MIT */
/* Who may come in by ssh: rows of the store, and ~davit/.ssh/authorized_keys made of them. */
#ifndef DAVIT_PLUGINS_SSH_KEYS_SSH_KEYS_H
#define DAVIT_PLUGINS_SSH_KEYS_SSH_KEYS_H

#include "command/command.h"
#include "store/ssh_key.h"
#include "util/buf.h"

/* Options of every line of ours, beside its command. */
#define SSH_KEYS_OPTIONS "restrict,pty"

int ssh_keys_cmd_add(struct request *req, struct err *err);
int ssh_keys_cmd_list(struct request *req, struct err *err);
int ssh_keys_cmd_remove(struct request *req, struct err *err);

/* --- public_key.c ------------------------------------------------------------------------ */

/*
 * One public key out of the text of a .pub file: fills k->public_key and k->fingerprint.
 * ERR_USAGE for no key, several keys, a private key, a kind that sshd does not take.
 */
int public_key_read(struct ssh_key *k, const char *text, size_t len, struct err *err);
/* May a key have this name?  Letters, digits and " ._@+-", 63 at most. */
bool public_key_name_is_good(const char *name);

/* --- authorized_keys.c --------------------------------------------------------------------- */

/* Bring the file in line with the store; lines that are not ours stay. */
int authorized_keys_write(struct store *st, struct err *err);
/* The file as it is: 0 or FS_ABSENT. */
int authorized_keys_read(struct buf *text, struct err *err);
/* Is the line of this key in that text?  Without it, the key opens nothing. */
bool authorized_keys_holds(const char *text, const struct ssh_key *k);
/* The old text without our lines, added to *out. */
void authorized_keys_foreign(const char *text, struct buf *out);
/* The line of one key, with its newline, added to *out. */
void authorized_keys_line(const struct ssh_key *k, struct buf *out);

/* --- change.c -------------------------------------------------------------------------------- */

/*
 * Run work(st, ctx) in a transaction as user davit, with authorized_keys written from what
 * it left, and an event on record.  Keys whose line somebody has taken out of the file by
 * hand are forgotten first: what follows must not bring them back.  Root's own rights are gone for good afterwards: root
 * never opens the store, whose files the davit user could have replaced.
 */
typedef int ssh_keys_work(struct store *st, void *ctx, struct err *err);
int ssh_keys_change(struct request *req, ssh_keys_work *work, void *ctx, struct err *err);
/* Delete a key, and the rules about it: another key of that name must not find them. */
int ssh_keys_delete(struct store *st, const struct ssh_key *k, struct err *err);

#endif
