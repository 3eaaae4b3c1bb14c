/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <fcntl.h>
#include <unistd.h>

#include "runtime/applog.h"
#include "runtime/logfile.h"
#include "runtime/oneoff.h"
#include "test_store.h"
#include "util/cleanup.h"

static struct err err;

static int start(void **state)
{
	char path[128];

	(void)state;
	if (!test_dir[0]) {
		(void)snprintf(test_dir, sizeof test_dir, "/tmp/davit-unit.XXXXXX");
		assert_non_null(mkdtemp(test_dir));
		assert_int_equal(setenv("DAVIT_LOG", test_dir, 1), 0);
	}
	(void)snprintf(path, sizeof path, "%s/blog", test_dir);
	assert_int_equal(fs_remove_tree(path, &err), 0);
	assert_int_equal(fs_mkdirs(path, 0700, &err), 0);
	return 0;
}

static void append(const char *file, const char *text)
{
	AUTO_FREE char *path = paths_in(test_dir, "blog/%s", file);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
}

static void move(const char *from, const char *to)
{
	AUTO_FREE char *old = paths_in(test_dir, "blog/%s", from);
	AUTO_FREE char *new = paths_in(test_dir, "blog/%s", to);

	assert_int_equal(rename(old, new), 0);
}

static void expect(struct log_lines *lines, const char *want)
{
	AUTO(buf_release) struct buf have = BUF_INIT;

	for (size_t i = 0; i < lines->len; i++)
		buf_addf(&have, "%s|", lines->v[i].text);
	assert_string_equal(have.data, want);
	log_lines_release(lines);
}

#define AT(s) "2026-11-23T05:00:" s ".000000000+00:00 "

static void pieces_are_joined_per_stream(void **state)
{
	AUTO(log_joiner_release) struct log_joiner j = LOG_JOINER_INIT;
	struct log_line line;
	static const char *const pieces[] = {
		AT("01") "stdout P one ",
		AT("02") "stderr P oops ",
		AT("03") "stdout P two ",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_false(log_join(&j, pieces[i], strlen(pieces[i]), &line));
	assert_true(log_join(&j, AT("04") "stderr F !", strlen(AT("04") "stderr F !"),
			     &line));
	assert_string_equal(line.text, "oops !");
	free(line.text);
	assert_true(
		log_join(&j, AT("05") "stdout F ", strlen(AT("05") "stdout F "), &line));
	assert_string_equal(line.text, "one two ");
	assert_string_equal(line.at, "2026-11-23T05:00:01.000000000+00:00");
	free(line.text);
}

static void a_line_out_of_form_is_shown_as_it_is(void **state)
{
	static const char *const odd[] = {
		"",         "x",         "a b",        "a b c", "a stdout X y",
		"a stdout", "a stdout ", "a stdou F x"
	};

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		AUTO(log_joiner_release) struct log_joiner j = LOG_JOINER_INIT;
		struct log_line line;

		assert_true(log_join(&j, odd[i], strlen(odd[i]), &line));
		assert_string_equal(line.text, odd[i]);
		free(line.text);
	}
}

static void the_last_lines_reach_back_into_older_files(void **state)
{
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file f;

	(void)state;
	append("web.1.log.2", AT("01") "stdout F a\n" AT("02") "stdout F b\n");
	append("web.1.log.1", AT("03") "stdout F c\n");
	append("web.1.log", AT("04") "stdout F d\n" AT("05") "stdout F e\n");
	log_file_open(&f, "blog", "web.1");
	assert_int_equal(log_file_tail(&f, 4, &lines, &err), 0);
	log_lines_merge(&lines, 4);
	expect(&lines, "b|c|d|e|");
}

static void a_line_may_begin_in_one_file_and_end_in_the_next(void **state)
{
	struct log_lines lines = LOG_LINES_INIT;

	(void)state;
	append("web.1.log.2", AT("01") "stdout F a\n" AT("02") "stdout P b-\n");
	append("web.1.log.1", AT("03") "stdout P c-\n");
	append("web.1.log", AT("04") "stdout F d\n" AT("05") "stdout P e-\n");
	for (size_t max = 1; max < 4; max++) {
		AUTO(log_file_close) struct log_file f;

		log_file_open(&f, "blog", "web.1");
		assert_int_equal(log_file_tail(&f, max, &lines, &err), 0);
		expect(&lines, max == 1 ? "b-c-d|" : "a|b-c-d|");
		if (max < 3)
			continue;
		append("web.1.log", AT("06") "stdout F f\n");
		assert_int_equal(log_file_more(&f, &lines, &err), 0);
		expect(&lines, "e-f|");
	}
}

static void a_long_file_is_read_from_its_end(void **state)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file f;

	(void)state;
	for (int i = 0; i < 60000; i++)
		buf_addf(&text, AT("01") "stdout F line %d\n", i);
	append("web.1.log", text.data);
	log_file_open(&f, "blog", "web.1");
	assert_int_equal(log_file_tail(&f, 2, &lines, &err), 0);
	expect(&lines, "line 59998|line 59999|");
	assert_int_equal(log_file_tail(&f, 5000, &lines, &err), 0);
	assert_int_equal(lines.len, 5000);
	assert_string_equal(lines.v[0].text, "line 55000");
	log_lines_release(&lines);
}

static void following_survives_a_rotation_and_half_lines(void **state)
{
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file f;

	(void)state;
	append("web.1.log", AT("01") "stdout F a\n");
	log_file_open(&f, "blog", "web.1");
	assert_int_equal(log_file_tail(&f, 10, &lines, &err), 0);
	expect(&lines, "a|");
	append("web.1.log", AT("02") "stdout F b\n" AT("03") "stdo");
	assert_int_equal(log_file_more(&f, &lines, &err), 0);
	expect(&lines, "b|");
	append("web.1.log", "ut F c\n");
	move("web.1.log", "web.1.log.1");
	append("web.1.log", AT("04") "stdout F d\n");
	assert_int_equal(log_file_more(&f, &lines, &err), 0);
	expect(&lines, "c|d|");
}

static void a_log_that_appears_later_is_followed_from_its_start(void **state)
{
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file f;

	(void)state;
	log_file_open(&f, "blog", "web.9");
	assert_int_equal(log_file_tail(&f, 10, &lines, &err), 0);
	assert_int_equal(log_file_more(&f, &lines, &err), 0);
	expect(&lines, "");
	append("web.9.log", AT("01") "stdout F first\n");
	assert_int_equal(log_file_more(&f, &lines, &err), 0);
	expect(&lines, "first|");
}

static void instances_are_merged_by_time_and_keep_their_order(void **state)
{
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file one;
	AUTO(log_file_close) struct log_file two;

	(void)state;
	append("web.1.log",
	       AT("01") "stdout F a\n" AT("03") "stdout F c\n" AT("03") "stdout F d\n");
	append("web.2.log", AT("02") "stdout F b\n" AT("04") "stdout F e\n");
	log_file_open(&one, "blog", "web.1");
	log_file_open(&two, "blog", "web.2");
	assert_int_equal(log_file_tail(&one, 10, &lines, &err), 0);
	assert_int_equal(log_file_tail(&two, 10, &lines, &err), 0);
	log_lines_merge(&lines, 4);
	expect(&lines, "b|c|d|e|");
}

static void a_file_that_conmon_replaced_is_read_by_its_second_name(void **state)
{
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file f;
	AUTO(log_file_close) struct log_file g;
	AUTO_FREE char *now = paths_in(test_dir, "blog/web.1.log");
	AUTO_FREE char *second = paths_in(test_dir, "blog/web.1.log.0");

	(void)state;
	append("web.1.log.1", AT("01") "stdout F a\n");
	append("web.1.log", AT("02") "stdout F b\n");
	assert_int_equal(link(now, second), 0);
	log_file_open(&f, "blog", "web.1");
	assert_int_equal(log_file_tail(&f, 9, &lines, &err), 0);
	log_lines_merge(&lines, 9);
	expect(&lines, "a|b|");
	assert_int_equal(unlink(now), 0);
	append("web.1.log", AT("03") "stdout F c\n");
	log_file_open(&g, "blog", "web.1");
	assert_int_equal(log_file_tail(&g, 9, &lines, &err), 0);
	log_lines_merge(&lines, 9);
	expect(&lines, "a|b|c|");
}

static void a_head_that_was_cut_off_is_not_shown(void **state)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file f;
	AUTO_FREE char *path = paths_in(test_dir, "blog/web.1.log");
	AUTO_CLOSE int fd = -1;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addf(&text, AT("01") "stdout F line %d\n", i);
	append("web.1.log", text.data);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(
		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 40960), 0);
	log_file_open(&f, "blog", "web.1");
	assert_int_equal(log_file_tail(&f, 5000, &lines, &err), 0);
	assert_in_range(lines.len, 100, 900);
	assert_string_equal(lines.v[lines.len - 1].text, "line 999");
	assert_int_equal(strncmp(lines.v[0].text, "line ", 5), 0);
	log_lines_release(&lines);
}

static void lines_say_their_level(void **state)
{
	static const struct {
		const char *text;
		enum log_level level;
	} cases[] = {
		{ "ERROR something", LOG_LEVEL_ERROR },
		{ "[2026-11-23 05:00:00 +0000] [7] [INFO] Booting", LOG_LEVEL_INFO },
		{ "[warn] careful", LOG_LEVEL_WARNING },
		{ "ts=1 level=error msg=\"x\"", LOG_LEVEL_ERROR },
		{ "{\"level\":50,\"msg\":\"x\"}", LOG_LEVEL_ERROR },
		{ "{\"level\":\"debug\"}", LOG_LEVEL_DEBUG },
		{ "{\"severity\": \"CRITICAL\"}", LOG_LEVEL_FATAL },
		{ "Traceback (most recent call last):", LOG_LEVEL_ERROR },
		{ "error: no such file", LOG_LEVEL_ERROR },
		{ "GET /error/page 200", LOG_LEVEL_NONE },
		{ "no error was found", LOG_LEVEL_NONE },
		{ "/srv/ERROR.log", LOG_LEVEL_NONE },
		{ "", LOG_LEVEL_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(log_level_said(cases[i].text), cases[i].level);
}

static void tail_with(const struct log_want *want, const char *name, const char *expected)
{
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file f;

	log_file_open(&f, "blog", name);
	f.want = want;
	assert_int_equal(log_file_tail(&f, 100, &lines, &err), 0);
	expect(&lines, expected);
}

static void lines_are_chosen_by_level_and_time(void **state)
{
	struct log_want errors = { .level = LOG_LEVEL_ERROR };
	struct log_want late = { .since = log_stamp_seconds(
					 "2026-11-23T07:00:03.5+02:00") };

	(void)state;
	append("web.1.v7.log",
	       AT("01") "stdout F fine\n" AT("02") "stdout F ERROR broken\n" AT(
		       "03") "stdout F   at line 3\n" AT("04") "stderr F to stderr\n");
	tail_with(NULL, "web.1.v7", "fine|ERROR broken|  at line 3|to stderr|");
	tail_with(&errors, "web.1.v7", "ERROR broken|  at line 3|to stderr|");
	tail_with(&late, "web.1.v7", "  at line 3|to stderr|");
}

static void a_name_tells_the_release(void **state)
{
	char label[LOG_NAME];
	int release;

	(void)state;
	log_name_split("web.1.v12", label, &release);
	assert_string_equal(label, "web.1");
	assert_int_equal(release, 12);
	log_name_split("run.v12", label, &release);
	assert_string_equal(label, "run.v12");
	assert_int_equal(release, 0);
	log_name_split("web.1.vx", label, &release);
	assert_string_equal(label, "web.1.vx");
}

static void own_lines_name_process_release_and_level(void **state)
{
	struct log_lines lines = LOG_LINES_INIT;
	AUTO(log_file_close) struct log_file f;
	struct log_want worker = { .process = "worker" };

	(void)state;
	assert_int_equal(setenv("DAVIT_ROOT", test_dir, 1), 0);
	applog_add(&(struct applog){ .app_id = 7,
				     .process = "web.1",
				     .release = 3,
				     .level = LOG_LEVEL_ERROR },
		   "crashed: %s", "signal\n9");
	applog_add(&(struct applog){ .app_id = 7, .process = "worker.2" }, "back");
	log_file_open_own(&f, 7);
	assert_int_equal(log_file_tail(&f, 100, &lines, &err), 0);
	assert_int_equal(lines.len, 2);
	assert_true(lines.v[0].own);
	assert_string_equal(lines.v[0].name, "web.1");
	assert_int_equal(lines.v[0].release, 3);
	assert_int_equal(lines.v[0].level, LOG_LEVEL_ERROR);
	expect(&lines, "crashed: signal 9|back|");
	f.want = &worker;
	assert_int_equal(log_file_tail(&f, 100, &lines, &err), 0);
	expect(&lines, "back|");
	applog_remove(7);
}

static void a_filter_is_a_type_or_one_name(void **state)
{
	static const struct {
		const char *filter;
		const char *want;
	} cases[] = { { NULL, "web.1 web.10 webby.1 worker.1" },
		      { "web", "web.1 web.10" },
		      { "web.1", "web.1" },
		      { "we", "" } };

	(void)state;
	append("web.1.log", "");
	append("web.10.log", "");
	append("webby.1.log", "");
	append("worker.1.log", "");
	append("worker.1.log.1", "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(strv_release) struct strv names = STRV_INIT;
		AUTO_FREE char *have = NULL;

		assert_int_equal(log_names("blog", cases[i].filter, &names, &err), 0);
		have = strv_join(&names, " ");
		assert_string_equal(have, cases[i].want);
	}
}

static void expect_command(const char *a, const char *b, const char *c, const char *want)
{
	struct image im = IMAGE_INIT;
	const char *const words[] = { a, b, c, NULL };
	AUTO_FREE char *have = NULL;

	im.processes = json_pack("{s:s}", "worker", "python w.py --all");
	have = oneoff_command(&im, words);
	assert_string_equal(have, want);
	json_decref(im.processes);
}

static void words_of_a_command_arrive_as_they_were_given(void **state)
{
	(void)state;
	expect_command("ls", "-la", "/app", "ls -la /app");
	expect_command("echo", "$HOME; rm -rf", "it's",
		       "echo '$HOME; rm -rf' 'it'\\''s'");
	expect_command("echo", "", "*", "echo '' '*'");
	expect_command("ls | wc -l", NULL, NULL, "ls | wc -l");
	expect_command("--", "ls", "-l", "ls -l");
	expect_command("worker", NULL, NULL, "python w.py --all");
	expect_command("worker", "--once", "a b", "python w.py --all --once 'a b'");
	expect_command(NULL, NULL, NULL, "");
}

int main(void)
{
#define WITH_LOGS(test) cmocka_unit_test_setup(test, start)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_joined_per_stream),
		cmocka_unit_test(a_line_out_of_form_is_shown_as_it_is),
		WITH_LOGS(the_last_lines_reach_back_into_older_files),
		WITH_LOGS(a_line_may_begin_in_one_file_and_end_in_the_next),
		WITH_LOGS(a_long_file_is_read_from_its_end),
		WITH_LOGS(following_survives_a_rotation_and_half_lines),
		WITH_LOGS(a_log_that_appears_later_is_followed_from_its_start),
		WITH_LOGS(instances_are_merged_by_time_and_keep_their_order),
		WITH_LOGS(a_filter_is_a_type_or_one_name),
		WITH_LOGS(a_file_that_conmon_replaced_is_read_by_its_second_name),
		WITH_LOGS(a_head_that_was_cut_off_is_not_shown),
		cmocka_unit_test(lines_say_their_level),
		WITH_LOGS(lines_are_chosen_by_level_and_time),
		cmocka_unit_test(a_name_tells_the_release),
		WITH_LOGS(own_lines_name_process_release_and_level),
		cmocka_unit_test(words_of_a_command_arrive_as_they_were_given),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
