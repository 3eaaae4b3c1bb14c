/* SPDX-License-Identifier: MIT */
#include "root/nft.h"

#include <dirent.h>
#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "root/container.h"
#include "root/dirs.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

#define ROUTES       DAVIT_RUN_DIR "/routes"
#define BACKENDS_MAX 256

/*
 * `refused` comes after the translation: what is still addressed to an app there has no
 * instance.  It must not be let through, or conntrack would remember the untranslated
 * connection and its source port would fail for minutes.
 *
 * The timeouts: each upstream connection of nginx would else stay in conntrack for two
 * minutes after it closed, and a busy small host would fill the table.
 */
static const char base_text[] =
	"add table inet davit\n"
	"add chain inet davit forwarding { type filter hook forward priority -10; }\n"
	"add chain inet davit incoming { type filter hook input priority -10; }\n"
	"add chain inet davit timeouts { type filter hook output priority -150; }\n"
	"add chain inet davit translate { type nat hook output priority -100; }\n"
	"add chain inet davit refused { type filter hook output priority 0; }\n"
	"add chain inet davit leave { type nat hook postrouting priority 100; }\n"
	"add map inet davit apps { type ipv4_addr : verdict; }\n"
	"add ct timeout inet davit fast { protocol tcp; l3proto ip; policy = "
	"{ close : 1, time_wait : 1, fin_wait : 5 } ; }\n"
	"flush chain inet davit forwarding\n"
	"flush chain inet davit incoming\n"
	"flush chain inet davit timeouts\n"
	"flush chain inet davit translate\n"
	"flush chain inet davit refused\n"
	"flush chain inet davit leave\n"
	"add rule inet davit forwarding iifname vdavit0 ip saddr != SUBNET drop\n"
	"add rule inet davit forwarding iifname vdavit0 ip6 saddr != ULA/64 drop\n"
	"add rule inet davit forwarding iifname vdavit0 oifname vdavit0 reject\n"
	/* Clouds hand out credentials of the host at these; some answer for names at
	 * the same address. */
	"add rule inet davit forwarding iifname vdavit0 ip daddr { 169.254.0.0/16, "
	"168.63.129.16, 192.0.0.192, 100.100.100.200 } tcp dport != 53 reject\n"
	"add rule inet davit forwarding iifname vdavit0 ip6 daddr { fe80::/10, "
	"fd00:ec2::254, fd20:ce::254 } reject\n"
	"add rule inet davit forwarding oifname vdavit0 ct state established,related accept\n"
	"add rule inet davit forwarding oifname vdavit0 reject\n"
	"add rule inet davit incoming iifname vdavit0 ct state established,related accept\n"
	"add rule inet davit incoming iifname vdavit0 meta l4proto { icmp, ipv6-icmp } accept\n"
	/* The front door, which the world may use too. */
	"add rule inet davit incoming iifname vdavit0 tcp dport { 80, 443 } accept\n"
	"add rule inet davit incoming iifname vdavit0 reject\n"
	"add rule inet davit timeouts ip daddr APPS ct timeout set \"fast\"\n"
	"add rule inet davit translate ip daddr vmap @apps\n"
	"add rule inet davit refused ip daddr APPS meta l4proto tcp reject with tcp reset\n"
	"add rule inet davit leave ip saddr SUBNET oifname != vdavit0 masquerade\n"
	"add rule inet davit leave ip6 saddr ULA/64 oifname != vdavit0 masquerade\n";

/* The pair {WORD, VALUE} whose word the text begins with, or the last, {NULL, NULL}. */
static const char *const *word_at(const char *text, const char *const words[][2])
{
	while (words[0][0] && strncmp(text, words[0][0], strlen(words[0][0])) != 0)
		words++;
	return words[0];
}

static void replace_words(struct buf *out, const char *text, const char *const words[][2])
{
	while (*text) {
		const char *const *word = word_at(text, words);

		if (word[0]) {
			buf_adds(out, word[1]);
			text += strlen(word[0]);
		} else {
			buf_addc(out, *text++);
		}
	}
}

char *nft_base_text(const struct net_plan *p)
{
	struct buf out = BUF_INIT;
	char subnet[NET_TEXT];
	char apps[NET_TEXT];

	net_subnet_text(p, subnet);
	net_apps_text(p, apps);
	replace_words(&out, base_text,
		      (const char *const[][2]){ { "SUBNET", subnet },
						{ "APPS", apps },
						{ "ULA", p->ula },
						{ NULL, NULL } });
	return buf_take(&out);
}

char *nft_route_text(const struct nft_route *r)
{
	struct buf b = BUF_INIT;
	char port[32] = "";

	if (r->port)
		(void)snprintf(port, sizeof port, "tcp dport %ld ", r->port);
	else
		(void)snprintf(port, sizeof port, "meta l4proto tcp ");
	buf_addf(&b, "add chain inet davit app_%u\n", r->number);
	buf_addf(&b, "flush chain inet davit app_%u\n", r->number);
	if (r->backends->len == 1)
		buf_addf(&b, "add rule inet davit app_%u %sdnat ip to %s\n", r->number,
			 port, r->backends->v[0]);
	if (r->backends->len > 1) {
		buf_addf(
			&b,
			"add rule inet davit app_%u %sdnat ip to numgen inc mod %zu map {",
			r->number, port, r->backends->len);
		for (size_t i = 0; i < r->backends->len; i++)
			buf_addf(&b, "%s %zu : %s", i ? "," : "", i, r->backends->v[i]);
		buf_adds(&b, " }\n");
	}
	buf_addf(&b, "add element inet davit apps { %s : jump app_%u }\n", r->address,
		 r->number);
	return buf_take(&b);
}

static int run(const char *text, struct err *err)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	int rc;

	if (!nft)
		return err_set(err, ERR_HOST, "cannot start libnftables");
	(void)nft_ctx_buffer_output(nft);
	(void)nft_ctx_buffer_error(nft);
	rc = nft_run_cmd_from_buffer(nft, text);
	if (rc) {
		const char *why = nft_ctx_get_error_buffer(nft);

		(void)err_set(err, ERR_HOST, "nftables: %.*s", (int)strcspn(why, "\n"),
			      why);
		(void)err_hint(err, "nft list table inet davit");
	}
	nft_ctx_free(nft);
	return rc ? -1 : 0;
}

/* Kept as "PORT ADDRESS ADDRESS …". */
static int keep(const char *app, const struct nft_route *r, struct err *err)
{
	AUTO_FREE char *path = xasprintf(ROUTES "/%s", app);
	AUTO_FREE char *tmp = xasprintf(ROUTES "/.new-%s", app);
	AUTO_FREE char *all = strv_join(r->backends, " ");
	AUTO_FREE char *text = xasprintf("%ld %s\n", r->port, all);
	FILE *f = fopen(tmp, "we");

	if (!f)
		return err_sys(err, "create %s", tmp);
	bool written = fputs(text, f) >= 0;

	if (fclose(f) != 0 || !written)
		return err_sys(err, "write %s", path);
	fault_at("route");
	if (rename(tmp, path) < 0)
		return err_sys(err, "write %s", path);
	fault_at("route:renamed");
	return 0;
}

static int app_address(const char *app, unsigned *number, char address[NET_TEXT],
		       struct err *err)
{
	AUTO_FREE char *name = xasprintf("@%s", app);
	struct net_plan p = { .bits = 0 };

	if (net_plan(&p, err) < 0 || net_number(name, number, err) < 0)
		return -1;
	net_host_text(&p, *number, address);
	return 0;
}

/* A route as it was kept; r->backends is filled, r->address is `address`. */
static int load(const char *app, struct nft_route *r, struct strv *backends,
		char address[NET_TEXT], struct err *err)
{
	AUTO_FREE char *path = xasprintf(ROUTES "/%s", app);
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (fs_read(path, 65536, &text, err) != 0)
		return -1;
	strv_split(backends, text.data, " \n");
	if (!backends->len || !name_to_int(backends->v[0], 0, 65535, &r->port))
		return err_set(err, ERR_HOST, "%s is damaged", path);
	strv_remove(backends, 0);
	r->backends = backends;
	r->address = address;
	return app_address(app, &r->number, address, err);
}

/* The port of the route that there is, or every one. */
static long kept_port(const char *app)
{
	AUTO_FREE char *path = xasprintf(ROUTES "/%s", app);
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err ignored;
	long port;

	if (fs_read(path, 65536, &text, &ignored) != 0)
		return 0;
	text.data[strcspn(text.data, " \n")] = '\0';
	return name_to_int(text.data, 0, 65535, &port) ? port : 0;
}

static int restore_one(const char *app, struct err *err)
{
	AUTO(strv_release) struct strv backends = STRV_INIT;
	char address[NET_TEXT];
	struct nft_route r;

	if (load(app, &r, &backends, address, err) < 0)
		return -1;
	AUTO_FREE char *script = nft_route_text(&r);

	return run(script, err);
}

/* The lock is the child's as well, until it ends. */
static int run_beside(const char *script, struct err *err)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(script, err) < 0);
	return pid < 0 ? err_sys(err, "fork") : 0;
}

int nft_drop(const char *app, const char *address, size_t *left, struct err *err)
{
	AUTO_FREE char *path = xasprintf(ROUTES "/%s", app);
	AUTO(strv_release) struct strv backends = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	char own[NET_TEXT];
	struct nft_route r;
	int at;

	if (!fs_exists(path))
		return NFT_NO_ROUTE;
	if (dirs_lock("routes", &lock, err) < 0 || load(app, &r, &backends, own, err) < 0)
		return -1;
	at = strv_find(&backends, address);
	if (at < 0)
		return NFT_NO_ROUTE;
	strv_remove(&backends, (size_t)at);
	AUTO_FREE char *script = nft_route_text(&r);

	if (keep(app, &r, err) < 0 || run_beside(script, err) < 0)
		return -1;
	*left = backends.len;
	return 0;
}

int nft_base(const struct net_plan *p, struct err *err)
{
	AUTO_FREE char *text = nft_base_text(p);
	AUTO(closedir_at) DIR *d = NULL;
	struct dirent *e;

	if (run(text, err) < 0)
		return -1;
	d = opendir(ROUTES);
	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && restore_one(e->d_name, err) < 0)
			return err_context(err, "route of %s", e->d_name);
	return 0;
}

int nft_forget(const char *app, struct err *err)
{
	AUTO_FREE char *path = xasprintf(ROUTES "/%s", app);
	AUTO_FREE char *name = xasprintf("@%s", app);
	char address[NET_TEXT];
	unsigned n = 0;

	if (access(path, F_OK) == 0) {
		if (app_address(app, &n, address, err) < 0)
			return -1;
		AUTO_FREE char *text = xasprintf("delete element inet davit apps { %s }\n"
						 "flush chain inet davit app_%u\n"
						 "delete chain inet davit app_%u\n",
						 address, n, n);

		(void)run(text, err); /* the rules may be gone already */
		(void)unlink(path);
	}
	return net_release(name, err);
}

int nft_rename(const char *from, const char *to, struct err *err)
{
	AUTO_FREE char *old = xasprintf(ROUTES "/%s", from);
	AUTO_FREE char *new = xasprintf(ROUTES "/%s", to);
	AUTO_FREE char *old_name = xasprintf("@%s", from);
	AUTO_FREE char *new_name = xasprintf("@%s", to);

	if (rename(old, new) < 0 && errno != ENOENT)
		return err_sys(err, "rename %s", old);
	return net_rename(old_name, new_name, err);
}

/* Address of a running container of this app, from its state. */
static int add_backend(const char *app, const char *id, struct strv *to, struct err *err)
{
	json_t *state = NULL;
	const char *address;
	const char *its;
	int rc = container_load(id, &state, err);

	if (rc < 0)
		return -1;
	address = rc == 0 ? json_string_value(json_object_get(state, "address")) : NULL;
	its = json_string_value(json_object_get(state, "app"));
	if (address && its && strcmp(its, app) == 0 &&
	    !json_is_true(json_object_get(state, "ended")))
		strv_add(to, address);
	else
		rc = CONTAINER_ABSENT;
	json_decref(state);
	return rc == 0 ? 0
		       : err_set(err, ERR_REFUSED, "%s has no running instance %s", app,
				 id);
}

int verb_route(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(strv_release) struct strv ids = STRV_INIT;
	AUTO(strv_release) struct strv backends = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	AUTO_FREE char *text = NULL;
	char address[NET_TEXT];
	struct nft_route r = { .address = address, .backends = &backends };
	const char *app = NULL;

	if (request_app(op, "app", &app, err) < 0 ||
	    request_int(op, "port", (struct request_range){ 0, 65535, 0 }, &r.port, err) <
		    0 ||
	    request_list(op, "ids", name_is_id, BACKENDS_MAX, &ids, err) < 0)
		return -1;
	strv_foreach(id, &ids) {
		if (add_backend(app, id, &backends, err) < 0)
			return -1;
	}
	if (net_ensure(err) < 0 || app_address(app, &r.number, address, err) < 0 ||
	    dirs_lock("routes", &lock, err) < 0)
		return -1;
	if (!json_object_get(op, "port"))
		r.port = kept_port(app);
	text = nft_route_text(&r);
	if (keep(app, &r, err) < 0)
		return -1;
	/* Somebody may have flushed every rule of the host: then build ours again. */
	if (run(text, err) < 0 && net_up(err) < 0)
		return -1;
	fault_at("route:switched");
	(void)json_object_set_new(reply, "address", json_string(address));
	return 0;
}
