/* SPDX-License-Identifier: MIT */
#include "deploy/background.h"

#include <stdlib.h>

#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"
#include "util/strv.h"

/* What the environment of a test or a private root needs to be found again. */
static const char *const handed_on[] = { "DAVIT_ROOT", "DAVIT_RUN", "DAVIT_LOG",
					 "DAVIT_LIBEXEC", "DAVIT_SHARE" };

int background_run(const char *command, const char *argument, struct err *err)
{
	AUTO_FREE char *davit = paths_davit();
	AUTO(strv_release) struct strv env = STRV_INIT;
	const char *const argv[] = { davit, command, argument, NULL };

	for (const char *const *e = proc_plain_env; *e; e++)
		strv_add(&env, *e);
	for (size_t i = 0; i < sizeof handed_on / sizeof *handed_on; i++)
		if (getenv(handed_on[i]))
			strv_addf(&env, "%s=%s", handed_on[i], getenv(handed_on[i]));
	return proc_detach(argv, strv_const(&env), err);
}
