/* SPDX-License-Identifier: MIT */
/* A plugin.toml or pyproject.toml. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "util/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { .kind = ERR_NONE };
	json_t *j = NULL;
	char *text;

	if (toml_parse((const char *)data, size, &j, &err) < 0) {
		if (j || !err.text[0])
			abort();
		return 0;
	}
	text = json_dumps(j, JSON_COMPACT);
	if (!text)
		abort();
	free(text);
	json_decref(j);
	return 0;
}
