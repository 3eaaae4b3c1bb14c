/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/report.h"
#include "plugins/releases/releases.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"

int releases_find(struct request *req, const char *word, struct release *r,
		  struct err *err)
{
	long number;
	int rc;

	if (strcmp(word, "live") == 0) {
		rc = release_live(req->st, req->app.id, r, err);
		return rc == STORE_NO_ROW
			       ? err_set(err, ERR_REFUSED, "App %s has not been deployed",
					 req->app.name)
			       : rc;
	}
	if (!name_to_int(word[0] == 'v' ? word + 1 : word, 1, 1L << 40, &number))
		return err_set(err, ERR_USAGE, "'%s' is no release: v1, v2, …", word);
	rc = release_find(req->st, req->app.id, number, r, err);
	if (rc != STORE_NO_ROW)
		return rc;
	(void)err_set(err, ERR_REFUSED, "%s has no release v%ld", req->app.name, number);
	return err_hint(err, "davit releases:list %s shows those kept", req->app.name);
}

/* "static", "static: Ruby", "Python 3.11.2": what the code is, for people. */
static const char *what_of(const struct release *r)
{
	if (r->image.language)
		return r->image.language;
	return r->image.builder ? r->image.builder : "";
}

static int print_line(void *ctx, const struct release *r, struct err *err)
{
	struct request *req = ctx;
	char when[CLOCK_TEXT];

	(void)err;
	out_line(req->out, "v%-5lld %-7s %s  %-16.16s %-9.9s %s", (long long)r->number,
		 r->state, clock_text(r->created_at, when), r->author, r->revision,
		 r->reason);
	return 0;
}

static json_t *as_json(const struct release *r)
{
	char when[CLOCK_TEXT];

	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:O}", "number",
			 (json_int_t)r->number, "state", r->state, "created_at",
			 clock_text(r->created_at, when), "author", r->author, "reason",
			 r->reason, "source", r->source, "revision", r->revision,
			 "language", what_of(r), "ran_release_command",
			 r->ran_release_command, "formation", r->formation);
}

static int add_json(void *ctx, const struct release *r, struct err *err)
{
	(void)err;
	(void)json_array_append_new(ctx, as_json(r));
	return 0;
}

static bool wants_json(const struct request *req)
{
	const char *format = request_value(req, "format");

	return format && strcmp(format, "json") == 0;
}

int releases_cmd_list(struct request *req, struct err *err)
{
	bool staged;

	if (wants_json(req)) {
		AUTO(json_at) json_t *list = json_array();

		if (release_each(req->st, req->app.id, add_json, list, err) < 0)
			return -1;
		report_print_json(req->out, json_incref(list));
		return 0;
	}
	out_title(req->out, "%s releases", req->app.name);
	if (release_each(req->st, req->app.id, print_line, req, err) < 0 ||
	    releases_staged(req, &staged, err) < 0)
		return -1;
	if (staged)
		out_note(req->out,
			 "changes wait for the next release: davit releases:diff %s",
			 req->app.name);
	return 0;
}

static void print_info(struct request *req, const struct release *r)
{
	char when[CLOCK_TEXT];
	const char *key;
	json_t *value;

	out_title(req->out, "%s v%lld information", req->app.name, (long long)r->number);
	out_line(req->out, "       State:     %s", r->state);
	out_line(req->out, "       Created:   %s by %s", clock_text(r->created_at, when),
		 r->author);
	out_line(req->out, "       Reason:    %s (%s)", r->reason, r->source);
	out_line(req->out, "       Revision:  %s", r->revision);
	out_line(req->out, "       Code:      %s", what_of(r));
	strv_foreach(layer, &r->image.layers)
		out_line(req->out, "       Layer:     %s", layer);
	json_object_foreach(r->formation, key, value)
		out_line(req->out, "       Formation: %s=%lld", key,
			 (long long)json_integer_value(value));
	json_object_foreach(r->image.processes, key, value)
		out_line(req->out, "       Process:   %s: %s", key,
			 json_string_value(value));
	out_line(req->out, "       Config:    %zu variables",
		 json_object_size(r->config));
	if (r->ran_release_command)
		out_line(req->out,
			 "       Its release command ran: data may have moved on");
}

int releases_cmd_info(struct request *req, struct err *err)
{
	AUTO(release_release) struct release r = RELEASE_INIT;

	if (releases_find(req, req->argv[1], &r, err) < 0)
		return -1;
	if (wants_json(req))
		report_print_json(req->out, as_json(&r));
	else
		print_info(req, &r);
	return 0;
}
