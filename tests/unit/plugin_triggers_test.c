/* SPDX-License-Identifier: MIT */
/* The table of triggers beside the list of Dokku's (tests/dokku/triggers.tsv). */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include "plugin/plugin.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/strv.h"

static struct strv lines = STRV_INIT;

static int read_list(void **state)
{
	AUTO_FREE char *path = strdup(__FILE__);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf file = BUF_INIT;
	struct err err;

	(void)state;
	*strstr(path, "unit/") = '\0';
	buf_addf(&file, "%sdokku/triggers.tsv", path);
	if (fs_read(file.data, 1 << 20, &text, &err) != 0)
		return -1;
	strv_split(&lines, text.data, "\n");
	return 0;
}

static int forget_list(void **state)
{
	(void)state;
	strv_release(&lines);
	return 0;
}

static bool is_state(const char *line, size_t name, const char *word)
{
	return strncmp(line + name + 1, word, strlen(word)) == 0 &&
	       line[name + 1 + strlen(word)] == '\t';
}

static bool has_core_handler(int id)
{
	for (size_t i = 0; i < core_plugins_count; i++)
		if (core_plugins[i]->on[id])
			return true;
	return false;
}

static void judge(const char *line)
{
	size_t n = strcspn(line, "\t");
	AUTO_FREE char *name = strndup(line, n);
	int id = trigger_by_name(name);

	if (is_state(line, n, "no")) {
		if (id >= 0 || !line[n + 4])
			fail_msg("%s: has a row, or no reason for none", name);
	} else if (is_state(line, n, "answered")) {
		if (id < 0 || !has_core_handler(id))
			fail_msg("%s: nobody answers", name);
	} else if (!is_state(line, n, "fired") || id < 0) {
		fail_msg("%s: no row", name);
	}
}

static void each_has_a_row_or_a_reason(void **state)
{
	size_t seen = 0;

	(void)state;
	strv_foreach(line, &lines) {
		if (*line == '#')
			continue;
		seen++;
		judge(line);
	}
	assert_true(seen > 180);
}

/* What is not Dokku's carries our name, or its reason here. */
static void no_other_name_could_be_taken_for_one(void **state)
{
	(void)state;
	for (int i = 0; i < TRIGGER__COUNT; i++) {
		const char *name = trigger_name((enum trigger_id)i);
		bool known = false;

		strv_foreach(line, &lines) {
			size_t n = strcspn(line, "\t");

			known = known ||
				(strlen(name) == n && strncmp(line, name, n) == 0);
		}
		if (!known && strncmp(name, "davit-", 6) != 0 &&
		    strcmp(name, "nginx-config-lines") != 0)
			fail_msg("%s: whose is it?", name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_a_row_or_a_reason),
		cmocka_unit_test(no_other_name_could_be_taken_for_one),
	};

	return cmocka_run_group_tests(tests, read_list, forget_list);
}
