/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "plugins/logs/logs.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

enum { LINES_DEFAULT = 100, LINES_MAX = 100000 };
/* Without an event, look again after this: a directory may appear, an event be lost. */
enum { LOOK_MS = 1000 };

/* The logs that are shown, in the order of their names. */
struct watch {
	const char *app;
	const char *filter;
	struct log_file *v; /* never moved: lines borrow the names */
	size_t len;
};

enum { FILES_MAX = 4096 };

static void watch_release(struct watch *w)
{
	for (size_t i = 0; i < w->len; i++)
		log_file_close(&w->v[i]);
	free(w->v);
}

static bool is_watched(const struct watch *w, const char *name)
{
	for (size_t i = 0; i < w->len; i++)
		if (strcmp(w->v[i].name, name) == 0)
			return true;
	return false;
}

/* Open the logs that have appeared. */
static int watch_update(struct watch *w, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (log_names(w->app, w->filter, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		/* One-off commands have their own: run:logs. */
		if (!w->filter && strncmp(name, "run.", 4) == 0)
			continue;
		if (w->len < FILES_MAX && !is_watched(w, name))
			log_file_open(&w->v[w->len++], w->app, name);
	}
	return 0;
}

void logs_print(struct logs_view *view, const struct log_line *line)
{
	static const int colours[] = { 36, 33, 32, 35, 31 };
	unsigned sum = 0;

	if (view->quiet) {
		out_line(view->out, "%s", line->text);
		return;
	}
	if (!view->colour) {
		out_line(view->out, "%s app[%s]: %s", line->at, line->name, line->text);
		return;
	}
	for (const char *c = line->name; *c; c++)
		sum += (unsigned char)*c;
	out_line(view->out, "\033[%dm%s app[%s]:\033[0m %s", colours[sum % 5], line->at,
		 line->name, line->text);
}

static void print_all(struct logs_view *view, const struct log_lines *lines)
{
	for (size_t i = 0; i < lines->len && !view->out->client_gone; i++)
		logs_print(view, &lines->v[i]);
}

static int print_tail(struct watch *w, struct logs_view *view, size_t max,
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

static int print_more(struct watch *w, struct logs_view *view, struct err *err)
{
	AUTO(log_lines_release) struct log_lines lines = LOG_LINES_INIT;

	for (size_t i = 0; i < w->len; i++)
		if (log_file_more(&w->v[i], &lines, err) < 0)
			return -1;
	log_lines_merge(&lines, lines.len);
	print_all(view, &lines);
	return 0;
}

/* Wait until the directory has news.  False when whoever reads us is gone. */
static bool wait_for_news(int notify)
{
	struct pollfd fds[] = { { .fd = notify, .events = POLLIN },
				{ .fd = STDOUT_FILENO, .events = 0 } };
	char events[8192];

	if (poll(fds, 2, LOOK_MS) < 0)
		return errno == EINTR;
	if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return false;
	if (fds[0].revents)
		(void)!read(notify, events, sizeof events);
	return true;
}

static int follow(struct watch *w, struct logs_view *view, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_log(), "%s", w->app);
	AUTO_CLOSE int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int watching = -1;

	if (notify < 0)
		return err_sys(err, "watch %s", dir);
	while (!view->out->client_gone) {
		if (watching < 0)
			watching = inotify_add_watch(notify, dir,
						     IN_MODIFY | IN_CREATE | IN_MOVED_TO);
		if (watch_update(w, err) < 0 || print_more(w, view, err) < 0)
			return -1;
		if (!wait_for_news(notify))
			break;
	}
	return 0;
}

static int not_deployed(struct request *req, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	int rc = release_live(req->st, req->app.id, &live, err);

	if (rc == STORE_NO_ROW)
		out_warn(req->out, "App %s has not been deployed", req->app.name);
	else if (rc == 0 && live.image.static_tree)
		out_warn(req->out, "%s is a static site: davit nginx:access-logs %s",
			 req->app.name, req->app.name);
	else if (rc == 0 && request_value(req, "ps"))
		out_warn(req->out, "no process of %s has a log under that name",
			 req->app.name);
	return rc < 0 ? -1 : 0;
}

static int take_number(const struct request *req, long *max, struct err *err)
{
	const char *num = request_value(req, "num");

	*max = LINES_DEFAULT;
	if (!num || name_to_int(num, 0, LINES_MAX, max))
		return 0;
	return err_set(err, ERR_USAGE, "--num must be a number up to %d, not %.40s",
		       LINES_MAX, num);
}

int logs_cmd_logs(struct request *req, struct err *err)
{
	AUTO(watch_release)
	struct watch w = { .app = req->app.name, .filter = request_value(req, "ps") };
	struct logs_view view = { .out = req->out,
				  .quiet = req->out->quiet || request_flag(req, "quiet"),
				  .colour = isatty(STDOUT_FILENO) };
	long max;

	w.v = xcalloc(FILES_MAX, sizeof *w.v);
	if (take_number(req, &max, err) < 0 || watch_update(&w, err) < 0)
		return -1;
	if (w.len == 0 && !request_flag(req, "tail"))
		return not_deployed(req, err);
	if (print_tail(&w, &view, (size_t)max, err) < 0)
		return -1;
	return request_flag(req, "tail") ? follow(&w, &view, err) : 0;
}
