/* SPDX-License-Identifier: MIT */
/*
 * Where every davit begins: `davit WORDS…` on the host, or `davit ssh-entry --key ID` as
 * the forced command of a key, with the client's words in SSH_ORIGINAL_COMMAND.
 */
#ifndef DAVIT_ACCESS_ENTRY_H
#define DAVIT_ACCESS_ENTRY_H

/* Find out who asks and what for, and run it.  Returns the exit status. */
int access_main(int argc, char **argv);

#endif
