/* SPDX-License-Identifier: MIT */
/* ssh-keys:add NAME [FILE] [--role R [--app A]…]: let the owner of a key in. */
#include <string.h>

#include "command/grant.h"
#include "plugins/ssh-keys/ssh_keys.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"

#define FILE_MAX 65536

static int read_text(const char *file, struct buf *text, struct err *err)
{
	int rc;

	if (!file || strcmp(file, "-") == 0)
		return fs_read_fd(0, FILE_MAX, text, err);
	rc = fs_read(file, FILE_MAX, text, err);
	if (rc != FS_ABSENT)
		return rc;
	(void)err_set(err, ERR_USAGE, "there is no file %s", file);
	return err_hint(err, "ls ~/.ssh/*.pub shows the public keys there are");
}

static int check_free(struct store *st, const struct ssh_key *k, struct err *err)
{
	AUTO(ssh_key_release) struct ssh_key other = { .id = 0 };
	int rc = ssh_key_find_name(st, k->name, &other, err);

	if (rc == 0) {
		(void)err_set(err, ERR_REFUSED, "Duplicate ssh key name: %s is taken",
			      k->name);
		return err_hint(err, "choose another, or: davit ssh-keys:remove '%s'",
				k->name);
	}
	if (rc < 0)
		return -1;
	rc = ssh_key_find_fingerprint(st, k->fingerprint, &other, err);
	if (rc == 0) {
		(void)err_set(err, ERR_REFUSED,
			      "Duplicate ssh public key: %s has it already", other.name);
		return err_hint(err, "davit ssh-keys:list shows the keys there are");
	}
	return rc < 0 ? -1 : 0;
}

struct addition {
	struct ssh_key key;
	const char *role; /* over the apps */
	struct strv apps;
};

/* An admin, unless --role and --app say less. */
static int take_role(struct request *req, struct addition *a, struct err *err)
{
	const char *word = request_value(req, "role");
	enum role role;

	request_values(req, "app", &a->apps);
	a->role = word ? word : a->apps.len ? "deployer" : "admin";
	role = role_by_name(a->role);
	if (strcmp(a->role, "admin") == 0 || strcmp(a->role, "member") == 0) {
		a->key.role = xstrdup(a->role);
		if (a->apps.len == 0)
			return 0;
		return err_set(err, ERR_USAGE, "--role %s is not a role over one app",
			       a->role);
	}
	if (role < ROLE_VIEWER || role > ROLE_OWNER) {
		(void)err_set(err, ERR_USAGE, "'%.40s' is no role of a key", a->role);
		return err_hint(err,
				"admin, member, or with --app <app>: owner, deployer, "
				"viewer");
	}
	if (a->apps.len == 0)
		return err_set(err, ERR_USAGE, "--role %s needs --app <app>", a->role);
	a->key.role = xstrdup("member");
	return 0;
}

/*
 * --expires, --command, --read-only.  The day stands in authorized_keys too: sshd shuts the
 * door then, and davit says why to who is still connected.
 */
static int take_limits(struct request *req, struct addition *a, struct err *err)
{
	AUTO(strv_release) struct strv commands = STRV_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *day = request_value(req, "expires");
	struct grant g = { .role = ROLE_ANYONE };
	char at[CLOCK_TEXT];

	request_values(req, "command", &commands);
	strv_foreach(name, &commands)
		if (grant_add_command(&g, name, err) < 0)
			return -1;
	if (day && grant_set_day(&g, day, err) < 0)
		return -1;
	g.read_only = request_flag(req, "read-only");
	grant_limits(&g, &text);
	a->key.limits = xstrdup(text.len ? text.data + 1 : "");
	if (day)
		(void)clock_text(g.until, at);
	a->key.options = day ? xasprintf(SSH_KEYS_OPTIONS ",expiry-time=\"%.4s%.2s%.2s\"",
					 at, at + 5, at + 8)
			     : xstrdup(SSH_KEYS_OPTIONS);
	return 0;
}

static int add_rules(struct store *st, const struct addition *a, struct err *err)
{
	struct app app;

	strv_foreach(name, &a->apps) {
		int rc = app_find(st, name, &app, err);

		if (rc == STORE_NO_ROW)
			return err_set(err, ERR_NO_APP, "App %.80s does not exist", name);
		if (rc < 0 ||
		    property_set(st, app.id, "access", a->key.name, a->role, err) < 0)
			return -1;
	}
	return 0;
}

static int add(struct store *st, void *ctx, struct err *err)
{
	struct addition *a = ctx;

	if (check_free(st, &a->key, err) < 0)
		return -1;
	return ssh_key_add(st, &a->key, &a->key.id, err) == 0 ? add_rules(st, a, err)
							      : -1;
}

static void addition_release(struct addition *a)
{
	ssh_key_release(&a->key);
	strv_release(&a->apps);
}

static void tell(struct request *req, const struct addition *a)
{
	AUTO_FREE char *apps = strv_join(&a->apps, ", ");

	const char *limits = a->key.limits;
	const char *colon = *limits ? ": " : "";

	out_line(req->out, "%s", a->key.fingerprint);
	if (a->apps.len)
		out_note(req->out, "%s is %s of %s%s%s", a->key.name, a->role, apps,
			 colon, limits);
	else if (strcmp(a->role, "member") == 0)
		out_note(req->out,
			 "%s may do nothing yet: davit access:add <app> %s <role>",
			 a->key.name, a->key.name);
	else
		out_note(req->out, "%s is an admin%s%s", a->key.name, colon, limits);
}

int ssh_keys_cmd_add(struct request *req, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(addition_release)
	struct addition a = { .key = { .name = xstrdup(req->argv[0]) },
			      .apps = STRV_INIT };
	const char *name = a.key.name;

	if (!public_key_name_is_good(name)) {
		(void)err_set(err, ERR_USAGE, "'%.100s' is not a name for a key", name);
		return err_hint(err, "letters, digits and ' ._@+-', at most 63: laptop, "
				     "ci@example.com");
	}
	if (take_role(req, &a, err) < 0 || take_limits(req, &a, err) < 0 ||
	    read_text(req->argc > 1 ? req->argv[1] : NULL, &text, err) < 0 ||
	    public_key_read(&a.key, text.data, text.len, err) < 0 ||
	    ssh_keys_change(req, add, &a, err) < 0)
		return -1;
	tell(req, &a);
	return 0;
}
