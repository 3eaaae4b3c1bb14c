/* SPDX-License-Identifier: MIT */
/*
 * What the last build of an app found, kept as JSON in its properties:
 *
 *   toolchains  [names]           with which the next build starts
 *   key         digest            of all that decides the dependencies; absent: build anew
 *   extra       [paths]           files beside the key files that decide them too
 *   deps, prune layers            what installation and pruning wrote; prune may be absent
 *   build       true              the build phase has something to do
 *   packs       [names]           in order
 *   language, release, static     what the driver said
 */
#include <dirent.h>
#include <openssl/evp.h>
#include <string.h>

#include "plugins/builder-buildpack/buildpack.h"
#include "runtime/buildenv.h"
#include "runtime/stack.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { FILE_MAX = 64 << 20, DEPTH_MAX = 6 };

const char *memo_text(const struct build *b, const char *field)
{
	return json_string_value(json_object_get(b->memo, field));
}

static void forget_dependencies(struct build *b)
{
	(void)json_object_del(b->memo, "key");
}

/* A layer that was removed is made again; a base or a toolchain is forgotten by the stack
 * as well. */
static int check_layer(struct build *b, const struct strv *there, const char *layer,
		       struct err *err)
{
	if (!layer || strv_find(there, layer) >= 0)
		return 0;
	forget_dependencies(b);
	return strncmp(layer, STACK_PREFIX, strlen(STACK_PREFIX)) == 0
		       ? stack_forget(b->call->st, layer, err)
		       : 0;
}

static int check_layers(struct build *b, const struct strv *there, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(strv_release) struct strv layers = STRV_INIT;
	AUTO_FREE char *base = NULL;

	if (stack_current(b->call->st, &base, err) < 0 ||
	    stack_toolchains(b->call->st, &names, &layers, err) < 0 ||
	    check_layer(b, there, memo_text(b, "deps"), err) < 0 ||
	    check_layer(b, there, memo_text(b, "prune"), err) < 0 ||
	    check_layer(b, there, *base ? base : NULL, err) < 0)
		return -1;
	strv_foreach(layer, &layers)
		if (check_layer(b, there, layer, err) < 0)
			return -1;
	return 0;
}

int memo_load(struct build *b, const struct strv *there, struct err *err)
{
	AUTO_FREE char *text = NULL;
	json_t *name;
	size_t i;

	if (property_get(b->call->st, PROPERTY(b->app.id, BUILDPACK_PLUGIN, "memo"), "{}",
			 &text, err) < 0)
		return -1;
	b->memo = json_loads(text, 0, NULL);
	if (!json_is_object(b->memo)) {
		json_decref(b->memo);
		b->memo = json_object();
	}
	json_array_foreach(json_object_get(b->memo, "toolchains"), i, name)
		if (json_is_string(name) && stack_knows(json_string_value(name)))
			strv_add(&b->toolchains, json_string_value(name));
	return check_layers(b, there, err);
}

int memo_save(struct build *b, struct err *err)
{
	AUTO_FREE char *text = NULL;
	json_t *names = json_array();

	strv_foreach(name, &b->toolchains)
		(void)json_array_append_new(names, json_string(name));
	(void)json_object_set_new(b->memo, "toolchains", names);
	text = json_dumps(b->memo, JSON_COMPACT);
	return property_set(b->call->st, b->app.id, BUILDPACK_PLUGIN, "memo",
			    text ? text : "{}", err);
}

/* --- the key ------------------------------------------------------------------------------ */

static void add(EVP_MD_CTX *md, const char *name, const void *data, size_t len)
{
	(void)EVP_DigestUpdate(md, name, strlen(name) + 1);
	(void)EVP_DigestUpdate(md, &len, sizeof len);
	(void)EVP_DigestUpdate(md, data, len);
}

static int add_file(EVP_MD_CTX *md, const char *dir, const char *name, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = fs_read_beneath(dir, name, FILE_MAX, &text, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		add(md, name, text.data, text.len);
	return 0;
}

/* The buildpacks themselves: another davit may install differently. */
static int add_tree(EVP_MD_CTX *md, const char *path, int depth, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(closedir_at) DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return err_sys(err, "read %s", path);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			strv_add(&names, e->d_name);
	strv_sort(&names);
	strv_foreach(name, &names) {
		AUTO_FREE char *below = paths_in(path, "%s", name);
		bool is_dir = fs_is_dir(below);

		if (is_dir && depth < DEPTH_MAX &&
		    add_tree(md, below, depth + 1, err) < 0)
			return -1;
		if (!is_dir && add_file(md, path, name, err) < 0)
			return -1;
	}
	return 0;
}

/* Files in the app's root that decide its dependencies, as our buildpacks list them. */
static int add_key_files(EVP_MD_CTX *md, const char *packs, const char *dir,
			 struct err *err)
{
	static const char *const names[] = { "node", "python", "static" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO_FREE char *path = paths_in(packs, "%s/key-files", names[i]);
		AUTO(buf_release) struct buf text = BUF_INIT;
		AUTO(strv_release) struct strv files = STRV_INIT;

		if (fs_read(path, FILE_MAX, &text, err) < 0)
			return -1;
		strv_split(&files, text.data, "\n");
		strv_foreach(file, &files)
			if (add_file(md, dir, file, err) < 0)
				return -1;
	}
	return 0;
}

/* The variable that holds the commit changes with each push and installs nothing. */
static int add_config(EVP_MD_CTX *md, struct build *b, struct err *err)
{
	AUTO_FREE char *revision = NULL;
	AUTO_FREE char *text = NULL;
	json_t *config;

	if (property_get(b->call->st, PROPERTY(b->app.id, "git", "rev-env-var"),
			 "GIT_REV", &revision, err) < 0)
		return -1;
	config = json_copy(b->config);
	(void)json_object_del(config, revision);
	text = json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(config);
	if (text)
		add(md, "config", text, strlen(text));
	return 0;
}

static int add_all(EVP_MD_CTX *md, struct build *b, const json_t *extra, struct err *err)
{
	AUTO_FREE char *packs = paths_in(paths_share(), "buildpacks");
	AUTO(buf_release) struct buf env = BUF_INIT;
	json_t *path;
	size_t i;

	if (add_tree(md, packs, 0, err) < 0 ||
	    add_key_files(md, packs, b->dir, err) < 0 || add_config(md, b, err) < 0 ||
	    buildenv_text(&env, err) < 0)
		return -1;
	json_array_foreach(extra, i, path)
		if (add_file(md, b->dir, json_string_value(path), err) < 0)
			return -1;
	add(md, "env", env.data, env.len);
	strv_foreach(pack, &b->packs)
		add(md, "pack", pack, strlen(pack));
	strv_foreach(layer, &b->tool_layers)
		add(md, "layer", layer, strlen(layer));
	return 0;
}

int memo_key(struct build *b, const json_t *extra, char **key, struct err *err)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buf hex = BUF_INIT;
	unsigned len = 0;
	int rc = -1;

	if (!md || !EVP_DigestInit_ex(md, EVP_sha256(), NULL))
		(void)err_set(err, ERR_HOST, "SHA-256 is not to be had from libcrypto");
	else
		rc = add_all(md, b, extra, err);
	if (rc == 0)
		(void)EVP_DigestFinal_ex(md, digest, &len);
	EVP_MD_CTX_free(md);
	if (rc < 0)
		return -1;
	for (unsigned i = 0; i < len; i++)
		buf_addf(&hex, "%02x", digest[i]);
	*key = buf_take(&hex);
	return 0;
}
