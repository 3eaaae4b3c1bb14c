/* SPDX-License-Identifier: MIT */
/* plugin:create NAME: the files of share/davit/plugin-skeleton, with the name put in. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/plugin/trees.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

#define PLACE "@NAME@"

static const struct {
	const char *path;
	mode_t mode;
} files[] = {
	{ "plugin.toml", 0644 },
	{ "README.md", 0644 },
	{ "commands", 0755 },
	{ "install", 0755 },
	{ "post-deploy", 0755 },
	{ "report", 0755 },
	{ "subcommands/default", 0755 },
	{ "subcommands/hello", 0755 },
	{ "tests/run", 0755 },
};

static char *filled(const char *text, const char *name)
{
	struct buf b = BUF_INIT;
	const char *at;

	while ((at = strstr(text, PLACE)) != NULL) {
		buf_add(&b, text, (size_t)(at - text));
		buf_adds(&b, name);
		text = at + strlen(PLACE);
	}
	buf_adds(&b, text);
	return buf_take(&b);
}

static int write_file(const char *dir, const char *file, mode_t mode, const char *name,
		      struct err *err)
{
	AUTO_FREE char *from = paths_in(paths_share(), "plugin-skeleton/%s", file);
	AUTO_FREE char *to = paths_in(dir, "%s", file);
	AUTO_FREE char *parent = xstrdup(to);
	AUTO_FREE char *text = NULL;
	AUTO(buf_release) struct buf b = BUF_INIT;
	int rc = fs_read(from, 65536, &b, err);

	if (rc < 0)
		return -1;
	if (rc == FS_ABSENT) {
		(void)err_set(err, ERR_HOST, "there is no %s", from);
		return err_hint(err, "the installation is incomplete: make install");
	}
	*strrchr(parent, '/') = '\0';
	text = filled(b.data, name);
	if (fs_mkdirs(parent, 0755, err) < 0)
		return -1;
	return fs_write_atomic(to, text, strlen(text), mode, err);
}

int plugin_cmd_create(struct request *req, struct err *err)
{
	const char *name = req->argv[0];
	AUTO_FREE char *here = getcwd(NULL, 0);
	AUTO_FREE char *dir = NULL;

	if (trees_check_name(name, err) < 0)
		return -1;
	if (!here)
		return err_sys(err, "working directory");
	dir = paths_in(here, "%s", name);
	if (fs_exists(dir))
		return err_set(err, ERR_REFUSED, "%s exists already", dir);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (write_file(dir, files[i].path, files[i].mode, name, err) < 0)
			return -1;
	out_step(req->out, "Wrote the plugin %s", name);
	out_note(req->out, "its test:    %s/tests/run", name);
	out_note(req->out,
		 "to try it:   git -C %s init && git -C %s add . && "
		 "git -C %s commit -m begin",
		 name, name, name);
	out_note(req->out, "             sudo davit plugin:install file://%s", dir);
	return 0;
}
