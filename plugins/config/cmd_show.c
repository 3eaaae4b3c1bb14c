/* SPDX-License-Identifier: MIT */
/* config:show, :get, :keys, :export and :bundle: the commands that read variables. */
#include <string.h>

#include "plugins/config/config.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"
#include "util/words.h"

static int load(struct request *req, json_t **vars, struct err *err)
{
	return request_flag(req, "merged")
		       ? config_merged(req->st, req->app.id, vars, err)
		       : config_load(req->st, req->app.id, vars, err);
}

static int print(struct request *req, const json_t *vars, const char *format,
		 struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (config_format(vars, format, &text, err) < 0)
		return -1;
	out_bytes(req->out, text.data, text.len);
	return 0;
}

int config_cmd_show(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;

	if (load(req, &vars, err) < 0)
		return -1;
	if (request_flag(req, "shell"))
		return print(req, vars, "shell", err);
	if (request_flag(req, "export"))
		return print(req, vars, "exports", err);
	out_title(req->out, "%s env vars",
		  req->app.id == STORE_GLOBAL ? "global" : req->app.name);
	return print(req, vars, "pretty", err);
}

int config_cmd_export(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;
	const char *format = request_value(req, "format");

	if (load(req, &vars, err) < 0)
		return -1;
	return print(req, vars, format ? format : "exports", err);
}

int config_cmd_keys(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;
	const char *key;
	json_t *value;

	if (load(req, &vars, err) < 0)
		return -1;
	json_object_foreach(vars, key, value)
		out_line(req->out, "%s", key);
	return 0;
}

static void print_quoted(struct out *out, const char *value)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	words_quote(&b, value);
	out_line(out, "%s", b.data);
}

int config_cmd_get(struct request *req, struct err *err)
{
	const char *key = req->argv[req->global ? 0 : 1];
	AUTO_FREE char *value = NULL;
	int rc = config_find(req->st, req->app.id, key, &value, err);

	if (rc == STORE_NO_ROW)
		return err_exit(err, 1);
	if (rc < 0)
		return -1;
	if (request_flag(req, "quoted"))
		print_quoted(req->out, value);
	else
		out_line(req->out, "%s", value);
	return 0;
}

enum { TAR_BLOCK = 512 };

/* One file in ustar form, mode 0600, padded to blocks. */
static void add_member(struct buf *tar, const char *name, const char *data, size_t len)
{
	static const char zeros[TAR_BLOCK];
	char head[TAR_BLOCK] = { 0 };
	unsigned sum = 0;

	(void)snprintf(head, 100, "%s", name);
	(void)snprintf(head + 100, 8, "%07o", 0600);
	(void)snprintf(head + 108, 8, "%07o", 0);
	(void)snprintf(head + 116, 8, "%07o", 0);
	(void)snprintf(head + 124, 12, "%011zo", len);
	(void)snprintf(head + 136, 12, "%011llo", (unsigned long long)clock_now());
	memset(head + 148, ' ', 8);
	head[156] = '0';
	memcpy(head + 257, "ustar", 6);
	memset(head + 263, '0', 2); /* the version */
	for (size_t i = 0; i < sizeof head; i++)
		sum += (unsigned char)head[i];
	(void)snprintf(head + 148, 8, "%06o", sum);
	buf_add(tar, head, sizeof head);
	buf_add(tar, data, len);
	if (len % TAR_BLOCK)
		buf_add(tar, zeros, TAR_BLOCK - len % TAR_BLOCK);
}

int config_cmd_bundle(struct request *req, struct err *err)
{
	static const char end[2 * TAR_BLOCK];
	AUTO(buf_release) struct buf tar = BUF_INIT;
	AUTO(json_at) json_t *vars = NULL;
	const char *key;
	json_t *value;

	if (load(req, &vars, err) < 0)
		return -1;
	json_object_foreach(vars, key, value) {
		if (strlen(key) > 99)
			return err_set(err, ERR_REFUSED,
				       "the name %s is too long for a tar stream", key);
		add_member(&tar, key, json_string_value(value),
			   json_string_length(value));
	}
	buf_add(&tar, end, sizeof end);
	out_bytes(req->out, tar.data, tar.len);
	return 0;
}
