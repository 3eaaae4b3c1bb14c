/* SPDX-License-Identifier: MIT */
/*
 * Deaths on demand, for tests of recovery.
 *
 * Every recorded step of a deploy, and every write, sync and rename of a file that another
 * program reads, is a point with a name.  In davit as it is installed a point is a call of
 * nothing.  The programs of `make faults` are the same objects with another fault.o:
 *
 *   DAVIT_FAULT=POINT          davit kills itself with SIGKILL at that point
 *   /run/davit/faults/trace    when the file is there, each point is a line of it:
 *                              "PROGRAM PID POINT"; davit-root too, which has no environment
 *   /run/davit/faults/want     "COUNT PROGRAM POINT": the process that passes the point for
 *                              the COUNTth time stops there (SIGSTOP), and whoever wrote
 *                              the file decides who dies
 */
#ifndef DAVIT_UTIL_FAULT_H
#define DAVIT_UTIL_FAULT_H

void fault_at(const char *point);
/* The point "MOMENT:NAME", NAME being the last part of the path. */
void fault_at_file(const char *moment, const char *path);

#endif
