/* SPDX-License-Identifier: MIT */
#include "plugin/manifest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"
#include "util/name.h"
#include "util/toml.h"
#include "util/yaml.h"

#define MANIFEST_MAX 65536

static const struct {
	const char *name;
	int (*parse)(const char *text, size_t len, json_t **out, struct err *err);
} files[] = {
	{ "plugin.toml", toml_parse },
	{ "plugin.yml", yaml_parse },
	{ "plugin.yaml", yaml_parse },
};

static char *text_of(const json_t *table, const char *key)
{
	const char *s = json_string_value(json_object_get(table, key));

	return xstrdup(s ? s : "");
}

/* "port" = 80 becomes CONFIG_PORT=80, for names that an environment can hold. */
static void add_config(struct manifest *m, const char *key, const json_t *value)
{
	AUTO_FREE char *name = xasprintf("CONFIG_%s", key);
	AUTO_FREE char *text = NULL;

	for (char *p = name; *p; p++)
		*p = *p == '-'                ? '_'
		     : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A')
					      : *p;
	if (!name_is_env(name))
		return;
	text = json_is_string(value) ? xstrdup(json_string_value(value))
				     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	if (text)
		strv_addf(&m->config, "%s=%s", name, text);
}

static void take(struct manifest *m, const json_t *all)
{
	const json_t *plugin = json_object_get(all, "plugin");
	const json_t *replaces = json_object_get(plugin, "replaces");
	json_t *config = json_object_get(plugin, "config");
	json_t *value;
	const char *key;
	size_t i;

	manifest_release(m);
	m->description = text_of(plugin, "description");
	m->version = text_of(plugin, "version");
	json_array_foreach(replaces, i, value)
		if (json_is_string(value))
			strv_add(&m->replaces, json_string_value(value));
	json_object_foreach(config, key, value)
		add_config(m, key, value);
}

int manifest_parse(const char *file, const struct buf *text, struct manifest *m,
		   struct err *err)
{
	AUTO(json_at) json_t *all = NULL;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (strcmp(files[i].name, file) == 0 &&
		    files[i].parse(text->data, text->len, &all, err) < 0)
			return err_context(err, "%s", file);
	take(m, all);
	return 0;
}

int manifest_read(const char *dir, struct manifest *m, struct err *err)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		int rc = fs_read_beneath(dir, files[i].name, MANIFEST_MAX, &text, err);

		if (rc == FS_ABSENT)
			continue;
		if (rc < 0)
			return -1;
		return manifest_parse(files[i].name, &text, m, err);
	}
	take(m, NULL);
	return MANIFEST_ABSENT;
}

void manifest_release(struct manifest *m)
{
	free(m->description);
	free(m->version);
	strv_release(&m->replaces);
	strv_release(&m->config);
	*m = (struct manifest)MANIFEST_INIT;
}
