/* SPDX-License-Identifier: MIT */
/* Which of the files with passwords is for which image. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "runtime/registry.h"
#include "test_store.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

static struct store st = STORE_INIT;
static struct err err;

static int start(void **state)
{
	(void)state;
	test_store_open(&st);
	return 0;
}

static void keep(const char *app, const char *text)
{
	AUTO_FREE char *dir = registry_dir(test_dir, app);
	AUTO_FREE char *file = registry_file(test_dir, app);

	assert_int_equal(fs_mkdirs(dir, 0700, &err), 0);
	assert_int_equal(fs_write_atomic(file, text, strlen(text), 0600, &err), 0);
}

/* "app", "host" or "none". */
static void expect(const char *image, const char *whose)
{
	AUTO_FREE char *got = registry_file_for(test_dir, "blog", image);
	AUTO_FREE char *own = registry_file(test_dir, "blog");
	const char *is = !got ? "none" : strcmp(got, own) == 0 ? "app" : "host";

	if (strcmp(is, whose) != 0)
		fail_msg("%s: expected %s, got %s", image, whose, is);
}

static void the_apps_password_comes_before_the_hosts(void **state)
{
	(void)state;
	expect("ghcr.io/team/web:2", "none");
	keep(NULL, "{\"auths\": {\"ghcr.io\": {\"auth\": \"eDp5\"},"
		   " \"https://index.docker.io/v1/\": {\"auth\": \"eDp5\"}}}");
	keep("blog", "{\"auths\": {\"quay.io/team\": {\"auth\": \"eDp5\"},"
		     " \"127.0.0.1:5000\": {\"auth\": \"eDp5\"}}}");
	expect("ghcr.io/team/web:2", "host");
	expect("ghcr.io.example.org/team/web:2", "none");
	expect("alpine:3", "host");
	expect("team/web", "host");
	expect("docker.io/team/web", "host");
	expect("quay.io/team/web@sha256:00", "app");
	expect("quay.io/teams/web", "none");
	expect("127.0.0.1:5000/web", "app");
	expect("127.0.0.1:500/web", "none");
	expect("localhost/web", "none");
	keep("blog", "{\"auths\": {\"ghcr.io\": {\"auth\": \"eDp5\"}}}");
	expect("ghcr.io/team/web:2", "app");
	keep("blog", "{\"auths\": {}}");
	expect("ghcr.io/team/web:2", "host");
	keep("blog", "no json");
	expect("ghcr.io/team/web:2", "host");
}

static void an_image_names_its_registry(void **state)
{
	static const char *const names[][2] = {
		{ "alpine", "docker.io" },        { "team/web:2", "docker.io" },
		{ "localhost/web", "localhost" }, { "ghcr.io/team/web", "ghcr.io" },
		{ "box:5000/web:2", "box:5000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO_FREE char *is = registry_of_image(names[i][0]);

		assert_string_equal(is, names[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_apps_password_comes_before_the_hosts),
		cmocka_unit_test(an_image_names_its_registry),
	};

	return cmocka_run_group_tests(tests, start, test_store_remove);
}
