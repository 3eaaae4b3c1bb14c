/* SPDX-License-Identifier: MIT */
#include "store/image.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

bool image_is_foreign(const struct image *im)
{
	return im->builder && strcmp(im->builder, IMAGE_FOREIGN) == 0;
}

void image_release(struct image *im)
{
	free(im->builder);
	free(im->language);
	strv_release(&im->layers);
	free(im->static_tree);
	json_decref(im->processes);
	json_decref(im->env);
	free(im->cwd);
	json_decref(im->app_json);
	free(im->checks);
	free(im->nginx);
	*im = (struct image)IMAGE_INIT;
}

static void put_text(json_t *j, const char *key, const char *value)
{
	if (value)
		(void)json_object_set_new(j, key, json_string(value));
}

static void put_object(json_t *j, const char *key, json_t *value)
{
	if (value)
		(void)json_object_set(j, key, value);
}

json_t *image_to_json(const struct image *im)
{
	json_t *j = json_object();
	json_t *layers = json_array();

	strv_foreach(layer, &im->layers)
		(void)json_array_append_new(layers, json_string(layer));
	(void)json_object_set_new(j, "layers", layers);
	put_text(j, "builder", im->builder);
	put_text(j, "language", im->language);
	put_text(j, "static_tree", im->static_tree);
	put_object(j, "processes", im->processes);
	put_object(j, "env", im->env);
	put_text(j, "cwd", im->cwd);
	(void)json_object_set_new(j, "uid", json_integer(im->uid));
	(void)json_object_set_new(j, "port", json_integer(im->port));
	put_object(j, "app_json", im->app_json);
	put_text(j, "checks", im->checks);
	put_text(j, "nginx", im->nginx);
	return j;
}

static char *get_text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? xstrdup(s) : NULL;
}

int image_from_json(struct image *im, const json_t *j, struct err *err)
{
	json_t *layer;
	size_t i;

	if (!json_is_object(j) || !json_is_array(json_object_get(j, "layers")))
		return err_set(err, ERR_HOST, "the release's image is unreadable");
	*im = (struct image)IMAGE_INIT;
	json_array_foreach(json_object_get(j, "layers"), i, layer)
		strv_add(&im->layers,
			 json_is_string(layer) ? json_string_value(layer) : "");
	im->builder = get_text(j, "builder");
	im->language = get_text(j, "language");
	im->static_tree = get_text(j, "static_tree");
	im->processes = json_incref(json_object_get(j, "processes"));
	im->env = json_incref(json_object_get(j, "env"));
	im->cwd = get_text(j, "cwd");
	im->uid = (long)json_integer_value(json_object_get(j, "uid"));
	im->port = (long)json_integer_value(json_object_get(j, "port"));
	im->app_json = json_incref(json_object_get(j, "app_json"));
	im->checks = get_text(j, "checks");
	im->nginx = get_text(j, "nginx");
	return 0;
}

const char *image_command(const struct image *im, const char *process)
{
	return json_string_value(json_object_get(im->processes, process));
}
