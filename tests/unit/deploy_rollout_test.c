/* SPDX-License-Identifier: MIT */
/* Rollouts, restarts and recovery, with a helper that only says yes or no. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deploy/leftover.h"
#include "deploy/recover.h"
#include "deploy/release.h"
#include "deploy/retire.h"
#include "deploy/rollout.h"
#include "deploy/supervise.h"
#include "store/config.h"
#include "store/formation.h"
#include "store/instance.h"
#include "store/property.h"
#include "test_store.h"
/* after the directory is known */
#include "test_helper.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/host.h"
#include "util/jsonc.h"
#include "util/proc.h"

/* No plugin at all. */
const struct plugin *const core_plugins[] = { NULL };
const size_t core_plugins_count = 0;

static struct store st;
static struct app blog;
static struct err err;
static struct out out = { .client_gone = true }; /* nobody listens */
static pid_t alive;   /* the process that every instance is said to be */
static int listening; /* ... and the port that it listens on */
static long port;

static void open_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof at;

	listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listening, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listening, 64), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&at, &len), 0);
	port = ntohs(at.sin_port);
}

/* Answers of a helper whose containers are all this process. */
enum { DEAD_PID = 0x7ffffff0 };

static void helper_says(const char *more)
{
	char text[1024];

	(void)snprintf(
		text, sizeof text,
		"start {\"pid\": %d, \"started\": %llu, \"address\": \"127.0.0.1\"}\n"
		"%s",
		(int)alive, proc_start_time(alive), more);
	test_helper_answers(text);
}

static int start(void **state)
{
	(void)state;
	st = (struct store)STORE_INIT;
	test_store_open(&st);
	test_app(&st, "blog", &blog);
	test_helper_start();
	open_port();
	alive = fork();
	if (alive == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)pause();
		_exit(0);
	}
	helper_says("");
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)kill(alive, SIGKILL);
	(void)waitpid(alive, NULL, 0);
	(void)close(listening);
	store_close(&st);
	return 0;
}

static bool asked(const char *verb)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	char want[64];

	(void)snprintf(want, sizeof want, "\"verb\": \"%s\"", verb);
	test_helper_asked("requests", &text);
	return strstr(text.data, want) != NULL;
}

static bool started_in_background(const char *words)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	for (int i = 0; i < 400; i++) {
		test_helper_asked("background", &text);
		if (strstr(text.data, words))
			return true;
		clock_sleep_ms(5);
	}
	return false;
}

static void add_release_with(struct release *r, const char *word, const char *worker)
{
	*r = (struct release)RELEASE_INIT;
	r->app_id = blog.id;
	r->author = strdup("me");
	r->reason = strdup("why");
	r->source = strdup("git-push");
	r->revision = strdup("");
	r->config = json_pack("{s:s}", "WORD", word);
	r->formation = json_pack("{s:i}", "web", 2);
	r->image.processes = json_pack("{s:s}", "web", "run");
	if (worker) {
		(void)json_object_set_new(r->formation, "worker", json_integer(1));
		(void)json_object_set_new(r->image.processes, "worker",
					  json_string(worker));
	}
	r->image.port = port;
	assert_int_equal(release_add(&st, r, &err), 0);
}

static void add_release(struct release *r, const char *word)
{
	add_release_with(r, word, NULL);
}

static int roll_out(const struct release *r, bool replace)
{
	struct work w = { .st = &st, .out = &out, .app = blog, .lock_fd = -1 };
	struct rollout ro = { .w = &w, .release = r, .replace = replace };
	struct deploy *d = &w.row;
	int rc;

	d->app_id = blog.id;
	assert_int_equal(deploy_add(&st, d, &err), 0);
	rc = rollout_run(&ro, &err);
	assert_int_equal(w.switched, rc == 0);
	(void)snprintf(d->state, sizeof d->state, "%s", rc ? "failed" : "succeeded");
	assert_int_equal(deploy_update(&st, d, &(struct err){ .kind = ERR_NONE }), 0);
	return rc;
}

/* Rows in this state. */
static size_t in_state(enum instance_state state, struct instance *one)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	size_t n = 0;

	assert_int_equal(instance_list(&st, blog.id, &all, &err), 0);
	for (size_t i = 0; i < all.len; i++)
		if (all.v[i].state == state) {
			n++;
			if (one)
				*one = all.v[i];
		}
	return n;
}

static void live_is(const struct release *r)
{
	AUTO(release_release) struct release live = RELEASE_INIT;

	assert_int_equal(release_live(&st, blog.id, &live, &err), 0);
	assert_int_equal(live.id, r->id);
}

static void a_new_release_replaces_the_one_before(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;
	AUTO(release_release) struct release two = RELEASE_INIT;

	(void)state;
	add_release(&one, "a");
	assert_int_equal(roll_out(&one, false), 0);
	live_is(&one);
	assert_int_equal(in_state(INSTANCE_READY, NULL), 2);
	assert_true(asked("route"));
	add_release(&two, "b");
	assert_int_equal(roll_out(&two, false), 0);
	live_is(&two);
	assert_int_equal(in_state(INSTANCE_READY, NULL), 2);
	assert_int_equal(in_state(INSTANCE_DRAINING, NULL), 2);
	assert_true(started_in_background("instance-retire blog"));
}

static void instances_of_the_same_content_stay(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;
	AUTO(release_release) struct release more = RELEASE_INIT;
	struct instance in;

	(void)state;
	add_release(&one, "a");
	assert_int_equal(roll_out(&one, false), 0);
	add_release(&more, "a");
	(void)json_object_set_new(more.formation, "web", json_integer(3));
	assert_int_equal(roll_out(&more, false), 0);
	assert_int_equal(in_state(INSTANCE_READY, &in), 3);
	assert_int_equal(in.release_id, more.id);
	assert_int_equal(in_state(INSTANCE_DRAINING, NULL), 0);
	/* ... unless a restart is what is wanted */
	assert_int_equal(roll_out(&more, true), 0);
	assert_int_equal(in_state(INSTANCE_DRAINING, NULL), 3);
}

static void an_app_that_does_not_come_up_changes_nothing(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;
	AUTO(release_release) struct release bad = RELEASE_INIT;

	(void)state;
	add_release(&one, "a");
	assert_int_equal(roll_out(&one, false), 0);
	add_release(&bad, "b");
	/* Its first process has ended, and it listens nowhere. */
	bad.image.port = 1;
	test_helper_answers(
		"start {\"pid\": 0, \"started\": 7, \"address\": \"127.0.0.1\"}\n"
		"state {\"code\": 9}\n");
	assert_int_equal(roll_out(&bad, false), -1);
	assert_non_null(strstr(err.text, "exited with status 9"));
	assert_false(asked("route"));
	assert_true(asked("delete"));
	live_is(&one);
	assert_int_equal(in_state(INSTANCE_READY, NULL), 2);
	assert_int_equal(in_state(INSTANCE_STARTING, NULL), 0);
}

static void a_switch_that_fails_changes_nothing(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;
	AUTO(release_release) struct release two = RELEASE_INIT;

	(void)state;
	add_release(&one, "a");
	assert_int_equal(roll_out(&one, false), 0);
	add_release(&two, "b");
	helper_says("route {\"ok\": false, \"error\": \"no route\"}\n");
	assert_int_equal(roll_out(&two, false), -1);
	assert_non_null(strstr(err.text, "no route"));
	live_is(&one);
	assert_int_equal(in_state(INSTANCE_READY, NULL), 2);
	assert_int_equal(in_state(INSTANCE_DRAINING, NULL), 0);
}

static void a_container_that_cannot_be_removed_keeps_its_row(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;

	(void)state;
	add_release(&one, "a");
	helper_says("start {\"pid\": 2147483632, \"started\": 5}\n"
		    "delete {\"ok\": false, \"error\": \"busy\"}\n");
	assert_int_equal(roll_out(&one, false), -1);
	assert_int_equal(in_state(INSTANCE_DRAINING, NULL), 2);
}

/* The helper may have died after the switch: traffic may be where it should not. */
static void a_switch_that_cannot_be_taken_back_removes_nothing(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;

	(void)state;
	add_release(&one, "a");
	helper_says("route {\"ok\": false, \"error\": \"no route\"}\n");
	assert_int_equal(roll_out(&one, false), -1);
	assert_false(asked("delete"));
	assert_int_equal(in_state(INSTANCE_STARTING, NULL), 2);
}

/* Where the verb is asked for first in what was asked, or -1. */
static long asked_at(const char *verb)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	char want[64];
	const char *at;

	(void)snprintf(want, sizeof want, "\"verb\": \"%s\"", verb);
	test_helper_asked("requests", &text);
	at = strstr(text.data, want);
	return at ? (long)(at - text.data) : -1;
}

static void disable(const char *types)
{
	assert_int_equal(property_set(&st, blog.id, "checks", "disabled", types, &err),
			 0);
}

static void a_disabled_type_ends_before_it_begins_anew(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;
	AUTO(release_release) struct release two = RELEASE_INIT;

	(void)state;
	add_release(&one, "a");
	assert_int_equal(roll_out(&one, false), 0);
	helper_says("");
	disable("web");
	add_release(&two, "b");
	assert_int_equal(roll_out(&two, false), 0);
	live_is(&two);
	assert_true(asked_at("stop") >= 0);
	assert_true(asked_at("route") < asked_at("stop"));
	assert_true(asked_at("stop") < asked_at("start"));
	assert_int_equal(in_state(INSTANCE_READY, NULL), 2);
	assert_int_equal(in_state(INSTANCE_DRAINING, NULL), 2);
	/* Another type's wish is not this one's. */
	helper_says("");
	disable("worker");
	assert_int_equal(roll_out(&two, true), 0);
	assert_int_equal(asked_at("stop"), -1);
}

/* The port stays as it is: whoever is asked for it has hooks, which would run long after. */
static void traffic_leaves_what_retires_and_nobody_is_asked(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;
	AUTO(release_release) struct release two = RELEASE_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;

	(void)state;
	add_release(&one, "a");
	assert_int_equal(roll_out(&one, false), 0);
	add_release(&two, "b");
	assert_int_equal(roll_out(&two, false), 0);
	helper_says("");
	assert_int_equal(retire_all(&st, &blog, true, &err), 0);
	assert_true(asked_at("route") >= 0);
	assert_true(asked_at("route") < asked_at("stop"));
	test_helper_asked("requests", &text);
	assert_null(strstr(text.data, "\"port\""));
	assert_int_equal(in_state(INSTANCE_DRAINING, NULL), 0);
}

static void what_made_way_for_a_failure_is_started_again(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;
	AUTO(release_release) struct release bad = RELEASE_INIT;
	AUTO(instances_release) struct instances all = INSTANCES_INIT;

	(void)state;
	disable("worker");
	assert_int_equal(
		property_set(&st, blog.id, "checks", "listen-timeout", "1", &err), 0);
	add_release_with(&one, "a", "work");
	assert_int_equal(roll_out(&one, false), 0);
	helper_says("");
	add_release_with(&bad, "b", "work");
	bad.image.port = 1; /* nobody listens there */
	assert_int_equal(roll_out(&bad, false), -1);
	assert_non_null(strstr(err.text, "did not listen on port 1"));
	live_is(&one);
	assert_true(asked_at("stop") >= 0 && asked_at("stop") < asked_at("start"));
	assert_int_equal(instance_list(&st, blog.id, &all, &err), 0);
	assert_int_equal(all.len, 3);
	for (size_t i = 0; i < all.len; i++) {
		assert_int_equal(all.v[i].state, INSTANCE_READY);
		assert_int_equal(all.v[i].release_id, one.id);
	}
	assert_string_equal(all.v[2].process, "worker");
}

/* As the hook says it: KILLS, OOM and ROUTED too, or none of them. */
static int exited_with(const char *container, const char *code, const char *kills,
		       const char *oom, const char *routed)
{
	const char *const argv[] = { container, code, kills, oom, routed, NULL };
	struct trigger_call call = { .argv = argv, .st = &st, .to = &out };

	return supervise_on_exited(NULL, &call, &err);
}

static int exited(const char *container)
{
	return exited_with(container, "1", NULL, NULL, NULL);
}

static struct instance a_running_one(struct release *r)
{
	struct instance in;

	add_release(r, "a");
	(void)json_object_set_new(r->formation, "web", json_integer(1));
	assert_int_equal(roll_out(r, false), 0);
	assert_int_equal(in_state(INSTANCE_READY, &in), 1);
	helper_says("");
	return in;
}

static void what_crashes_is_started_again(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);

	(void)state;
	assert_int_equal(exited(in.container), 0);
	assert_int_equal(in_state(INSTANCE_READY, &in), 1);
	assert_int_equal(in.restarts, 1);
	assert_true(asked("start"));
	assert_true(asked("route"));
}

/* What the hook has said and done is neither asked nor done again. */
static void the_hook_says_how_it_ended(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);

	(void)state;
	assert_int_equal(property_set(&st, blog.id, "ps", "restart-policy", "no", &err),
			 0);
	assert_int_equal(exited_with(in.container, "137", "1", "1", "0"), 0);
	assert_int_equal(in_state(INSTANCE_CRASHED, &in), 1);
	assert_string_equal(in.exit_why, "killed: out of memory");
	assert_false(asked("state"));
	assert_false(asked("route"));
}

/* It was not in the route by the hook, so it may be in one that was set since. */
static void what_no_hook_took_out_of_the_route_is_taken_out(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);

	(void)state;
	assert_int_equal(property_set(&st, blog.id, "ps", "restart-policy", "no", &err),
			 0);
	assert_int_equal(exited_with(in.container, "1", "0", "0", "no"), 0);
	assert_int_equal(in_state(INSTANCE_CRASHED, &in), 1);
	assert_string_equal(in.exit_why, "exit status 1");
	assert_false(asked("state"));
	assert_true(asked("route"));
}

static void what_may_not_restart_stays_down(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);

	(void)state;
	assert_int_equal(property_set(&st, blog.id, "ps", "restart-policy", "no", &err),
			 0);
	assert_int_equal(exited(in.container), 0);
	assert_int_equal(in_state(INSTANCE_CRASHED, &in), 1);
	assert_int_equal(in.not_before, 0);
	assert_string_equal(in.exit_why, "exit status 1");
	assert_false(asked("start"));
	assert_true(asked("route")); /* away from it */
}

static void a_restart_that_fails_waits_longer_and_gives_up(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);

	(void)state;
	assert_int_equal(
		property_set(&st, blog.id, "ps", "restart-policy", "on-failure:2", &err),
		0);
	test_helper_answers("start {\"ok\": false, \"error\": \"no\"}\n");
	assert_int_equal(exited(in.container), -1);
	assert_int_equal(in_state(INSTANCE_CRASHED, &in), 1);
	assert_int_equal(in.restarts, 1);
	assert_true(in.not_before > 0);
	assert_true(asked("delete"));
	in.not_before = 1;
	assert_int_equal(instance_update(&st, &in, INSTANCE_CRASHED, &err), 0);

	struct trigger_call call = { .argv = (const char *const[]){ in.container, NULL },
				     .st = &st,
				     .to = &out };

	assert_int_equal(supervise_on_restart(NULL, &call, &err), -1);
	assert_int_equal(in_state(INSTANCE_CRASHED, &in), 1);
	assert_int_equal(in.restarts, 2);
	assert_int_equal(in.not_before, 0);
}

static void what_was_stopped_meanwhile_does_not_come_back(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);

	(void)state;
	in.restarts = 2; /* so that there is a pause: two seconds */
	assert_int_equal(instance_update(&st, &in, INSTANCE_READY, &err), 0);
	pid_t pid = fork();

	if (pid == 0) {
		struct store own = STORE_INIT;
		struct err e;

		clock_sleep_ms(500);
		if (store_open(&own, true, &e) < 0)
			_exit(1);
		_exit(instance_delete(&own, in.id, &e) == 0 ? 0 : 1);
	}
	assert_int_equal(exited(in.container), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(asked("start"));
	assert_int_equal(in_state(INSTANCE_READY, NULL), 0);
}

static void tick(void)
{
	struct trigger_call call = { .argv = (const char *const[]){ NULL },
				     .st = &st,
				     .to = &out };

	assert_int_equal(supervise_on_tick(NULL, &call, &err), 0);
}

static int restart(const char *container)
{
	struct trigger_call call = { .argv = (const char *const[]){ container, NULL },
				     .st = &st,
				     .to = &out };

	return supervise_on_restart(NULL, &call, &err);
}

static void a_tick_finds_what_no_hook_could_tell(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);

	(void)state;
	helper_says("list {\"instances\": []}\n");
	tick();
	assert_int_equal(in_state(INSTANCE_READY, &in), 1);
	assert_int_equal(in.restarts, 1);
	/* Due restarts run on their own, so that none holds up the others. */
	in.state = INSTANCE_CRASHED;
	in.not_before = 1;
	assert_int_equal(instance_update(&st, &in, INSTANCE_READY, &err), 0);
	helper_says("list {\"instances\": []}\n");
	tick();
	assert_true(started_in_background("instance-restart blog.web.1."));
	assert_int_equal(in_state(INSTANCE_CRASHED, NULL), 1);
}

/* The boot starts it, and counts no restart. */
static void what_ends_while_the_host_goes_down_has_not_crashed(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);
	AUTO_FREE char *mark = NULL;

	(void)state;
	assert_int_equal(setenv("DAVIT_RUN", test_dir, 1), 0);
	mark = host_stopping_mark();
	assert_false(host_is_stopping());
	assert_int_equal(fs_write_atomic(mark, "", 0, 0644, &err), 0);
	assert_true(host_is_stopping());
	helper_says("list {\"instances\": []}\n");
	tick();
	assert_int_equal(in_state(INSTANCE_READY, &in), 1);
	assert_int_equal(in.restarts, 0);
	assert_false(asked("start"));
	/* One that waits for its time goes on waiting. */
	in.state = INSTANCE_CRASHED;
	in.not_before = 1;
	assert_int_equal(instance_update(&st, &in, INSTANCE_READY, &err), 0);
	tick();
	assert_int_equal(restart(in.container), 0);
	assert_int_equal(in_state(INSTANCE_CRASHED, NULL), 1);
	assert_false(asked("start"));
	assert_int_equal(unlink(mark), 0);
	assert_int_equal(restart(in.container), 0);
	assert_int_equal(in_state(INSTANCE_READY, NULL), 1);
	assert_true(asked("start"));
	assert_int_equal(unsetenv("DAVIT_RUN"), 0);
}

static void a_tick_leaves_alone_what_runs(void **state)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	struct instance in = a_running_one(&r);
	char list[256];

	(void)state;
	(void)snprintf(
		list, sizeof list,
		"list {\"instances\": [{\"id\": \"%s\", \"state\": \"running\"}]}\n",
		in.container);
	helper_says(list);
	tick();
	assert_int_equal(in_state(INSTANCE_READY, &in), 1);
	assert_int_equal(in.restarts, 0);
	assert_false(asked("start"));
}

/* Apps may be named a, a.b and a-v1: each layer has one maker. */
static void a_layer_is_of_the_app_that_made_it(void **state)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;

	(void)state;
	strv_add(&apps, "a");
	strv_add(&apps, "a.b");
	strv_add(&apps, "c");
	assert_string_equal(leftover_maker(&apps, "a.src.6b08-1"), "a");
	assert_string_equal(leftover_maker(&apps, "a.b.deps.6b08-1"), "a.b");
	assert_string_equal(leftover_maker(&apps, "c-v3-predeploy"), "c");
	assert_null(leftover_maker(&apps, "stack_bookworm-1"));
	assert_null(leftover_maker(&apps, "cc.src.6b08-1"));
}

static void lose_owner(struct instance *in)
{
	in->owner = DEAD_PID;
	in->owner_started = 5;
	assert_int_equal(instance_update(&st, in, INSTANCE_STARTING, &err), 0);
}

/* Nobody is left of the deploy that made them: traffic first, then they go. */
static void what_a_dead_deploy_was_starting_goes(void **state)
{
	AUTO(release_release) struct release one = RELEASE_INIT;
	struct instance in;

	(void)state;
	add_release(&one, "a");
	helper_says("route {\"ok\": false, \"error\": \"no route\"}\n");
	assert_int_equal(roll_out(&one, false), -1);
	while (in_state(INSTANCE_STARTING, &in) > 0) {
		lose_owner(&in);
		helper_says("");
		tick();
	}
	assert_int_equal(in_state(INSTANCE_DRAINING, NULL), 2);
	assert_true(started_in_background("instance-retire blog"));
}

static void an_interrupted_deploy_is_undone(void **state)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(release_release) struct release lost = RELEASE_INIT;
	AUTO(release_release) struct release now = RELEASE_INIT;
	struct instance in = a_running_one(&live);
	struct instance fresh = { .app_id = blog.id, .process = "web", .number = 1 };
	struct instance again = { .app_id = blog.id, .process = "web", .number = 2 };
	struct deploy d = { .app_id = blog.id, .pid = DEAD_PID, .pid_started = 5 };
	struct deploy row;

	(void)state;
	add_release(&lost, "b");
	fresh.release_id = lost.id;
	again.release_id = live.id;
	again.restarts = 1; /* being restarted, by somebody else */
	assert_int_equal(instance_add(&st, "blog", &fresh, &err), 0);
	assert_int_equal(instance_add(&st, "blog", &again, &err), 0);
	lose_owner(&fresh);
	assert_int_equal(deploy_add(&st, &d, &err), 0);
	d.release_id = lost.id;
	(void)snprintf(d.state, sizeof d.state, "running");
	assert_int_equal(deploy_update(&st, &d, &err), 0);
	assert_int_equal(recover_interrupted(&st, &out, STORE_GLOBAL, &err), 0);
	assert_int_equal(deploy_find(&st, d.public_id, &row, &err), 0);
	assert_string_equal(row.state, "failed");
	assert_int_equal(release_find_id(&st, lost.id, &now, &err), 0);
	assert_string_equal(now.state, "failed");
	assert_int_equal(instance_find(&st, fresh.container, &fresh, &err), 0);
	assert_int_equal(fresh.state, INSTANCE_DRAINING);
	assert_int_equal(instance_find(&st, again.container, &again, &err), 0);
	assert_int_equal(again.state, INSTANCE_STARTING);
	assert_int_equal(instance_find(&st, in.container, &in, &err), 0);
	assert_true(asked("route"));
	assert_true(started_in_background("instance-retire blog"));
}

static int times_asked(const char *verb)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *at;
	char want[64];
	int n = 0;

	(void)snprintf(want, sizeof want, "\"verb\": \"%s\"", verb);
	test_helper_asked("requests", &text);
	for (at = text.data; (at = strstr(at, want)) != NULL; at++)
		n++;
	return n;
}

static void what_a_dying_container_uses_is_waited_for(void **state)
{
	struct deploy d = { .app_id = blog.id, .pid = DEAD_PID, .pid_started = 5 };
	struct deploy row;

	(void)state;
	helper_says("layer-list {\"layers\": [{\"name\": \"blog.src.1-1\"}]}\n"
		    "layer-remove {\"times\": 2, \"ok\": false, \"kind\": \"refused\","
		    " \"error\": \"layer blog.src.1-1 is in use\"}\n");
	assert_int_equal(deploy_add(&st, &d, &err), 0);
	(void)snprintf(d.state, sizeof d.state, "running");
	assert_int_equal(deploy_update(&st, &d, &err), 0);
	assert_int_equal(recover_interrupted(&st, &out, STORE_GLOBAL, &err), 0);
	assert_int_equal(deploy_find(&st, d.public_id, &row, &err), 0);
	assert_string_equal(row.state, "failed");
	assert_int_equal(times_asked("layer-remove"), 3);
}

static int push(const char *app_json, const char *processes)
{
	struct work w = { .st = &st, .out = &out, .app = blog, .lock_fd = -1 };
	struct image im = IMAGE_INIT;
	struct release_want want = { .w = &w,
				     .image = &im,
				     .source = "git-push",
				     .reason = "why",
				     .revision = "abc" };
	int rc;

	im.processes = json_loads(processes, 0, NULL);
	im.app_json = json_loads(app_json, 0, NULL);
	im.port = port;
	w.row.app_id = blog.id;
	assert_int_equal(deploy_add(&st, &w.row, &err), 0);
	rc = release_make(&want, &err);
	image_release(&im);
	return rc;
}

static void formation_is(const char *text)
{
	AUTO(json_at) json_t *have = NULL;
	AUTO(json_at) json_t *want = json_loads(text, 0, NULL);

	assert_int_equal(formation_load(&st, blog.id, &have, &err), 0);
	assert_true(json_equal(have, want));
}

/* "Failure: the old release and the old config stand." */
static void a_failed_push_changes_no_config_and_no_formation(void **state)
{
	AUTO_FREE char *value = NULL;
	AUTO(json_at) json_t *types = json_pack("{s:i, s:i}", "web", 1, "worker", 4);

	(void)state;
	assert_int_equal(formation_put(&st, blog.id, types, &err), 0);
	helper_says("route {\"ok\": false, \"error\": \"no route\"}\n");
	assert_int_equal(push("{\"env\": {\"NEW\": \"1\"}, \"formation\": {\"web\": "
			      "{\"quantity\": 2}}}",
			      "{\"web\": \"run\", \"clock\": \"tick\"}"),
			 -1);
	formation_is("{\"web\": 1, \"worker\": 4}");
	assert_int_equal(config_find(&st, blog.id, "NEW", &value, &err), STORE_NO_ROW);
	helper_says("");
	assert_int_equal(push("{\"env\": {\"NEW\": \"1\"}, \"formation\": {\"web\": "
			      "{\"quantity\": 2}}}",
			      "{\"web\": \"run\", \"clock\": \"tick\"}"),
			 0);
	formation_is("{\"clock\": 0, \"web\": 2}");
	assert_int_equal(config_find(&st, blog.id, "NEW", &value, &err), 0);
	assert_string_equal(value, "1");
	assert_int_equal(in_state(INSTANCE_READY, NULL), 2);
}

static void a_generated_secret_is_the_one_that_the_release_has(void **state)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *value = NULL;

	(void)state;
	assert_int_equal(push("{\"env\": {\"KEY\": {\"generator\": \"secret\"}}}",
			      "{\"web\": \"run\"}"),
			 0);
	assert_int_equal(config_find(&st, blog.id, "KEY", &value, &err), 0);
	assert_int_equal(strlen(value), 64);
	assert_int_equal(release_live(&st, blog.id, &live, &err), 0);
	assert_string_equal(json_string_value(json_object_get(live.config, "KEY")),
			    value);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_release_replaces_the_one_before),
		TEST(instances_of_the_same_content_stay),
		TEST(an_app_that_does_not_come_up_changes_nothing),
		TEST(a_switch_that_fails_changes_nothing),
		TEST(a_container_that_cannot_be_removed_keeps_its_row),
		TEST(a_disabled_type_ends_before_it_begins_anew),
		TEST(traffic_leaves_what_retires_and_nobody_is_asked),
		TEST(what_made_way_for_a_failure_is_started_again),
		TEST(what_crashes_is_started_again),
		TEST(the_hook_says_how_it_ended),
		TEST(what_no_hook_took_out_of_the_route_is_taken_out),
		TEST(what_may_not_restart_stays_down),
		TEST(a_restart_that_fails_waits_longer_and_gives_up),
		TEST(what_was_stopped_meanwhile_does_not_come_back),
		TEST(a_tick_finds_what_no_hook_could_tell),
		TEST(what_ends_while_the_host_goes_down_has_not_crashed),
		TEST(a_tick_leaves_alone_what_runs),
		TEST(a_switch_that_cannot_be_taken_back_removes_nothing),
		TEST(what_a_dead_deploy_was_starting_goes),
		TEST(a_layer_is_of_the_app_that_made_it),
		TEST(an_interrupted_deploy_is_undone),
		TEST(what_a_dying_container_uses_is_waited_for),
		TEST(a_failed_push_changes_no_config_and_no_formation),
		TEST(a_generated_secret_is_the_one_that_the_release_has),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
