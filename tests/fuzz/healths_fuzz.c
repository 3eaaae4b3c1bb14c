/* SPDX-License-Identifier: MIT */
/* The checks that an app asks for: app.json after a '{', else the older CHECKS. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "deploy/health.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is let through can be used as it is: whole requests of one line each, and times
 * that do not overflow. */
static void check(const struct healths *list)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct health *h = &list->v[i];

		if (!h->name || h->attempts < 1 || h->timeout_ms < 1 || h->wait_ms < 0 ||
		    h->delay_ms < 0 || h->uptime_ms < 0 || h->port < 0 || h->port > 65535)
			abort();
		if (h->probe == HEALTH_PATH &&
		    (!h->path || h->path[0] != '/' || strpbrk(h->path, "\r\n ")))
			abort();
		if (h->probe == HEALTH_COMMAND && h->command.len == 0)
			abort();
		strv_foreach(header, &h->headers) {
			if (strpbrk(header, "\r\n"))
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;
	struct image im = IMAGE_INIT;
	struct err err = { .kind = ERR_NONE };
	int rc;

	if (size && data[0] == '{')
		im.app_json = json_pack("{s:o?}", "healthchecks",
					json_loadb((const char *)data, size, 0, NULL));
	else
		im.checks = xstrndup((const char *)data, size);
	rc = healths_of(&im, NULL, "web", &list, &err);
	if (rc == 0)
		check(&list);
	else if (err.kind != ERR_APP)
		abort();
	image_release(&im);
	return 0;
}
