/* SPDX-License-Identifier: MIT */
/* Port mappings of apps. */
#ifndef DAVIT_PLUGINS_PORTS_PORTS_H
#define DAVIT_PLUGINS_PORTS_PORTS_H

#include "command/command.h"
#include "command/report.h"
#include "plugin/plugin.h"
#include "serve/ports.h"

int ports_cmd_add(struct request *req, struct err *err);
int ports_cmd_clear(struct request *req, struct err *err);
int ports_cmd_list(struct request *req, struct err *err);
int ports_cmd_remove(struct request *req, struct err *err);
int ports_cmd_report(struct request *req, struct err *err);
int ports_cmd_set(struct request *req, struct err *err);

trigger_fn ports_on_ports_get;
trigger_fn ports_on_ports_get_available;
trigger_fn ports_on_ports_set_detected;
trigger_fn ports_on_post_certs_remove;
trigger_fn ports_on_post_certs_update;

/* Has the app a certificate?  Asked of whoever keeps them. */
int ports_has_tls(struct store *st, struct out *out, const struct app *app, bool *tls,
		  struct err *err);
/* [{"container_port":5000,"host_port":80,"scheme":"http"}], a new string. */
char *ports_to_json(const struct strv *maps);

#endif
