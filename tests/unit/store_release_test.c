/* SPDX-License-Identifier: MIT */
/* Releases, instances and deploys: numbers, states, and what may be thrown away. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "store/deploy.h"
#include "store/event.h"
#include "store/instance.h"
#include "store/property.h"
#include "store/release.h"
#include "test_blog.h"
#include "util/cleanup.h"

static struct app shop;

static int start(void **state)
{
	(void)blog_start(state);
	test_app(&st, "shop", &shop);
	return 0;
}

/* A release with these layers (words); 'l' live, 'f' failed, 'n' new, 'p' past. */
static int64_t make(const struct app *app, char kind, const char *layers)
{
	AUTO(release_release) struct release r = RELEASE_INIT;

	r.app_id = app->id;
	r.author = strdup("me");
	r.reason = strdup("why");
	r.source = strdup("git-push");
	r.revision = strdup("abc");
	r.config = json_pack("{s:s}", "K", "V");
	r.formation = json_pack("{s:i}", "web", 2);
	r.image.processes = json_pack("{s:s}", "web", "run");
	strv_split(&r.image.layers, layers, " ");
	assert_int_equal(release_add(&st, &r, &err), 0);
	if (kind == 'l' || kind == 'p')
		assert_int_equal(release_set_live(&st, &r, &err), 0);
	if (kind == 'f')
		assert_int_equal(release_set_failed(&st, r.id, &err), 0);
	return r.id;
}

static void state_is(int64_t id, const char *want)
{
	AUTO(release_release) struct release r = RELEASE_INIT;

	assert_int_equal(release_find_id(&st, id, &r, &err), 0);
	assert_string_equal(r.state, want);
}

static void releases_count_up_per_app_and_never_back(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;

	(void)state;
	(void)make(&blog, 'l', "a");
	(void)make(&blog, 'f', "b");
	(void)make(&shop, 'l', "a");
	int64_t third = make(&blog, 'l', "c");

	assert_int_equal(release_find_id(&st, third, &r, &err), 0);
	assert_int_equal(r.number, 3);
	assert_string_equal(r.author, "me");
	assert_string_equal(image_command(&r.image, "web"), "run");
	assert_string_equal(json_string_value(json_object_get(r.config, "K")), "V");
	release_release(&r);
	assert_int_equal(release_live(&st, shop.id, &r, &err), 0);
	assert_int_equal(r.number, 1);
}

static void one_release_of_an_app_is_live(void **state)
{
	int64_t one;
	int64_t two;

	(void)state;
	one = make(&blog, 'l', "a");
	state_is(one, "live");
	two = make(&blog, 'l', "a");
	state_is(one, "past");
	state_is(two, "live");
	/* ... whoever writes it */
	assert_true(sqlite3_exec(st.db, "UPDATE release SET state = 'live'", NULL, NULL,
				 NULL) != SQLITE_OK);
	state_is(one, "past");
}

static void what_was_live_never_fails_afterwards(void **state)
{
	int64_t id = make(&blog, 'l', "a");

	(void)state;
	assert_int_equal(release_set_failed(&st, id, &err), 0);
	state_is(id, "live");
}

static void an_unreadable_release_is_an_error_and_not_a_crash(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	int64_t id = make(&blog, 'l', "a");

	(void)state;
	assert_int_equal(
		sqlite3_exec(st.db, "UPDATE release SET config = '{'", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(release_find_id(&st, id, &r, &err), -1);
	assert_int_equal(
		sqlite3_exec(st.db, "UPDATE release SET image = '[]'", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(release_find_id(&st, id, &r, &err), -1);
}

static void unused(int keep, const char *want)
{
	AUTO(unused_release) struct unused u = UNUSED_INIT;
	AUTO_FREE char *all = NULL;

	assert_int_equal(release_unused(&st, blog.id, keep, &u, &err), 0);
	strv_sort(&u.layers);
	all = strv_join(&u.layers, " ");
	assert_string_equal(all, want);
	assert_int_equal(u.trees.len, 0);
}

static void prune(int keep)
{
	AUTO(unused_release) struct unused u = UNUSED_INIT;

	assert_int_equal(release_unused(&st, blog.id, keep, &u, &err), 0);
	assert_int_equal(release_prune(&st, blog.id, keep, &u, &err), 0);
}

static void layers_that_others_share_are_kept(void **state)
{
	(void)state;
	(void)make(&blog, 'l', "only-1 shared-with-2 shared-with-shop base");
	(void)make(&blog, 'l', "only-2 shared-with-2 base");
	(void)make(&shop, 'l', "shared-with-shop base");
	(void)make(&blog, 'l', "only-3 base");
	unused(3, "");
	unused(2, "only-1");
	unused(1, "only-1 only-2 shared-with-2");
}

static void what_is_being_made_keeps_its_layers(void **state)
{
	(void)state;
	(void)make(&blog, 'p', "old shared");
	(void)make(&blog, 'l', "now");
	(void)make(&blog, 'n', "next shared");
	unused(1, "old");
}

static void layers_of_the_stack_are_nobodys_to_remove(void **state)
{
	(void)state;
	assert_int_equal(property_set(&st, STORE_GLOBAL, "stack", "base", "base-1", &err),
			 0);
	(void)make(&blog, 'f', "app-1 base-1");
	(void)make(&blog, 'l', "app-2");
	unused(20, "app-1");
}

static void what_goes_with_an_app_is_named_by_nobody_else(void **state)
{
	AUTO(strv_release) struct strv layers = STRV_INIT;
	AUTO_FREE char *all = NULL;

	(void)state;
	assert_int_equal(property_set(&st, STORE_GLOBAL, "stack", "base", "base-1", &err),
			 0);
	assert_int_equal(property_set(&st, blog.id, "builder-buildpack", "memo",
				      "{\"deps\":\"deps-1\",\"prune\":\"both\"}", &err),
			 0);
	assert_int_equal(property_set(&st, shop.id, "builder-buildpack", "memo",
				      "{\"deps\":\"both\"}", &err),
			 0);
	(void)make(&blog, 'p', "old base-1 shared");
	(void)make(&blog, 'f', "broken");
	(void)make(&blog, 'l', "now deps-1 base-1");
	(void)make(&shop, 'p', "shared base-1");
	assert_int_equal(release_layers_alone(&st, blog.id, &layers, &err), 0);
	strv_sort(&layers);
	all = strv_join(&layers, " ");
	assert_string_equal(all, "broken deps-1 now old");
}

static void failed_pushes_do_not_use_up_what_a_rollback_wants(void **state)
{
	int64_t first = make(&blog, 'p', "a");

	(void)state;
	for (int i = 0; i < 30; i++)
		(void)make(&blog, 'f', "x");
	(void)make(&blog, 'l', "b");
	unused(2, "x");
	prune(2);
	state_is(first, "past");
	unused(2, "");
}

static int count(void *ctx, const struct release *r, struct err *why)
{
	(void)r;
	(void)why;
	(*(int *)ctx)++;
	return 0;
}

static int how_many(void)
{
	int n = 0;

	assert_int_equal(release_each(&st, blog.id, count, &n, &err), 0);
	return n;
}

static void pruning_forgets_the_oldest_and_no_number_comes_again(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	int64_t id;

	(void)state;
	(void)make(&blog, 'f', "f1");
	for (int i = 0; i < 5; i++)
		(void)make(&blog, 'l', "a");
	id = make(&blog, 'f', "f2");
	prune(3);
	assert_int_equal(how_many(), 4); /* three that served, and the failed one after */
	state_is(id, "failed");
	id = make(&blog, 'l', "a");
	assert_int_equal(release_find_id(&st, id, &r, &err), 0);
	assert_int_equal(r.number, 8);
}

static struct instance add(const struct app *app, int64_t release, const char *process)
{
	struct instance in = { .app_id = app->id, .release_id = release, .number = 1 };

	(void)snprintf(in.process, sizeof in.process, "%s", process);
	assert_int_equal(instance_add(&st, app->name, &in, &err), 0);
	return in;
}

static void what_an_instance_runs_is_not_pruned(void **state)
{
	int64_t old = make(&blog, 'l', "old");

	(void)state;
	(void)add(&blog, old, "web");
	(void)make(&blog, 'l', "now");
	unused(1, "");
	prune(1);
	state_is(old, "past");
}

static void a_row_that_becomes_old_meanwhile_keeps_its_layers(void **state)
{
	AUTO(unused_release) struct unused u = UNUSED_INIT;
	int64_t failed = make(&blog, 'f', "late");
	struct instance in = add(&blog, failed, "web");

	(void)state;
	(void)make(&blog, 'l', "now");
	assert_int_equal(release_unused(&st, blog.id, 5, &u, &err), 0);
	assert_int_equal(u.layers.len, 0);
	assert_int_equal(instance_delete(&st, in.id, &err), 0);
	assert_int_equal(release_prune(&st, blog.id, 5, &u, &err), 0);
	unused(5, "late");
	prune(5);
	unused(5, "");
}

static void containers_are_named_after_app_process_number_and_row(void **state)
{
	int64_t release = make(&blog, 'l', "a");
	struct instance one = add(&blog, release, "web");
	struct instance two = add(&blog, release, "web");
	char want[64];

	(void)state;
	(void)snprintf(want, sizeof want, "blog.web.1.%lld", (long long)one.id);
	assert_string_equal(one.container, want);
	assert_int_equal(instance_delete(&st, two.id, &err), 0);

	struct instance three = add(&blog, release, "web");

	assert_string_not_equal(three.container, two.container);
	(void)snprintf(want, sizeof want, "blog.web.1.%lld", (long long)three.id);
	assert_string_equal(three.container, want);
	assert_true(name_is_id(three.container));
}

static void an_instance_is_moved_by_the_first_who_acts(void **state)
{
	struct instance in = add(&blog, make(&blog, 'l', "a"), "web");
	struct instance mine = in;
	struct instance theirs = in;
	struct instance now;

	(void)state;
	mine.state = INSTANCE_READY;
	mine.pid = 7;
	assert_int_equal(instance_update(&st, &mine, INSTANCE_STARTING, &err), 0);
	theirs.state = INSTANCE_CRASHED;
	assert_int_equal(instance_update(&st, &theirs, INSTANCE_STARTING, &err),
			 STORE_NO_ROW);
	assert_int_equal(instance_find(&st, in.container, &now, &err), 0);
	assert_int_equal(now.state, INSTANCE_READY);
	assert_int_equal(now.pid, 7);
	assert_int_equal(instance_drain(&st, in.id, &err), 0);
	assert_int_equal(instance_update(&st, &mine, INSTANCE_READY, &err), STORE_NO_ROW);
	assert_int_equal(instance_delete(&st, in.id, &err), 0);
	assert_int_equal(instance_update(&st, &mine, INSTANCE_DRAINING, &err),
			 STORE_NO_ROW);
	assert_int_equal(instance_find(&st, in.container, &now, &err), STORE_NO_ROW);
}

static void instances_are_listed_by_process_and_number(void **state)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	int64_t release = make(&blog, 'l', "a");

	(void)state;
	(void)add(&blog, release, "worker");
	(void)add(&blog, release, "web");
	(void)add(&shop, make(&shop, 'l', "a"), "web");
	assert_int_equal(instance_list(&st, blog.id, &all, &err), 0);
	assert_int_equal(all.len, 2);
	assert_string_equal(all.v[0].process, "web");
	assert_int_equal(all.v[0].exit_code, -1);
	instances_release(&all);
	assert_int_equal(instance_list(&st, STORE_GLOBAL, &all, &err), 0);
	assert_int_equal(all.len, 3);
}

static struct deploy open_one(const struct app *app, const char *kind)
{
	struct deploy d = { .app_id = app->id, .pid = 1, .exit_code = -1 };

	(void)snprintf(d.kind, sizeof d.kind, "%s", kind);
	assert_int_equal(deploy_add(&st, &d, &err), 0);
	return d;
}

static void open_deploys_are_the_queue_of_an_app(void **state)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;
	struct deploy one = open_one(&blog, "build");
	struct deploy two = open_one(&blog, "deploy");
	struct deploy found;

	(void)state;
	(void)open_one(&shop, "build");
	assert_string_equal(one.state, "waiting");
	assert_string_not_equal(one.public_id, two.public_id);
	(void)snprintf(one.state, sizeof one.state, "running");
	assert_int_equal(deploy_set_step(&st, &one, "build", &err), 0);
	assert_int_equal(deploy_open(&st, blog.id, &open, &err), 0);
	assert_int_equal(open.len, 2);
	assert_string_equal(open.v[0].public_id, one.public_id);
	assert_string_equal(open.v[0].step, "build");
	(void)snprintf(one.state, sizeof one.state, "failed");
	one.exit_code = 1;
	assert_int_equal(deploy_update(&st, &one, &err), 0);
	deploys_release(&open);
	assert_int_equal(deploy_open(&st, blog.id, &open, &err), 0);
	assert_int_equal(open.len, 1);
	deploys_release(&open);
	assert_int_equal(deploy_open(&st, STORE_GLOBAL, &open, &err), 0);
	assert_int_equal(open.len, 2);
	assert_int_equal(deploy_find(&st, one.public_id, &found, &err), 0);
	assert_int_equal(found.exit_code, 1);
	assert_int_equal(deploy_find(&st, "nothing", &found, &err), STORE_NO_ROW);
}

static void the_newest_deploys_come_first(void **state)
{
	AUTO(deploys_release) struct deploys list = DEPLOYS_INIT;
	struct deploy last;

	(void)state;
	for (int i = 0; i < 3; i++)
		last = open_one(&blog, "build");
	assert_int_equal(deploy_list(&st, blog.id, 2, &list, &err), 0);
	assert_int_equal(list.len, 2);
	assert_int_equal(list.v[0].id, last.id);
}

static void deploys_beyond_the_newest_are_known(void **state)
{
	AUTO(deploys_release) struct deploys old = DEPLOYS_INIT;
	struct deploy all[5];

	(void)state;
	for (int i = 0; i < 5; i++) {
		all[i] = open_one(&blog, "build");
		if (i == 1)
			continue; /* still running */
		all[i].finished_at = 100 + i;
		assert_int_equal(deploy_update(&st, &all[i], &err), 0);
	}
	assert_int_equal(deploy_beyond(&st, blog.id, 2, &old, &err), 0);
	assert_int_equal(old.len, 2);
	assert_int_equal(old.v[0].id, all[2].id);
	assert_int_equal(old.v[1].id, all[0].id);
}

static void count_event(void *ctx, const struct event *e)
{
	(void)e;
	++*(int *)ctx;
}

static void the_record_of_events_has_an_end(void **state)
{
	int count = 0;

	(void)state;
	for (int i = 0; i < 30; i++)
		assert_int_equal(event_add(&st,
					   &(struct event){ .actor = "root",
							    .command = "x",
							    .result = "ok" },
					   &err),
				 0);
	assert_int_equal(event_prune(&st, 10, &err), 0);
	assert_int_equal(event_list(&st, &(struct event_query){ .limit = 100 },
				    count_event, &count, &err),
			 0);
	assert_int_equal(count, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, blog_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(releases_count_up_per_app_and_never_back),
		TEST(one_release_of_an_app_is_live),
		TEST(what_was_live_never_fails_afterwards),
		TEST(an_unreadable_release_is_an_error_and_not_a_crash),
		TEST(layers_that_others_share_are_kept),
		TEST(what_is_being_made_keeps_its_layers),
		TEST(layers_of_the_stack_are_nobodys_to_remove),
		TEST(what_goes_with_an_app_is_named_by_nobody_else),
		TEST(failed_pushes_do_not_use_up_what_a_rollback_wants),
		TEST(pruning_forgets_the_oldest_and_no_number_comes_again),
		TEST(what_an_instance_runs_is_not_pruned),
		TEST(a_row_that_becomes_old_meanwhile_keeps_its_layers),
		TEST(containers_are_named_after_app_process_number_and_row),
		TEST(an_instance_is_moved_by_the_first_who_acts),
		TEST(instances_are_listed_by_process_and_number),
		TEST(open_deploys_are_the_queue_of_an_app),
		TEST(the_newest_deploys_come_first),
		TEST(deploys_beyond_the_newest_are_known),
		TEST(the_record_of_events_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
