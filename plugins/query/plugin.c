/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/query/query.h"

const struct plugin plugin_query = {
	.name = "query",
	.on = {
		[TRIGGER_APP_JSON_GET_CONTENT] = query_on_app_json,
		[TRIGGER_APP_JSON_PARALLELISM] = query_on_constant,
		[TRIGGER_BUILDER_GET_PROPERTY] = query_on_property,
		[TRIGGER_CERTS_FORCE] = query_on_constant,
		[TRIGGER_BUILDER_SET_PROPERTY] = query_on_command,
		[TRIGGER_CERTS_GET] = query_on_command,
		[TRIGGER_CERTS_REMOVE] = query_on_command,
		[TRIGGER_CERTS_SET] = query_on_command,
		[TRIGGER_CHECKS_GET_PROPERTY] = query_on_property,
		[TRIGGER_CRON_GET_PROPERTY] = query_on_property,
		[TRIGGER_DOMAINS_ADD] = query_on_command,
		[TRIGGER_DOMAINS_DISABLE] = query_on_command,
		[TRIGGER_DOMAINS_ENABLE] = query_on_command,
		[TRIGGER_GIT_GET_PROPERTY] = query_on_property,
		[TRIGGER_LOGS_GET_PROPERTY] = query_on_property,
		[TRIGGER_NETWORK_CONFIG_EXISTS] = query_on_network,
		[TRIGGER_NETWORK_GET_IPADDR] = query_on_address,
		[TRIGGER_NETWORK_GET_LISTENERS] = query_on_listeners,
		[TRIGGER_NETWORK_GET_STATIC_LISTENERS] = query_on_static_listeners,
		[TRIGGER_NETWORK_GET_PROPERTY] = query_on_property,
		[TRIGGER_PORTS_CLEAR] = query_on_command,
		[TRIGGER_PORTS_CONFIGURE] = query_on_constant,
		[TRIGGER_PORTS_GET_PROPERTY] = query_on_property,
		[TRIGGER_PROXY_DISABLE] = query_on_command,
		[TRIGGER_PROXY_ENABLE] = query_on_command,
		[TRIGGER_PS_GET_PROPERTY] = query_on_property,
		[TRIGGER_RESOURCE_GET_PROPERTY] = query_on_resource,
		[TRIGGER_SCHEDULER_APP_STATUS] = query_on_app_status,
		[TRIGGER_SCHEDULER_DETECT] = query_on_constant,
		[TRIGGER_SCHEDULER_USES_HOST_CRON] = query_on_host_cron,
	},
};
