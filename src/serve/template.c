/* SPDX-License-Identifier: MIT */
#include "serve/template.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/template_run.h"
#include "util/alloc.h"

enum { STEPS_MAX = 1000000, DEPTH_MAX = 32, KEPT_MAX = 8 << 20 };

/* What a block ended with. */
enum stop { STOP_END, STOP_ELSE, STOP_TEXT };

int template_refuse(struct template_run *r, const char *fmt, ...)
{
	char words[800];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	return err_set(r->err, ERR_APP, "line %d: %s", r->here.line, words);
}

int template_step(struct template_run *r)
{
	if (++r->steps <= STEPS_MAX)
		return 0;
	return template_refuse(r, "the template takes too many steps");
}

/* What is kept hangs on a chain until the run is over. */
struct kept {
	struct kept *next;
	max_align_t room[];
};

void *template_room(struct template_run *r, size_t count, size_t size)
{
	struct kept *k;

	if (count > KEPT_MAX / size || r->kept_bytes + count * size > KEPT_MAX) {
		(void)template_refuse(r, "the template wants too much memory");
		return NULL;
	}
	k = xcalloc(1, sizeof *k + count * size);
	k->next = r->kept;
	r->kept = k;
	r->kept_bytes += sizeof *k + count * size;
	return k->room;
}

static void release_kept(struct kept *k)
{
	while (k) {
		struct kept *next = k->next;

		free(k);
		k = next;
	}
}

int template_text(struct template_run *r, const char *s, size_t len, struct value *v)
{
	char *copy = len > TEMPLATE_TEXT_MAX ? NULL : template_room(r, len + 1, 1);

	if (len > TEMPLATE_TEXT_MAX)
		return template_refuse(r, "a text of more than %d bytes",
				       TEMPLATE_TEXT_MAX);
	if (!copy)
		return -1;
	memcpy(copy, s, len);
	*v = (struct value){ .kind = VALUE_TEXT, .text = copy };
	return 0;
}

bool template_truth(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NIL: return false;
	case VALUE_TEXT: return v->text[0] != '\0';
	case VALUE_NUMBER:
	case VALUE_BOOL: return v->number != 0;
	case VALUE_LIST:
	case VALUE_MAP: return v->count > 0;
	}
	return false;
}

void template_show(const struct value *v, struct buf *out)
{
	switch (v->kind) {
	case VALUE_NIL: return;
	case VALUE_TEXT: buf_adds(out, v->text); return;
	case VALUE_NUMBER: buf_addf(out, "%ld", v->number); return;
	case VALUE_BOOL: buf_adds(out, v->number ? "true" : "false"); return;
	case VALUE_LIST:
	case VALUE_MAP: break;
	}
	buf_adds(out, v->kind == VALUE_MAP ? "map[" : "[");
	for (size_t i = 0; i < v->count && out->len <= TEMPLATE_OUT_MAX; i++) {
		if (i)
			buf_addc(out, ' ');
		if (v->keys)
			buf_addf(out, "%s:", v->keys[i]);
		template_show(&v->items[i], out);
	}
	buf_addc(out, ']');
}

/* The template's line of each line that begins. */
static void note_lines(struct template_run *r, size_t from, int line, bool counts)
{
	for (size_t i = from; r->lines && i < r->out->len; i++) {
		if (i == 0 || r->out->data[i - 1] == '\n')
			buf_add(r->lines, &line, sizeof line);
		if (counts)
			line += r->out->data[i] == '\n';
	}
}

static int check_room(struct template_run *r)
{
	if (r->out->len <= TEMPLATE_OUT_MAX)
		return 0;
	return template_refuse(r, "the template writes more than %d bytes",
			       TEMPLATE_OUT_MAX);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void advance(struct place *p, const char *to)
{
	for (; p->at < to; p->at++)
		p->line += *p->at == '\n';
}

/* Text up to the next action, or to the end. */
static int take_text(struct template_run *r, bool live)
{
	const char *open = strstr(r->here.at, "{{");
	const char *end = open ? open : r->here.at + strlen(r->here.at);
	const char *shown = end;
	size_t before = r->out->len;

	if (r->trim)
		while (r->here.at < end && is_space(*r->here.at))
			advance(&r->here, r->here.at + 1);
	r->trim = false;
	if (open && open[2] == '-' && is_space(open[3]))
		while (shown > r->here.at && is_space(shown[-1]))
			shown--;
	if (live && shown > r->here.at) {
		buf_add(r->out, r->here.at, (size_t)(shown - r->here.at));
		note_lines(r, before, r->here.line, true);
	}
	advance(&r->here, end);
	return check_room(r);
}

/* A comment is an action of its own: it holds nothing else. */
static int skip_comment(struct template_run *r, bool *was)
{
	const char *end;

	*was = strncmp(r->here.at, "/*", 2) == 0;
	if (!*was)
		return 0;
	end = strstr(r->here.at + 2, "*/");
	if (!end)
		return template_refuse(r, "a comment that does not end: write */}}");
	advance(&r->here, end + 2);
	return template_next(r) < 0 ? -1 : template_expect_end(r);
}

/* "{{" or "{{- ". */
static void open_action(struct template_run *r)
{
	advance(&r->here, r->here.at + 2);
	if (r->here.at[0] == '-' && is_space(r->here.at[1]))
		advance(&r->here, r->here.at + 2);
	while (is_space(*r->here.at))
		advance(&r->here, r->here.at + 1);
}

static bool is_word(const struct template_run *r, const char *word)
{
	return r->token.kind == TOKEN_WORD && r->token.len == strlen(word) &&
	       strncmp(r->token.from, word, r->token.len) == 0;
}

static int run_block(struct template_run *r, bool live, enum stop *stop);

/* The block after "else", which must end with "end". */
static int run_rest(struct template_run *r, bool live)
{
	enum stop stop;

	if (template_expect_end(r) < 0 || run_block(r, live, &stop) < 0)
		return -1;
	return stop == STOP_END ? 0 : template_refuse(r, "an {{else}} after {{else}}");
}

/* "$x := PIPELINE" or "PIPELINE". */
static int take_condition(struct template_run *r, bool live, struct value *v)
{
	const struct place start = r->here;
	const struct token first = r->token;

	if (first.kind == TOKEN_VARIABLE) {
		if (template_next(r) < 0)
			return -1;
		if (r->token.kind == TOKEN_DECLARE) {
			if (template_next(r) < 0 || template_pipeline(r, live, v) < 0)
				return -1;
			return template_declare(r, &first, v);
		}
		r->here = start;
		r->token = first;
	}
	return template_pipeline(r, live, v);
}

/* if, and with: the value is what "." means inside. */
static int run_if(struct template_run *r, bool live, bool with)
{
	const size_t scope = r->variable_count;
	const struct value dot = r->dot;
	struct value v = { .kind = VALUE_NIL };
	enum stop stop;
	bool taken;

	if (template_next(r) < 0 || take_condition(r, live, &v) < 0 ||
	    template_expect_end(r) < 0)
		return -1;
	taken = live && template_truth(&v);
	if (with && taken)
		r->dot = v;
	if (run_block(r, taken, &stop) < 0)
		return -1;
	r->dot = dot;
	if (stop == STOP_ELSE) {
		bool other = live && !taken;
		int rc;

		if (is_word(r, "if"))
			rc = run_if(r, other, false);
		else if (is_word(r, "with"))
			rc = run_if(r, other, true);
		else
			rc = run_rest(r, other);
		if (rc < 0)
			return -1;
	}
	r->variable_count = scope;
	return 0;
}

/* "[$i [, $v] :=] PIPELINE": the number of variables. */
static int take_range(struct template_run *r, bool live, struct token names[2],
		      size_t *count, struct value *v)
{
	const struct place start = r->here;
	const struct token first = r->token;

	*count = 0;
	while (r->token.kind == TOKEN_VARIABLE && *count < 2) {
		names[(*count)++] = r->token;
		if (template_next(r) < 0)
			return -1;
		if (r->token.kind != TOKEN_COMMA)
			break;
		if (template_next(r) < 0)
			return -1;
	}
	if (r->token.kind == TOKEN_DECLARE)
		return template_next(r) < 0 ? -1 : template_pipeline(r, live, v);
	*count = 0;
	r->here = start;
	r->token = first;
	return template_pipeline(r, live, v);
}

static int one_round(struct template_run *r, const struct token names[2], size_t count,
		     const struct value *list, size_t i, enum stop *stop)
{
	const size_t scope = r->variable_count;
	struct value key = { .kind = VALUE_NUMBER, .number = (long)i };

	if (list->keys)
		key = (struct value){ .kind = VALUE_TEXT, .text = list->keys[i] };
	r->dot = list->items[i];
	if ((count == 2 && template_declare(r, &names[0], &key) < 0) ||
	    (count > 0 && template_declare(r, &names[count - 1], &r->dot) < 0) ||
	    run_block(r, true, stop) < 0)
		return -1;
	r->variable_count = scope;
	return 0;
}

static int run_range(struct template_run *r, bool live)
{
	const size_t scope = r->variable_count;
	const struct value dot = r->dot;
	struct value list = { .kind = VALUE_NIL };
	struct token names[2];
	struct place body;
	enum stop stop;
	size_t count;
	bool trim;

	if (template_next(r) < 0 || take_range(r, live, names, &count, &list) < 0 ||
	    template_expect_end(r) < 0)
		return -1;
	if (!live)
		list = (struct value){ .kind = VALUE_NIL };
	if (list.kind == VALUE_TEXT || list.kind == VALUE_NUMBER ||
	    list.kind == VALUE_BOOL)
		return template_refuse(
			r, "range wants a list: a text becomes one by | split \" \"");
	body = r->here;
	trim = r->trim;
	for (size_t i = 0; i < list.count; i++) {
		r->here = body;
		r->trim = trim;
		if (one_round(r, names, count, &list, i, &stop) < 0)
			return -1;
	}
	r->dot = dot;
	for (size_t i = 0; i < count && list.count == 0; i++)
		if (template_declare(r, &names[i], &list) < 0)
			return -1;
	if (list.count == 0 && run_block(r, false, &stop) < 0)
		return -1;
	r->variable_count = scope;
	return stop == STOP_ELSE ? run_rest(r, live && list.count == 0) : 0;
}

/* A pipeline whose value is written, or "$x := …", "$x = …", which writes nothing. */
static int run_value(struct template_run *r, bool live)
{
	const struct place start = r->here;
	const struct token first = r->token;
	struct value v = { .kind = VALUE_NIL };
	size_t before = r->out->len;

	if (first.kind == TOKEN_VARIABLE) {
		if (template_next(r) < 0)
			return -1;
		if (r->token.kind == TOKEN_DECLARE || r->token.kind == TOKEN_ASSIGN) {
			bool declares = r->token.kind == TOKEN_DECLARE;

			if (template_next(r) < 0 || template_pipeline(r, live, &v) < 0 ||
			    template_expect_end(r) < 0)
				return -1;
			if (declares)
				return template_declare(r, &first, &v);
			return live ? template_assign(r, &first, &v) : 0;
		}
		r->here = start;
		r->token = first;
	}
	if (template_pipeline(r, live, &v) < 0 || template_expect_end(r) < 0)
		return -1;
	if (live) {
		template_show(&v, r->out);
		note_lines(r, before, start.line, false);
	}
	return check_room(r);
}

static int run_action(struct template_run *r, bool live, bool *ends, enum stop *stop)
{
	static const char *const unknown[] = { "define", "template", "block", "break",
					       "continue" };
	bool comment;

	open_action(r);
	if (template_step(r) < 0 || skip_comment(r, &comment) < 0)
		return -1;
	if (comment)
		return 0;
	if (template_next(r) < 0)
		return -1;
	*ends = is_word(r, "end") || is_word(r, "else");
	*stop = is_word(r, "end") ? STOP_END : STOP_ELSE;
	if (*ends)
		return template_next(r) < 0                              ? -1
		       : *stop == STOP_END && template_expect_end(r) < 0 ? -1
									 : 0;
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		if (is_word(r, unknown[i]))
			return template_refuse(r,
					       "{{%s}} is not known here: write what is "
					       "meant in its place, with if and range",
					       unknown[i]);
	if (is_word(r, "if"))
		return run_if(r, live, false);
	if (is_word(r, "with"))
		return run_if(r, live, true);
	if (is_word(r, "range"))
		return run_range(r, live);
	return run_value(r, live);
}

static int run_block(struct template_run *r, bool live, enum stop *stop)
{
	const size_t scope = r->variable_count;
	bool ends = false;

	if (++r->depth > DEPTH_MAX)
		return template_refuse(r, "blocks are nested too deep");
	*stop = STOP_TEXT;
	while (!ends) {
		enum stop how;

		if (take_text(r, live) < 0)
			return -1;
		if (!*r->here.at)
			break;
		if (run_action(r, live, &ends, &how) < 0)
			return -1;
		if (ends)
			*stop = how;
	}
	r->depth--;
	r->variable_count = scope;
	if (!ends && r->depth > 0)
		return template_refuse(
			r, "a block that does not end: {{end}} is missing, once or more");
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;

	return strcmp(*x, *y);
}

static int make_root(struct template_run *r, const json_t *vars)
{
	size_t n = json_object_size(vars);
	const char **keys = template_room(r, n, sizeof *keys);
	struct value *items = template_room(r, n, sizeof *items);
	const char *key;
	json_t *one;
	size_t at = 0;

	if (!keys || !items)
		return -1;
	json_object_foreach((json_t *)vars, key, one)
		keys[at++] = key;
	qsort((void *)keys, n, sizeof *keys, by_name);
	for (size_t i = 0; i < n; i++) {
		const char *s = json_string_value(json_object_get(vars, keys[i]));

		items[i] = (struct value){ .kind = VALUE_TEXT, .text = s ? s : "" };
	}
	r->root = (struct value){
		.kind = VALUE_MAP, .items = items, .keys = keys, .count = n
	};
	r->dot = r->root;
	return 0;
}

int template_render(const char *text, const json_t *vars, struct buf *out,
		    struct buf *lines, struct err *err)
{
	struct template_run r = {
		.here = { text, 1 }, .out = out, .lines = lines, .err = err
	};
	enum stop stop = STOP_TEXT;
	int rc;

	if (strlen(text) > TEMPLATE_TEXT_MAX)
		rc = err_set(err, ERR_APP, "the template has more than %d bytes",
			     TEMPLATE_TEXT_MAX);
	else
		rc = make_root(&r, vars) < 0 ? -1 : run_block(&r, true, &stop);
	if (rc == 0 && stop != STOP_TEXT)
		rc = template_refuse(&r, "{{%s}} without a block that is open",
				     stop == STOP_END ? "end" : "else");
	release_kept(r.kept);
	return rc;
}
