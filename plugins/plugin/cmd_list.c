/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/report.h"
#include "command/setting.h"
#include "plugin/exec.h"
#include "plugin/manifest.h"
#include "plugins/plugin/trees.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static json_t *as_json(const char *name, const struct manifest *m, bool core,
		       bool enabled)
{
	return json_pack("{s:s, s:s, s:b, s:b, s:s}", "name", name, "version", m->version,
			 "enabled", enabled, "core", core, "description", m->description);
}

static void add_source(json_t *row, const char *name)
{
	static const struct {
		const char *key;
		const char *words[4];
	} asks[] = {
		{ "source_url", { "remote", "get-url", "origin", NULL } },
		{ "committish", { "rev-parse", "HEAD", NULL } },
		{ "branch", { "rev-parse", "--abbrev-ref", "HEAD", NULL } },
	};
	AUTO_FREE char *dir = trees_available(name);

	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
		AUTO_FREE char *answer = fetch_ask(dir, asks[i].words);

		(void)json_object_set_new(row, asks[i].key, json_string(answer));
	}
}

/* Print one plugin, or add it to `array`. */
static void show(struct request *req, const char *name, const struct manifest *m,
		 bool core, bool enabled, json_t *array)
{
	json_t *row;

	if (!array) {
		out_line(req->out, "  %-20s %-5s %-10s %s", name, m->version,
			 enabled ? "enabled" : "disabled", m->description);
		return;
	}
	row = as_json(name, m, core, enabled);
	if (!core)
		add_source(row, name);
	(void)json_array_append_new(array, row);
}

static void show_core(struct request *req, json_t *array)
{
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++) {
		struct manifest m = { .version = (char[]){ DAVIT_VERSION },
				      .description = (char *)all[i]->summary };

		if (!all[i]->dir && all[i]->summary)
			show(req, all[i]->name, &m, true, true, array);
	}
}

int plugin_cmd_list(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	const char *format = request_value(req, "format");
	bool json = format && strcmp(format, "json") == 0;
	AUTO(json_at) json_t *array = json ? json_array() : NULL;

	if (format && !json && strcmp(format, "stdout") != 0)
		return err_set(
			err, ERR_USAGE,
			"Invalid format specified, supported formats: json, stdout");
	show_core(req, array);
	trees_names(false, &names);
	strv_foreach(name, &names) {
		AUTO_FREE char *dir = trees_available(name);
		AUTO(manifest_release) struct manifest m = MANIFEST_INIT;
		struct err why;

		if (manifest_read(dir, &m, &why) < 0) {
			out_warn(req->out, "%s: %s", name, why.text);
			continue;
		}
		show(req, name, &m, false, trees_is_enabled(name), array);
	}
	if (json)
		report_print_json(req->out, json_incref(array));
	return 0;
}

static const struct setting rows[] = {
	{ EXEC_TIMEOUT_KEY, EXEC_TIMEOUT_DEFAULT, SETTING_GLOBAL, setting_is_seconds },
};

int plugin_cmd_set(struct request *req, struct err *err)
{
	static const struct settings settings = { "plugin", "plugin-", rows, 1 };

	return settings_set(req, &settings, err);
}
