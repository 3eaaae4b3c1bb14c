/* SPDX-License-Identifier: MIT */
/* What third-party plugins are called, and how their trees are made fit for root. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/manifest.h"
#include "plugins/plugin/place.h"
#include "plugins/plugin/trees.h"
#include "tests/unit/test_store.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/since.h"

static char tree[64];

static int make_tree(void **state)
{
	(void)state;
	(void)snprintf(tree, sizeof tree, "/tmp/davit-tree.XXXXXX");
	return mkdtemp(tree) ? 0 : -1;
}

static int drop_tree(void **state)
{
	struct err err;

	(void)state;
	return fs_remove_tree(tree, &err);
}

static void put(const char *name, const char *text, mode_t mode)
{
	AUTO_FREE char *path = paths_in(tree, "%s", name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static mode_t mode_of(const char *name)
{
	AUTO_FREE char *path = paths_in(tree, "%s", name);
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void a_name_is_the_last_part_of_the_address(void **state)
{
	static const struct {
		const char *url;
		const char *name;
	} rows[] = {
		{ "https://example.com/dokku/dokku-postgres.git", "postgres" },
		{ "git@example.com:dokku/dokku-redis.git", "redis" },
		{ "file:///srv/plugins/smoke-test-plugin", "smoke-test-plugin" },
		{ "file:///srv/plugins/davit-mail/", "mail" },
		{ "https://example.com/a/dokku-acl.tar.gz", "acl" },
		{ "https://example.com/a/acl.tgz", "acl" },
		{ "dokku-", "dokku-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		AUTO_FREE char *name = trees_name_of(rows[i].url);

		assert_string_equal(name, rows[i].name);
	}
}

static void names_that_lead_elsewhere_or_are_ours_are_refused(void **state)
{
	static const char *const bad[] = { "",   ".",   "..",     "a/b",    "../a",
					   "-x", "a b", "config", "plugin", ".hidden" };
	struct err err = { .kind = ERR_NONE };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(trees_check_name(bad[i], &err), -1);
	assert_int_equal(trees_check_name("postgres", &err), 0);
	assert_int_equal(trees_check_name("a.b_c-1", &err), 0);
}

static void setuid_and_group_write_are_taken_off(void **state)
{
	struct err err = { .kind = ERR_NONE };

	(void)state;
	put("run", "x", 06777);
	put("data", "x", 0666);
	assert_int_equal(seal_tree(tree, &err), 0);
	assert_int_equal(mode_of("run"), 0755);
	assert_int_equal(mode_of("data"), 0644);
	assert_int_equal(mode_of("."), 0755);
}

static void expect_link(const char *target, bool good)
{
	AUTO_FREE char *path = paths_in(tree, "link");
	struct err err = { .kind = ERR_NONE };

	(void)unlink(path);
	assert_int_equal(symlink(target, path), 0);
	if (good) {
		assert_int_equal(seal_tree(tree, &err), 0);
		return;
	}
	assert_int_equal(seal_tree(tree, &err), -1);
	assert_non_null(strstr(err.text, "leads out"));
}

static void symlinks_stay_inside(void **state)
{
	AUTO_FREE char *sub = paths_in(tree, "sub");
	AUTO_FREE char *up = paths_in(tree, "sub/up");

	(void)state;
	put("file", "x", 0644);
	expect_link("file", true);
	expect_link("not-there-yet", true);
	expect_link("/etc/passwd", false);
	expect_link("../outside", false);
	expect_link("/proc/self/root/etc/passwd", false);
	/* The words alone look as if this stayed inside. */
	assert_int_equal(mkdir(sub, 0755), 0);
	assert_int_equal(symlink("..", up), 0);
	expect_link("sub/up/../x", false);
	expect_link("sub/up/file", true);
}

static void hard_links_and_pipes_are_refused(void **state)
{
	AUTO_FREE char *a = paths_in(tree, "a");
	AUTO_FREE char *b = paths_in(tree, "b");
	struct err err = { .kind = ERR_NONE };

	(void)state;
	put("a", "x", 0644);
	assert_int_equal(link(a, b), 0);
	assert_int_equal(seal_tree(tree, &err), -1);
	assert_int_equal(unlink(b), 0);
	assert_int_equal(mkfifo(b, 0644), 0);
	assert_int_equal(seal_tree(tree, &err), -1);
	assert_non_null(strstr(err.text, "no file, directory or symlink"));
}

static void a_manifest_gives_texts_and_the_environment_of_hooks(void **state)
{
	AUTO(manifest_release) struct manifest m = MANIFEST_INIT;
	struct err err = { .kind = ERR_NONE };

	(void)state;
	put("plugin.toml",
	    "[plugin]\ndescription = \"says hello\"\nversion = \"1.2.3\"\n"
	    "[plugin.config]\ngreeting-word = \"moin\"\nport = 80\n\"a b\" = \"no\"\n",
	    0644);
	assert_int_equal(manifest_read(tree, &m, &err), 0);
	assert_string_equal(m.description, "says hello");
	assert_string_equal(m.version, "1.2.3");
	assert_int_equal(m.config.len, 2);
	assert_true(strv_find(&m.config, "CONFIG_GREETING_WORD=moin") >= 0);
	assert_true(strv_find(&m.config, "CONFIG_PORT=80") >= 0);
}

static void yaml_will_do_and_nothing_at_all_is_absent(void **state)
{
	AUTO(manifest_release) struct manifest m = MANIFEST_INIT;
	struct err err = { .kind = ERR_NONE };

	(void)state;
	assert_int_equal(manifest_read(tree, &m, &err), MANIFEST_ABSENT);
	assert_string_equal(m.version, "");
	put("plugin.yml", "plugin:\n  version: '2'\n", 0644);
	assert_int_equal(manifest_read(tree, &m, &err), 0);
	assert_string_equal(m.version, "2");
}

static void a_broken_manifest_names_its_file(void **state)
{
	AUTO(manifest_release) struct manifest m = MANIFEST_INIT;
	struct err err = { .kind = ERR_NONE };

	(void)state;
	put("plugin.toml", "[plugin\n", 0644);
	assert_int_equal(manifest_read(tree, &m, &err), -1);
	assert_non_null(strstr(err.text, "plugin.toml"));
}

static void values_of_third_parties_are_files_and_ours_are_not(void **state)
{
	AUTO(store_close) struct store st = STORE_INIT;
	AUTO(buf_release) struct buf value = BUF_INIT;
	AUTO_FREE char *file = NULL;
	struct err err = { .kind = ERR_NONE };
	struct place theirs;
	struct place ours;
	struct app app;

	(void)state;
	test_store_open(&st);
	test_app(&st, "blog", &app);
	buf_adds(&value, "x");
	assert_int_equal(place_open(&theirs, &st, "postgres", "no-app", &err), 0);
	assert_int_equal(place_save(&theirs, "image", &value, &err), 0);
	file = paths_in(paths_root(), "config/postgres/no-app/image");
	assert_true(fs_exists(file));
	assert_int_equal(place_open(&ours, &st, "ps", "blog", &err), 0);
	assert_int_equal(place_save(&ours, "restore", &value, &err), 0);
	assert_ptr_equal(ours.st, &st);
	assert_int_equal(place_open(&ours, &st, "ps", "no-app", &err), -1);
	assert_int_equal(err.kind, ERR_NO_APP);
}

static void a_value_never_leaves_its_directory(void **state)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "../../store/davit.db" };
	AUTO(store_close) struct store st = STORE_INIT;
	AUTO(buf_release) struct buf value = BUF_INIT;
	struct err err = { .kind = ERR_NONE };
	struct place p;

	(void)state;
	test_store_open(&st);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(place_open(&p, &st, bad[i], "x", &err), -1);
		assert_int_equal(place_open(&p, &st, "x", bad[i], &err), -1);
		assert_int_equal(place_open(&p, &st, "x", "y", &err), 0);
		assert_int_equal(place_load(&p, bad[i], &value, &err), -1);
		assert_int_equal(place_save(&p, bad[i], &value, &err), -1);
		assert_int_equal(place_remove(&p, bad[i], &err), -1);
	}
}

static void moments_are_ages_dates_or_seconds(void **state)
{
	struct err err = { .kind = ERR_NONE };
	int64_t at = 0;

	(void)state;
	assert_int_equal(since_parse("90s", 1000, &at, &err), 0);
	assert_int_equal(at, 910);
	assert_int_equal(since_parse("2d", 1000000, &at, &err), 0);
	assert_int_equal(at, 1000000 - 2 * 86400);
	assert_int_equal(since_parse("1970-01-02", 0, &at, &err), 0);
	assert_int_equal(at, 86400);
	assert_int_equal(since_parse("1970-01-01T01:00:00Z", 0, &at, &err), 0);
	assert_int_equal(at, 3600);
	assert_int_equal(since_parse("12345", 0, &at, &err), 0);
	assert_int_equal(at, 12345);
	for (const char *const *bad = (const char *const[]){ "", "x", "5y", "-1h",
							     "2026-13-40", "d", NULL };
	     *bad; bad++)
		assert_int_equal(since_parse(*bad, 0, &at, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_the_last_part_of_the_address),
		cmocka_unit_test(names_that_lead_elsewhere_or_are_ours_are_refused),
		cmocka_unit_test_setup_teardown(setuid_and_group_write_are_taken_off,
						make_tree, drop_tree),
		cmocka_unit_test_setup_teardown(symlinks_stay_inside, make_tree,
						drop_tree),
		cmocka_unit_test_setup_teardown(hard_links_and_pipes_are_refused,
						make_tree, drop_tree),
		cmocka_unit_test_setup_teardown(
			a_manifest_gives_texts_and_the_environment_of_hooks, make_tree,
			drop_tree),
		cmocka_unit_test_setup_teardown(yaml_will_do_and_nothing_at_all_is_absent,
						make_tree, drop_tree),
		cmocka_unit_test_setup_teardown(a_broken_manifest_names_its_file,
						make_tree, drop_tree),
		cmocka_unit_test(values_of_third_parties_are_files_and_ours_are_not),
		cmocka_unit_test(a_value_never_leaves_its_directory),
		cmocka_unit_test(moments_are_ages_dates_or_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
