/* SPDX-License-Identifier: MIT */
/*
 * Stands in for a tool of the host: writes its argv to RECORD_LOG, their number and each
 * word with a NUL behind it, and says that all went well.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = open(RECORD_LOG, O_WRONLY | O_APPEND);
	size_t len = 16;
	char *text;
	char *end;
	ssize_t done;

	for (int i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	text = calloc(1, len);
	if (fd < 0 || !text)
		return 1;
	end = text + snprintf(text, 16, "%d", argc) + 1;
	for (int i = 0; i < argc; i++)
		end = stpcpy(end, argv[i]) + 1;
	done = write(fd, text, (size_t)(end - text));
	free(text);
	return done > 0 ? 0 : 1;
}
