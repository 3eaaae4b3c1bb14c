/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "plugins/doctor/doctor.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

struct site {
	struct doctor *d;
	const struct app *app;
	char *dir;
	char *served;       /* where "current" leads, or "" */
	struct strv wanted; /* trees of releases */
};

static void site_release(struct site *s)
{
	free(s->dir);
	free(s->served);
	strv_release(&s->wanted);
}

static char *read_link(const char *dir)
{
	AUTO_FREE char *path = xasprintf("%s/current", dir);
	char now[256];
	ssize_t n = readlink(path, now, sizeof now);

	return xstrndup(now, n > 0 ? (size_t)n : 0);
}

static int check_release(void *ctx, const struct release *r, struct err *err)
{
	struct site *s = ctx;
	const char *tree = r->image.static_tree;
	AUTO_FREE char *path = xasprintf("%s/%s", s->dir, tree ? tree : "");
	AUTO_FREE char *rebuild = xasprintf("davit ps:rebuild %s", s->app->name);
	AUTO_FREE char *recover = xasprintf("davit recover %s", s->app->name);

	(void)err;
	if (!tree)
		return 0;
	strv_add(&s->wanted, tree);
	if (strcmp(r->state, "live") != 0 && strcmp(r->state, "past") != 0)
		return 0;
	if (!fs_is_dir(path))
		doctor_found(s->d, r->state[0] == 'l' ? FAULT : WARNING, rebuild,
			     "the site of %s v%lld is missing: %s", s->app->name,
			     (long long)r->number, path);
	if (r->state[0] == 'l' && strcmp(s->served, tree) != 0)
		doctor_mends(s->d, FAULT, recover,
			     "%s serves the site '%s', and v%lld is '%s'", s->app->name,
			     s->served, (long long)r->number, tree);
	return 0;
}

static void check_trees(struct site *s)
{
	AUTO(closedir_at) DIR *dir = opendir(s->dir);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && e->d_type == DT_DIR && !s->d->busy &&
		    strv_find(&s->wanted, e->d_name) < 0)
			doctor_mends(s->d, WARNING, "davit cleanup",
				     "site %s/%s is used by no release", s->dir,
				     e->d_name);
}

void doctor_check_static(struct doctor *d)
{
	AUTO_FREE char *top = paths_in(paths_root(), "static");
	AUTO(closedir_at) DIR *dir = opendir(top);
	struct dirent *e;
	struct err err;
	struct app app;

	while (dir && (e = readdir(dir)) != NULL) {
		AUTO(site_release)
		struct site s = { .d = d, .app = &app, .wanted = STRV_INIT };

		if (!name_is_app(e->d_name) || e->d_type != DT_DIR)
			continue;
		if (app_find(d->st, e->d_name, &app, &err) != 0) {
			doctor_found(d, WARNING, "davit cleanup --gone-apps",
				     "%s/%s is of an app that does not exist", top,
				     e->d_name);
			continue;
		}
		s.dir = xasprintf("%s/%s", top, app.name);
		s.served = read_link(s.dir);
		if (release_each(d->st, app.id, check_release, &s, &err) < 0)
			doctor_found(d, FAULT, err.hint, "%s", err.text);
		check_trees(&s);
	}
}
