/* SPDX-License-Identifier: MIT */
/* docker-options:add, :remove and :clear. */
#include <string.h>

#include "plugins/docker-options/docker_options.h"
#include "store/property.h"
#include "store/release.h"
#include "util/cleanup.h"

struct change {
	struct strv processes;
	struct strv keys;
	struct strv lines;
};

static void change_release(struct change *c)
{
	strv_release(&c->processes);
	strv_release(&c->keys);
	strv_release(&c->lines);
}

/* --process is ours wherever it stands among the options. */
static int lift_processes(struct request *req, struct change *c, struct strv *words,
			  struct err *err)
{
	request_values(req, "process", &c->processes);
	for (int i = 2; i < req->argc; i++) {
		const char *word = req->argv[i];

		if (strncmp(word, "--process=", 10) == 0) {
			strv_add(&c->processes, word + 10);
		} else if (strcmp(word, "--process") != 0) {
			strv_add(words, word);
		} else if (i + 1 < req->argc) {
			strv_add(&c->processes, req->argv[++i]);
		} else {
			return err_set(err, ERR_FLAG,
				       "flag needs an argument: --process");
		}
	}
	return 0;
}

static int take_words(struct request *req, struct change *c, struct err *err)
{
	AUTO(strv_release) struct strv phases = STRV_INIT;
	AUTO(strv_release) struct strv words = STRV_INIT;

	if (docker_options_phases(req->argv[1], &phases, err) < 0 ||
	    lift_processes(req, c, &words, err) < 0 ||
	    docker_options_keys(&c->processes, &phases, &c->keys, err) < 0)
		return -1;
	if (words.len == 0)
		return err_set(err, ERR_USAGE, "Please specify docker options to %s",
			       strstr(req->command->name, ":add") ? "add" : "remove");
	return engine_options_split(strv_const(&words), &c->lines, err);
}

static int check_mount(struct request *req, const char *line, struct err *err)
{
	AUTO(storage_place_release) struct storage_place place = { .name = NULL };
	AUTO_FREE char *host = engine_option_host_side(line);

	if (!host || req->caller->role >= ROLE_ADMIN)
		return 0;
	return storage_place_of(host, &place, err) < 0
		       ? -1
		       : storage_check_own(&place, &req->app, err);
}

/* What the lines do here; what does nothing is said once, now. */
static int check_lines(struct request *req, const struct change *c, bool build,
		       struct err *err)
{
	strv_foreach(line, &c->lines) {
		const char *instead;
		int rc = engine_option_check(line, &instead, err);

		if (rc < 0 || check_mount(req, line, err) < 0)
			return -1;
		if (rc == ENGINE_OPTION_IDLE)
			out_warn(req->out, "%s has no effect here: %s", line, instead);
		else if (build)
			out_warn(req->out,
				 "%s has no effect on builds: they take config:set and "
				 "resource:limit --process-type build",
				 line);
	}
	return 0;
}

static bool only_build(const struct change *c)
{
	return c->keys.len == 1 && strcmp(c->keys.v[0], ENGINE_OPTIONS_ALL ".build") == 0;
}

static int warn_of_unknown(struct request *req, const struct change *c, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	int rc = release_live(req->st, req->app.id, &live, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	strv_foreach(process, &c->processes)
		if (!image_command(&live.image, process))
			out_warn(req->out,
				 "%s has no process type %s in its Procfile yet",
				 req->app.name, process);
	return 0;
}

int docker_options_cmd_add(struct request *req, struct err *err)
{
	AUTO(change_release)
	struct change c = { .processes = STRV_INIT,
			    .keys = STRV_INIT,
			    .lines = STRV_INIT };

	if (take_words(req, &c, err) < 0 ||
	    check_lines(req, &c, only_build(&c), err) < 0 ||
	    warn_of_unknown(req, &c, err) < 0)
		return -1;
	strv_foreach(key, &c.keys) {
		AUTO(strv_release) struct strv kept = STRV_INIT;

		if (property_list(req->st, req->app.id, "docker-options", key, &kept,
				  err) < 0)
			return -1;
		strv_foreach(line, &c.lines)
			if (strv_find(&kept, line) < 0)
				strv_add(&kept, line);
		if (property_list_set(req->st, req->app.id, "docker-options", key, &kept,
				      err) < 0)
			return -1;
	}
	return 0;
}

int docker_options_cmd_remove(struct request *req, struct err *err)
{
	AUTO(change_release)
	struct change c = { .processes = STRV_INIT,
			    .keys = STRV_INIT,
			    .lines = STRV_INIT };

	if (take_words(req, &c, err) < 0)
		return -1;
	strv_foreach(key, &c.keys) {
		AUTO(strv_release) struct strv kept = STRV_INIT;

		if (property_list(req->st, req->app.id, "docker-options", key, &kept,
				  err) < 0)
			return -1;
		strv_foreach(line, &c.lines) {
			int at = strv_find(&kept, line);

			if (at >= 0)
				strv_remove(&kept, (size_t)at);
		}
		if (property_list_set(req->st, req->app.id, "docker-options", key, &kept,
				      err) < 0)
			return -1;
	}
	return 0;
}

int docker_options_cmd_clear(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv phases = STRV_INIT;
	AUTO(change_release)
	struct change c = { .processes = STRV_INIT,
			    .keys = STRV_INIT,
			    .lines = STRV_INIT };
	const char *given = req->argc > 1 ? req->argv[1] : NULL;

	request_values(req, "process", &c.processes);
	if (!given)
		given = c.processes.len ? "deploy" : "build,deploy,run";
	if (docker_options_phases(given, &phases, err) < 0 ||
	    docker_options_keys(&c.processes, &phases, &c.keys, err) < 0)
		return -1;
	if (req->argc < 2 && !c.processes.len) {
		out_step(req->out, "Clearing docker options of %s", req->app.name);
		return property_clear(req->st, req->app.id, "docker-options", err);
	}
	strv_foreach(key, &c.keys) {
		out_step(req->out, "Clearing docker options of %s: %s", req->app.name,
			 key);
		if (property_unset(req->st, req->app.id, "docker-options", key, err) < 0)
			return -1;
	}
	return 0;
}
