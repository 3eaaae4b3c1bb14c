/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/report.h"
#include "plugin/plugin.h"
#include "plugins/events/events.h"
#include "store/event.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"
#include "util/name.h"
#include "util/since.h"

#define SHOWN_MAX 100000

struct showing {
	struct request *req;
	json_t *array; /* NULL: lines of text */
};

/* A line of the host is an admin's; a line of an app is for who may see the app. */
static bool may_see(const struct request *req, const struct event *e)
{
	return req->caller->role >= ROLE_ADMIN ||
	       (*e->app && request_may_see(req, e->app));
}

static void show(void *ctx, const struct event *e)
{
	struct showing *s = ctx;
	char at[CLOCK_TEXT];

	if (!may_see(s->req, e))
		return;
	(void)clock_text(e->at, at);
	if (s->array)
		(void)json_array_append_new(
			s->array,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "at", at, "app",
				  e->app, "actor", e->actor, "key", e->key, "command",
				  e->command, "result", e->result, "detail", e->detail));
	else
		out_line(s->req->out, "%s %-16s %-16s %-24s %-8s %s%s%s", at,
			 *e->app ? e->app : "-", e->actor, e->command, e->result,
			 e->detail, *e->detail && *e->key ? " " : "", e->key);
}

int events_cmd_show(struct request *req, struct err *err)
{
	const char *format = request_value(req, "format");
	const char *since = request_value(req, "since");
	const char *num = request_value(req, "num");
	bool json = format && strcmp(format, "json") == 0;
	AUTO(json_at) json_t *array = json ? json_array() : NULL;
	struct showing s = { .req = req, .array = array };
	struct event_query q = { .limit = SHOWN_MAX };
	long limit = since ? SHOWN_MAX : 100;

	if (format && !json && strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid format %.60s specified: it is json or stdout",
			       format);
	if (since && since_parse(since, clock_now(), &q.since, err) < 0)
		return -1;
	if (num && !name_to_int(num, 1, SHOWN_MAX, &limit))
		return err_set(err, ERR_USAGE, "--num is a number from 1 to %d",
			       SHOWN_MAX);
	q.limit = (int)limit;
	q.app = req->app.id == STORE_GLOBAL ? NULL : req->app.name;
	if (event_list(req->st, &q, show, &s, err) < 0)
		return -1;
	if (json)
		report_print_json(req->out, json_incref(array));
	return 0;
}

int events_cmd_list(struct request *req, struct err *err)
{
	(void)err;
	out_title(req->out, "Triggers that plugins may listen to");
	for (int i = 0; i < TRIGGER__COUNT; i++)
		out_line(req->out, "%-32s %s", trigger_name((enum trigger_id)i),
			 trigger_summary((enum trigger_id)i));
	return 0;
}

/* There is nothing to switch: who could turn the record off could hide what he did. */
int events_cmd_switch(struct request *req, struct err *err)
{
	(void)err;
	out_step(req->out, "Changes are always recorded: davit events");
	out_note(req->out, "davit trace:on shows each trigger as it is fired");
	return 0;
}
