/* SPDX-License-Identifier: MIT */
/* Certificates and keys as users bring them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

#include "plugins/certs/certs.h"
#include "util/cleanup.h"

static struct err err;

static void made(struct pair *p, const char *domain)
{
	assert_int_equal(pair_generate(domain, p, &err), 0);
}

static void refused(const struct pair *p, const char *why)
{
	assert_int_equal(pair_check(p, &err), -1);
	assert_non_null(strstr(err.text, why));
	assert_int_not_equal(err.hint[0], 0);
}

static void a_generated_pair_belongs_together(void **state)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;

	(void)state;
	made(&p, "blog.example.com");
	assert_int_equal(pair_check(&p, &err), 0);
}

static void the_key_of_another_certificate_is_refused(void **state)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;
	AUTO(pair_release) struct pair q = PAIR_INIT;

	(void)state;
	made(&p, "a.example.com");
	made(&q, "b.example.com");
	buf_reset(&p.key);
	buf_adds(&p.key, q.key.data);
	refused(&p, "does not belong");
}

static void what_is_not_pem_is_named(void **state)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;

	(void)state;
	made(&p, "a.example.com");
	buf_reset(&p.key);
	buf_adds(&p.key, "-----BEGIN NOTHING-----\n");
	refused(&p, "the key is not");
	buf_reset(&p.crt);
	buf_adds(&p.crt, "hello");
	refused(&p, "the certificate is not");
}

static void a_report_knows_names_and_dates(void **state)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;
	AUTO(facts_release) struct facts f = FACTS_INIT;

	(void)state;
	made(&p, "*.example.com");
	assert_int_equal(facts_read(p.crt.data, &f, &err), 0);
	assert_string_equal(f.hostnames.v[0], "*.example.com");
	assert_string_equal(f.subject, "CN=*.example.com");
	assert_true(f.self_signed);
	assert_non_null(strstr(f.expires_at, "GMT"));
}

/* What is kept beside a certificate is what it says. */
static void facts_come_back_as_they_were(void **state)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;
	AUTO(facts_release) struct facts f = FACTS_INIT;
	AUTO(facts_release) struct facts back = FACTS_INIT;
	AUTO_FREE char *text = NULL;

	(void)state;
	made(&p, "*.example.com");
	assert_int_equal(facts_read(p.crt.data, &f, &err), 0);
	strv_add(&f.hostnames, "other.example.com");
	text = facts_text(&f);
	assert_int_equal(facts_parse(text, &back, &err), 0);
	assert_int_equal(back.hostnames.len, 2);
	assert_string_equal(back.hostnames.v[1], "other.example.com");
	assert_string_equal(back.subject, f.subject);
	assert_string_equal(back.issuer, f.issuer);
	assert_string_equal(back.starts_at, f.starts_at);
	assert_string_equal(back.expires_at, f.expires_at);
	assert_true(back.self_signed);
	assert_int_equal(facts_parse("{}", &back, &err), -1);
	assert_int_equal(facts_parse("", &back, &err), -1);
}

static void a_name_of_253_characters_gets_a_certificate(void **state)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;
	AUTO(facts_release) struct facts f = FACTS_INIT;
	char name[254];

	(void)state;
	memset(name, 'a', sizeof name - 1);
	for (size_t i = 60; i < sizeof name - 1; i += 61)
		name[i] = '.';
	name[sizeof name - 1] = '\0';
	made(&p, name);
	assert_int_equal(facts_read(p.crt.data, &f, &err), 0);
	assert_string_equal(f.hostnames.v[0], name);
}

/* A tar file in memory with these members, each holding its own name. */
static int tar_of(const char *const *names)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);
	struct archive *a = archive_write_new();

	(void)archive_write_set_format_ustar(a);
	assert_int_equal(archive_write_open_fd(a, fd), ARCHIVE_OK);
	for (; *names; names++) {
		struct archive_entry *e = archive_entry_new();

		archive_entry_set_pathname(e, *names);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_size(e, (la_int64_t)strlen(*names));
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		(void)archive_write_data(a, *names, strlen(*names));
		archive_entry_free(e);
	}
	(void)archive_write_free(a);
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

static void a_tar_file_gives_its_one_pair(void **state)
{
	static const char *const names[] = { "tls/._server.key", "README",
					     "tls/server.crt", "tls/server.key", NULL };
	AUTO(pair_release) struct pair p = PAIR_INIT;
	AUTO_CLOSE int fd = tar_of(names);

	(void)state;
	assert_int_equal(pair_from_tar(fd, &p, &err), 0);
	assert_string_equal(p.crt.data, "tls/server.crt");
	assert_string_equal(p.key.data, "tls/server.key");
}

static void a_tar_file_with_two_keys_or_none_is_refused(void **state)
{
	static const char *const two[] = { "a.crt", "a.key", "b.key", NULL };
	static const char *const none[] = { "a.crt", NULL };
	AUTO(pair_release) struct pair p = PAIR_INIT;
	AUTO(pair_release) struct pair q = PAIR_INIT;
	AUTO_CLOSE int fd = tar_of(two);
	AUTO_CLOSE int other = tar_of(none);

	(void)state;
	assert_int_equal(pair_from_tar(fd, &p, &err), -1);
	assert_non_null(strstr(err.text, "more than one"));
	assert_int_equal(pair_from_tar(other, &q, &err), -1);
	assert_non_null(strstr(err.text, "exactly one"));
}

static void what_is_not_a_tar_file_is_refused(void **state)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;
	AUTO_CLOSE int fd = memfd_create("text", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(fd, "hello\n", 6), 6);
	(void)lseek(fd, 0, SEEK_SET);
	assert_int_equal(pair_from_tar(fd, &p, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_generated_pair_belongs_together),
		cmocka_unit_test(the_key_of_another_certificate_is_refused),
		cmocka_unit_test(what_is_not_pem_is_named),
		cmocka_unit_test(a_report_knows_names_and_dates),
		cmocka_unit_test(facts_come_back_as_they_were),
		cmocka_unit_test(a_name_of_253_characters_gets_a_certificate),
		cmocka_unit_test(a_tar_file_gives_its_one_pair),
		cmocka_unit_test(a_tar_file_with_two_keys_or_none_is_refused),
		cmocka_unit_test(what_is_not_a_tar_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
