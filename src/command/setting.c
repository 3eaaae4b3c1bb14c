/* SPDX-License-Identifier: MIT */
#include "command/setting.h"

#include <string.h>

#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static const struct setting *find(const struct settings *s, const char *key)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->rows[i].key, key) == 0)
			return &s->rows[i];
	return NULL;
}

static int unknown_property(const struct settings *s, struct err *err)
{
	AUTO(strv_release) struct strv known = STRV_INIT;
	AUTO_FREE char *list = NULL;

	for (size_t i = 0; i < s->count; i++)
		strv_add(&known, s->rows[i].key);
	strv_sort(&known);
	list = strv_join(&known, ", ");
	return err_set(err, ERR_USAGE,
		       "Invalid property specified, valid properties include: %s", list);
}

static int check_value(const struct setting *row, const char *value, struct err *err)
{
	if (strpbrk(value, "\n\r"))
		return err_set(err, ERR_USAGE, "the value of %s has a line break",
			       row->key);
	return row->check ? row->check(row->key, value, err) : 0;
}

int settings_set(struct request *req, const struct settings *s, struct err *err)
{
	int first = req->global ? 0 : 1;
	const char *key = req->argc > first ? req->argv[first] : NULL;
	const char *value = req->argc > first + 1 ? req->argv[first + 1] : "";
	const struct setting *row = key ? find(s, key) : NULL;

	if (!key || !*key) {
		(void)err_set(err, ERR_USAGE, "No property specified");
		return err_hint(err, "usage: davit %s " SETTING_USAGE,
				req->command->name);
	}
	if (!row)
		return unknown_property(s, err);
	if (req->global && !(row->scope & SETTING_GLOBAL))
		return err_set(err, ERR_USAGE,
			       "Property cannot be specified globally: %s", key);
	if (!req->global && !(row->scope & SETTING_APP)) {
		(void)err_set(err, ERR_USAGE, "%s can only be set globally", key);
		return err_hint(err, "davit %s --global %s %s", req->command->name, key,
				value);
	}
	if (!*value) {
		out_title(req->out, "Unsetting %s", key);
		return property_unset(req->st, req->app.id, s->plugin, key, err);
	}
	if (check_value(row, value, err) < 0)
		return -1;
	out_title(req->out, "Setting %s to %s", key, value);
	return property_set(req->st, req->app.id, s->plugin, key, value, err) < 0 ? -1
										  : 0;
}

static int report_row(struct report *r, struct store *st, const struct app *app,
		      const struct settings *s, const struct setting *row,
		      struct err *err)
{
	AUTO_FREE char *own = NULL;
	AUTO_FREE char *host = NULL;
	AUTO_FREE char *flag = xasprintf("%s%s", s->prefix, row->key);
	AUTO_FREE char *global = xasprintf("%sglobal-%s", s->prefix, row->key);
	AUTO_FREE char *computed = xasprintf("%scomputed-%s", s->prefix, row->key);
	bool is_app = app->id != STORE_GLOBAL;

	if (is_app && property_find(st, app->id, s->plugin, row->key, &own, err) < 0)
		return -1;
	if (property_find(st, STORE_GLOBAL, s->plugin, row->key, &host, err) < 0)
		return -1;
	if (is_app && row->scope & SETTING_APP)
		report_add(r, flag, own ? own : "");
	if (row->scope & SETTING_GLOBAL) {
		report_add(r, global, host ? host : "");
		report_add(r, computed, own ? own : host ? host : row->otherwise);
	}
	return 0;
}

int settings_report(struct report *r, struct store *st, const struct app *app,
		    const struct settings *s, struct err *err)
{
	for (size_t i = 0; i < s->count; i++)
		if (report_row(r, st, app, s, &s->rows[i], err) < 0)
			return -1;
	return 0;
}

int setting_is_bool(const char *key, const char *value, struct err *err)
{
	if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
		return 0;
	return err_set(err, ERR_USAGE, "%s must be true or false, not %.60s", key, value);
}

int setting_is_port(const char *key, const char *value, struct err *err)
{
	long port;

	if (name_to_int(value, 1, 65535, &port))
		return 0;
	return err_set(err, ERR_USAGE, "%s must be a port from 1 to 65535, not %.60s",
		       key, value);
}

int setting_is_seconds(const char *key, const char *value, struct err *err)
{
	long seconds;

	if (name_to_int(value, 0, 86400, &seconds))
		return 0;
	return err_set(err, ERR_USAGE,
		       "%s must be a number of seconds up to 86400, not %.60s", key,
		       value);
}

int setting_is_path(const char *key, const char *value, struct err *err)
{
	if (value[0] != '/' && strcmp(value, "..") != 0 &&
	    strncmp(value, "../", 3) != 0 && !strstr(value, "/../") &&
	    (strlen(value) < 3 || strcmp(value + strlen(value) - 3, "/..") != 0))
		return 0;
	return err_set(err, ERR_USAGE,
		       "%s must be a path below the app's directory, not %.200s", key,
		       value);
}
