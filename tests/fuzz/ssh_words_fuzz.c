/* SPDX-License-Identifier: MIT */
/* The command line of an ssh client, which anybody with a key may write. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/buf.h"
#include "util/cleanup.h"
#include "util/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Words in single quotes again; splitting that must give the same words. */
static void quote(const struct strv *words, struct buf *out)
{
	strv_foreach(word, words) {
		buf_adds(out, " '");
		for (const char *c = word; *c; c++)
			if (*c == '\'')
				buf_adds(out, "'\\''");
			else
				buf_addc(out, *c);
		buf_addc(out, '\'');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	AUTO(strv_release) struct strv again = STRV_INIT;
	AUTO(buf_release) struct buf line = BUF_INIT;
	struct err err;

	if (words_split((const char *)data, size, &words, &err) < 0)
		return 0;
	quote(&words, &line);
	if (line.len > WORDS_BYTES_MAX)
		return 0;
	if (words_split(line.data, line.len, &again, &err) < 0 || again.len != words.len)
		abort();
	for (size_t i = 0; i < words.len; i++)
		if (strcmp(words.v[i], again.v[i]) != 0)
			abort();
	return 0;
}
