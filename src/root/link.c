/* SPDX-License-Identifier: MIT */
#include "root/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/tbf.h>
#include <netlink/route/route.h>
#include <netlink/route/tc.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "root/net.h"
#include "root/protocol.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

enum { LINK_NO_RATES = 1 };
/* Time that may queue; and what may pass at once: a twentieth of a second, at least some
 * packets as large as the kernel joins them. */
enum { LATENCY_US = 200000, BURSTS = 20, BURST_MIN = 128 * 1024 };

static void socket_at(struct nl_sock **s)
{
	nl_socket_free(*s);
}

static void link_at(struct rtnl_link **l)
{
	if (*l)
		rtnl_link_put(*l);
}

static void nl_addr_at(struct nl_addr **a)
{
	if (*a)
		nl_addr_put(*a);
}

static void rtnl_addr_at(struct rtnl_addr **a)
{
	if (*a)
		rtnl_addr_put(*a);
}

static int failed(struct err *err, int code, const char *what)
{
	return err_set(err, ERR_HOST, "%s: %s", what, nl_geterror(code));
}

/* A socket of the network namespace we are in. */
static int open_socket(struct nl_sock **out, struct err *err)
{
	int rc;

	*out = nl_socket_alloc();
	if (!*out)
		return err_set(err, ERR_HOST, "netlink: out of memory");
	rc = nl_connect(*out, NETLINK_ROUTE);
	return rc < 0 ? failed(err, rc, "netlink") : 0;
}

/* A socket of another namespace: it stays there when we come back. */
static int open_socket_in(int net_fd, struct nl_sock **out, struct err *err)
{
	AUTO_CLOSE int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int rc;

	if (home < 0 || setns(net_fd, CLONE_NEWNET) < 0)
		return err_sys(err, "enter the network namespace");
	rc = open_socket(out, err);
	if (setns(home, CLONE_NEWNET) < 0)
		bug("cannot leave the network namespace: %s", strerror(errno));
	return rc;
}

static int set_up(struct nl_sock *s, int index, struct err *err)
{
	AUTO(link_at) struct rtnl_link *old = rtnl_link_alloc();
	AUTO(link_at) struct rtnl_link *change = rtnl_link_alloc();
	int rc;

	rtnl_link_set_ifindex(old, index);
	rtnl_link_set_flags(change, IFF_UP);
	rc = rtnl_link_change(s, old, change, 0);
	return rc < 0 ? failed(err, rc, "set a device up") : 0;
}

static int add_address(struct nl_sock *s, int index, const char *text, struct err *err)
{
	AUTO(nl_addr_at) struct nl_addr *local = NULL;
	AUTO(rtnl_addr_at) struct rtnl_addr *addr = rtnl_addr_alloc();
	int rc = nl_addr_parse(text, AF_UNSPEC, &local);

	if (rc < 0)
		return failed(err, rc, text);
	rtnl_addr_set_ifindex(addr, index);
	(void)rtnl_addr_set_local(addr, local);
	if (nl_addr_get_family(local) == AF_INET6)
		rtnl_addr_set_flags(addr,
				    IFA_F_NODAD); /* ours alone: no second of doubt */
	rc = rtnl_addr_add(s, addr, NLM_F_CREATE | NLM_F_REPLACE);
	if (rc < 0 && rc != -NLE_EXIST)
		return failed(err, rc, text);
	return 0;
}

static int add_default_route(struct nl_sock *s, int index, const char *gateway,
			     struct err *err)
{
	AUTO(nl_addr_at) struct nl_addr *via = NULL;
	AUTO(nl_addr_at) struct nl_addr *all = NULL;
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct rtnl_route *route = rtnl_route_alloc();
	int rc = nl_addr_parse(gateway, AF_UNSPEC, &via);

	if (rc == 0)
		rc = nl_addr_parse("default", nl_addr_get_family(via), &all);
	if (rc == 0) {
		rtnl_route_nh_set_ifindex(hop, index);
		rtnl_route_nh_set_gateway(hop, via);
		(void)rtnl_route_set_family(route, (uint8_t)nl_addr_get_family(via));
		(void)rtnl_route_set_dst(route, all);
		rtnl_route_add_nexthop(route, hop);
		hop = NULL;
		rc = rtnl_route_add(s, route, NLM_F_CREATE | NLM_F_REPLACE);
	}
	if (hop)
		rtnl_route_nh_free(hop);
	rtnl_route_put(route);
	return rc < 0 ? failed(err, rc, "default route") : 0;
}

/*
 * The hardware address follows the number, as the IP address does.  Random ones would leave
 * the host with a stale neighbour when a number is used again, and the instances with one
 * whenever the bridge takes over the lowest of its ports: connections would hang for
 * half a minute.
 */
static void set_hardware_address(struct rtnl_link *link, unsigned number)
{
	unsigned char mac[] = { 0x02,
				0xda,
				(unsigned char)(number >> 24),
				(unsigned char)(number >> 16),
				(unsigned char)(number >> 8),
				(unsigned char)number };
	AUTO(nl_addr_at) struct nl_addr *a = nl_addr_build(AF_LLC, mac, sizeof mac);

	rtnl_link_set_addr(link, a);
}

static bool has_ipv6(void)
{
	return fs_exists("/proc/net/if_inet6");
}

int link_bridge(const char *name, const char *address, const char *address6,
		struct err *err)
{
	AUTO(socket_at) struct nl_sock *s = NULL;
	AUTO(link_at) struct rtnl_link *bridge = rtnl_link_bridge_alloc();
	int index;
	int rc;

	if (open_socket(&s, err) < 0)
		return -1;
	rtnl_link_set_name(bridge, name);
	set_hardware_address(bridge, 1);
	rc = if_nametoindex(name) ? 0
				  : rtnl_link_add(s, bridge, NLM_F_CREATE | NLM_F_EXCL);
	if (rc < 0 && rc != -NLE_EXIST)
		return failed(err, rc, "create the bridge");
	index = (int)if_nametoindex(name);
	if (add_address(s, index, address, err) < 0 ||
	    (has_ipv6() && add_address(s, index, address6, err) < 0))
		return -1;
	return set_up(s, index, err);
}

static int delete_link(struct nl_sock *s, const char *name)
{
	AUTO(link_at) struct rtnl_link *link = rtnl_link_alloc();

	rtnl_link_set_name(link, name);
	return rtnl_link_delete(s, link);
}

static int add_pair(struct nl_sock *s, const char *name, const struct link_port *port)
{
	AUTO(link_at) struct rtnl_link *link = rtnl_link_veth_alloc();
	AUTO(link_at) struct rtnl_link *peer = rtnl_link_veth_get_peer(link);

	rtnl_link_set_name(link, name);
	rtnl_link_set_master(link, (int)if_nametoindex(NET_BRIDGE));
	rtnl_link_set_flags(link, IFF_UP);
	rtnl_link_set_name(peer, "eth0");
	rtnl_link_set_ns_fd(peer, port->net_fd);
	set_hardware_address(peer, port->number);
	return rtnl_link_add(s, link, NLM_F_CREATE | NLM_F_EXCL);
}

static void message_at(struct nl_msg **m)
{
	nlmsg_free(*m);
}

/*
 * No frame from this port reaches another isolated one: app to app is closed already on the
 * bridge.  By a message: a write to the file of the same name in /sys does not wait in line for
 * the lock of all network changes, it tries again and again until it happens to be free.
 */
static int isolate(struct nl_sock *s, int index, struct err *err)
{
	struct ifinfomsg port = { .ifi_family = AF_BRIDGE, .ifi_index = index };
	AUTO(message_at) struct nl_msg *m = nlmsg_alloc_simple(RTM_SETLINK, 0);
	struct nlattr *info = NULL;
	int rc = m ? nlmsg_append(m, &port, sizeof port, NLMSG_ALIGNTO) : -NLE_NOMEM;

	if (rc == 0)
		info = nla_nest_start(m, IFLA_PROTINFO | NLA_F_NESTED);
	if (!info || nla_put_u8(m, IFLA_BRPORT_ISOLATED, 1) < 0)
		return failed(err, rc < 0 ? rc : -NLE_NOMEM, "isolate a bridge port");
	(void)nla_nest_end(m, info);
	rc = nl_send_sync(s, m);
	m = NULL; /* sent and freed, whatever came of it */
	return rc < 0 ? failed(err, rc, "isolate a bridge port") : 0;
}

/*
 * A token bucket on what leaves a device.  On the host's end that is what goes to the
 * container; on the container's own, which it may not change, what comes from it.
 */
static int bound_rate(struct nl_sock *s, int index, int64_t rate, struct err *err)
{
	struct rtnl_qdisc *q = rtnl_qdisc_alloc();
	int64_t burst = rate / BURSTS > BURST_MIN ? rate / BURSTS : BURST_MIN;
	int rc;

	if (!q)
		return err_set(err, ERR_HOST, "netlink: out of memory");
	if (rate > INT_MAX)
		rate = INT_MAX;
	if (burst > INT_MAX)
		burst = INT_MAX;
	rtnl_tc_set_ifindex(TC_CAST(q), index);
	rtnl_tc_set_parent(TC_CAST(q), TC_H_ROOT);
	rc = rtnl_tc_set_kind(TC_CAST(q), "tbf");
	if (rc == 0) {
		rtnl_qdisc_tbf_set_rate(q, (int)rate, (int)burst, 0);
		rc = rtnl_qdisc_tbf_set_limit_by_latency(q, LATENCY_US);
	}
	if (rc == 0)
		rc = rtnl_qdisc_add(s, q, NLM_F_CREATE | NLM_F_REPLACE);
	rtnl_qdisc_put(q);
	/* A kernel without it: resource:limit has said so. */
	if (rc < 0 && rc != -NLE_OBJ_NOTFOUND && rc != -NLE_OPNOTSUPP)
		return failed(err, rc, "bound the rate of a device");
	return rc < 0 ? LINK_NO_RATES : 0;
}

/* As fast as it goes again. */
static void unbound_rate(struct nl_sock *s, int index)
{
	struct rtnl_qdisc *q = rtnl_qdisc_alloc();

	if (!q)
		return;
	rtnl_tc_set_ifindex(TC_CAST(q), index);
	rtnl_tc_set_parent(TC_CAST(q), TC_H_ROOT);
	(void)rtnl_qdisc_delete(s, q);
	rtnl_qdisc_put(q);
}

static int try_rates(void)
{
	AUTO(socket_at) struct nl_sock *s = NULL;
	struct err ignored;

	return unshare(CLONE_NEWNET) == 0 && open_socket(&s, &ignored) == 0 &&
			       bound_rate(s, 1, BURST_MIN, &ignored) == 0
		       ? 0
		       : 1;
}

bool link_has_rates(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_rates());
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return pid > 0 && status == 0;
}

static int inside(const struct link_port *p, struct err *err)
{
	AUTO(socket_at) struct nl_sock *s = NULL;
	struct rtnl_link *eth = NULL;
	int index;
	int rc;

	if (open_socket_in(p->net_fd, &s, err) < 0 || set_up(s, 1, err) < 0)
		return -1;
	rc = rtnl_link_get_kernel(s, 0, "eth0", &eth);
	if (rc < 0)
		return failed(err, rc, "find eth0");
	index = rtnl_link_get_ifindex(eth);
	rtnl_link_put(eth);
	if (p->rate_out && bound_rate(s, index, p->rate_out, err) < 0)
		return -1;
	if (add_address(s, index, p->address, err) < 0 || set_up(s, index, err) < 0 ||
	    add_default_route(s, index, p->gateway, err) < 0)
		return -1;
	if (has_ipv6() && (add_address(s, index, p->address6, err) < 0 ||
			   add_default_route(s, index, p->gateway6, err) < 0))
		return -1;
	return 0;
}

/*
 * eth0 of the old namespace moves to the new one, without its addresses; the host's end stays as
 * it is.  To make a new pair, the old one would have to go first: that waits until every
 * processor has seen it go.
 */
static bool take_over(const char *name, const struct link_port *port)
{
	AUTO(socket_at) struct nl_sock *s = NULL;
	AUTO(link_at) struct rtnl_link *eth = NULL;
	AUTO(link_at) struct rtnl_link *change = rtnl_link_alloc();
	struct err ignored;

	if (port->old_fd < 0 || !if_nametoindex(name) ||
	    open_socket_in(port->old_fd, &s, &ignored) < 0 ||
	    rtnl_link_get_kernel(s, 0, "eth0", &eth) < 0)
		return false;
	rtnl_link_set_ns_fd(change, port->net_fd);
	return rtnl_link_change(s, eth, change, 0) == 0;
}

static int make_pair(struct nl_sock *s, const char *name, const struct link_port *port,
		     struct err *err)
{
	int rc = add_pair(s, name, port);

	if (rc == -NLE_EXIST) { /* of a container whose last process is still dying */
		(void)delete_link(s, name);
		rc = add_pair(s, name, port);
	}
	return rc < 0 ? failed(err, rc, "create the container's network device") : 0;
}

int link_connect(const struct link_port *port, struct err *err)
{
	AUTO(socket_at) struct nl_sock *s = NULL;
	char name[IFNAMSIZ];
	bool taken;
	int index;

	(void)snprintf(name, sizeof name, "vd%u", port->number);
	if (open_socket(&s, err) < 0)
		return -1;
	taken = take_over(name, port);
	if (!taken && make_pair(s, name, port, err) < 0)
		return -1;
	index = (int)if_nametoindex(name);
	if (isolate(s, index, err) < 0)
		return -1;
	if (port->rate_in && bound_rate(s, index, port->rate_in, err) < 0)
		return -1;
	if (taken && !port->rate_in)
		unbound_rate(s, index);
	return inside(port, err);
}

int link_loopback(int net_fd, struct err *err)
{
	AUTO(socket_at) struct nl_sock *s = NULL;

	if (open_socket_in(net_fd, &s, err) < 0)
		return -1;
	return set_up(s, 1, err);
}
