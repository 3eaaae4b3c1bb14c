/* SPDX-License-Identifier: MIT */
#include "serve/speech.h"

#include <string.h>

#include "serve/ports.h"
#include "store/property.h"
#include "util/cleanup.h"

enum port_speech speech_of(const char *scheme)
{
	static const struct {
		const char *scheme;
		enum port_speech speech;
	} rows[] = {
		{ "http", SPEAKS_HTTP },
		{ "https", SPEAKS_TLS },
		{ "grpc", SPEAKS_HTTP2 },
		{ "grpcs", SPEAKS_TLS },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].scheme, scheme) == 0)
			return rows[i].speech;
	return SPEAKS_NOTHING;
}

const char *speech_name(enum port_speech speech)
{
	static const char *const names[] = {
		[SPEAKS_NOTHING] = "nothing",
		[SPEAKS_HTTP] = "HTTP",
		[SPEAKS_HTTP2] = "HTTP/2 without TLS",
		[SPEAKS_TLS] = "TLS",
	};

	return names[speech];
}

static int is_value(struct store *st, int64_t app_id, const char *key, long port,
		    bool *same, struct err *err)
{
	AUTO_FREE char *value = NULL;
	long n;
	int rc = property_find(st, app_id,
			       strcmp(key, "allocated") == 0 ? "ports" : "proxy", key,
			       &value, err);

	*same = rc == 0 && name_to_int(value, 1, 65535, &n) && n == port;
	return rc < 0 ? -1 : 0;
}

/* By proxy-port and proxy-ssl-port, of an app or of the host. */
static int spoken_by_proxy(struct store *st, int64_t app_id, long port,
			   enum port_speech *speech, struct err *err)
{
	static const struct {
		const char *key;
		enum port_speech speech;
	} rows[] = {
		{ "proxy-port", SPEAKS_HTTP },
		{ "allocated", SPEAKS_HTTP },
		{ "proxy-ssl-port", SPEAKS_TLS },
	};
	bool same;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (is_value(st, app_id, rows[i].key, port, &same, err) < 0)
			return -1;
		if (same) {
			*speech = rows[i].speech;
			return 0;
		}
	}
	return 0;
}

/* By the maps that are configured, or else were detected. */
static int spoken_by_app(struct store *st, int64_t app_id, long port,
			 enum port_speech *speech, struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	struct port_map m;
	bool configured;

	if (ports_configured(st, app_id, &maps, err) < 0)
		return -1;
	configured = maps.len != 0;
	if (!configured &&
	    property_list(st, app_id, "ports", "map-detected", &maps, err) < 0)
		return -1;
	strv_foreach(map, &maps) {
		if (ports_parse(map, &m, err) < 0)
			return -1;
		if (m.host != port || speech_of(m.scheme) == SPEAKS_NOTHING)
			continue;
		*speech = speech_of(m.scheme);
		return 0;
	}
	return configured ? 0 : spoken_by_proxy(st, app_id, port, speech, err);
}

int speech_on(struct store *st, int64_t app_id, long port, enum port_speech *speech,
	      struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;
	char digits[24];
	struct app other;

	*speech = port == 80 ? SPEAKS_HTTP : port == 443 ? SPEAKS_TLS : SPEAKS_NOTHING;
	if (*speech != SPEAKS_NOTHING)
		return 0;
	if (spoken_by_proxy(st, STORE_GLOBAL, port, speech, err) < 0)
		return -1;
	if (*speech != SPEAKS_NOTHING)
		return 0;
	/* Some that have the digits elsewhere too: a close look follows. */
	(void)snprintf(digits, sizeof digits, "%ld", port);
	if (property_apps_with(st, "ports", digits, &apps, err) < 0 ||
	    property_apps_with(st, "proxy", digits, &apps, err) < 0)
		return -1;
	for (size_t i = 0; i < apps.len && *speech == SPEAKS_NOTHING; i++) {
		int rc = app_find(st, apps.v[i], &other, err);

		if (rc < 0 || (rc == 0 && other.id != app_id &&
			       spoken_by_app(st, other.id, port, speech, err) < 0))
			return -1;
	}
	return 0;
}

/* Where what is wanted is spoken, for the hint. */
static const char *usual(enum port_speech speech)
{
	return speech == SPEAKS_HTTP  ? "http:80"
	       : speech == SPEAKS_TLS ? "https:443"
				      : "grpcs:443";
}

int speech_check(struct store *st, const struct app *app, const struct port_map *map,
		 struct err *err)
{
	enum port_speech wanted = speech_of(map->scheme);
	enum port_speech speech;

	if (wanted == SPEAKS_NOTHING)
		return 0;
	if (speech_on(st, app->id, map->host, &speech, err) < 0)
		return -1;
	if (speech == SPEAKS_NOTHING || speech == wanted)
		return 0;
	(void)err_set(
		err, ERR_REFUSED,
		"port %ld of this host speaks %s, to every app on it: %s would take "
		"it from them",
		map->host, speech_name(speech), map->scheme);
	if (app->id == STORE_GLOBAL)
		return err_hint(err, "davit ports:report shows what apps have");
	return err_hint(err, "davit ports:add %s %s:%ld; or a port that no app has",
			app->name, usual(wanted), map->container);
}
