/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "plugins/ssh-keys/ssh_keys.h"

#include <string.h>
#include <sys/stat.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

#define DATA  "AAAAC3NzaC1lZDI1NTE5AAAAIDcZYTkd7jvLf/O3ZIQTm9QB+sk5kXITilU0iGIJPsD6"
#define KEY   "ssh-ed25519 " DATA
#define PRINT "SHA256:0vCeZt6qJgrbvlGgeH+MXDKXKt2oSx7PPNQgLeZbJV0"

static int read_key(const char *text, struct ssh_key *k, struct err *err)
{
	return public_key_read(k, text, strlen(text), err);
}

static void a_key_is_read_with_and_without_its_comment(void **state)
{
	static const char *const good[] = { KEY, KEY "\n", KEY " me@laptop\n",
					    "# mine\n\n  " KEY " a b c\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };
		struct err err;

		assert_int_equal(read_key(good[i], &k, &err), 0);
		assert_string_equal(k.public_key, KEY);
		assert_string_equal(k.fingerprint, PRINT);
	}
}

static void what_is_no_key_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"hello",
		"ssh-ed25519",
		"ssh-ed25519 AAAA",
		"ssh-ed25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"ssh-dss " DATA,
		"command=\"/bin/sh\" " KEY,
		"restrict " KEY,
		"ssh-ed25519 " DATA "\"evil",
		"ssh-rsa " DATA, /* the kind outside is not the kind inside */
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };
		struct err err;

		assert_int_equal(read_key(bad[i], &k, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void a_private_key_and_two_keys_are_named_as_such(void **state)
{
	AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };
	struct err err;

	(void)state;
	assert_int_equal(
		read_key("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", &k, &err), -1);
	assert_non_null(strstr(err.text, "private key"));
	assert_int_equal(read_key(KEY "\n" KEY "\n", &k, &err), -1);
	assert_non_null(strstr(err.text, "more than one"));
}

static void names_stay_within_a_line(void **state)
{
	(void)state;
	assert_true(public_key_name_is_good("laptop"));
	assert_true(public_key_name_is_good("Ann's laptop") == false);
	assert_true(public_key_name_is_good("ann@example.com (work)") == false);
	assert_true(public_key_name_is_good("ann b@example.com"));
	assert_false(public_key_name_is_good(""));
	assert_false(public_key_name_is_good("-x"));
	assert_false(public_key_name_is_good("a\nb"));
	assert_false(public_key_name_is_good("a\"b"));
	assert_false(public_key_name_is_good("a "));
	assert_false(public_key_name_is_good(
		"0123456789012345678901234567890123456789012345678901234567890123"));
}

static void foreign_lines_stay_as_they_are(void **state)
{
	static const char old[] =
		"# by hand\n"
		"ssh-rsa AAAA admin\n"
		"restrict,pty,command=\"/usr/local/bin/davit ssh-entry --key 3\" x y gone\n"
		"command=\"/bin/other\" ssh-rsa BBBB\n"
		"last without newline";
	AUTO(buf_release) struct buf out = BUF_INIT;

	(void)state;
	authorized_keys_foreign(old, &out);
	assert_string_equal(out.data, "# by hand\n"
				      "ssh-rsa AAAA admin\n"
				      "command=\"/bin/other\" ssh-rsa BBBB\n"
				      "last without newline\n");
}

static void the_file_follows_the_store(void **state)
{
	char dir[] = "/tmp/ssh-keys-test.XXXXXX";
	AUTO(store_close) struct store st = STORE_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf after = BUF_INIT;
	struct ssh_key k = { .name = xstrdup("laptop"),
			     .fingerprint = xstrdup(PRINT),
			     .public_key = xstrdup(KEY),
			     .options = xstrdup(SSH_KEYS_OPTIONS),
			     .role = xstrdup("admin") };
	struct stat file;
	struct err err;
	int64_t id;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(setenv("DAVIT_ROOT", dir, 1), 0);
	AUTO_FREE char *store = paths_in(dir, "store");
	AUTO_FREE char *path = paths_in(dir, "home/.ssh/authorized_keys");

	assert_int_equal(fs_mkdirs(store, 0700, &err), 0);
	assert_int_equal(store_open(&st, true, &err), 0);
	assert_int_equal(ssh_key_add(&st, &k, &id, &err), 0);
	assert_int_equal(authorized_keys_write(&st, &err), 0);
	assert_int_equal(authorized_keys_write(&st, &err), 0);
	assert_int_equal(fs_read(path, 4096, &text, &err), 0);
	assert_int_equal(strncmp(text.data, "restrict,pty,command=\"/", 23), 0);
	assert_non_null(strstr(text.data, "/davit ssh-entry --key 1\" " KEY " laptop\n"));
	assert_ptr_equal(strchr(text.data, '\n'), text.data + text.len - 1);
	k.id = 1;
	assert_true(authorized_keys_holds(text.data, &k));
	k.id = 2;
	assert_false(authorized_keys_holds(text.data, &k));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	assert_int_equal(ssh_key_add(&st, &k, &id, &err), STORE_TAKEN);

	assert_int_equal(ssh_key_delete(&st, 1, &err), 0);
	assert_int_equal(ssh_key_delete(&st, 1, &err), STORE_NO_ROW);
	assert_int_equal(authorized_keys_write(&st, &err), 0);
	assert_int_equal(fs_read(path, 4096, &after, &err), 0);
	assert_string_equal(after.data, "");
	ssh_key_release(&k);
	assert_int_equal(fs_remove_tree(dir, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_read_with_and_without_its_comment),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(a_private_key_and_two_keys_are_named_as_such),
		cmocka_unit_test(names_stay_within_a_line),
		cmocka_unit_test(foreign_lines_stay_as_they_are),
		cmocka_unit_test(the_file_follows_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
