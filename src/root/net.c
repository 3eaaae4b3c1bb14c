/* SPDX-License-Identifier: MIT */
#include "root/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "root/container.h"
#include "root/dirs.h"
#include "root/link.h"
#include "root/nft.h"
#include "root/policy.h"
#include "root/protocol.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"
#include "util/strv.h"

#define PLAN_FILE DAVIT_ROOT_DIR "/network"
#define ADDRESSES DAVIT_ROOT_DIR "/addresses"
#define FILE_MAX  (8u << 20)
#define BITS      18

/* Subnets that are rarely used, tried in this order. */
static const char *const candidates[] = { "10.213.0.0",  "10.221.64.0",  "10.233.128.0",
					  "172.27.64.0", "172.29.128.0", "192.168.192.0",
					  "10.87.0.0",   "10.119.192.0", "10.151.64.0",
					  "172.22.0.0" };

void net_host_text(const struct net_plan *p, unsigned number, char out[NET_TEXT])
{
	struct in_addr a = { .s_addr = htonl(p->base + number) };

	(void)inet_ntop(AF_INET, &a, out, NET_TEXT);
}

static void range_text(uint32_t base, int bits, char out[NET_TEXT])
{
	struct in_addr a = { .s_addr = htonl(base) };
	char text[INET_ADDRSTRLEN];

	(void)inet_ntop(AF_INET, &a, text, sizeof text);
	(void)snprintf(out, NET_TEXT, "%s/%d", text, bits);
}

static uint32_t apps_base(const struct net_plan *p)
{
	return p->base + (1u << (31 - p->bits));
}

void net_subnet_text(const struct net_plan *p, char out[NET_TEXT])
{
	range_text(p->base, p->bits, out);
}

void net_apps_text(const struct net_plan *p, char out[NET_TEXT])
{
	range_text(apps_base(p), p->bits + 1, out);
}

bool net_overlaps(uint32_t base, int bits, const char *routes)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	uint32_t mask = ~0u << (32 - bits);

	strv_split(&lines, routes, "\n");
	strv_foreach(line, &lines) {
		AUTO(strv_release) struct strv w = STRV_INIT;

		strv_split(&w, line, " \t");
		if (w.len < 8 || strcmp(w.v[0], "Iface") == 0 ||
		    strcmp(w.v[0], NET_BRIDGE) == 0)
			continue;
		/* In the byte order of the network, read as a number of this machine. */
		uint32_t to = ntohl((uint32_t)strtoul(w.v[1], NULL, 16));
		uint32_t its = ntohl((uint32_t)strtoul(w.v[7], NULL, 16));

		if (its && (to & its & mask) == (base & its & mask))
			return true;
	}
	return false;
}

static bool parse_subnet(const char *text, uint32_t *base, int *bits)
{
	AUTO(strv_release) struct strv w = STRV_INIT;
	struct in_addr a;
	long n;

	strv_split(&w, text, "/");
	if (w.len != 2 || inet_pton(AF_INET, w.v[0], &a) != 1 ||
	    !name_to_int(w.v[1], 8, 24, &n))
		return false;
	*base = ntohl(a.s_addr) & (~0u << (32 - n));
	*bits = (int)n;
	return true;
}

static int choose(struct net_plan *p, struct err *err)
{
	AUTO(buf_release) struct buf routes = BUF_INIT;
	AUTO_CLOSE int fd = open("/proc/net/route", O_RDONLY | O_CLOEXEC);
	unsigned char r[7] = { 0 };

	if (fd < 0 || fs_read_fd(fd, FILE_MAX, &routes, err) < 0)
		return err_sys(err, "read /proc/net/route");
	if (getrandom(r, sizeof r, 0) != (ssize_t)sizeof r)
		return err_sys(err, "random numbers");
	(void)snprintf(p->ula, sizeof p->ula, "fd%02x:%02x%02x:%02x%02x:%02x%02x::", r[0],
		       r[1], r[2], r[3], r[4], r[5], r[6]);
	if (policy()->subnet[0]) {
		if (parse_subnet(policy()->subnet, &p->base, &p->bits))
			return 0;
		return err_set(err, ERR_USAGE, "network: subnet: not ADDRESS/8 to /24");
	}
	p->bits = BITS;
	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
		p->base = ntohl(inet_addr(candidates[i]));
		if (!net_overlaps(p->base, BITS, routes.data))
			return 0;
	}
	(void)err_set(err, ERR_HOST, "no free subnet was found for the apps");
	return err_hint(err, "set network: {subnet: ADDRESS/18} in /etc/davit/davit.yml");
}

static int load_plan(struct net_plan *p, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv w = STRV_INIT;
	int rc = fs_read(PLAN_FILE, 4096, &text, err);

	if (rc)
		return rc;
	strv_split(&w, text.data, " \n");
	if (w.len != 2 || strlen(w.v[1]) >= sizeof p->ula ||
	    !parse_subnet(w.v[0], &p->base, &p->bits)) {
		(void)err_set(err, ERR_HOST, "%s is damaged", PLAN_FILE);
		return err_hint(err, "as root: rm %s, and restart every app", PLAN_FILE);
	}
	(void)snprintf(p->ula, sizeof p->ula, "%s", w.v[1]);
	return 0;
}

int net_plan(struct net_plan *out, struct err *err)
{
	AUTO_CLOSE int lock = -1;
	struct net_plan p = { .bits = BITS };
	char subnet[NET_TEXT];
	int rc = load_plan(&p, err);

	if (rc == FS_ABSENT) {
		if (dirs_lock("network", &lock, err) < 0)
			return -1;
		rc = load_plan(&p, err);
	}
	if (rc == FS_ABSENT) {
		if (choose(&p, err) < 0)
			return -1;
		net_subnet_text(&p, subnet);
		AUTO_FREE char *text = xasprintf("%s %s\n", subnet, p.ula);

		rc = fs_write_atomic(PLAN_FILE, text, strlen(text), 0644, err);
	}
	if (rc == 0)
		*out = p;
	return rc;
}

/* The number on a line "NAME N", or 0. */
static unsigned number_of(const char *line)
{
	const char *space = strrchr(line, ' ');
	long n;

	return space && name_to_int(space + 1, 1, 1L << 24, &n) ? (unsigned)n : 0;
}

static unsigned find(const struct strv *lines, const char *name, size_t *at)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < lines->len; i++)
		if (strncmp(lines->v[i], name, n) == 0 && lines->v[i][n] == ' ') {
			*at = i;
			return number_of(lines->v[i]);
		}
	return 0;
}

static int read_addresses(struct strv *lines, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (fs_read(ADDRESSES, FILE_MAX, &text, err) < 0)
		return -1;
	strv_split(lines, text.data, "\n");
	return 0;
}

/*
 * A container's line is renamed into place unsynced: after a power cut an old file only
 * means that it gets another address.  An app's address stands in nginx's files as well and
 * must not become another app's: `sync`.
 */
static int write_addresses(const struct strv *lines, bool sync, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_CLOSE int fd = open(ADDRESSES ".new",
				 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
				 0644);

	strv_foreach(line, lines) {
		buf_addf(&text, "%s\n", line);
	}
	if (fd < 0 || fs_write_all(fd, text.data, text.len) < 0 ||
	    (sync && fsync(fd) < 0))
		return err_sys(err, "write %s", ADDRESSES);
	fault_at("addresses");
	if (rename(ADDRESSES ".new", ADDRESSES) < 0)
		return err_sys(err, "write %s", ADDRESSES);
	fault_at("addresses:renamed");
	return sync ? fs_sync_dir(DAVIT_ROOT_DIR, err) : 0;
}

/* The first number from `first` on that no line has. */
static unsigned free_number(const struct strv *lines, unsigned first, unsigned end)
{
	AUTO_FREE char *used = xcalloc(end - first, 1);

	strv_foreach(line, lines) {
		unsigned n = number_of(line);

		if (n >= first && n < end)
			used[n - first] = 1;
	}
	for (unsigned n = first; n < end; n++)
		if (!used[n - first])
			return n;
	return 0;
}

/* Numbers of containers that are gone, a reboot ago for instance: kept as long as there are
 * others, so that the same container gets its address back. */
static void drop_gone(struct strv *lines)
{
	for (size_t i = lines->len; i-- > 0;) {
		AUTO_FREE char *id = xstrndup(lines->v[i], strcspn(lines->v[i], " "));
		AUTO_FREE char *dir = container_path(id, NULL);

		if (id[0] != '@' && !fs_exists(dir))
			strv_remove(lines, i);
	}
}

static unsigned choose_number(struct strv *lines, bool app, unsigned half)
{
	unsigned n = app ? free_number(lines, half + 1, 2 * half - 1)
			 : free_number(lines, 2, half);

	if (n || app)
		return n;
	drop_gone(lines);
	return free_number(lines, 2, half);
}

int net_number(const char *name, unsigned *number, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	struct net_plan p = { .bits = BITS };
	unsigned half;
	unsigned n = 0;
	size_t at;

	if (net_plan(&p, err) < 0 || dirs_lock("addresses", &lock, err) < 0 ||
	    read_addresses(&lines, err) < 0)
		return -1;
	half = 1u << (31 - p.bits);
	n = find(&lines, name, &at);
	if (!n) {
		n = choose_number(&lines, name[0] == '@', half);
		if (!n)
			return err_set(err, ERR_HOST,
				       "every address of the subnet is used");
		strv_addf(&lines, "%s %u", name, n);
		if (write_addresses(&lines, name[0] == '@', err) < 0)
			return -1;
	}
	*number = n;
	return 0;
}

int net_lookup(const char *name, unsigned *number, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	size_t at;

	if (read_addresses(&lines, err) < 0)
		return -1;
	*number = find(&lines, name, &at);
	return 0;
}

void net_sweep(void)
{
	AUTO_CLOSE int lock = -1;
	struct err ignored;

	if (dirs_lock("addresses", &lock, &ignored) == 0)
		(void)unlink(ADDRESSES ".new");
}

int net_release(const char *name, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	size_t at;

	if (dirs_lock("addresses", &lock, err) < 0 || read_addresses(&lines, err) < 0)
		return -1;
	if (!find(&lines, name, &at))
		return 0;
	strv_remove(&lines, at);
	return write_addresses(&lines, name[0] == '@', err);
}

int net_rename(const char *from, const char *to, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	unsigned n = 0;
	size_t at;

	if (dirs_lock("addresses", &lock, err) < 0 || read_addresses(&lines, err) < 0)
		return -1;
	n = find(&lines, from, &at);
	if (!n)
		return 0;
	strv_remove(&lines, at);
	strv_addf(&lines, "%s %u", to, n);
	return write_addresses(&lines, true, err);
}

int net_attach(const char *id, int net_fd, int old_fd, const struct net_rates *rates,
	       char address[NET_TEXT], struct err *err)
{
	struct net_plan p = { .bits = BITS };
	struct link_port port = { .net_fd = net_fd,
				  .old_fd = old_fd,
				  .rate_in = rates->in,
				  .rate_out = rates->out };

	if (net_plan(&p, err) < 0 || net_number(id, &port.number, err) < 0)
		return -1;
	net_host_text(&p, port.number, address);
	net_host_text(&p, 1, port.gateway);
	(void)snprintf(port.address, sizeof port.address, "%s/%d", address, p.bits);
	(void)snprintf(port.address6, sizeof port.address6, "%s%x/64", p.ula,
		       port.number);
	(void)snprintf(port.gateway6, sizeof port.gateway6, "%s1", p.ula);
	return link_connect(&port, err);
}

int net_loopback(int net_fd, struct err *err)
{
	return link_loopback(net_fd, err);
}

static int write_setting(const char *path, const char *value, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fs_write_all(fd, value, strlen(value)) < 0)
		return err_sys(err, "write %s", path);
	return 0;
}

static bool setting_is(const char *path, char wanted)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c = 0;

	return fd >= 0 && read(fd, &c, 1) == 1 && c == wanted;
}

#define V4_FORWARD "/proc/sys/net/ipv4/ip_forward"
#define V6_FORWARD "/proc/sys/net/ipv6/conf/all/forwarding"

/* A host that forwards IPv6 stops listening to router advertisements, unless told that
 * it should do both: it would lose its own default route. */
static int keep_advertisements(struct err *err)
{
	struct if_nameindex *all = if_nameindex();
	int rc = 0;

	for (struct if_nameindex *i = all; all && i->if_index && rc == 0; i++) {
		AUTO_FREE char *path = xasprintf("/proc/sys/net/ipv6/conf/%s/accept_ra",
						 i->if_name);

		if (setting_is(path, '1'))
			rc = write_setting(path, "2", err);
	}
	if (all)
		if_freenameindex(all);
	return rc;
}

static int forward(struct err *err)
{
	if (!setting_is(V4_FORWARD, '1') && write_setting(V4_FORWARD, "1", err) < 0)
		return -1;
	if (!setting_is(V6_FORWARD, '0'))
		return 0;
	return keep_advertisements(err) < 0 ? -1 : write_setting(V6_FORWARD, "1", err);
}

int net_up(struct err *err)
{
	struct net_plan p = { .bits = BITS };
	AUTO_CLOSE int lock = -1;
	char gateway[NET_TEXT];
	char address[NET_TEXT + 8];
	char address6[NET_TEXT + 8];

	if (net_plan(&p, err) < 0 || dirs_lock("net-up", &lock, err) < 0)
		return -1;
	net_host_text(&p, 1, gateway);
	(void)snprintf(address, sizeof address, "%s/%d", gateway, p.bits);
	(void)snprintf(address6, sizeof address6, "%s1/64", p.ula);
	if (link_bridge(NET_BRIDGE, address, address6, err) < 0 || forward(err) < 0)
		return -1;
	return nft_base(&p, err);
}

int net_ensure(struct err *err)
{
	return if_nametoindex(NET_BRIDGE) ? 0 : net_up(err);
}

int verb_net_up(const json_t *op, json_t *reply, struct err *err)
{
	struct net_plan p = { .bits = BITS };
	char subnet[NET_TEXT];

	(void)op;
	if (net_up(err) < 0 || net_plan(&p, err) < 0)
		return -1;
	net_subnet_text(&p, subnet);
	(void)json_object_set_new(reply, "subnet", json_string(subnet));
	return 0;
}
