/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "plugins/logs/logs.h"
#include "util/alloc.h"
#include "util/cleanup.h"

void logs_watch_open(struct logs_watch *w, const struct app *app,
		     const struct log_want *want)
{
	*w = (struct logs_watch){ .app = app->name, .want = *want };
	w->v = xcalloc(LOGS_FILES_MAX, sizeof *w->v);
	log_file_open_own(&w->v[0], app->id);
	w->v[0].want = &w->want;
	w->len = 1;
}

void logs_watch_close(struct logs_watch *w)
{
	for (size_t i = 0; i < w->len; i++)
		log_file_close(&w->v[i]);
	free(w->v);
	w->v = NULL;
	w->len = 0;
}

static bool is_watched(const struct logs_watch *w, const char *name)
{
	for (size_t i = 0; i < w->len; i++)
		if (strcmp(w->v[i].name, name) == 0)
			return true;
	return false;
}

/* May this file hold a line that is wanted? */
static bool may_hold(const struct logs_watch *w, const char *name)
{
	char label[LOG_NAME];
	int release;

	/* One-off commands have their own: run:logs. */
	if (!w->want.process && strncmp(name, "run.", 4) == 0)
		return false;
	log_name_split(name, label, &release);
	return !w->want.release || release == w->want.release;
}

int logs_watch_update(struct logs_watch *w, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (log_names(w->app, w->want.process, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		if (w->len == LOGS_FILES_MAX || is_watched(w, name) || !may_hold(w, name))
			continue;
		log_file_open(&w->v[w->len], w->app, name);
		w->v[w->len++].want = &w->want;
	}
	return 0;
}

static void print(struct logs_view *view, const struct log_line *line)
{
	static const int colours[] = { 36, 33, 32, 35, 31 };
	const char *source = line->own ? "davit" : "app";
	unsigned sum = 0;

	if (view->quiet) {
		out_line(view->out, "%s", line->text);
		return;
	}
	if (!view->colour) {
		out_line(view->out, "%s %s[%s]: %s", line->at, source, line->name,
			 line->text);
		return;
	}
	for (const char *c = line->name; *c; c++)
		sum += (unsigned char)*c;
	out_line(view->out, "\033[%dm%s %s[%s]:\033[0m %s", colours[sum % 5], line->at,
		 source, line->name, line->text);
}

static void print_all(struct logs_view *view, const struct log_lines *lines)
{
	for (size_t i = 0; i < lines->len && !view->out->client_gone; i++)
		print(view, &lines->v[i]);
}

int logs_print_tail(struct logs_watch *w, struct logs_view *view, size_t max,
		    struct err *err)
{
	AUTO(log_lines_release) struct log_lines lines = LOG_LINES_INIT;

	for (size_t i = 0; i < w->len; i++)
		if (log_file_tail(&w->v[i], max, &lines, err) < 0)
			return -1;
	log_lines_merge(&lines, max);
	print_all(view, &lines);
	return 0;
}

int logs_print_more(struct logs_watch *w, struct logs_view *view, struct err *err)
{
	AUTO(log_lines_release) struct log_lines lines = LOG_LINES_INIT;

	for (size_t i = 0; i < w->len; i++)
		if (log_file_more(&w->v[i], &lines, err) < 0)
			return -1;
	log_lines_merge(&lines, lines.len);
	print_all(view, &lines);
	return 0;
}
