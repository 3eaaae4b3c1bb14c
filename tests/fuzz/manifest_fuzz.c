/* SPDX-License-Identifier: MIT */
/* plugin.toml or plugin.yml of a plugin that somebody else wrote: the first byte says. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/manifest.h"
#include "util/cleanup.h"
#include "util/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(manifest_release) struct manifest m = MANIFEST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err err = { .kind = ERR_NONE };
	const char *file;

	if (size == 0)
		return 0;
	file = data[0] & 1 ? "plugin.yml" : "plugin.toml";
	buf_add(&text, data + 1, size - 1);
	if (manifest_parse(file, &text, &m, &err) < 0) {
		if (!strstr(err.text, file))
			abort();
		return 0;
	}
	/* What hooks get in their environment are variables named CONFIG_..., and no other. */
	strv_foreach(item, &m.config) {
		size_t n = strcspn(item, "=");
		AUTO_FREE char *name = strndup(item, n);

		if (item[n] != '=' || strncmp(name, "CONFIG_", 7) != 0 ||
		    !name_is_env(name))
			abort();
	}
	return 0;
}
