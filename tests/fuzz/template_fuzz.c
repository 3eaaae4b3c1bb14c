/* SPDX-License-Identifier: MIT */
/*
 * Templates of strangers.  Whatever one says, it ends within its bounds; a refusal names a
 * line that the template has; and what one writes, it writes again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/template.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(const struct err *err, const char *text)
{
	long last = 1;
	long line;

	for (; *text; text++)
		last += *text == '\n';
	if (strncmp(err->text, "line ", 5) != 0)
		abort();
	line = strtol(err->text + 5, NULL, 10);
	if (line < 1 || line > last)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(buf_release) struct buf lines = BUF_INIT;
	AUTO(buf_release) struct buf again = BUF_INIT;
	json_t *vars = json_pack("{s:s, s:s, s:s}", "APP", "blog", "TLS", "",
				 "PROXY_PORT_MAP", "http:80:5000 https:443:5000");
	struct err err;

	if (size < 4096) {
		buf_add(&text, data, size);
		if (template_render(text.data, vars, &out, &lines, &err) < 0)
			check_refusal(&err, text.data);
		else if (out.len > TEMPLATE_OUT_MAX ||
			 template_render(text.data, vars, &again, NULL, &err) < 0 ||
			 strcmp(out.data, again.data) != 0)
			abort();
	}
	json_decref(vars);
	return 0;
}
