/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "runtime/helper.h"
#include "store/layer.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static json_t *layers_on_disk(struct doctor *d)
{
	json_t *reply = NULL;
	json_t *set = json_object();
	json_t *item;
	struct err err;
	size_t i;

	if (helper_one("layer-list", NULL, &reply, &err) < 0) {
		doctor_found(d, FAULT, err.hint, "%s", err.text);
		json_decref(set);
		return NULL;
	}
	json_array_foreach(json_object_get(reply, "layers"), i, item)
		(void)json_object_set(set, doctor_text(item, "name"), item);
	json_decref(reply);
	return set;
}

struct kept {
	struct doctor *d;
	const json_t *disk;
};

static int check_kept(void *ctx, const struct layer_user *u, struct err *err)
{
	const struct kept *k = ctx;
	AUTO_FREE char *cure = xasprintf("davit ps:rebuild %s", u->app);

	(void)err;
	if (json_object_get(k->disk, u->layer))
		return 0;
	if (u->live)
		doctor_found(k->d, FAULT, cure,
			     "layer %s of %s v%lld, the live release, is missing",
			     u->layer, u->app, (long long)u->number);
	else
		doctor_found(k->d, WARNING, "davit releases:list, choose another",
			     "layer %s of %s v%lld is missing: no rollback to it",
			     u->layer, u->app, (long long)u->number);
	return 0;
}

/* While something is built, its layers are not yet anybody's. */
static void check_unused(struct doctor *d, const json_t *disk)
{
	AUTO(strv_release) struct strv used = STRV_INIT;
	json_t *set;
	const char *name;
	json_t *item;
	struct err err;

	if (d->busy || layer_names(d->st, &used, &err) < 0)
		return;
	set = json_object();
	strv_foreach(layer, &used)
		(void)json_object_set_new(set, layer, json_true());
	json_object_foreach((json_t *)disk, name, item)
		if (!json_object_get(set, name))
			doctor_mends(d, WARNING, "davit cleanup",
				     "layer %s is used by nothing (%lld MB)", name,
				     json_integer_value(json_object_get(item, "bytes")) /
					     1000000);
	json_decref(set);
}

void doctor_check_layers(struct doctor *d)
{
	json_t *disk = layers_on_disk(d);
	struct kept k = { .d = d, .disk = disk };
	json_t *path;
	struct err err;
	size_t i;

	if (!disk)
		return;
	if (layer_each_kept(d->st, check_kept, &k, &err) < 0)
		doctor_found(d, FAULT, err.hint, "%s", err.text);
	check_unused(d, disk);
	json_decref(disk);
	json_array_foreach(json_object_get(d->host, "remains"), i, path)
		doctor_mends(d, WARNING, "davit recover", "%s was left half made",
			     json_string_value(path));
}
