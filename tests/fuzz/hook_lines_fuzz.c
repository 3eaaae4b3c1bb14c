/* SPDX-License-Identifier: MIT */
/* The lines of pre-receive: refs are named by whoever pushes. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "plugins/git/git.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(push_release) struct push p = PUSH_INIT;
	AUTO_FREE char *text = xmalloc(size + 1);
	const struct push_line *l;
	const char *branch;
	struct err err;

	memcpy(text, data, size);
	text[size] = '\0';
	if (push_parse(&p, text, size, &err) < 0)
		return 0;
	branch = push_first_branch(&p);
	l = push_to_deploy(&p, branch ? branch : "main");
	if (branch && (!l || push_deletes(l) || !strstr(l->ref, branch)))
		abort();
	return 0;
}
