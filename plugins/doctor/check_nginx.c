/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static bool ends_in(const char *name, const char *tail)
{
	size_t n = strlen(name);
	size_t m = strlen(tail);

	return n > m && strcmp(name + n - m, tail) == 0;
}

static void check_file(struct doctor *d, const char *dir, const char *name)
{
	AUTO_FREE char *app = xstrndup(name, strlen(name) - strlen(".conf"));
	AUTO_FREE char *rm = xasprintf("rm %s/%s; nginx -s reload", dir, name);

	if (!name_is_app(app))
		doctor_found(d, WARNING, rm, "%s/%s is of nobody's making", dir, name);
	else if (!doctor_has_app(d, app))
		doctor_found(d, FAULT, "davit cleanup --gone-apps",
			     "%s/%s is of an app that does not exist", dir, name);
}

/* Half-written files and files of apps that are gone. */
static void check_dir(struct doctor *d)
{
	AUTO_FREE char *path = paths_in(paths_root(), "nginx");
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "snippets") == 0)
			continue;
		if (ends_in(e->d_name, ".conf"))
			check_file(d, path, e->d_name);
		else if (strstr(e->d_name, ".new."))
			doctor_mends(d, WARNING, "davit recover",
				     "%s/%s was never renamed into place", path,
				     e->d_name);
	}
}

/* The host's whole configuration, ours in it; and whether anybody runs it. */
static void ask_nginx(struct doctor *d)
{
	AUTO(buf_release) struct buf pid = BUF_INIT;
	struct err err;

	if (helper_one("nginx", json_pack("{s:[]}", "set"), NULL, &err) < 0)
		doctor_found(d, FAULT, "nginx -t", "%s", err.text);
	if (fs_read("/run/nginx.pid", 64, &pid, &err) != 0 || !pid.len)
		doctor_found(d, FAULT, "davit nginx:start", "nginx does not run");
}

void doctor_check_nginx(struct doctor *d)
{
	check_dir(d);
	ask_nginx(d);
}
