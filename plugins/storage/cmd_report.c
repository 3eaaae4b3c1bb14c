/* SPDX-License-Identifier: MIT */
/* storage:report. */
#include <string.h>

#include "plugins/storage/storage.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

/* "-v /host:/target:ro,noexec" for each one of the phase. */
static void add_phase(struct report *r, struct store *st, const json_t *list,
		      const char *phase)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_FREE char *flag = xasprintf("storage-%s-mounts", phase);
	json_t *a;
	size_t i;

	json_array_foreach(list, i, a) {
		AUTO_FREE char *host = storage_host_side(st, a);
		const char *options = storage_text(a, "options");
		bool readonly = json_is_true(json_object_get(a, "readonly"));

		if (!host || !strstr(storage_text(a, "phases"), phase))
			continue;
		buf_addf(&text, "%s-v %s:%s", text.len ? " " : "", host,
			 storage_text(a, "target"));
		if (readonly || *options)
			buf_addf(&text, ":%s%s%s", readonly ? "ro" : "",
				 readonly && *options ? "," : "", options);
	}
	report_add(r, flag, text.data);
}

static void add_attachment(struct report *r, size_t n, const char *host, const json_t *a)
{
	static const char *const members[][2] = {
		{ "entry-name", "entry" },   { "container-path", "target" },
		{ "phases", "phases" },      { "process-type", "process" },
		{ "subpath", "subpath" },    { "volume-options", "options" },
		{ "volume-chown", "chown" },
	};
	AUTO_FREE char *host_flag = xasprintf("storage-attachment.%zu.host-path", n);
	AUTO_FREE char *ro_flag = xasprintf("storage-attachment.%zu.readonly", n);

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		AUTO_FREE char *flag = xasprintf("storage-attachment.%zu.%s", n,
						 members[i][0]);

		report_add(r, flag, storage_text(a, members[i][1]));
	}
	report_add(r, host_flag, host);
	report_add_bool(r, ro_flag, json_is_true(json_object_get(a, "readonly")));
}

/* The directory without the subpath, which has a line of its own. */
static char *directory_of(struct store *st, const json_t *a)
{
	AUTO(json_at) json_t *whole = json_deep_copy(a);

	(void)json_object_set_new(whole, "subpath", json_string(""));
	return storage_host_side(st, whole);
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	AUTO(json_at) json_t *list = NULL;
	size_t n = 0;
	size_t i;
	json_t *a;

	if (storage_attachments(req->st, app->id, &list, err) < 0)
		return -1;
	add_phase(r, req->st, list, "build");
	add_phase(r, req->st, list, "deploy");
	add_phase(r, req->st, list, "run");
	json_array_foreach(list, i, a) {
		AUTO_FREE char *host = directory_of(req->st, a);

		if (host)
			add_attachment(r, ++n, host, a);
		else
			out_warn(req->out, "Skipping attachment: entry %s is gone",
				 storage_text(a, "entry"));
	}
	return 0;
}

int storage_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = {
		.title = "storage", .prefix = "storage-", .both_keys = true, .fill = fill
	};

	return report_run(req, &kind, err);
}
