/* SPDX-License-Identifier: MIT */
/* Lines of a log file, which an app may have written. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/logfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_joiner joiner = LOG_JOINER_INIT;
	const char *at = (const char *)data;
	const char *end = at + size;

	while (at < end) {
		const char *nl = memchr(at, 10, (size_t)(end - at));
		size_t len = (size_t)((nl ? nl : end) - at);
		struct log_line line;

		if (log_join(&joiner, at, len, &line)) {
			if (strlen(line.at) >= LOG_STAMP)
				abort();
			free(line.text);
		}
		at += len + 1;
	}
	log_joiner_release(&joiner);
	return 0;
}
