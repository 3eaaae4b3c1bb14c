/* SPDX-License-Identifier: MIT */
/* davit, dokku: the one command.  davit-heavy is the same file with more libraries. */
#include "access/entry.h"

int main(int argc, char **argv)
{
	return access_main(argc, argv);
}
