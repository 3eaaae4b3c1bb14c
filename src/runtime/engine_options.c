/* SPDX-License-Identifier: MIT */
/* Splitting and keeping; what each flag does is in engine_flags.c. */
#include "runtime/engine_options.h"

#include <string.h>

#include "runtime/engine_flags.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/words.h"

#define LINE_MAX_BYTES 8192

static void add_word(struct buf *line, const char *word)
{
	if (line->len)
		buf_addc(line, ' ');
	words_quote_odd(line, word, "[]");
}

static int end_line(struct buf *line, struct strv *lines, struct err *err)
{
	if (line->len > LINE_MAX_BYTES || strpbrk(line->data, "\n\r"))
		return err_set(err, ERR_USAGE,
			       "an option has a line break, or more than %d bytes",
			       LINE_MAX_BYTES);
	if (line->len)
		strv_add(lines, line->data);
	buf_reset(line);
	return 0;
}

static int not_a_flag(const char *word, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "'%.200s' is no option", word);
	return err_hint(err, "options begin with a dash, for example: --memory 512m");
}

/* "-v /a:/b" given as one word is several; a value after its flag is one word whatever is
 * in it. */
static int flatten(const char *const *words, struct strv *flat, struct err *err)
{
	bool value = false;

	for (; *words; words++) {
		size_t before = flat->len;

		if (value) {
			strv_add(flat, *words);
			value = false;
			continue;
		}
		if (words_split(*words, strlen(*words), flat, err) < 0) {
			err->hint[0] = '\0';
			(void)err_set(err, ERR_USAGE, "'%.200s' has an unmatched quote",
				      *words);
			return -1;
		}
		value = flat->len > before &&
			engine_flag_wants_value(flat->v[flat->len - 1]);
	}
	return 0;
}

int engine_options_split(const char *const *words, struct strv *lines, struct err *err)
{
	AUTO(strv_release) struct strv flat = STRV_INIT;
	AUTO(buf_release) struct buf line = BUF_INIT;
	bool value = false; /* the word before is a flag that takes this one */
	bool open = false;  /* and any number of them */

	if (flatten(words, &flat, err) < 0)
		return -1;
	strv_foreach(word, &flat) {
		if (value || (open && word[0] != '-')) {
			add_word(&line, word);
			value = false;
			continue;
		}
		if (word[0] != '-' || !word[1])
			return not_a_flag(word, err);
		if (end_line(&line, lines, err) < 0)
			return -1;
		add_word(&line, word);
		value = engine_flag_wants_value(word);
		open = !value && !engine_flag_is_known(word);
	}
	return end_line(&line, lines, err);
}

/* A line is words of ours again: the flag, and its value or NULL. */
static int read_line(const char *line, struct strv *words, char **flag,
		     const char **value, struct err *err)
{
	const char *equals;

	if (words_split(line, strlen(line), words, err) < 0 || words->len == 0)
		return words->len ? -1 : not_a_flag(line, err);
	equals = words->v[0][0] == '-' ? strchr(words->v[0], '=') : NULL;
	*flag = equals ? xstrndup(words->v[0], (size_t)(equals - words->v[0]))
		       : xstrdup(words->v[0]);
	*value = equals ? equals + 1 : words->len > 1 ? words->v[1] : NULL;
	return 0;
}

static int apply_line(const char *line, json_t *spec, const char **instead,
		      struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	AUTO_FREE char *flag = NULL;
	const char *value;

	if (read_line(line, &words, &flag, &value, err) < 0)
		return -1;
	return engine_flag_apply(flag, value, spec, instead, err);
}

int engine_option_check(const char *line, const char **instead, struct err *err)
{
	json_t *scratch = json_object();
	int rc = apply_line(line, scratch, instead, err);

	json_decref(scratch);
	return rc;
}

char *engine_option_host_side(const char *line)
{
	json_t *scratch = json_object();
	const char *instead;
	struct err ignored;
	const json_t *mount;
	char *side = NULL;

	if (apply_line(line, scratch, &instead, &ignored) == 0) {
		mount = json_array_get(json_object_get(scratch, "mounts"), 0);
		if (strcmp(storage_text(mount, "kind"), "host") == 0)
			side = xstrdup(storage_text(mount, "path"));
		else if (strcmp(storage_text(mount, "kind"), "storage") == 0)
			side = xstrdup(storage_text(mount, "name"));
	}
	json_decref(scratch);
	return side;
}

int engine_options_of(struct store *st, const struct app *app, const char *phase,
		      const char *process, struct strv *lines, struct err *err)
{
	AUTO_FREE char *all = xasprintf(ENGINE_OPTIONS_ALL ".%s", phase);
	AUTO_FREE char *own = xasprintf("%s.%s", process, phase);

	if (property_list(st, app->id, "docker-options", all, lines, err) < 0)
		return -1;
	if (strcmp(all, own) == 0)
		return 0;
	return property_list(st, app->id, "docker-options", own, lines, err);
}

int engine_options_apply(const struct strv *lines, json_t *spec, struct err *err)
{
	const char *instead;

	strv_foreach(line, lines)
		if (apply_line(line, spec, &instead, err) < 0)
			return err_context(err, "docker-options %.200s", line);
	return 0;
}
