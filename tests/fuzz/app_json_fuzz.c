/* SPDX-License-Identifier: MIT */
/* app.json of somebody's repository: its tasks and its formation. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/app_json.h"
#include "runtime/tasks.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/name.h"

#define BASE36 "0123456789abcdefghijklmnopqrstuvwxyz"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tasks(const json_t *app_json)
{
	AUTO(tasks_release) struct tasks list = TASKS_INIT;
	struct err err = { .kind = ERR_NONE };

	if (tasks_of("blog", app_json, &list, &err) < 0) {
		if (err.kind != ERR_APP || !err.text[0])
			abort();
		return;
	}
	for (size_t i = 0; i < list.len; i++)
		if (!list.v[i].id[0] ||
		    strspn(list.v[i].id, BASE36) != strlen(list.v[i].id) ||
		    !list.v[i].command[0] || !list.v[i].when.minutes)
			abort();
}

static void check_formation(const json_t *app_json)
{
	AUTO(json_at) json_t *want = json_object();
	struct err err = { .kind = ERR_NONE };
	const char *process;
	json_t *n;

	if (app_json_formation(app_json, want, &err) < 0) {
		if (!err.text[0])
			abort();
		return;
	}
	json_object_foreach(want, process, n)
		if (!name_is_process(process) || !json_is_integer(n) ||
		    json_integer_value(n) < 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(json_at) json_t *app_json = NULL;
	struct err err = { .kind = ERR_NONE };

	if (jsonc_parse((const char *)data, size, &app_json, &err) < 0)
		return 0;
	check_tasks(app_json);
	check_formation(app_json);
	return 0;
}
