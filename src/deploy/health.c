/* SPDX-License-Identifier: MIT */
#include "deploy/health.h"

#include <stdlib.h>
#include <string.h>

#include "serve/template.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/name.h"

enum { ATTEMPTS = 3, TIMEOUT_S = 5, WAIT_S = 5, SECONDS_MAX = 3600 };

static void health_release(struct health *h)
{
	free(h->name);
	free(h->path);
	free(h->content);
	free(h->scheme);
	strv_release(&h->headers);
	strv_release(&h->command);
}

void healths_release(struct healths *list)
{
	for (size_t i = 0; i < list->len; i++)
		health_release(&list->v[i]);
	free(list->v);
	*list = (struct healths)HEALTHS_INIT;
}

static struct health *add(struct healths *list)
{
	list->v = xrealloc(list->v, list->len + 1, sizeof *list->v);
	list->v[list->len] = (struct health){ .attempts = ATTEMPTS,
					      .timeout_ms = TIMEOUT_S * 1000,
					      .wait_ms = WAIT_S * 1000,
					      .headers = STRV_INIT,
					      .command = STRV_INIT };
	return &list->v[list->len++];
}

/* A number field within bounds; absent leaves *out. */
static int number(const json_t *j, const char *key, int scale, int *out, struct err *err)
{
	const json_t *v = json_object_get(j, key);

	if (!v)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < 0 ||
	    json_integer_value(v) > SECONDS_MAX)
		return err_set(err, ERR_APP,
			       "app.json: healthchecks: %s must be a number from 0 to %d",
			       key, SECONDS_MAX);
	*out = (int)json_integer_value(v) * scale;
	return 0;
}

static int take_port(const json_t *j, struct health *h, struct err *err)
{
	const json_t *port = json_object_get(j, "port");

	if (!port)
		return 0;
	if (!json_is_integer(port) || json_integer_value(port) < 1 ||
	    json_integer_value(port) > 65535)
		return err_set(err, ERR_APP,
			       "app.json: healthchecks: port must be a number from 1 to "
			       "65535");
	h->port = (long)json_integer_value(port);
	return 0;
}

static int take_numbers(const json_t *j, struct health *h, struct err *err)
{
	if (number(j, "attempts", 1, &h->attempts, err) < 0 ||
	    number(j, "timeout", 1000, &h->timeout_ms, err) < 0 ||
	    number(j, "wait", 1000, &h->wait_ms, err) < 0 ||
	    number(j, "initialDelay", 1000, &h->delay_ms, err) < 0 ||
	    number(j, "uptime", 1000, &h->uptime_ms, err) < 0 || take_port(j, h, err) < 0)
		return -1;
	/* A time that is asked for is the pace of a check that never ends. */
	if (json_object_get(j, "wait"))
		h->every_ms = h->wait_ms < 1000 ? 1000 : h->wait_ms;
	if (h->attempts < 1)
		h->attempts = 1;
	if (h->timeout_ms < 1)
		h->timeout_ms = 1;
	return 0;
}

static int take_type(const json_t *j, struct health *h, struct err *err)
{
	const char *type = json_string_value(json_object_get(j, "type"));

	if (!type || strcmp(type, "startup") == 0)
		h->type = HEALTH_STARTUP;
	else if (strcmp(type, "readiness") == 0)
		h->type = HEALTH_READINESS;
	else if (strcmp(type, "liveness") == 0)
		h->type = HEALTH_LIVENESS;
	else
		return err_set(err, ERR_APP,
			       "app.json: healthchecks: '%s' is no type: startup, "
			       "readiness or liveness",
			       type);
	return 0;
}

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static int take_headers(const json_t *j, struct health *h, struct err *err)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(j, "httpHeaders"), i, item) {
		const char *name = json_string_value(json_object_get(item, "name"));
		const char *value = json_string_value(json_object_get(item, "value"));

		if (!name || !value || !is_plain(name) || !is_plain(value) ||
		    strpbrk(name, ": "))
			return err_set(
				err, ERR_APP,
				"app.json: healthchecks: httpHeaders needs name and "
				"value, of one line each");
		strv_addf(&h->headers, "%s: %s", name, value);
	}
	return 0;
}

static char *text_of(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? xstrdup(s) : NULL;
}

static int take_probe(const json_t *j, struct health *h, struct err *err)
{
	const json_t *command = json_object_get(j, "command");
	const json_t *item;
	size_t i;

	h->path = text_of(j, "path");
	h->content = text_of(j, "content");
	h->scheme = text_of(j, "scheme");
	if (h->scheme && strcmp(h->scheme, "http") != 0 &&
	    strcmp(h->scheme, "https") != 0)
		return err_set(err, ERR_APP,
			       "app.json: healthchecks: scheme must be http or https");
	if (h->path) {
		h->probe = HEALTH_PATH;
		if (h->path[0] != '/' || !is_plain(h->path) || strchr(h->path, ' '))
			return err_set(
				err, ERR_APP,
				"app.json: healthchecks: path '%s' must start with / "
				"and hold no space",
				h->path);
	} else if (json_array_size(command)) {
		h->probe = HEALTH_COMMAND;
		json_array_foreach(command, i, item)
			strv_add(&h->command,
				 json_is_string(item) ? json_string_value(item) : "");
	} else if (json_is_true(json_object_get(j, "listening"))) {
		h->probe = HEALTH_LISTENING;
	} else if (h->uptime_ms) {
		h->probe = HEALTH_UPTIME;
	} else {
		return err_set(err, ERR_APP,
			       "app.json: healthchecks: '%s' needs one of path, command, "
			       "listening, uptime",
			       h->name);
	}
	return 0;
}

static int take_one(const json_t *j, struct healths *list, struct err *err)
{
	struct health *h = add(list);

	h->name = text_of(j, "name");
	if (!h->name)
		h->name = xstrdup("check");
	h->warn_only = json_is_true(json_object_get(j, "warn"));
	if (take_numbers(j, h, err) < 0 || take_type(j, h, err) < 0 ||
	    take_headers(j, h, err) < 0)
		return -1;
	return take_probe(j, h, err);
}

static int from_file(const char *checks, const json_t *vars, struct healths *list,
		     struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (!strstr(checks, "{{"))
		return healths_from_checks(checks, list, err);
	if (template_render(checks, vars, &text, NULL, err) < 0)
		return err_context(err, "CHECKS");
	return healths_from_checks(text.data, list, err);
}

int healths_of(const struct image *im, const json_t *vars, const char *process,
	       struct healths *list, struct err *err)
{
	const json_t *checks = json_object_get(
		json_object_get(im->app_json, "healthchecks"), process);
	const json_t *item;
	size_t i;

	if (checks && !json_is_array(checks))
		return err_set(err, ERR_APP,
			       "app.json: healthchecks: '%s' must be a list of checks",
			       process);
	json_array_foreach(checks, i, item)
		if (take_one(item, list, err) < 0)
			return -1;
	if (im->checks && strcmp(process, "web") == 0)
		return from_file(im->checks, vars, list, err);
	return 0;
}

/* "//host/path content" or "/path content". */
static void take_checks_line(char *line, struct healths *list)
{
	struct health *h = add(list);
	char *path = line;
	size_t n;

	if (strncmp(line, "//", 2) == 0) {
		path = strchr(line + 2, '/');
		if (path)
			strv_addf(&h->headers, "Host: %.*s", (int)(path - line - 2),
				  line + 2);
		else
			path = line;
	}
	n = strcspn(path, " \t");
	h->name = xstrdup("CHECKS");
	h->probe = HEALTH_PATH;
	h->path = xstrndup(path, n);
	path += n + strspn(path + n, " \t");
	if (*path)
		h->content = xstrdup(path);
}

/* "WAIT=2   # seconds" */
static void cut_comment(char *line)
{
	char *end = strstr(line, " #");

	end = end ? end : line + strlen(line);
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
}

int healths_from_checks(const char *text, struct healths *list, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	size_t first = list->len;
	int attempts = ATTEMPTS;
	int timeout = TIMEOUT_S;
	int wait = WAIT_S;
	long n;

	strv_split(&lines, text, "\r\n");
	strv_foreach(line, &lines) {
		line += strspn(line, " \t");
		if (*line != '/')
			cut_comment(line);
		if (strncmp(line, "WAIT=", 5) == 0 &&
		    name_to_int(line + 5, 0, SECONDS_MAX, &n))
			wait = (int)n;
		else if (strncmp(line, "TIMEOUT=", 8) == 0 &&
			 name_to_int(line + 8, 1, SECONDS_MAX, &n))
			timeout = (int)n;
		else if (strncmp(line, "ATTEMPTS=", 9) == 0 &&
			 name_to_int(line + 9, 1, SECONDS_MAX, &n))
			attempts = (int)n;
		else if (*line == '/')
			take_checks_line(line, list);
		else if (*line && *line != '#')
			return err_set(err, ERR_APP, "CHECKS: cannot read the line '%s'",
				       line);
	}
	for (size_t i = first; i < list->len; i++) {
		list->v[i].attempts = attempts;
		list->v[i].timeout_ms = timeout * 1000;
		list->v[i].wait_ms = wait * 1000;
	}
	return 0;
}

int healths_check_image(const struct image *im, const json_t *vars, struct err *err)
{
	AUTO(healths_release) struct healths older = HEALTHS_INIT;
	const char *process;
	json_t *ignored;

	json_object_foreach(json_object_get(im->app_json, "healthchecks"), process,
			    ignored) {
		AUTO(healths_release) struct healths list = HEALTHS_INIT;

		if (healths_of(im, vars, process, &list, err) < 0)
			return -1;
	}
	return im->checks ? from_file(im->checks, vars, &older, err) : 0;
}
