/* SPDX-License-Identifier: MIT */
/* Which hosts davit may be made to speak to, and how a URL names them. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "runtime/outside.h"
#include "util/cleanup.h"

static int restrict_it(void **state)
{
	(void)state;
	outside_restrict(true);
	return 0;
}

static void a_url_names_a_host_and_a_port(void **state)
{
	static const struct {
		const char *url, *host, *port;
		bool http;
	} rows[] = {
		{ "https://example.com/x.git", "example.com", "443", true },
		{ "HTTP://example.com", "example.com", "80", true },
		{ "http://u:p@example.com:8080/x", "example.com", "8080", true },
		{ "http://a@b@127.0.0.1/", "127.0.0.1", "80", true },
		{ "http://example.com?@127.0.0.1/", "example.com", "80", true },
		{ "http://example.com#@127.0.0.1/", "example.com", "80", true },
		{ "http://example.com:0080/x", "example.com", "80", true },
		{ "http://[::1]:81/x", "::1", "81", true },
		{ "http://[fe80::1%eth0]/", "fe80::1%eth0", "80", true },
		{ "http://example.com:/x", "example.com", "80", true },
		{ "ssh://git@example.com:2222/x", "example.com", "2222", false },
		{ "git://example.com/x", "example.com", "9418", false },
		{ "git@example.com:team/x", "example.com", "22", false },
		{ "example.com:5000", "example.com", "5000", false },
		{ "example.com/team@x:y", "example.com", "443", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct outside o;

		assert_true(outside_parse(rows[i].url, &o));
		assert_string_equal(o.host, rows[i].host);
		assert_string_equal(o.port, rows[i].port);
		assert_int_equal(o.http, rows[i].http);
	}
}

static void what_names_no_host_is_known(void **state)
{
	static const char *const bad[] = {
		"",
		"http://",
		"http:///x",
		"http://[::1/x",
		"http://[::1]x:1/",
		"http://a:99999/",
		"http://a:0/",
		"http://a:1x/",
		"http://a b/",
		"http://a:123456789/",
		"git@:x",
		"https://user@/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct outside o;

		assert_false(outside_parse(bad[i], &o));
	}
}

static bool may(const char *text, int port)
{
	struct sockaddr_in four = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons((uint16_t)port) };

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return outside_may((struct sockaddr *)&four);
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	return outside_may((struct sockaddr *)&six);
}

static void inside_is_what_only_the_host_reaches(void **state)
{
	static const char *const inside[] = {
		"127.0.0.1", "127.9.9.9", "0.0.0.0",          "169.254.169.254",    "::",
		"::1",       "fe80::1",   "::ffff:127.0.0.1", "::ffff:169.254.0.1",
	};
	static const char *const outside[] = {
		"192.0.2.77", "2001:db8::77", "128.0.0.1",        "169.253.0.1",
		"::2",        "fec0::1",      "::ffff:192.0.2.77"
	};

	(void)state;
	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
		assert_false(may(inside[i], 80));
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		assert_true(may(outside[i], 9999));
}

static void an_admin_may_name_any(void **state)
{
	AUTO(strv_release) struct strv options = STRV_INIT;
	struct err err;

	(void)state;
	outside_restrict(false);
	assert_true(may("127.0.0.1", 80));
	assert_int_equal(outside_check("localhost:5000", &err), 0);
	assert_int_equal(outside_git("http://127.0.0.1/x", &options, &err), 0);
	assert_int_equal(options.len, 0);
	outside_restrict(true);
}

static void a_name_is_judged_by_its_addresses(void **state)
{
	struct err err = { .kind = ERR_NONE };

	(void)state;
	assert_int_equal(outside_check("localhost:5000", &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "localhost leads inside"));
	assert_int_equal(outside_check("http://2130706433/", &err), -1);
	assert_int_equal(outside_check("http://0x7f.1/", &err), -1);
	assert_int_equal(outside_check("http://name.invalid/", &err), -1);
	assert_non_null(strstr(err.text, "name.invalid is not found"));
}

static void git_is_held_to_the_addresses_that_were_looked_at(void **state)
{
	AUTO(strv_release) struct strv options = STRV_INIT;
	struct err err;

	(void)state;
	assert_int_equal(outside_git("http://192.0.2.77:81/x", &options, &err), 0);
	assert_int_equal(options.len, 4);
	assert_string_equal(options.v[1], "http.curloptResolve=192.0.2.77:81:192.0.2.77");
	assert_string_equal(options.v[3], "http.followRedirects=false");
	assert_int_equal(outside_git("git@192.0.2.77:x", &options, &err), 0);
	assert_int_equal(options.len, 4);
	assert_int_equal(outside_git("git@127.0.0.1:x", &options, &err), -1);
}

#define TEST(fn) cmocka_unit_test_setup(fn, restrict_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_url_names_a_host_and_a_port),
		TEST(what_names_no_host_is_known),
		TEST(inside_is_what_only_the_host_reaches),
		TEST(an_admin_may_name_any),
		TEST(a_name_is_judged_by_its_addresses),
		TEST(git_is_held_to_the_addresses_that_were_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
