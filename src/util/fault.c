/* SPDX-License-Identifier: MIT */
#include "util/fault.h"

#ifdef DAVIT_FAULTS
#	include <signal.h>
#	include <stdlib.h>
#	include <string.h>
#	include <unistd.h>

void fault_at(const char *point)
{
	const char *want = getenv("DAVIT_FAULT");

	if (want && strcmp(want, point) == 0)
		(void)kill(getpid(), SIGKILL);
}
#else
/* ISO C wants at least one declaration in a file. */
typedef int fault_is_off;
#endif
