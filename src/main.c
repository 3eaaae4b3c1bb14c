/* SPDX-License-Identifier: MIT */
/* davit, dokku: the one command.  davit-heavy is the same file with more libraries. */
#include <fcntl.h>
#include <unistd.h>

#include "access/entry.h"

int main(int argc, char **argv)
{
	int fd;

	/* No file of ours may come to stand where others look for stdio. */
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		(void)close(fd);
	return access_main(argc, argv);
}
