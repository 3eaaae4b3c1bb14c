/* SPDX-License-Identifier: MIT */
#include "command/setting.h"

#include <string.h>

#include "command/rights.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static const struct setting *find(const struct settings *s, const char *key)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct setting *row = &s->rows[i];
		size_t n = strlen(row->key);

		if (strcmp(row->key, key) == 0 && !(row->scope & SETTING_FAMILY))
			return row;
		if (row->scope & SETTING_FAMILY && strncmp(row->key, key, n) == 0 &&
		    name_is_env(key + n))
			return row;
	}
	return NULL;
}

static int unknown_property(const struct settings *s, struct err *err)
{
	AUTO(strv_release) struct strv known = STRV_INIT;
	AUTO_FREE char *list = NULL;

	for (size_t i = 0; i < s->count; i++)
		strv_addf(&known, "%s%s", s->rows[i].key,
			  s->rows[i].scope & SETTING_FAMILY ? "NAME" : "");
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
		(void)err_set(err, ERR_USAGE,
			      "Property can only be specified globally: %s", key);
		return err_hint(err, "davit %s --global %s %s", req->command->name, key,
				value);
	}
	if (!*value) {
		out_title(req->out, "Unsetting %s", key);
		return property_unset(req->st, req->app.id, s->plugin, key, err);
	}
	if (row->scope & SETTING_ADMIN && rights_to_set(req, key, err) < 0)
		return -1;
	if (check_value(row, value, err) < 0)
		return -1;
	out_title(req->out, "Setting %s to %s", key, value);
	return property_set(req->st, req->app.id, s->plugin, key, value, err) < 0 ? -1
										  : 0;
}

static void add(struct report *r, const struct setting *row, const char *flag,
		const char *value)
{
	if (row->scope & SETTING_SECRET)
		report_add_secret(r, flag, value);
	else
		report_add(r, flag, value);
}

/* One report's values, read at once: KEY VALUE pairs of the app and of the host. */
struct values {
	const struct settings *s;
	struct strv own;
	struct strv host;
};

static const char *value_of(const struct strv *pairs, const char *key)
{
	for (size_t i = 0; i + 1 < pairs->len; i += 2)
		if (strcmp(pairs->v[i], key) == 0)
			return pairs->v[i + 1];
	return NULL;
}

static void report_family(struct report *r, const struct values *v,
			  const struct setting *row)
{
	for (size_t i = 0; i + 1 < v->host.len; i += 2) {
		AUTO_FREE char *flag = NULL;

		if (strncmp(v->host.v[i], row->key, strlen(row->key)) != 0)
			continue;
		flag = xasprintf("%sglobal-%s", v->s->prefix, v->host.v[i]);
		add(r, row, flag, v->host.v[i + 1]);
	}
}

static void report_row(struct report *r, const struct values *v, bool is_app,
		       const struct setting *row)
{
	const char *own = value_of(&v->own, row->key);
	const char *host = value_of(&v->host, row->key);
	AUTO_FREE char *flag = xasprintf("%s%s", v->s->prefix, row->key);
	AUTO_FREE char *global = xasprintf("%sglobal-%s", v->s->prefix, row->key);
	AUTO_FREE char *computed = xasprintf("%scomputed-%s", v->s->prefix, row->key);

	if (is_app && row->scope & SETTING_APP)
		add(r, row, flag, own ? own : "");
	if (row->scope & SETTING_GLOBAL) {
		add(r, row, global, host ? host : "");
		add(r, row, computed, own ? own : host ? host : row->otherwise);
	}
}

int settings_report(struct report *r, struct store *st, const struct app *app,
		    const struct settings *s, struct err *err)
{
	struct values v = { .s = s, .own = STRV_INIT, .host = STRV_INIT };
	bool is_app = app->id != STORE_GLOBAL;
	int rc = is_app ? property_pairs(st, app->id, s->plugin, &v.own, err) : 0;

	if (rc == 0)
		rc = property_pairs(st, STORE_GLOBAL, s->plugin, &v.host, err);
	for (size_t i = 0; rc == 0 && i < s->count; i++)
		if (s->rows[i].scope & SETTING_FAMILY)
			report_family(r, &v, &s->rows[i]);
		else
			report_row(r, &v, is_app, &s->rows[i]);
	strv_release(&v.own);
	strv_release(&v.host);
	return rc;
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
