/* SPDX-License-Identifier: MIT */
#include "deploy/finish.h"

#include <jansson.h>
#include <string.h>

#include "plugin/plugin.h"
#include "store/release.h"
#include "util/cleanup.h"

/* Process types that nobody has asked for: said, so that a worker is not waited for. */
static void tell_idle(struct work *w, const struct release *live)
{
	const char *type;
	json_t *command;

	json_object_foreach(live->image.processes, type, command) {
		const json_t *n = json_object_get(live->formation, type);

		if (strcmp(type, "release") != 0 && json_integer_value(n) == 0)
			out_note(w->out, "%s is not running: davit ps:scale %s %s=1",
				 type, w->app.name, type);
	}
}

void finish_urls(struct work *w)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *urls = NULL;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err ignored;

	if (release_live(w->st, w->app.id, &live, &ignored) == 0) {
		tell_idle(w, &live);
		if (!live.image.static_tree && !image_command(&live.image, "web")) {
			out_note(w->out, "Skipping web as it is missing from the current "
					 "Procfile");
			out_title(w->out,
				  "Application deployed: no web process, so no URL");
			return;
		}
	}
	if (trigger_ask(w->st, w->out, &urls, &ignored, TRIGGER_DOMAINS_URLS, w->app.name,
			"urls", NULL) < 0)
		return;
	strv_split(&lines, urls, "\n");
	if (!lines.len)
		return;
	out_title(w->out, "Application deployed:");
	strv_foreach(line, &lines)
		out_note(w->out, "%s", line);
}

void finish_push(struct work *w, const char *type, const char *metadata)
{
	struct err err;

	if (type && trigger(w->st, w->out, &err, TRIGGER_DEPLOY_SOURCE_SET, w->app.name,
			    type, metadata, NULL) < 0)
		out_warn(w->out, "%s", err.text);
	finish_urls(w);
}
