/* SPDX-License-Identifier: MIT */
/*
 * git:load-image takes what `docker save` writes; git:from-image lets skopeo fetch it from a
 * registry first.  Both end as releases:import does: nothing is built upon the image.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/git/git.h"
#include "runtime/outside.h"
#include "runtime/registry.h"
#include "runtime/skopeo.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { FETCH_MS = 30 * 60 * 1000, IMAGE_MAX = 255 };

static int check_image(const char *image, struct err *err)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-/:@[]";

	if (*image && *image != '-' && *image != '/' && strlen(image) <= IMAGE_MAX &&
	    strspn(image, may) == strlen(image))
		return 0;
	(void)err_set(err, ERR_USAGE, "'%.100s' is not the name of an image", image);
	return err_hint(err, "NAME:TAG, HOST/NAME:TAG or HOST/NAME@sha256:DIGEST");
}

/* An image is run as it is. */
static int check_build_dir(const char *dir, struct err *err)
{
	if (!dir || !*dir)
		return 0;
	(void)err_set(err, ERR_REFUSED,
		      "--build-dir: nothing is built upon an image here; it runs as it "
		      "is");
	return err_hint(err, "build an image that holds those files, or push its source: "
			     "git push davit@<host>:<app> <branch>");
}

static int check_skopeo(const char *app, const char *image, struct err *err)
{
	if (skopeo_is_here())
		return 0;
	(void)err_set(err, ERR_REFUSED,
		      "the image %s cannot be fetched: skopeo is not installed", image);
	return err_hint(err,
			"apt-get install skopeo; or from where the image is: docker save "
			"%s | ssh davit@<host> git:load-image %s %s",
			image, app, image);
}

/* --- from a registry ----------------------------------------------------------------- */

/* With the app's password for that registry, the host's, or what skopeo finds itself. */
static int run_skopeo(struct trigger_call *call, const char *image, const char *dir,
		      const char *file, struct err *err)
{
	AUTO_FREE char *from = xasprintf("docker://%s", image);
	AUTO_FREE char *to = xasprintf("oci-archive:%s", file);
	AUTO_FREE char *server = registry_of_image(image);
	AUTO_FREE char *login = registry_file_for(plugin_home(), call->argv[0], image);
	AUTO(buf_release) struct buf why = BUF_INIT;
	const char *const words[] = { "copy",  "--override-os",
				      "linux", from,
				      to,      login ? "--src-authfile" : NULL,
				      login,   NULL };
	const struct skopeo s = { .words = words,
				  .home = plugin_home(),
				  .dir = dir,
				  .out = call->to,
				  .cancel_fd = call->cancel_fd,
				  .timeout_ms = FETCH_MS };
	int rc = outside_check(server, err) < 0 ? -1 : skopeo_run(&s, &why, err);

	if (rc != SKOPEO_FAILED)
		return rc;
	(void)err_set(err, ERR_REFUSED, "the image %s cannot be fetched: %.600s", image,
		      why.data);
	return err_hint(err,
			"where it needs a password: davit registry:login "
			"--password-stdin %s %s USER < FILE-WITH-THE-PASSWORD",
			call->argv[0], server);
}

static int import_fd(struct trigger_call *call, int fd, const char *image,
		     struct err *err)
{
	char from[16];

	(void)snprintf(from, sizeof from, "%d", fd);
	return trigger(call->st, call->to, err, TRIGGER_IMPORT, call->argv[0], from,
		       image, getenv("DOKKU_APPS_FORCE_DELETE") ? "again" : NULL,
		       NULL) < 0
		       ? -1
		       : 0;
}

static int fetch_and_import(struct trigger_call *call, const char *image, const char *dir,
			    struct err *err)
{
	AUTO_FREE char *file = paths_in(dir, "image.tar");
	AUTO_CLOSE int fd = -1;

	plugin_name_source("git-from-image");
	out_step(call->to, "Fetching the image %s", image);
	if (run_skopeo(call, image, dir, file, err) < 0)
		return -1;
	fd = request_open(file);
	return fd < 0 ? err_sys(err, "open %s", file) : import_fd(call, fd, image, err);
}

int git_on_git_from_image(const struct plugin *self, struct trigger_call *call,
			  struct err *err)
{
	const char *const *w = call->argv;
	AUTO_FREE char *dir = paths_in(paths_root(), "store/work/image-%d",
				       (int)getpid());
	struct err ignored;
	int rc;

	(void)self;
	if (!w[0] || !w[1])
		return err_set(err, ERR_USAGE, "git-from-image: %s",
			       trigger_words(call->id));
	if (check_image(w[1], err) < 0 || check_build_dir(w[2], err) < 0 ||
	    check_skopeo(w[0], w[1], err) < 0 || fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	rc = fetch_and_import(call, w[1], dir, err);
	(void)fs_remove_tree(dir, &ignored);
	return rc;
}

/* --- the commands -------------------------------------------------------------------- */

static int find_or_make(struct request *req, struct err *err)
{
	AUTO_FREE char *name = NULL;

	if (check_image(req->argv[1], err) < 0 ||
	    check_build_dir(request_value(req, "build-dir"), err) < 0 ||
	    git_serve_name(req->st, req->argv[0], &name, err) < 0)
		return -1;
	return git_serve_find_or_make(req, name, err);
}

int git_cmd_from_image(struct request *req, struct err *err)
{
	bool has_author = req->argc == 4;

	if (check_skopeo(req->argv[0], req->argv[1], err) < 0 ||
	    find_or_make(req, err) < 0)
		return -1;
	return trigger(req->st, req->out, err, TRIGGER_GIT_FROM_IMAGE, req->app.name,
		       req->argv[1], "", has_author ? req->argv[2] : "",
		       has_author ? req->argv[3] : "", NULL) < 0
		       ? -1
		       : 0;
}

int git_cmd_load_image(struct request *req, struct err *err)
{
	if (isatty(STDIN_FILENO)) {
		(void)err_set(err, ERR_USAGE, "no archive of an image on stdin");
		return err_hint(err,
				"docker save %s | ssh davit@<host> git:load-image %s %s",
				req->argv[1], req->argv[0], req->argv[1]);
	}
	if (find_or_make(req, err) < 0)
		return -1;
	plugin_name_source("git-load-image");
	return trigger(req->st, req->out, err, TRIGGER_IMPORT, req->app.name, "0",
		       req->argv[1], req->force ? "again" : NULL, NULL) < 0
		       ? -1
		       : 0;
}

int git_on_deploy_source_set(const struct plugin *self, struct trigger_call *call,
			     struct err *err)
{
	const char *const *w = call->argv;
	bool is_image = w[0] && w[1] && strcmp(w[1], "docker-image") == 0;
	struct app app;
	int rc;

	(void)self;
	rc = app_find(call->st, w[0] ? w[0] : "", &app, err);
	if (rc != 0)
		return rc < 0 ? -1 : TRIGGER_DECLINED;
	rc = is_image && w[2]
		     ? property_set(call->st, app.id, "git", "source-image", w[2], err)
		     : property_unset(call->st, app.id, "git", "source-image", err);
	return rc < 0 ? -1 : 0;
}
