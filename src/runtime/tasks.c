/* SPDX-License-Identifier: MIT */
#include "runtime/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"

enum { TASKS_MAX = 500, COMMAND_MAX = 4096 };

void tasks_release(struct tasks *list)
{
	for (size_t i = 0; i < list->len; i++) {
		free(list->v[i].id);
		free(list->v[i].command);
		free(list->v[i].schedule);
		free(list->v[i].policy);
	}
	free(list->v);
	*list = (struct tasks)TASKS_INIT;
}

char *task_id(const char *text)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	size_t n = strlen(text);
	AUTO_FREE unsigned char *bytes = (unsigned char *)xstrdup(text);
	struct buf out = BUF_INIT;
	size_t first = 0;

	while (first < n) {
		unsigned rest = 0;

		for (size_t i = first; i < n; i++) {
			unsigned v = rest << 8 | bytes[i];

			bytes[i] = (unsigned char)(v / 36);
			rest = v % 36;
		}
		buf_addc(&out, digits[rest]);
		while (first < n && !bytes[first])
			first++;
	}
	for (size_t i = 0; i < out.len / 2; i++) {
		char c = out.data[i];

		out.data[i] = out.data[out.len - 1 - i];
		out.data[out.len - 1 - i] = c;
	}
	return buf_take(&out);
}

static int bad(size_t i, const char *what, struct err *err)
{
	(void)err_set(err, ERR_APP, "app.json: cron task %zu %s", i + 1, what);
	return err_hint(err, "{\"command\": \"…\", \"schedule\": \"5 4 * * *\"}");
}

static int take_one(const char *app, size_t i, const json_t *j, struct task *t,
		    struct err *err)
{
	const char *command = json_string_value(json_object_get(j, "command"));
	const char *schedule = json_string_value(json_object_get(j, "schedule"));
	const char *policy = json_string_value(json_object_get(j, "concurrency_policy"));
	AUTO_FREE char *whole = NULL;

	policy = policy ? policy : "allow";
	if (!command || !*command || !schedule)
		return bad(i, "needs a command and a schedule", err);
	if (strlen(command) > COMMAND_MAX || strpbrk(command, "\n\r"))
		return bad(i, "has a command of several lines, or too long", err);
	if (strcmp(policy, "allow") != 0 && strcmp(policy, "forbid") != 0 &&
	    strcmp(policy, "replace") != 0)
		return bad(
			i,
			"has a concurrency_policy that is not allow, forbid or replace",
			err);
	if (schedule_parse(schedule, &t->when, err) < 0) {
		err->kind = ERR_APP;
		return err_context(err, "app.json: cron task %zu", i + 1);
	}
	whole = xasprintf("%s===%s===%s", app, command, schedule);
	t->id = task_id(whole);
	t->command = xstrdup(command);
	t->schedule = xstrdup(schedule);
	t->policy = xstrdup(policy);
	t->maintenance = json_is_true(json_object_get(j, "maintenance"));
	return 0;
}

int tasks_of(const char *app, const json_t *app_json, struct tasks *list, struct err *err)
{
	const json_t *cron = json_object_get(app_json, "cron");
	size_t n = json_array_size(cron);

	*list = (struct tasks)TASKS_INIT;
	if (!cron)
		return 0;
	if (!json_is_array(cron) || n > TASKS_MAX)
		return err_set(err, ERR_APP,
			       "app.json: cron is no list of up to %d tasks", TASKS_MAX);
	list->v = xcalloc(n ? n : 1, sizeof *list->v);
	for (size_t i = 0; i < n; i++) {
		list->len = i + 1;
		if (take_one(app, i, json_array_get(cron, i), &list->v[i], err) < 0)
			return -1;
	}
	return 0;
}
