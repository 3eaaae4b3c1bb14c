/* SPDX-License-Identifier: MIT */
/* config:set, :unset, :clear and :import: the commands that change variables. */
#include <string.h>

#include "plugins/config/config.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"

/* The largest file that config:import reads: all variables at their bound, quoted. */
enum { IMPORT_MAX = 4 * CONFIG_TOTAL_MAX };

/* The words after the app, or all of them with --global. */
static const char *const *words(const struct request *req)
{
	return req->argv + (req->global ? 0 : 1);
}

static struct config_change change_of(struct request *req, const char *action)
{
	return (struct config_change){ .st = req->st,
				       .out = req->out,
				       .app = &req->app,
				       .action = action,
				       .gone = STRV_INIT,
				       .restart = !request_flag(req, "no-restart") };
}

/* The change, and on record the names of what it changes. */
static int apply(struct request *req, struct config_change *c, struct err *err)
{
	json_t *value;
	const char *key;

	json_object_foreach((json_t *)c->set, key, value)
		request_note(req, key);
	strv_foreach(gone, &c->gone)
		request_note(req, gone);
	return config_change_apply(c, err);
}

static void show_values(struct out *out, const json_t *vars)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err ignored;

	out_step(out, "Setting config vars");
	(void)config_format(vars, "pretty", &text, &ignored);
	strv_split(&lines, text.data, "\n");
	strv_foreach(line, &lines)
		out_note(out, "%s", line);
}

int config_cmd_set(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;
	struct config_change c = change_of(req, "set");

	if (!words(req)[0])
		return err_set(err, ERR_USAGE, "At least one env pair must be given");
	if (config_parse_pairs(words(req), request_flag(req, "encoded"), &vars, err) < 0)
		return -1;
	c.set = vars;
	show_values(req->out, vars);
	return apply(req, &c, err);
}

int config_cmd_unset(struct request *req, struct err *err)
{
	struct config_change c = change_of(req, "unset");
	int rc;

	if (!words(req)[0])
		return err_set(err, ERR_USAGE, "At least one key must be given");
	for (const char *const *key = words(req); *key; key++)
		if (config_check(*key, "", 0, err) < 0)
			return -1;
	for (const char *const *key = words(req); *key; key++) {
		out_step(req->out, "Unsetting %s", *key);
		strv_add(&c.gone, *key);
	}
	rc = apply(req, &c, err);
	strv_release(&c.gone);
	return rc;
}

static void add_keys(struct strv *keys, const json_t *vars, const json_t *but)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)vars, key, value)
		if (!json_object_get(but, key))
			strv_add(keys, key);
}

int config_cmd_clear(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;
	struct config_change c = change_of(req, "clear");
	int rc;

	if (config_load(req->st, req->app.id, &vars, err) < 0)
		return -1;
	add_keys(&c.gone, vars, NULL);
	strv_foreach(key, &c.gone)
		out_step(req->out, "Unsetting %s", key);
	rc = apply(req, &c, err);
	strv_release(&c.gone);
	return rc;
}

/* A file of the caller's own: one who comes by ssh has none here. */
static int read_input(struct request *req, const char *path, struct buf *text,
		      struct err *err)
{
	int rc;

	if (strcmp(path, "-") == 0)
		return fs_read_fd(0, IMPORT_MAX, text, err);
	if (req->caller->ssh) {
		(void)err_set(err, ERR_USAGE, "%.200s is a path on your side", path);
		return err_hint(err,
				"send it on stdin: ssh HOST config:import %s - < FILE",
				request_scope_name(req));
	}
	rc = fs_read(path, IMPORT_MAX, text, err);
	if (rc == FS_ABSENT)
		return err_set(err, ERR_USAGE, "%.200s does not exist", path);
	return rc < 0 ? err_hint(err, "or: davit config:import %s - < FILE",
				 request_scope_name(req))
		      : 0;
}

/* An object whose values are strings, numbers or booleans. */
static int take_json(const json_t *from, json_t **vars, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(from))
		return err_set(err, ERR_USAGE, "the JSON is not an object of variables");
	*vars = json_object();
	json_object_foreach((json_t *)from, key, value) {
		AUTO_FREE char *text = json_is_string(value)
					       ? NULL
					       : json_dumps(value, JSON_ENCODE_ANY);
		const char *plain = text ? text : json_string_value(value);

		if (json_is_object(value) || json_is_array(value) || json_is_null(value))
			return err_set(err, ERR_USAGE, "the value of %.200s is no text",
				       key);
		if (config_check(key, plain,
				 text ? strlen(text) : json_string_length(value),
				 err) < 0)
			return -1;
		(void)json_object_set_new(*vars, key, json_string(plain));
	}
	return 0;
}

static int parse_input(const struct buf *text, const char *format, json_t **vars,
		       struct err *err)
{
	AUTO(json_at) json_t *j = NULL;

	if (strcmp(format, "envfile") == 0)
		return config_parse_envfile(text->data, text->len, vars, err);
	if (strcmp(format, "json") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid format %.60s specified: it is envfile or json",
			       format);
	return jsonc_parse(text->data, text->len, &j, err) < 0 ? -1
							       : take_json(j, vars, err);
}

int config_cmd_import(struct request *req, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(json_at) json_t *vars = NULL;
	AUTO(json_at) json_t *was = NULL;
	struct config_change c = change_of(req, "set");
	const char *path = words(req)[0] ? words(req)[0] : "-";
	const char *format = request_value(req, "format");
	int rc;

	if (read_input(req, path, &text, err) < 0 ||
	    parse_input(&text, format ? format : "envfile", &vars, err) < 0 ||
	    config_load(req->st, req->app.id, &was, err) < 0)
		return -1;
	if (request_flag(req, "replace"))
		add_keys(&c.gone, was, vars);
	c.set = vars;
	show_values(req->out, vars);
	rc = apply(req, &c, err);
	strv_release(&c.gone);
	return rc;
}
