/* SPDX-License-Identifier: MIT */
/* What a template of an app's may have written: nothing that reaches another app or the
 * host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static struct vhost v;
static struct nginx_values set;
static struct strv listeners;
static struct strv names;
static struct buf out;

static int make_world(void **state)
{
	struct store st = STORE_INIT;
	struct app app;
	struct err err;
	AUTO_FREE char *dir = paths_in(paths_root(), "store");

	(void)state;
	assert_int_equal(fs_mkdirs(dir, 0700, &err), 0);
	assert_int_equal(store_open(&st, true, &err), 0);
	assert_int_equal(app_create(&st, "my-blog", &app, &err), 0);
	assert_int_equal(nginx_values_load(&st, &app, &set, &err), 0);
	store_close(&st);
	v = (struct vhost)VHOST_INIT;
	v.app = "my-blog";
	strv_add(&v.names, "blog.example.com");
	v.ports[0] = (struct port_map){ .scheme = "http", .host = 80, .container = 5000 };
	v.ports[1] = (struct port_map){ .scheme = "https",
					.host = 443,
					.container = 5000 };
	v.port_count = 2;
	v.tls = true;
	v.address = xstrdup("10.1.2.3");
	buf_adds(&v.lines, "\tadd_header X-Of A;\n");
	strv_init(&listeners);
	strv_init(&names);
	buf_init(&out);
	strv_add(&listeners, "10.1.9.9:5000");
	return 0;
}

static int drop_world(void **state)
{
	struct err err;

	(void)state;
	vhost_release(&v);
	nginx_values_release(&set);
	strv_release(&listeners);
	strv_release(&names);
	buf_release(&out);
	(void)fs_remove_tree(paths_root(), &err);
	return 0;
}

static int confine(const char *text, struct err *err)
{
	const struct confine_want want = {
		.v = &v, .set = &set, .listeners = &listeners, .own_lines = &v.lines
	};

	buf_reset(&out);
	strv_release(&names);
	return nginx_confine(&want, text, &out, &names, err);
}

static void gives(const char *text, const char *wanted)
{
	struct err err;

	if (confine(text, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(out.data, wanted);
}

static void refuses(const char *text, const char *words)
{
	struct err err;

	if (confine(text, &err) == 0)
		fail_msg("%s is taken: %s", text, out.data);
	if (!strstr(err.text, words))
		fail_msg("%s: %s, not %s", text, err.text, words);
}

/* In a server that is fine but for this line. */
static void refuses_line(const char *line, const char *words)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	buf_addf(&text, "server {\nlisten 80;\nserver_name a.example;\n%s\n}\n", line);
	refuses(text.data, words);
}

static void takes_line(const char *line)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err err;

	buf_addf(&text, "server {\nlisten 80;\nserver_name a.example;\n%s\n}\n", line);
	if (confine(text.data, &err) < 0)
		fail_msg("%s: %s", line, err.text);
}

static void what_is_its_own(void **state)
{
	(void)state;
	gives("server { listen [::]:80; listen 80; server_name blog.example.com x.example;\n"
	      " location / { proxy_pass http://my-blog-5000; } }\n"
	      "upstream my-blog-5000 { server 10.1.2.3:5000; }\n",
	      "server { listen [::]:80; listen 80; server_name blog.example.com x.example;\n"
	      " location / { proxy_pass http://davit_my-blog_my-blog-5000; } }\n"
	      "upstream davit_my-blog_my-blog-5000 { server 10.1.2.3:5000 max_fails=0; "
	      "server 10.1.2.3:5000 max_fails=0; }\n");
	assert_int_equal(names.len, 2);
	assert_string_equal(names.v[1], "x.example");
	gives("upstream w { server 10.1.9.9:5000 weight=2; }",
	      "upstream davit_my-blog_w { server 10.1.9.9:5000 weight=2; }");
	takes_line("location / { proxy_pass http://10.1.2.3:5000/x$request_uri; }");
	takes_line("access_log off; error_log /var/log/nginx/my-blog-error.log;");
	takes_line("ssl_certificate /var/lib/davit/tls/my-blog/server.crt;");
	takes_line("location ~* \"\\.(css|js)$\" { expires 1d; } include mime.types;");
	takes_line("location ~ (?<=a)b(?!c) { return 200; }");
	takes_line("client_max_body_size 10g; proxy_buffers 8 16k;");
}

/* Maps, upstreams and zones have one name in all of nginx. */
static void names_become_its_own(void **state)
{
	(void)state;
	gives("map $http_upgrade $connection_upgrade { default $up; '' \"$connection_upgrade\"; }\n"
	      "server { listen 80; server_name a;\n"
	      "proxy_set_header Connection $connection_upgrade; set $a ${connection_upgrade}x; }\n",
	      "map $http_upgrade $davit_my_mblog__connection_upgrade { default $up; '' "
	      "\"$davit_my_mblog__connection_upgrade\"; }\n"
	      "server { listen 80; server_name a;\n"
	      "proxy_set_header Connection $davit_my_mblog__connection_upgrade; set $a "
	      "${davit_my_mblog__connection_upgrade}x; }\n");
	gives("map $a $key { default b; } limit_req_zone $key zone=one:1m rate=1r/s;\n"
	      "limit_conn_zone $key zone=two:1m;\n"
	      "server { listen 80; server_name a; limit_req zone=one burst=5;\n"
	      "limit_req zone=admins; limit_conn two 3;\n"
	      "ssl_session_cache shared:SSL:1m; }\n"
	      "upstream u { zone u 64k; server 10.1.2.3:5000 weight=1; }",
	      "map $a $davit_my_mblog__key { default b; } limit_req_zone "
	      "$davit_my_mblog__key zone=davit_my-blog_one:1m rate=1r/s;\n"
	      "limit_conn_zone $davit_my_mblog__key zone=davit_my-blog_two:1m;\n"
	      "server { listen 80; server_name a; limit_req zone=davit_my-blog_one burst=5;\n"
	      "limit_req zone=admins; limit_conn davit_my-blog_two 3;\n"
	      "ssl_session_cache shared:davit_my-blog_SSL:1m; }\n"
	      "upstream davit_my-blog_u { zone davit_my-blog_u 64k; server "
	      "10.1.2.3:5000 weight=1; }");
}

static void its_lines_stand_in_its_servers(void **state)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	(void)state;
	buf_addf(
		&text,
		"server { listen 80; server_name a;\ninclude %s/my-blog/nginx.conf.d/*.conf;}",
		plugin_home());
	gives(text.data, "server { listen 80; server_name a;\n\tadd_header X-Of A;\n}");
	buf_reset(&text);
	buf_addf(&text, "include %s/other/nginx.conf.d/*.conf;", plugin_home());
	refuses_line(text.data, "files of the host are not read");
	refuses_line("include /etc/nginx/conf.d/*.conf;", "files of the host");
}

static void another_port_is_refused(void **state)
{
	(void)state;
	refuses("\nserver { listen 8080; server_name a; }",
		"line 2: listen 8080: port 8080");
	refuses("server { server_name a; }", "without listen takes port 80");
	refuses("server { listen 203.0.113.5:80; server_name a; }",
		"not an address of this");
	refuses("server { listen [2001:db8::1]:80; server_name a; }",
		"not an address of");
	refuses("server { listen 80 default_server; server_name a; }",
		"every app on this port");
	refuses("server { listen 80 proxy_protocol; server_name a; }",
		"every app on this port");
	refuses("server { listen 80 reuseport; server_name a; }",
		"every app on this port");
	refuses("server { listen 80 ssl; server_name a; }", "speaks plain HTTP");
	v.ports[2] = (struct port_map){
		.scheme = "https", .host = 8080, .container = 5000, .clash = SPEAKS_HTTP
	};
	v.port_count = 3;
	refuses("server { listen 8080 ssl; server_name a; }", "not one of this app's");
	v.port_count = 2;
	refuses("server { listen 80; }", "all apps share this port");
	refuses("server { listen 1-65535; server_name a; }", "write listen PORT");
	refuses("server { listen unix:/run/x; server_name a; }", "listen unix:/run/x");
	refuses("server { listen 80; listen 22; server_name a; }", "port 22");
}

/* It would turn a port of every app into one that browsers do not speak. */
static void plain_http2_is_left_out(void **state)
{
	(void)state;
	gives("server { listen 80 http2; listen 443 ssl http2; server_name a; }",
	      "server { listen 80 ; listen 443 ssl http2; server_name a; }");
}

static void names_of_all_are_refused(void **state)
{
	(void)state;
	refuses("server { listen 80; server_name ~.*; }", "could be any app's");
	refuses("server { listen 80; server_name \"\"; }", "could be any app's");
	refuses("server { listen 80; server_name $hostname; }", "could be any app's");
}

static void another_backend_is_refused(void **state)
{
	static const char *const hosts[] = {
		"127.0.0.1:5432",   "localhost:80",
		"169.254.169.254",  "[::1]:80",
		"10.1.2.4:5000",    "10.1.2.3:22",
		"davit_other_5000", "metadata.google.internal",
		"my-blog-5000",     "0x7f000001"
	};

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		AUTO(buf_release) struct buf line = BUF_INIT;

		buf_addf(&line, "location / { proxy_pass http://%s/; }", hosts[i]);
		refuses_line(line.data, "is not this app");
		buf_reset(&line);
		buf_addf(&line, "location / { grpc_pass grpc://%s; }", hosts[i]);
		refuses_line(line.data, "is not this app");
		buf_reset(&line);
		buf_addf(&line, "upstream a { server %s; }", hosts[i]);
		refuses(line.data, "is not this app");
	}
	refuses_line("location / { proxy_pass http://unix:/run/docker.sock; }",
		     "proxy_pass");
	refuses_line("location / { proxy_pass $arg_x; }", "proxy_pass");
	refuses_line("location / { proxy_pass http://10.1.2.3:5000$x; }", "proxy_pass");
	refuses_line("location / { proxy_pass HTTP://127.0.0.1; }", "proxy_pass");
	refuses("upstream a { server unix:/run/docker.sock; }", "socket");
	refuses("upstream 127.0.0.1:80 { }", "a name of letters");
	refuses_line("proxy_bind 127.0.0.1;", "leave it out");
	refuses_line("ssl_stapling on;", "leave it out");
	refuses_line("fastcgi_pass 127.0.0.1:9000;", "is not taken");
}

static void what_all_apps_see_is_refused(void **state)
{
	(void)state;
	refuses("gzip on;", "in force for every app");
	refuses("\n\nclient_max_body_size 1;",
		"line 3: client_max_body_size 1: here it is");
	refuses("proxy_set_header Host x;", "in force for every app");
	refuses("include mime.types;", "in force for every app");
	refuses("server 127.0.0.1:22;", "in force for every app");
	refuses("map $a $b {\n default x;\n include /etc/shadow;\n}", "line 3: include");
	refuses("map $a $davit_connection { default x; }\nserver { listen 80; server_name a; "
		"set $davit_connection x; }",
		"names of davit's own");
	refuses_line("location ~ (?<args>.*) { return 200; }", "a group with a name");
	refuses_line("location ~ (?P<args>.*) { return 200; }", "a group with a name");
	refuses_line("rewrite \"(?'davit_connection'.*)\" / last;",
		     "a group with a name");
	refuses("map $a $b { \"~(?<args>.*)\" x; }", "a group with a name");
	refuses_line("limit_req zone=davit_other_one;", "not a zone of this app's");
	refuses_line("server { listen 80; }", "cannot stand here");
}

static void patterns_have_a_limit(void **state)
{
#define LIMIT "(*LIMIT_MATCH=100000)"
	(void)state;
	gives("map $a $key { default ~b; ~x+ 1; \"~*y z\" ~2; }\n"
	      "server { listen 80; server_name a; gzip_disable msie6 MSIE;\n"
	      "location ~ ^/(a+)+$ { return 204; } location ~* \"\\.php$\" { return 204; }\n"
	      "location ~^/b { return 204; } location ^~ /~c { return 200 ~; }\n"
	      "location = /~d { return 200 ~e; } location '~*\\.d' { return 204; }\n"
	      "if ($key ~ ^x) { return 204; } if ($key !~* \"y\") { return 204; }\n"
	      "if ($key = ~x) { return 204; } rewrite ^/(.*)$ /$key/$1 last;\n"
	      "proxy_redirect ~^(.+)$ $1; set $a ~x; }\n",
	      "map $a $davit_my_mblog__key { default ~b; ~" LIMIT "x+ 1; \"~*" LIMIT
	      "y z\" ~2; }\n"
	      "server { listen 80; server_name a; gzip_disable msie6 " LIMIT "MSIE;\n"
	      "location ~ " LIMIT "^/(a+)+$ { return 204; } location ~* \"" LIMIT
	      "\\.php$\" { return 204; }\n"
	      "location ~" LIMIT "^/b { return 204; } location ^~ /~c { return 200 ~; }\n"
	      "location = /~d { return 200 ~e; } location '~*" LIMIT
	      "\\.d' { return 204; }\n"
	      "if ($davit_my_mblog__key ~ " LIMIT
	      "^x) { return 204; } if ($davit_my_mblog__key !~* \"" LIMIT
	      "y\") { return 204; }\n"
	      "if ($davit_my_mblog__key = ~x) { return 204; } rewrite " LIMIT
	      "^/(.*)$ /$davit_my_mblog__key/$1 last;\n"
	      "proxy_redirect ~" LIMIT "^(.+)$ $1; set $a ~x; }\n");
}

static void files_of_the_host_are_refused(void **state)
{
	(void)state;
	refuses_line("root /etc;", "line 4: root /etc: /etc is not a place");
	refuses_line("location / { alias /home/; }", "is not a place");
	refuses_line("root /var/lib/davit/static/my-blog/current;", "files of the host");
	refuses_line("access_log /etc/cron.d/x;", "is not a place");
	refuses_line("access_log /var/log/nginx/other-access.log;",
		     "a log of this app's");
	refuses_line("error_log /var/log/nginx/my-blog-x-error.log;",
		     "a log of this app's");
	refuses_line("error_log off;", "a log of this app's");
	refuses_line("ssl_certificate_key /var/lib/davit/tls/other/server.key;",
		     "not a place");
	refuses_line("load_module x;", "is not taken");
	refuses_line("perl x;", "is not taken");
	refuses_line("content_by_lua_block { x; }", "is not taken");
}

static void too_much_is_refused(void **state)
{
	(void)state;
	refuses("upstream a { keepalive 1000000000; }", "too much");
	refuses_line("proxy_buffers 100000 1m;", "too much");
	refuses_line("client_body_buffer_size 1g;", "too much");
	refuses_line("types_hash_max_size 1000000000;", "too much");
	refuses_line("ssl_session_cache shared:a:10g;", "zones of an app");
	refuses("limit_req_zone $a zone=a:40m rate=1r/s; limit_req_zone $a zone=b:40m rate=1r/s;",
		"zones of an app");
}

static void broken_text_is_refused(void **state)
{
	(void)state;
	refuses("some lame nginx config\n", "ends too early");
	refuses("server {", "a brace too many or too few");
	refuses("server { listen 80; server_name a; } }", "a brace too many or too few");
	refuses("server { return 200 \"a; }", "ends too early");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_its_own),
		cmocka_unit_test(names_become_its_own),
		cmocka_unit_test(its_lines_stand_in_its_servers),
		cmocka_unit_test(another_port_is_refused),
		cmocka_unit_test(plain_http2_is_left_out),
		cmocka_unit_test(names_of_all_are_refused),
		cmocka_unit_test(another_backend_is_refused),
		cmocka_unit_test(what_all_apps_see_is_refused),
		cmocka_unit_test(patterns_have_a_limit),
		cmocka_unit_test(files_of_the_host_are_refused),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(broken_text_is_refused),
	};

	return cmocka_run_group_tests(tests, make_world, drop_world);
}
