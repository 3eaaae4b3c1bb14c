/* SPDX-License-Identifier: MIT */
#include "deploy/ready.h"

#include <stdlib.h>
#include <string.h>

#include "deploy/health.h"
#include "deploy/probe.h"
#include "plugin/plugin.h"
#include "runtime/helper.h"
#include "serve/domains.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/name.h"

enum {
	LISTEN_S = 60,
	GRACE_MS = 2000,
	CONNECT_MS = 500,
	POLL_FIRST_MS = 1,
	POLL_MS = 10,
	POLL_PART = 16, /* of what it took so far: that much later it is seen at most */
	SLICE_MS = 100
};

/* What the checks need to know of the app. */
struct asked {
	char *host; /* its first own domain, or "localhost" */
	const char *proto;
	long listen_s;
	bool skip; /* checks:skip or checks:disable for this type */
};

static bool is_web(const struct member *m)
{
	return strcmp(m->in.process, "web") == 0;
}

static bool listed(const char *list, const char *process)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	strv_split(&names, list, ",\n ");
	return strv_find(&names, "_all_") >= 0 || strv_find(&names, process) >= 0;
}

static int is_on_list(const struct fleet *f, const char *key, const char *process,
		      bool *is, struct err *err)
{
	AUTO_FREE char *list = NULL;

	if (property_get(f->w->st, PROPERTY(f->w->app.id, "checks", key), "", &list,
			 err) < 0)
		return -1;
	*is = listed(list, process);
	return 0;
}

int ready_is_disabled(const struct fleet *f, const char *process, bool *disabled,
		      struct err *err)
{
	return is_on_list(f, "disabled", process, disabled, err);
}

int ready_is_off(const struct fleet *f, const char *process, bool *off, struct err *err)
{
	bool disabled;

	if (is_on_list(f, "skipped", process, off, err) < 0 ||
	    ready_is_disabled(f, process, &disabled, err) < 0)
		return -1;
	*off |= disabled;
	return 0;
}

static void asked_release(struct asked *a)
{
	free(a->host);
}

static int ask(const struct fleet *f, struct asked *a, struct err *err)
{
	AUTO_FREE char *domains = NULL;
	AUTO_FREE char *tls = NULL;
	AUTO_FREE char *limit = NULL;
	AUTO(strv_release) struct strv names = STRV_INIT;

	*a = (struct asked){ .proto = "http", .listen_s = LISTEN_S };
	if (trigger_ask(f->w->st, f->w->out, &domains, err, TRIGGER_DOMAINS_LIST,
			f->w->app.name, NULL) < 0 ||
	    trigger_ask(f->w->st, f->w->out, &tls, err, TRIGGER_CERTS_EXISTS,
			f->w->app.name, NULL) < 0 ||
	    property_get(f->w->st, PROPERTY(f->w->app.id, "checks", "listen-timeout"), "",
			 &limit, err) < 0)
		return -1;
	(void)name_to_int(limit, 1, 3600, &a->listen_s);
	strv_split(&names, domains, "\n");
	strv_foreach(name, &names) {
		if (domains_is_pattern(name) || strcmp(name, "localhost") == 0)
			continue;
		a->host = strdup(name);
		break;
	}
	if (!a->host)
		a->host = strdup("localhost");
	if (strcmp(tls, "true") == 0)
		a->proto = "https";
	return 0;
}

static int died(const struct fleet *f, const struct member *m, struct err *err)
{
	json_t *state = NULL;
	struct err ignored;
	int code = -1;
	bool oom = false;

	if (helper_one("state", json_pack("{s:s}", "id", m->in.container), &state,
		       &ignored) == 0) {
		code = (int)json_integer_value(json_object_get(state, "code"));
		oom = json_is_true(json_object_get(state, "oom"));
		json_decref(state);
	}
	fleet_show_log(f, m);
	if (oom) {
		(void)err_set(err, ERR_APP, "%s.%d was killed for using too much memory",
			      m->in.process, m->in.number);
		return err_hint(err,
				"davit resource:limit --memory SIZE %s gives it more",
				f->w->app.name);
	}
	(void)err_set(err, ERR_APP, "%s.%d exited with status %d before it was ready",
		      m->in.process, m->in.number, code);
	return err_hint(err, "its last lines are above; its command: %s",
			image_command(&f->release->image, m->in.process));
}

/* Why does nobody answer on the web port?  Look at what the instance listens on. */
static int never_listened(const struct fleet *f, const struct member *m, long seconds,
			  struct err *err)
{
	AUTO(buf_release) struct buf ports = BUF_INIT;
	bool on_loopback = false;
	json_t *state = NULL;
	json_t *port;
	struct err ignored;
	size_t i;

	if (helper_one("state", json_pack("{s:s}", "id", m->in.container), &state,
		       &ignored) == 0)
		json_array_foreach(json_object_get(state, "listening"), i, port) {
			on_loopback |= json_integer_value(port) == f->port;
			buf_addf(&ports, "%s%lld", ports.len ? ", " : "",
				 (long long)json_integer_value(port));
		}
	json_decref(state);
	fleet_show_log(f, m);
	(void)err_set(err, ERR_APP, "%s.%d did not listen on port %ld within %ld s",
		      m->in.process, m->in.number, f->port, seconds);
	if (on_loopback)
		return err_hint(err,
				"it listens on %ld on the loopback address only: bind "
				"0.0.0.0 (or ::) instead of 127.0.0.1",
				f->port);
	if (ports.len)
		return err_hint(
			err,
			"it listens on %s: take the port from the PORT variable, or "
			"say davit ports:set %s http:80:%s",
			ports.data, f->w->app.name, ports.data);
	return err_hint(err,
			"it listens on no port at all; an app that should not: "
			"davit ps:scale %s web=0",
			f->w->app.name);
}

static int cancelled(struct err *err)
{
	(void)err_set(err, ERR_REFUSED, "cancelled: the client is gone");
	return err_hint(err, "nothing has changed; push again");
}

static int wait_listening(const struct fleet *f, const struct member *m,
			  const struct asked *a, struct err *err)
{
	int64_t deadline = m->born + a->listen_s * 1000;
	int pause;

	while (!probe_connect(m->in.address, f->port, CONNECT_MS)) {
		if (member_is_dead(m))
			return died(f, m, err);
		if (work_cancelled(f->w))
			return cancelled(err);
		if (clock_ms() > deadline)
			return never_listened(f, m, a->listen_s, err);
		pause = (int)((clock_ms() - m->born) / POLL_PART);
		clock_sleep_ms(pause < POLL_FIRST_MS ? POLL_FIRST_MS
			       : pause < POLL_MS     ? pause
						     : POLL_MS);
	}
	return 0;
}

/* Sleep, but not past the end of the instance or of the client. */
static void pause_ms(const struct fleet *f, const struct member *m, int64_t ms)
{
	int64_t until = clock_ms() + ms;

	for (;;) {
		int64_t left = until - clock_ms();

		if (left <= 0 || member_is_dead(m) || work_cancelled(f->w))
			return;
		clock_sleep_ms(left < SLICE_MS ? (int)left : SLICE_MS);
	}
}

static bool run_command(const struct member *m, const struct health *h, struct buf *why)
{
	json_t *argv = json_array();
	json_t *reply = NULL;
	struct err err;
	bool fine;

	strv_foreach(word, &h->command)
		(void)json_array_append_new(argv, json_string(word));
	if (helper_one("exec",
		       json_pack("{s:s, s:o, s:[], s:s, s:i}", "id", m->in.container,
				 "argv", argv, "env", "cwd", "/app", "timeout_s",
				 h->timeout_ms / 1000),
		       &reply, &err) < 0) {
		buf_adds(why, err.text);
		return false;
	}
	fine = json_integer_value(json_object_get(reply, "code")) == 0;
	if (!fine)
		buf_addf(why, "the command exited with status %lld",
			 (long long)json_integer_value(json_object_get(reply, "code")));
	json_decref(reply);
	return fine;
}

static bool probe_once(const struct fleet *f, const struct member *m,
		       const struct asked *a, const struct health *h, struct buf *why)
{
	struct probe_target t = { .address = m->in.address,
				  .port = f->port,
				  .host = a->host,
				  .proto = a->proto };

	switch (h->probe) {
	case HEALTH_PATH: return probe_http(&t, h, why);
	case HEALTH_COMMAND: return run_command(m, h, why);
	case HEALTH_LISTENING:
		if (probe_connect(t.address, h->port ? h->port : f->port, h->timeout_ms))
			return true;
		buf_adds(why, "nothing listens");
		return false;
	case HEALTH_UPTIME:
		pause_ms(f, m, m->born + h->uptime_ms - clock_ms());
		if (!member_is_dead(m))
			return true;
		buf_adds(why, "it exited");
		return false;
	}
	return false;
}

int ready_probe(const struct fleet *f, const struct health *h, struct buf *why,
		struct err *err)
{
	AUTO(asked_release) struct asked a = { .host = NULL };

	if (ask(f, &a, err) < 0)
		return -1;
	return probe_once(f, &f->v[0], &a, h, why) ? 0 : READY_FAILS;
}

/* One check with its attempts. */
static int run_check(const struct fleet *f, const struct member *m, const struct asked *a,
		     const struct health *h, struct err *err)
{
	AUTO(buf_release) struct buf why = BUF_INIT;

	for (int i = 1; i <= h->attempts; i++) {
		buf_reset(&why);
		pause_ms(f, m, i == 1 ? h->delay_ms : h->wait_ms);
		if (!member_is_dead(m) && !work_cancelled(f->w) &&
		    probe_once(f, m, a, h, &why) && !work_cancelled(f->w)) {
			if (h->probe == HEALTH_PATH)
				out_note(f->w->out, "%s.%d: %s answers as it should",
					 m->in.process, m->in.number, h->path);
			return 0;
		}
		if (member_is_dead(m))
			return died(f, m, err);
		if (work_cancelled(f->w))
			return cancelled(err);
		out_note(f->w->out, "%s.%d: check '%s', attempt %d of %d: %s",
			 m->in.process, m->in.number, h->name, i, h->attempts, why.data);
	}
	if (h->warn_only) {
		out_warn(f->w->out, "check '%s' failed, and only warns: %s", h->name,
			 why.data);
		return 0;
	}
	fleet_show_log(f, m);
	(void)err_set(err, ERR_APP, "%s.%d failed its check '%s': %s", m->in.process,
		      m->in.number, h->name, why.data);
	return err_hint(err,
			"asked with Host: %s and X-Forwarded-Proto: %s, as visitors do",
			a->host, a->proto);
}

/* Third parties may have checks of their own. */
static int ask_plugins(const struct fleet *f, const struct member *m, struct err *err)
{
	char port[16];
	char index[16];

	(void)snprintf(port, sizeof port, "%ld", f->port);
	(void)snprintf(index, sizeof index, "%d", m->in.number);
	if (trigger(f->w->st, f->w->out, err, TRIGGER_CHECK_DEPLOY, f->w->app.name,
		    m->in.container, m->in.process, port, m->in.address, index,
		    NULL) < 0) {
		fleet_show_log(f, m);
		return -1;
	}
	return 0;
}

static int check_member(const struct fleet *f, const struct member *m, struct asked *a,
			struct err *err)
{
	AUTO(healths_release) struct healths checks = HEALTHS_INIT;

	if (ready_is_off(f, m->in.process, &a->skip, err) < 0)
		return -1;
	if (a->skip)
		return 0;
	if (is_web(m) && wait_listening(f, m, a, err) < 0)
		return -1;
	if (healths_of(&f->release->image, f->release->config, m->in.process, &checks,
		       err) < 0)
		return -1;
	for (size_t i = 0; i < checks.len; i++)
		if (checks.v[i].type != HEALTH_LIVENESS &&
		    run_check(f, m, a, &checks.v[i], err) < 0)
			return -1;
	while (!is_web(m) && clock_ms() < m->born + GRACE_MS && !member_is_dead(m)) {
		if (work_cancelled(f->w))
			return cancelled(err);
		clock_sleep_ms(POLL_MS);
	}
	if (member_is_dead(m))
		return died(f, m, err);
	return is_web(m) ? ask_plugins(f, m, err) : 0;
}

int ready_wait(struct fleet *f, struct err *err)
{
	AUTO(asked_release) struct asked a = { .host = NULL };

	if (f->len == 0)
		return 0;
	if (ask(f, &a, err) < 0)
		return -1;
	for (size_t i = 0; i < f->len; i++)
		if (check_member(f, &f->v[i], &a, err) < 0)
			return -1;
	return 0;
}
