/* SPDX-License-Identifier: MIT */
#include "runtime/oneoff.h"

#include <string.h>
#include <unistd.h>

#include "runtime/helper.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/words.h"

/* Characters that no shell looks at. */
char *oneoff_command(const struct image *im, const char *const *words)
{
	struct buf line = BUF_INIT;
	const char *type;

	if (words[0] && strcmp(words[0], "--") == 0)
		words++;
	if (!words[0])
		return buf_take(&line);
	type = image_command(im, words[0]);
	if (type)
		buf_adds(&line, type);
	else if (!words[1])
		buf_adds(&line, words[0]);
	else
		words_quote_odd(&line, words[0], "");
	while (*++words) {
		buf_addc(&line, ' ');
		words_quote_odd(&line, *words, "");
	}
	return buf_take(&line);
}

bool oneoff_has_tty(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int oneoff_attach(const struct oneoff *o, int *code, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	json_t *replies = NULL;

	(void)json_object_set_new(o->fields, "tty", json_boolean(o->tty));
	helper_add(&h, o->verb, o->fields);
	h.flags = PROC_STDIN | PROC_STDOUT | PROC_STDERR | PROC_FOREGROUND | PROC_HANGUP;
	h.cancel_fd = STDOUT_FILENO;
	if (helper_run(&h, &replies, err) < 0)
		return -1;
	*code = (int)json_integer_value(
		json_object_get(json_array_get(replies, 0), "code"));
	json_decref(replies);
	return 0;
}
