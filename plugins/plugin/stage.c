/* SPDX-License-Identifier: MIT */
#include "plugins/plugin/stage.h"

#include <string.h>

#include "plugin/manifest.h"
#include "plugin/replace.h"
#include "plugins/plugin/trees.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static char *staging(void)
{
	return paths_in(paths_root(), "plugins/.new");
}

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool ends(const char *s, const char *with)
{
	size_t n = strlen(s);
	size_t m = strlen(with);

	return n > m && strcmp(s + n - m, with) == 0;
}

static int check_url(const char *url, bool archive, struct err *err)
{
	bool known = starts(url, "https:") || starts(url, "file:") ||
		     (!archive && (starts(url, "git") || starts(url, "ssh:")));

	if (known)
		return 0;
	(void)err_set(err, ERR_USAGE,
		      "%.300s is not an address that plugins come from. "
		      "Please retry with valid arguments",
		      url);
	return err_hint(err, "https://…, git@host:…, ssh://…, file:///…, or a .tar.gz "
			     "behind https:// or file://");
}

static int check_manifest(const char *tree, const char *url, struct err *err)
{
	AUTO(manifest_release) struct manifest m = MANIFEST_INIT;
	AUTO_FREE char *name = trees_name_of(url);
	const struct plugin p = { .name = name, .dir = tree };
	int rc = manifest_read(tree, &m, err);

	if (rc == 0)
		return replace_check(&p, err);
	if (rc < 0)
		return -1;
	(void)err_set(err, ERR_REFUSED, "this is no plugin: it has no plugin.toml");
	return err_hint(err, "davit plugin:create <name> writes one to begin with");
}

int stage_fetch(const char *url, const char *committish, char **tree, struct err *err)
{
	AUTO_FREE char *dir = staging();
	AUTO_FREE char *to = paths_in(dir, "tree");
	bool archive = ends(url, ".tar.gz") || ends(url, ".tgz");

	if (check_url(url, archive, err) < 0)
		return -1;
	if (archive && committish)
		return err_set(err, ERR_USAGE, "an archive has no --committish");
	stage_clear();
	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	if ((archive ? fetch_archive(url, dir, err)
		     : fetch_clone(url, committish, to, err)) < 0 ||
	    seal_tree(to, err) < 0 || check_manifest(to, url, err) < 0) {
		stage_clear();
		return -1;
	}
	*tree = take_str(&to);
	return 0;
}

void stage_clear(void)
{
	AUTO_FREE char *dir = staging();
	struct err ignored;

	(void)fs_remove_tree(dir, &ignored);
}
