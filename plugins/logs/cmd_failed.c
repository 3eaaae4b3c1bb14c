/* SPDX-License-Identifier: MIT */
/* logs:failed: what instances of the newest failed release printed before they went. */
#include <string.h>
#include <unistd.h>

#include "plugins/logs/logs.h"
#include "store/release.h"
#include "util/cleanup.h"

/* The newest failed release that no later one has made good. */
static int take_failed(void *ctx, const struct release *r, struct err *err)
{
	int *number = ctx;

	(void)err;
	if (strcmp(r->state, "live") == 0)
		return 1;
	if (strcmp(r->state, "failed") == 0)
		*number = (int)r->number;
	return *number != 0;
}

static int show(struct request *req, const struct app *app, struct err *err)
{
	AUTO(logs_watch_close) struct logs_watch w = { .v = NULL };
	struct logs_view view = { .out = req->out,
				  .quiet = req->out->quiet,
				  .colour = isatty(STDOUT_FILENO) };
	int number = 0;

	if (release_each(req->st, app->id, take_failed, &number, err) < 0)
		return -1;
	if (!number) {
		out_note(req->out, "No failed deploy of %s since its live release",
			 app->name);
		return 0;
	}
	out_title(req->out, "%s failed release v%d", app->name, number);
	logs_watch_open(&w, app, &(struct log_want){ .release = number });
	if (logs_watch_update(&w, err) < 0)
		return -1;
	return logs_print_tail(&w, &view, LOGS_LINES_MAX, err);
}

int logs_cmd_failed(struct request *req, struct err *err)
{
	return request_each(req, show, err);
}
