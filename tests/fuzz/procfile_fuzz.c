/* SPDX-License-Identifier: MIT */
/* A Procfile from somebody's repository. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "runtime/procfile.h"
#include "util/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { .kind = ERR_NONE };
	json_t *types = NULL;
	const char *type;
	json_t *command;

	if (procfile_parse((const char *)data, size, &types, &err) < 0) {
		if (err.kind != ERR_APP || types)
			abort();
		return 0;
	}
	json_object_foreach(types, type, command)
		if (!name_is_process(type) || json_string_length(command) == 0)
			abort();
	json_decref(types);
	return 0;
}
