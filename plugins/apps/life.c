/* SPDX-License-Identifier: MIT */
/* Making and unmaking an app: what commands and triggers share. */
#include <string.h>

#include "plugins/apps/apps.h"
#include "runtime/applog.h"
#include "runtime/helper.h"
#include "store/deploy.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

/* Names of our own directories and words that stand where an app's name may stand. */
static const char *const reserved[] = {
	"all",    "cache",   "current",  "davit", "dokku", "global", "layers",
	"ranges", "scratch", "snippets", "stack", "store", "tls",
};

static bool is_reserved(const char *name)
{
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i]->name, name) == 0)
			return true;
	return false;
}

int apps_check_name(const char *name, struct err *err)
{
	if (!name_is_app(name)) {
		(void)err_set(
			err, ERR_USAGE,
			"App name must begin with lowercase alphanumeric character, and "
			"be at most %d of a-z, 0-9, hyphens and dots: '%.100s'",
			APP_NAME_MAX, name);
		return err_hint(err, "labels do not begin or end with a hyphen: my-app, "
				     "shop.example.com");
	}
	if (is_reserved(name)) {
		(void)err_set(err, ERR_REFUSED, "The name %s is reserved", name);
		return err_hint(
			err,
			"a plugin or a directory of davit has it; choose another, "
			"e.g. %s-app",
			name);
	}
	return 0;
}

char *apps_repository(const char *name)
{
	return paths_in(paths_root(), "git/%s.git", name);
}

char *apps_build_logs(const char *name)
{
	return paths_in(paths_root(), "store/builds/%s", name);
}

int apps_make(struct store *st, struct out *out, const char *name, struct app *app,
	      struct err *err)
{
	struct app row;
	int rc;

	if (apps_check_name(name, err) < 0)
		return -1;
	rc = app_create(st, name, &row, err);
	if (rc == STORE_TAKEN) {
		(void)err_set(err, ERR_REFUSED, "Name is already taken");
		return err_hint(err,
				"davit apps:report %s tells about the app that has it",
				name);
	}
	if (rc < 0)
		return -1;
	out_step(out, "Creating %s...", name);
	if (trigger(st, out, err, TRIGGER_POST_CREATE, name, NULL) < 0) {
		struct err ignored;

		(void)app_delete(st, row.id, &ignored);
		return err_context(err, "%s was not created", name);
	}
	if (app)
		*app = row;
	return 0;
}

int apps_check_idle(struct store *st, const struct app *app, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;

	if (deploy_open(st, app->id, &open, err) < 0)
		return -1;
	for (size_t i = 0; i < open.len; i++) {
		const struct deploy *d = &open.v[i];

		if (!proc_lives(d->pid, (unsigned long long)d->pid_started))
			continue;
		(void)err_set(err, ERR_REFUSED, "%s currently has a deploy lock in place",
			      app->name);
		return err_hint(err, "deploy %s (%s) is %s: wait for it to end",
				d->public_id, d->source, d->state);
	}
	return 0;
}

/* All of the app that root keeps.  Static sites are known by the app's name. */
static int forget(struct store *st, const struct app *app, struct err *err)
{
	AUTO(strv_release) struct strv layers = STRV_INIT;
	AUTO(helper_release) struct helper h = HELPER_INIT;

	if (release_layers_alone(st, app->id, &layers, err) < 0)
		return -1;
	helper_add(&h, "forget", json_pack("{s:s}", "app", app->name));
	strv_foreach(layer, &layers)
		helper_add(&h, "layer-remove", json_pack("{s:s}", "layer", layer));
	return helper_run(&h, NULL, err);
}

/* Sources of deploys that were killed and that nobody has undone. */
static int remove_sources(struct store *st, const struct app *app, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;

	if (deploy_open(st, app->id, &open, err) < 0)
		return -1;
	for (size_t i = 0; i < open.len; i++) {
		AUTO_FREE char *tree = paths_in(paths_root(), "store/work/%s",
						open.v[i].public_id);

		if (fs_remove_tree(tree, err) < 0)
			return -1;
	}
	return 0;
}

/* From here on there is no way back. */
static int destroy(struct store *st, struct out *out, const struct app *app,
		   struct err *err)
{
	AUTO_FREE char *repository = apps_repository(app->name);
	AUTO_FREE char *logs = apps_build_logs(app->name);

	if (trigger(st, out, err, TRIGGER_SCHEDULER_STOP, "docker-local", app->name,
		    "true", NULL) < 0 ||
	    trigger(st, out, err, TRIGGER_SCHEDULER_POST_DELETE, "docker-local",
		    app->name, "latest", NULL) < 0 ||
	    trigger(st, out, err, TRIGGER_POST_DELETE, app->name, "latest", NULL) < 0 ||
	    forget(st, app, err) < 0)
		return -1;
	/* The row goes last: whatever fails before can be tried again. */
	if (remove_sources(st, app, err) < 0 || fs_remove_tree(repository, err) < 0 ||
	    fs_remove_tree(logs, err) < 0)
		return -1;
	applog_remove(app->id);
	return app_delete(st, app->id, err);
}

int apps_destroy(struct store *st, struct out *out, const struct app *app,
		 struct err *err)
{
	if (trigger(st, out, err, TRIGGER_PRE_DELETE, app->name, "latest", NULL) < 0 ||
	    unfinished_note(st, app->id, UNFINISHED_END, app->name, "-", err) < 0)
		return -1;
	/* What fails stays noted: the next tick tries again. */
	if (destroy(st, out, app, err) < 0)
		return -1;
	return trigger(st, out, err, TRIGGER_VIEWS, app->name, "write", NULL) < 0 ? -1
										  : 0;
}
