/* SPDX-License-Identifier: MIT */
/*
 * A copy of an app: code, variables, settings and scale.  Names, certificates and what was
 * taken for one app alone stay with the original.
 */
#include <string.h>

#include "plugins/apps/apps.h"
#include "store/config.h"
#include "store/formation.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"
#include "util/proc.h"

/* Where the code came from, it comes from for the clone too. */
static int copy_source(struct store *st, const struct app *from, const struct app *to,
		       struct err *err)
{
	static const char *const keys[] = { "deploy-source", "deploy-source-metadata" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		AUTO_FREE char *value = NULL;

		if (property_get(st, PROPERTY(from->id, "apps", keys[i]), "", &value,
				 err) < 0 ||
		    (*value && property_set(st, to->id, "apps", keys[i], value, err) < 0))
			return -1;
	}
	return 0;
}

static int copy_rows(struct store *st, const struct app *from, const struct app *to,
		     struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;
	AUTO(json_at) json_t *types = NULL;

	if (config_load(st, from->id, &vars, err) < 0 ||
	    formation_load(st, from->id, &types, err) < 0 ||
	    config_put(st, to->id, vars, err) < 0 ||
	    formation_replace(st, to->id, types, err) < 0 ||
	    property_copy(st, from->id, to->id, err) < 0 ||
	    property_clear(st, to->id, "run", err) < 0 ||
	    property_clear(st, to->id, "domains", err) < 0 ||
	    property_clear(st, to->id, "apps", err) < 0 ||
	    copy_source(st, from, to, err) < 0)
		return -1;
	return property_unset(st, to->id, "ports", "allocated", err);
}

/* Every ref of the old repository into the one that post-create has made. */
static int copy_code(const struct app *from, const struct app *to, struct err *err)
{
	AUTO_FREE char *old = apps_repository(from->name);
	AUTO_FREE char *new = apps_repository(to->name);
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const argv[] = { "/usr/bin/git",   "--git-dir", new,
				     "fetch",          "--quiet",   old,
				     "+refs/*:refs/*", NULL };
	struct proc p = { .argv = argv, .env = proc_plain_env, .err = &said };
	struct proc_end end;

	if (!fs_is_dir(old))
		return 0;
	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code == 0)
		return 0;
	buf_chomp(&said);
	return err_set(err, ERR_HOST, "copy the repository: %s", said.data);
}

static int copy(struct request *req, const struct app *to, struct err *err)
{
	const char *old = req->app.name;

	if (copy_rows(req->st, &req->app, to, err) < 0 ||
	    copy_code(&req->app, to, err) < 0)
		return -1;
	if (trigger(req->st, req->out, err, TRIGGER_POST_APP_CLONE_SETUP, old, to->name,
		    NULL) < 0 ||
	    trigger(req->st, req->out, err, TRIGGER_POST_APP_CLONE, old, to->name, NULL) <
		    0)
		return -1;
	return 0;
}

/* Without a commit there is nothing to deploy yet, which is fine. */
static int deploy(struct request *req, const struct app *to, struct err *err)
{
	struct err none;

	if (request_flag(req, "skip-deploy") ||
	    trigger(req->st, req->out, &none, TRIGGER_GIT_HAS_CODE, to->name, NULL) < 0)
		return 0;
	if (trigger(req->st, req->out, err, TRIGGER_RECEIVE_APP, to->name, NULL) < 0)
		return err_context(err, "%s is made, but not deployed", to->name);
	return 0;
}

int apps_cmd_clone(struct request *req, struct err *err)
{
	const char *name = req->argv[1];
	struct app to;
	struct err ignored;
	int rc = app_find(req->st, name, &to, err);

	if (rc < 0)
		return -1;
	if (rc == 0 && request_flag(req, "ignore-existing")) {
		out_warn(req->out, "%s exists already and stays as it is", name);
		return 0;
	}
	if (apps_make(req->st, req->out, name, &to, err) < 0)
		return -1;
	out_step(req->out, "Cloning %s to %s", req->app.name, name);
	if (copy(req, &to, err) < 0) {
		(void)apps_destroy(req->st, req->out, &to, &ignored);
		return err_context(err, "%s was not made", name);
	}
	return deploy(req, &to, err);
}
