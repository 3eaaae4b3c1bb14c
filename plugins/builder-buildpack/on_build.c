/* SPDX-License-Identifier: MIT */
/* From a source tree to an image: the phases of buildpacks/build, and what can be spared. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/builder-buildpack/buildpack.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "runtime/stack.h"
#include "store/config.h"
#include "store/layer.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/treetar.h"

/* A build asks for its toolchains one by one: no app of ours needs more than these. */
enum { TRIES = 8 };

void build_release(struct build *b)
{
	json_decref(b->config);
	strv_release(&b->packs);
	strv_release(&b->toolchains);
	strv_release(&b->tool_layers);
	strv_release(&b->made);
	free(b->source);
	free(b->stamp);
	json_decref(b->memo);
}

static void talk_release(struct talk *t)
{
	json_decref(t->facts);
}

/* The tree as a layer, and the names of all layers there are. */
static int unpack_source(struct build *b, struct strv *there, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO(treetar_release) struct treetar tar = TREETAR_INIT;
	AUTO_FREE char *layer = xasprintf("%s.src.%s", b->app.name, b->stamp);
	json_t *replies = NULL;
	json_t *one;
	size_t i;

	if (treetar_start(&tar, b->dir, err) < 0)
		return -1;
	helper_add(&h, "unpack",
		   json_pack("{s:s, s:s, s:i, s:s, s:i}", "app", b->app.name, "layer",
			     layer, "fd", helper_pass(&h, tar.fd), "prefix", "app", "uid",
			     APP_UID));
	helper_add(&h, "layer-list", NULL);
	if (helper_run(&h, &replies, err) < 0)
		return err_context(err, "source");
	strv_add(&b->made, layer);
	b->source = take_str(&layer);
	json_array_foreach(json_object_get(json_array_get(replies, 1), "layers"), i, one)
		strv_add(there, json_string_value(json_object_get(one, "name")));
	json_decref(replies);
	return treetar_finish(&tar, err);
}

/* The new one comes first; another version of the same thing goes. */
static int add_toolchain(struct build *b, const char *need, struct err *err)
{
	if (strv_find(&b->toolchains, need) >= 0)
		return err_set(err, ERR_BUG, "the toolchain %s is there and is asked for",
			       need);
	for (size_t i = b->toolchains.len; i-- > 0;)
		if (stack_same_kind(b->toolchains.v[i], need))
			strv_remove(&b->toolchains, i);
	strv_insert(&b->toolchains, 0, need);
	return run_find_toolchains(b, err);
}

/* The first run, again with each toolchain that turns out to be missing. */
static int run_first(struct build *b, const char *seal, struct talk *t, struct err *err)
{
	struct run r = { .b = b,
			 .phase = "first",
			 .packs = &b->packs,
			 .lower = { b->source },
			 .seal = seal };

	for (int i = 0; i < TRIES; i++) {
		int rc = run_driver(&r, t, err);

		if (rc != RUN_NEEDS)
			return rc;
		if (add_toolchain(b, talk_fact(t, "need", 0), err) < 0)
			return -1;
		(void)json_object_clear(t->facts);
	}
	return err_set(err, ERR_BUG, "the build asks for ever more toolchains");
}

static void put_text(json_t *to, const char *key, const char *value)
{
	if (value)
		(void)json_object_set_new(to, key, json_string(value));
	else
		(void)json_object_del(to, key);
}

/* What a run said about the result, into the memo. */
static void take_result(struct build *b, const struct talk *t)
{
	AUTO(buf_release) struct buf release = BUF_INIT;
	AUTO(buf_release) struct buf procfile = BUF_INIT;

	talk_text(t, "release", &release);
	talk_text(t, "procfile", &procfile);
	put_text(b->memo, "release", release.data);
	put_text(b->memo, "procfile", procfile.data);
	if (talk_has(t, "language"))
		put_text(b->memo, "language",
			 talk_fact(t, "language", talk_count(t, "language") - 1));
	put_text(b->memo, "static", talk_fact(t, "static", 0));
}

static void names_of(const struct talk *t, struct strv *packs)
{
	const char *name;

	for (size_t i = 0; (name = talk_fact(t, "buildpack", i)) != NULL; i++)
		strv_add(packs, strcmp(name, "Node.js") == 0  ? "node"
				: strcmp(name, "Python") == 0 ? "python"
				: strcmp(name, "Static") == 0 ? "static"
				: strcmp(name, "Null") == 0   ? "null"
							      : name);
}

/* What development needs and running does not. */
static int run_prune(struct build *b, const struct strv *packs, const char *deps,
		     struct err *err)
{
	AUTO(talk_release) struct talk t = { .to = b->call->to, .facts = json_object() };
	AUTO_FREE char *layer = xasprintf("%s.prune.%s", b->app.name, b->stamp);
	struct run r = { .b = b,
			 .phase = "prune",
			 .packs = packs,
			 .lower = { b->source, deps },
			 .seal = layer };

	if (run_driver(&r, &t, err) != 0)
		return -1;
	strv_add(&b->made, layer);
	put_text(b->memo, "prune", layer);
	return 0;
}

/* Dependencies that no release holds and no build will use again. */
static int drop_old(struct build *b, struct err *err)
{
	static const char *const fields[] = { "deps", "prune" };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const char *layer = memo_text(b, fields[i]);
		bool used = true;

		if (layer && layer_is_used(b->call->st, layer, &used, err) < 0)
			return -1;
		if (!used &&
		    helper_one("layer-remove", json_pack("{s:s}", "layer", layer), NULL,
			       err) < 0)
			return -1;
		(void)json_object_del(b->memo, fields[i]);
	}
	return 0;
}

/* Install the dependencies; from here on the next push can use them, even if this one
 * fails. */
static int keep_dependencies(struct build *b, const struct talk *t, const char *deps,
			     struct err *err)
{
	AUTO(strv_release) struct strv packs = STRV_INIT;
	AUTO_FREE char *key = NULL;
	json_t *extra = json_object_get(t->facts, "key");

	names_of(t, &packs);
	if (drop_old(b, err) < 0)
		return -1;
	(void)json_object_clear(b->memo);
	put_text(b->memo, "deps", deps);
	take_result(b, t);
	(void)json_object_set(b->memo, "packs", json_object_get(t->facts, "buildpack"));
	if (extra)
		(void)json_object_set(b->memo, "extra", extra);
	if (talk_has(t, "build"))
		(void)json_object_set_new(b->memo, "build", json_true());
	if (talk_has(t, "prune") && run_prune(b, &packs, deps, err) < 0)
		return -1;
	if (memo_key(b, extra, &key, err) < 0)
		return -1;
	if (!talk_has(t, "volatile"))
		put_text(b->memo, "key", key);
	if (memo_save(b, err) < 0)
		return -1;
	while (b->made.len > 1) /* the source; the others belong to the memo now */
		strv_remove(&b->made, b->made.len - 1);
	return 0;
}

/* Buildpacks of others do all at once: one layer above the source. */
static int take_classic(struct build *b, const struct talk *t, const char *layer,
			struct err *err)
{
	struct image *im = b->call->image;

	if (drop_old(b, err) < 0)
		return -1;
	(void)json_object_clear(b->memo);
	if (memo_save(b, err) < 0)
		return -1;
	take_result(b, t);
	strv_add(&im->layers, layer);
	strv_add(&im->layers, b->source);
	strv_foreach(tool, &b->tool_layers)
		strv_add(&im->layers, tool);
	return 0;
}

/* The part that depends on the source itself. */
static int run_build(struct build *b, char **layer, struct err *err)
{
	AUTO(talk_release) struct talk t = { .to = b->call->to, .facts = json_object() };
	AUTO(talk_release) struct talk was = { .facts = json_object() };
	AUTO(strv_release) struct strv packs = STRV_INIT;
	struct run r = { .b = b,
			 .phase = "build",
			 .packs = &packs,
			 .lower = { b->source, memo_text(b, "deps") } };

	(void)json_object_set(was.facts, "buildpack", json_object_get(b->memo, "packs"));
	names_of(&was, &packs);
	*layer = xasprintf("%s.build.%s", b->app.name, b->stamp);
	r.seal = *layer;
	if (run_driver(&r, &t, err) != 0)
		return -1;
	strv_add(&b->made, *layer);
	take_result(b, &t);
	return 0;
}

static int assemble(struct build *b, struct err *err)
{
	struct image *im = b->call->image;
	const char *prune = memo_text(b, "prune");
	AUTO_FREE char *layer = NULL;

	if (json_object_get(b->memo, "build") && run_build(b, &layer, err) < 0)
		return -1;
	if (layer)
		strv_add(&im->layers, layer);
	strv_add(&im->layers, b->source);
	if (prune)
		strv_add(&im->layers, prune);
	strv_add(&im->layers, memo_text(b, "deps"));
	strv_foreach(tool, &b->tool_layers)
		strv_add(&im->layers, tool);
	return 0;
}

static int build_fresh(struct build *b, struct err *err)
{
	AUTO(talk_release) struct talk t = { .to = b->call->to, .facts = json_object() };
	AUTO_FREE char *layer = xasprintf("%s.deps.%s", b->app.name, b->stamp);
	const char *phase;

	if (run_first(b, layer, &t, err) != 0)
		return -1;
	strv_add(&b->made, layer);
	phase = talk_fact(&t, "phase", 0);
	if (phase && strcmp(phase, "all") == 0)
		return take_classic(b, &t, layer, err);
	return keep_dependencies(b, &t, layer, err) < 0 ? -1 : assemble(b, err);
}

static int build_or_reuse(struct build *b, struct err *err)
{
	AUTO_FREE char *key = NULL;
	const char *was = memo_text(b, "key");

	if (run_find_toolchains(b, err) < 0 ||
	    memo_key(b, json_object_get(b->memo, "extra"), &key, err) < 0)
		return -1;
	if (!was || strcmp(was, key) != 0)
		return build_fresh(b, err);
	out_step(b->call->to, "%s, with the dependencies of the last build",
		 memo_text(b, "language") ? memo_text(b, "language") : "Buildpacks");
	return assemble(b, err);
}

/* Whoever keeps the .git of the tree (git:set keep-git-dir) means to ask it. */
static void want_git(struct build *b)
{
	AUTO_FREE char *dir = xasprintf("%s/.git", b->dir);

	if (fs_is_dir(dir) && strv_find(&b->toolchains, "git") < 0)
		strv_add(&b->toolchains, "git");
}

static int prepare(struct build *b, struct err *err)
{
	AUTO(strv_release) struct strv there = STRV_INIT;
	AUTO_FREE char *base = NULL;

	b->stamp = xasprintf("%llx-%d", (unsigned long long)clock_now(), (int)getpid());
	if (app_find(b->call->st, b->call->argv[1], &b->app, err) != 0 ||
	    stack_base(b->call->st, &base, err) < 0 ||
	    packs_wanted(b->call->st, &b->app, b->dir, &b->packs, err) < 0 ||
	    config_merged(b->call->st, b->app.id, &b->config, err) < 0 ||
	    unpack_source(b, &there, err) < 0)
		return -1;
	if (memo_load(b, &there, err) < 0)
		return -1;
	want_git(b);
	return 0;
}

/* What this build made and nobody will use. */
static void clean_up(struct build *b)
{
	struct err ignored;

	strv_foreach(layer, &b->made)
		(void)helper_one("layer-remove", json_pack("{s:s}", "layer", layer), NULL,
				 &ignored);
}

int buildpack_on_build(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO(build_release)
	struct build b = { .call = call,
			   .dir = call->argv[2],
			   .packs = STRV_INIT,
			   .toolchains = STRV_INIT,
			   .tool_layers = STRV_INIT,
			   .made = STRV_INIT };
	const char *builder = call->argv[0];

	(void)self;
	if (strcmp(builder, "buildpack") != 0 && strcmp(builder, "herokuish") != 0)
		return TRIGGER_DECLINED;
	if (prepare(&b, err) == 0 && build_or_reuse(&b, err) == 0 &&
	    result_finish(&b, err) == 0)
		return 0;
	clean_up(&b);
	return -1;
}
