/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/access/access.h"
#include "store/property.h"
#include "store/ssh_key.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static int check_role(const char *word, struct err *err)
{
	enum role role = role_by_name(word);

	if (role >= ROLE_VIEWER && role <= ROLE_OWNER)
		return 0;
	(void)err_set(err, ERR_USAGE, "'%.40s' is no role over an app", word);
	return err_hint(err, "viewer reads, deployer pushes and restarts, owner changes "
			     "everything");
}

/* The key has to be there and to need a rule. */
static int check_key(struct store *st, const char *name, struct err *err)
{
	AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };
	int rc = ssh_key_find_name(st, name, &k, err);

	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW) {
		(void)err_set(err, ERR_REFUSED, "there is no ssh key named %.80s", name);
		return err_hint(err,
				"on the host, as root: davit ssh-keys:add %.60s <file> "
				"--role member",
				name);
	}
	if (strcmp(k.role, "admin") != 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s is an admin and may do everything already",
		      name);
	return err_hint(
		err,
		"for less, on the host, as root: davit ssh-keys:remove '%s', then "
		"davit ssh-keys:add with --role member",
		name);
}

int access_cmd_add(struct request *req, struct err *err)
{
	const char *key = req->argv[1];
	const char *role = req->argv[2];

	if (check_role(role, err) < 0 || check_key(req->st, key, err) < 0 ||
	    property_set(req->st, req->app.id, "access", key, role, err) < 0)
		return -1;
	out_step(req->out, "%s is %s of %s", key, role, req->app.name);
	return 0;
}

int access_cmd_remove(struct request *req, struct err *err)
{
	AUTO_FREE char *role = NULL;
	const char *key = req->argv[1];
	int rc = property_find(req->st, req->app.id, "access", key, &role, err);

	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW) {
		(void)err_set(err, ERR_REFUSED, "%.80s has no role over %s", key,
			      req->app.name);
		return err_hint(err, "davit access:list %s", req->app.name);
	}
	if (property_unset(req->st, req->app.id, "access", key, err) < 0)
		return -1;
	out_step(req->out, "%s is no longer %s of %s", key, role, req->app.name);
	return 0;
}

int access_cmd_list(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;
	const char *format = request_value(req, "format");
	bool json = format && strcmp(format, "json") == 0;
	json_t *rows;
	int rc = 0;

	if (format && !json && strcmp(format, "text") != 0 &&
	    strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE, "Invalid format %.60s: it is json or text",
			       format);
	if (property_keys(req->st, req->app.id, "access", "", &keys, err) < 0)
		return -1;
	rows = json_array();
	if (!json)
		out_title(req->out, "Roles over %s", req->app.name);
	strv_foreach(key, &keys) {
		AUTO_FREE char *role = NULL;

		rc = property_get(req->st, PROPERTY(req->app.id, "access", key), "",
				  &role, err);
		if (rc < 0)
			break;
		if (!json)
			out_line(req->out, "%-24s %s", key, role);
		(void)json_array_append_new(
			rows, json_pack("{s:s, s:s}", "key", key, "role", role));
	}
	if (rc >= 0 && json)
		report_print_json(req->out, rows);
	else
		json_decref(rows);
	return rc < 0 ? -1 : 0;
}

static int keys_with(struct store *st, int64_t app_id, const char *want,
		     struct strv *names, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(st, app_id, "access", "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		AUTO_FREE char *role = NULL;

		if (property_get(st, PROPERTY(app_id, "access", key), "", &role, err) < 0)
			return -1;
		if (strcmp(role, want) == 0)
			strv_add(names, key);
	}
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	static const char *const roles[] = { "owner", "deployer", "viewer" };

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		AUTO_FREE char *flag = xasprintf("access-%ss", roles[i]);
		AUTO(strv_release) struct strv names = STRV_INIT;
		AUTO_FREE char *joined = NULL;

		if (keys_with(req->st, app->id, roles[i], &names, err) < 0)
			return -1;
		joined = strv_join(&names, ",");
		report_add(r, flag, joined);
	}
	return 0;
}

int access_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "access",
						 .prefix = "access-",
						 .fill = fill };

	return report_run(req, &kind, err);
}
