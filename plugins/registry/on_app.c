/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "plugins/registry/registry.h"
#include "runtime/registry.h"
#include "util/cleanup.h"
#include "util/fs.h"

enum { FILE_MAX = 1 << 20 };

/* Anybody may fire these, with any words. */
static bool names_app(const char *word)
{
	return word && name_is_app(word);
}

static int copy(const char *from, const char *to, struct err *err)
{
	AUTO_FREE char *old = registry_file(plugin_home(), from);
	AUTO_FREE char *dir = registry_dir(plugin_home(), to);
	AUTO_FREE char *new = registry_file(plugin_home(), to);
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = fs_read(old, FILE_MAX, &text, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = fs_mkdirs(dir, 0700, err);
	if (rc == 0)
		rc = fs_write_atomic(new, text.data, text.len, 0600, err);
	explicit_bzero(text.data, text.len);
	return rc;
}

/* Twice is as good as once: a rename that was broken off is done again. */
static int move(const char *from, const char *to, struct err *err)
{
	AUTO_FREE char *old = registry_dir(plugin_home(), from);
	AUTO_FREE char *new = registry_dir(plugin_home(), to);

	if (!fs_is_dir(old))
		return 0;
	if (fs_remove_tree(new, err) < 0)
		return -1;
	return rename(old, new) == 0 ? 0 : err_sys(err, "rename %s", old);
}

int registry_on_clone(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	const char *const *w = call->argv;

	(void)self;
	return names_app(w[0]) && names_app(w[1]) ? copy(w[0], w[1], err) : 0;
}

int registry_on_rename(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	const char *const *w = call->argv;

	(void)self;
	return names_app(w[0]) && names_app(w[1]) ? move(w[0], w[1], err) : 0;
}

int registry_on_delete(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO_FREE char *dir = NULL;

	(void)self;
	if (!names_app(call->argv[0]))
		return 0;
	dir = registry_dir(plugin_home(), call->argv[0]);
	return fs_remove_tree(dir, err);
}
