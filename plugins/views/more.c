/* SPDX-License-Identifier: MIT */
/* Views that nobody edits: instances, the files of the live release, properties. */
#include <string.h>
#include <unistd.h>

#include "plugins/views/views.h"
#include "store/instance.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/paths.h"

/* Write these files and remember them; those that were written before and are no more
 * go.  `now` holds paths relative to `dir`. */
static int drop_others(const struct views *v, const char *key, const char *dir,
		       const struct strv *now, struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	bool same;

	if (property_list(v->st, v->app->id, "views", key, &was, err) < 0)
		return -1;
	same = was.len == now->len;
	strv_foreach(old, &was) {
		AUTO_FREE char *path = paths_in(dir, "%s", old);

		if (strv_find(now, old) >= 0)
			continue;
		same = false;
		(void)unlink(path);
	}
	return same ? 0 : property_list_set(v->st, v->app->id, "views", key, now, err);
}

static int put_text(const char *dir, const char *name, const char *text, struct strv *now,
		    struct err *err)
{
	AUTO_FREE char *path = paths_in(dir, "%s", name);
	AUTO(buf_release) struct buf b = BUF_INIT;

	buf_adds(&b, text);
	strv_add(now, name);
	return views_put(path, &b, 0644, err);
}

static int write_instance(const char *dir, const struct instance *in, long port,
			  struct strv *now, struct err *err)
{
	const char *address = in->address;
	AUTO_FREE char *id = xasprintf("%s\n", in->container);
	AUTO_FREE char *number = xasprintf("%ld", port);
	AUTO_FREE char *name = xasprintf("CONTAINER.%s.%d", in->process, in->number);
	AUTO_FREE char *ip = xasprintf("IP.%s.%d", in->process, in->number);
	AUTO_FREE char *listens = xasprintf("PORT.%s.%d", in->process, in->number);

	if (put_text(dir, name, id, now, err) < 0)
		return -1;
	if (!*address)
		return 0;
	if (put_text(dir, ip, address, now, err) < 0)
		return -1;
	return strcmp(in->process, "web") == 0 ? put_text(dir, listens, number, now, err)
					       : 0;
}

/* CONTAINER.web.1 and so on, of those that serve. */
int views_write_instances(const struct views *v, struct err *err)
{
	AUTO_FREE char *dir = paths_in(v->home, "%s", v->app->name);
	AUTO(instances_release) struct instances list = INSTANCES_INIT;
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(strv_release) struct strv now = STRV_INIT;
	int rc = release_live(v->st, v->app->id, &live, err);

	if (rc < 0 || instance_list(v->st, v->app->id, &list, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < list.len; i++) {
		const struct instance *in = &list.v[i];

		if (in->state == INSTANCE_READY && in->release_id == live.id &&
		    write_instance(dir, in, live.image.port, &now, err) < 0)
			return -1;
	}
	return drop_others(v, "instances", dir, &now, err);
}

static void procfile_text(const struct image *im, struct buf *text)
{
	const char *type;
	json_t *command;

	json_object_foreach(im->processes, type, command)
		buf_addf(text, "%s: %s\n", type, json_string_value(command));
}

/* The path is ours to free; no text: no file. */
static int put_data(char *path, const char *text, struct err *err)
{
	AUTO_FREE char *own = path;
	AUTO(buf_release) struct buf b = BUF_INIT;

	if (text)
		buf_adds(&b, text);
	return views_put(own, &b, 0644, err);
}

/* What the live release was made with, and whether a next one may come. */
int views_write_release(const struct views *v, struct err *err)
{
	const char *name = v->app->name;
	const char *root = paths_root();
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(buf_release) struct buf types = BUF_INIT;
	AUTO(buf_release) struct buf manifest = BUF_INIT;
	const struct image *im = &live.image;
	int rc = release_live(v->st, v->app->id, &live, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		procfile_text(im, &types);
	if (rc == 0 && im->app_json) {
		AUTO_FREE char *text = json_dumps(im->app_json, JSON_INDENT(2));

		buf_addf(&manifest, "%s\n", text ? text : "{}");
	}
	if (put_data(paths_in(root, "data/ps/%s/Procfile", name), types.data, err) < 0 ||
	    put_data(paths_in(root, "data/app-json/%s/app.json", name), manifest.data,
		     err) < 0 ||
	    put_data(paths_in(root, "data/scheduler-docker-local/%s/CHECKS", name),
		     im->checks, err) < 0 ||
	    put_data(paths_in(root, "data/nginx-vhosts/app-%s/nginx.conf.sigil", name),
		     im->nginx, err) < 0)
		return -1;
	return put_data(paths_in(root, "data/apps/%s/.deploy.lock", name),
			v->app->locked ? "apps:lock\n" : NULL, err);
}

/* Ours alone: not what a property of Dokku's says. */
static bool is_inner(const char *plugin)
{
	static const char *const inner[] = { "access", "certs", "crontab", "domains",
					     "views" };

	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
		if (strcmp(plugin, inner[i]) == 0)
			return true;
	return false;
}

static int write_plugin(const struct views *v, const char *plugin, const char *dir,
			struct strv *now, struct err *err)
{
	const char *shown = strcmp(plugin, "nginx-vhosts") == 0 ? "nginx" : plugin;
	const char *app = v->app->id == STORE_GLOBAL ? "--global" : v->app->name;
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(v->st, v->app->id, plugin, "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		AUTO_FREE char *name = xasprintf("%s/%s/%s", shown, app, key);
		AUTO_FREE char *path = paths_in(dir, "%s", name);
		AUTO_FREE char *value = NULL;
		AUTO(buf_release) struct buf text = BUF_INIT;

		if (strchr(key, '/') || key[0] == '.')
			continue;
		if (property_find(v->st, v->app->id, plugin, key, &value, err) < 0)
			return -1;
		buf_adds(&text, value ? value : "");
		strv_add(now, name);
		if (views_put(path, &text, 0600, err) < 0)
			return -1;
	}
	return 0;
}

int views_write_properties(const struct views *v, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "config");
	AUTO(strv_release) struct strv plugins = STRV_INIT;
	AUTO(strv_release) struct strv now = STRV_INIT;

	if (property_plugins(v->st, v->app->id, &plugins, err) < 0)
		return -1;
	strv_foreach(plugin, &plugins)
		if (!is_inner(plugin) && write_plugin(v, plugin, dir, &now, err) < 0)
			return -1;
	return drop_others(v, "properties", dir, &now, err);
}
