/* SPDX-License-Identifier: MIT */
/*
 * Deaths on demand, for tests of recovery.  In a build with FAULTS=1 the process kills
 * itself with SIGKILL at the point that DAVIT_FAULT names ("build", "build:after", …);
 * in every other build these are nothing.
 */
#ifndef DAVIT_UTIL_FAULT_H
#define DAVIT_UTIL_FAULT_H

#ifdef DAVIT_FAULTS
void fault_at(const char *point);
#else
static inline void fault_at(const char *point)
{
	(void)point;
}
#endif

#endif
