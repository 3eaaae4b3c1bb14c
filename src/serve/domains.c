/* SPDX-License-Identifier: MIT */
#include "serve/domains.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "store/config.h"
#include "store/domain.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* An address as the host's domain has nothing below it. */
static bool is_address(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	return inet_pton(AF_INET, host, &four) == 1 ||
	       inet_pton(AF_INET6, host, &six) == 1;
}

static bool has_default_below(const char *global)
{
	return !is_address(global) && strncmp(global, "*.", 2) != 0;
}

int domains_default(struct store *st, const struct app *app, struct strv *hosts,
		    struct err *err)
{
	AUTO(strv_release) struct strv globals = STRV_INIT;

	if (domain_list(st, STORE_GLOBAL, &globals, err) < 0)
		return -1;
	strv_foreach(global, &globals) {
		AUTO_FREE char *host = NULL;

		if (!has_default_below(global))
			continue;
		host = strchr(app->name, '.') ? xstrdup(app->name)
					      : xasprintf("%s.%s", app->name, global);
		if (name_is_domain(host) && strv_find(hosts, host) < 0)
			strv_add(hosts, host);
	}
	return 0;
}

int domains_chosen(struct store *st, int64_t app_id, bool *chosen, struct err *err)
{
	AUTO_FREE char *value = NULL;
	int rc = property_find(st, app_id, "domains", "chosen", &value, err);

	if (rc < 0)
		return -1;
	*chosen = rc == 0;
	return 0;
}

int domains_choose(struct store *st, int64_t app_id, const struct strv *hosts,
		   struct err *err)
{
	static const struct strv none = STRV_INIT;
	int rc;

	if (store_begin(st, err) < 0)
		return -1;
	rc = domain_replace(st, app_id, hosts ? hosts : &none, err);
	if (rc == 0)
		rc = hosts ? property_set(st, app_id, "domains", "chosen", "true", err)
			   : property_unset(st, app_id, "domains", "chosen", err);
	if (rc != 0) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

int domains_of_app(struct store *st, const struct app *app, struct strv *hosts,
		   struct err *err)
{
	bool chosen;

	if (domains_chosen(st, app->id, &chosen, err) < 0)
		return -1;
	return chosen ? domain_list(st, app->id, hosts, err)
		      : domains_default(st, app, hosts, err);
}

int domains_enabled(struct store *st, int64_t app_id, bool *enabled, struct err *err)
{
	AUTO_FREE char *value = NULL;
	int rc = config_find(st, app_id, "NO_VHOST", &value, err);

	if (rc < 0)
		return -1;
	*enabled = rc == STORE_NO_ROW || strcmp(value, "1") != 0;
	return 0;
}

int domains_served(struct store *st, const struct app *app, struct strv *hosts,
		   struct err *err)
{
	bool enabled;

	if (domains_enabled(st, app->id, &enabled, err) < 0)
		return -1;
	return enabled ? domains_of_app(st, app, hosts, err) : 0;
}

static int not_a_domain(const char *word, const char *hint, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "%.200s is not a valid domain name", word);
	return err_hint(err, "%s", hint);
}

int domains_check(const char *word, char **host, struct err *err)
{
	AUTO_FREE char *lower = xstrdup(word);

	for (char *c = lower; *c; c++) {
		if ((unsigned char)*c >= 0x80)
			return not_a_domain(
				word,
				"give an international name in its ASCII form, "
				"which begins with xn--",
				err);
		*c = (char)tolower((unsigned char)*c);
	}
	if (strstr(lower, "://") || strchr(lower, '/') || strchr(lower, ':'))
		return not_a_domain(word,
				    "give the host name alone, without scheme, port or "
				    "path: example.com",
				    err);
	/* ".example.com" is the domain and all below it, "_" what nothing else names. */
	if (strcmp(lower, "_") != 0 && !name_is_domain(lower + (*lower == '.')))
		return not_a_domain(
			word,
			"labels of letters, digits and hyphens joined by dots: "
			"example.com, or *.example.com",
			err);
	*host = take_str(&lower);
	return 0;
}

bool domains_is_pattern(const char *host)
{
	return strchr(host, '*') || *host == '.' || strcmp(host, "_") == 0;
}

/* Does an app without a list of its own answer to this name? */
static int default_owner(struct store *st, const char *host, int64_t but_not, char **app,
			 struct err *err)
{
	AUTO_FREE char *label = xstrndup(host, strcspn(host, "."));
	const char *candidates[] = { label, host };

	for (size_t i = 0; i < 2; i++) {
		AUTO(strv_release) struct strv hosts = STRV_INIT;
		struct app row;
		bool chosen;
		int rc;

		if (!name_is_app(candidates[i]))
			continue;
		rc = app_find(st, candidates[i], &row, err);
		if (rc < 0)
			return -1;
		if (rc == STORE_NO_ROW || row.id == but_not)
			continue;
		if (domains_chosen(st, row.id, &chosen, err) < 0 ||
		    domains_default(st, &row, &hosts, err) < 0)
			return -1;
		if (!chosen && strv_find(&hosts, host) >= 0) {
			*app = xstrdup(row.name);
			return 0;
		}
	}
	return STORE_NO_ROW;
}

/* One key for each name of a template. */
#define CLAIM "template:"

static int claim_owner(struct store *st, const char *host, int64_t but_not, char **app,
		       struct err *err)
{
	AUTO_FREE char *key = xasprintf(CLAIM "%s", host);
	struct app row;
	int64_t id;
	int rc = property_owner(st, "domains", key, &id, err);

	if (rc != 0 || id == but_not)
		return rc < 0 ? -1 : STORE_NO_ROW;
	rc = app_find_id(st, id, &row, err);
	if (rc == 0)
		*app = xstrdup(row.name);
	return rc;
}

int domains_claim(struct store *st, int64_t app_id, const struct strv *hosts,
		  struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(st, app_id, "domains", CLAIM, &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		if (strv_find(hosts, key + strlen(CLAIM)) < 0 &&
		    property_unset(st, app_id, "domains", key, err) < 0)
			return -1;
	}
	strv_foreach(host, hosts) {
		AUTO_FREE char *key = xasprintf(CLAIM "%s", host);

		if (strv_find(&keys, key) < 0 &&
		    property_set(st, app_id, "domains", key, "", err) < 0)
			return -1;
	}
	return 0;
}

static int owner_of(struct store *st, const char *host, int64_t but_not, char **app,
		    struct err *err)
{
	int rc = domain_owner(st, host, but_not, app, err);

	if (rc == STORE_NO_ROW)
		rc = default_owner(st, host, but_not, app, err);
	return rc == STORE_NO_ROW ? claim_owner(st, host, but_not, app, err) : rc;
}

int domains_owner(struct store *st, const char *host, int64_t but_not, char **app,
		  struct err *err)
{
	AUTO_FREE char *dotted = *host == '.' ? xstrdup(host + 1)
					      : xasprintf(".%s", host);
	int rc = owner_of(st, host, but_not, app, err);

	return rc == STORE_NO_ROW ? owner_of(st, dotted, but_not, app, err) : rc;
}
