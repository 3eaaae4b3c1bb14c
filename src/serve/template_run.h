/* SPDX-License-Identifier: MIT */
/*
 * One template at work: what template.c (text and blocks), template_pipe.c (words and
 * pipelines) and template_fn.c (functions) share.  There is no tree: text is read again for
 * each round of a loop, and without effect (`live` false) where a branch is not taken.
 *
 * Whatever a value points to lives until the run is over.
 */
#ifndef DAVIT_SERVE_TEMPLATE_RUN_H
#define DAVIT_SERVE_TEMPLATE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"
#include "util/err.h"

enum value_kind {
	VALUE_NIL,
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_BOOL,
	VALUE_LIST,
	VALUE_MAP
};

struct value {
	enum value_kind kind;
	const char *text;          /* TEXT */
	long number;               /* NUMBER, BOOL */
	const struct value *items; /* LIST, MAP */
	const char *const *keys;   /* MAP: in byte order */
	size_t count;
};

enum token_kind {
	TOKEN_END,      /* of the action: }} */
	TOKEN_WORD,     /* from here to OPEN: an operand may begin with it */
	TOKEN_FIELD,    /* .NAME */
	TOKEN_DOT,      /* . */
	TOKEN_VARIABLE, /* $ or $NAME */
	TOKEN_TEXT,
	TOKEN_NUMBER,
	TOKEN_OPEN,
	TOKEN_PIPE,
	TOKEN_CLOSE,
	TOKEN_DECLARE, /* := */
	TOKEN_ASSIGN,  /* = */
	TOKEN_COMMA,
};

struct token {
	enum token_kind kind;
	const char *from; /* a name without its mark */
	size_t len;
	struct value value; /* TEXT, NUMBER */
	bool joined;        /* nothing stands between it and the one before */
};

struct kept;

struct place {
	const char *at;
	int line;
};

enum { TEMPLATE_VARIABLES = 128, TEMPLATE_ARGS = 16 };

struct template_run {
	struct place here;
	bool trim; /* the action that ended last wants no space after it */
	struct token token;
	struct value root;
	struct value dot;
	struct {
		const char *name;
		size_t len;
		struct value value;
	} variables[TEMPLATE_VARIABLES];
	size_t variable_count;
	struct kept *kept;
	size_t kept_bytes;
	long steps;
	int depth;
	struct buf *out;
	struct buf *lines;
	struct err *err;
};

/* --- template.c -------------------------------------------------------------------------- */

/* "line N: …"; returns -1. */
int template_refuse(struct template_run *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* One more step: -1 when there were too many. */
int template_step(struct template_run *r);
/* Room that lives as long as the run; NULL and an error when it was too much. */
void *template_room(struct template_run *r, size_t count, size_t size);
/* A text of that many bytes as a value. */
int template_text(struct template_run *r, const char *s, size_t len, struct value *v);
/* How a value looks in the output. */
void template_show(const struct value *v, struct buf *out);
bool template_truth(const struct value *v);

/* --- template_pipe.c ----------------------------------------------------------------------- */

/* The next token of the action into r->token. */
int template_next(struct template_run *r);
int template_expect_end(struct template_run *r);
/* From r->token on to one that belongs to no pipeline. */
int template_pipeline(struct template_run *r, bool live, struct value *v);
int template_declare(struct template_run *r, const struct token *name,
		     const struct value *v);
int template_assign(struct template_run *r, const struct token *name,
		    const struct value *v);

/* --- template_fn.c ------------------------------------------------------------------------- */

/* Call a function by name; not `live`: only see whether it could be called so. */
int template_call(struct template_run *r, const struct token *name,
		  const struct value *args, size_t count, bool live, struct value *v);

#endif
