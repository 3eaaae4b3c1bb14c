/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "plugins/buildpacks/buildpacks.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/name.h"

enum { INDEX_MAX = 1000, URL_MAX = 500 };

static bool is_word(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
			return false;
	return n > 0 && text[0] != '.';
}

/* A git address: a scheme, a host and a path, all printable; no flag and no blank. */
static bool is_url(const char *text)
{
	static const char *const schemes[] = { "https://", "http://", "git://", "ssh://",
					       "file:///" };
	size_t n = strlen(text);

	for (const char *c = text; *c; c++)
		if (!isgraph((unsigned char)*c))
			return false;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t s = strlen(schemes[i]);

		if (strncmp(text, schemes[i], s) == 0)
			return n < URL_MAX && text[s] != '-' && text[s] != '/' &&
			       (text[0] == 'f' || strchr(text + s, '/'));
	}
	return n < URL_MAX && strncmp(text, "git@", 4) == 0 && strchr(text, ':');
}

/* "heroku/nodejs" stands for Heroku's repository of that name. */
static int take_name(const char *text, char **url, struct err *err)
{
	const char *slash = strchr(text, '/');

	if (is_url(text)) {
		*url = xstrdup(text);
		return 0;
	}
	if (slash && is_word(text, (size_t)(slash - text)) &&
	    is_word(slash + 1, strlen(slash + 1))) {
		if (strncmp(text, "heroku-community/", 17) == 0)
			*url = xasprintf(
				"https://github.com/heroku/heroku-buildpack-%s.git",
				slash + 1);
		else
			*url = xasprintf("https://github.com/%.*s/%s%s.git",
					 (int)(slash - text), text, "heroku-buildpack-",
					 slash + 1);
		return 0;
	}
	(void)err_set(err, ERR_USAGE, "'%.200s' is no buildpack", text);
	return err_hint(err, "give its address, or org/name such as heroku/nodejs");
}

static int take_index(const struct request *req, long *index, struct err *err)
{
	const char *text = request_value(req, "index");

	*index = 0;
	if (!text || name_to_int(text, 1, INDEX_MAX, index))
		return 0;
	return err_set(err, ERR_USAGE, "--index must be a number from 1, not %.40s",
		       text);
}

static int load(struct request *req, struct strv *packs, struct err *err)
{
	return property_list(req->st, req->app.id, "buildpacks", "buildpacks", packs,
			     err);
}

static int save(struct request *req, const struct strv *packs, struct err *err)
{
	return property_list_set(req->st, req->app.id, "buildpacks", "buildpacks", packs,
				 err) < 0
		       ? -1
		       : 0;
}

static int missing(const struct request *req, struct err *err)
{
	return err_set(err, ERR_USAGE, "%s: Must specify a buildpack",
		       req->command->name);
}

int buildpacks_cmd_add(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv packs = STRV_INIT;
	AUTO_FREE char *url = NULL;
	long index;

	if (req->argc < 2)
		return missing(req, err);
	if (take_index(req, &index, err) < 0 || take_name(req->argv[1], &url, err) < 0 ||
	    load(req, &packs, err) < 0)
		return -1;
	if (strv_find(&packs, url) >= 0) {
		(void)err_set(err, ERR_REFUSED, "Buildpack %s is in the list already",
			      url);
		return err_hint(err, "davit buildpacks:list %s", req->app.name);
	}
	if (index == 0 || (size_t)index > packs.len)
		strv_add(&packs, url);
	else
		strv_insert(&packs, (size_t)index - 1, url);
	return save(req, &packs, err);
}

static int replace(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv packs = STRV_INIT;

	if (request_value(req, "index"))
		return err_set(
			err, ERR_USAGE,
			"--replace takes the whole list: it cannot be combined with "
			"--index");
	if (req->argc < 2) {
		(void)missing(req, err);
		return err_hint(err, "for an empty list: davit buildpacks:clear %s",
				req->app.name);
	}
	for (int i = 1; i < req->argc; i++) {
		AUTO_FREE char *url = NULL;

		if (take_name(req->argv[i], &url, err) < 0)
			return -1;
		strv_add(&packs, url);
	}
	return save(req, &packs, err);
}

int buildpacks_cmd_set(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv packs = STRV_INIT;
	AUTO_FREE char *url = NULL;
	long index;

	if (request_flag(req, "replace"))
		return replace(req, err);
	if (req->argc < 2)
		return missing(req, err);
	if (req->argc > 2)
		return err_set(err, ERR_USAGE,
			       "several buildpacks are set with --replace");
	if (take_index(req, &index, err) < 0 || take_name(req->argv[1], &url, err) < 0 ||
	    load(req, &packs, err) < 0)
		return -1;
	index = index ? index : 1;
	if ((size_t)index > packs.len) {
		strv_add(&packs, url);
	} else {
		strv_remove(&packs, (size_t)index - 1);
		strv_insert(&packs, (size_t)index - 1, url);
	}
	return save(req, &packs, err);
}

int buildpacks_cmd_remove(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv packs = STRV_INIT;
	AUTO_FREE char *url = NULL;
	long index;
	int at;

	if (take_index(req, &index, err) < 0 || load(req, &packs, err) < 0)
		return -1;
	if ((req->argc > 1) == (index > 0))
		return err_set(err, ERR_USAGE, "name one buildpack, or give its --index");
	if (index == 0 && take_name(req->argv[1], &url, err) < 0)
		return -1;
	at = index ? (int)index - 1 : strv_find(&packs, url);
	if (at < 0 || (size_t)at >= packs.len) {
		(void)err_set(err, ERR_REFUSED, "there is no such buildpack in the list");
		return err_hint(err, "davit buildpacks:list %s", req->app.name);
	}
	strv_remove(&packs, (size_t)at);
	return save(req, &packs, err);
}

int buildpacks_cmd_clear(struct request *req, struct err *err)
{
	static const struct strv none = STRV_INIT;

	return save(req, &none, err);
}
