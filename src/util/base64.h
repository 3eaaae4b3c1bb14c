/* SPDX-License-Identifier: MIT */
/* Base64 as RFC 4648 has it: the usual alphabet, padded. */
#ifndef DAVIT_UTIL_BASE64_H
#define DAVIT_UTIL_BASE64_H

#include <stdbool.h>

#include "util/buf.h"

/* Append the decoded bytes; false when `text` is not base64, with *out as it was.  Missing
 * padding and line ends are tolerated. */
bool base64_decode(const char *text, struct buf *out);

#endif
