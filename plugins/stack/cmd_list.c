/* SPDX-License-Identifier: MIT */
/* stack:list, stack:report */
#include <stdlib.h>
#include <string.h>

#include "command/report.h"
#include "plugins/stack/stack.h"
#include "runtime/stack.h"
#include "util/cleanup.h"

/* 0: lines, 1: JSON. */
static int format_of(const struct request *req, struct err *err)
{
	const char *format = request_value(req, "format");

	if (!format || strcmp(format, "stdout") == 0)
		return 0;
	if (strcmp(format, "json") == 0)
		return 1;
	return err_set(err, ERR_USAGE, "unknown format %s: stdout or json", format);
}

struct stack_view {
	char *base;
	struct strv names;   /* toolchains of the base */
	struct strv current; /* their layers */
	struct strv all;
	struct strv bytes;
};

static void view_release(struct stack_view *v)
{
	free(v->base);
	strv_release(&v->names);
	strv_release(&v->current);
	strv_release(&v->all);
	strv_release(&v->bytes);
}

static int look(struct request *req, struct stack_view *v, struct err *err)
{
	strv_init(&v->names);
	strv_init(&v->current);
	strv_init(&v->all);
	strv_init(&v->bytes);
	if (stack_current(req->st, &v->base, err) < 0 ||
	    stack_toolchains(req->st, &v->names, &v->current, err) < 0)
		return -1;
	return stack_layers(&v->all, &v->bytes, err);
}

static long long bytes_of(const struct stack_view *v, const char *layer)
{
	int at = strv_find(&v->all, layer);

	return at < 0 ? 0 : strtoll(v->bytes.v[at], NULL, 10);
}

int stack_cmd_list(struct request *req, struct err *err)
{
	AUTO(view_release) struct stack_view v = { .base = NULL };
	int json = format_of(req, err);
	json_t *list;

	if (json < 0 || look(req, &v, err) < 0)
		return -1;
	list = json_array();
	if (!json)
		out_title(req->out, "Layers of the stack");
	strv_foreach(layer, &v.all) {
		bool current = strcmp(layer, v.base) == 0 ||
			       strv_find(&v.current, layer) >= 0;

		if (strncmp(layer, STACK_PREFIX, strlen(STACK_PREFIX)) != 0)
			continue;
		if (json)
			(void)json_array_append_new(
				list, json_pack("{s:s, s:I, s:b}", "layer", layer,
						"bytes", (json_int_t)bytes_of(&v, layer),
						"current", current));
		else
			out_line(req->out, "%-44s %5lld MB%s", layer,
				 bytes_of(&v, layer) >> 20, current ? "  current" : "");
	}
	if (json)
		report_print_json(req->out, json_incref(list));
	json_decref(list);
	return 0;
}

int stack_cmd_report(struct request *req, struct err *err)
{
	AUTO(view_release) struct stack_view v = { .base = NULL };
	AUTO_FREE char *names = NULL;
	int json = format_of(req, err);
	long long sum;

	if (json < 0 || look(req, &v, err) < 0)
		return -1;
	sum = bytes_of(&v, v.base);
	strv_foreach(layer, &v.current)
		sum += bytes_of(&v, layer);
	names = strv_join(&v.names, " ");
	if (json) {
		report_print_json(req->out, json_pack("{s:s, s:s, s:I}", "base", v.base,
						      "toolchains", names, "bytes",
						      (json_int_t)sum));
		return 0;
	}
	out_title(req->out, "stack information");
	out_line(req->out, "       %-30s %s",
		 "Stack base:", *v.base ? v.base : "none; davit stack:build");
	out_line(req->out, "       %-30s %s", "Stack toolchains:", names);
	out_line(req->out, "       %-30s %lld MB", "Stack size:", sum >> 20);
	return 0;
}
