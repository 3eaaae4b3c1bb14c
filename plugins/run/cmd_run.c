/* SPDX-License-Identifier: MIT */
/* run and run:detached. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "plugin/docker_args.h"
#include "plugin/plugin.h"
#include "plugins/run/run.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "runtime/oneoff.h"
#include "store/config.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"

enum { TTL_DEFAULT = 86400, TTL_MAX = 20 * 86400 };
/* Numbers of one-off containers have four digits, as on Heroku. */
enum { NUMBER_FIRST = 1000, NUMBERS = 9000 };

struct run {
	struct request *req;
	struct release live;
	struct strv env; /* "K=V" of -e */
	char *command;
	char *name; /* blog.run.4859 */
	int number;
	long ttl;
};

static void run_release(struct run *r)
{
	release_release(&r->live);
	strv_release(&r->env);
	free(r->command);
	free(r->name);
}

static int check_env(const struct strv *env, struct err *err)
{
	strv_foreach(pair, env) {
		const char *equals = strchr(pair, '=');
		AUTO_FREE char *key = xstrndup(pair, equals ? (size_t)(equals - pair)
							    : strlen(pair));

		if (!equals) {
			(void)err_set(err, ERR_USAGE, "Invalid env pair: %.200s", pair);
			return err_hint(err, "-e takes KEY=VALUE");
		}
		if (config_check(key, equals + 1, strlen(equals + 1), err) < 0)
			return -1;
	}
	return 0;
}

static int load_live(struct run *r, struct err *err)
{
	const char *app = r->req->app.name;
	int rc = release_live(r->req->st, r->req->app.id, &r->live, err);

	if (rc == STORE_NO_ROW) {
		(void)err_set(err, ERR_REFUSED, "App %s has not been deployed", app);
		return err_hint(err, "git push davit@<host>:%s <branch>", app);
	}
	if (rc == 0 && r->live.image.static_tree) {
		(void)err_set(err, ERR_REFUSED,
			      "%s is a static site: there is nothing to run", app);
		return err_hint(err, "its files are served as they are");
	}
	return rc;
}

/* The live release with the variables as they are now. */
static int load_config(struct run *r, struct err *err)
{
	json_t *merged;

	if (config_merged(r->req->st, r->req->app.id, &merged, err) < 0)
		return -1;
	json_decref(r->live.config);
	r->live.config = merged;
	return 0;
}

static int prepare(struct run *r, struct err *err)
{
	const char *ttl = request_value(r->req, "ttl-seconds");
	unsigned random = 0;

	r->ttl = TTL_DEFAULT;
	if (ttl && !name_to_int(ttl, 1, TTL_MAX, &r->ttl))
		return err_set(err, ERR_USAGE,
			       "--ttl-seconds must be a number up to %d, not %.40s",
			       TTL_MAX, ttl);
	request_values(r->req, "env", &r->env);
	if (check_env(&r->env, err) < 0 || load_live(r, err) < 0 ||
	    load_config(r, err) < 0)
		return -1;
	r->command = oneoff_command(&r->live.image, r->req->argv + 1);
	if (!*r->command) {
		(void)err_set(err, ERR_USAGE, "%s: the command is missing",
			      r->req->command->name);
		return err_hint(err, "davit %s %s bash", r->req->command->name,
				r->req->app.name);
	}
	if (getrandom(&random, sizeof random, 0) < 0)
		return err_sys(err, "getrandom");
	r->number = NUMBER_FIRST + (int)(random % NUMBERS);
	r->name = xasprintf("%s.run.%d", r->req->app.name, r->number);
	return 0;
}

/* Text programs on the other end of a terminal ask what kind it is. */
static void add_term(struct strv *env)
{
	const char *term = getenv("TERM");

	strv_addf(env, "TERM=%s", term && name_is_id(term) ? term : "xterm");
}

static int make_spec(struct run *r, json_t **spec, struct err *err)
{
	struct container c = { .app = &r->req->app,
			       .release = &r->live,
			       .id = r->name,
			       .process = "run",
			       .phase = "run",
			       .number = r->number,
			       .command = r->command,
			       .env = &r->env };

	const struct docker_args args = {
		.id = TRIGGER_DOCKER_ARGS_RUN,
		.process_id = TRIGGER_DOCKER_ARGS_PROCESS_RUN,
		.app = c.app,
	};

	if (container_spec(r->req->st, &c, spec, err) < 0)
		return -1;
	return docker_args_apply(r->req->st, r->req->out, &args, *spec, err);
}

/* Written before the start, so that nothing runs that nobody knows of. */
static int remember(const struct run *r, struct err *err)
{
	AUTO(json_at)
	json_t *about = json_pack("{s:s, s:I, s:I}", "command", r->command, "created_at",
				  (json_int_t)clock_now(), "ttl", (json_int_t)r->ttl);
	AUTO_FREE char *text = json_dumps(about, JSON_COMPACT);

	return property_set(r->req->st, r->req->app.id, "run", r->name,
			    text ? text : "{}", err) < 0
		       ? -1
		       : 0;
}

static void forget(const struct run *r)
{
	struct err ignored;

	(void)property_unset(r->req->st, r->req->app.id, "run", r->name, &ignored);
}

static int tell_start(const struct run *r, struct err *err)
{
	return trigger(r->req->st, r->req->out, err, TRIGGER_POST_CONTAINER_CREATE, "app",
		       r->name, r->req->app.name, "run", NULL) < 0
		       ? -1
		       : 0;
}

static int tell_end(const struct run *r, int code, struct err *err)
{
	char status[16];

	(void)snprintf(status, sizeof status, "%d", code);
	return trigger(r->req->st, r->req->out, err, TRIGGER_SCHEDULER_POST_RUN,
		       "docker-local", r->req->app.name, r->name, status, NULL) < 0
		       ? -1
		       : 0;
}

static int attached(struct run *r, struct err *err)
{
	bool tty = request_flag(r->req, "force-tty") ||
		   (oneoff_has_tty() && !request_flag(r->req, "no-tty"));
	json_t *spec;
	int code = 0;
	int rc;

	if (tty)
		add_term(&r->env);
	if (make_spec(r, &spec, err) < 0)
		return -1;
	(void)json_object_set_new(spec, "timeout_s", json_integer(r->ttl));
	if (tell_start(r, err) < 0 || remember(r, err) < 0) {
		json_decref(spec);
		return -1;
	}
	struct oneoff o = { .verb = "run", .fields = spec, .tty = tty };

	rc = oneoff_attach(&o, &code, err);
	forget(r);
	if (rc < 0)
		return err_context(err, "run %s", r->command);
	if (tell_end(r, code, err) < 0)
		return -1;
	return code ? err_exit(err, code) : 0;
}

static int detached(struct run *r, struct err *err)
{
	json_t *spec;

	if (make_spec(r, &spec, err) < 0)
		return -1;
	(void)json_object_set_new(spec, "log", json_sprintf("run.%d", r->number));
	if (tell_start(r, err) < 0 || remember(r, err) < 0) {
		json_decref(spec);
		return -1;
	}
	if (helper_one("start", spec, NULL, err) < 0) {
		forget(r);
		return err_context(err, "run %s", r->command);
	}
	out_line(r->req->out, "%s", r->name);
	return 0;
}

int run_cmd_run(struct request *req, struct err *err)
{
	AUTO(run_release)
	struct run r = { .req = req, .live = RELEASE_INIT, .env = STRV_INIT };

	if (prepare(&r, err) < 0)
		return -1;
	return request_flag(req, "detach") ? detached(&r, err) : attached(&r, err);
}

int run_cmd_detached(struct request *req, struct err *err)
{
	AUTO(run_release)
	struct run r = { .req = req, .live = RELEASE_INIT, .env = STRV_INIT };

	return prepare(&r, err) < 0 ? -1 : detached(&r, err);
}
