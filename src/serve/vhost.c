/* SPDX-License-Identifier: MIT */
#include "serve/vhost.h"

#include <string.h>

#include "serve/cert.h"
#include "serve/domains.h"
#include "store/deploy.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

void vhost_release(struct vhost *v)
{
	strv_release(&v->names);
	buf_release(&v->lines);
	free(v->root);
	free(v->custom);
	free(v->address);
	free(v->listener);
	v->listener = NULL;
	v->root = NULL;
	v->custom = NULL;
	v->address = NULL;
}

bool vhost_host_has_ipv6(void)
{
	return fs_exists("/proc/net/if_inet6");
}

/*
 * The release that requests reach.  A deploy in its last step has moved them to a release
 * that is not live yet: the file has to be right before the deploy may call itself done.
 */
static int served_release(struct store *st, int64_t app_id, struct release *r,
			  struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;

	if (deploy_open(st, app_id, &open, err) < 0)
		return -1;
	for (size_t i = 0; i < open.len; i++)
		if (strcmp(open.v[i].step, "switch") == 0 && open.v[i].release_id)
			return release_find_id(st, open.v[i].release_id, r, err);
	return release_live(st, app_id, r, err);
}

/* A site of files has a root; anything else the address that its instances share, unless
 * the administrator has named a listener that is none of ours. */
static int load_backend(struct store *st, const struct app *app, struct vhost *v,
			struct err *err)
{
	AUTO(release_release) struct release served = RELEASE_INIT;
	int listener = property_find(st, app->id, "network", "static-web-listener",
				     &v->listener, err);
	int rc = listener < 0 ? -1 : served_release(st, app->id, &served, err);

	if (rc < 0)
		return -1;
	v->custom = served.image.nginx;
	served.image.nginx = NULL;
	if (listener != STORE_NO_ROW)
		return 0;
	v->down = rc == STORE_NO_ROW;
	if (v->down)
		return 0;
	if (served.image.static_tree) {
		v->root = paths_in(paths_root(), "static/%s/current", app->name);
		return 0;
	}
	if (!image_command(&served.image, "web"))
		return VHOST_NOTHING;
	rc = property_find(st, app->id, "network", "address", &v->address, err);
	return rc == STORE_NO_ROW ? VHOST_NOTHING : rc;
}

/* FNV-1a: no secret, only a number that is another one for another text. */
static uint64_t number_of(const char *text)
{
	uint64_t n = 0xcbf29ce484222325u;

	for (; *text; text++)
		n = (n ^ (unsigned char)*text) * 0x100000001b3u;
	return n;
}

static int load_certificate(struct store *st, const struct app *app, struct vhost *v,
			    struct err *err)
{
	AUTO_FREE char *pem = NULL;
	int rc = cert_find(st, app->id, &pem, err);

	if (rc < 0)
		return -1;
	v->tls = rc == 0;
	if (v->tls)
		v->certificate = number_of(pem);
	return 0;
}

/* A port that speaks something else to all, be it for a map before this one. */
static int find_clash(struct store *st, const struct app *app, struct vhost *v,
		      struct port_map *m, struct err *err)
{
	enum port_speech wanted = speech_of(m->scheme);
	enum port_speech speech;

	if (speech_on(st, app->id, m->host, &speech, err) < 0)
		return -1;
	for (size_t i = 0; i < v->port_count && speech == SPEAKS_NOTHING; i++)
		if (v->ports[i].host == m->host && !v->ports[i].clash)
			speech = speech_of(v->ports[i].scheme);
	m->clash = wanted == speech ? SPEAKS_NOTHING : speech;
	return 0;
}

static int load_ports(struct store *st, const struct app *app, struct vhost *v,
		      struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	int rc = ports_of_app(st, app, v->tls, &maps, err);

	if (rc < 0)
		return -1;
	if (rc == PORTS_UNKNOWN)
		return VHOST_NOTHING;
	strv_foreach(map, &maps) {
		if (v->port_count == VHOST_PORTS_MAX)
			return err_set(err, ERR_REFUSED,
				       "%s has more than %d port mappings", app->name,
				       VHOST_PORTS_MAX);
		struct port_map *m = &v->ports[v->port_count];

		if (ports_parse(map, m, err) < 0 || find_clash(st, app, v, m, err) < 0)
			return -1;
		v->port_count++;
	}
	return 0;
}

static int load_names(struct store *st, const struct app *app, struct vhost *v,
		      struct err *err)
{
	v->app = app->name;
	v->ipv6 = vhost_host_has_ipv6();
	(void)urls_host_address(v->host_address);
	return load_certificate(st, app, v, err) < 0
		       ? -1
		       : domains_served(st, app, &v->names, err);
}

int vhost_foresee(struct store *st, const struct app *app, struct vhost *v,
		  struct err *err)
{
	if (load_backend(st, app, v, err) < 0 || load_names(st, app, v, err) < 0)
		return -1;
	v->down = false;
	free(v->root);
	v->root = NULL;
	if (!v->address)
		v->address = xstrdup("127.0.0.1");
	return load_ports(st, app, v, err);
}

int vhost_load(struct store *st, const struct app *app, struct vhost *v, struct err *err)
{
	int rc = load_backend(st, app, v, err);

	if (rc != 0)
		return rc;
	if (load_names(st, app, v, err) < 0)
		return -1;
	/* Its names are known, and say so; a port of its own comes with the first deploy. */
	if (v->down && v->names.len == 0)
		return VHOST_NOTHING;
	return load_ports(st, app, v, err);
}
