/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "plugins/builder-static/static.h"
#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/treetar.h"

enum { LINE_MAX_BYTES = 4096 };

static bool holds(const char *dir, const char *name)
{
	AUTO_FREE char *path = paths_in(dir, "%s", name);

	return fs_exists(path);
}

/* The directory that .static names on its first line; an empty one means: look. */
static int named_root(const char *dir, char **root, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = fs_read_beneath(dir, ".static", LINE_MAX_BYTES, &text, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	buf_cut(&text, strcspn(text.data, "\r\n"));
	while (text.len && strchr(" /", text.data[text.len - 1]))
		buf_cut(&text, text.len - 1);
	if (text.len)
		*root = buf_take(&text);
	return 0;
}

/* A directory of the tree, and no symlink on the way: checked again when it is packed. */
static int check_root(const char *dir, const char *root, struct err *err)
{
	AUTO_FREE char *padded = xasprintf("/%s/", root);
	AUTO_FREE char *path = paths_in(dir, "%s", root);
	AUTO_FREE char *real = realpath(path, NULL);
	AUTO_FREE char *top = realpath(dir, NULL);

	if (*root != '/' && !strstr(padded, "/../") && real && top &&
	    strncmp(real, top, strlen(top)) == 0 && strchr("/", real[strlen(top)]) &&
	    fs_is_dir(real))
		return 0;
	(void)err_set(err, ERR_APP,
		      "the site's directory \"%.100s\" is no directory of the app", root);
	return err_hint(
		err,
		"name a real directory in .static, not a symlink that leaves the app");
}

/* Where the site is: "." or a directory of the tree; NULL: there is none. */
static int find_root(const char *dir, char **root, struct err *err)
{
	static const char *const places[] = { ".", "public", "_site", "dist" };

	*root = NULL;
	if (named_root(dir, root, err) < 0)
		return -1;
	if (*root)
		return check_root(dir, *root, err);
	for (size_t i = 0; !*root && i < sizeof places / sizeof *places; i++) {
		AUTO_FREE char *index = xasprintf("%s/index.html", places[i]);

		if (holds(dir, index))
			*root = xstrdup(places[i]);
	}
	if (!*root && holds(dir, ".static"))
		*root = xstrdup(".");
	return *root ? check_root(dir, *root, err) : 0;
}

/* .static decides; else an index.html counts where nothing says how to build. */
int static_on_detect(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	static const char *const others[] = { "Dockerfile",       "package.json",
					      "requirements.txt", "pyproject.toml",
					      "Pipfile",          ".buildpacks",
					      "Procfile",         "null" };
	const char *dir = call->argv[1];
	AUTO_FREE char *root = NULL;

	(void)self;
	if (!holds(dir, ".static"))
		for (size_t i = 0; i < sizeof others / sizeof *others; i++)
			if (holds(dir, others[i]))
				return TRIGGER_DECLINED;
	if (find_root(dir, &root, err) < 0)
		return -1;
	if (!root)
		return TRIGGER_DECLINED;
	buf_adds(&call->out, "static\n");
	return 0;
}

static int place(struct trigger_call *call, const char *dir, const char *tree,
		 struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO(treetar_release) struct treetar tar = TREETAR_INIT;

	if (treetar_start(&tar, dir, err) < 0)
		return -1;
	helper_add(&h, "static",
		   json_pack("{s:s, s:s, s:i}", "app", call->argv[1], "release", tree,
			     "fd", helper_pass(&h, tar.fd)));
	h.cancel_fd = call->cancel_fd;
	if (helper_run(&h, NULL, err) < 0)
		return err_context(err, "site");
	return treetar_finish(&tar, err);
}

/* git:set keep-git-dir has put it there; it is nothing to publish. */
static int drop_history(const char *dir, struct err *err)
{
	AUTO_FREE char *history = paths_in(dir, ".git");

	return fs_exists(history) ? fs_remove_tree(history, err) : 0;
}

int static_on_build(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	struct image *im = call->image;
	AUTO_FREE char *tree = NULL;
	AUTO_FREE char *root = NULL;
	AUTO_FREE char *dir = NULL;

	(void)self;
	if (strcmp(call->argv[0], "static") != 0)
		return TRIGGER_DECLINED;
	if (find_root(call->argv[2], &root, err) < 0)
		return -1;
	if (!root) {
		(void)err_set(err, ERR_APP, "there is no index.html to serve");
		return err_hint(err, "add an index.html, or name a directory in .static");
	}
	out_step(call->to, "Static site%s%s", strcmp(root, ".") == 0 ? "" : ": ",
		 strcmp(root, ".") == 0 ? "" : root);
	dir = strcmp(root, ".") == 0 ? xstrdup(call->argv[2])
				     : paths_in(call->argv[2], "%s", root);
	if (drop_history(dir, err) < 0)
		return -1;
	tree = xasprintf("site-%llx-%d", (unsigned long long)clock_now(), (int)getpid());
	if (place(call, dir, tree, err) < 0)
		return -1;
	im->builder = xstrdup("static");
	im->language = xstrdup("Static site");
	im->static_tree = take_str(&tree);
	/* Processes of a Procfile would have no system to run on. */
	json_decref(im->processes);
	im->processes = json_object();
	if (!im->env)
		im->env = json_object();
	return 0;
}
