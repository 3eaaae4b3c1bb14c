/* SPDX-License-Identifier: MIT */
/* Asking the helper, and what a container is asked to be. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <fcntl.h>
#include <string.h>

#include "runtime/container.h"
#include "runtime/helper.h"
#include "runtime/limits.h"
#include "store/property.h"
#include "test_store.h"
/* after the directory is known */
#include "test_helper.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"

static struct store st;
static struct app blog;
static struct err err;

static int start(void **state)
{
	(void)state;
	st = (struct store)STORE_INIT;
	test_store_open(&st);
	test_app(&st, "blog", &blog);
	test_helper_start();
	test_helper_answers("");
	return 0;
}

static int end(void **state)
{
	(void)state;
	store_close(&st);
	return 0;
}

static void a_batch_is_asked_in_order_and_answered(void **state)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO(buf_release) struct buf asked = BUF_INIT;
	AUTO(json_at) json_t *replies = NULL;

	(void)state;
	helper_add(&h, "net-up", NULL);
	helper_add(&h, "stop", json_pack("{s:s, s:i}", "id", "a.web.1", "grace_ms", 5));
	assert_int_equal(helper_run(&h, &replies, &err), 0);
	assert_int_equal(json_array_size(replies), 2);
	test_helper_asked("requests", &asked);
	assert_memory_equal(asked.data, "{\"verb\": \"net-up\"}\n", 19);
	assert_non_null(strstr(asked.data, "\"grace_ms\": 5"));
}

static void a_refusal_ends_the_batch_with_its_hint(void **state)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO(buf_release) struct buf asked = BUF_INIT;

	(void)state;
	test_helper_answers(
		"stop {\"ok\": false, \"error\": \"no\", \"hint\": \"try\"}\n");
	helper_add(&h, "stop", NULL);
	helper_add(&h, "delete", NULL);
	assert_int_equal(helper_run(&h, NULL, &err), -1);
	assert_string_equal(err.text, "no");
	assert_string_equal(err.hint, "try");
	assert_int_equal(err.kind, ERR_HOST);
	test_helper_asked("requests", &asked);
	assert_null(strstr(asked.data, "delete"));
}

static void what_the_helper_refuses_is_told_from_what_failed(void **state)
{
	(void)state;
	test_helper_answers("layer-remove {\"ok\": false, \"error\": \"in use\","
			    " \"kind\": \"refused\"}\n");
	assert_int_equal(helper_one("layer-remove", NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
}

static void plant_helper(const char *script)
{
	AUTO_FREE char *path = paths_in(test_dir, "libexec/davit-root");

	assert_int_equal(fs_write_atomic(path, script, strlen(script), 0755, &err), 0);
}

static void a_helper_that_dies_is_not_believed(void **state)
{
	(void)state;
	plant_helper("#!/bin/sh\nexit 3\n");
	assert_int_equal(helper_one("list", NULL, NULL, &err), -1);
	assert_non_null(strstr(err.text, "ended with status 3"));
	assert_true(err.hint[0] != '\0');
	plant_helper("#!/bin/sh\necho nonsense >&4\n");
	assert_int_equal(helper_one("list", NULL, NULL, &err), -1);
	plant_helper("#!/bin/sh\necho '{\"ok\":1}' >&4\n");
	assert_int_equal(helper_one("list", NULL, NULL, &err), -1);
}

static void a_missing_helper_is_named(void **state)
{
	AUTO_FREE char *path = paths_in(test_dir, "libexec/davit-root");

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(helper_one("list", NULL, NULL, &err), -1);
	assert_non_null(strstr(err.text, "davit-root"));
}

static void a_cancelled_helper_is_hung_up_on_and_waited_for(void **state)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO_FREE char *path = paths_in(test_dir, "libexec/undone");
	AUTO_FREE char *script = NULL;
	int64_t before = clock_ms();
	int fd[2];

	(void)state;
	/* It writes until nobody reads, then undoes what it did. */
	assert_true(
		asprintf(&script,
			 "#!/bin/sh\ntrap '' PIPE\nwhile echo >&4; do sleep 0.05; done "
			 "2>/dev/null\necho undone >%s\n",
			 path) > 0);
	plant_helper(script);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(close(fd[1]), 0);
	h.cancel_fd = fd[0];
	helper_add(&h, "run", NULL);
	assert_int_equal(helper_run(&h, NULL, &err), -1);
	(void)close(fd[0]);
	assert_non_null(strstr(err.text, "cancelled"));
	assert_true(fs_exists(path));
	assert_true(clock_ms() - before < 10000);
}

static void descriptors_are_passed_by_number(void **state)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO(json_at) json_t *replies = NULL;
	AUTO_CLOSE int one = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int two = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	const char *said;

	(void)state;
	plant_helper("#!/bin/sh\necho \"{\\\"ok\\\":true,\\\"a\\\":\\\"$(readlink "
		     "/proc/self/fd/6)\\\"}\" >&4\n");
	assert_int_equal(helper_pass(&h, one), 5);
	assert_int_equal(helper_pass(&h, two), 6);
	helper_add(&h, "unpack", NULL);
	assert_int_equal(helper_run(&h, &replies, &err), 0);
	said = json_string_value(json_object_get(json_array_get(replies, 0), "a"));
	assert_string_equal(said, "/etc/passwd");
}

static void sizes_are_bytes_with_a_suffix_and_megabytes_without(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} rows[] = {
		{ "512", 512LL << 20 },
		{ "512m", 512LL << 20 },
		{ "512M", 512LL << 20 },
		{ "1g", 1LL << 30 },
		{ "1.5g", 3LL << 29 },
		{ "64k", 64LL << 10 },
		{ "100b", 100 },
		{ "2Gi", 2LL << 30 },
		{ "10MB", 10LL << 20 },
		{ "0", 0 },
		{ "", -1 },
		{ "-1m", -1 },
		{ "m", -1 },
		{ "1x", -1 },
		{ "1 m", -1 },
		{ "0x10", -1 },
		{ "1e3", -1 },
		{ "inf", -1 },
		{ "99999999999g", -1 },
		{ "1m2", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (limits_parse_size(rows[i].text) != rows[i].bytes)
			fail_msg("'%s' is %lld", rows[i].text,
				 (long long)limits_parse_size(rows[i].text));
}

static void limit(const char *key, const char *value)
{
	assert_int_equal(property_set(&st, blog.id, "resource", key, value, &err), 0);
}

static void a_process_has_its_own_limits_or_those_of_all(void **state)
{
	struct limits l;

	(void)state;
	assert_int_equal(limits_of(&st, &blog, "web", &l, &err), 0);
	assert_int_equal(l.memory, 0);
	limit("_default_.limit.memory", "256m");
	limit("web.limit.memory", "1g");
	limit("_default_.limit.cpu", "0.5");
	limit("web.limit.pids", "-7");
	limit("_default_.limit.disk", "nonsense");
	assert_int_equal(limits_of(&st, &blog, "web", &l, &err), 0);
	assert_int_equal(l.memory, 1LL << 30);
	assert_int_equal(l.cpu, 500);
	assert_int_equal(l.pids, 0);
	assert_int_equal(l.disk, 0);
	assert_int_equal(limits_of(&st, &blog, "worker", &l, &err), 0);
	assert_int_equal(l.memory, 256LL << 20);
	limit("_default_.limit.cpu", "inf");
	assert_int_equal(limits_of(&st, &blog, "web", &l, &err), 0);
	assert_int_equal(l.cpu, 0);
}

/* "K=V" in the spec's environment: how often K stands there, and its value. */
static int variable(const json_t *spec, const char *key, const char **value)
{
	const json_t *item;
	size_t n = strlen(key);
	size_t i;
	int count = 0;

	json_array_foreach(json_object_get(spec, "env"), i, item) {
		const char *text = json_string_value(item);

		if (strncmp(text, key, n) == 0 && text[n] == '=') {
			*value = text + n + 1;
			count++;
		}
	}
	return count;
}

static void expect(const json_t *spec, const char *key, const char *want)
{
	const char *value = NULL;

	if (variable(spec, key, &value) != 1)
		fail_msg("%s does not stand once", key);
	assert_string_equal(value, want);
}

static void a_variable_comes_from_the_nearest_to_the_caller(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	AUTO(strv_release) struct strv over = STRV_INIT;
	AUTO(json_at) json_t *spec = NULL;
	struct container c = { .app = &blog,
			       .release = &r,
			       .id = "blog.web.2",
			       .process = "web",
			       .number = 2,
			       .port = 5000,
			       .command = "run it",
			       .env = &over };
	const char *ignored;

	(void)state;
	r.image.env = json_pack("{s:s, s:s, s:s}", "A", "image", "B", "image", "LANG",
				"de_DE.UTF-8");
	r.config = json_pack("{s:s, s:s, s:s, s:s}", "B", "config", "C", "config", "PORT",
			     "1", "DYNO", "x");
	strv_add(&over, "C=caller=1");
	strv_add(&over, "D=");
	strv_add(&over, "no assignment");
	assert_int_equal(container_spec(&st, &c, &spec, &err), 0);
	expect(spec, "A", "image");
	expect(spec, "B", "config");
	expect(spec, "C", "caller=1");
	expect(spec, "D", "");
	expect(spec, "LANG", "de_DE.UTF-8");
	expect(spec, "HOME", "/app");
	expect(spec, "PORT", "5000");
	expect(spec, "DYNO", "web.2");
	assert_int_equal(variable(spec, "no assignment", &ignored), 0);
}

static void a_container_is_described_whole(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	AUTO(json_at) json_t *spec = NULL;
	struct container c = { .app = &blog,
			       .release = &r,
			       .id = "x",
			       .process = "run",
			       .number = 1,
			       .argv = (const char *const[]){ "ls", "-l", NULL } };
	const char *value;

	(void)state;
	strv_split(&r.image.layers, "top base", " ");
	limit("_default_.limit.memory", "64m");
	assert_int_equal(container_spec(&st, &c, &spec, &err), 0);
	assert_string_equal(json_string_value(json_object_get(spec, "app")), "blog");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(spec, "layers"), 0)),
		"top");
	assert_int_equal(json_array_size(json_object_get(spec, "argv")), 2);
	assert_int_equal(json_integer_value(json_object_get(spec, "uid")), 1000);
	assert_int_equal(json_integer_value(json_object_get(spec, "memory")), 64 << 20);
	assert_string_equal(json_string_value(json_object_get(spec, "cwd")), "/app");
	assert_string_equal(json_string_value(json_object_get(spec, "profile")), "app");
	assert_int_equal(variable(spec, "PORT", &value), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_batch_is_asked_in_order_and_answered),
		TEST(a_refusal_ends_the_batch_with_its_hint),
		TEST(what_the_helper_refuses_is_told_from_what_failed),
		TEST(a_helper_that_dies_is_not_believed),
		TEST(a_missing_helper_is_named),
		TEST(a_cancelled_helper_is_hung_up_on_and_waited_for),
		TEST(descriptors_are_passed_by_number),
		TEST(sizes_are_bytes_with_a_suffix_and_megabytes_without),
		TEST(a_process_has_its_own_limits_or_those_of_all),
		TEST(a_variable_comes_from_the_nearest_to_the_caller),
		TEST(a_container_is_described_whole),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
