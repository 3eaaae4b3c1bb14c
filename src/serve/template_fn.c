/* SPDX-License-Identifier: MIT */
/*
 * The functions of a template: Go's own, and those of sigil that only turn values into
 * others.  As in sigil, what a function works on is its last word, so that it can be piped in.
 */
#include "serve/template_fn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/template.h"
#include "util/cleanup.h"
#include "util/name.h"

int(template_fn_refuse)(const struct call *c, const char *what)
{
	return template_refuse(c->r, "%s %s", c->name, what);
}

int template_give_bool(const struct call *c, bool yes)
{
	*c->v = (struct value){ .kind = VALUE_BOOL, .number = yes };
	return 0;
}

int template_give_text(const struct call *c, const struct buf *text)
{
	return template_text(c->r, text->data, text->len, c->v);
}

static int give_list(const struct call *c, const struct value *items, size_t count)
{
	*c->v = (struct value){ .kind = VALUE_LIST, .items = items, .count = count };
	return 0;
}

/* The text of an argument, or NULL with what is wanted said. */
const char *template_text_of(const struct call *c, size_t i)
{
	if (c->args[i].kind == VALUE_TEXT)
		return c->args[i].text;
	(void)template_refuse(c->r, "%s wants a text as its %s word", c->name,
			      i + 1 == c->count ? "last"
			      : i == 0          ? "first"
						: "second");
	return NULL;
}

const char *template_last_text(const struct call *c)
{
	return template_text_of(c, c->count - 1);
}

/* --- logic and comparison ----------------------------------------------------------------- */

static int do_and(const struct call *c)
{
	for (size_t i = 0; i < c->count; i++) {
		*c->v = c->args[i];
		if (!template_truth(c->v))
			break;
	}
	return 0;
}

static int do_or(const struct call *c)
{
	for (size_t i = 0; i < c->count; i++) {
		*c->v = c->args[i];
		if (template_truth(c->v))
			break;
	}
	return 0;
}

static int do_not(const struct call *c)
{
	return template_give_bool(c, !template_truth(&c->args[0]));
}

/* < 0, 0 or > 0 by *order; values of two kinds cannot be compared. */
static int compare(const struct call *c, const struct value *a, const struct value *b,
		   int *order)
{
	if (a->kind == VALUE_NIL || b->kind == VALUE_NIL) {
		*order = a->kind != b->kind;
		return 0;
	}
	if (a->kind != b->kind)
		return template_fn_refuse(
			c, "compares two texts or two numbers: every variable is a "
			   "text, so write \"80\" and not 80");
	if (a->kind == VALUE_LIST || a->kind == VALUE_MAP)
		return template_fn_refuse(
			c, "cannot compare lists: compare their parts, by index");
	*order = a->kind == VALUE_TEXT
			 ? strcmp(a->text, b->text)
			 : (a->number > b->number) - (a->number < b->number);
	return 0;
}

/* Equal to any of the words after it. */
static int do_eq(const struct call *c)
{
	bool found = false;
	int order;

	for (size_t i = 1; i < c->count; i++) {
		if (compare(c, &c->args[0], &c->args[i], &order) < 0)
			return -1;
		found = found || order == 0;
	}
	return template_give_bool(c, found);
}

/* ne, lt, le, gt, ge. */
static int do_order(const struct call *c)
{
	bool equal_too = c->name[1] == 'e' && c->name[0] != 'n';
	int order;

	if (compare(c, &c->args[0], &c->args[1], &order) < 0)
		return -1;
	if (c->name[0] == 'n')
		return template_give_bool(c, order != 0);
	if (order == 0)
		return template_give_bool(c, equal_too);
	return template_give_bool(c, (c->name[0] == 'l') == (order < 0));
}

/* --- lists and maps ------------------------------------------------------------------------ */

/* A number, or a text of digits. */
static int number_of(const struct call *c, const struct value *v, long *n)
{
	if (v->kind == VALUE_NUMBER)
		*n = v->number;
	else if (v->kind != VALUE_TEXT || !name_to_int(v->text, -999999999, 999999999, n))
		return template_fn_refuse(c, "wants a number here");
	return 0;
}

int template_find(const struct value *map, const char *key, struct value *v)
{
	*v = (struct value){ .kind = VALUE_TEXT, .text = "" };
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->keys[i], key) == 0)
			*v = map->items[i];
	return 0;
}

static int do_index(const struct call *c)
{
	long n;

	*c->v = c->args[0];
	for (size_t i = 1; i < c->count; i++) {
		const struct value from = *c->v;

		if (from.kind == VALUE_MAP && c->args[i].kind == VALUE_TEXT) {
			(void)template_find(&from, c->args[i].text, c->v);
			continue;
		}
		if (from.kind != VALUE_LIST)
			return template_fn_refuse(c,
						  "wants a list: a text becomes one by "
						  "| split \" \"");
		if (number_of(c, &c->args[i], &n) < 0)
			return -1;
		if (n < 0 || (size_t)n >= from.count)
			return template_refuse(c->r,
					       "index %ld of a list of %zu: there "
					       "is no such part",
					       n, from.count);
		*c->v = from.items[n];
	}
	return 0;
}

static int do_len(const struct call *c)
{
	const struct value *v = &c->args[0];

	if (v->kind != VALUE_TEXT && v->kind != VALUE_LIST && v->kind != VALUE_MAP)
		return template_fn_refuse(c, "wants a text or a list");
	*c->v = (struct value){ .kind = VALUE_NUMBER,
				.number = (long)(v->kind == VALUE_TEXT ? strlen(v->text)
								       : v->count) };
	return 0;
}

/* slice X FROM TO: a part of a text or of a list. */
static int do_slice(const struct call *c)
{
	const struct value *v = &c->args[0];
	size_t len = v->kind == VALUE_TEXT ? strlen(v->text) : v->count;
	long from = 0;
	long to = (long)len;

	if (v->kind != VALUE_TEXT && v->kind != VALUE_LIST)
		return template_fn_refuse(c, "wants a text or a list");
	if ((c->count > 1 && number_of(c, &c->args[1], &from) < 0) ||
	    (c->count > 2 && number_of(c, &c->args[2], &to) < 0))
		return -1;
	if (from < 0 || to < from || (size_t)to > len)
		return template_fn_refuse(c, "is out of range");
	if (v->kind == VALUE_TEXT)
		return template_text(c->r, v->text + from, (size_t)(to - from), c->v);
	return give_list(c, v->items + from, (size_t)(to - from));
}

static struct value *new_list(const struct call *c, size_t count)
{
	return template_room(c->r, count, sizeof(struct value));
}

static size_t pieces(const char *text, const char *delim)
{
	size_t n = 1;

	for (; (text = strstr(text, delim)) != NULL; text += strlen(delim))
		n++;
	return n;
}

static int do_split(const struct call *c)
{
	const char *delim = template_text_of(c, 0);
	const char *text = delim ? template_last_text(c) : NULL;
	struct value *items;
	size_t count;

	if (!text)
		return -1;
	if (!*delim)
		return template_fn_refuse(c, "wants a text to split at");
	count = pieces(text, delim);
	items = new_list(c, count);
	if (!items)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const char *end = strstr(text, delim);
		size_t len = end ? (size_t)(end - text) : strlen(text);

		if (template_text(c->r, text, len, &items[i]) < 0)
			return -1;
		text += len + (end ? strlen(delim) : 0);
	}
	return give_list(c, items, count);
}

static const struct value *list_of(const struct call *c)
{
	const struct value *v = &c->args[c->count - 1];

	if (v->kind == VALUE_LIST || v->kind == VALUE_NIL)
		return v;
	(void)template_fn_refuse(c, "wants a list: a text becomes one by | split \" \"");
	return NULL;
}

static int do_join(const struct call *c)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *delim = template_text_of(c, 0);
	const struct value *list = delim ? list_of(c) : NULL;

	if (!list)
		return -1;
	for (size_t i = 0; i < list->count && text.len <= TEMPLATE_TEXT_MAX; i++) {
		if (i)
			buf_adds(&text, delim);
		template_show(&list->items[i], &text);
	}
	return template_give_text(c, &text);
}

static int do_append(const struct call *c)
{
	const struct value *list = list_of(c);
	struct value *items = list ? new_list(c, list->count + 1) : NULL;

	if (!items)
		return -1;
	for (size_t i = 0; i < list->count; i++)
		items[i] = list->items[i];
	items[list->count] = c->args[0];
	return give_list(c, items, list->count + 1);
}

static bool same(const struct value *a, const struct value *b)
{
	return a->kind == b->kind && a->number == b->number &&
	       (a->kind != VALUE_TEXT || strcmp(a->text, b->text) == 0);
}

/* drop X LIST, and uniq LIST. */
static int do_filter(const struct call *c)
{
	const struct value *list = list_of(c);
	struct value *items = list ? new_list(c, list->count) : NULL;
	size_t n = 0;

	if (!items)
		return -1;
	for (size_t i = 0; i < list->count; i++) {
		bool drop = c->count == 2 && same(&list->items[i], &c->args[0]);

		if (template_step(c->r) < 0)
			return -1;
		for (size_t j = 0; j < n && c->count == 1 && !drop; j++)
			drop = same(&list->items[i], &items[j]);
		if (!drop)
			items[n++] = list->items[i];
	}
	return give_list(c, items, n);
}

/* "0", "1", …: as texts, as sigil has them. */
static int do_seq(const struct call *c)
{
	struct value *items;
	char text[16];
	long n;

	if (number_of(c, &c->args[0], &n) < 0)
		return -1;
	if (n < 0 || n > 10000)
		return template_fn_refuse(c, "goes up to 10000");
	items = new_list(c, (size_t)n);
	if (!items)
		return -1;
	for (long i = 0; i < n; i++) {
		int len = snprintf(text, sizeof text, "%ld", i);

		if (template_text(c->r, text, (size_t)len, &items[i]) < 0)
			return -1;
	}
	return give_list(c, items, (size_t)n);
}

/* --- the table ------------------------------------------------------------------------------- */

struct function {
	const char *name;
	size_t min;
	size_t max;
	int (*run)(const struct call *c); /* NULL: not here, `why` says so */
	const char *why;
};

#define READS_HOST "reads from the host: a template sees only the app's variables"
#define NOT_HERE   "is not known here"

static const struct function functions[] = {
	{ "and", 1, TEMPLATE_ARGS, do_and, NULL },
	{ "append", 2, 2, do_append, NULL },
	{ "call", 0, 0, NULL, NOT_HERE },
	{ "capitalize", 1, 1, template_do_case, NULL },
	{ "contains", 2, 2, template_do_contains, NULL },
	{ "default", 2, 2, template_do_default, NULL },
	{ "dir", 0, 0, NULL, READS_HOST },
	{ "dirs", 0, 0, NULL, READS_HOST },
	{ "drop", 2, 2, do_filter, NULL },
	{ "env", 0, 0, NULL, READS_HOST },
	{ "eq", 2, TEMPLATE_ARGS, do_eq, NULL },
	{ "exists", 0, 0, NULL, READS_HOST },
	{ "file", 0, 0, NULL, READS_HOST },
	{ "files", 0, 0, NULL, READS_HOST },
	{ "ge", 2, 2, do_order, NULL },
	{ "gt", 2, 2, do_order, NULL },
	{ "httpget", 0, 0, NULL, READS_HOST },
	{ "include", 0, 0, NULL, READS_HOST },
	{ "indent", 2, 2, template_do_indent, NULL },
	{ "index", 1, TEMPLATE_ARGS, do_index, NULL },
	{ "join", 2, 2, do_join, NULL },
	{ "json", 0, 0, NULL, READS_HOST },
	{ "le", 2, 2, do_order, NULL },
	{ "len", 1, 1, do_len, NULL },
	{ "lower", 1, 1, template_do_case, NULL },
	{ "lt", 2, 2, do_order, NULL },
	{ "ne", 2, 2, do_order, NULL },
	{ "not", 1, 1, do_not, NULL },
	{ "or", 1, TEMPLATE_ARGS, do_or, NULL },
	{ "print", 0, TEMPLATE_ARGS, template_do_print, NULL },
	{ "printf", 1, TEMPLATE_ARGS, template_do_printf, NULL },
	{ "println", 0, TEMPLATE_ARGS, template_do_print, NULL },
	{ "render", 0, 0, NULL, NOT_HERE },
	{ "replace", 3, 3, template_do_replace, NULL },
	{ "seq", 1, 1, do_seq, NULL },
	{ "sh", 0, 0, NULL, "runs a program: a template cannot" },
	{ "slice", 1, 3, do_slice, NULL },
	{ "split", 2, 2, do_split, NULL },
	{ "stdin", 0, 0, NULL, READS_HOST },
	{ "text", 0, 0, NULL, READS_HOST },
	{ "trim", 1, 1, template_do_trim, NULL },
	{ "uniq", 1, 1, do_filter, NULL },
	{ "upper", 1, 1, template_do_case, NULL },
	{ "var", 1, 1, template_do_var, NULL },
	{ "yaml", 0, 0, NULL, READS_HOST },
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const struct function *find_function(const struct token *name)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (strlen(functions[i].name) == name->len &&
		    strncmp(functions[i].name, name->from, name->len) == 0)
			return &functions[i];
	return NULL;
}

/* From the table, so that it is said as it is. */
static int refuse_unknown(struct template_run *r, const struct token *name,
			  const char *why)
{
	AUTO(buf_release) struct buf known = BUF_INIT;

	for (size_t i = 0; i < FUNCTIONS; i++)
		if (functions[i].run)
			buf_addf(&known, "%s%s", known.len ? " " : "", functions[i].name);
	(void)template_refuse(r, "the function %.*s %s", (int)name->len, name->from, why);
	return err_hint(r->err, "functions that a template may use: %s", known.data);
}

int template_call(struct template_run *r, const struct token *name,
		  const struct value *args, size_t count, bool live, struct value *v)
{
	const struct function *f = find_function(name);

	if (!f || !f->run)
		return refuse_unknown(r, name, f ? f->why : NOT_HERE);
	if (count < f->min || count > f->max)
		return template_refuse(r, "%s takes %zu%s words, not %zu", f->name,
				       f->min, f->max > f->min ? " or more" : "", count);
	*v = (struct value){ .kind = VALUE_NIL };
	if (!live)
		return 0;

	const struct call c = { r, f->name, args, count, v };

	return f->run(&c);
}
