/* SPDX-License-Identifier: MIT */
/* buildpacks:detect: who would build the code that is stored, without building it. */
#include <string.h>
#include <unistd.h>

#include "plugin/plugin.h"
#include "plugins/buildpacks/buildpacks.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static int revision_of(struct request *req, char **revision, struct err *err)
{
	const char *branch = request_value(req, "branch");

	if (branch) {
		*revision = xstrdup(branch);
		return 0;
	}
	if (trigger_ask(req->st, req->out, revision, err, TRIGGER_GIT_REVISION,
			req->app.name, NULL) < 0)
		return -1;
	if (**revision)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s has no code yet", req->app.name);
	return err_hint(err, "git push davit main");
}

static int look(struct request *req, const char *tree, struct err *err)
{
	AUTO(strv_release) struct strv packs = STRV_INIT;
	AUTO_FREE char *builder = NULL;
	AUTO_FREE char *list = NULL;

	if (trigger_ask(req->st, req->out, &builder, err, TRIGGER_BUILDER_DETECT,
			req->app.name, tree, NULL) < 0 ||
	    property_list(req->st, req->app.id, "buildpacks", "buildpacks", &packs, err) <
		    0)
		return -1;
	if (!*builder) {
		(void)err_set(err, ERR_APP, "nothing here tells how to build %s",
			      req->app.name);
		return err_hint(err, "davit builder:set %s selected <builder> says it",
				req->app.name);
	}
	list = strv_join(&packs, " ");
	out_title(req->out, "%s detected builder", req->app.name);
	out_line(req->out, "       Builder:    %s", builder);
	if (*list)
		out_line(req->out, "       Buildpacks: %s", list);
	return 0;
}

int buildpacks_cmd_detect(struct request *req, struct err *err)
{
	AUTO_FREE char *around = paths_in(paths_root(), "store/work/detect-%d",
					  (int)getpid());
	AUTO_FREE char *tree = paths_in(around, "source");
	AUTO_FREE char *revision = NULL;
	struct err ignored;
	int rc;

	if (revision_of(req, &revision, err) < 0 || fs_mkdirs(around, 0700, err) < 0)
		return -1;
	rc = trigger(req->st, req->out, err, TRIGGER_EXTRACT, req->app.name, revision,
		     tree, NULL);
	if (rc >= 0)
		rc = look(req, tree, err);
	(void)fs_remove_tree(around, &ignored);
	return rc < 0 ? -1 : 0;
}
