/* SPDX-License-Identifier: MIT */
/* ports:list and ports:report. */
#include <string.h>

#include "plugins/ports/ports.h"
#include "util/cleanup.h"

/* Columns two spaces apart behind four; `head` is the title row, or NULL. */
static void print_table(struct out *out, const struct strv *maps,
			const char *const head[3])
{
	int width[2] = { head ? (int)strlen(head[0]) : 0,
			 head ? (int)strlen(head[1]) : 0 };

	for (int pass = 0; pass < 2; pass++) {
		if (pass && head)
			out_line(out, "    %-*s  %-*s  %s", width[0], head[0], width[1],
				 head[1], head[2]);
		strv_foreach(map, maps) {
			AUTO(strv_release) struct strv c = STRV_INIT;

			strv_split(&c, map, ":");
			if (pass)
				out_line(out, "    %-*s  %-*s  %s", width[0], c.v[0],
					 width[1], c.v[1], c.v[2]);
			for (int i = 0; i < 2; i++)
				width[i] = (int)strlen(c.v[i]) > width[i]
						   ? (int)strlen(c.v[i])
						   : width[i];
		}
	}
}

int ports_cmd_list(struct request *req, struct err *err)
{
	static const char *const head[3] = { "-----> scheme", "host port",
					     "container port" };
	AUTO(strv_release) struct strv maps = STRV_INIT;

	if (ports_configured(req->st, req->app.id, &maps, err) < 0)
		return -1;
	if (maps.len == 0) {
		(void)err_set(err, ERR_REFUSED, "No port mappings configured for app");
		return err_hint(err, "davit ports:report %s shows the detected ones",
				req->app.name);
	}
	strv_sort(&maps);
	out_step(req->out, "Port mappings for %s", req->app.name);
	print_table(req->out, &maps, req->out->quiet ? NULL : head);
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	AUTO(strv_release) struct strv own = STRV_INIT;
	AUTO(strv_release) struct strv found = STRV_INIT;
	AUTO_FREE char *own_json = NULL;
	AUTO_FREE char *found_json = NULL;
	AUTO_FREE char *own_text = NULL;
	AUTO_FREE char *found_text = NULL;
	bool tls;

	if (ports_has_tls(req->st, req->out, app, &tls, err) < 0 ||
	    ports_configured(req->st, app->id, &own, err) < 0 ||
	    ports_detected(req->st, app, tls, &found, err) < 0)
		return -1;
	strv_sort(&own);
	own_text = strv_join(&own, " ");
	found_text = strv_join(&found, " ");
	own_json = ports_to_json(&own);
	found_json = ports_to_json(&found);
	report_add(r, "ports-map", own_text);
	report_add(r, "ports-map-detected", found_text);
	report_add(r, "ports-map-json", own_json);
	report_add(r, "ports-map-detected-json", found_json);
	return 0;
}

int ports_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = {
		.title = "ports", .prefix = "ports-", .both_keys = true, .fill = fill
	};

	return report_run(req, &kind, err);
}
