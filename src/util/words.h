/* SPDX-License-Identifier: MIT */
/*
 * The words of a command line, from ssh or from a list of options, split without any shell: blanks
 * separate, '…', "…", $'…' and backslashes quote, and nothing expands.
 */
#ifndef DAVIT_UTIL_WORDS_H
#define DAVIT_UTIL_WORDS_H

#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

enum { WORDS_MAX = 4096, WORDS_BYTES_MAX = 1 << 20 };

/*
 * Add the words of text[0..len) to *words.  ERR_USAGE for an unmatched quote, a backslash
 * at the end, a NUL, and for more than WORDS_MAX words or WORDS_BYTES_MAX bytes.
 */
int words_split(const char *text, size_t len, struct strv *words, struct err *err);

/* Add one word in single quotes, as a POSIX shell and words_split() read it back. */
void words_quote(struct buf *line, const char *word);
/* The same, but a word of letters, digits, _./:=@%+,- and `also` stands as it is. */
void words_quote_odd(struct buf *line, const char *word, const char *also);

#endif
