/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "plugins/enter/enter.h"
#include "runtime/container.h"
#include "runtime/oneoff.h"
#include "store/instance.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

/* "web" is any instance of that type, "web.2" the one with that number. */
static bool is_named(const struct instance *in, const char *word)
{
	size_t n = strlen(in->process);
	long number;

	if (strncmp(word, in->process, n) != 0)
		return false;
	if (!word[n])
		return true;
	return word[n] == '.' && name_to_int(word + n + 1, 1, 1000000, &number) &&
	       number == in->number;
}

static bool is_entered(const struct instance *in)
{
	return in->state == INSTANCE_READY || in->state == INSTANCE_STARTING;
}

static const struct instance *find_named(const struct instances *all, const char *word)
{
	for (size_t i = 0; word && i < all->len; i++)
		if (is_entered(&all->v[i]) && is_named(&all->v[i], word))
			return &all->v[i];
	return NULL;
}

static const struct instance *find_id(const struct instances *all, const char *prefix)
{
	for (size_t i = 0; i < all->len; i++)
		if (strncmp(all->v[i].container, prefix, strlen(prefix)) == 0)
			return &all->v[i];
	return NULL;
}

/* The one process type that runs; NULL where there are none or several. */
static const struct instance *find_only(const struct instances *all, struct strv *types)
{
	const struct instance *found = NULL;

	for (size_t i = 0; i < all->len; i++) {
		if (!is_entered(&all->v[i]))
			continue;
		found = found ? found : &all->v[i];
		if (strv_find(types, all->v[i].process) < 0)
			strv_add(types, all->v[i].process);
	}
	return types->len == 1 ? found : NULL;
}

/* Does the word name a process type of the app, with or without a number? */
static int names_type(struct request *req, const char *word, bool *yes, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *type = word ? xstrndup(word, strcspn(word, ".")) : NULL;
	int rc = release_live(req->st, req->app.id, &live, err);

	if (rc < 0)
		return -1;
	*yes = rc == 0 && type && image_command(&live.image, type);
	return 0;
}

static int not_running(struct request *req, const char *word, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, "%s of %s is not running", word, req->app.name);
	return err_hint(err, "davit ps:report %s shows what is", req->app.name);
}

static int none_found(struct request *req, const struct strv *types, const char *word,
		      struct err *err)
{
	AUTO_FREE char *list = strv_join(types, ", ");

	if (types->len == 0) {
		(void)err_set(err, ERR_REFUSED, "no process of %s is running",
			      req->app.name);
		return err_hint(err, "a container of its own: davit run %s bash",
				req->app.name);
	}
	(void)err_set(err, ERR_USAGE, "%s has several process types running: %s",
		      req->app.name, list);
	return err_hint(err, "davit enter %s %s%s%s", req->app.name, types->v[0],
			word ? " " : "", word ? word : "");
}

/* Which instance, and from which word the command begins. */
static int choose(struct request *req, const struct instances *all,
		  const struct instance **in, int *first, struct err *err)
{
	AUTO(strv_release) struct strv types = STRV_INIT;
	const char *id = request_value(req, "container-id");
	const char *word = req->argc > 1 ? req->argv[1] : NULL;
	bool is_type;

	*first = 1;
	if (id) {
		*in = find_id(all, id);
		return *in ? 0
			   : err_set(err, ERR_USAGE,
				     "no instance of %s has the id %.100s", req->app.name,
				     id);
	}
	*in = find_named(all, word);
	if (*in) {
		*first = 2;
		return 0;
	}
	if (names_type(req, word, &is_type, err) < 0)
		return -1;
	if (is_type)
		return not_running(req, word, err);
	*in = find_only(all, &types);
	return *in ? 0 : none_found(req, &types, word, err);
}

/* The words, or the shell that scheduler:set has chosen. */
static int command_of(struct request *req, const struct release *live, int first,
		      char **command, struct err *err)
{
	AUTO_FREE char *line = oneoff_command(&live->image, req->argv + first);

	if (!*line) {
		free(line);
		line = NULL;
		if (property_get(req->st, PROPERTY(req->app.id, "scheduler", "shell"),
				 "/bin/bash", &line, err) < 0)
			return -1;
	}
	*command = take_str(&line);
	return 0;
}

/* The environment, directory and user that the instance itself was started with. */
static int make_fields(struct request *req, const struct instance *in,
		       const struct container *c, bool tty, json_t **fields,
		       struct err *err)
{
	AUTO(json_at) json_t *spec = NULL;
	const char *term = getenv("TERM");
	json_t *env;

	if (container_spec(req->st, c, &spec, err) < 0)
		return -1;
	env = json_object_get(spec, "env");
	if (tty)
		(void)json_array_append_new(
			env, json_sprintf("TERM=%s",
					  term && name_is_id(term) ? term : "xterm"));
	*fields = json_pack("{s:s, s:O, s:O, s:O, s:O}", "id", in->container, "argv",
			    json_object_get(spec, "argv"), "env", env, "cwd",
			    json_object_get(spec, "cwd"), "uid",
			    json_object_get(spec, "uid"));
	return 0;
}

static int enter(struct request *req, const struct instance *in, int first,
		 struct err *err)
{
	AUTO(release_release) struct release own = RELEASE_INIT;
	AUTO_FREE char *command = NULL;
	bool tty = oneoff_has_tty();
	json_t *fields;
	int code = 0;
	int rc = release_find_id(req->st, in->release_id, &own, err);

	if (rc != 0)
		return rc < 0 ? -1
			      : err_set(err, ERR_BUG, "%s has no release", in->container);
	if (command_of(req, &own, first, &command, err) < 0)
		return -1;

	struct container c = { .app = &req->app,
			       .release = &own,
			       .id = in->container,
			       .process = in->process,
			       .number = in->number,
			       .port = strcmp(in->process, "web") == 0 ? own.image.port
								       : 0,
			       .command = command };

	if (make_fields(req, in, &c, tty, &fields, err) < 0)
		return -1;
	struct oneoff o = { .verb = "exec", .fields = fields, .tty = tty };

	if (oneoff_attach(&o, &code, err) < 0)
		return err_context(err, "enter %s.%d", in->process, in->number);
	return code ? err_exit(err, code) : 0;
}

int enter_cmd_enter(struct request *req, struct err *err)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	const struct instance *in;
	int first;

	if (instance_list(req->st, req->app.id, &all, err) < 0 ||
	    choose(req, &all, &in, &first, err) < 0)
		return -1;
	return enter(req, in, first, err);
}
