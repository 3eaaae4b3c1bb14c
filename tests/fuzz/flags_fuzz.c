/* SPDX-License-Identifier: MIT */
/* The words of a command, one per line, against rows with flags of every kind. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "command/flags.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct command rows[] = {
	COMMAND("a", ROLE_ANYONE, SCOPE_HOST, NULL, "x", .usage = ""),
	COMMAND("b", ROLE_OWNER, SCOPE_APP, NULL, "x",
		.flags = "no-restart format=/f num=/n tail/t"),
	COMMAND("c", ROLE_VIEWER, SCOPE_APP_OR_ALL, NULL, "x",
		.flags = "format= global all *"),
	COMMAND("d", ROLE_OWNER, SCOPE_APP, NULL, "x", .flags = "detach/d env=/e",
		.needs = KEEPS_WORDS),
};

/* Every word goes somewhere: none is made up, and none of another program is lost. */
static void check(const struct command *c, const struct strv *words)
{
	struct request req = { .command = c, .words = STRV_INIT, .flags = STRV_INIT };
	struct global_flags g = { .quiet = false };
	struct err err = { .kind = ERR_NONE };
	int rc = flags_parse(&req, strv_const(words), &g, &err);

	if (rc < 0 && (err.kind == ERR_NONE || !err.text[0]))
		abort();
	if (rc == 0 && req.words.len + req.flags.len > words->len)
		abort();
	strv_foreach(word, &req.words) {
		if (strv_find(words, word) < 0)
			abort();
	}
	strv_release(&req.words);
	strv_release(&req.flags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	AUTO(strv_release) struct strv words = STRV_INIT;
	struct global_flags g = { .quiet = false };
	struct err err = { .kind = ERR_NONE };
	int n;

	strv_split(&words, text, "\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check(&rows[i], &words);
	n = flags_leading(strv_const(&words), &g, &err);
	if (n > (int)words.len || (n < 0 && err.kind == ERR_NONE))
		abort();
	return 0;
}
