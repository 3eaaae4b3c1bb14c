/* SPDX-License-Identifier: MIT */
/* The properties of nginx:set, their defaults and what each may say. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "store/property.h"
#include "util/cleanup.h"

#define LOG_DIR "/var/log/nginx/"

static int refuse(const char *key, const char *value, const char *wanted, struct err *err)
{
	return err_set(err, ERR_USAGE, "%s must be %s, not %.200s", key, wanted, value);
}

/* Digits followed by one of these units, or by none; *value moves behind it. */
static bool take_amount(const char **value, const char *const units[], size_t count)
{
	size_t digits = strspn(*value, "0123456789");

	if (digits == 0 || digits > 12)
		return false;
	*value += digits;
	for (size_t i = 0; i < count; i++)
		if (strncmp(*value, units[i], strlen(units[i])) == 0) {
			*value += strlen(units[i]);
			break;
		}
	return true;
}

static bool is_size(const char *value)
{
	static const char *const units[] = { "k", "K", "m", "M", "g", "G" };

	return take_amount(&value, units, sizeof units / sizeof *units) && !*value;
}

static int check_time(const char *key, const char *value, struct err *err)
{
	static const char *const units[] = { "ms", "s", "m", "h", "d", "w", "M", "y" };
	const char *at = value;

	do {
		if (!take_amount(&at, units, sizeof units / sizeof *units))
			return refuse(key, value, "a time such as 60s or 1m30s", err);
	} while (*at);
	return 0;
}

static int check_size(const char *key, const char *value, struct err *err)
{
	return is_size(value) ? 0 : refuse(key, value, "a size such as 1m or 512k", err);
}

long nginx_amount(const char *word)
{
	const char *digits = strncmp(word, "max=", 4) == 0 ? word + 4 : word;
	char *end;
	long n = strtol(digits, &end, 10);

	if (end == digits || *digits == '-' || n < 0)
		return -1;
	if (n > NGINX_MEMORY_MAX || strcasecmp(end, "g") == 0)
		return NGINX_MEMORY_MAX + 1;
	if (*end && strcasecmp(end, "k") != 0 && strcasecmp(end, "m") != 0)
		return -1;
	return strcasecmp(end, "k") == 0 ? n << 10 : *end ? n << 20 : n;
}

/* Of what each answer may take in nginx. */
static int check_memory(const char *key, const char *value, struct err *err)
{
	if (check_size(key, value, err) < 0)
		return -1;
	return nginx_amount(value) <= NGINX_MEMORY_MAX
		       ? 0
		       : refuse(key, value, "at most 64m", err);
}

/* A number and a size: "8 4k". */
static int check_buffers(const char *key, const char *value, struct err *err)
{
	size_t digits = strspn(value, "0123456789");

	if (digits == 0 || digits > 4 || value[digits] != ' ' ||
	    !is_size(value + digits + 1))
		return refuse(key, value, "a number and a size such as 8 4k", err);
	return strtol(value, NULL, 10) * nginx_amount(value + digits + 1) <=
			       NGINX_MEMORY_MAX
		       ? 0
		       : refuse(key, value, "at most 64m in all", err);
}

static int check_switch(const char *key, const char *value, struct err *err)
{
	if (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)
		return 0;
	return refuse(key, value, "on or off", err);
}

static int check_number(const char *key, const char *value, struct err *err)
{
	long n;

	return name_to_int(value, 0, 1000000000, &n)
		       ? 0
		       : refuse(key, value, "a number", err);
}

static int check_four(const char *key, const char *value, struct err *err)
{
	struct in_addr address;

	if (inet_pton(AF_INET, value, &address) == 1)
		return 0;
	return refuse(key, value, "an IPv4 address of this host", err);
}

static int check_six(const char *key, const char *value, struct err *err)
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, value, &address) == 1)
		return 0;
	return refuse(key, value, "an IPv6 address of this host, without brackets", err);
}

bool nginx_log_is_off(const char *path)
{
	return strcmp(path, "off") == 0 || strcmp(path, "/dev/null") == 0 ||
	       strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/stderr") == 0;
}

/* nginx opens logs as root: they stay in one directory, and no variable names them. */
static int check_log(const char *key, const char *value, struct err *err)
{
	const char *name = value + strlen(LOG_DIR);

	if (nginx_log_is_off(value))
		return 0;
	if (strncmp(value, LOG_DIR, strlen(LOG_DIR)) == 0 && name_is_id(name))
		return 0;
	return refuse(key, value, "off, or a file directly in " LOG_DIR, err);
}

/* The name of a log_format that the host's administrator has defined. */
static int check_format(const char *key, const char *value, struct err *err)
{
	return name_is_process(value)
		       ? 0
		       : refuse(key, value, "the name of a log_format", err);
}

/* Letters, digits and nginx variables: nothing that could be taken for syntax. */
static int check_header(const char *key, const char *value, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				      "$_.,:-[] ";

	if (strspn(value, allowed) == strlen(value))
		return 0;
	return refuse(key, value, "text and nginx variables such as $remote_addr", err);
}

static const struct setting rows[] = {
	{ "access-log-format", "", SETTING_BOTH, check_format },
	{ "access-log-path", "", SETTING_BOTH, check_log },
	{ "bind-address-ipv4", "", SETTING_BOTH | SETTING_ADMIN, check_four },
	{ "bind-address-ipv6", "::", SETTING_BOTH | SETTING_ADMIN, check_six },
	{ "client-body-timeout", "60s", SETTING_BOTH, check_time },
	{ "client-header-timeout", "60s", SETTING_BOTH, check_time },
	{ "client-max-body-size", "1m", SETTING_BOTH, check_size },
	{ "disable-custom-config", "false", SETTING_BOTH, setting_is_bool },
	{ "error-log-path", "", SETTING_BOTH, check_log },
	{ "hsts", "true", SETTING_BOTH, setting_is_bool },
	{ "hsts-include-subdomains", "true", SETTING_BOTH, setting_is_bool },
	{ "hsts-max-age", "15724800", SETTING_BOTH, check_number },
	{ "hsts-preload", "false", SETTING_BOTH, setting_is_bool },
	{ "keepalive-timeout", "75s", SETTING_BOTH, check_time },
	{ "lingering-timeout", "5s", SETTING_BOTH, check_time },
	{ "nginx-conf-sigil-path", "nginx.conf.sigil", SETTING_BOTH, setting_is_path },
	{ "nginx-service-command", "", SETTING_BOTH, NULL },
	{ "proxy-buffer-size", "4k", SETTING_BOTH, check_memory },
	{ "proxy-buffering", "on", SETTING_BOTH, check_switch },
	{ "proxy-buffers", "8 4k", SETTING_BOTH, check_buffers },
	{ "proxy-busy-buffers-size", "8k", SETTING_BOTH, check_memory },
	{ "proxy-connect-timeout", "60s", SETTING_BOTH, check_time },
	{ "proxy-keepalive", "", SETTING_BOTH, check_number },
	{ "proxy-read-timeout", "60s", SETTING_BOTH, check_time },
	{ "proxy-send-timeout", "60s", SETTING_BOTH, check_time },
	{ "send-timeout", "60s", SETTING_BOTH, check_time },
	{ "underscore-in-headers", "off", SETTING_BOTH, check_switch },
	{ "x-forwarded-for-value", "$remote_addr", SETTING_BOTH, check_header },
	{ "x-forwarded-port-value", "$server_port", SETTING_BOTH, check_header },
	{ "x-forwarded-proto-value", "$scheme", SETTING_BOTH, check_header },
	{ "x-forwarded-ssl", "", SETTING_BOTH, check_header },
};

enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert((int)ROWS <= (int)NGINX_SETTINGS_MAX, "room for every property");

const struct settings nginx_settings = { NGINX_PLUGIN, "nginx-", rows, ROWS };

void nginx_values_release(struct nginx_values *values)
{
	for (size_t i = 0; i < ROWS; i++)
		free(values->v[i]);
	*values = (struct nginx_values){ .v = { NULL } };
}

int nginx_values_load(struct store *st, const struct app *app,
		      struct nginx_values *values, struct err *err)
{
	for (size_t i = 0; i < ROWS; i++)
		if (property_get(st, PROPERTY(app->id, NGINX_PLUGIN, rows[i].key),
				 rows[i].otherwise, &values->v[i], err) < 0)
			return -1;
	return 0;
}

const char *nginx_value(const struct nginx_values *values, const char *key)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].key, key) == 0)
			return values->v[i];
	bug("nginx has no property %s", key);
}
