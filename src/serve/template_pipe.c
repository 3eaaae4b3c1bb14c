/* SPDX-License-Identifier: MIT */
/* The inside of an action: words, operands, pipelines, variables. */
#include <stdlib.h>
#include <string.h>

#include "serve/template_run.h"
#include "util/name.h"

enum { NESTING_MAX = 16 };

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t name_length(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789_");
}

static void eat(struct template_run *r, size_t n)
{
	for (; n > 0; n--)
		r->here.line += *r->here.at++ == '\n';
}

static int take_raw(struct template_run *r)
{
	const char *end = strchr(r->here.at + 1, '`');

	if (!end)
		return template_refuse(r, "a ` that does not end");
	if (template_text(r, r->here.at + 1, (size_t)(end - r->here.at - 1),
			  &r->token.value) < 0)
		return -1;
	eat(r, (size_t)(end + 1 - r->here.at));
	return 0;
}

static int take_quoted(struct template_run *r)
{
	struct buf text = BUF_INIT;
	const char *at = r->here.at + 1;
	int rc = 0;

	while (*at && *at != '"' && *at != '\n' && rc == 0) {
		if (*at != '\\') {
			buf_addc(&text, *at++);
			continue;
		}
		if (!at[1] || !strchr("ntr\"\\'", at[1]))
			rc = template_refuse(r,
					     "'%.2s' is not known in a text: write \\n, "
					     "\\t, \\\" or \\\\, or put the text in ` `",
					     at);
		else
			buf_addc(&text, at[1] == 'n'   ? '\n'
					: at[1] == 't' ? '\t'
					: at[1] == 'r' ? '\r'
						       : at[1]);
		at += at[1] ? 2 : 1;
	}
	if (rc == 0 && *at != '"')
		rc = template_refuse(r, "a \" that does not end on its line");
	if (rc == 0)
		rc = template_text(r, text.data, text.len, &r->token.value);
	if (rc == 0)
		eat(r, (size_t)(at + 1 - r->here.at));
	buf_release(&text);
	return rc;
}

static int take_number(struct template_run *r)
{
	size_t n = (*r->here.at == '-') + name_length(r->here.at + (*r->here.at == '-'));
	char text[24] = "";
	long number;

	if (n < sizeof text)
		memcpy(text, r->here.at, n);
	if (r->here.at[n] == '.' || !name_to_int(text, -999999999, 999999999, &number))
		return template_refuse(r, "%.20s is not a number that is known here",
				       r->here.at);
	r->token.value = (struct value){ .kind = VALUE_NUMBER, .number = number };
	eat(r, n);
	return 0;
}

static void take_name(struct template_run *r, enum token_kind kind, size_t mark)
{
	r->token.kind = kind;
	r->token.from = r->here.at + mark;
	r->token.len = name_length(r->token.from);
	eat(r, mark + r->token.len);
}

static int take_mark(struct template_run *r)
{
	static const struct {
		const char *text;
		enum token_kind kind;
	} marks[] = {
		{ "|", TOKEN_PIPE },     { "(", TOKEN_OPEN },   { ")", TOKEN_CLOSE },
		{ ":=", TOKEN_DECLARE }, { "=", TOKEN_ASSIGN }, { ",", TOKEN_COMMA },
		{ ".", TOKEN_DOT },
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (strncmp(r->here.at, marks[i].text, strlen(marks[i].text)) == 0) {
			r->token.kind = marks[i].kind;
			eat(r, strlen(marks[i].text));
			return 0;
		}
	if (!*r->here.at)
		return template_refuse(r, "an action that does not end: }} is missing");
	return template_refuse(r, "'%.12s' cannot stand in an action", r->here.at);
}

/* "}}", or " -}}". */
static bool take_end(struct template_run *r, bool spaced)
{
	bool trims = spaced && strncmp(r->here.at, "-}}", 3) == 0;

	if (!trims && strncmp(r->here.at, "}}", 2) != 0)
		return false;
	r->trim = trims;
	eat(r, trims ? 3 : 2);
	r->token.kind = TOKEN_END;
	return true;
}

int template_next(struct template_run *r)
{
	const char *before = r->here.at;
	const char *at;
	char c;

	if (template_step(r) < 0)
		return -1;
	while (is_space(*r->here.at))
		eat(r, 1);
	at = r->here.at;
	c = *at;
	r->token = (struct token){ .joined = at == before, .from = at };
	if (take_end(r, at > before))
		return 0;
	if (c == '"' || c == '`') {
		r->token.kind = TOKEN_TEXT;
		return c == '"' ? take_quoted(r) : take_raw(r);
	}
	if (strchr("0123456789", c) ||
	    (c == '-' && at[1] && strchr("0123456789", at[1]))) {
		r->token.kind = TOKEN_NUMBER;
		return c ? take_number(r) : take_mark(r);
	}
	if (c == '$')
		take_name(r, TOKEN_VARIABLE, 1);
	else if (c == '.' && name_length(at + 1))
		take_name(r, TOKEN_FIELD, 1);
	else if (name_length(at))
		take_name(r, TOKEN_WORD, 0);
	else
		return take_mark(r);
	return 0;
}

int template_expect_end(struct template_run *r)
{
	if (r->token.kind == TOKEN_END)
		return 0;
	return template_refuse(r, "}} is wanted, not '%.20s'", r->token.from);
}

/* --- variables ----------------------------------------------------------------------------- */

static struct value *find_variable(struct template_run *r, const struct token *name)
{
	for (size_t i = r->variable_count; i > 0; i--)
		if (r->variables[i - 1].len == name->len &&
		    strncmp(r->variables[i - 1].name, name->from, name->len) == 0)
			return &r->variables[i - 1].value;
	return NULL;
}

int template_declare(struct template_run *r, const struct token *name,
		     const struct value *v)
{
	if (name->len == 0)
		return template_refuse(r,
				       "$ cannot be set: it is where all variables are");
	if (r->variable_count == TEMPLATE_VARIABLES)
		return template_refuse(r, "more than %d variables", TEMPLATE_VARIABLES);
	r->variables[r->variable_count].name = name->from;
	r->variables[r->variable_count].len = name->len;
	r->variables[r->variable_count++].value = *v;
	return 0;
}

int template_assign(struct template_run *r, const struct token *name,
		    const struct value *v)
{
	struct value *there = find_variable(r, name);

	if (!there)
		return template_refuse(r, "$%.*s is not declared: write $%.*s := first",
				       (int)name->len, name->from, (int)name->len,
				       name->from);
	*there = *v;
	return 0;
}

/* --- operands -------------------------------------------------------------------------------- */

/* .NAME of a map; what is not there is an empty text. */
static int take_field(struct template_run *r, bool live, struct value *v)
{
	const struct value map = *v;

	*v = live ? (struct value){ .kind = VALUE_TEXT, .text = "" }
		  : (struct value){ .kind = VALUE_NIL };
	if (live && map.kind != VALUE_MAP)
		return template_refuse(r,
				       ".%.*s: what stands before it has no such part; "
				       "variables are found by $.%.*s",
				       (int)r->token.len, r->token.from,
				       (int)r->token.len, r->token.from);
	for (size_t i = 0; live && i < map.count; i++)
		if (strncmp(map.keys[i], r->token.from, r->token.len) == 0 &&
		    map.keys[i][r->token.len] == '\0')
			*v = map.items[i];
	return 0;
}

static int take_variable(struct template_run *r, struct value *v)
{
	const struct value *there = find_variable(r, &r->token);

	*v = r->root;
	if (r->token.len == 0)
		return 0;
	if (!there)
		return template_refuse(r,
				       "$%.*s is not declared; a variable of the app's "
				       "is written $.%.*s",
				       (int)r->token.len, r->token.from,
				       (int)r->token.len, r->token.from);
	*v = *there;
	return 0;
}

static int take_group(struct template_run *r, bool live, struct value *v)
{
	if (++r->depth > 2 * NESTING_MAX)
		return template_refuse(r, "( ) are nested too deep");
	if (template_next(r) < 0 || template_pipeline(r, live, v) < 0)
		return -1;
	r->depth--;
	return r->token.kind == TOKEN_CLOSE
		       ? 0
		       : template_refuse(r, ") is wanted, not '%.20s'", r->token.from);
}

static bool is_constant(const struct token *t, struct value *v)
{
	static const struct {
		const char *word;
		struct value value;
	} known[] = {
		{ "true", { .kind = VALUE_BOOL, .number = 1 } },
		{ "false", { .kind = VALUE_BOOL } },
		{ "nil", { .kind = VALUE_NIL } },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (t->len == strlen(known[i].word) &&
		    strncmp(t->from, known[i].word, t->len) == 0) {
			*v = known[i].value;
			return true;
		}
	return false;
}

static bool begins_operand(const struct template_run *r)
{
	return r->token.kind >= TOKEN_WORD && r->token.kind <= TOKEN_OPEN;
}

static int take_operand(struct template_run *r, bool live, struct value *v)
{
	int rc = 0;

	switch (r->token.kind) {
	case TOKEN_TEXT:
	case TOKEN_NUMBER: *v = r->token.value; break;
	case TOKEN_DOT: *v = r->dot; break;
	case TOKEN_FIELD:
		*v = r->dot;
		rc = take_field(r, live, v);
		break;
	case TOKEN_VARIABLE: rc = take_variable(r, v); break;
	case TOKEN_OPEN: rc = take_group(r, live, v); break;
	case TOKEN_WORD:
		if (!is_constant(&r->token, v))
			rc = template_call(r, &r->token, NULL, 0, live, v);
		break;
	case TOKEN_END:
	case TOKEN_PIPE:
	case TOKEN_CLOSE:
	case TOKEN_DECLARE:
	case TOKEN_ASSIGN:
	case TOKEN_COMMA:
		rc = template_refuse(r, "a value is wanted, not '%.20s'", r->token.from);
	}
	if (rc < 0 || template_next(r) < 0)
		return -1;
	while (r->token.kind == TOKEN_FIELD && r->token.joined)
		if (take_field(r, live, v) < 0 || template_next(r) < 0)
			return -1;
	return 0;
}

/* One part of a pipeline; what the part before made is the last word of a call. */
static int take_command(struct template_run *r, bool live, const struct value *piped,
			struct value *v)
{
	struct value args[TEMPLATE_ARGS];
	const struct token name = r->token;
	size_t n = 0;

	if (name.kind != TOKEN_WORD || is_constant(&name, v)) {
		if (take_operand(r, live, v) < 0)
			return -1;
		if (piped || begins_operand(r))
			return template_refuse(r, "'%.20s' is no function",
					       piped ? name.from : r->token.from);
		return 0;
	}
	if (template_next(r) < 0)
		return -1;
	while (begins_operand(r)) {
		if (n == TEMPLATE_ARGS - 1)
			return template_refuse(r, "%.*s: too many words", (int)name.len,
					       name.from);
		if (take_operand(r, live, &args[n++]) < 0)
			return -1;
	}
	if (piped)
		args[n++] = *piped;
	return template_call(r, &name, args, n, live, v);
}

int template_pipeline(struct template_run *r, bool live, struct value *v)
{
	struct value before;

	if (take_command(r, live, NULL, v) < 0)
		return -1;
	while (r->token.kind == TOKEN_PIPE) {
		before = *v;
		if (template_next(r) < 0 || take_command(r, live, &before, v) < 0)
			return -1;
	}
	return 0;
}
