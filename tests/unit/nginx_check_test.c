/* SPDX-License-Identifier: MIT */
/* What may stand in a file that nginx loads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "util/nginx_check.h"

static void accepted(const char *text)
{
	struct err err = { .kind = ERR_NONE };
	int line;

	if (nginx_check(text, "a", &line, &err) < 0)
		fail_msg("refused: %s: %s", text, err.text);
}

static void refused(const char *text)
{
	struct err err = { .kind = ERR_NONE };
	int line;

	if (nginx_check(text, "a", &line, &err) == 0)
		fail_msg("accepted: %s", text);
	assert_true(err.hint[0]);
}

static void a_site_of_an_app_is_accepted(void **state)
{
	(void)state;
	accepted("");
	accepted("# nothing { but ; words\n");
	accepted(
		"upstream a { server 10.1.2.3:5000 max_fails=0; keepalive 4; }\n"
		"server {\n\tlisten [::]:80 default_server;\n\tserver_name a.example;\n"
		"\taccess_log /var/log/nginx/a-access.log;\n"
		"\terror_log /var/log/davit/a/error.log;\n"
		"\tlocation / { proxy_pass http://a; proxy_set_header Host $http_host; }\n"
		"\tlocation ~ \"/\\.(?!well-known(/|$))\" { return 404; }\n}\n");
	accepted("server { root /var/lib/davit/static/a/current; try_files $uri =404; }");
	accepted("server { ssl_certificate /var/lib/davit/tls/a/server.crt;"
		 " ssl_certificate_key /var/lib/davit/tls/a/server.key; }");
	accepted("map $http_upgrade $davit_x { default upgrade; '' close; }");
	accepted("server { location / { return 200 \"a;b{c}\\\"d\"; } }");
	accepted("server { set $a x${uri}y; if ($a) { return 403; } }");
	accepted("server { include /var/lib/davit/nginx/snippets/a/*.conf; }");
}

static void files_elsewhere_are_refused(void **state)
{
	(void)state;
	refused("server { access_log /etc/cron.d/x; }");
	refused("server { access_log \"/etc/cron.d/x\"; }");
	refused("error_log /var/log/nginx/../../../etc/cron.d/x;");
	refused("access_log syslog:server=unix:/dev/log;");
	refused("server { access_log /var/log/nginx/$host.log; }");
	refused("include /etc/shadow;");
	refused("map $a $b { include /etc/shadow; }");
	refused("types { include /etc/shadow; }");
	refused("server { root /etc; }");
	refused("server { root /var/lib/davit/static/$arg_x; }");
	refused("server { location / { alias /var/lib/davit/static/../store/; } }");
	refused("server { ssl_certificate_key /etc/ssl/private/other.key; }");
	refused("server { ssl_certificate data:$x; }");
	refused("server { auth_basic_user_file /etc/shadow; }");
}

/* glob(3) takes ".*" for "..": an unchecked file would be loaded as root. */
static void an_include_pattern_finds_nothing_elsewhere(void **state)
{
	(void)state;
	refused("include /var/lib/davit/nginx/snippets/.*/.*/.*/.*/.*/tmp/x.conf;");
	refused("include /var/lib/davit/nginx/snippets/.[.]/.?/x.conf;");
	refused("include /var/lib/davit/nginx/snippets/a/.*;");
	refused("include \"/var/lib/davit/nginx/snippets/a/\\.\\./x.conf\";");
	refused("map $a $b { include /var/lib/davit/nginx/snippets/.*/.*/x; }");
	accepted("include /var/lib/davit/nginx/snippets/a/x-1.conf;");
}

/* nginx reads "unix:" in any case, and after the variables are filled in. */
static void sockets_are_refused_however_they_are_written(void **state)
{
	(void)state;
	refused("server { listen UNIX:/etc/cron.d/x; }");
	refused("upstream a { server Unix:/run/docker.sock; }");
	refused("server { location / { proxy_pass http://uNix:/run/docker.sock; } }");
	refused("server { set $a nix:/run/x.sock; location / { proxy_pass http://u$a; } }");
	refused("server { location / { grpc_pass grpc://a.$arg_b; } }");
	accepted("server { location / { proxy_pass http://a/x$request_uri; } }");
}

static void names_that_climb_out_of_the_root_are_refused(void **state)
{
	(void)state;
	refused("server { try_files $uri /../../../../etc/passwd =404; }");
	refused("server { index ../../x; }");
	refused("server { error_page 404 /a/../../x; }");
	refused("server { rewrite ^ /../../etc/passwd break; }");
	accepted("server { rewrite ^/../(.*)$ /$1 last; try_files $uri /a..b =404; }");
	refused("server { proxy_bind $remote_addr transparent; }");
	accepted("server { proxy_bind 192.0.2.1; }");
}

static void directives_with_power_are_refused(void **state)
{
	(void)state;
	refused("load_module modules/x.so;");
	refused("user root;");
	refused("env LD_PRELOAD;");
	refused("log_format x y;");
	refused("perl_set $a 'sub{}';");
	refused("js_import /tmp/x.js;");
	refused("content_by_lua_block { os.execute('x') }");
	refused("proxy_cache_path /etc/cron.d keys_zone=a:1m;");
	refused("client_body_temp_path /etc/cron.d;");
	refused("server { location / { proxy_store on; } }");
	refused("server { location / { dav_methods PUT; } }");
	refused("http { }");
	refused("stream { }");
}

static void sockets_of_the_host_are_refused(void **state)
{
	(void)state;
	refused("server { listen unix:/run/x.sock; }");
	refused("server { location / { proxy_pass http://unix:/run/docker.sock; } }");
	refused("server { location / { proxy_pass http://$arg_x; } }");
	refused("server { location / { proxy_pass $arg_x; } }");
	refused("upstream a { server unix:/run/docker.sock; }");
}

/* A word that we read otherwise than nginx does would be a way around the list. */
static void words_are_split_as_nginx_splits_them(void **state)
{
	(void)state;
	refused("}\nload_module x;");
	refused("server { } } load_module x;");
	refused("server {");
	refused("return 200");
	refused("server { return 200 \"a; }");
	refused("add_header a\"b; load_module x;");
	refused("add_header a 'b' ; load_module x;");
	refused("add_header A b#c; load_module x;");
	refused("set $a ${b; load_module x;");
	/* An escaped ";" ends no directive: the rest are words of the first one. */
	accepted("add_header A \\; load_module x;");
	refused("add_header A \\\\; load_module x;");
	refused("a'ccess_log' /x;");
	refused("{ }");
	refused(";");
	refused("add_header A \"b\"c;");
}

/* The file of app a: certificates, trees and snippets of b are not its own. */
static void what_is_another_apps_is_refused(void **state)
{
	(void)state;
	refused("server { ssl_certificate /var/lib/davit/tls/b/server.crt; }");
	refused("server { ssl_certificate_key /var/lib/davit/tls/b/server.key; }");
	refused("server { ssl_client_certificate /var/lib/davit/tls/aa/server.crt; }");
	refused("server { auth_basic_user_file /var/lib/davit/tls/b/server.key; }");
	refused("server { root /var/lib/davit/static/b/current; }");
	refused("server { root /var/lib/davit/static/; }");
	refused("server { include /var/lib/davit/nginx/snippets/b/*.conf; }");
	accepted("server { location / { alias /var/lib/davit/static/a/v1/; } }");
	accepted(
		"server { ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; }");
}

static void a_deep_text_is_refused(void **state)
{
	char text[4096] = "";
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "if (a) {");
	refused(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_site_of_an_app_is_accepted),
		cmocka_unit_test(files_elsewhere_are_refused),
		cmocka_unit_test(an_include_pattern_finds_nothing_elsewhere),
		cmocka_unit_test(sockets_are_refused_however_they_are_written),
		cmocka_unit_test(names_that_climb_out_of_the_root_are_refused),
		cmocka_unit_test(directives_with_power_are_refused),
		cmocka_unit_test(sockets_of_the_host_are_refused),
		cmocka_unit_test(words_are_split_as_nginx_splits_them),
		cmocka_unit_test(what_is_another_apps_is_refused),
		cmocka_unit_test(a_deep_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
