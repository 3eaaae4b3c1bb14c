/* SPDX-License-Identifier: MIT */
/* Archives, as anybody's build may write them: every entry is read to its end. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "root/extract.h"
#include "root/tar.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a name becomes never leaves the tree. */
static void check_name(const char *name)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct err err;

	if (extract_name(name, &out, &err) < 0)
		return;
	if (out.data[0] == '/' || strcmp(out.data, "..") == 0 ||
	    strncmp(out.data, "../", 3) == 0 || strstr(out.data, "/../") ||
	    strstr(out.data, "//"))
		abort();
}

static void read_all(struct tar *t)
{
	struct tar_entry e;
	struct err err;

	while (tar_next(t, &e, &err) == 0) {
		const char *data;
		int64_t sum = 0;
		ssize_t n;

		check_name(e.path);
		check_name(e.target);
		if (e.size < 0)
			abort();
		while ((n = tar_data(t, &data, 4096, &err)) > 0)
			sum += n;
		if (n == 0 && e.type == TAR_FILE && sum != e.size)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_CLOSE int fd = memfd_create("tar", MFD_CLOEXEC);
	AUTO_FREE char *copy = malloc(size + 1);
	struct tar t;

	if (!copy || fd < 0)
		return 0;
	/* Few inputs have right sums: put them there, block by block. */
	memcpy(copy, data, size);
	for (size_t at = 0; at + 512 <= size; at += 512) {
		unsigned sum = 8 * ' ';

		if (memcmp(copy + at + 257, "ustar", 5) != 0)
			continue;
		for (size_t i = 0; i < 512; i++)
			sum += i >= 148 && i < 156 ? 0 : (unsigned char)copy[at + i];
		(void)snprintf(copy + at + 148, 8, "%06o", sum);
	}
	if (write(fd, copy, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0)
		return 0;
	tar_init(&t, fd);
	read_all(&t);
	tar_release(&t);
	return 0;
}
