/* SPDX-License-Identifier: MIT */
/* An app.json: JSON as people write it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/jsonc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read, written plainly, has to be read as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { .kind = ERR_NONE };
	json_t *j = NULL;
	json_t *again = NULL;
	char *text;

	if (jsonc_parse((const char *)data, size, &j, &err) < 0)
		return 0;
	text = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text || jsonc_parse(text, strlen(text), &again, &err) < 0)
		abort();
	free(text);
	json_decref(again);
	json_decref(j);
	return 0;
}
