/* SPDX-License-Identifier: MIT */
/*
 * What a template has written.  Whatever is taken, davit-root's list takes too; and read
 * again it listens on no other port, speaks to no other backend, and defines nothing
 * without the app's name.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/nginx_check.h"
#include "util/nginx_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OWN      "davit_my-blog_"
#define ADDRESS  "10.1.2.3:5000"
#define VARIABLE "$davit_my_mblog__"

static bool begins(const char *word, const char *with)
{
	return strncmp(word, with, strlen(with)) == 0;
}

static bool is_backend(const char *host)
{
	size_t n = strcspn(host, "/?#$");

	return begins(host, OWN) || (n == strlen(ADDRESS) && begins(host, ADDRESS));
}

static bool is_port(const char *word)
{
	const char *colon = strrchr(word, ':');
	long port = strtol(colon ? colon + 1 : word, NULL, 10);

	return port == 80 || port == 443;
}

static void judge(const struct strv *w, bool opens)
{
	const char *name = w->v[0];
	const char *second = w->len > 1 ? w->v[1] : "";
	const char *scheme = strstr(second, "://");

	if ((strcmp(name, "proxy_pass") == 0 || strcmp(name, "grpc_pass") == 0) &&
	    (!scheme || !is_backend(scheme + 3)))
		abort();
	if (strcmp(name, "server") == 0 && !opens && !is_backend(second))
		abort();
	if (strcmp(name, "listen") == 0 && !is_port(second))
		abort();
	if (strcmp(name, "upstream") == 0 && !begins(second, OWN))
		abort();
	if (strcmp(name, "map") == 0 && (w->len != 3 || !begins(w->v[2], VARIABLE)))
		abort();
}

/* The lines of a map are no directives, whatever they look like. */
static void skip_table(struct nginx_reader *r)
{
	enum nginx_ending end;

	do {
		AUTO(strv_release) struct strv words = STRV_INIT;

		end = nginx_take_words(r, &words);
	} while (end == NGINX_SEMICOLON);
}

static void read_again(const char *text)
{
	struct nginx_reader r = NGINX_READER(text);
	enum nginx_ending end;

	do {
		AUTO(strv_release) struct strv words = STRV_INIT;

		end = nginx_take_words(&r, &words);
		if (end == NGINX_BAD)
			abort();
		if (words.len)
			judge(&words, end == NGINX_OPEN);
		if (end == NGINX_OPEN &&
		    (strcmp(words.v[0], "map") == 0 || strcmp(words.v[0], "types") == 0))
			skip_table(&r);
	} while (end != NGINX_TEXT);
	buf_release(&r.word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(nginx_values_release) struct nginx_values set = { .v = { NULL } };
	const struct strv none = STRV_INIT;
	const struct buf lines = BUF_INIT;
	struct vhost v = VHOST_INIT;
	const struct confine_want want = {
		.v = &v, .set = &set, .listeners = &none, .own_lines = &lines
	};
	struct err err;
	int line;

	for (size_t i = 0; i < NGINX_SETTINGS_MAX && i < nginx_settings.count; i++)
		set.v[i] = xstrdup("");
	v.app = "my-blog";
	v.address = xstrdup("10.1.2.3");
	v.tls = true;
	strv_add(&v.names, "a.example");
	v.ports[0] = (struct port_map){ .scheme = "http", .host = 80, .container = 5000 };
	v.ports[1] = (struct port_map){ .scheme = "https",
					.host = 443,
					.container = 5000 };
	v.port_count = 2;
	buf_add(&text, data, size);
	if (nginx_confine(&want, text.data, &out, &names, &err) == 0) {
		if (nginx_check(out.data, v.app, &line, &err) < 0)
			abort();
		read_again(out.data);
	}
	vhost_release(&v);
	return 0;
}
