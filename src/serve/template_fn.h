/* SPDX-License-Identifier: MIT */
/* What the functions of a template share: template_fn.c has the table and those on lists,
 * template_fn_text.c those on texts. */
#ifndef DAVIT_SERVE_TEMPLATE_FN_H
#define DAVIT_SERVE_TEMPLATE_FN_H

#include "serve/template_run.h"

struct call {
	struct template_run *r;
	const char *name;
	const struct value *args;
	size_t count; /* as many as the table wants */
	struct value *v;
};

/* "NAME what"; returns -1. */
int template_fn_refuse(const struct call *c, const char *what);
/* As in util/err.h: analysers see what it returns. */
#define template_fn_refuse(c, what) ((void)template_fn_refuse(c, what), -1)
int template_give_bool(const struct call *c, bool yes);
int template_give_text(const struct call *c, const struct buf *text);
/* The text of an argument, or NULL with what is wanted said. */
const char *template_text_of(const struct call *c, size_t i);
const char *template_last_text(const struct call *c);
/* What a map has under a key, or an empty text. */
int template_find(const struct value *map, const char *key, struct value *v);

int template_do_replace(const struct call *c);
int template_do_trim(const struct call *c);
int template_do_default(const struct call *c);
int template_do_var(const struct call *c);
int template_do_contains(const struct call *c);
int template_do_case(const struct call *c);
int template_do_indent(const struct call *c);
int template_do_print(const struct call *c);
int template_do_printf(const struct call *c);

#endif
