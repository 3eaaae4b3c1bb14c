/* SPDX-License-Identifier: MIT */
#include "deploy/rollback.h"

#include <stdlib.h>
#include <string.h>

#include "deploy/finish.h"
#include "deploy/release.h"
#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/paths.h"
#include "util/treetar.h"

static int find_live(struct store *st, const struct app *app, struct release *live,
		     struct err *err)
{
	int rc = release_live(st, app->id, live, err);

	if (rc == STORE_NO_ROW)
		return err_set(err, ERR_REFUSED, "App %s has not been deployed",
			       app->name);
	return rc;
}

static int roll_back(struct work *w, struct release *live, struct release *target,
		     const char *what, struct err *err)
{
	AUTO_FREE char *reason = NULL;
	bool code = strcmp(what, "config") != 0;
	bool config = strcmp(what, "code") != 0;
	bool formation = strcmp(what, "all") == 0;
	reason = xasprintf("rollback to v%lld%s", (long long)target->number,
			   strcmp(what, "all") == 0 ? ""
			   : code                   ? " (code only)"
						    : " (config only)");

	struct release_want want = {
		.w = w,
		.image = code ? &target->image : &live->image,
		.source = "rollback",
		.reason = reason,
		.revision = "",
		.keep_revision = code ? target->revision : live->revision,
		.config = config ? target->config : live->config,
		.formation = formation ? target->formation : live->formation,
		.adopt_config = config,
		.adopt_formation = formation
	};

	if (release_make(&want, err) < 0)
		return -1;
	finish_urls(w);
	return 0;
}

int rollback_on_rollback(const struct plugin *self, struct trigger_call *call,
			 struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(release_release) struct release target = RELEASE_INIT;
	struct work w = { .st = call->st, .out = call->to };
	long number = 0;
	int rc;

	(void)self;
	if (!call->argv[0] || !call->argv[1] || !call->argv[2] ||
	    !name_to_int(call->argv[1], 1, 1L << 40, &number))
		return err_set(err, ERR_USAGE,
			       "davit-rollback: APP NUMBER all|code|config");
	if (app_need(call->st, call->argv[0], &w.app, err) < 0 ||
	    work_start(&w, "deploy", "rollback", "", err) < 0)
		return -1;
	rc = find_live(call->st, &w.app, &live, err);
	if (rc == 0) {
		rc = release_find(call->st, w.app.id, number, &target, err);
		if (rc == STORE_NO_ROW) {
			(void)err_set(err, ERR_REFUSED, "%s has no release v%ld",
				      w.app.name, number);
			rc = err_hint(err, "davit releases:list %s shows those kept",
				      w.app.name);
		}
	}
	if (rc == 0)
		rc = roll_back(&w, &live, &target, call->argv[2], err);
	work_end(&w, rc, err);
	return rc;
}

/* A static site is a tree of its app: the other app gets a copy, under a name of its own. */
static int copy_static(struct work *w, const char *from, struct image *im,
		       struct err *err)
{
	const char *tree = im->static_tree;
	AUTO_FREE char *copy = xasprintf("site-%s", w->row.public_id);
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO_FREE char *dir = paths_in(paths_root(), "static/%s/%s", from, tree);
	struct treetar t = TREETAR_INIT;
	struct err sending;
	int rc;

	if (treetar_start(&t, dir, err) < 0)
		return -1;
	helper_add(&h, "static",
		   json_pack("{s:s, s:s, s:i}", "app", w->app.name, "release", copy, "fd",
			     helper_pass(&h, t.fd)));
	rc = helper_run(&h, NULL, err);
	if (treetar_finish(&t, &sending) < 0 && rc == 0) {
		*err = sending;
		rc = -1;
	}
	if (rc < 0)
		return err_context(err, "copy the site of %s", from);
	free(im->static_tree);
	im->static_tree = take_str(&copy);
	return 0;
}

static int promote(struct work *w, const struct app *from, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *reason = NULL;

	if (find_live(w->st, from, &live, err) < 0)
		return -1;
	if (live.image.static_tree && copy_static(w, from->name, &live.image, err) < 0)
		return -1;
	reason = xasprintf("promoted from %s v%lld", from->name, (long long)live.number);

	struct release_want want = { .w = w,
				     .image = &live.image,
				     .source = "promote",
				     .reason = reason,
				     .revision = live.revision,
				     .run_commands = true };

	if (release_make(&want, err) < 0)
		return -1;
	finish_push(w, w->row.source, live.revision);
	return 0;
}

int rollback_on_promote(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	struct work w = { .st = call->st, .out = call->to };
	struct app from;
	int rc;

	(void)self;
	if (!call->argv[0] || !call->argv[1])
		return err_set(err, ERR_USAGE, "davit-promote: FROM TO");
	if (app_need(call->st, call->argv[0], &from, err) < 0 ||
	    app_need(call->st, call->argv[1], &w.app, err) < 0)
		return -1;
	if (from.id == w.app.id)
		return err_set(err, ERR_USAGE, "an app cannot be promoted to itself");
	if (work_start(&w, "deploy", "promote", "", err) < 0)
		return -1;
	rc = promote(&w, &from, err);
	work_end(&w, rc, err);
	return rc;
}
