/* SPDX-License-Identifier: MIT */
/* .gitattributes of a pushed commit: first the path that is asked for, then the file. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "deploy/export_ignore.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(export_rules_release) struct export_rules r = EXPORT_RULES_INIT;
	const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
	size_t len = nl ? (size_t)(nl - data) : 0;
	AUTO_FREE char *path = xstrndup((const char *)data, len);

	if (!nl)
		return 0;
	export_rules_add(&r, "", (const char *)nl + 1, size - len - 1);
	export_rules_add(&r, "sub/", (const char *)nl + 1, size - len - 1);
	(void)export_rules_ignore(&r, path, false);
	(void)export_rules_ignore(&r, path, true);
	return 0;
}
