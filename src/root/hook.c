/* SPDX-License-Identifier: MIT */
#include "root/hook.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "root/container.h"
#include "root/nft.h"
#include "root/pidfile.h"
#include "root/start.h"
#include "root/state.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/host.h"
#include "util/name.h"
#include "util/proc.h"

/* For ever: the rest runs as the user davit. */
static int drop(const struct passwd *pw)
{
	return initgroups(pw->pw_name, pw->pw_gid) < 0 ||
			       setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
			       setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0
		       ? -1
		       : 0;
}

/* What davit is told, so that it need not ask. */
struct end {
	int code;
	long kills;
	bool oom;
	bool dropped; /* from its app's route, which has so many still */
	size_t routed;
};

static int tell_davit(const char *id, const struct end *e)
{
	const struct passwd *pw = getpwnam("davit");
	static const char program[] = DAVIT_PREFIX "/bin/davit";

	if (!pw || access(program, X_OK) < 0)
		return 0;
	AUTO_FREE char *code = xasprintf("%d", e->code);
	AUTO_FREE char *kills = xasprintf("%ld", e->kills);
	AUTO_FREE char *routed = e->dropped ? xasprintf("%zu", e->routed) : xstrdup("no");
	const char *const argv[] = { program, "instance-exited",  id,     code,
				     kills,   e->oom ? "1" : "0", routed, NULL };
	AUTO_FREE char *home = xasprintf("HOME=%s", pw->pw_dir);
	const char *const env[] = { proc_plain_env[0], "LC_ALL=C.UTF-8", home, NULL };

	if (drop(pw) < 0)
		return 1;
	(void)execve(program, (char *const *)argv, (char *const *)env);
	return 1;
}

/* At once, while davit starts. */
static void drop_route(const json_t *state, struct end *e)
{
	const char *app = json_string_value(json_object_get(state, "app"));
	const char *address = json_string_value(json_object_get(state, "address"));
	struct err ignored;

	e->dropped = app && address && nft_drop(app, address, &e->routed, &ignored) == 0;
}

static int exited(const char *id)
{
	struct err err;
	json_t *state = NULL;
	int code = pidfile_exit_code(id);
	struct end e = { .code = code < 0 ? 137 : code };
	bool asked;

	if (container_load(id, &state, &err) != 0)
		return 0; /* stopped and removed by us, on purpose */
	asked = json_is_true(json_object_get(state, "stopping"));
	(void)json_object_set_new(state, "ended", json_true());
	if (!asked) {
		(void)container_save(id, state, &err);
		e.oom = state_oom(id, state, &e.kills);
		drop_route(state, &e);
	}
	json_decref(state);
	/* Rows stay as they are: a boot starts what ran. */
	if (asked || host_is_stopping())
		return 0;
	return tell_davit(id, &e);
}

int hook_main(int argc, char **argv)
{
	struct err err;

	if (argc != 3 || !name_is_id(argv[2]))
		return 2;
	if (strcmp(argv[1], HOOK_EXITED) == 0)
		return exited(argv[2]);
	if (strcmp(argv[1], HOOK_CONMON) == 0) {
		(void)start_conmon_in_unit(argv[2], &err);
		(void)fprintf(stderr, " !     davit-root: %s\n", err.text);
		return 1;
	}
	return 2;
}
