/* SPDX-License-Identifier: MIT */
/* The text of a rule about a key: what is read is written again, what is not gives nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "command/grant.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	AUTO(buf_release) struct buf once = BUF_INIT;
	AUTO(buf_release) struct buf again = BUF_INIT;
	struct err err = { .kind = ERR_NONE };
	struct grant g;

	if (grant_parse(text, &g, &err) < 0) {
		if (g.role != ROLE_NONE || g.only[0] || g.until)
			abort();
		return 0;
	}
	grant_text(&g, &once);
	if (grant_parse(once.data, &g, &err) < 0)
		abort();
	grant_text(&g, &again);
	if (strcmp(once.data, again.data) != 0 || strpbrk(once.data, "\n;'\""))
		abort();
	return 0;
}
