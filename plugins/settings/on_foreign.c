/* SPDX-License-Identifier: MIT */
/* Trees that only a builder knows that is not here: it is named, so that the refusal can
 * say what would help. */
#include <string.h>

#include "plugins/settings/settings.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

/* In the order in which Dokku asks them. */
static const struct {
	const char *builder;
	const char *plugin;
	const char *key;
	const char *file;
} foreign[] = {
	{ "dockerfile", "builder-dockerfile", "dockerfile-path", "Dockerfile" },
	{ "lambda", "builder-lambda", "lambdayml-path", "lambda.yml" },
	{ "nixpacks", "builder-nixpacks", "nixpackstoml-path", "nixpacks.toml" },
	{ "pack", "builder-pack", "projecttoml-path", "project.toml" },
	{ "railpack", "builder-railpack", "railpackjson-path", "railpack.json" },
};
#define FOREIGN (sizeof foreign / sizeof *foreign)

/* Comes after every builder that is here: they have all declined. */
int settings_on_foreign_detect(const struct plugin *self, struct trigger_call *call,
			       struct err *err)
{
	const char *dir = call->argv[0] ? call->argv[1] : NULL;
	struct app app;
	int rc = app_find(call->st, call->argv[0] ? call->argv[0] : "", &app, err);

	(void)self;
	if (rc != 0 || !dir)
		return rc < 0 ? -1 : TRIGGER_DECLINED;
	for (size_t i = 0; i < FOREIGN; i++) {
		AUTO_FREE char *file = NULL;
		AUTO_FREE char *path = NULL;

		if (property_get(call->st,
				 PROPERTY(app.id, foreign[i].plugin, foreign[i].key),
				 foreign[i].file, &file, err) < 0)
			return -1;
		path = paths_in(dir, "%s", file);
		if (!fs_exists(path))
			continue;
		buf_addf(&call->out, "%s\n", foreign[i].builder);
		return 0;
	}
	return TRIGGER_DECLINED;
}

int settings_on_foreign_build(const struct plugin *self, struct trigger_call *call,
			      struct err *err)
{
	(void)self;
	for (size_t i = 0; i < FOREIGN; i++) {
		if (strcmp(foreign[i].builder, call->argv[0]) != 0)
			continue;
		(void)err_set(err, ERR_APP,
			      "%s asks for the builder %s, which needs a container "
			      "engine: there is none here",
			      foreign[i].file, foreign[i].builder);
		return err_hint(err,
				"davit builder:set %s selected buildpack builds with "
				"buildpacks; davit buildpacks:add chooses them",
				call->argv[1]);
	}
	return TRIGGER_DECLINED;
}
