/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "util/buf.h"
#include "util/cleanup.h"
#include "util/words.h"

/* The words of `text`, joined by "|"; "error: …" when it was refused. */
static char *joined(const char *text, size_t len)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct err err = { .kind = ERR_NONE };

	if (words_split(text, len, &words, &err) < 0) {
		assert_int_equal(err.kind, ERR_USAGE);
		buf_addf(&out, "error: %s", err.text);
		return buf_take(&out);
	}
	return strv_join(&words, "|");
}

static void expect(const char *text, const char *want)
{
	AUTO_FREE char *have = joined(text, strlen(text));

	assert_string_equal(have, want);
}

static void blanks_separate_and_do_not_count(void **state)
{
	(void)state;
	expect("apps:list", "apps:list");
	expect("  config:get \t app\nKEY  ", "config:get|app|KEY");
	expect("", "");
	expect(" \n ", "");
}

static void words_that_echo_would_swallow_stay(void **state)
{
	(void)state;
	expect("logs app -n 5", "logs|app|-n|5");
	expect("run app -e K=V --help", "run|app|-e|K=V|--help");
}

static void quotes_hold_blanks_and_empty_words(void **state)
{
	(void)state;
	expect("config:set app 'KEY=a b' X=\"c d\"", "config:set|app|KEY=a b|X=c d");
	expect("set '' \"\" x", "set|||x");
	expect("a'b'\"c\"d", "abcd");
	expect("git-receive-pack 'my-app'", "git-receive-pack|my-app");
	expect("'it'\"'\"'s'", "it's");
	expect("K='line 1\nline 2'", "K=line 1\nline 2");
}

static void backslashes_quote_one_byte(void **state)
{
	(void)state;
	expect("a\\ b \\'c\\\"", "a b|'c\"");
	expect("\"a\\\"b\\\\c\\$d\\`e\\nf\"", "a\"b\\c$d`e\\nf");
	expect("'a\\b'", "a\\b");
}

static void dollar_quotes_know_the_escapes_of_printf_q(void **state)
{
	(void)state;
	expect("K=$'a\\nb\\t\\'c\\'\\\\'", "K=a\nb\t'c'\\");
	expect("$'\\x41\\102\\e'", "AB\033");
	expect("$'\\xc3\\xa4'", "\xc3\xa4");
	expect("$x $", "$x|$");
	expect("$'\\0'", "error: bad escape in $'...'");
	expect("$'\\x'", "error: bad escape in $'...'");
	expect("$'\\q'", "error: bad escape in $'...'");
}

static void nothing_expands(void **state)
{
	(void)state;
	expect("run $(id) `id` * ~ ; | & > x # y {a,b}",
	       "run|$(id)|`id`|*|~|;|||&|>|x|#|y|{a,b}");
	expect("\"$HOME\"", "$HOME");
}

static void unmatched_quotes_are_refused(void **state)
{
	(void)state;
	expect("config:set app K='x", "error: unmatched ' in the command");
	expect("config:set app K=\"x", "error: unmatched \" in the command");
	expect("a \"b\\\"", "error: unmatched \" in the command");
	expect("a $'b", "error: unmatched $' in the command");
	expect("a \\", "error: unmatched \\ in the command");
}

static void nul_is_refused(void **state)
{
	AUTO_FREE char *have = joined("a\0b", 3);

	(void)state;
	assert_string_equal(have, "error: a NUL byte in the command");
}

static void size_is_bounded(void **state)
{
	AUTO(buf_release) struct buf many = BUF_INIT;
	AUTO(buf_release) struct buf value = BUF_INIT;
	AUTO(strv_release) struct strv words = STRV_INIT;
	struct err err;

	(void)state;
	for (int i = 0; i < WORDS_MAX; i++)
		buf_adds(&many, "x ");
	assert_int_equal(words_split(many.data, many.len, &words, &err), 0);
	assert_int_equal(words.len, WORDS_MAX);
	strv_release(&words);
	buf_adds(&many, "x");
	assert_int_equal(words_split(many.data, many.len, &words, &err), -1);
	strv_release(&words);

	buf_adds(&value, "K='");
	for (int i = 0; i < 65536; i++)
		buf_addc(&value, 'v');
	buf_adds(&value, "'");
	assert_int_equal(words_split(value.data, value.len, &words, &err), 0);
	assert_int_equal(strlen(words.v[0]), 65536 + 2);
	while (value.len <= WORDS_BYTES_MAX)
		buf_adds(&value, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	assert_int_equal(words_split(value.data, value.len, &words, &err), -1);
}

static void what_is_quoted_is_read_back(void **state)
{
	static const char *const words[] = { "",     "plain",     "two words",
					     "it's", "$HOME `x`", "a\\b",
					     "\"",   "[::1]:80",  "*",
					     "-" };
	AUTO(buf_release) struct buf line = BUF_INIT;
	AUTO(strv_release) struct strv back = STRV_INIT;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		words_quote(&line, words[i]);
		buf_addc(&line, ' ');
		words_quote_odd(&line, words[i], "[]");
		buf_addc(&line, ' ');
	}
	assert_int_equal(words_split(line.data, line.len, &back, &err), 0);
	assert_int_equal(back.len, 2 * (sizeof words / sizeof *words));
	for (size_t i = 0; i < back.len; i++)
		assert_string_equal(back.v[i], words[i / 2]);
	assert_non_null(strstr(line.data, " [::1]:80 "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_separate_and_do_not_count),
		cmocka_unit_test(words_that_echo_would_swallow_stay),
		cmocka_unit_test(quotes_hold_blanks_and_empty_words),
		cmocka_unit_test(backslashes_quote_one_byte),
		cmocka_unit_test(dollar_quotes_know_the_escapes_of_printf_q),
		cmocka_unit_test(nothing_expands),
		cmocka_unit_test(unmatched_quotes_are_refused),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(what_is_quoted_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
