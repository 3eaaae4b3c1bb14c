/* SPDX-License-Identifier: MIT */
/* Checks that an app asks for: app.json and the older CHECKS. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include "deploy/health.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static struct err err;

/* The checks of web in an app.json that has this as its healthchecks. */
static int parse(const char *healthchecks, struct healths *list)
{
	struct image im = IMAGE_INIT;
	json_error_t why;
	int rc;

	im.app_json = json_pack("{s:o}", "healthchecks",
				json_loads(healthchecks, 0, &why));
	if (!im.app_json)
		fail_msg("%s", why.text);
	rc = healths_of(&im, NULL, "web", list, &err);
	image_release(&im);
	return rc;
}

static void refuses(const char *healthchecks, const char *why)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;

	if (parse(healthchecks, &list) == 0)
		fail_msg("accepted: %s", healthchecks);
	assert_int_equal(err.kind, ERR_APP);
	if (!strstr(err.text, why))
		fail_msg("%s was refused for another reason: %s", healthchecks, err.text);
}

static void a_check_has_its_defaults(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;

	(void)state;
	assert_int_equal(parse("{\"web\": [{\"path\": \"/up\"}]}", &list), 0);
	assert_int_equal(list.len, 1);
	assert_int_equal(list.v[0].type, HEALTH_STARTUP);
	assert_int_equal(list.v[0].probe, HEALTH_PATH);
	assert_string_equal(list.v[0].path, "/up");
	assert_int_equal(list.v[0].attempts, 3);
	assert_int_equal(list.v[0].timeout_ms, 5000);
	assert_int_equal(list.v[0].wait_ms, 5000);
	assert_int_equal(list.v[0].delay_ms, 0);
	assert_null(list.v[0].content);
	assert_false(list.v[0].warn_only);
}

static void every_field_is_taken(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;

	(void)state;
	assert_int_equal(
		parse("{\"web\": [{\"type\": \"liveness\", \"name\": \"n\", \"path\": \"/\","
		      "\"content\": \"ok\", \"attempts\": 7, \"timeout\": 1, \"wait\": 2,"
		      "\"initialDelay\": 3, \"port\": 8080, \"scheme\": \"https\","
		      "\"warn\": true, \"httpHeaders\": [{\"name\": \"A\", \"value\": \"b\"}]}]"
		      "}",
		      &list),
		0);
	assert_int_equal(list.v[0].type, HEALTH_LIVENESS);
	assert_string_equal(list.v[0].name, "n");
	assert_string_equal(list.v[0].content, "ok");
	assert_int_equal(list.v[0].attempts, 7);
	assert_int_equal(list.v[0].timeout_ms, 1000);
	assert_int_equal(list.v[0].wait_ms, 2000);
	assert_int_equal(list.v[0].delay_ms, 3000);
	assert_int_equal(list.v[0].port, 8080);
	assert_true(list.v[0].warn_only);
	assert_string_equal(list.v[0].headers.v[0], "A: b");
}

static void each_way_of_probing_is_known(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;

	(void)state;
	assert_int_equal(
		parse("{\"web\": [{\"command\": [\"ls\", \"-l\"]}, {\"listening\": true},"
		      "{\"uptime\": 4, \"type\": \"readiness\"}]}",
		      &list),
		0);
	assert_int_equal(list.len, 3);
	assert_int_equal(list.v[0].probe, HEALTH_COMMAND);
	assert_string_equal(list.v[0].command.v[1], "-l");
	assert_int_equal(list.v[1].probe, HEALTH_LISTENING);
	assert_int_equal(list.v[2].probe, HEALTH_UPTIME);
	assert_int_equal(list.v[2].uptime_ms, 4000);
	assert_int_equal(list.v[2].type, HEALTH_READINESS);
}

static void other_processes_and_no_checks_are_fine(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;

	(void)state;
	assert_int_equal(parse("{\"worker\": [{\"path\": \"/\"}]}", &list), 0);
	assert_int_equal(list.len, 0);
	assert_int_equal(parse("{}", &list), 0);
}

static void what_cannot_be_understood_is_refused(void **state)
{
	(void)state;
	refuses("{\"web\": {\"path\": \"/\"}}", "must be a list");
	refuses("{\"web\": [{}]}", "needs one of path, command");
	refuses("{\"web\": [7]}", "needs one of");
	refuses("{\"web\": [{\"command\": []}]}", "needs one of");
	refuses("{\"web\": [{\"path\": \"up\"}]}", "must start with /");
	refuses("{\"web\": [{\"path\": \"/a b\"}]}", "no space");
	refuses("{\"web\": [{\"path\": \"/\\r\\nX: y\"}]}", "must start with /");
	refuses("{\"web\": [{\"path\": \"/\", \"attempts\": -1}]}", "attempts");
	refuses("{\"web\": [{\"path\": \"/\", \"timeout\": \"5\"}]}", "timeout");
	refuses("{\"web\": [{\"path\": \"/\", \"wait\": 99999999}]}", "wait");
	refuses("{\"web\": [{\"path\": \"/\", \"port\": 4294967376}]}", "port");
	refuses("{\"web\": [{\"path\": \"/\", \"port\": 0}]}", "port");
	refuses("{\"web\": [{\"path\": \"/\", \"type\": \"x\"}]}", "'x' is no type");
	refuses("{\"web\": [{\"path\": \"/\", \"scheme\": \"a\\r\\nb\"}]}", "scheme");
	refuses("{\"web\": [{\"path\": \"/\", \"httpHeaders\": [{\"name\": \"A: b\", "
		"\"value\": \"c\"}]}]}",
		"httpHeaders");
	refuses("{\"web\": [{\"path\": \"/\", \"httpHeaders\": [{\"name\": \"A\", "
		"\"value\": \"c\\r\\nX: y\"}]}]}",
		"httpHeaders");
}

static void no_attempts_are_one(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;

	(void)state;
	assert_int_equal(parse("{\"web\": [{\"path\": \"/\", \"attempts\": 0,"
			       "\"timeout\": 0}]}",
			       &list),
			 0);
	assert_int_equal(list.v[0].attempts, 1);
	assert_true(list.v[0].timeout_ms > 0);
}

static void the_older_file_is_read(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;

	(void)state;
	assert_int_equal(healths_from_checks("WAIT=2\r\n"
					     "TIMEOUT=7   # seconds\n"
					     "# a comment\n"
					     "\n"
					     "/            Welcome to it\n"
					     "//example.com/about\n"
					     "ATTEMPTS=9\n",
					     &list, &err),
			 0);
	assert_int_equal(list.len, 2);
	assert_string_equal(list.v[0].path, "/");
	assert_string_equal(list.v[0].content, "Welcome to it");
	assert_int_equal(list.v[0].wait_ms, 2000);
	assert_int_equal(list.v[0].attempts, 9);
	assert_string_equal(list.v[1].path, "/about");
	assert_string_equal(list.v[1].headers.v[0], "Host: example.com");
	assert_int_equal(list.v[1].timeout_ms, 7000);
	assert_null(list.v[1].content);
}

static void a_line_of_the_older_file_that_means_nothing_is_named(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;

	(void)state;
	assert_int_equal(healths_from_checks("/ok\nWAIT=soon\n", &list, &err), -1);
	assert_non_null(strstr(err.text, "WAIT=soon"));
}

static void the_older_file_adds_to_app_json(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;
	struct image im = IMAGE_INIT;

	(void)state;
	im.checks = strdup("/old\n");
	assert_int_equal(healths_of(&im, NULL, "worker", &list, &err), 0);
	assert_int_equal(list.len, 0);
	assert_int_equal(healths_of(&im, NULL, "web", &list, &err), 0);
	assert_string_equal(list.v[0].path, "/old");
	healths_release(&list);
	im.app_json = json_pack("{s:{s:[{s:s}]}}", "healthchecks", "web", "path", "/new");
	assert_int_equal(healths_of(&im, NULL, "web", &list, &err), 0);
	assert_int_equal(list.len, 2);
	assert_string_equal(list.v[0].path, "/new");
	assert_string_equal(list.v[1].path, "/old");
	image_release(&im);
}

static void an_older_file_may_name_variables(void **state)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;
	AUTO(json_at) json_t *vars = json_pack("{s:s}", "AT", "/healthy");
	struct image im = IMAGE_INIT;

	(void)state;
	im.checks = strdup("WAIT=1\n{{ var \"AT\" }} {{ .AT }}\n");
	assert_int_equal(healths_check_image(&im, NULL, &err), 0);
	assert_int_equal(healths_check_image(&im, vars, &err), 0);
	assert_int_equal(healths_of(&im, vars, "web", &list, &err), 0);
	assert_int_equal(list.len, 1);
	assert_string_equal(list.v[0].path, "/healthy");
	assert_string_equal(list.v[0].content, "/healthy");
	free(im.checks);
	im.checks = strdup("/ {{ file \"/etc/passwd\" }}\n");
	assert_int_equal(healths_check_image(&im, vars, &err), -1);
	assert_int_equal(err.kind, ERR_APP);
	assert_non_null(strstr(err.text, "CHECKS"));
	image_release(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_check_has_its_defaults),
		cmocka_unit_test(every_field_is_taken),
		cmocka_unit_test(each_way_of_probing_is_known),
		cmocka_unit_test(other_processes_and_no_checks_are_fine),
		cmocka_unit_test(what_cannot_be_understood_is_refused),
		cmocka_unit_test(no_attempts_are_one),
		cmocka_unit_test(the_older_file_is_read),
		cmocka_unit_test(a_line_of_the_older_file_that_means_nothing_is_named),
		cmocka_unit_test(the_older_file_adds_to_app_json),
		cmocka_unit_test(an_older_file_may_name_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
