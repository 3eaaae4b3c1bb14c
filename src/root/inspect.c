/* SPDX-License-Identifier: MIT */
#include "root/inspect.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "root/cgroup.h"
#include "root/container.h"
#include "root/layer.h"
#include "root/nft.h"
#include "root/runtime.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/name.h"
#include "util/paths.h"

/* Trees that are filled and emptied under a name of their own. */
static const char *const kept[] = { "layers", "storage", "cache/*", "static/*" };

/* Names of directories whose entries are one per app, or per container of the runtime. */
static const struct {
	const char *field;
	const char *path;
} listed[] = {
	{ "caches", DAVIT_ROOT_DIR "/cache" },
	{ "tls", DAVIT_ROOT_DIR "/tls" },
	{ "runtime", RUNTIME_STATE },
};

static json_t *names_in(const char *path)
{
	AUTO(closedir_at) DIR *d = opendir(path);
	json_t *list = json_array();
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			(void)json_array_append_new(list, json_string(e->d_name));
	return list;
}

/* Half-made and half-removed trees, and what helpers that are gone left on the bench. */
static void add_remains(json_t *list)
{
	AUTO(strv_release) struct strv paths = STRV_INIT;

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		layer_remains(kept[i], &paths);
	strv_foreach(path, &paths)
		(void)json_array_append_new(list, json_string(path));
}

static void add_workbench(json_t *list)
{
	AUTO(closedir_at) DIR *d = opendir(DAVIT_RUN_DIR "/build");
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		const char *dot = strchr(e->d_name, '.');
		pid_t pid = dot ? (pid_t)strtol(dot + 1, NULL, 10) : 0;
		AUTO_FREE char *path = xasprintf(DAVIT_RUN_DIR "/build/%s", e->d_name);

		if (e->d_name[0] != '.' && pid > 0 && !container_helper_lives(pid))
			(void)json_array_append_new(list, json_string(path));
	}
}

static json_t *container_age(const char *id)
{
	AUTO_FREE char *path = container_path(id, NULL);
	struct stat st;

	return json_integer(stat(path, &st) == 0 ? clock_now() - st.st_mtime : 0);
}

/* What list says, and what it leaves out: containers without a readable state. */
static json_t *describe(const char *id)
{
	static const char *const copied[] = { "app",    "kind",    "pid",   "address",
					      "layers", "started", "ended", "cgroup" };
	json_t *one = json_pack("{s:s, s:o}", "id", id, "age", container_age(id));
	json_t *state = NULL;
	struct err ignored;
	int rc = container_load(id, &state, &ignored);

	(void)json_object_set_new(one, "state",
				  json_string(rc == CONTAINER_ABSENT ? "none"
					      : rc < 0               ? "damaged"
								     : "known"));
	for (size_t i = 0; rc == 0 && i < sizeof copied / sizeof *copied; i++) {
		json_t *v = json_object_get(state, copied[i]);

		if (v)
			(void)json_object_set(one, copied[i], v);
	}
	if (rc == 0) {
		(void)json_object_set_new(one, "alive",
					  json_boolean(container_alive(state, "pid")));
		(void)json_object_set_new(one, "watched",
					  json_boolean(container_alive(state, "conmon")));
		(void)json_object_set_new(one, "helped",
					  json_boolean(container_alive(state, "helper")));
	}
	json_decref(state);
	return one;
}

int verb_inspect(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(strv_release) struct strv ids = STRV_INIT;
	json_t *containers = json_array();
	json_t *remains = json_array();

	(void)op;
	(void)json_object_set_new(reply, "containers", containers);
	(void)json_object_set_new(reply, "remains", remains);
	(void)json_object_set_new(reply, "systemd", json_boolean(cgroup_has_systemd()));
	container_list(&ids);
	strv_foreach(id, &ids)
		(void)json_array_append_new(containers, describe(id));
	add_remains(remains);
	add_workbench(remains);
	for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
		(void)json_object_set_new(reply, listed[i].field,
					  names_in(listed[i].path));
	return nft_report(reply, err);
}
