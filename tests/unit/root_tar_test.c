/* SPDX-License-Identifier: MIT */
/* Names in archives, and archives that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "root/extract.h"
#include "root/tar.h"
#include "util/cleanup.h"

struct block {
	char b[512];
};

static void finish(struct block *k)
{
	unsigned sum = 0;

	memset(k->b + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)k->b[i];
	(void)snprintf(k->b + 148, 8, "%06o", sum);
}

static struct block header(const char *name, char type, const char *size)
{
	struct block k = { .b = "" };

	memcpy(k.b, name, strlen(name));
	memcpy(k.b + 100, "0000644", 7);
	memcpy(k.b + 108, "0000000", 7);
	memcpy(k.b + 116, "0000000", 7);
	memcpy(k.b + 124, size, strlen(size));
	memcpy(k.b + 136, "00000000000", 11);
	k.b[156] = type;
	memcpy(k.b + 257, "ustar\0", 6);
	finish(&k);
	return k;
}

static int stream(const struct block *blocks, size_t count)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	assert_int_equal(write(fd, blocks, count * sizeof *blocks),
			 (ssize_t)(count * sizeof *blocks));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void a_name_becomes_relative_and_normal(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	assert_int_equal(extract_name("./a//b/./c/", &out, &err), 0);
	assert_string_equal(out.data, "a/b/c");
	buf_reset(&out);
	assert_int_equal(extract_name(".", &out, &err), 0);
	assert_string_equal(out.data, "");
	assert_int_equal(extract_name("/a", &out, &err), -1);
	assert_int_equal(extract_name("a/../b", &out, &err), -1);
	assert_int_equal(extract_name("..", &out, &err), -1);
}

static void a_symlink_of_a_site_stays_inside(void **state)
{
	(void)state;
	assert_true(extract_link_stays("a/b", 0));
	assert_true(extract_link_stays("../a", 1));
	assert_true(extract_link_stays("./../../a", 2));
	assert_false(extract_link_stays("../a", 0));
	assert_false(extract_link_stays("/etc/passwd", 5));
	assert_false(extract_link_stays("", 1));
	/* "a" may itself be a link to somewhere higher. */
	assert_false(extract_link_stays("a/..", 3));
}

static void entries_and_their_data_are_read(void **state)
{
	struct block blocks[4] = { header("f", '0', "00000000003"),
				   { .b = "abc" },
				   header("d/", '5', "00000000000"),
				   { .b = "" } };
	AUTO_CLOSE int fd = stream(blocks, 4);
	struct tar_entry e;
	struct tar t;
	struct err err;
	const char *data;

	(void)state;
	tar_init(&t, fd);
	assert_int_equal(tar_next(&t, &e, &err), 0);
	assert_string_equal(e.path, "f");
	assert_int_equal(e.size, 3);
	assert_int_equal(e.mode, 0644);
	assert_int_equal(tar_data(&t, &data, 2, &err), 2);
	assert_memory_equal(data, "ab", 2);
	assert_int_equal(tar_next(&t, &e, &err), 0);
	assert_int_equal(e.type, TAR_DIR);
	assert_int_equal(tar_next(&t, &e, &err), TAR_END);
	tar_release(&t);
}

static void pax_names_replace_short_ones(void **state)
{
	struct block blocks[4] = { header("x", 'x', "00000000020"), /* 16 bytes */
				   { .b = "16 path=long/er\n" },
				   header("f", '0', "0"),
				   { .b = "" } };
	AUTO_CLOSE int fd = stream(blocks, 4);
	struct tar_entry e;
	struct tar t;
	struct err err;

	(void)state;
	tar_init(&t, fd);
	assert_int_equal(tar_next(&t, &e, &err), 0);
	assert_string_equal(e.path, "long/er");
	tar_release(&t);
}

static int verdict(const struct block *blocks, size_t count)
{
	AUTO_CLOSE int fd = stream(blocks, count);
	struct tar_entry e;
	struct tar t;
	struct err err;
	int rc;

	tar_init(&t, fd);
	while ((rc = tar_next(&t, &e, &err)) == 0)
		;
	tar_release(&t);
	return rc;
}

static void a_broken_archive_is_an_error(void **state)
{
	struct block wrong = header("f", '0', "0");
	struct block cut[1] = { header("f", '0', "00000001000") };
	struct block sparse[1] = { header("f", 'S', "0") };
	struct block size[1] = { header("f", '0', "99999999999") };
	struct block pax[2] = { header("x", 'x', "00000000020"),
				{ .b = "99 path=long/er\n" } };
	struct block nul[2] = { header("x", 'x', "00000000020"),
				{ .b = "16 path=long\0er\n" } };

	(void)state;
	wrong.b[0] = 'g';
	assert_int_equal(verdict(&wrong, 1), -1);
	assert_int_equal(verdict(cut, 1), -1);
	assert_int_equal(verdict(sparse, 1), -1);
	assert_int_equal(verdict(size, 1), -1);
	assert_int_equal(verdict(pax, 2), -1);
	assert_int_equal(verdict(nul, 2), -1);
	assert_int_equal(verdict(NULL, 0), TAR_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_becomes_relative_and_normal),
		cmocka_unit_test(a_symlink_of_a_site_stays_inside),
		cmocka_unit_test(entries_and_their_data_are_read),
		cmocka_unit_test(pax_names_replace_short_ones),
		cmocka_unit_test(a_broken_archive_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
