/* SPDX-License-Identifier: MIT */
/* Names that follow from the properties of a registry. */
#include <string.h>

#include "plugins/settings/settings.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* "prefix/{{ .AppName }}": the one word in braces stands for the app. */
static char *render(const char *template, const char *app)
{
	struct buf out = BUF_INIT;

	while (*template) {
		const char *open = strstr(template, "{{");
		const char *close = open ? strstr(open, "}}") : NULL;

		if (!close) {
			buf_adds(&out, template);
			break;
		}
		buf_add(&out, template, (size_t)(open - template));
		open += 2 + strspn(open + 2, " ");
		if (strncmp(open, ".AppName", 8) == 0 || strncmp(open, "APP", 3) == 0)
			buf_adds(&out, app);
		template = close + 2;
	}
	return buf_take(&out);
}

static int image_repo(struct report *r, struct store *st, const struct app *app,
		      struct err *err)
{
	AUTO_FREE char *own = NULL;
	AUTO_FREE char *template = NULL;
	AUTO_FREE char *rendered = NULL;

	if (property_get(st, PROPERTY(app->id, "registry", "image-repo"), "", &own, err) <
		    0 ||
	    property_get(st, PROPERTY(app->id, "registry", "image-repo-template"), "",
			 &template, err) < 0)
		return -1;
	rendered = render(*template ? template : "dokku/{{ .AppName }}", app->name);
	report_add(r, "registry-computed-image-repo", *own ? own : rendered);
	return 0;
}

/* Docker Hub is what a name without a server means; other servers end in a slash. */
static void correct_server(struct report *r)
{
	int at = strv_find(&r->flags, "registry-computed-server");
	char *server = at < 0 ? NULL : r->values.v[at];

	if (!server || !*server)
		return;
	if (strcmp(server, "docker.io") == 0 || strcmp(server, "hub.docker.com") == 0)
		r->values.v[at] = xstrdup("");
	else if (server[strlen(server) - 1] != '/')
		r->values.v[at] = xasprintf("%s/", server);
	else
		return;
	free(server);
}

int settings_registry_names(struct report *r, struct store *st, const struct app *app,
			    struct err *err)
{
	correct_server(r);
	if (app->id == STORE_GLOBAL)
		return 0;
	report_add(r, "registry-tag-version", ""); /* of the last push: there is none */
	return image_repo(r, st, app, err);
}
