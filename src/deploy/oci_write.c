/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "deploy/oci.h"
#include "runtime/container.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"

/* The machine's name in the words of image tools. */
const char *oci_architecture(void)
{
	static const struct {
		const char *machine;
		const char *name;
	} names[] = {
		{ "x86_64", "amd64" }, { "aarch64", "arm64" },
		{ "armv7l", "arm" },   { "ppc64le", "ppc64le" },
		{ "s390x", "s390x" },  { "riscv64", "riscv64" },
		{ "i686", "386" },
	};
	static struct utsname u;

	if (uname(&u) < 0)
		return "unknown";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].machine, u.machine) == 0)
			return names[i].name;
	return u.machine;
}

/* What an image has no field for; oci_read.c reads it back. */
static char *image_label(const struct oci_release *r)
{
	AUTO(json_at) json_t *j = image_to_json(&r->release->image);

	(void)json_object_del(j, "layers");
	if (json_object_del(j, "static_tree") == 0)
		(void)json_object_set_new(j, "site", json_true());
	(void)json_object_set(j, "formation", r->release->formation);
	return json_dumps(j, JSON_COMPACT);
}

static json_t *labels_of(const struct oci_release *r)
{
	AUTO_FREE char *image = image_label(r);
	char when[CLOCK_TEXT];
	json_t *labels = json_object();
	const char *type;
	json_t *command;

	(void)json_object_set_new(
		labels, "org.opencontainers.image.title",
		json_sprintf("%s v%lld", r->app, (long long)r->release->number));
	(void)json_object_set_new(labels, "org.opencontainers.image.created",
				  json_string(clock_text(r->release->created_at, when)));
	if (*r->release->revision)
		(void)json_object_set_new(labels, "org.opencontainers.image.revision",
					  json_string(r->release->revision));
	(void)json_object_set_new(labels, "davit.image", json_string(image));
	json_object_foreach(r->release->image.processes, type, command) {
		AUTO_FREE char *key = xasprintf("davit.process.%s", type);

		(void)json_object_set(labels, key, command);
	}
	if (r->with_config) {
		AUTO_FREE char *vars = json_dumps(r->release->config,
						  JSON_COMPACT | JSON_SORT_KEYS);

		(void)json_object_set_new(labels, "davit.config", json_string(vars));
	}
	return labels;
}

/* What the web process would find here, for other engines. */
static json_t *env_of(const struct oci_release *r, long port)
{
	AUTO(json_at)
	json_t *vars = json_pack(
		"{s:s, s:s, s:s}", "HOME", "/app", "PATH",
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG",
		"C.UTF-8");
	json_t *list = json_array();
	const char *key;
	json_t *value;

	if (r->release->image.env)
		(void)json_object_update(vars, r->release->image.env);
	if (r->with_config)
		(void)json_object_update(vars, r->release->config);
	(void)json_object_set_new(vars, "PORT", json_sprintf("%ld", port));
	json_object_foreach(vars, key, value)
		(void)json_array_append_new(
			list, json_sprintf("%s=%s", key, json_string_value(value)));
	return list;
}

static json_t *execution(const struct oci_release *r)
{
	const struct image *im = &r->release->image;
	const char *web = image_command(im, "web");
	long port = im->port ? im->port : CONTAINER_WEB_PORT;
	long uid = im->uid ? im->uid : APP_UID;
	json_t *c = json_object();

	(void)json_object_set_new(c, "Labels", labels_of(r));
	if (im->static_tree)
		return c;
	(void)json_object_set_new(c, "User", json_sprintf("%ld:%ld", uid, uid));
	(void)json_object_set_new(c, "Env", env_of(r, port));
	(void)json_object_set_new(c, "WorkingDir",
				  json_string(im->cwd ? im->cwd : "/app"));
	(void)json_object_set_new(c, "StopSignal", json_string("SIGTERM"));
	if (image_is_foreign(im))
		(void)json_object_set_new(c, "Entrypoint",
					  json_pack("[s, s]", CONTAINER_SHELL, "-c"));
	else
		(void)json_object_set_new(c, "Entrypoint",
					  json_pack("[s]", CONTAINER_START));
	if (web) {
		AUTO_FREE char *key = xasprintf("%ld/tcp", port);

		(void)json_object_set_new(c, "Cmd", json_pack("[s]", web));
		(void)json_object_set_new(c, "ExposedPorts", json_pack("{s:{}}", key));
	}
	return c;
}

char *oci_write_config(const struct oci_release *r)
{
	AUTO(json_at) json_t *j = NULL;
	json_t *ids = json_array();
	json_t *history = json_array();
	char when[CLOCK_TEXT];

	(void)clock_text(r->release->created_at, when);
	for (size_t i = 0; i < r->count; i++) {
		(void)json_array_append_new(ids, json_string(r->layers[i].diff_id));
		(void)json_array_append_new(
			history,
			json_pack("{s:s, s:s}", "created", when, "created_by", "davit"));
	}
	j = json_pack("{s:s, s:s, s:s, s:o, s:{s:s, s:o}, s:o}", "created", when,
		      "architecture", oci_architecture(), "os", "linux", "config",
		      execution(r), "rootfs", "type", "layers", "diff_ids", ids,
		      "history", history);
	return json_dumps(j, JSON_COMPACT);
}

static json_t *blob_of(const char *type, const struct oci_blob *b)
{
	return json_pack("{s:s, s:s, s:I}", "mediaType", type, "digest", b->digest,
			 "size", (json_int_t)b->size);
}

char *oci_write_manifest(const struct oci_release *r, const struct oci_blob *config)
{
	AUTO(json_at) json_t *j = NULL;
	json_t *layers = json_array();

	for (size_t i = 0; i < r->count; i++)
		(void)json_array_append_new(
			layers, blob_of("application/vnd.oci.image.layer.v1.tar+gzip",
					&r->layers[i].blob));
	j = json_pack("{s:i, s:s, s:o, s:o}", "schemaVersion", 2, "mediaType",
		      "application/vnd.oci.image.manifest.v1+json", "config",
		      blob_of("application/vnd.oci.image.config.v1+json", config),
		      "layers", layers);
	return json_dumps(j, JSON_COMPACT);
}

char *oci_write_index(const struct oci_release *r, const struct oci_blob *manifest)
{
	AUTO(json_at) json_t *j = NULL;
	json_t *one = blob_of("application/vnd.oci.image.manifest.v1+json", manifest);

	(void)json_object_set_new(one, "platform",
				  json_pack("{s:s, s:s}", "architecture",
					    oci_architecture(), "os", "linux"));
	(void)json_object_set_new(
		one, "annotations",
		json_pack("{s:o}", "org.opencontainers.image.ref.name",
			  json_sprintf("v%lld", (long long)r->release->number)));
	j = json_pack("{s:i, s:s, s:[o]}", "schemaVersion", 2, "mediaType",
		      "application/vnd.oci.image.index.v1+json", "manifests", one);
	return json_dumps(j, JSON_COMPACT);
}
