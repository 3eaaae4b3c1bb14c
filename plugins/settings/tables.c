/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/settings/settings.h"
#include "util/name.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static const struct setting app_json[] = {
	{ "appjson-path", "app.json", SETTING_BOTH, setting_is_path },
};

static const struct setting builder[] = {
	{ "build-dir", "", SETTING_BOTH, setting_is_path },
	{ "selected", "", SETTING_BOTH, NULL },
	{ "skip-cleanup", "false", SETTING_BOTH, setting_is_bool },
};

static const struct setting builder_dockerfile[] = {
	{ "dockerfile-path", "Dockerfile", SETTING_BOTH, setting_is_path },
};

static const struct setting builder_herokuish[] = {
	{ "allowed", "true", SETTING_BOTH, setting_is_bool },
};

static const struct setting builder_lambda[] = {
	{ "lambdayml-path", "lambda.yml", SETTING_BOTH, setting_is_path },
};

static const struct setting builder_nixpacks[] = {
	{ "nixpackstoml-path", "nixpacks.toml", SETTING_BOTH, setting_is_path },
};

static const struct setting builder_pack[] = {
	{ "projecttoml-path", "project.toml", SETTING_BOTH, setting_is_path },
};

static const struct setting builder_railpack[] = {
	{ "railpackjson-path", "railpack.json", SETTING_BOTH, setting_is_path },
};

static int check_scheduler(const char *key, const char *value, struct err *err)
{
	if (strcmp(value, "docker-local") == 0 || strcmp(value, "null") == 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s: there is no scheduler %.40s here", key,
		      value);
	return err_hint(err,
			"apps run on this host: docker-local is its name, null is none");
}

static int check_count(const char *key, const char *value, struct err *err)
{
	long n;

	if (name_to_int(value, 1, 1000, &n))
		return 0;
	return err_set(err, ERR_USAGE, "%s must be a number above 0, not %.40s", key,
		       value);
}

static const struct setting scheduler[] = {
	{ "selected", "docker-local", SETTING_BOTH, check_scheduler },
	{ "shell", "", SETTING_BOTH, NULL },
};

static const struct setting scheduler_docker_local[] = {
	{ "init-process", "true", SETTING_BOTH, setting_is_bool },
	{ "parallel-schedule-count", "1", SETTING_BOTH, check_count },
};

static const struct setting registry[] = {
	{ "image-repo", "", SETTING_APP, NULL },
	{ "image-repo-template", "", SETTING_BOTH, NULL },
	{ "push-extra-tags", "", SETTING_BOTH, NULL },
	{ "push-on-release", "false", SETTING_BOTH, setting_is_bool },
	{ "server", "", SETTING_BOTH, NULL },
};

#define ACME "https://acme-v02.api.letsencrypt.org/directory"

static const struct setting caddy[] = {
	{ "image", "", SETTING_GLOBAL, NULL },
	{ "letsencrypt-email", "", SETTING_GLOBAL, NULL },
	{ "letsencrypt-server", ACME, SETTING_GLOBAL, NULL },
	{ "log-level", "ERROR", SETTING_GLOBAL, NULL },
	{ "polling-interval", "5s", SETTING_GLOBAL, NULL },
	{ "tls-internal", "false", SETTING_BOTH, setting_is_bool },
};

static const struct setting haproxy[] = {
	{ "image", "", SETTING_GLOBAL, NULL },
	{ "letsencrypt-email", "", SETTING_GLOBAL, NULL },
	{ "letsencrypt-server", ACME, SETTING_GLOBAL, NULL },
	{ "log-level", "ERROR", SETTING_GLOBAL, NULL },
	{ "refresh-conf", "10", SETTING_GLOBAL, NULL },
};

static const struct setting traefik[] = {
	{ "api-enabled", "false", SETTING_GLOBAL, setting_is_bool },
	{ "api-entry-point", "", SETTING_GLOBAL, NULL },
	{ "api-entry-point-address", "", SETTING_GLOBAL, NULL },
	{ "api-vhost", "traefik.dokku.me", SETTING_GLOBAL, NULL },
	{ "basic-auth-password", "", SETTING_GLOBAL | SETTING_SECRET, NULL },
	{ "basic-auth-username", "", SETTING_GLOBAL, NULL },
	{ "challenge-mode", "tls", SETTING_GLOBAL, NULL },
	{ "dashboard-enabled", "false", SETTING_GLOBAL, setting_is_bool },
	{ "dns-provider", "", SETTING_GLOBAL, NULL },
	{ "dns-provider-", "", SETTING_GLOBAL | SETTING_FAMILY | SETTING_SECRET, NULL },
	{ "http-entry-point", "http", SETTING_GLOBAL, NULL },
	{ "https-entry-point", "https", SETTING_GLOBAL, NULL },
	{ "image", "", SETTING_GLOBAL, NULL },
	{ "letsencrypt-email", "", SETTING_GLOBAL, NULL },
	{ "letsencrypt-server", ACME, SETTING_GLOBAL, NULL },
	{ "log-level", "ERROR", SETTING_GLOBAL, NULL },
};

static const struct setting openresty[] = {
	{ "access-log-format", "", SETTING_BOTH, NULL },
	{ "access-log-path", "", SETTING_BOTH, NULL },
	{ "allowed-letsencrypt-domains-func-base64", "", SETTING_GLOBAL, NULL },
	{ "bind-address-ipv4", "", SETTING_BOTH, NULL },
	{ "bind-address-ipv6", "::", SETTING_BOTH, NULL },
	{ "client-body-timeout", "60s", SETTING_BOTH, NULL },
	{ "client-header-timeout", "60s", SETTING_BOTH, NULL },
	{ "client-max-body-size", "1m", SETTING_BOTH, NULL },
	{ "error-log-path", "", SETTING_BOTH, NULL },
	{ "hsts", "true", SETTING_BOTH, setting_is_bool },
	{ "hsts-include-subdomains", "true", SETTING_BOTH, setting_is_bool },
	{ "hsts-max-age", "15724800", SETTING_BOTH, NULL },
	{ "hsts-preload", "false", SETTING_BOTH, setting_is_bool },
	{ "image", "", SETTING_GLOBAL, NULL },
	{ "keepalive-timeout", "75s", SETTING_BOTH, NULL },
	{ "letsencrypt-email", "", SETTING_GLOBAL, NULL },
	{ "letsencrypt-server", ACME, SETTING_GLOBAL, NULL },
	{ "lingering-timeout", "5s", SETTING_BOTH, NULL },
	{ "log-level", "ERROR", SETTING_GLOBAL, NULL },
	{ "proxy-buffer-size", "", SETTING_BOTH, NULL },
	{ "proxy-buffering", "on", SETTING_BOTH, NULL },
	{ "proxy-buffers", "", SETTING_BOTH, NULL },
	{ "proxy-busy-buffers-size", "", SETTING_BOTH, NULL },
	{ "proxy-connect-timeout", "60s", SETTING_BOTH, NULL },
	{ "proxy-read-timeout", "60s", SETTING_BOTH, NULL },
	{ "proxy-send-timeout", "60s", SETTING_BOTH, NULL },
	{ "send-timeout", "60s", SETTING_BOTH, NULL },
	{ "underscore-in-headers", "off", SETTING_BOTH, NULL },
	{ "x-forwarded-for-value", "$remote_addr", SETTING_BOTH, NULL },
	{ "x-forwarded-port-value", "$server_port", SETTING_BOTH, NULL },
	{ "x-forwarded-proto-value", "$scheme", SETTING_BOTH, NULL },
	{ "x-forwarded-ssl", "", SETTING_BOTH, NULL },
};

#define STORE(name, title, prefix, rows, both)                                      \
	{                                                                           \
		(name), (title), { (name), (prefix), (rows), COUNT(rows) }, (both), \
			NULL, NULL                                                  \
	}

const struct settings_store settings_stores[] = {
	STORE("app-json", "app-json", "app-json-", app_json, true),
	{ "builder",
	  "builder",
	  { "builder", "builder-", builder, COUNT(builder) },
	  true,
	  "detected",
	  NULL },
	STORE("builder-dockerfile", "builder-dockerfile", "builder-dockerfile-",
	      builder_dockerfile, false),
	STORE("builder-herokuish", "builder-herokuish", "builder-herokuish-",
	      builder_herokuish, false),
	STORE("builder-lambda", "builder-lambda", "builder-lambda-", builder_lambda,
	      false),
	STORE("builder-nixpacks", "builder-nixpacks", "builder-nixpacks-",
	      builder_nixpacks, false),
	STORE("builder-pack", "builder-pack", "builder-pack-", builder_pack, false),
	STORE("builder-railpack", "builder-railpack", "builder-railpack-",
	      builder_railpack, false),
	STORE("caddy", "caddy", "caddy-", caddy, false),
	STORE("haproxy", "haproxy", "haproxy-", haproxy, false),
	STORE("openresty", "openresty", "openresty-", openresty, false),
	{ "registry",
	  "registry",
	  { "registry", "registry-", registry, COUNT(registry) },
	  true,
	  NULL,
	  settings_registry_names },
	STORE("scheduler", "scheduler", "scheduler-", scheduler, true),
	STORE("scheduler-docker-local", "scheduler-docker-local",
	      "scheduler-docker-local-", scheduler_docker_local, false),
	{ "scheduler-k3s",
	  "scheduler-k3s",
	  { "scheduler-k3s", "scheduler-k3s-", NULL, 0 },
	  false,
	  NULL,
	  NULL },
	STORE("traefik", "traefik", "traefik-", traefik, false),
};

const size_t settings_stores_count = COUNT(settings_stores);
