/* SPDX-License-Identifier: MIT */
/* The functions of a template that make texts of texts. */
#include <ctype.h>
#include <string.h>

#include "serve/template.h"
#include "serve/template_fn.h"
#include "util/cleanup.h"

int template_do_replace(const struct call *c)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *old = template_text_of(c, 0);
	const char *new = old ? template_text_of(c, 1) : NULL;
	const char *in = new ? template_last_text(c) : NULL;
	const char *hit;

	if (!in)
		return -1;
	if (!*old)
		return template_fn_refuse(c, "wants a text to look for");
	for (; (hit = strstr(in, old)) != NULL && text.len <= TEMPLATE_TEXT_MAX;
	     in = hit + strlen(old)) {
		buf_add(&text, in, (size_t)(hit - in));
		buf_adds(&text, new);
	}
	buf_adds(&text, in);
	return template_give_text(c, &text);
}

int template_do_trim(const struct call *c)
{
	const char *in = template_last_text(c);
	size_t len;

	if (!in)
		return -1;
	in += strspn(in, " \n");
	for (len = strlen(in); len > 0 && strchr(" \n", in[len - 1]);)
		len--;
	return template_text(c->r, in, len, c->v);
}

int template_do_default(const struct call *c)
{
	*c->v = c->args[template_truth(&c->args[1]) ? 1 : 0];
	return 0;
}

/* var NAME: as $.NAME.  sigil looks into the environment, which is not here. */
int template_do_var(const struct call *c)
{
	const char *name = template_last_text(c);

	return name ? template_find(&c->r->root, name, c->v) : -1;
}

int template_do_contains(const struct call *c)
{
	const char *needle = template_text_of(c, 0);
	const char *in = needle ? template_last_text(c) : NULL;

	return in ? template_give_bool(c, strstr(in, needle) != NULL) : -1;
}

/* lower, upper, capitalize. */
int template_do_case(const struct call *c)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *in = template_last_text(c);
	bool begins = true;

	for (; in && *in; in++) {
		bool up = c->name[0] == 'u' || (c->name[0] == 'c' && begins);
		int byte = (unsigned char)*in;

		buf_addc(&text, (char)(up                  ? toupper(byte)
				       : c->name[0] == 'l' ? tolower(byte)
							   : byte));
		begins = !isalnum(byte);
	}
	return in ? template_give_text(c, &text) : -1;
}

int template_do_indent(const struct call *c)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *mark = template_text_of(c, 0);
	const char *in = mark ? template_last_text(c) : NULL;

	for (; in && *in && text.len <= TEMPLATE_TEXT_MAX; in++) {
		buf_addc(&text, *in);
		if (in[0] == '\n' && in[1] && in[1] != '\n')
			buf_adds(&text, mark);
	}
	return in ? template_give_text(c, &text) : -1;
}

int template_do_print(const struct call *c)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	bool line = strcmp(c->name, "println") == 0;

	for (size_t i = 0; i < c->count && text.len <= TEMPLATE_TEXT_MAX; i++) {
		/* Go puts a space between two where neither is a text. */
		if (i && (line || (c->args[i].kind != VALUE_TEXT &&
				   c->args[i - 1].kind != VALUE_TEXT)))
			buf_addc(&text, ' ');
		template_show(&c->args[i], &text);
	}
	if (line)
		buf_addc(&text, '\n');
	return template_give_text(c, &text);
}

static void add_padded(struct buf *out, const struct buf *word, long width, bool left,
		       char fill)
{
	if (left)
		buf_add(out, word->data, word->len);
	for (long i = (long)word->len; i < width; i++)
		buf_addc(out, left ? ' ' : fill);
	if (!left)
		buf_add(out, word->data, word->len);
}

/* One %…: *at moves behind it. */
static int format_one(const struct call *c, const char **at, size_t *arg, struct buf *out)
{
	AUTO(buf_release) struct buf word = BUF_INIT;
	bool left = **at == '-';
	char fill = '\0';
	long width = 0;

	*at += left;
	fill = **at == '0' ? '0' : ' ';
	for (; **at >= '0' && **at <= '9' && width < 1000; ++*at)
		width = 10 * width + (**at - '0');
	if (**at == '%') {
		buf_addc(out, *(*at)++);
		return 0;
	}
	if (!**at || !strchr("svdq", **at) || width > 999)
		return template_fn_refuse(c, "knows %s, %v, %d, %q and %%, with a width");
	if (*arg == c->count)
		return template_fn_refuse(c, "has fewer words than its text has %");
	if (**at == 'd' && c->args[*arg].kind != VALUE_NUMBER)
		return template_fn_refuse(
			c, "%d wants a number: a variable is a text, write %s");
	if (**at == 'q')
		buf_addc(&word, '"');
	template_show(&c->args[(*arg)++], &word);
	if (**at == 'q')
		buf_addc(&word, '"');
	++*at;
	add_padded(out, &word, width, left, fill);
	return 0;
}

int template_do_printf(const struct call *c)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *at = template_text_of(c, 0);
	size_t arg = 1;

	while (at && *at && text.len <= TEMPLATE_TEXT_MAX) {
		if (*at != '%') {
			buf_addc(&text, *at++);
			continue;
		}
		at++;
		if (format_one(c, &at, &arg, &text) < 0)
			return -1;
	}
	if (!at)
		return -1;
	if (arg < c->count && text.len <= TEMPLATE_TEXT_MAX)
		return template_fn_refuse(c, "has more words than its text has %");
	return template_give_text(c, &text);
}
