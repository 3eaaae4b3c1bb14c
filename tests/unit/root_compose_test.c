/* SPDX-License-Identifier: MIT */
/* What the helper composes: ranges, networks, rules, filters, host files, the policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "root/cgroup.h"
#include "root/hostfiles.h"
#include "root/net.h"
#include "root/nft.h"
#include "root/oci.h"
#include "root/policy.h"
#include "root/range.h"
#include "root/seccomp.h"
#include "root/state.h"
#include "util/cleanup.h"
#include "util/yaml.h"

enum { FIRST = 0x70000000 };

static void a_range_overlaps_nobody_elses(void **state)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO(strv_release) struct strv taken = STRV_INIT;

	(void)state;
	assert_int_equal(range_choose(&lines, &taken), FIRST);
	strv_addf(&lines, "a %d", FIRST);
	assert_int_equal(range_choose(&lines, &taken), FIRST + RANGE_SIZE);
	/* One id of somebody's in the middle of the next range. */
	strv_addf(&taken, "%d 1", FIRST + RANGE_SIZE + 77);
	assert_int_equal(range_choose(&lines, &taken), FIRST + 2 * RANGE_SIZE);
	strv_addf(&taken, "%d %d", FIRST, 10 * RANGE_SIZE);
	assert_int_equal(range_choose(&lines, &taken), FIRST + 10 * RANGE_SIZE);
	strv_add(&taken, "0 4294967295");
	assert_int_equal(range_choose(&lines, &taken), 0);
}

static void a_process_is_in_a_group_by_every_hierarchy(void **state)
{
	(void)state;
	assert_true(cgroup_all_in("0::/davit-mon\n", "/davit-mon"));
	assert_true(cgroup_all_in("3:cpuset:/\n2:cpu,cpuacct:/davit-mon\n0::/davit-mon\n",
				  "/davit-mon"));
	assert_false(cgroup_all_in("2:cpu,cpuacct:/user\n0::/davit-mon\n", "/davit-mon"));
	assert_false(cgroup_all_in("0::/davit-mon/x\n", "/davit-mon"));
	assert_false(cgroup_all_in("", "/davit-mon"));
	assert_false(cgroup_all_in("nonsense\n", "/davit-mon"));
}

static const char routes[] =
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
	"eth0\t00000000\t01010AC0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
	"eth0\t0000D50A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";

static void a_subnet_that_is_routed_is_not_free(void **state)
{
	(void)state;
	assert_true(net_overlaps(0x0AD50000, 18, routes)); /* 10.213.0.0 */
	assert_true(net_overlaps(0x0AD54000, 18, routes)); /* within 10.213.0.0/16 */
	assert_false(net_overlaps(0x0ADD4000, 18, routes));
	assert_true(net_overlaps(0x0A000000, 8, routes));
}

static const struct net_plan plan = { .base = 0x0AD50000,
				      .bits = 18,
				      .ula = "fd00:1:2:3::" };

static void apps_have_the_upper_half_of_the_subnet(void **state)
{
	char text[NET_TEXT];

	(void)state;
	net_subnet_text(&plan, text);
	assert_string_equal(text, "10.213.0.0/18");
	net_apps_text(&plan, text);
	assert_string_equal(text, "10.213.32.0/19");
	net_host_text(&plan, 8193, text);
	assert_string_equal(text, "10.213.32.1");
}

static void only_our_table_is_in_the_rules(void **state)
{
	AUTO_FREE char *text = nft_base_text(&plan);
	AUTO(strv_release) struct strv lines = STRV_INIT;

	(void)state;
	strv_split(&lines, text, "\n");
	assert_true(lines.len > 20);
	strv_foreach(line, &lines) {
		if (!strstr(line, " inet davit"))
			fail_msg("another table: %s", line);
	}
	assert_null(strstr(text, "SUBNET"));
	assert_null(strstr(text, "ULA"));
}

static void a_route_is_one_transaction(void **state)
{
	AUTO(strv_release) struct strv to = STRV_INIT;
	struct nft_route r = {
		.number = 9, .address = "10.213.32.1", .port = 5000, .backends = &to
	};

	(void)state;
	AUTO_FREE char *none = nft_route_text(&r);

	assert_null(strstr(none, "dnat"));
	strv_add(&to, "10.213.0.2");
	AUTO_FREE char *one = nft_route_text(&r);

	assert_non_null(strstr(one, "flush chain inet davit app_9\n"));
	assert_non_null(strstr(one, "tcp dport 5000 dnat ip to 10.213.0.2\n"));
	strv_add(&to, "10.213.0.3");
	r.port = 0;
	AUTO_FREE char *two = nft_route_text(&r);

	assert_non_null(
		strstr(two, "numgen inc mod 2 map { 0 : 10.213.0.2, 1 : 10.213.0.3 }"));
}

static bool names(const json_t *seccomp, const char *call, const char *action)
{
	json_t *rule;
	json_t *name;
	size_t i;
	size_t j;

	json_array_foreach(json_object_get(seccomp, "syscalls"), i, rule) {
		json_array_foreach(json_object_get(rule, "names"), j, name) {
			if (strcmp(json_string_value(name), call) == 0 &&
			    strcmp(json_string_value(json_object_get(rule, "action")),
				   action) == 0)
				return true;
		}
	}
	return false;
}

static void the_filter_lets_nobody_into_a_new_namespace(void **state)
{
	static const char *const refused[] = { "unshare", "setns",      "mount",
					       "clone3",  "move_mount", "bpf" };
	json_t *profile = json_loads(
		"{\"syscalls\":[{\"names\":[\"read\",\"unshare\",\"mount\",\"clone\",\"clone3\","
		"\"setns\",\"bpf\",\"move_mount\"],\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"names\":[\"chroot\"],\"action\":\"SCMP_ACT_ALLOW\","
		"\"includes\":{\"caps\":[\"CAP_SYS_CHROOT\"]}},"
		"{\"names\":[\"chroot\"],\"action\":\"SCMP_ACT_ERRNO\","
		"\"excludes\":{\"caps\":[\"CAP_SYS_CHROOT\"]}}]}",
		0, NULL);
	json_t *app = seccomp_convert(profile, oci_caps(PROFILE_APP));
	json_t *package = seccomp_convert(profile, oci_caps(PROFILE_PACKAGE));

	(void)state;
	assert_true(names(app, "read", "SCMP_ACT_ALLOW"));
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_false(names(app, refused[i], "SCMP_ACT_ALLOW"));
		assert_false(names(package, refused[i], "SCMP_ACT_ALLOW"));
		assert_true(names(app, refused[i], "SCMP_ACT_ERRNO"));
	}
	assert_false(names(app, "chroot", "SCMP_ACT_ALLOW"));
	assert_true(names(app, "chroot", "SCMP_ACT_ERRNO"));
	assert_true(names(package, "chroot", "SCMP_ACT_ALLOW"));
	json_decref(app);
	json_decref(package);
	json_decref(profile);
}

static void an_app_has_no_capability(void **state)
{
	(void)state;
	assert_null(oci_caps(PROFILE_APP)[0]);
	assert_null(oci_caps(PROFILE_BUILD)[0]);
	assert_non_null(oci_caps(PROFILE_PACKAGE)[0]);
}

static void a_loopback_resolver_is_of_no_use(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;

	(void)state;
	assert_false(hostfiles_resolver("nameserver 127.0.0.53\noptions edns0\n", &out));
	assert_false(hostfiles_resolver("nameserver ::1\n", &out));
	buf_reset(&out);
	assert_true(hostfiles_resolver(
		"search a.example\nnameserver 127.0.0.1\nnameserver 192.0.2.1\n", &out));
	assert_string_equal(out.data, "search a.example\nnameserver 192.0.2.1\n");
}

static void listening_ports_and_their_connections_are_counted(void **state)
{
	json_t *ports = json_array();
	long n = state_sockets(
		"  sl  local_address rem_address   st\n"
		"   0: 00000000:1388 00000000:0000 0A 00000000:00000000 00:00\n"
		"   1: 0200D50A:1388 0100D50A:C001 01 00000000:00000000 00:00\n"
		"   2: 0200D50A:C002 0100D50A:0050 01 00000000:00000000 00:00\n"
		"   3: 0200D50A:1388 0100D50A:C003 06 00000000:00000000 00:00\n"
		"  sl  local_address\n"
		"   0: 00000000000000000000000000000000:1F90 "
		"00000000000000000000000000000000:0000 0A 0:0\n",
		ports);

	(void)state;
	assert_int_equal(n, 1);
	assert_int_equal(json_array_size(ports), 2);
	assert_int_equal(json_integer_value(json_array_get(ports, 0)), 5000);
	assert_int_equal(json_integer_value(json_array_get(ports, 1)), 8080);
	json_decref(ports);
}

static void the_policy_is_read_and_checked(void **state)
{
	struct policy p;
	struct err err;

	(void)state;
	policy_defaults(&p);
	assert_int_equal(
		policy_parse("limits:\n  app: {memory: 256M, cpu: 500}\n"
			     "mounts: [/srv/media]\nnetwork: {subnet: 10.9.0.0/20}\n",
			     &p, &err),
		0);
	assert_int_equal(p.limits[PROFILE_APP].memory, 256 << 20);
	assert_int_equal(p.limits[PROFILE_APP].cpu, 500);
	assert_string_equal(p.mounts.v[0], "/srv/media");
	assert_string_equal(p.subnet, "10.9.0.0/20");
	assert_int_equal(policy_parse("limits: {app: {memory: lots}}", &p, &err), -1);
	assert_non_null(strstr(err.text, "memory"));
	assert_int_equal(policy_parse("limits: {apps: {}}", &p, &err), -1);
	assert_int_equal(policy_parse("mounts: [/]", &p, &err), -1);
	assert_int_equal(policy_parse("mounts: [/srv/../etc]", &p, &err), -1);
	assert_int_equal(policy_parse("a: [", &p, &err), -1);
	assert_int_equal(policy_parse("", &p, &err), 0);
	strv_release(&p.mounts);
}

static int parse(const char *text, json_t **v, struct err *err)
{
	return yaml_parse(text, strlen(text), v, err);
}

static void yaml_becomes_one_tree(void **state)
{
	struct err err;
	json_t *v = NULL;

	(void)state;
	assert_int_equal(parse("a: 1\nb: [x, 'y', 1.5, true, ~]\n", &v, &err), 0);
	AUTO_FREE char *text = json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, "{\"a\":1,\"b\":[\"x\",\"y\",1.5,true,null]}");
	json_decref(v);
	assert_int_equal(parse("a: 1\na: 2\n", &v, &err), -1);
	assert_non_null(strstr(err.text, "line 2"));
	assert_int_equal(parse("a: &x 1\nb: *x\n", &v, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_overlaps_nobody_elses),
		cmocka_unit_test(a_process_is_in_a_group_by_every_hierarchy),
		cmocka_unit_test(a_subnet_that_is_routed_is_not_free),
		cmocka_unit_test(apps_have_the_upper_half_of_the_subnet),
		cmocka_unit_test(only_our_table_is_in_the_rules),
		cmocka_unit_test(a_route_is_one_transaction),
		cmocka_unit_test(the_filter_lets_nobody_into_a_new_namespace),
		cmocka_unit_test(an_app_has_no_capability),
		cmocka_unit_test(a_loopback_resolver_is_of_no_use),
		cmocka_unit_test(listening_ports_and_their_connections_are_counted),
		cmocka_unit_test(the_policy_is_read_and_checked),
		cmocka_unit_test(yaml_becomes_one_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
