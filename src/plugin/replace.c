/* SPDX-License-Identifier: MIT */
#include "plugin/replace.h"

#include <string.h>

#include "plugin/exec.h"
#include "plugin/manifest.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* What is ours alone has our name: nobody else knows what it must do. */
bool replace_allowed(const struct plugin *core, enum trigger_id id)
{
	return !core->essential && strncmp(trigger_name(id), "davit-", 6) != 0;
}

const struct plugin *replace_find(const struct plugin *core, enum trigger_id id)
{
	AUTO_FREE char *word = NULL;
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++) {
		AUTO(manifest_release) struct manifest m = MANIFEST_INIT;
		struct err ignored;

		if (!all[i]->dir || !replace_allowed(core, id) ||
		    !exec_listens(all[i], trigger_name(id)) ||
		    manifest_read(all[i]->dir, &m, &ignored) != 0)
			continue;
		if (!word)
			word = xasprintf("%s/%s", core->name, trigger_name(id));
		if (strv_find(&m.replaces, word) >= 0)
			return all[i];
	}
	return NULL;
}

static const struct plugin *core_by_name(const char *name)
{
	for (size_t i = 0; i < core_plugins_count; i++)
		if (strcmp(core_plugins[i]->name, name) == 0)
			return core_plugins[i];
	return NULL;
}

static int refuse(const struct plugin *p, const char *word, const char *why,
		  struct err *err)
{
	(void)err_set(err, ERR_REFUSED, "plugin %s replaces %.100s, %s", p->name, word,
		      why);
	return err_hint(err, "davit help --triggers says whose handlers can be replaced");
}

static int check_word(const struct plugin *p, const char *word, struct err *err)
{
	const char *slash = strchr(word, '/');
	AUTO_FREE char *name = xstrndup(word, slash ? (size_t)(slash - word) : 0);
	const struct plugin *core = core_by_name(name);
	int id = slash ? trigger_by_name(slash + 1) : -1;

	if (!core || id < 0 || !core->on[id])
		return refuse(p, word, "which no core plugin has", err);
	if (!replace_allowed(core, (enum trigger_id)id))
		return refuse(p, word, "which nothing can stand in for", err);
	if (!exec_listens(p, slash + 1))
		return refuse(p, word, "and has no executable of that name", err);
	return 0;
}

int replace_check(const struct plugin *p, struct err *err)
{
	AUTO(manifest_release) struct manifest m = MANIFEST_INIT;

	if (manifest_read(p->dir, &m, err) < 0)
		return -1;
	strv_foreach(word, &m.replaces)
		if (check_word(p, word, err) < 0)
			return -1;
	return 0;
}
