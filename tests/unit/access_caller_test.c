/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access/caller.h"
#include "access/entry.h"
#include "store/ssh_key.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static char dir[64];
static char words[][10] = { "davit", "ssh-entry", "--key", "1" };
static char *const forced[] = { words[0], words[1], words[2], words[3], NULL };

static int add_narrow_key(const char *name, const char *role, const char *limits)
{
	struct store st;
	struct err err;
	struct ssh_key k = { .name = xstrdup(name),
			     .fingerprint = xasprintf("SHA256:%s", name),
			     .public_key = xstrdup("ssh-ed25519 AAAA"),
			     .options = xstrdup("restrict,pty"),
			     .role = xstrdup(role),
			     .limits = xstrdup(limits) };
	int64_t id;

	assert_int_equal(store_open(&st, true, &err), 0);
	assert_int_equal(ssh_key_add(&st, &k, &id, &err), 0);
	store_close(&st);
	ssh_key_release(&k);
	return (int)id;
}

static int add_key(const char *name, const char *role)
{
	return add_narrow_key(name, role, "");
}

static int set_up(void **state)
{
	struct err err;

	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/caller-test.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(setenv("DAVIT_ROOT", dir, 1), 0);
	AUTO_FREE char *store = paths_in(dir, "store");

	assert_int_equal(fs_mkdirs(store, 0700, &err), 0);
	(void)unsetenv("DAVIT_CALLER");
	(void)unsetenv("SSH_ORIGINAL_COMMAND");
	return 0;
}

static int tear_down(void **state)
{
	struct err err;

	(void)state;
	return fs_remove_tree(dir, &err);
}

static void a_key_gives_name_fingerprint_and_role(void **state)
{
	struct caller c;
	struct err err;

	(void)state;
	assert_int_equal(add_key("ann", "admin"), 1);
	assert_int_equal(add_key("ben b", "member"), 2);
	assert_int_equal(caller_of_key("1", &c, &err), 0);
	assert_string_equal(c.name, "ann");
	assert_string_equal(c.fingerprint, "SHA256:ann");
	assert_int_equal(c.role, ROLE_ADMIN);
	assert_true(c.ssh);
	assert_false(c.root);
	assert_int_equal(caller_of_key("2", &c, &err), 0);
	assert_int_equal(c.role, ROLE_ANYONE);
}

static void a_removed_key_opens_nothing(void **state)
{
	static const char *const bad[] = {
		"1", "0", "-1", "x", "", "1x", "99999999999999"
	};
	struct caller c;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(caller_of_key(bad[i], &c, &err), -1);
		assert_int_equal(err.kind, ERR_REFUSED);
	}
}

static void a_narrow_key_gives_less(void **state)
{
	struct caller c;
	struct err err;

	(void)state;
	(void)add_narrow_key("eye", "admin", "read-only");
	(void)add_narrow_key("ci", "member", "only=git-receive-pack until=2999-01-01");
	(void)add_narrow_key("old", "admin", "until=2001-01-01");
	(void)add_narrow_key("odd", "admin", "only=logs or so");
	assert_int_equal(caller_of_key("1", &c, &err), 0);
	assert_int_equal(c.role, ROLE_VIEWER);
	assert_true(c.read_only);
	assert_int_equal(caller_of_key("2", &c, &err), 0);
	assert_int_equal(c.role, ROLE_ANYONE);
	assert_string_equal(c.only, "git-receive-pack");
	assert_int_equal(caller_of_key("3", &c, &err), -1);
	assert_string_equal(err.text, "the ssh key 'old' was good until 2001-01-01");
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_int_equal(caller_of_key("4", &c, &err), -1);
}

static void open_entry(struct entry *e, const char *command)
{
	struct err err;

	if (command)
		assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", command, 1), 0);
	assert_int_equal(entry_open(e, 4, forced, &err), 0);
}

static void the_words_of_ssh_come_from_its_environment(void **state)
{
	AUTO(entry_release) struct entry e = ENTRY_INIT;

	(void)state;
	(void)add_key("ann", "admin");
	open_entry(&e, "-- config:set blog 'K=a b'");
	assert_int_equal(e.words.len, 3);
	assert_string_equal(e.words.v[2], "K=a b");
	assert_int_equal(e.self.len, 4);
	assert_string_equal(e.self.v[0], "davit");
	assert_string_equal(e.self.v[3], "K=a b");
	assert_null(getenv("SSH_ORIGINAL_COMMAND"));
	assert_string_equal(getenv("DAVIT_CALLER"), "admin ssh SHA256:ann ann");
	assert_string_equal(getenv("SSH_NAME"), "ann");
	assert_string_equal(getenv("FINGERPRINT"), "SHA256:ann");
}

static void no_command_at_all_is_no_words(void **state)
{
	AUTO(entry_release) struct entry e = ENTRY_INIT;

	(void)state;
	(void)add_key("ann", "admin");
	open_entry(&e, NULL);
	assert_int_equal(e.words.len, 0);
}

static void a_broken_command_is_refused_before_the_key_is_looked_up(void **state)
{
	AUTO(entry_release) struct entry e = ENTRY_INIT;
	struct err err;

	(void)state;
	assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", "a 'b", 1), 0);
	assert_int_equal(entry_open(&e, 4, forced, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(entry_open(&e, 2, forced, &err), -1);
}

/* In a child that is another user: the caller by its uid and DAVIT_CALLER. */
static void as_user(uid_t uid, const char *handed_on, struct caller *c)
{
	int p[2];
	int status;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct caller mine = { .root = false };

		if (handed_on)
			(void)setenv("DAVIT_CALLER", handed_on, 1);
		if (setresuid(uid, uid, uid) < 0)
			_exit(1);
		caller_of_user(&mine);
		_exit(write(p[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(p[0], c, sizeof *c), sizeof *c);
	(void)close(p[0]);
	(void)close(p[1]);
}

/* What caller_export says is what caller_of_user reads. */
static void a_caller_is_handed_on_whole(void **state)
{
	struct caller c;
	struct err err;

	(void)state;
	(void)add_narrow_key("eye", "member", "read-only only=logs,git-receive-pack");
	assert_int_equal(caller_of_key("1", &c, &err), 0);
	caller_export(&c);
	assert_string_equal(getenv("DAVIT_CALLER"),
			    "anyone ssh;read-only;only=logs,git-receive-pack "
			    "SHA256:eye eye");
}

/* The rights that a user id gives can only be tried by who may change it. */
static void the_user_id_decides_what_is_believed(void **state)
{
	AUTO_FREE char *store = paths_in(dir, "store");
	const char *claim = "admin ssh SHA256:x ann b";
	const uid_t owner = 4242;
	struct caller c;

	(void)state;
	if (geteuid() != 0) {
		caller_of_user(&c);
		assert_int_equal(c.role, ROLE_ADMIN);
		return;
	}
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chown(store, owner, owner), 0);
	as_user(owner, claim, &c);
	assert_string_equal(c.name, "ann b");
	assert_string_equal(c.fingerprint, "SHA256:x");
	assert_int_equal(c.role, ROLE_ADMIN);
	assert_true(c.ssh);
	as_user(owner, "owner local - x", &c);
	assert_int_equal(c.role, ROLE_OWNER);
	assert_string_equal(c.fingerprint, "");
	as_user(owner, "anyone ssh;hook;read-only;only=logs,ps:report - ann b", &c);
	assert_true(c.ssh && c.hook && c.read_only);
	assert_string_equal(c.only, "logs,ps:report");
	assert_string_equal(c.name, "ann b");
	as_user(owner, NULL, &c);
	assert_string_equal(c.name, "davit");
	assert_int_equal(c.role, ROLE_ADMIN);
	/* What cannot be read gives no rights. */
	as_user(owner, "nonsense", &c);
	assert_int_equal(c.role, ROLE_ANYONE);
	as_user(owner, "none ssh SHA256:x ann", &c);
	assert_int_equal(c.role, ROLE_ANYONE);
	/* A stranger claims in vain; root needs no claim. */
	as_user(owner + 1, claim, &c);
	assert_int_equal(c.role, ROLE_ANYONE);
	assert_false(c.root);
	as_user(0, claim, &c);
	assert_int_equal(c.role, ROLE_ROOT);
	assert_true(c.root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_gives_name_fingerprint_and_role),
		TEST(a_removed_key_opens_nothing),
		TEST(a_narrow_key_gives_less),
		TEST(a_caller_is_handed_on_whole),
		TEST(the_words_of_ssh_come_from_its_environment),
		TEST(no_command_at_all_is_no_words),
		TEST(a_broken_command_is_refused_before_the_key_is_looked_up),
		TEST(the_user_id_decides_what_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
