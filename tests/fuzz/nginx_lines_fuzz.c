/* SPDX-License-Identifier: MIT */
/*
 * Lines for a server block.  What is accepted must be whole: it can stand twice, inside a
 * block of its own, and before or after other directives; and a brace more is refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(const char *text, int verdict)
{
	struct err err;

	if (nginx_lines_check(text, &err) != verdict)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf twice = BUF_INIT;
	struct err err;

	buf_add(&text, data, size);
	if (nginx_lines_check(text.data, &err) < 0)
		return 0;
	buf_addf(&twice, "a b;\nserver {\n%s\n%s\n}\nc d;\n", text.data, text.data);
	must(twice.data, 0);
	buf_adds(&twice, "}");
	must(twice.data, -1);
	return 0;
}
