/* SPDX-License-Identifier: MIT */
/* Triggers that ask for ports, set the detected ones, and follow certificates. */
#include <jansson.h>
#include <string.h>

#include "plugins/ports/ports.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int ports_has_tls(struct store *st, struct out *out, const struct app *app, bool *tls,
		  struct err *err)
{
	AUTO_FREE char *answer = NULL;

	if (trigger_ask(st, out, &answer, err, TRIGGER_CERTS_EXISTS, app->name, NULL) < 0)
		return -1;
	*tls = strcmp(answer, "true") == 0;
	return 0;
}

char *ports_to_json(const struct strv *maps)
{
	json_t *all = json_array();
	struct err ignored;
	char *text;

	strv_foreach(map, maps) {
		struct port_map m;

		if (ports_parse(map, &m, &ignored) == 0)
			(void)json_array_append_new(
				all, json_pack("{s:i, s:i, s:s}", "container_port",
					       (int)m.container, "host_port", (int)m.host,
					       "scheme", m.scheme));
	}
	text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(all);
	return text ? text : xstrdup("[]");
}

int ports_on_ports_get(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	const char *form = call->argv[0] ? call->argv[1] : NULL;
	struct app app;
	bool tls;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    ports_has_tls(call->st, call->to, &app, &tls, err) < 0 ||
	    ports_of_app(call->st, &app, tls, &maps, err) < 0)
		return -1;
	if (form && strcmp(form, "json") == 0) {
		AUTO_FREE char *json = ports_to_json(&maps);

		buf_addf(&call->out, "%s\n", json);
		return 0;
	}
	strv_foreach(map, &maps)
		buf_addf(&call->out, "%s\n", map);
	return 0;
}

int ports_on_ports_get_available(const struct plugin *self, struct trigger_call *call,
				 struct err *err)
{
	long port;

	(void)self;
	if (ports_free(call->st, &port, err) < 0)
		return -1;
	buf_addf(&call->out, "%ld\n", port);
	return 0;
}

int ports_on_ports_set_detected(const struct plugin *self, struct trigger_call *call,
				struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	struct port_map m;
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	for (const char *const *word = call->argv + 1; *word; word++) {
		if (ports_parse(*word, &m, err) < 0)
			return -1;
		strv_add(&maps, *word);
	}
	return property_list_set(call->st, app.id, "ports", "map-detected", &maps, err);
}

/* Configured maps alone: the detected ones look at the certificate each time. */
int ports_on_post_certs_update(const struct plugin *self, struct trigger_call *call,
			       struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	AUTO(strv_release) struct strv more = STRV_INIT;
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    ports_configured(call->st, app.id, &maps, err) < 0)
		return -1;
	strv_foreach(map, &maps) {
		if (strncmp(map, "https:443:", 10) == 0)
			return 0;
		if (strncmp(map, "http:80:", 8) == 0)
			strv_addf(&more, "https:443:%s", map + 8);
	}
	strv_foreach(map, &more)
		strv_add(&maps, map);
	return more.len ? property_list_set(call->st, app.id, "ports", "map", &maps, err)
			: 0;
}

int ports_on_post_certs_remove(const struct plugin *self, struct trigger_call *call,
			       struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    ports_configured(call->st, app.id, &maps, err) < 0)
		return -1;
	for (size_t i = maps.len; i > 0; i--)
		if (strncmp(maps.v[i - 1], "https:443:", 10) == 0)
			strv_remove(&maps, i - 1);
	return property_list_set(call->st, app.id, "ports", "map", &maps, err);
}
