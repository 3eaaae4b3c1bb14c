/* SPDX-License-Identifier: MIT */
#include "deploy/fleet.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin/docker_args.h"
#include "plugin/plugin.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "runtime/logfile.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

enum { SHOWN_LINES = 25, LOG_TAIL_MAX = 256 * 1024 };

void fleet_release(struct fleet *f)
{
	free(f->v);
	f->v = NULL;
	f->len = 0;
}

void fleet_add(struct fleet *f, const char *process, int number)
{
	struct member *m;

	f->v = xrealloc(f->v, f->len + 1, sizeof *f->v);
	m = &f->v[f->len++];
	*m = (struct member){ .in = { .app_id = f->w->app.id,
				      .release_id = f->release->id,
				      .number = number } };
	(void)snprintf(m->in.process, sizeof m->in.process, "%s", process);
}

void fleet_adopt(struct fleet *f, const struct instance *in)
{
	fleet_add(f, in->process, in->number);
	f->v[f->len - 1].in = *in;
}

/* "web.1.v12": lines of one release are told from those of another by the file. */
static char *log_name(const struct fleet *f, const struct instance *in)
{
	return xasprintf("%s.%d.v%" PRId64, in->process, in->number, f->release->number);
}

static char *log_path(const struct fleet *f, const struct instance *in)
{
	AUTO_FREE char *name = log_name(f, in);

	return paths_in(paths_log(), "%s/%s.log", f->w->app.name, name);
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

static int add_start(struct fleet *f, struct member *m, struct helper *h, struct err *err)
{
	AUTO_FREE char *log = log_path(f, &m->in);
	AUTO_FREE char *name = log_name(f, &m->in);
	bool web = strcmp(m->in.process, "web") == 0;
	struct container c = {
		.app = &f->w->app,
		.release = f->release,
		.id = m->in.container,
		.process = m->in.process,
		.number = m->in.number,
		.port = web ? f->port : 0,
		.command = image_command(&f->release->image, m->in.process),
	};
	const struct docker_args args = {
		.id = TRIGGER_DOCKER_ARGS_DEPLOY,
		.process_id = TRIGGER_DOCKER_ARGS_PROCESS_DEPLOY,
		.app = c.app,
		.process = c.process,
		.number = c.number,
	};
	json_t *spec = NULL;

	if (container_spec(f->w->st, &c, &spec, err) < 0)
		return -1;
	if (docker_args_apply(f->w->st, f->w->out, &args, spec, err) < 0 ||
	    trigger(f->w->st, f->w->out, err, TRIGGER_POST_CONTAINER_CREATE, "app",
		    m->in.container, f->w->app.name, "deploy", m->in.process, NULL) < 0) {
		json_decref(spec);
		return -1;
	}
	(void)json_object_set_new(spec, "log", json_string(name));
	/* What an earlier life of it has left goes. */
	if (m->in.exited_at || m->in.restarts)
		(void)json_object_set_new(spec, "again", json_true());
	helper_add(h, "start", spec);
	m->log_from = size_of(log);
	return 0;
}

static int take_reply(struct fleet *f, struct member *m, const json_t *reply,
		      struct err *err)
{
	const char *address = json_string_value(json_object_get(reply, "address"));

	m->in.pid = (int)json_integer_value(json_object_get(reply, "pid"));
	m->in.pid_started = json_integer_value(json_object_get(reply, "started"));
	(void)snprintf(m->in.address, sizeof m->in.address, "%s", address ? address : "");
	m->born = clock_ms();

	int rc = instance_update(f->w->st, &m->in, m->in.state, err);

	if (rc == STORE_NO_ROW)
		return err_set(err, ERR_REFUSED, "%s.%d was replaced while it started",
			       m->in.process, m->in.number);
	return rc;
}

/* Those of `start` have a pid. */
static int take_replies(struct fleet *f, const json_t *replies, struct err *err)
{
	const json_t *reply;
	size_t next = 0;
	size_t i;

	if (store_begin(f->w->st, err) < 0)
		return -1;
	json_array_foreach(replies, i, reply)
		if (json_object_get(reply, "pid") && next < f->len &&
		    take_reply(f, &f->v[next++], reply, err) < 0) {
			store_rollback(f->w->st);
			return -1;
		}
	return store_commit(f->w->st, err);
}

int fleet_start(struct fleet *f, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	json_t *replies = NULL;
	int rc = 0;

	if (f->len == 0)
		return 0;
	for (size_t i = 0; i < f->len; i++)
		if ((!f->v[i].in.id &&
		     instance_add(f->w->st, f->w->app.name, &f->v[i].in, err) < 0) ||
		    add_start(f, &f->v[i], &h, err) < 0)
			return -1;
	h.cancel_fd = f->w->switched ? 0 : f->w->cancel_fd;
	if (helper_run(&h, &replies, err) < 0)
		return err_context(err, "start the new instances");
	rc = take_replies(f, replies, err);
	json_decref(replies);
	return rc;
}

void fleet_remove(struct fleet *f)
{
	struct err ignored;

	for (size_t i = 0; i < f->len; i++) {
		const struct instance *in = &f->v[i].in;

		if (!in->id)
			continue;
		/* A container that could not be removed keeps its row: davit tick tries
		 * again. */
		if (helper_one("delete", json_pack("{s:s}", "id", in->container), NULL,
			       &ignored) < 0)
			(void)instance_drain(f->w->st, in->id, &ignored);
		else
			(void)instance_delete(f->w->st, in->id, &ignored);
	}
}

bool member_is_dead(const struct member *m)
{
	return !proc_lives(m->in.pid, (unsigned long long)m->in.pid_started);
}

/* Whole lines out of a piece of a log file. */
static void join_lines(const char *text, struct strv *lines)
{
	AUTO(log_joiner_release) struct log_joiner joiner = LOG_JOINER_INIT;
	struct log_line line;

	while (*text) {
		size_t n = strcspn(text, "\n");

		if (log_join(&joiner, text, n, &line))
			strv_take(lines, line.text);
		text += n + (text[n] != '\0');
	}
}

void fleet_show_log(const struct fleet *f, const struct member *m)
{
	AUTO_FREE char *path = log_path(f, &m->in);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	off_t size = size_of(path);
	off_t from = m->log_from;
	struct err ignored;

	if (size - from > LOG_TAIL_MAX)
		from = size - LOG_TAIL_MAX;
	if (fd < 0 || lseek(fd, from, SEEK_SET) < 0 ||
	    fs_read_fd(fd, LOG_TAIL_MAX, &text, &ignored) < 0)
		return;
	join_lines(text.data, &lines);
	for (size_t i = lines.len > SHOWN_LINES ? lines.len - SHOWN_LINES : 0;
	     i < lines.len; i++)
		out_foreign(f->w->out, lines.v[i]);
}
