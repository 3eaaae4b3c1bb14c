/* SPDX-License-Identifier: MIT */
/* storage:mount, :unmount and :list. */
#include <string.h>

#include "plugins/storage/storage.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/name.h"

/* host:target[:options] in *a, whose other members are set. */
static int take_colons(const char *word, json_t *a, struct err *err)
{
	AUTO(strv_release) struct strv part = STRV_INIT;

	strv_split(&part, word, ":");
	if (part.len < 2 || part.len > 3)
		return err_set(
			err, ERR_USAGE,
			"'%.200s' is not <host>:<path in the container>[:<options>]",
			word);
	(void)json_object_set_new(a, "host", json_string(part.v[0]));
	(void)json_object_set_new(a, "target", json_string(part.v[1]));
	if (part.len == 3)
		(void)json_object_set_new(a, "options", json_string(part.v[2]));
	return 0;
}

/* Phases joined by commas; both where none is given. */
static int take_phases(struct request *req, json_t *a, struct err *err)
{
	AUTO(strv_release) struct strv given = STRV_INIT;
	AUTO_FREE char *joined = NULL;

	request_values(req, "phase", &given);
	strv_foreach(phase, &given)
		if (strcmp(phase, "deploy") != 0 && strcmp(phase, "run") != 0)
			return err_set(err, ERR_USAGE,
				       "--phase must be deploy or run, not %.40s", phase);
	joined = given.len ? strv_join(&given, ",") : xstrdup("deploy,run");
	(void)json_object_set_new(a, "phases", json_string(joined));
	return 0;
}

static int check_subpath(const char *sub, struct err *err)
{
	AUTO_FREE char *path = xasprintf("/%s", sub);

	return !*sub || storage_check_target(path, err) == 0
		       ? 0
		       : err_context(err, "--volume-subpath");
}

static int take_flags(struct request *req, json_t *a, struct err *err)
{
	const char *process = request_value(req, "process-type");
	const char *chown = request_value(req, "volume-chown");
	const char *options = request_value(req, "volume-options");
	const char *sub = request_value(req, "volume-subpath");
	struct storage_owner o;

	if (process && !name_is_process(process))
		return err_set(err, ERR_USAGE, "'%.80s' is no process type", process);
	if ((chown && storage_owner_of(chown, &o, err) < 0) ||
	    (sub && check_subpath(sub, err) < 0) || take_phases(req, a, err) < 0)
		return -1;
	(void)json_object_set_new(a, "process",
				  json_string(process ? process : "_default_"));
	(void)json_object_set_new(a, "chown", json_string(chown ? chown : ""));
	(void)json_object_set_new(a, "subpath", json_string(sub ? sub : ""));
	(void)json_object_set_new(a, "readonly",
				  json_boolean(request_flag(req, "volume-readonly")));
	if (options)
		(void)json_object_set_new(a, "options", json_string(options));
	return 0;
}

/* May this caller mount it, and (told in *allowed) will davit-root? */
static int check_host(struct request *req, const json_t *a, bool *allowed,
		      struct err *err)
{
	AUTO(storage_place_release) struct storage_place place = { .name = NULL };
	AUTO_FREE char *host = storage_host_side(req->st, a);

	if (storage_check_target(storage_text(a, "target"), err) < 0 ||
	    storage_place_of(host ? host : "", &place, err) < 0)
		return -1;
	if (req->caller->role < ROLE_ADMIN &&
	    storage_check_own(&place, &req->app, err) < 0)
		return -1;
	return storage_is_allowed(&place, allowed, err);
}

static void warn_unlisted(struct request *req, const json_t *a)
{
	AUTO_FREE char *host = storage_host_side(req->st, a);

	out_warn(req->out,
		 "%s is not below mounts: in /etc/davit/davit.yml yet: until "
		 "root lists it there, deploys of %s will fail",
		 host, req->app.name);
}

static int make_attachment(struct request *req, json_t *a, struct err *err)
{
	const char *word = req->argv[1];
	const char *target = request_value(req, "container-dir");
	AUTO(json_at) json_t *entry = NULL;

	if (take_flags(req, a, err) < 0)
		return -1;
	if (strchr(word, ':'))
		return take_colons(word, a, err);
	if (storage_find(req->st, word, &entry, err) < 0)
		return -1;
	if (!target)
		return err_set(err, ERR_USAGE, "--container-dir is needed: where %s goes",
			       word);
	(void)json_object_set_new(a, "entry", json_string(word));
	(void)json_object_set_new(a, "target", json_string(target));
	return 0;
}

static bool same(const json_t *a, const json_t *b)
{
	return strcmp(storage_text(a, "entry"), storage_text(b, "entry")) == 0 &&
	       strcmp(storage_text(a, "host"), storage_text(b, "host")) == 0 &&
	       strcmp(storage_text(a, "target"), storage_text(b, "target")) == 0;
}

int storage_cmd_mount(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *list = NULL;
	AUTO(json_at)
	json_t *a = json_pack("{s:s, s:s, s:s, s:s}", "entry", "", "host", "", "target",
			      "", "options", "");
	json_t *other;
	bool allowed;
	size_t i;

	if (make_attachment(req, a, err) < 0 || check_host(req, a, &allowed, err) < 0 ||
	    storage_attachments(req->st, req->app.id, &list, err) < 0)
		return -1;
	json_array_foreach(list, i, other) {
		if (!same(a, other))
			continue;
		if (!*storage_text(a, "entry"))
			return err_set(err, ERR_REFUSED, "Mount path already exists.");
		break;
	}
	if (i < json_array_size(list))
		(void)json_array_set(list, i, a);
	else
		(void)json_array_append(list, a);
	if (storage_set_attachments(req->st, req->app.id, list, err) < 0)
		return -1;
	if (!allowed)
		warn_unlisted(req, a);
	return 0;
}

/* Is this what the words of storage:unmount mean? */
static bool is_meant(const struct request *req, const json_t *a)
{
	const char *word = req->argv[1];
	const char *target = request_value(req, "container-dir");
	AUTO_FREE char *pair = xasprintf("%s:%s", storage_text(a, "host"),
					 storage_text(a, "target"));
	size_t n = strlen(pair);

	if (strchr(word, ':'))
		return strncmp(pair, word, n) == 0 && (!word[n] || word[n] == ':');
	return strcmp(storage_text(a, "entry"), word) == 0 &&
	       (!target || strcmp(storage_text(a, "target"), target) == 0);
}

int storage_cmd_unmount(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *list = NULL;
	size_t found = 0;
	size_t at = 0;

	if (storage_attachments(req->st, req->app.id, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (is_meant(req, json_array_get(list, i))) {
			found++;
			at = i;
		}
	if (found == 0)
		return err_set(err, ERR_REFUSED, "Mount path does not exist.");
	if (found > 1) {
		(void)err_set(err, ERR_USAGE, "%s is mounted %zu times", req->argv[1],
			      found);
		return err_hint(err, "say which: --container-dir <path>");
	}
	(void)json_array_remove(list, at);
	return storage_set_attachments(req->st, req->app.id, list, err);
}

static json_t *row_of(struct store *st, const json_t *a)
{
	AUTO_FREE char *host = storage_host_side(st, a);
	json_t *row = json_pack("{s:s, s:s, s:s}", "entry_name", storage_text(a, "entry"),
				"host_path", host ? host : "", "container_path",
				storage_text(a, "target"));

	if (json_is_true(json_object_get(a, "readonly")))
		(void)json_object_set_new(row, "readonly", json_true());
	if (*storage_text(a, "options"))
		(void)json_object_set_new(row, "volume_options",
					  json_string(storage_text(a, "options")));
	return row;
}

int storage_cmd_list(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *list = NULL;
	const char *format = request_value(req, "format");
	bool json = format && strcmp(format, "json") == 0;
	json_t *rows;
	json_t *a;
	size_t i;

	if (format && !json && strcmp(format, "text") != 0 &&
	    strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE, "Invalid format %.60s: it is json or text",
			       format);
	if (storage_attachments(req->st, req->app.id, &list, err) < 0)
		return -1;
	rows = json_array();
	if (!json)
		out_title(req->out, "%s volume bind-mounts:", req->app.name);
	json_array_foreach(list, i, a) {
		json_t *row = row_of(req->st, a);
		const char *options = storage_text(row, "volume_options");

		if (!json)
			out_line(req->out, "%s%s:%s%s%s",
				 req->out->quiet ? "" : "       ",
				 storage_text(row, "host_path"),
				 storage_text(row, "container_path"), *options ? ":" : "",
				 options);
		(void)json_array_append_new(rows, row);
	}
	if (json)
		report_print_json(req->out, rows);
	else
		json_decref(rows);
	return 0;
}

int storage_on_storage_list(const struct plugin *self, struct trigger_call *call,
			    struct err *err)
{
	const char *const *w = call->argv;
	const char *phase = w[0] && w[1] ? w[1] : "";
	bool json = *phase && w[2] && strcmp(w[2], "json") == 0;
	AUTO(json_at) json_t *list = NULL;
	AUTO(json_at) json_t *rows = json_array();
	AUTO_FREE char *text = NULL;
	struct app app;
	json_t *a;
	size_t i;

	(void)self;
	if (app_need(call->st, w[0], &app, err) < 0 ||
	    storage_attachments(call->st, app.id, &list, err) < 0)
		return -1;
	json_array_foreach(list, i, a) {
		json_t *row;

		if (!strstr(storage_text(a, "phases"), phase))
			continue;
		row = row_of(call->st, a);
		(void)json_array_append_new(rows, row);
		if (!json)
			buf_addf(&call->out, "%s:%s\n", storage_text(row, "host_path"),
				 storage_text(row, "container_path"));
	}
	text = json ? json_dumps(rows, JSON_COMPACT) : NULL;
	if (text)
		buf_addf(&call->out, "%s\n", text);
	return 0;
}
