/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "serve/domains.h"
#include "serve/ports.h"
#include "serve/urls.h"
#include "store/config.h"
#include "store/domain.h"
#include "store/property.h"
#include "test_blog.h"
#include "util/cleanup.h"

static void globals(const char *words)
{
	AUTO(strv_release) struct strv list = STRV_INIT;

	strv_split(&list, words, " ");
	assert_int_equal(domain_replace(&st, STORE_GLOBAL, &list, &err), 0);
}

static void choose(const struct app *app, const char *words)
{
	AUTO(strv_release) struct strv list = STRV_INIT;

	strv_split(&list, words, " ");
	assert_int_equal(domains_choose(&st, app->id, &list, &err), 0);
}

static void expect_hosts(const struct app *app, const char *want)
{
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	AUTO_FREE char *have = NULL;

	assert_int_equal(domains_of_app(&st, app, &hosts, &err), 0);
	have = strv_join(&hosts, " ");
	assert_string_equal(have, want);
}

static void expect_ports(bool tls, const char *want)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	AUTO_FREE char *have = NULL;

	assert_int_equal(ports_of_app(&st, &blog, tls, &maps, &err), 0);
	have = strv_join(&maps, " ");
	assert_string_equal(have, want);
}

static void an_untouched_app_follows_the_global_domains(void **state)
{
	(void)state;
	expect_hosts(&blog, "");
	globals("example.com 192.0.2.1 apps.example.org");
	expect_hosts(&blog, "blog.example.com blog.apps.example.org");
	globals("example.net");
	expect_hosts(&blog, "blog.example.net");
}

static void an_app_with_a_dot_is_its_own_domain(void **state)
{
	struct app shop;

	(void)state;
	test_app(&st, "shop.example.com", &shop);
	globals("example.com other.org");
	expect_hosts(&shop, "shop.example.com");
}

static void a_list_of_ones_own_stays_when_the_globals_change(void **state)
{
	(void)state;
	globals("example.com");
	choose(&blog, "b.org a.org");
	expect_hosts(&blog, "b.org a.org");
	choose(&blog, "");
	expect_hosts(&blog, "");
	assert_int_equal(domains_choose(&st, blog.id, NULL, &err), 0);
	expect_hosts(&blog, "blog.example.com");
}

static void a_name_has_one_owner(void **state)
{
	AUTO_FREE char *by_row = NULL;
	AUTO_FREE char *by_default = NULL;
	AUTO_FREE char *none = NULL;
	struct app shop;

	(void)state;
	test_app(&st, "shop", &shop);
	globals("example.com");
	choose(&shop, "www.shop.org");
	assert_int_equal(domains_owner(&st, "www.shop.org", blog.id, &by_row, &err), 0);
	assert_string_equal(by_row, "shop");
	assert_int_equal(
		domains_owner(&st, "blog.example.com", shop.id, &by_default, &err), 0);
	assert_string_equal(by_default, "blog");
	assert_int_equal(domains_owner(&st, "shop.example.com", blog.id, &none, &err),
			 STORE_NO_ROW);
	assert_int_equal(domains_owner(&st, "www.shop.org", shop.id, &none, &err),
			 STORE_NO_ROW);
}

/* A template's names are its app's, until it has them no more; ".NAME" is NAME too. */
static void a_claimed_name_has_its_owner(void **state)
{
	AUTO(strv_release) struct strv claimed = STRV_INIT;
	const struct strv nothing = STRV_INIT;
	AUTO_FREE char *owner = NULL;
	AUTO_FREE char *dotted = NULL;
	AUTO_FREE char *none = NULL;
	struct app claims;

	(void)state;
	test_app(&st, "claims", &claims);
	strv_add(&claimed, "more.claims.org");
	strv_add(&claimed, "x.claims.org");
	assert_int_equal(domains_claim(&st, claims.id, &claimed, &err), 0);
	assert_int_equal(domains_owner(&st, "more.claims.org", blog.id, &owner, &err), 0);
	assert_string_equal(owner, "claims");
	assert_int_equal(domains_owner(&st, ".more.claims.org", blog.id, &dotted, &err),
			 0);
	assert_int_equal(domains_owner(&st, "more.claims.org", claims.id, &none, &err),
			 STORE_NO_ROW);
	strv_remove(&claimed, 0);
	assert_int_equal(domains_claim(&st, claims.id, &claimed, &err), 0);
	assert_int_equal(domains_owner(&st, "more.claims.org", blog.id, &none, &err),
			 STORE_NO_ROW);
	assert_int_equal(domains_claim(&st, claims.id, &nothing, &err), 0);
	assert_int_equal(domains_owner(&st, "x.claims.org", blog.id, &none, &err),
			 STORE_NO_ROW);
}

static void names_are_checked_and_lower_cased(void **state)
{
	static const char *const bad[] = { "",        "a..b",         "-a.com",
					   "a b.com", "http://a.com", "a.com:80",
					   "a.com/x", "m\xc3\xbc.de", "a_b.com",
					   "*.*.com", "a.com.",       "$(x).com" };
	AUTO_FREE char *host = NULL;
	AUTO_FREE char *wild = NULL;
	char *none = NULL;

	(void)state;
	assert_int_equal(domains_check("WWW.Example.COM", &host, &err), 0);
	assert_string_equal(host, "www.example.com");
	assert_int_equal(domains_check("*.example.com", &wild, &err), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		err = (struct err){ .kind = ERR_NONE };
		assert_int_equal(domains_check(bad[i], &none, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_true(err.hint[0]);
	}
}

static void without_a_name_an_app_keeps_a_port_of_its_own(void **state)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	struct port_map one;
	struct port_map other;
	long port;
	struct app shop;

	(void)state;
	st.writable = false;
	assert_int_equal(ports_proxy_port(&st, &blog, &port, &err), PORTS_UNKNOWN);
	st.writable = true;
	assert_int_equal(ports_of_app(&st, &blog, false, &maps, &err), 0);
	assert_int_equal(ports_parse(maps.v[0], &one, &err), 0);
	assert_true(one.host > 1024);
	assert_int_equal(ports_proxy_port(&st, &blog, &port, &err), 0);
	assert_int_equal(port, one.host);
	test_app(&st, "shop", &shop);
	assert_int_equal(ports_proxy_port(&st, &shop, &other.host, &err), 0);
	assert_int_not_equal(other.host, one.host);
}

static void a_name_brings_the_usual_ports(void **state)
{
	(void)state;
	globals("example.com");
	expect_ports(false, "http:80:5000");
	expect_ports(true, "http:80:5000 https:443:5000");
	assert_int_equal(property_set(&st, blog.id, "ports", "map-detected",
				      "http:80:3000\nudp:53:53\n", &err),
			 0);
	expect_ports(false, "http:80:3000 udp:53:53");
	assert_int_equal(
		property_set(&st, STORE_GLOBAL, "proxy", "proxy-port", "8080", &err), 0);
	expect_ports(true, "http:8080:3000 https:443:3000 udp:53:53");
	assert_int_equal(
		property_set(&st, blog.id, "ports", "map", "http:81:5000\n", &err), 0);
	expect_ports(true, "http:81:5000");
}

static void expect_speech(const struct app *app, long port, enum port_speech want)
{
	enum port_speech have;

	assert_int_equal(speech_on(&st, app->id, port, &have, &err), 0);
	if (have != want)
		fail_msg("port %ld speaks %s to %s, not %s", port, speech_name(have),
			 app->name, speech_name(want));
}

static void a_port_speaks_to_all_what_its_first_app_has_said(void **state)
{
	struct app shop;

	(void)state;
	test_app(&st, "shop", &shop);
	expect_speech(&blog, 80, SPEAKS_HTTP);
	expect_speech(&blog, 443, SPEAKS_TLS);
	expect_speech(&blog, 8080, SPEAKS_NOTHING);
	assert_int_equal(property_set(&st, shop.id, "ports", "map",
				      "udp:8081:8081\nhttp:8080:8443\ngrpc:9090:1\n",
				      &err),
			 0);
	expect_speech(&blog, 8080, SPEAKS_HTTP);
	expect_speech(&blog, 9090, SPEAKS_HTTP2);
	expect_speech(&blog, 8081, SPEAKS_NOTHING);
	expect_speech(&blog, 8443, SPEAKS_NOTHING);
	expect_speech(&blog, 808, SPEAKS_NOTHING);
	expect_speech(&shop, 8080, SPEAKS_NOTHING);
	/* What is configured counts alone; while nothing is, the proxy's ports do. */
	assert_int_equal(
		property_set(&st, shop.id, "proxy", "proxy-ssl-port", "8443", &err), 0);
	expect_speech(&blog, 8443, SPEAKS_NOTHING);
	assert_int_equal(property_unset(&st, shop.id, "ports", "map", &err), 0);
	expect_speech(&blog, 8443, SPEAKS_TLS);
	assert_int_equal(property_set(&st, shop.id, "ports", "allocated", "8001", &err),
			 0);
	expect_speech(&blog, 8001, SPEAKS_HTTP);
	assert_int_equal(
		property_set(&st, shop.id, "ports", "map-detected", "http:70:70\n", &err),
		0);
	expect_speech(&blog, 70, SPEAKS_HTTP);
	assert_int_equal(
		property_set(&st, STORE_GLOBAL, "proxy", "proxy-port", "8000", &err), 0);
	expect_speech(&blog, 8000, SPEAKS_HTTP);
	expect_speech(&shop, 8000, SPEAKS_HTTP);
}

static void a_port_that_speaks_something_else_is_refused(void **state)
{
	struct port_map m = { .scheme = "https", .host = 80, .container = 3000 };

	(void)state;
	assert_int_equal(speech_check(&st, &blog, &m, &err), -1);
	assert_string_equal(err.text, "port 80 of this host speaks HTTP, to every app on "
				      "it: https would take it from them");
	assert_non_null(strstr(err.hint, "davit ports:add blog https:443:3000"));
	m = (struct port_map){ .scheme = "grpc", .host = 80 };
	assert_int_equal(speech_check(&st, &blog, &m, &err), -1);
	m = (struct port_map){ .scheme = "http", .host = 443 };
	assert_int_equal(speech_check(&st, &blog, &m, &err), -1);
	m = (struct port_map){ .scheme = "grpcs", .host = 443 };
	assert_int_equal(speech_check(&st, &blog, &m, &err), 0);
	m = (struct port_map){ .scheme = "udp", .host = 443 };
	assert_int_equal(speech_check(&st, &blog, &m, &err), 0);
}

/* A port that another app has said something of would not be served. */
static void a_free_port_is_one_of_which_nobody_has_spoken(void **state)
{
	struct app shop;
	long first;
	long second;
	char map[64];

	(void)state;
	test_app(&st, "shop", &shop);
	assert_int_equal(ports_free(&st, &first, &err), 0);
	(void)snprintf(map, sizeof map, "https:%ld:5000\n", first);
	assert_int_equal(property_set(&st, shop.id, "ports", "map", map, &err), 0);
	assert_int_equal(ports_free(&st, &second, &err), 0);
	assert_true(second > first);
}

static void maps_out_of_form_are_refused(void **state)
{
	static const char *const bad[] = {
		"",          "http",        "http:80",    "http:80:0", "http:65536:1",
		"HTTP:80:1", "http:80:1:2", "http::80:1", ":80:1",     "ht tp:1:2",
		"http:-1:80"
	};
	struct port_map m;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(ports_parse(bad[i], &m, &err), -1);
	assert_int_equal(ports_parse("grpcs:443:50051", &m, &err), 0);
	assert_string_equal(m.scheme, "grpcs");
}

static void urls_put_https_first_and_leave_wildcards_out(void **state)
{
	AUTO(strv_release) struct strv urls = STRV_INIT;
	AUTO_FREE char *have = NULL;

	(void)state;
	choose(&blog, "a.org *.a.org");
	assert_int_equal(urls_of_app(&st, &blog, true, &urls, &err), 0);
	have = strv_join(&urls, " ");
	assert_string_equal(have, "https://a.org http://a.org");
}

static void without_enabled_names_urls_have_the_address_and_the_port(void **state)
{
	AUTO(strv_release) struct strv urls = STRV_INIT;
	json_t *off = json_pack("{s:s}", "NO_VHOST", "1");

	(void)state;
	char address[URLS_ADDRESS];

	assert_int_equal(config_put(&st, blog.id, off, &err), 0);
	json_decref(off);
	(void)urls_host_address(address);
	assert_int_equal(urls_of_app(&st, &blog, false, &urls, &err), 0);
	assert_int_equal(urls.len, 1);
	assert_non_null(strstr(urls.v[0], address));
	assert_non_null(strrchr(urls.v[0], ':'));
	globals("example.com");
	assert_int_equal(urls_of_app(&st, &blog, false, &urls, &err), 0);
	assert_memory_equal(urls.v[1], "http://example.com:", 19);
	globals("2001:db8::1");
	assert_int_equal(urls_of_app(&st, &blog, false, &urls, &err), 0);
	assert_memory_equal(urls.v[2], "http://[2001:db8::1]:", 21);
	/* A port that all apps share knows it by the address alone. */
	assert_int_equal(property_set(&st, blog.id, "proxy", "proxy-port", "80", &err),
			 0);
	assert_int_equal(urls_of_app(&st, &blog, false, &urls, &err), 0);
	assert_non_null(strstr(urls.v[3], address));
}

int main(void)
{
#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, blog_start, blog_end)
	const struct CMUnitTest tests[] = {
		WITH_STORE(an_untouched_app_follows_the_global_domains),
		WITH_STORE(an_app_with_a_dot_is_its_own_domain),
		WITH_STORE(a_list_of_ones_own_stays_when_the_globals_change),
		WITH_STORE(a_name_has_one_owner),
		WITH_STORE(a_claimed_name_has_its_owner),
		WITH_STORE(names_are_checked_and_lower_cased),
		WITH_STORE(without_a_name_an_app_keeps_a_port_of_its_own),
		WITH_STORE(a_name_brings_the_usual_ports),
		WITH_STORE(a_port_speaks_to_all_what_its_first_app_has_said),
		WITH_STORE(a_port_that_speaks_something_else_is_refused),
		WITH_STORE(a_free_port_is_one_of_which_nobody_has_spoken),
		WITH_STORE(maps_out_of_form_are_refused),
		WITH_STORE(urls_put_https_first_and_leave_wildcards_out),
		WITH_STORE(without_enabled_names_urls_have_the_address_and_the_port),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
