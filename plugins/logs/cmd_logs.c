/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "plugins/logs/logs.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/paths.h"
#include "util/since.h"

enum { LINES_DEFAULT = 100 };
/* Without an event, look again after this: a directory may appear, an event be lost. */
enum { LOOK_MS = 1000 };

/* Wait until a directory has news.  False when whoever reads us is gone. */
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

static int follow(struct logs_watch *w, struct logs_view *view, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_log(), "%s", w->app);
	AUTO_CLOSE int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int watching = -1;

	if (notify < 0)
		return err_sys(err, "watch %s", dir);
	(void)inotify_add_watch(notify, w->v[0].path, IN_MODIFY);
	while (!view->out->client_gone) {
		if (watching < 0)
			watching = inotify_add_watch(notify, dir,
						     IN_MODIFY | IN_CREATE | IN_MOVED_TO);
		if (logs_watch_update(w, err) < 0 || logs_print_more(w, view, err) < 0)
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

static int take_release(const char *text, int *release, struct err *err)
{
	long n;

	if (!name_to_int(text + (*text == 'v'), 1, INT_MAX, &n)) {
		(void)err_set(err, ERR_USAGE, "'%.40s' is no release: v12", text);
		return err_hint(err, "davit releases:list APP");
	}
	*release = (int)n;
	return 0;
}

/* What is asked for, and how many lines of it at most. */
static int take_want(const struct request *req, struct log_want *want, long *max,
		     struct err *err)
{
	const char *num = request_value(req, "num");
	const char *since = request_value(req, "since");
	const char *release = request_value(req, "release");
	const char *level = request_value(req, "level");

	*want = (struct log_want){ .process = request_value(req, "ps") };
	*max = since ? LOGS_LINES_MAX : LINES_DEFAULT;
	if (num && !name_to_int(num, 0, LOGS_LINES_MAX, max))
		return err_set(err, ERR_USAGE,
			       "--num must be a number up to %d, not %.40s",
			       LOGS_LINES_MAX, num);
	if (since && since_parse(since, clock_now(), &want->since, err) < 0)
		return -1;
	if (release && take_release(release, &want->release, err) < 0)
		return -1;
	if (level) {
		want->level = log_level_of(level);
		if (!want->level)
			return err_set(err, ERR_USAGE,
				       "--level is debug, info, warning, error or fatal, "
				       "not %.40s",
				       level);
	}
	return 0;
}

int logs_cmd_logs(struct request *req, struct err *err)
{
	AUTO(logs_watch_close) struct logs_watch w = { .v = NULL };
	struct logs_view view = { .out = req->out,
				  .quiet = req->out->quiet || request_flag(req, "quiet"),
				  .colour = isatty(STDOUT_FILENO) };
	struct log_want want;
	long max;

	if (take_want(req, &want, &max, err) < 0)
		return -1;
	logs_watch_open(&w, &req->app, &want);
	if (logs_watch_update(&w, err) < 0)
		return -1;
	if (w.len == 1 && w.v[0].fd < 0 && !request_flag(req, "tail"))
		return not_deployed(req, err);
	if (logs_print_tail(&w, &view, (size_t)max, err) < 0)
		return -1;
	return request_flag(req, "tail") ? follow(&w, &view, err) : 0;
}
