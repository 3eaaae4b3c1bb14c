/* SPDX-License-Identifier: MIT */
/* Requests to davit-root: the fields of containers, which forge what they can. */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "root/container.h"
#include "root/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct container *c)
{
	if (strchr(c->id, '/') || strstr(c->id, "..") || strchr(c->app, '/') ||
	    strstr(c->app, ".."))
		abort();
	for (size_t i = 0; i < c->layers.len; i++)
		if (strchr(c->layers.v[i], '/') || c->layers.v[i][0] == '.')
			abort();
	for (size_t i = 0; i < c->mount_count; i++)
		if (c->mounts[i].kind == MOUNT_HOST ||
		    !request_path_ok(c->mounts[i].target))
			abort();
	if (c->uid < 0 || c->uid > 65535 || c->limits.memory < 0 || c->limits.disk < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *op = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct container c;
	struct err err;

	if (json_is_object(op)) {
		(void)request_fields(op, CONTAINER_FIELDS, &err);
		if (container_parse(op, &c, &err) == 0)
			check(&c);
		container_release(&c);
		if (container_parse_exec(op, &c, &err) == 0 && strchr(c.id, '/'))
			abort();
		container_release(&c);
	}
	json_decref(op);
	return 0;
}
