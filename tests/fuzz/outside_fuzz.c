/* SPDX-License-Identifier: MIT */
/* What a URL of an owner names: never a host that is empty, or holds what no host holds. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/outside.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *url = xstrndup((const char *)data, size);
	struct outside o;

	if (!outside_parse(url, &o))
		return 0;
	if (!*o.host || strpbrk(o.host, "/@[]?#, \n") || !*o.port ||
	    strspn(o.port, "0123456789") != strlen(o.port) || strlen(o.port) > 5 ||
	    !strstr(url, o.host))
		abort();
	return 0;
}
