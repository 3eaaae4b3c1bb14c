/* SPDX-License-Identifier: MIT */
/* The forms in which config:export writes variables. */
#include <string.h>

#include "plugins/config/config.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/words.h"

static void double_quoted(struct buf *out, const char *value)
{
	buf_addc(out, '"');
	for (; *value; value++) {
		if (*value == '\n') {
			buf_adds(out, "\\n");
			continue;
		}
		if (*value == '\r') {
			buf_adds(out, "\\r");
			continue;
		}
		if (strchr("\\\"!$`", *value))
			buf_addc(out, '\\');
		buf_addc(out, *value);
	}
	buf_addc(out, '"');
}

/* One variable between `before` and `after`: with its value quoted, or alone. */
struct style {
	const char *name;
	const char *before;
	const char *after;
	void (*quote)(struct buf *out, const char *value);
};

static const struct style styles[] = {
	{ "exports", "export ", "\n", words_quote },
	{ "envfile", "", "\n", double_quoted },
	{ "docker-args", "--env=", " ", words_quote },
	{ "docker-args-keys", "--env=", " ", NULL },
	{ "pack-keys", "--env ", " ", NULL },
	{ "shell", "", " ", words_quote },
};

static void format_styled(const json_t *vars, const struct style *s, struct buf *out)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)vars, key, value) {
		buf_addf(out, "%s%s", s->before, key);
		if (s->quote) {
			buf_addc(out, '=');
			s->quote(out, json_string_value(value));
		}
		buf_adds(out, s->after);
	}
	if (!out->len || out->data[out->len - 1] != ' ')
		return;
	/* A list of words ends without a blank, but "shell" goes in front of a command. */
	if (strcmp(s->name, "shell") != 0)
		buf_cut(out, out->len - 1);
	buf_addc(out, '\n');
}

static void format_pretty(const json_t *vars, struct buf *out)
{
	const char *key;
	json_t *value;
	size_t width = 0;

	json_object_foreach((json_t *)vars, key, value)
		width = strlen(key) > width ? strlen(key) : width;
	json_object_foreach((json_t *)vars, key, value) {
		AUTO_FREE char *label = xasprintf("%s:", key);

		buf_addf(out, "%-*s  %s\n", (int)width + 1, label,
			 json_string_value(value));
	}
}

/* Compact and sorted, with the escapes that Go's encoder makes. */
static void format_json(json_t *j, struct buf *out)
{
	AUTO_FREE char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);

	for (const char *c = text ? text : "null"; *c; c++)
		if (*c == '<' || *c == '>' || *c == '&')
			buf_addf(out, "\\u%04x", (unsigned)*c);
		else
			buf_addc(out, *c);
	buf_addc(out, '\n');
}

static void format_json_list(const json_t *vars, struct buf *out)
{
	json_t *list = json_array();
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)vars, key, value)
		(void)json_array_append_new(
			list, json_pack("{s:s, s:O}", "name", key, "value", value));
	if (json_array_size(list))
		format_json(list, out);
	else
		buf_adds(out, "null\n");
	json_decref(list);
}

int config_format(const json_t *vars, const char *format, struct buf *out,
		  struct err *err)
{
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
		if (strcmp(styles[i].name, format) == 0) {
			format_styled(vars, &styles[i], out);
			return 0;
		}
	if (strcmp(format, "pretty") == 0)
		format_pretty(vars, out);
	else if (strcmp(format, "json") == 0)
		format_json((json_t *)vars, out);
	else if (strcmp(format, "json-list") == 0)
		format_json_list(vars, out);
	else {
		(void)err_set(err, ERR_USAGE, "Unknown export format: %.60s", format);
		return err_hint(
			err, "formats: exports, envfile, docker-args, docker-args-keys, "
			     "json, json-list, pack-keys, pretty, shell");
	}
	return 0;
}
