/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <fcntl.h>

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
		WITH_LOGS(a_long_file_is_read_from_its_end),
		WITH_LOGS(following_survives_a_rotation_and_half_lines),
		WITH_LOGS(a_log_that_appears_later_is_followed_from_its_start),
		WITH_LOGS(instances_are_merged_by_time_and_keep_their_order),
		WITH_LOGS(a_filter_is_a_type_or_one_name),
		cmocka_unit_test(words_of_a_command_arrive_as_they_were_given),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
