/* SPDX-License-Identifier: MIT */
/* Options for a container engine, as an owner of an app may write them. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine_options.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A line that was split is one line, and splits into itself. */
static void check(const char *line)
{
	AUTO(strv_release) struct strv again = STRV_INIT;
	AUTO_FREE char *side = NULL;
	const char *const words[] = { line, NULL };
	const char *instead;
	struct err err;

	if (strpbrk(line, "\n\r"))
		abort();
	if (engine_options_split(words, &again, &err) < 0 || again.len != 1 ||
	    strcmp(again.v[0], line) != 0)
		abort();
	(void)engine_option_check(line, &instead, &err);
	side = engine_option_host_side(line);
	if (side && strstr(side, "/../"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	AUTO(strv_release) struct strv words = STRV_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err err;

	strv_split(&words, text, "\x01");
	if (engine_options_split(strv_const(&words), &lines, &err) < 0)
		return 0;
	strv_foreach(line, &lines)
		check(line);
	return 0;
}
