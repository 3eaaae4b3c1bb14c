/* SPDX-License-Identifier: MIT */
/* Lines for the inside of a server block, and values of nginx:set: what is let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "plugins/nginx/nginx.h"

static void accepted(const char *text)
{
	struct err err = { .kind = ERR_NONE };

	if (nginx_lines_check(text, &err) < 0)
		fail_msg("refused: %s: %s", text, err.text);
}

static void refused(const char *text, const char *why)
{
	struct err err = { .kind = ERR_NONE };

	assert_int_equal(nginx_lines_check(text, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("'%s' was refused for another reason: %s", text, err.text);
}

static void whole_directives_are_accepted(void **state)
{
	(void)state;
	accepted("");
	accepted("# only a comment }");
	accepted("add_header X-A b;");
	accepted("location /x {\n\treturn 204; # }\n}\n");
	accepted("if ($host = 'a;}b') { return 404; }");
	accepted("set $a \"${b}c {\";");
	accepted("rewrite \"^/(a{2})$\" /b;rewrite a\\;b c;");
	accepted("set $a ${b};");
}

static void nothing_leaves_the_server_block(void **state)
{
	(void)state;
	refused("} server { listen 80;", "without its '{'");
	refused("location / { return 204; } }", "without its '{'");
	refused("add_header X \"; } server {", "does not end");
	refused("add_header X 'a\\';", "does not end");
	refused("location / {", "without its '}'");
	refused("add_header X y", "no ';'");
	refused("add_header X y }", "middle of a directive");
	refused(";", "without a directive");
	refused("{ }", "without a directive");
	refused("add_header X \"a\"b;", "after a closing quote");
}

static void the_line_is_named(void **state)
{
	struct err err = { .kind = ERR_NONE };

	(void)state;
	assert_int_equal(nginx_lines_check("a b;\nc d;\n}\n", &err), -1);
	assert_non_null(strstr(err.text, "line 3"));
}

static bool takes(const char *key, const char *value)
{
	struct err err = { .kind = ERR_NONE };

	for (size_t i = 0; i < nginx_settings.count; i++)
		if (strcmp(nginx_settings.rows[i].key, key) == 0)
			return nginx_settings.rows[i].check(key, value, &err) == 0;
	fail_msg("no property %s", key);
	return false;
}

static void every_default_passes_its_own_check(void **state)
{
	struct err err = { .kind = ERR_NONE };

	(void)state;
	assert_int_equal(nginx_settings.count, 31);
	for (size_t i = 0; i < nginx_settings.count; i++) {
		const struct setting *s = &nginx_settings.rows[i];

		if (s->check && s->otherwise[0] &&
		    s->check(s->key, s->otherwise, &err) < 0)
			fail_msg("%s", err.text);
	}
}

static void values_that_are_syntax_are_refused(void **state)
{
	(void)state;
	assert_false(takes("client-max-body-size", "1m; root /"));
	assert_false(takes("client-max-body-size", ""));
	assert_false(takes("proxy-read-timeout", "60s}"));
	assert_false(takes("proxy-buffers", "8 4k 9"));
	assert_false(takes("x-forwarded-for-value", "a\"; b"));
	assert_false(takes("x-forwarded-for-value", "a\\"));
	assert_false(takes("bind-address-ipv4", "0.0.0.0:80 default_server"));
	assert_false(takes("bind-address-ipv6", "[::]"));
	assert_false(takes("access-log-format", "a b"));
	assert_false(takes("hsts-max-age", "1; x"));
}

static void a_log_stays_in_its_directory(void **state)
{
	(void)state;
	assert_true(takes("access-log-path", "off"));
	assert_true(takes("access-log-path", "/var/log/nginx/shop.log"));
	assert_false(takes("access-log-path", "/etc/cron.d/davit"));
	assert_false(takes("access-log-path", "/var/log/nginx/../cron"));
	assert_false(takes("access-log-path", "/var/log/nginx/$host.log"));
	assert_false(takes("access-log-path", "/var/log/nginx/"));
	assert_false(takes("error-log-path", "/var/log/nginx/a/b.log"));
	assert_false(takes("error-log-path", "syslog:server=192.0.2.1"));
}

static void usual_values_are_taken(void **state)
{
	(void)state;
	assert_true(takes("client-max-body-size", "0"));
	assert_true(takes("client-max-body-size", "50m"));
	assert_true(takes("proxy-read-timeout", "1m30s"));
	assert_true(takes("proxy-read-timeout", "500ms"));
	assert_true(takes("proxy-buffers", "64 8k"));
	assert_true(takes("proxy-buffers", "1024 64k"));
	assert_false(takes("proxy-buffers", "1025 64k"));
	assert_false(takes("proxy-buffers", "1 1g"));
	assert_true(takes("proxy-buffer-size", "64m"));
	assert_false(takes("proxy-buffer-size", "65m"));
	assert_false(takes("proxy-busy-buffers-size", "1g"));
	assert_true(takes("client-max-body-size", "10g"));
	assert_true(takes("x-forwarded-for-value", "$proxy_add_x_forwarded_for"));
	assert_true(takes("bind-address-ipv6", "2001:db8::1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_directives_are_accepted),
		cmocka_unit_test(nothing_leaves_the_server_block),
		cmocka_unit_test(the_line_is_named),
		cmocka_unit_test(every_default_passes_its_own_check),
		cmocka_unit_test(values_that_are_syntax_are_refused),
		cmocka_unit_test(a_log_stays_in_its_directory),
		cmocka_unit_test(usual_values_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
