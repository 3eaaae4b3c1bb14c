/* SPDX-License-Identifier: MIT */
/* Every command that Dokku's users type is a row here, with the flags that they give. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "command/command.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/strv.h"

enum { LIST_MAX = 1 << 20, AT_LEAST = 300 };

static bool takes_flag(const struct command *c, const char *flag)
{
	AUTO(strv_release) struct strv own = STRV_INIT;

	strv_split(&own, c->flags ? c->flags : "", " ");
	strv_foreach(word, &own) {
		size_t n = strcspn(word, "=/");

		if (strcmp(word, "*") == 0 ||
		    (strlen(flag) == n && strncmp(word, flag, n) == 0))
			return true;
	}
	return false;
}

/* "apps" without a row of its own shows what begins with "apps:". */
static bool is_family(const char *name)
{
	const struct command *c;
	size_t at = 0;
	size_t n = strlen(name);

	while ((c = command_next(&at)) != NULL)
		if (strncmp(c->name, name, n) == 0 && c->name[n] == ':')
			return true;
	return false;
}

static int missing_in(const char *line)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	const struct command *c;
	int missing = 0;

	strv_split(&words, line, " ");
	c = command_find(words.v[0]);
	if (!c && (strchr(words.v[0], ':') || !is_family(words.v[0]))) {
		print_error("no command %s\n", words.v[0]);
		return 1;
	}
	for (size_t i = 1; c && i < words.len; i++)
		if (!takes_flag(c, words.v[i])) {
			print_error("%s does not take --%s\n", c->name, words.v[i]);
			missing++;
		}
	return missing;
}

static void every_command_is_there(void **state)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err err;
	int missing = 0;
	int seen = 0;

	(void)state;
	assert_int_equal(fs_read("tests/dokku/commands", LIST_MAX, &text, &err), 0);
	strv_split(&lines, text.data, "\n");
	strv_foreach(line, &lines) {
		if (*line == '#' || !*line)
			continue;
		missing += missing_in(line);
		seen++;
	}
	assert_true(seen >= AT_LEAST);
	assert_int_equal(missing, 0);
}

static void a_missing_one_would_be_noticed(void **state)
{
	(void)state;
	assert_int_equal(missing_in("apps:no-such-command"), 1);
	assert_int_equal(missing_in("nofamily"), 1);
	assert_int_equal(missing_in("apps:create no-such-flag"), 1);
	assert_int_equal(missing_in("apps:report anything"), 0);
	assert_int_equal(missing_in("apps"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_there),
		cmocka_unit_test(a_missing_one_would_be_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
