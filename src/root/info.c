/* SPDX-License-Identifier: MIT */
#include "root/info.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "root/link.h"
#include "root/net.h"
#include "root/runtime.h"
#include "util/fs.h"

int verb_info(const json_t *op, json_t *reply, struct err *err)
{
	const char *runtime = runtime_path();
	struct net_plan plan;
	struct utsname u;
	char subnet[NET_TEXT];

	(void)op;
	if (net_plan(&plan, err) < 0 || uname(&u) < 0)
		return -1;
	net_subnet_text(&plan, subnet);
	(void)json_object_set_new(reply, "version", json_string(DAVIT_VERSION));
	(void)json_object_set_new(reply, "runtime", json_string(runtime ? runtime : ""));
	(void)json_object_set_new(reply, "cgroup",
				  json_string(cgroup_is_v2() ? "v2" : "v1"));
	(void)json_object_set_new(reply, "systemd", json_boolean(cgroup_has_systemd()));
	(void)json_object_set_new(reply, "subnet", json_string(subnet));
	(void)json_object_set_new(reply, "nginx",
				  json_boolean(access("/usr/sbin/nginx", X_OK) == 0));
	(void)json_object_set_new(reply, "rates", json_boolean(link_has_rates()));
	(void)json_object_set_new(reply, "kernel", json_string(u.release));
	return 0;
}
