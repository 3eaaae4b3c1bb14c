/* SPDX-License-Identifier: MIT */
/*
 * What conmon and systemd start, as root and with arguments; nobody else may.
 *
 *   davit-root exited ID   a container ended: note it, take it out of its app's route, then
 *                          become user davit and run
 *                          `davit instance-exited ID CODE KILLS OOM ROUTED`
 *                          KILLS: processes that were killed for memory; OOM: 1 when it was
 *                          itself; ROUTED: instances that the route has still, "no" when
 *                          it was in none
 *   davit-root conmon ID   become conmon inside the container's unit
 */
#ifndef DAVIT_ROOT_HOOK_H
#define DAVIT_ROOT_HOOK_H

#include "util/paths.h"

#define HOOK_PROGRAM DAVIT_PREFIX "/libexec/davit/davit-root"
#define HOOK_EXITED  "exited"
#define HOOK_CONMON  "conmon"

/* The whole program for a real uid of 0 and arguments; returns the exit status. */
int hook_main(int argc, char **argv);

#endif
