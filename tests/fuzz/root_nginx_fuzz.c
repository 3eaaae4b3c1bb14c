/* SPDX-License-Identifier: MIT */
/*
 * Files that davit-root gives to nginx.  What is accepted stays accepted inside a block of
 * its own and twice, and no directive of power can come after it or stand in it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/cleanup.h"
#include "util/nginx_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(const char *text, int verdict)
{
	struct err err;
	int line;

	if (nginx_check(text, "a", &line, &err) != verdict)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf more = BUF_INIT;
	struct err err;
	int line;

	buf_add(&text, data, size);
	if (nginx_check(text.data, "a", &line, &err) < 0)
		return 0;
	buf_addf(&more, "%s\n%s\nserver_tokens off;\n", text.data, text.data);
	must(more.data, 0);
	buf_adds(&more, "load_module x;\n");
	must(more.data, -1);
	buf_reset(&more);
	buf_addf(&more, "%s\n}\n", text.data);
	must(more.data, -1);
	return 0;
}
