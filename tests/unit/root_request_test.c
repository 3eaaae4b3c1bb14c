/* SPDX-License-Identifier: MIT */
/* Fields of a request: what is let in, and that nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "root/container.h"
#include "root/protocol.h"
#include "root/request.h"
#include "root/verbs.h"

static json_t *parsed(const char *text)
{
	json_t *op = json_loads(text, JSON_ALLOW_NUL, NULL);

	assert_non_null(op);
	return op;
}

static void an_unknown_and_a_missing_field_are_errors(void **state)
{
	json_t *op = parsed("{\"verb\":\"x\",\"a\":1}");
	struct err err;

	(void)state;
	assert_int_equal(request_fields(op, "a", &err), 0);
	assert_int_equal(request_fields(op, "a b?", &err), 0);
	assert_int_equal(request_fields(op, "a b", &err), -1);
	assert_non_null(strstr(err.text, "field b: missing"));
	assert_int_equal(request_fields(op, "", &err), -1);
	assert_non_null(strstr(err.text, "field a: unknown"));
	json_decref(op);
}

static void only_normal_absolute_paths_pass(void **state)
{
	(void)state;
	assert_true(request_path_ok("/"));
	assert_true(request_path_ok("/app/..x/.y"));
	assert_false(request_path_ok(""));
	assert_false(request_path_ok("app"));
	assert_false(request_path_ok("/app/"));
	assert_false(request_path_ok("//app"));
	assert_false(request_path_ok("/app/../etc"));
	assert_false(request_path_ok("/app/."));
	assert_false(request_path_ok("/.."));
}

static void names_of_apps_cannot_leave_their_directory(void **state)
{
	(void)state;
	assert_true(request_is_app("blog"));
	assert_true(request_is_app(STACK_APP));
	assert_false(request_is_app("-other"));
	assert_false(request_is_app(".."));
	assert_false(request_is_app("a/b"));
	assert_false(request_is_app(""));
	assert_false(request_is_app("A"));
}

static void a_variable_needs_a_proper_name(void **state)
{
	(void)state;
	assert_true(request_env_item("A=") && request_env_item("_a1=x=y\n"));
	assert_false(request_env_item("A"));
	assert_false(request_env_item("=x"));
	assert_false(request_env_item("A B=x"));
	assert_false(request_env_item("1A=x"));
}

static void a_nul_and_a_long_text_are_refused(void **state)
{
	json_t *op = parsed("{\"a\":\"x\\u0000y\",\"b\":\"12345\"}");
	const char *s;
	struct err err;

	(void)state;
	assert_int_equal(request_text(op, "a", 10, &s, &err), -1);
	assert_int_equal(request_text(op, "b", 4, &s, &err), -1);
	assert_int_equal(request_text(op, "b", 5, &s, &err), 0);
	json_decref(op);
}

static void numbers_and_descriptors_have_ranges(void **state)
{
	json_t *op = parsed("{\"n\":5,\"s\":\"5\",\"r\":5.0,\"low\":2,\"closed\":4000}");
	struct request_range r = { .min = 1, .max = 4, .otherwise = 3 };
	struct err err;
	long n;
	int fd;

	(void)state;
	assert_int_equal(request_int(op, "n", r, &n, &err), -1);
	r.max = 5;
	assert_int_equal(request_int(op, "n", r, &n, &err), 0);
	assert_int_equal(request_int(op, "absent", r, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_int_equal(request_int(op, "s", r, &n, &err), -1);
	assert_int_equal(request_int(op, "r", r, &n, &err), -1);
	assert_int_equal(request_fd(op, "low", &fd, &err), -1);
	assert_int_equal(request_fd(op, "closed", &fd, &err), -1);
	json_decref(op);
}

static int container(const char *more, struct err *err)
{
	struct container c;
	char text[1024];
	json_t *op;
	int rc;

	(void)snprintf(
		text, sizeof text,
		"{\"id\":\"a.1\",\"app\":\"a\",\"layers\":[\"l\"],\"argv\":[\"x\"]%s%s}",
		more[0] ? "," : "", more);
	op = parsed(text);
	rc = container_parse(op, &c, err);
	container_release(&c);
	json_decref(op);
	return rc;
}

static void a_forged_container_is_refused(void **state)
{
	static const char *const bad[] = {
		"\"id\":\"../x\"",
		"\"app\":\"..\"",
		"\"layers\":[]",
		"\"layers\":[\"../l\"]",
		"\"layers\":[\".new-1-x\"]",
		"\"argv\":[]",
		"\"argv\":[\"\"]",
		"\"env\":[\"A B=1\"]",
		"\"cwd\":\"app\"",
		"\"cwd\":\"/a/../..\"",
		"\"uid\":-1",
		"\"uid\":65536",
		"\"profile\":\"root\"",
		"\"profile\":\"package\"",
		"\"network\":\"host\"",
		"\"hostname\":\"a b\"",
		"\"memory\":-1",
		"\"memory\":1000",
		"\"pids\":\"x\"",
		"\"mounts\":[{\"kind\":\"host\",\"path\":\"/etc\",\"target\":\"/x\"}]",
		"\"mounts\":[{\"kind\":\"cache\",\"name\":\"..\",\"target\":\"/x\"}]",
		"\"mounts\":[{\"kind\":\"cache\",\"name\":\"c\",\"target\":\"/proc/x\"}]",
		"\"mounts\":[{\"kind\":\"cache\",\"name\":\"c\",\"target\":\"/\"}]",
		"\"mounts\":[{\"kind\":\"cache\",\"name\":\"c\",\"target\":\"/a/../proc\"}]",
		"\"mounts\":[{\"kind\":\"cache\",\"name\":\"c\",\"target\":\"/x\",\"o\":1}]",
		"\"mounts\":[{\"kind\":\"file\",\"fd\":2,\"target\":\"/x\"}]",
		"\"mounts\":[{\"kind\":\"file\",\"fd\":5,\"target\":\"/x\",\"mode\":\"4755\"}]",
		"\"mounts\":[7]",
		"\"mounts\":[{\"kind\":\"storage\",\"name\":\"s\",\"path\":\"../x\",\"target\":\"/\"}]",
		"\"mounts\":[{\"kind\":\"storage\",\"name\":\"s\",\"path\":\"/a/../b\"}]",
		"\"mounts\":[{\"kind\":\"tmpfs\",\"target\":\"/dev/shm\"}]",
		"\"mounts\":[{\"kind\":\"tmpfs\",\"target\":\"/x\",\"size\":-1}]",
		"\"hosts\":[\"10.0.0.1\"]",
		"\"hosts\":[\"10.0.0.1 a b\"]",
		"\"hosts\":[\"10.0.0.1 a\\n127.0.0.1 b\"]",
		"\"dns\":[\"resolver\"]",
		"\"dns\":[\"1.1.1.1\\noptions x\"]",
		"\"dns\":[\"1.1.1.1\",\"1.1.1.2\",\"1.1.1.3\",\"1.1.1.4\"]",
		"\"ulimits\":{\"rtprio\":[1,1]}",
		"\"ulimits\":{\"nofile\":[2,1]}",
		"\"ulimits\":{\"nofile\":[-1,1]}",
		"\"ulimits\":{\"nofile\":5}",
		"\"shm\":-1",
	};
	struct err err;

	(void)state;
	assert_int_equal(container("", &err), 0);
	assert_int_equal(container("\"uid\":0,\"network\":\"none\"", &err), 0);
	assert_int_equal(container("\"hosts\":[\"::1 db\"],\"dns\":[\"1.1.1.1\"],"
				   "\"ulimits\":{\"nofile\":[1,-1]},\"shm\":1024",
				   &err),
			 0);
	assert_int_equal(container("\"mounts\":[{\"kind\":\"storage\",\"name\":\"s\","
				   "\"path\":\"/a/b\",\"target\":\"/x\"},"
				   "{\"kind\":\"tmpfs\",\"target\":\"/t\",\"size\":9}]",
				   &err),
			 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (container(bad[i], &err) == 0)
			fail_msg("accepted: %s", bad[i]);
}

static void an_unknown_verb_is_refused(void **state)
{
	json_t *op = parsed("{\"verb\":\"shell\"}");
	json_t *reply = json_object();
	struct err err;

	(void)state;
	assert_int_equal(verbs_run(op, reply, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	json_decref(op);
	op = parsed("[1]");
	assert_int_equal(verbs_run(op, reply, &err), -1);
	json_decref(op);
	json_decref(reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_and_a_missing_field_are_errors),
		cmocka_unit_test(only_normal_absolute_paths_pass),
		cmocka_unit_test(names_of_apps_cannot_leave_their_directory),
		cmocka_unit_test(a_variable_needs_a_proper_name),
		cmocka_unit_test(a_nul_and_a_long_text_are_refused),
		cmocka_unit_test(numbers_and_descriptors_have_ranges),
		cmocka_unit_test(a_forged_container_is_refused),
		cmocka_unit_test(an_unknown_verb_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
