/* SPDX-License-Identifier: MIT */
#include "util/base64.h"

#include <string.h>

static int digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = memchr(digits, c, sizeof digits - 1);

	return at ? (int)(at - digits) : -1;
}

bool base64_decode(const char *text, struct buf *out)
{
	size_t was = out->len;
	unsigned bits = 0;
	int have = 0;
	int digits = 0;
	int pads = 0;

	for (; *text; text++) {
		int d = digit(*text);

		if (*text == '\n' || *text == '\r')
			continue;
		if (*text == '=') {
			pads++;
			continue;
		}
		if (d < 0 || pads) {
			buf_cut(out, was);
			return false;
		}
		digits++;
		bits = (bits << 6 | (unsigned)d) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_addc(out, (char)(bits >> have & 0xff));
		}
	}
	if (digits % 4 != 1 && pads <= 2 && (pads == 0 || (digits + pads) % 4 == 0))
		return true;
	buf_cut(out, was);
	return false;
}
