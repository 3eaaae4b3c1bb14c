/* SPDX-License-Identifier: MIT */
/* Variables that config:import reads. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "plugins/config/config.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read, exported, has to be read as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { .kind = ERR_NONE };
	AUTO(json_at) json_t *vars = NULL;
	AUTO(json_at) json_t *again = NULL;
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (config_parse_envfile((const char *)data, size, &vars, &err) < 0)
		return 0;
	if (config_format(vars, "envfile", &text, &err) < 0 ||
	    config_parse_envfile(text.data, text.len, &again, &err) < 0 ||
	    !json_equal(vars, again))
		abort();
	return 0;
}
