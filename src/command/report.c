/* SPDX-License-Identifier: MIT */
#include "command/report.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"

enum { LABEL_WIDTH = 31 };

void report_add(struct report *r, const char *flag, const char *value)
{
	strv_add(&r->flags, flag);
	strv_add(&r->values, value);
}

void report_addf(struct report *r, const char *flag, const char *fmt, ...)
{
	AUTO_FREE char *value = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&value, fmt, ap);
	va_end(ap);
	if (n >= 0)
		report_add(r, flag, value);
}

void report_add_bool(struct report *r, const char *flag, bool value)
{
	report_add(r, flag, value ? "true" : "false");
}

void report_add_secret(struct report *r, const char *flag, const char *value)
{
	report_add(r, flag, value);
	strv_add(&r->secrets, flag);
}

void report_add_list(struct report *r, const char *key, const struct strv *items)
{
	json_t *list = json_array();

	strv_foreach(item, items)
		(void)json_array_append_new(list, json_string(item));
	if (!r->lists)
		r->lists = json_object();
	(void)json_object_set_new(r->lists, key, list);
}

static void report_clear(struct report *r)
{
	json_decref(r->lists);
	strv_release(&r->flags);
	strv_release(&r->values);
	strv_release(&r->secrets);
}

/* The pairs in the order of their flags. */
static void sort(struct report *r)
{
	struct strv flags = STRV_INIT;
	struct strv values = STRV_INIT;

	strv_foreach(flag, &r->flags)
		strv_add(&flags, flag);
	strv_sort(&flags);
	strv_foreach(flag, &flags)
		strv_add(&values, r->values.v[strv_find(&r->flags, flag)]);
	strv_release(&r->flags);
	strv_release(&r->values);
	r->flags = flags;
	r->values = values;
}

/* "app-created-at" is shown as "App created at:". */
static char *label_of(const char *flag)
{
	char *label = xasprintf("%s:", flag);

	for (char *c = label; *c; c++)
		if (*c == '-' || *c == '.')
			*c = ' ';
	label[0] = (char)toupper((unsigned char)label[0]);
	return label;
}

static void print_lines(struct out *out, const struct report *r)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	size_t width = LABEL_WIDTH;

	strv_foreach(flag, &r->flags)
		width = strlen(flag) + 2 > width ? strlen(flag) + 2 : width;
	for (size_t i = 0; i < r->flags.len; i++) {
		AUTO_FREE char *label = label_of(r->flags.v[i]);
		bool hidden = *r->values.v[i] &&
			      strv_find(&r->secrets, r->flags.v[i]) >= 0;

		buf_addf(&text, "       %-*s%s\n", (int)width, label,
			 hidden ? "*******" : r->values.v[i]);
	}
	/* One write: a report of all apps has thousands of lines. */
	out_bytes(out, text.data, text.len);
}

void report_print_json(struct out *out, json_t *j)
{
	AUTO_FREE char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS |
						     JSON_ENCODE_ANY);
	AUTO(buf_release) struct buf line = BUF_INIT;

	json_decref(j);
	for (const char *c = text ? text : "null"; *c; c++)
		if (*c == '<' || *c == '>' || *c == '&')
			buf_addf(&line, "\\u%04x", (unsigned)*c);
		else
			buf_addc(&line, *c);
	out_line(out, "%s", line.data);
}

static void print_json(struct out *out, const struct report_kind *kind,
		       const struct report *r)
{
	size_t n = strlen(kind->prefix);
	json_t *all = json_object();

	for (size_t i = 0; i < r->flags.len; i++) {
		const char *flag = r->flags.v[i];
		bool prefixed = n > 0 && strncmp(flag, kind->prefix, n) == 0;

		(void)json_object_set_new(all, prefixed ? flag + n : flag,
					  json_string(r->values.v[i]));
		if (prefixed && kind->both_keys)
			(void)json_object_set_new(all, flag, json_string(r->values.v[i]));
	}
	if (r->lists)
		(void)json_object_update(all, r->lists);
	report_print_json(out, all);
}

/* The flags of this command line that ask for one value. */
static void asked_for(const struct request *req, struct strv *asked)
{
	strv_foreach(flag, &req->flags) {
		if (strncmp(flag, "format=", 7) != 0 && strcmp(flag, "global") != 0 &&
		    strcmp(flag, "all") != 0)
			strv_add(asked, flag);
	}
}

static int unknown_flag(const struct report *r, struct err *err)
{
	AUTO(strv_release) struct strv known = STRV_INIT;
	AUTO_FREE char *list = NULL;
	AUTO_FREE char *text = NULL;

	strv_foreach(flag, &r->flags)
		strv_addf(&known, "--%s", flag);
	list = strv_join(&known, ", ");
	/* The list may be longer than an error's text: the hint takes the rest. */
	text = xasprintf("Invalid flag passed, valid flags: %s", list);
	(void)err_set(err, ERR_USAGE, "%s", text);
	if (strlen(text) >= sizeof err->text)
		return err_hint(err, "…%s", text + sizeof err->text - 1);
	return -1;
}

/* One flag gives its bare value; Dokku prints nothing at all for two. */
static int print_asked(struct out *out, const struct report *r, const struct strv *asked,
		       struct err *err)
{
	strv_foreach(flag, asked) {
		if (strv_find(&r->flags, flag) < 0)
			return unknown_flag(r, err);
	}
	if (asked->len == 1)
		out_line(out, "%s", r->values.v[strv_find(&r->flags, asked->v[0])]);
	return 0;
}

static int report_one(struct request *req, const struct report_kind *kind,
		      const struct app *app, struct err *err)
{
	AUTO(report_clear)
	struct report r = { .flags = STRV_INIT,
			    .values = STRV_INIT,
			    .secrets = STRV_INIT };
	AUTO(strv_release) struct strv asked = STRV_INIT;
	const char *format = request_value(req, "format");

	if (kind->fill(&r, req, app, err) < 0)
		return -1;
	sort(&r);
	asked_for(req, &asked);
	if (asked.len)
		return print_asked(req->out, &r, &asked, err);
	if (format && strcmp(format, "json") == 0) {
		print_json(req->out, kind, &r);
		return 0;
	}
	out_title(req->out, "%s %s information",
		  app->id == STORE_GLOBAL ? "--global" : app->name, kind->title);
	print_lines(req->out, &r);
	return 0;
}

static int check_words(const struct request *req, const struct report_kind *kind,
		       struct err *err)
{
	AUTO(strv_release) struct strv asked = STRV_INIT;
	const char *format = request_value(req, "format");

	asked_for(req, &asked);
	if (format && strcmp(format, "json") != 0 && strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid format %.60s specified: it is json or stdout",
			       format);
	if (format && strcmp(format, "json") == 0 && asked.len)
		return err_set(err, ERR_USAGE,
			       "--format flag cannot be specified when specifying "
			       "an info flag");
	if (req->global && !kind->global)
		return err_set(err, ERR_USAGE, "%s has nothing to say of --global",
			       req->command->name);
	return 0;
}

int report_run(struct request *req, const struct report_kind *kind, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	const struct app host = { .id = STORE_GLOBAL };

	if (check_words(req, kind, err) < 0)
		return -1;
	if (req->global)
		return report_one(req, kind, &host, err);
	if (req->app.id != STORE_GLOBAL)
		return report_one(req, kind, &req->app, err);
	if (request_apps(req, &names, err) < 0)
		return -1;
	if (names.len == 0)
		out_warn(req->out, "You haven't deployed any applications yet");
	strv_foreach(name, &names) {
		struct app app;
		int rc = app_find(req->st, name, &app, err);

		if (rc < 0 || (rc == 0 && report_one(req, kind, &app, err) < 0))
			return -1;
	}
	return 0;
}
