/* SPDX-License-Identifier: MIT */
/*
 * The door: from what the kernel or sshd gave us to who asks for what.
 *
 * A line of authorized_keys reads
 *
 *   restrict,pty,command="/usr/local/bin/davit ssh-entry --key 3" ssh-ed25519 AAAA… name
 *
 * sshd hands its command to the login shell of user davit, /bin/sh.  The words in it are
 * constants and a number; what the client asked for is in SSH_ORIGINAL_COMMAND, which no
 * shell ever sees.
 */
#ifndef DAVIT_ACCESS_ENTRY_H
#define DAVIT_ACCESS_ENTRY_H

#include "command/request.h"

struct entry {
	struct caller caller;
	struct strv words; /* the command line without the program's name */
	struct strv self;  /* argv for another program of ours with the same words */
};

#define ENTRY_INIT                                    \
	{                                             \
		.words = STRV_INIT, .self = STRV_INIT \
	}

/*
 * Fill an empty *e.  Afterwards the environment names the caller for nested davits and no
 * longer holds SSH_ORIGINAL_COMMAND, so that self can be run in our place.
 */
int entry_open(struct entry *e, int argc, char *const *argv, struct err *err);
void entry_release(struct entry *e);

/* All of davit: enter, dispatch, exit status. */
int access_main(int argc, char **argv);

#endif
