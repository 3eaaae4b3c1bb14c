/* SPDX-License-Identifier: MIT */
/* storage:ensure-directory, and what Dokku does with containers of its own. */
#include <string.h>

#include "plugins/storage/storage.h"
#include "runtime/helper.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/name.h"

int storage_cmd_ensure_directory(struct request *req, struct err *err)
{
	const char *name = req->argv[0];
	const char *chown = request_value(req, "chown");
	AUTO_FREE char *path = storage_default_path(name);
	struct storage_owner o;
	json_t *fields;

	if (!name_is_id(name)) {
		(void)err_set(
			err, ERR_USAGE,
			"Directory can only contain the following set of characters: "
			"[A-Za-z0-9_.-]");
		return err_hint(err, "davit storage:ensure-directory <app>");
	}
	if (storage_owner_of(chown ? chown : "herokuish", &o, err) < 0)
		return -1;
	out_warn(req->out, "Deprecated: davit storage:create makes a named directory");
	out_step(req->out, "Ensuring %s exists", path);
	fields = json_pack("{s:s}", "name", name);
	if (o.uid >= 0) {
		out_note(req->out, "Setting directory ownership to %ld:%ld", o.uid,
			 o.gid);
		(void)json_object_set_new(fields, "uid", json_integer(o.uid));
		(void)json_object_set_new(fields, "gid", json_integer(o.gid));
	}
	if (helper_one("storage", fields, NULL, err) < 0)
		return -1;
	out_note(req->out, "Directory ready for mounting");
	return 0;
}

int storage_cmd_exec(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *entry = NULL;

	if (storage_find(req->st, req->argv[0], &entry, err) < 0)
		return -1;
	(void)err_set(err, ERR_REFUSED,
		      "there is no image to run with only this entry mounted");
	return err_hint(err,
			"mount it into an app and look from there: davit storage:mount "
			"<app> %s --container-dir /data; davit run <app> bash",
			req->argv[0]);
}

int storage_cmd_migrate(struct request *req, struct err *err)
{
	(void)err;
	out_step(req->out, "Nothing to convert: -v of docker-options mounts as it is");
	return 0;
}
