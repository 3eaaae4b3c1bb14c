/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "command/rights.h"
#include "command/setting.h"
#include "plugin/plugin.h"
#include "plugins/releases/releases.h"
#include "util/cleanup.h"

/* What the walk over the releases finds, newest first. */
struct search {
	int64_t live;
	int64_t before;      /* the newest one before the live one that has served */
	int64_t target;      /* 0: look for `before` */
	int64_t ran_command; /* the newest between target and live that ran one */
};

static int look(void *ctx, const struct release *r, struct err *err)
{
	struct search *s = ctx;

	(void)err;
	if (strcmp(r->state, "live") == 0)
		s->live = r->number;
	else if (s->live && !s->before && strcmp(r->state, "past") == 0)
		s->before = r->number;
	return 0;
}

static int look_between(void *ctx, const struct release *r, struct err *err)
{
	struct search *s = ctx;

	(void)err;
	if (r->number > s->target && r->number <= s->live && r->ran_release_command &&
	    !s->ran_command)
		s->ran_command = r->number;
	return 0;
}

static int find_target(struct request *req, struct search *s, struct err *err)
{
	AUTO(release_release) struct release r = RELEASE_INIT;

	if (release_each(req->st, req->app.id, look, s, err) < 0)
		return -1;
	if (req->argc > 1) {
		if (releases_find(req, req->argv[1], &r, err) < 0)
			return -1;
		s->target = r.number;
		if (strcmp(r.state, "failed") == 0) {
			(void)err_set(err, ERR_REFUSED, "v%lld never served: it failed",
				      (long long)r.number);
			return err_hint(err, "davit releases:list %s shows the others",
					req->app.name);
		}
	} else {
		s->target = s->before;
	}
	if (!s->target) {
		(void)err_set(err, ERR_REFUSED, "%s has no release to go back to",
			      req->app.name);
		return err_hint(err, "davit releases:list %s shows those kept",
				req->app.name);
	}
	return release_each(req->st, req->app.id, look_between, s, err);
}

int releases_cmd_rollback(struct request *req, struct err *err)
{
	struct search s = { .live = 0 };
	bool code = request_flag(req, "code-only");
	bool config = request_flag(req, "config-only");
	char number[24];

	if (code && config)
		return err_set(err, ERR_USAGE,
			       "--code-only and --config-only exclude each other");
	if (find_target(req, &s, err) < 0)
		return -1;
	if (s.ran_command && !config && !req->force) {
		(void)err_set(err, ERR_REFUSED,
			      "the release command of v%lld has run since v%lld: the "
			      "database may have moved on, and the older code may not "
			      "know it",
			      (long long)s.ran_command, (long long)s.target);
		return err_hint(
			err,
			"davit releases:rollback %s v%lld --force does it all the "
			"same",
			req->app.name, (long long)s.target);
	}
	if (s.ran_command && !config)
		out_warn(req->out, "the release command of v%lld has run since",
			 (long long)s.ran_command);
	(void)snprintf(number, sizeof number, "%lld", (long long)s.target);
	out_step(req->out, "Rolling %s back to v%s", req->app.name, number);
	return trigger(req->st, req->out, err, TRIGGER_ROLLBACK, req->app.name, number,
		       code     ? "code"
		       : config ? "config"
				: "all",
		       NULL) < 0
		       ? -1
		       : 0;
}

int releases_cmd_promote(struct request *req, struct err *err)
{
	struct app to;
	int rc;

	rc = app_find(req->st, req->argv[1], &to, err);
	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW || !request_may_see(req, req->argv[1])) {
		(void)err_set(err, ERR_NO_APP, "App %s does not exist", req->argv[1]);
		return err_hint(err, "davit apps:create %s makes it", req->argv[1]);
	}
	if (rights_check(req, &to, err) < 0)
		return err_context(err, "over %s as well", to.name);
	out_step(req->out, "Promoting %s to %s", req->app.name, to.name);
	return trigger(req->st, req->out, err, TRIGGER_PROMOTE, req->app.name, to.name,
		       NULL) < 0
		       ? -1
		       : 0;
}

static int is_count(const char *key, const char *value, struct err *err)
{
	long n;

	if (name_to_int(value, 1, 1000, &n))
		return 0;
	return err_set(err, ERR_USAGE, "%s must be a number from 1 to 1000", key);
}

int releases_cmd_set(struct request *req, struct err *err)
{
	static const struct setting rows[] = { { "keep", "20", SETTING_BOTH, is_count } };
	static const struct settings settings = { "releases", "releases-", rows, 1 };

	return settings_set(req, &settings, err);
}
