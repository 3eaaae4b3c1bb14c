/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "store/config.h"
#include "store/formation.h"
#include "test_blog.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static void put(int64_t app, const char *text)
{
	AUTO(json_at) json_t *vars = json_loads(text, 0, NULL);

	assert_non_null(vars);
	assert_int_equal(config_put(&st, app, vars, &err), 0);
}

static void expect(json_t *have, const char *text)
{
	AUTO(json_at) json_t *want = json_loads(text, 0, NULL);

	assert_true(json_equal(have, want));
	json_decref(have);
}

static json_t *merged(void)
{
	json_t *vars = NULL;

	assert_int_equal(config_merged(&st, blog.id, &vars, &err), 0);
	return vars;
}

static json_t *own(void)
{
	json_t *vars = NULL;

	assert_int_equal(config_load(&st, blog.id, &vars, &err), 0);
	return vars;
}

static json_t *formation(void)
{
	json_t *types = NULL;

	assert_int_equal(formation_load(&st, blog.id, &types, &err), 0);
	return types;
}

static void variables_of_the_app_lie_over_the_hosts(void **state)
{
	(void)state;
	put(STORE_GLOBAL, "{\"A\":\"host\",\"B\":\"host\"}");
	put(blog.id, "{\"B\":\"app\",\"C\":\"app\"}");
	expect(merged(), "{\"A\":\"host\",\"B\":\"app\",\"C\":\"app\"}");
	expect(own(), "{\"B\":\"app\",\"C\":\"app\"}");
}

static void putting_keeps_the_others_and_replacing_does_not(void **state)
{
	AUTO(json_at) json_t *only = json_loads("{\"X\":\"1\"}", 0, NULL);

	(void)state;
	put(blog.id, "{\"A\":\"1\",\"B\":\"2\"}");
	put(blog.id, "{\"B\":\"3\"}");
	expect(own(), "{\"A\":\"1\",\"B\":\"3\"}");
	assert_int_equal(config_replace(&st, blog.id, only, &err), 0);
	expect(own(), "{\"X\":\"1\"}");
}

static void removing_what_is_not_there_is_fine(void **state)
{
	static const char *const keys[] = { "A", "NONE", NULL };

	(void)state;
	put(blog.id, "{\"A\":\"1\",\"B\":\"2\"}");
	assert_int_equal(config_remove(&st, blog.id, keys, &err), 0);
	expect(own(), "{\"B\":\"2\"}");
}

static void values_come_back_byte_for_byte(void **state)
{
	(void)state;
	put(blog.id,
	    "{\"K\":\"it's \\\"q\\\"\\n$HOME `x`\\t\\u00e4 ); DROP TABLE app; --\"}");
	expect(own(),
	       "{\"K\":\"it's \\\"q\\\"\\n$HOME `x`\\t\\u00e4 ); DROP TABLE app; --\"}");
}

static void all_variables_together_have_a_bound(void **state)
{
	AUTO(json_at) json_t *vars = json_object();
	static char large[CONFIG_VALUE_MAX];
	char key[16];

	(void)state;
	memset(large, 'x', sizeof large - 1);
	for (int i = 0; i < 15; i++) {
		(void)snprintf(key, sizeof key, "K%d", i);
		(void)json_object_set_new(vars, key, json_string(large));
	}
	assert_int_equal(config_check_total(vars, &err), 0);
	(void)json_object_set_new(vars, "MORE", json_string(large));
	(void)json_object_set_new(vars, "MUCH", json_string(large));
	assert_int_equal(config_check_total(vars, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
}

static void a_build_adds_types_and_takes_the_gone_ones_away(void **state)
{
	AUTO(json_at)
	json_t *first = json_loads("{\"web\":\"a\",\"worker\":\"b\"}", 0, NULL);
	AUTO(json_at)
	json_t *second = json_loads("{\"web\":\"a\",\"clock\":\"c\",\"release\":\"r\"}",
				    0, NULL);
	AUTO(json_at) json_t *scale = json_loads("{\"web\":3}", 0, NULL);

	(void)state;
	assert_int_equal(formation_follow(&st, blog.id, first, &err), 0);
	expect(formation(), "{\"web\":1,\"worker\":0}");
	assert_int_equal(formation_put(&st, blog.id, scale, &err), 0);
	assert_int_equal(formation_follow(&st, blog.id, second, &err), 0);
	expect(formation(), "{\"web\":3,\"clock\":0}");
}

static void a_quantity_out_of_bounds_changes_nothing(void **state)
{
	AUTO(json_at) json_t *good = json_loads("{\"web\":1}", 0, NULL);
	AUTO(json_at) json_t *bad = json_loads("{\"a\":2,\"web\":1001}", 0, NULL);

	(void)state;
	assert_int_equal(formation_put(&st, blog.id, good, &err), 0);
	assert_int_equal(formation_put(&st, blog.id, bad, &err), -1);
	expect(formation(), "{\"web\":1}");
}

int main(void)
{
#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, blog_start, blog_end)
	const struct CMUnitTest tests[] = {
		WITH_STORE(variables_of_the_app_lie_over_the_hosts),
		WITH_STORE(putting_keeps_the_others_and_replacing_does_not),
		WITH_STORE(removing_what_is_not_there_is_fine),
		WITH_STORE(values_come_back_byte_for_byte),
		WITH_STORE(all_variables_together_have_a_bound),
		WITH_STORE(a_build_adds_types_and_takes_the_gone_ones_away),
		WITH_STORE(a_quantity_out_of_bounds_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
