/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "deploy/export_ignore.h"

#include <string.h>

#include "util/cleanup.h"

static bool ignored_in(const char *base, const char *text, const char *path, bool is_dir)
{
	AUTO(export_rules_release) struct export_rules r = EXPORT_RULES_INIT;

	export_rules_add(&r, base, text, strlen(text));
	return export_rules_ignore(&r, path, is_dir);
}

static bool ignored(const char *text, const char *path)
{
	return ignored_in("", text, path, false);
}

static void a_name_without_a_slash_matches_at_any_depth(void **state)
{
	(void)state;
	assert_true(ignored("secret.txt export-ignore\n", "secret.txt"));
	assert_true(ignored("secret.txt export-ignore\n", "a/b/secret.txt"));
	assert_true(ignored("*.md export-ignore\n", "a/README.md"));
	assert_false(ignored("*.md export-ignore\n", "a/README.mdx"));
}

static void a_pattern_with_a_slash_starts_at_its_file(void **state)
{
	(void)state;
	assert_true(ignored("/docs/*.txt export-ignore\n", "docs/a.txt"));
	assert_false(ignored("/docs/*.txt export-ignore\n", "docs/b/a.txt"));
	assert_false(ignored("/docs/*.txt export-ignore\n", "x/docs/a.txt"));
	assert_true(ignored_in("sub/", "/a export-ignore\n", "sub/a", false));
	assert_false(ignored_in("sub/", "/a export-ignore\n", "a", false));
	assert_false(ignored_in("sub/", "a export-ignore\n", "a", false));
}

static void a_trailing_slash_means_directories(void **state)
{
	(void)state;
	assert_true(ignored_in("", "tests/ export-ignore\n", "tests", true));
	assert_true(ignored_in("", "tests/ export-ignore\n", "x/tests", true));
	assert_true(ignored_in("", "/tests/ export-ignore\n", "tests", true));
	assert_false(ignored_in("", "tests/ export-ignore\n", "tests", false));
}

static void two_stars_cross_directories(void **state)
{
	(void)state;
	assert_true(ignored("**/fixtures/*.json export-ignore\n", "fixtures/a.json"));
	assert_true(ignored("**/fixtures/*.json export-ignore\n", "a/b/fixtures/a.json"));
	assert_true(ignored("docs/** export-ignore\n", "docs/a/b/c"));
	assert_false(ignored("docs/** export-ignore\n", "docs"));
	assert_true(ignored("a/**/z export-ignore\n", "a/z"));
	assert_true(ignored("a/**/z export-ignore\n", "a/b/c/z"));
}

static void sets_and_question_marks_match_one_byte(void **state)
{
	(void)state;
	assert_true(ignored("[Mm]akefile export-ignore\n", "makefile"));
	assert_false(ignored("[!M]akefile export-ignore\n", "Makefile"));
	assert_true(ignored("v[0-9].txt export-ignore\n", "v7.txt"));
	assert_true(ignored("?.txt export-ignore\n", "x.txt"));
	assert_false(ignored("a?b/c export-ignore\n", "a/b/c"));
	assert_true(ignored("a[b export-ignore\n", "a[b"));
}

static void the_last_rule_that_matches_decides(void **state)
{
	(void)state;
	assert_false(
		ignored("*.txt export-ignore\nkeep.txt -export-ignore\n", "keep.txt"));
	assert_true(
		ignored("*.txt -export-ignore\nkeep.txt export-ignore\n", "keep.txt"));
	assert_false(
		ignored("*.txt export-ignore\nkeep.txt !export-ignore\n", "keep.txt"));
	assert_true(ignored("*.txt export-ignore\n*.txt text eol=lf\n", "a.txt"));
}

static void comments_macros_and_other_attributes_say_nothing(void **state)
{
	(void)state;
	assert_false(ignored("# a export-ignore\n", "a"));
	assert_false(ignored("[attr]a export-ignore\n", "a"));
	assert_false(ignored("a export-ignored not-export-ignore\n", "a"));
	assert_true(ignored("a text export-ignore diff\r\n", "a"));
	assert_true(ignored("\"a b\" export-ignore\n", "a b"));
	assert_true(ignored("a export-ignore", "a"));
}

static void a_left_directory_takes_its_rules_along(void **state)
{
	AUTO(export_rules_release) struct export_rules r = EXPORT_RULES_INIT;
	const char *text = "a export-ignore\n";

	(void)state;
	export_rules_add(&r, "sub/", text, strlen(text));
	assert_true(export_rules_ignore(&r, "sub/a", false));
	export_rules_cut(&r, 0);
	assert_false(export_rules_ignore(&r, "sub/a", false));
}

static void a_hostile_pattern_ends(void **state)
{
	char path[200];

	(void)state;
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_false(ignored("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b export-ignore\n", path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_without_a_slash_matches_at_any_depth),
		cmocka_unit_test(a_pattern_with_a_slash_starts_at_its_file),
		cmocka_unit_test(a_trailing_slash_means_directories),
		cmocka_unit_test(two_stars_cross_directories),
		cmocka_unit_test(sets_and_question_marks_match_one_byte),
		cmocka_unit_test(the_last_rule_that_matches_decides),
		cmocka_unit_test(comments_macros_and_other_attributes_say_nothing),
		cmocka_unit_test(a_left_directory_takes_its_rules_along),
		cmocka_unit_test(a_hostile_pattern_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
