/* SPDX-License-Identifier: MIT */
/* Which buildpacks are asked for, and whether the tree looks like one of ours. */
#include <string.h>

#include "plugins/builder-buildpack/buildpack.h"
#include "store/config.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"
#include "util/paths.h"

enum { FILE_MAX = 1 << 20 };

/* The url: of a local or heroku/ buildpack is its name. */
static void take_app_json(const json_t *app_json, struct strv *packs)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(app_json, "buildpacks"), i, one) {
		const char *url = json_string_value(json_object_get(one, "url"));

		if (url && *url)
			strv_add(packs, url);
	}
}

static int read_app_json(const char *dir, struct strv *packs, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err ignored;
	json_t *app_json;
	int rc = fs_read_beneath(dir, "app.json", FILE_MAX, &text, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	/* Whoever reads app.json for what it is about says what is wrong with it. */
	if (jsonc_parse(text.data, text.len, &app_json, &ignored) < 0)
		return 0;
	take_app_json(app_json, packs);
	json_decref(app_json);
	return 0;
}

static int read_list(const char *dir, struct strv *packs, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;

	if (fs_read_beneath(dir, ".buildpacks", FILE_MAX, &text, err) < 0)
		return -1;
	strv_split(&lines, text.data, "\r\n\t ");
	strv_foreach(line, &lines)
		if (*line != '#')
			strv_add(packs, line);
	return 0;
}

int packs_wanted(struct store *st, const struct app *app, const char *dir,
		 struct strv *packs, struct err *err)
{
	json_t *config;

	if (property_list(st, app->id, "buildpacks", "buildpacks", packs, err) < 0)
		return -1;
	if (!packs->len && read_list(dir, packs, err) < 0)
		return -1;
	if (!packs->len) {
		if (config_merged(st, app->id, &config, err) < 0)
			return -1;
		const char *value = json_string_value(
			json_object_get(config, "BUILDPACK_URL"));

		if (value && *value)
			strv_add(packs, value);
		json_decref(config);
	}
	return packs->len ? 0 : read_app_json(dir, packs, err);
}

static bool holds(const char *dir, const char *name)
{
	AUTO_FREE char *path = paths_in(dir, "%s", name);

	return fs_exists(path);
}

/* A Dockerfile is a builder's own sign; without one, the manifests that our buildpacks
 * know.  What is asked for by name comes first. */
int buildpack_on_detect(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	static const char *const manifests[] = { "package.json",   "requirements.txt",
						 "pyproject.toml", "Pipfile",
						 "uv.lock",        "poetry.lock",
						 "setup.py",       "null" };
	AUTO(strv_release) struct strv packs = STRV_INIT;
	const char *dir = call->argv[1];
	struct app app;
	bool ours;

	(void)self;
	if (app_find(call->st, call->argv[0], &app, err) != 0 ||
	    packs_wanted(call->st, &app, dir, &packs, err) < 0)
		return -1;
	ours = packs.len > 0;
	for (size_t i = 0; !ours && i < sizeof manifests / sizeof *manifests; i++)
		ours = holds(dir, manifests[i]) && !holds(dir, "Dockerfile");
	if (!ours)
		return TRIGGER_DECLINED;
	buf_adds(&call->out, "buildpack\n");
	return 0;
}
