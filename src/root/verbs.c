/* SPDX-License-Identifier: MIT */
#include "root/verbs.h"

#include <string.h>

#include "root/app.h"
#include "root/container.h"
#include "root/dirs.h"
#include "root/info.h"
#include "root/inspect.h"
#include "root/layer.h"
#include "root/logs.h"
#include "root/net.h"
#include "root/nft.h"
#include "root/nginx.h"
#include "root/nginx_logs.h"
#include "root/pack.h"
#include "root/range.h"
#include "root/recover.h"
#include "root/request.h"
#include "root/run.h"
#include "root/start.h"
#include "root/state.h"
#include "root/static.h"
#include "root/stop.h"
#include "root/storage.h"

const struct verb verbs[] = {
	{ "init", "", verb_init },
	{ "info", "", verb_info },
	{ "inspect", "", verb_inspect },
	{ "range", "app", verb_range },
	{ "forget", "app", verb_forget },
	{ "rename", "from to", verb_rename },
	{ "unpack", "app layer fd prefix? uid? deletions?", verb_unpack },
	{ "pack", "layer fd", verb_pack },
	{ "layer-list", "", verb_layer_list },
	{ "layer-remove", "layer", verb_layer_remove },
	{ "cache-list", "", verb_cache_list },
	{ "cache-clear", "app name?", verb_cache_clear },
	{ "storage", "name path? uid? gid? mode?", verb_storage },
	{ "storage-remove", "name", verb_storage_remove },
	{ "mountable", "path", verb_mountable },
	{ "run", CONTAINER_FIELDS "tty? timeout_s? seal?", verb_run },
	{ "start", CONTAINER_FIELDS "log again?", verb_start },
	{ "list", "", verb_list },
	{ "state", "id", verb_state },
	{ "signal", "id signal", verb_signal },
	{ "stop", "id grace_ms", verb_stop },
	{ "delete", "id", verb_delete },
	{ "exec", "id argv env? cwd? uid? tty? timeout_s?", verb_exec },
	{ "route", "app port? ids", verb_route },
	{ "nginx", "set test?", verb_nginx },
	{ "nginx-logs", "app", verb_nginx_logs },
	{ "static", "app release fd", verb_static },
	{ "static-switch", "app release", verb_static_switch },
	{ "static-remove", "app release", verb_static_remove },
	{ "tls", "app cert key", verb_tls },
	{ "log-rotate", "app log keep", verb_log_rotate },
	{ "log-tidy", "app max rotate files", verb_log_tidy },
	{ "net-up", "", verb_net_up },
	{ "recover", "", verb_recover },
	{ NULL, NULL, NULL },
};

int verbs_run(const json_t *op, json_t *reply, struct err *err)
{
	const char *name;

	if (!json_is_object(op))
		return err_set(err, ERR_USAGE, "an operation that is not an object");
	if (request_text(op, "verb", 32, &name, err) < 0)
		return -1;
	for (const struct verb *v = verbs; v->name; v++) {
		if (strcmp(v->name, name) != 0)
			continue;
		if (request_fields(op, v->fields, err) < 0 || v->run(op, reply, err) < 0)
			return -1;
		return 0;
	}
	(void)err_set(err, ERR_USAGE, "unknown verb %.32s", name);
	return err_hint(err, "davit and davit-root must be of the same version: install "
			     "both again");
}
