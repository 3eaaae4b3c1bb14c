/* SPDX-License-Identifier: MIT */
/*
 * Can an app reach the network?  One container of the new base asks for the name of its own
 * package server and connects to it.  A foreign firewall chain, or a resolver that only
 * this host can reach, shows here and not in somebody's first build.
 */
#include <string.h>

#include "plugins/stack/stack.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"
#include "util/paths.h"

/* The statuses of buildpacks/stack/probe. */
enum { NO_NAME = 11, NO_CONNECTION = 12, LIMIT_S = 20 };

static void take_line(void *ctx, enum proc_stream from, const char *line)
{
	struct buf *said = ctx;

	if (from == PROC_OUT && !said->len)
		buf_adds(said, line);
}

static void tell(struct out *out, int code, const char *host)
{
	if (code == NO_NAME) {
		out_warn(out,
			 "apps cannot look up names: %s was not found from inside one",
			 host);
		out_warn(out, "next: is the resolver in /etc/resolv.conf one that other "
			      "hosts can ask?");
	} else if (code == NO_CONNECTION) {
		out_warn(out,
			 "apps cannot reach the network: no connection to %s from "
			 "inside one",
			 host);
		out_warn(out,
			 "next: if a firewall of this host drops what it forwards: "
			 "%s/open-firewall",
			 paths_libexec());
	} else {
		out_note(out, "apps reach the network: %s answers", host);
	}
}

void stack_probe(struct out *out, const char *base)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO(buf_release) struct buf host = BUF_INIT;
	AUTO(json_at) json_t *replies = NULL;
	struct err err;

	helper_add(&h, "run",
		   json_pack("{s:o, s:s, s:[s], s:[s], s:[s], s:s, s:i, s:s, s:s, s:i,"
			     " s:[{s:s, s:s}]}",
			     "id", json_sprintf("probe.%lld", (long long)clock_ms()),
			     "app", STACK_APP, "layers", base, "argv",
			     "/buildpacks/stack/probe", "env", "PATH=/usr/bin:/bin",
			     "cwd", "/", "uid", APP_UID, "profile", "build", "network",
			     "app", "timeout_s", LIMIT_S, "mounts", "kind", "buildpacks",
			     "target", "/buildpacks"));
	h.on_line = take_line;
	h.ctx = &host;
	if (helper_run(&h, &replies, &err) < 0) {
		out_warn(out, "the network of apps could not be probed: %s", err.text);
		return;
	}
	if (host.len)
		tell(out,
		     (int)json_integer_value(
			     json_object_get(json_array_get(replies, 0), "code")),
		     host.data);
}
