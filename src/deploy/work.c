/* SPDX-License-Identifier: MIT */
#include "deploy/work.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/leftover.h"
#include "deploy/lock.h"
#include "deploy/recover.h"
#include "plugin/plugin.h"
#include "runtime/applog.h"
#include "store/event.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"
#include "util/proc.h"

const char *work_author(void)
{
	const char *name = getenv("SSH_NAME");

	return name && *name ? name : "root";
}

/* access/ hands a descriptor down that tells when the client is gone. */
static int inherited_cancel(void)
{
	const char *text = getenv("DAVIT_CANCEL_FD");
	struct stat st;
	long fd;

	if (!text || !name_to_int(text, 3, 1023, &fd) || fstat((int)fd, &st) < 0 ||
	    !S_ISFIFO(st.st_mode))
		return 0;
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	return (int)fd;
}

bool work_cancelled(const struct work *w)
{
	struct pollfd p = { .fd = w->cancel_fd, .events = POLLIN };

	return !w->switched && w->cancel_fd > 0 && poll(&p, 1, 0) > 0;
}

static int open_log(struct work *w, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store/builds/%s", w->app.name);

	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	(void)snprintf(w->log_path, sizeof w->log_path, "%s/%s.log", dir,
		       w->row.public_id);
	w->out->log_fd = open(w->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			      0600);
	if (w->out->log_fd < 0) {
		w->out->log_fd = 0;
		return err_sys(err, "create the log %s", w->log_path);
	}
	w->owns_log = true;
	w->apart = !w->out->merged;
	w->out->merged = true;
	return 0;
}

static void fill_row(struct work *w, const char *kind, const char *source,
		     const char *revision)
{
	w->row = (struct deploy){ .app_id = w->app.id,
				  .pid = (int)getpid(),
				  .pid_started = (int64_t)proc_start_time(getpid()),
				  .exit_code = -1 };
	(void)snprintf(w->row.kind, sizeof w->row.kind, "%s", kind);
	(void)snprintf(w->row.source, sizeof w->row.source, "%s", source);
	(void)snprintf(w->row.author, sizeof w->row.author, "%s", work_author());
	(void)snprintf(w->row.revision, sizeof w->row.revision, "%s", revision);
}

int work_start(struct work *w, const char *kind, const char *source, const char *revision,
	       struct err *err)
{
	struct err left;

	w->lock_fd = -1;
	w->slot_fd = -1;
	w->cancel_fd = inherited_cancel();
	fill_row(w, kind, source, revision);
	if (deploy_add(w->st, &w->row, err) < 0)
		return -1;
	(void)setenv("DOKKU_BUILD_ID", w->row.public_id, 1);
	plugin_mark_deploy(w->app.name);
	if (open_log(w, err) < 0 || lock_take(w, err) < 0) {
		work_end(w, -1, err);
		return -1;
	}
	if (recover_before(w, &left) < 0)
		out_warn(w->out, "%s", left.text);
	return 0;
}

/* The command that asked has an event of its own; what became of it stands in another one,
 * and in the app's log. */
static void tell_failure(const struct work *w, const struct err *err)
{
	struct err ignored;

	applog_add(&(struct applog){ .app_id = w->app.id,
				     .process = APPLOG_RELEASE,
				     .level = LOG_LEVEL_ERROR },
		   "%s %s by %s %s: %s", w->row.source, w->row.public_id, w->row.author,
		   w->row.state, err->text);
	(void)event_add(w->st,
			&(struct event){ .app = w->app.name,
					 .actor = w->row.author,
					 .command = w->row.kind,
					 .result = w->row.state,
					 .detail = err->text },
			&ignored);
}

void work_end(struct work *w, int rc, const struct err *err)
{
	struct err ignored;

	if (rc == 0 || w->row.state[0] == 'w' || w->row.state[0] == 'r')
		(void)snprintf(w->row.state, sizeof w->row.state, "%s",
			       rc == 0             ? "succeeded"
			       : work_cancelled(w) ? "canceled"
						   : "failed");
	w->row.finished_at = clock_now();
	w->row.exit_code = rc == 0 ? w->out->late_failure : err_exit_status(err);
	/* Nobody names any more what a failed run made. */
	if (rc < 0 && w->lock_fd >= 0)
		(void)leftover_drop(w->st, &w->app, &ignored);
	(void)deploy_update(w->st, &w->row, &ignored);
	if (rc < 0)
		tell_failure(w, err);
	if (w->owns_log) {
		if (rc < 0)
			(void)dprintf(w->out->log_fd, " !     %s\n%s%s%s", err->text,
				      err->hint[0] ? " !     " : "", err->hint,
				      err->hint[0] ? "\n" : "");
		(void)close(w->out->log_fd);
		w->out->log_fd = 0;
		w->out->merged = !w->apart;
	}
	lock_drop(w);
}

int work_step(struct work *w, const char *step, struct err *err)
{
	if (work_cancelled(w)) {
		(void)err_set(err, ERR_REFUSED, "cancelled: the client is gone");
		return err_hint(err, "nothing has changed; push again");
	}
	return work_done(w, step, err);
}

int work_done(struct work *w, const char *step, struct err *err)
{
	fault_at_file("step", step);
	if (deploy_set_step(w->st, &w->row, step, err) < 0)
		return -1;
	fault_at_file("written", step);
	return 0;
}
