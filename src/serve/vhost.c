/* SPDX-License-Identifier: MIT */
#include "serve/vhost.h"

#include "serve/cert.h"
#include "serve/domains.h"
#include "serve/serve.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

void vhost_release(struct vhost *v)
{
	strv_release(&v->names);
	buf_release(&v->lines);
	free(v->root);
	free(v->address);
	v->root = NULL;
	v->address = NULL;
}

bool vhost_host_has_ipv6(void)
{
	return fs_exists("/proc/net/if_inet6");
}

/* A site of files has a root; anything else the address that its instances share. */
static int load_backend(struct store *st, const struct app *app, struct vhost *v,
			struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	int rc = release_live(st, app->id, &live, err);

	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW)
		return VHOST_NOTHING;
	if (live.image.static_tree) {
		v->root = paths_in(paths_root(), "static/%s/current", app->name);
		return 0;
	}
	rc = serve_address(st, app->id, &v->address, err);
	return rc == STORE_NO_ROW ? VHOST_NOTHING : rc;
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
		if (ports_parse(map, &v->ports[v->port_count], err) < 0)
			return -1;
		v->port_count++;
	}
	return 0;
}

int vhost_load(struct store *st, const struct app *app, struct vhost *v, struct err *err)
{
	int rc = load_backend(st, app, v, err);

	if (rc != 0)
		return rc;
	v->app = app->name;
	v->ipv6 = vhost_host_has_ipv6();
	(void)urls_host_address(v->host_address);
	if (cert_present(st, app->id, &v->tls, err) < 0 ||
	    domains_served(st, app, &v->names, err) < 0)
		return -1;
	return load_ports(st, app, v, err);
}
