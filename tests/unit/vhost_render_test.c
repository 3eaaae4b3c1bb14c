/* SPDX-License-Identifier: MIT */
/* The nginx file of an app: what stands in it, and that nothing else can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

struct world {
	struct store st;
	struct app app;
	struct vhost v;
	struct nginx_values set;
	struct buf text;
};

static int make_world(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct err err = { .kind = ERR_NONE };
	AUTO_FREE char *dir = paths_in(paths_root(), "store");

	assert_int_equal(fs_mkdirs(dir, 0700, &err), 0);
	w->st = (struct store)STORE_INIT;
	assert_int_equal(store_open(&w->st, true, &err), 0);
	assert_int_equal(app_create(&w->st, "blog", &w->app, &err), 0);
	w->v = (struct vhost)VHOST_INIT;
	w->v.app = "blog";
	w->v.ipv6 = true;
	strv_add(&w->v.names, "blog.example.com");
	w->v.ports[0] = (struct port_map){ .scheme = "http",
					   .host = 80,
					   .container = 5000 };
	w->v.port_count = 1;
	w->v.address = xstrdup("10.1.2.3");
	(void)snprintf(w->v.host_address, sizeof w->v.host_address, "203.0.113.5");
	w->text = (struct buf)BUF_INIT;
	*state = w;
	return 0;
}

static int drop_world(void **state)
{
	struct world *w = *state;
	struct err err;

	vhost_release(&w->v);
	nginx_values_release(&w->set);
	buf_release(&w->text);
	store_close(&w->st);
	(void)fs_remove_tree(paths_root(), &err);
	free(w);
	return 0;
}

static void set(struct world *w, const char *key, const char *value)
{
	struct err err;

	assert_int_equal(property_set(&w->st, w->app.id, NGINX_PLUGIN, key, value, &err),
			 0);
}

static const char *render(struct world *w)
{
	struct err err;

	nginx_values_release(&w->set);
	assert_int_equal(nginx_values_load(&w->st, &w->app, &w->set, &err), 0);
	buf_reset(&w->text);
	nginx_render(&w->v, &w->set, &w->text);
	assert_int_equal(nginx_lines_check(w->text.data, &err), 0);
	return w->text.data;
}

static int occurrences(const char *text, const char *word)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		n++;
	return n;
}

static void use_files(struct world *w)
{
	free(w->v.address);
	w->v.address = NULL;
	w->v.root = xstrdup("/var/lib/davit/static/blog/current");
}

static void use_tls(struct world *w)
{
	w->v.tls = true;
	w->v.ports[1] = (struct port_map){ .scheme = "https",
					   .host = 443,
					   .container = 5000 };
	w->v.port_count = 2;
}

static void the_fixed_address_is_listed_for_each_try(void **state)
{
	const char *text = render(*state);

	assert_int_equal(occurrences(text, "\tserver 10.1.2.3:5000 max_fails=0;\n"), 4);
	assert_non_null(strstr(text, "proxy_pass http://davit_blog_5000;"));
	assert_non_null(strstr(text, "proxy_next_upstream_tries 4;"));
	assert_null(strstr(text, "keepalive 16"));
}

static void names_are_quoted_and_both_families_listen(void **state)
{
	const char *text = render(*state);

	assert_non_null(strstr(text, "\tserver_name \"blog.example.com\";\n"));
	assert_non_null(strstr(text, "\tlisten [::]:80;\n\tlisten 80;\n"));
	assert_null(strstr(text, "default_server"));
}

static void a_host_without_ipv6_listens_on_ipv4_alone(void **state)
{
	struct world *w = *state;

	w->v.ipv6 = false;
	assert_null(strstr(render(w), "[::]"));
}

static void without_a_name_the_app_owns_its_port(void **state)
{
	struct world *w = *state;
	const char *text;

	strv_release(&w->v.names);
	w->v.ports[0].host = 8001;
	text = render(w);
	assert_non_null(strstr(text, "\tlisten 8001 default_server;\n"));
	assert_non_null(strstr(text, "server_name \"_\";"));
}

static void without_a_name_a_shared_port_answers_to_the_host_address(void **state)
{
	struct world *w = *state;
	const char *text;

	strv_release(&w->v.names);
	text = render(w);
	assert_null(strstr(text, "default_server"));
	assert_non_null(strstr(text, "server_name \"203.0.113.5\";"));
}

static void what_the_app_is_told_about_the_request(void **state)
{
	const char *text = render(*state);

	assert_non_null(strstr(text, "X-Forwarded-For $remote_addr;"));
	assert_non_null(strstr(text, "X-Forwarded-Proto $scheme;"));
	assert_non_null(strstr(text, "X-Forwarded-Port $server_port;"));
	assert_non_null(strstr(text, "X-Forwarded-Host $http_host;"));
	assert_non_null(strstr(text, "X-Request-Start $msec;"));
	assert_non_null(strstr(text, "X-Request-Id $davit_request_id;"));
	assert_non_null(strstr(text, "Upgrade $http_upgrade;"));
	assert_non_null(strstr(text, "Connection $davit_connection;"));
	assert_null(strstr(text, "X-Forwarded-Ssl"));
}

static void properties_reach_their_directives(void **state)
{
	struct world *w = *state;
	const char *text;

	set(w, "client-max-body-size", "50m");
	set(w, "proxy-read-timeout", "5m");
	set(w, "access-log-path", "off");
	set(w, "x-forwarded-ssl", "on");
	set(w, "bind-address-ipv4", "192.0.2.7");
	set(w, "proxy-keepalive", "16");
	text = render(w);
	assert_non_null(strstr(text, "client_max_body_size 50m;"));
	assert_non_null(strstr(text, "proxy_read_timeout 5m;"));
	assert_non_null(strstr(text, "access_log  off;"));
	assert_non_null(strstr(text, "X-Forwarded-Ssl on;"));
	assert_non_null(strstr(text, "listen 192.0.2.7:80;"));
	assert_non_null(strstr(text, "\tkeepalive 16;\n"));
	assert_non_null(strstr(text, "Connection $davit_kept_connection;"));
}

static void files_come_from_the_release_and_follow_no_symlink(void **state)
{
	struct world *w = *state;
	const char *text;

	use_files(w);
	text = render(w);
	assert_non_null(strstr(text, "root \"/var/lib/davit/static/blog/current\";"));
	assert_non_null(strstr(text, "disable_symlinks on from=$document_root;"));
	assert_non_null(strstr(text, "location ~ \"/\\.(?!well-known(/|$))\""));
	assert_null(strstr(text, "upstream"));
	assert_null(strstr(text, "proxy_pass"));
}

static void with_a_certificate_plain_http_is_sent_on(void **state)
{
	struct world *w = *state;
	const char *text;

	use_tls(w);
	text = render(w);
	assert_non_null(strstr(text, "return 301 https://$host:443$request_uri;"));
	assert_non_null(strstr(text, "listen 443 ssl http2;"));
	assert_non_null(strstr(text, "ssl_certificate_key \""));
	assert_non_null(strstr(text, "max-age=15724800; includeSubdomains\" always;"));
	assert_int_equal(occurrences(text, "upstream davit_"), 1);
	assert_int_equal(occurrences(text, "proxy_pass "), 1);
}

static void a_renewed_certificate_changes_the_file(void **state)
{
	struct world *w = *state;
	AUTO_FREE char *before = NULL;

	use_tls(w);
	w->v.certificate = 1;
	before = xstrdup(render(w));
	w->v.certificate = 2;
	assert_string_not_equal(render(w), before);
}

static void hsts_is_a_choice(void **state)
{
	struct world *w = *state;

	use_tls(w);
	set(w, "hsts", "false");
	assert_null(strstr(render(w), "Strict-Transport-Security"));
	set(w, "hsts", "true");
	set(w, "hsts-preload", "true");
	set(w, "hsts-include-subdomains", "false");
	assert_non_null(strstr(render(w), "\"max-age=15724800; preload\""));
}

static void https_without_a_certificate_is_left_out(void **state)
{
	struct world *w = *state;
	const char *text;

	use_tls(w);
	w->v.tls = false;
	text = render(w);
	assert_null(strstr(text, "443"));
	assert_null(strstr(text, "301"));
}

/* However it came into the store: every app on that port would speak it. */
static void a_map_that_its_port_does_not_speak_is_left_out(void **state)
{
	struct world *w = *state;
	struct vhost v = VHOST_INIT;
	const char *text;
	struct err err;

	use_tls(w);
	w->v.ports[1].host = 80;
	w->v.ports[1].clash = SPEAKS_HTTP;
	text = render(w);
	assert_null(strstr(text, "ssl"));
	assert_null(strstr(text, "301"));
	assert_int_equal(occurrences(text, "\nserver {"), 1);
	assert_int_equal(property_set(&w->st, w->app.id, "ports", "map",
				      "https:80:5000\nhttp:80:5000\nhttp:8080:5000\n"
				      "grpc:8080:5001\nudp:443:53\n",
				      &err),
			 0);
	assert_int_equal(vhost_foresee(&w->st, &w->app, &v, &err), 0);
	assert_int_equal(v.port_count, 5);
	assert_int_equal(v.ports[0].clash, SPEAKS_HTTP);
	assert_int_equal(v.ports[1].clash, SPEAKS_NOTHING);
	assert_int_equal(v.ports[2].clash, SPEAKS_NOTHING);
	assert_int_equal(v.ports[3].clash, SPEAKS_HTTP);
	assert_false(nginx_serves(&v, &v.ports[3]));
	vhost_release(&v);
}

static void two_maps_to_one_container_port_share_an_upstream(void **state)
{
	struct world *w = *state;
	const char *text;

	w->v.ports[1] = (struct port_map){ .scheme = "http",
					   .host = 8080,
					   .container = 5000 };
	w->v.ports[2] = (struct port_map){ .scheme = "http",
					   .host = 8081,
					   .container = 6000 };
	w->v.port_count = 3;
	text = render(w);
	assert_int_equal(occurrences(text, "upstream davit_blog_5000 {"), 1);
	assert_int_equal(occurrences(text, "upstream davit_blog_6000 {"), 1);
	assert_int_equal(occurrences(text, "\nserver {"), 3);
}

static void lines_of_plugins_stand_in_every_server(void **state)
{
	struct world *w = *state;

	use_tls(w);
	buf_adds(&w->v.lines, "add_header X-Plugin here;");
	assert_int_equal(occurrences(render(w), "add_header X-Plugin here;\n"), 2);
}

static void a_quoted_word_cannot_end(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;

	(void)state;
	nginx_quote(&out, "a\"; evil \\");
	assert_string_equal(out.data, "\"a\\\"; evil \\\\\"");
}

int main(void)
{
	char dir[] = "/tmp/vhost_render.XXXXXX";
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, drop_world)
		TEST(the_fixed_address_is_listed_for_each_try),
		TEST(names_are_quoted_and_both_families_listen),
		TEST(a_host_without_ipv6_listens_on_ipv4_alone),
		TEST(without_a_name_the_app_owns_its_port),
		TEST(without_a_name_a_shared_port_answers_to_the_host_address),
		TEST(what_the_app_is_told_about_the_request),
		TEST(properties_reach_their_directives),
		TEST(files_come_from_the_release_and_follow_no_symlink),
		TEST(with_a_certificate_plain_http_is_sent_on),
		TEST(a_renewed_certificate_changes_the_file),
		TEST(hsts_is_a_choice),
		TEST(https_without_a_certificate_is_left_out),
		TEST(a_map_that_its_port_does_not_speak_is_left_out),
		TEST(two_maps_to_one_container_port_share_an_upstream),
		TEST(lines_of_plugins_stand_in_every_server),
		TEST(a_quoted_word_cannot_end),
	};

	if (!mkdtemp(dir) || setenv("DAVIT_ROOT", dir, 1) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
