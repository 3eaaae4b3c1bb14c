/* SPDX-License-Identifier: MIT */
/* An authorized_keys that others write into as well: their lines stay, ours go. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/ssh-keys/ssh_keys.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	AUTO(buf_release) struct buf once = BUF_INIT;
	AUTO(buf_release) struct buf again = BUF_INIT;
	AUTO(buf_release) struct buf with = BUF_INIT;
	struct ssh_key k = { .id = 7,
			     .name = text,
			     .options = (char *)SSH_KEYS_OPTIONS,
			     .public_key = (char *)"ssh-ed25519 AAAA" };

	authorized_keys_foreign(text, &once);
	if (strstr(once.data, "/davit ssh-entry --key "))
		abort();
	authorized_keys_foreign(once.data, &again);
	if (strcmp(once.data, again.data) != 0)
		abort();
	/* A line of ours goes again, whole, where its name is one that is let through. */
	if (!public_key_name_is_good(text))
		return 0;
	authorized_keys_line(&k, &with);
	buf_reset(&again);
	authorized_keys_foreign(with.data, &again);
	if (again.len)
		abort();
	return 0;
}
