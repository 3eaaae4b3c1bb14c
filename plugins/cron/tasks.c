/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/cron/cron.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int cron_tasks(struct store *st, const struct app *app, struct tasks *list,
	       struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	int rc = release_live(st, app->id, &live, err);

	*list = (struct tasks)TASKS_INIT;
	return rc == 0  ? tasks_of(app->name, live.image.app_json, list, err)
	       : rc < 0 ? -1
			: 0;
}

static int is_true(struct store *st, int64_t app_id, const char *key, bool *yes,
		   struct err *err)
{
	AUTO_FREE char *value = NULL;
	int rc = property_find(st, app_id, "cron", key, &value, err);

	*yes = rc == 0 && strcmp(value, "true") == 0;
	return rc < 0 ? -1 : 0;
}

int cron_app_rests(struct store *st, const struct app *app, bool *rests, struct err *err)
{
	bool own;
	bool host;

	/* Either is enough, as in Dokku: an app's false does not overrule the host. */
	if (is_true(st, app->id, "maintenance", &own, err) < 0 ||
	    is_true(st, STORE_GLOBAL, "maintenance", &host, err) < 0)
		return -1;
	*rests = own || host;
	return 0;
}

int cron_task_rests(struct store *st, const struct app *app, const struct task *t,
		    bool *rests, struct err *err)
{
	AUTO_FREE char *key = xasprintf("maintenance.%s", t->id);

	if (is_true(st, app->id, key, rests, err) < 0)
		return -1;
	*rests = *rests || t->maintenance;
	return 0;
}

const struct task *cron_find(const struct tasks *tasks, const char *id)
{
	for (size_t i = 0; i < tasks->len; i++)
		if (strcmp(tasks->v[i].id, id) == 0)
			return &tasks->v[i];
	return NULL;
}

static int is_stopped(struct store *st, const struct app *app, bool *stopped,
		      struct err *err)
{
	AUTO_FREE char *restore = NULL;

	if (property_get(st, PROPERTY(app->id, "ps", "restore"), "true", &restore, err) <
	    0)
		return -1;
	*stopped = strcmp(restore, "false") == 0;
	return 0;
}

int cron_active(struct store *st, const struct app *app, struct tasks *list,
		struct err *err)
{
	AUTO(tasks_release) struct tasks all = TASKS_INIT;
	bool stopped = false;
	bool rests = false;

	*list = (struct tasks)TASKS_INIT;
	if (cron_tasks(st, app, &all, err) < 0)
		return -1;
	if (!all.len)
		return 0;
	if (is_stopped(st, app, &stopped, err) < 0 ||
	    cron_app_rests(st, app, &rests, err) < 0)
		return -1;
	list->v = xcalloc(all.len, sizeof *list->v);
	for (size_t i = 0; i < all.len && !stopped && !rests; i++) {
		bool one_rests;

		if (cron_task_rests(st, app, &all.v[i], &one_rests, err) < 0)
			return -1;
		if (one_rests)
			continue;
		list->v[list->len++] = all.v[i];
		all.v[i] = (struct task){ .id = NULL };
	}
	return 0;
}
