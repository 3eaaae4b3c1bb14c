/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/views/views.h"
#include "serve/cert.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static bool is_regular(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The key stays root's: its place here is a link that root's programs can follow.  A key
 * that somebody has left and that is not taken over yet is not touched. */
static int write_tls(const struct views *v, struct err *err)
{
	AUTO_FREE char *crt = paths_in(v->home, "%s/tls/server.crt", v->app->name);
	AUTO_FREE char *key = paths_in(v->home, "%s/tls/server.key", v->app->name);
	AUTO_FREE char *dir = paths_in(v->home, "%s/tls", v->app->name);
	AUTO_FREE char *real = paths_in(paths_root(), "tls/%s/server.key", v->app->name);
	AUTO_FREE char *pem = NULL;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = cert_find(v->st, v->app->id, &pem, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		buf_adds(&text, pem);
	else if (is_regular(key))
		return 0;
	if (views_put(crt, &text, 0644, err) < 0)
		return -1;
	if (rc == 0)
		return views_link(key, real, err);
	if ((unlink(key) < 0 && errno != ENOENT) ||
	    (rmdir(dir) < 0 && errno != ENOENT && errno != ENOTEMPTY))
		return err_sys(err, "remove %s", key);
	return 0;
}

static int write_links(const struct views *v, struct err *err)
{
	const char *name = v->app->name;
	AUTO_FREE char *app = paths_in(v->home, "%s", name);
	AUTO_FREE char *nginx = paths_in(app, "nginx.conf");
	AUTO_FREE char *fragments = paths_in(app, "nginx.conf.d");
	AUTO_FREE char *conf = paths_in(paths_root(), "nginx/%s.conf", name);
	AUTO_FREE char *git = paths_in(paths_root(), "git/%s.git", name);
	AUTO_FREE char *logs = paths_in(paths_root(), "store/builds/%s", name);
	AUTO_FREE char *builds = paths_in(paths_root(), "data/builds/%s", name);

	return fs_mkdirs(fragments, 0755, err) < 0 || views_link(nginx, conf, err) < 0 ||
			       views_link_all(app, git, err) < 0 ||
			       (fs_is_dir(logs) && views_link_all(builds, logs, err) < 0)
		       ? -1
		       : 0;
}

static int write_host(const struct views *v, struct err *err)
{
	AUTO_FREE char *path = paths_in(v->home, "HOSTNAME");
	AUTO_FREE char *entry = paths_in(v->home, ".sshcommand");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf command = BUF_INIT;
	char name[256] = "";

	if (gethostname(name, sizeof name - 1) == 0 && *name)
		buf_addf(&text, "%s\n", name);
	buf_adds(&command, DAVIT_PREFIX "/bin/dokku\n");
	return views_put(path, &text, 0644, err) < 0
		       ? -1
		       : views_put(entry, &command, 0644, err);
}

static int write_app(const struct views *v, struct err *err)
{
	return write_links(v, err) < 0 || write_tls(v, err) < 0 ||
			       views_write_instances(v, err) < 0 ||
			       views_write_release(v, err) < 0
		       ? -1
		       : 0;
}

int views_write(const struct views *v, struct err *err)
{
	int rc = v->app->id == STORE_GLOBAL ? write_host(v, err) : write_app(v, err);

	if (rc < 0 || views_write_edits(v, err) < 0 || views_write_properties(v, err) < 0)
		return err_context(err, "compatible files of %s",
				   v->app->id == STORE_GLOBAL ? "the host"
							      : v->app->name);
	return views_stamp(v, err);
}

/* Directories named after the app below LIB: those of its name alone. */
int views_remove(const struct views *v, const char *name, struct err *err)
{
	static const char *const trees[] = {
		"data/ps/",     "data/app-json/",         "data/apps/",
		"data/builds/", "data/nginx-vhosts/app-", "data/scheduler-docker-local/"
	};
	AUTO_FREE char *own = paths_in(v->home, "%s", name);
	AUTO_FREE char *env = paths_in(paths_root(), "config/%s/ENV", name);
	AUTO_FREE char *dir = paths_in(paths_root(), "config/%s", name);

	if (fs_remove_tree(own, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
		AUTO_FREE char *tree = paths_in(paths_root(), "%s%s", trees[i], name);

		if (fs_remove_tree(tree, err) < 0)
			return -1;
	}
	(void)unlink(env);
	fs_sweep_new(dir);
	(void)rmdir(dir);
	return views_write_properties(v, err);
}
