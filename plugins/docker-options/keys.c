/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/docker-options/docker_options.h"
#include "util/name.h"

int docker_options_phases(const char *text, struct strv *phases, struct err *err)
{
	strv_split(phases, text, ",");
	strv_foreach(phase, phases)
		if (strcmp(phase, "build") != 0 && strcmp(phase, "deploy") != 0 &&
		    strcmp(phase, "run") != 0) {
			(void)err_set(err, ERR_USAGE, "'%.80s' is no phase", phase);
			return err_hint(err,
					"phases are build, deploy and run, joined by "
					"commas: deploy,run");
		}
	if (phases->len == 0)
		return err_set(err, ERR_USAGE,
			       "Please specify the phase: build, deploy, run");
	return 0;
}

static int check_process(const char *process, const struct strv *phases, struct err *err)
{
	if (strcmp(process, ENGINE_OPTIONS_ALL) == 0)
		return err_set(err, ERR_USAGE,
			       "the process name " ENGINE_OPTIONS_ALL
			       " is reserved: leave --process out");
	if (!name_is_process(process))
		return err_set(err, ERR_USAGE, "'%.80s' is no process type", process);
	strv_foreach(phase, phases)
		if (strcmp(phase, "deploy") != 0)
			return err_set(err, ERR_USAGE,
				       "--process is for the deploy phase only, not %s",
				       phase);
	return 0;
}

int docker_options_keys(const struct strv *processes, const struct strv *phases,
			struct strv *keys, struct err *err)
{
	strv_foreach(process, processes) {
		if (check_process(process, phases, err) < 0)
			return -1;
		strv_addf(keys, "%s.deploy", process);
	}
	if (processes->len == 0)
		strv_foreach(phase, phases)
			strv_addf(keys, ENGINE_OPTIONS_ALL ".%s", phase);
	return 0;
}
