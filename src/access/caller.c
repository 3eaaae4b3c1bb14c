/* SPDX-License-Identifier: MIT */
#include "access/caller.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ssh_key.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/name.h"
#include "util/paths.h"

/* Of the second word of DAVIT_CALLER; read_handed_on's format says it again. */
enum { WAY_MAX = 600 };
_Static_assert(WAY_MAX > GRANT_ONLY_MAX + 32, "a way holds every list of commands");

#define TEXT(to, from) ((void)snprintf((to), sizeof(to), "%s", (from)))

static int unknown_key(const char *key_id, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, "this ssh key (number %s) has been removed",
		      key_id);
	return err_hint(err, "on the host, as root: davit ssh-keys:add <name> <file>");
}

static int expired(const struct ssh_key *k, const struct grant *g, struct err *err)
{
	char day[CLOCK_TEXT];

	(void)err_set(err, ERR_REFUSED, "the ssh key '%s' was good until %.10s", k->name,
		      clock_text(g->until, day));
	return err_hint(err,
			"on the host, as root: davit ssh-keys:remove '%s', then davit "
			"ssh-keys:add with another --expires",
			k->name);
}

/* sshd looks at the day too, but only when a connection is made. */
static int caller_of_row(const struct ssh_key *k, struct caller *ret, struct err *err)
{
	struct grant g = { .role = ROLE_ANYONE };

	if (strcmp(k->role, "admin") == 0)
		g.role = ROLE_ADMIN;
	if (grant_parse_limits(k->limits, &g, err) < 0)
		return err_context(err, "the ssh key '%s'", k->name);
	if (grant_role(&g, clock_now()) == ROLE_NONE)
		return expired(k, &g, err);
	*ret = (struct caller){ .ssh = true,
				.role = grant_role(&g, clock_now()),
				.read_only = g.read_only };
	TEXT(ret->only, g.only);
	TEXT(ret->name, k->name);
	TEXT(ret->fingerprint, k->fingerprint);
	return 0;
}

int caller_of_key(const char *key_id, struct caller *ret, struct err *err)
{
	AUTO(store_close) struct store st = STORE_INIT;
	AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };
	long id;
	int rc;

	if (!name_to_int(key_id, 1, INT32_MAX, &id))
		return unknown_key(key_id, err);
	if (store_open(&st, false, err) < 0)
		return -1;
	rc = ssh_key_find(&st, id, &k, err);
	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW)
		return unknown_key(key_id, err);
	return caller_of_row(&k, ret, err);
}

/* Whoever owns the store: user davit, or a test's own user. */
static bool owns_store(uid_t uid)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store");
	struct stat st;

	return stat(dir, &st) == 0 && st.st_uid == uid;
}

/* "ssh;read-only;only=logs,ps:report": the way in, and what narrows the key. */
static void read_way(char *text, struct caller *c)
{
	char *save = NULL;

	for (char *word = strtok_r(text, ";", &save); word;
	     word = strtok_r(NULL, ";", &save)) {
		c->ssh = c->ssh || strcmp(word, "ssh") == 0;
		c->hook = c->hook || strcmp(word, "hook") == 0;
		c->read_only = c->read_only || strcmp(word, "read-only") == 0;
		if (strncmp(word, "only=", 5) == 0)
			TEXT(c->only, word + 5);
	}
}

/* "ROLE WAY FINGERPRINT|- NAME": the name comes last because it may hold blanks. */
static bool read_handed_on(const char *text, struct caller *ret)
{
	struct caller c = { .root = false };
	char role[16];
	char way[WAY_MAX];
	int at = 0;

	if (sscanf(text, "%15s %599s %127s %n", role, way, c.fingerprint, &at) != 3 ||
	    !text[at])
		return false;
	c.role = role_by_name(role);
	read_way(way, &c);
	if (strcmp(c.fingerprint, "-") == 0)
		c.fingerprint[0] = '\0';
	TEXT(c.name, text + at);
	*ret = c;
	return c.role != ROLE_NONE;
}

void caller_of_user(struct caller *ret)
{
	uid_t uid = getuid();
	const char *sudo = getenv("SUDO_USER");
	const char *handed_on = getenv("DAVIT_CALLER");
	const struct passwd *pw;

	if (uid == 0) {
		*ret = (struct caller){ .role = ROLE_ROOT, .root = true };
		TEXT(ret->name, sudo && *sudo ? sudo : "root");
		return;
	}
	if (owns_store(uid)) {
		*ret = (struct caller){ .role = ROLE_ADMIN };
		TEXT(ret->name, "davit");
		/* Somebody asked whom we cannot make out: that is nobody with rights. */
		if (handed_on && *handed_on && !read_handed_on(handed_on, ret))
			ret->role = ROLE_ANYONE;
		return;
	}
	pw = getpwuid(uid);
	*ret = (struct caller){ .role = ROLE_ANYONE };
	TEXT(ret->name, pw ? pw->pw_name : "nobody");
}

void caller_export(const struct caller *c)
{
	/* A nested davit is never root. */
	enum role role = c->role > ROLE_ADMIN ? ROLE_ADMIN : c->role;
	char text[WAY_MAX + 320];

	(void)snprintf(text, sizeof text, "%s %s%s%s%s%s %s %s", role_name(role),
		       c->ssh ? "ssh" : "local", c->hook ? ";hook" : "",
		       c->read_only ? ";read-only" : "", c->only[0] ? ";only=" : "",
		       c->only, c->fingerprint[0] ? c->fingerprint : "-", c->name);
	(void)setenv("DAVIT_CALLER", text, 1);
	(void)setenv("SSH_USER", c->root ? "root" : "dokku", 1);
	(void)setenv("SSH_NAME", c->name, 1);
	(void)setenv("NAME", c->name, 1);
	(void)setenv("FINGERPRINT", c->fingerprint, 1);
}
