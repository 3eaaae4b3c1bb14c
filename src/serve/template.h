/* SPDX-License-Identifier: MIT */
/*
 * Templates in the manner of Go's text/template with the functions of sigil: the part of
 * it in which people write nginx.conf.sigil.
 *
 * A template is a stranger's text.  It sees the variables it is given and nothing else: no
 * file, no program, no environment; and its nesting, its steps, its memory and what it
 * writes are bounded.
 *
 * Known: {{- -}}, comments, .NAME, $, $x := and =, pipes, ( ), "…", `…`, numbers, true, false,
 * nil; if, else, else if, with, range (also with one or two variables), end; and the
 * functions in template_fn.c.  A variable that is not there is an empty text.
 */
#ifndef DAVIT_SERVE_TEMPLATE_H
#define DAVIT_SERVE_TEMPLATE_H

#include <jansson.h>

#include "util/buf.h"
#include "util/err.h"

enum { TEMPLATE_TEXT_MAX = 64 << 10, TEMPLATE_OUT_MAX = 256 << 10 };

/*
 * Appends what `text` makes of `vars`, an object of strings.  `lines`, if not NULL, gets an int
 * for each line that was written: the template's line it came from.  0, or ERR_APP, which
 * names the line and says what to write instead.
 */
int template_render(const char *text, const json_t *vars, struct buf *out,
		    struct buf *lines, struct err *err);

#endif
