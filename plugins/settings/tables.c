/* SPDX-License-Identifier: MIT */
#include "plugins/settings/settings.h"

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

#define STORE(name, title, prefix, rows, both)                                           \
	{                                                                                \
		(name), (title), { (name), (prefix), (rows), COUNT(rows) }, (both), NULL \
	}

const struct settings_store settings_stores[] = {
	STORE("app-json", "app-json", "app-json-", app_json, true),
	{ "builder",
	  "builder",
	  { "builder", "builder-", builder, COUNT(builder) },
	  true,
	  "detected" },
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
};

const size_t settings_stores_count = COUNT(settings_stores);
