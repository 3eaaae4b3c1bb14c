/* SPDX-License-Identifier: MIT */
/*
 * Triggers by which plugins ask for a value or have something done, where a command or the
 * store has the answer already.
 */
#ifndef DAVIT_PLUGINS_QUERY_QUERY_H
#define DAVIT_PLUGINS_QUERY_QUERY_H

#include "plugin/plugin.h"

trigger_fn query_on_property; /* X-get-property APP KEY */
trigger_fn query_on_resource; /* resource-get-property APP PROC limit|reserve KEY */
trigger_fn query_on_command;  /* certs-set, domains-add, …: the command of that name */
trigger_fn query_on_constant; /* what is the same for every app here */
trigger_fn query_on_app_json; /* app-json-get-content APP */
trigger_fn query_on_is_herokuish;     /* builder-image-is-herokuish APP IMAGE */
trigger_fn query_on_app_status;       /* scheduler-app-status SCHEDULER APP */
trigger_fn query_on_host_cron;        /* scheduler-uses-host-cron SCHEDULER */
trigger_fn query_on_listeners;        /* network-get-listeners APP PROC */
trigger_fn query_on_static_listeners; /* network-get-static-listeners APP PROC */
trigger_fn query_on_address;          /* network-get-ipaddr APP PROC ID */
trigger_fn query_on_network;          /* network-config-exists APP */

#endif
