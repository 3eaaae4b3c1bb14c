/* SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <string.h>

#include "plugins/ssh-keys/ssh_keys.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

#define FILE_MAX (8u << 20)
/* What only a line of ours holds. */
#define MARK "/davit ssh-entry --key "

void authorized_keys_line(const struct ssh_key *k, struct buf *out)
{
	AUTO_FREE char *davit = paths_davit();

	buf_addf(out, "%s,command=\"%s ssh-entry --key %lld\" %s %s\n", k->options, davit,
		 (long long)k->id, k->public_key, k->name);
}

void authorized_keys_foreign(const char *text, struct buf *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *mark = strstr(text, MARK);

		if (!mark || mark >= text + len) {
			buf_add(out, text, len);
			buf_addc(out, '\n');
		}
		text += len + (text[len] == '\n');
	}
}

/* Where sshd looks: the home of user davit, or a place below a moved root (tests). */
static int ssh_dir(char **dir, struct err *err)
{
	const struct passwd *pw;

	if (strcmp(paths_root(), DAVIT_ROOT_DIR) != 0) {
		*dir = paths_in(paths_root(), "home/.ssh");
		return 0;
	}
	pw = getpwnam("davit");
	if (!pw) {
		(void)err_set(err, ERR_HOST, "there is no user davit on this host");
		return err_hint(err, "scripts/quickstart, or make install");
	}
	*dir = xasprintf("%s/.ssh", pw->pw_dir);
	return 0;
}

static int add_line(void *ctx, const struct ssh_key *k, struct err *err)
{
	(void)err;
	authorized_keys_line(k, ctx);
	return 0;
}

int authorized_keys_read(struct buf *text, struct err *err)
{
	AUTO_FREE char *dir = NULL;
	AUTO_FREE char *path = NULL;

	if (ssh_dir(&dir, err) < 0)
		return -1;
	path = paths_in(dir, "authorized_keys");
	return fs_read(path, FILE_MAX, text, err);
}

bool authorized_keys_holds(const char *text, const struct ssh_key *k)
{
	AUTO_FREE char *line = xasprintf(MARK "%lld\" %s ", (long long)k->id,
					 k->public_key);

	return strstr(text, line) != NULL;
}

int authorized_keys_write(struct store *st, struct err *err)
{
	AUTO(buf_release) struct buf old = BUF_INIT;
	AUTO(buf_release) struct buf new = BUF_INIT;
	AUTO_FREE char *dir = NULL;
	AUTO_FREE char *path = NULL;

	if (ssh_dir(&dir, err) < 0 || fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	path = paths_in(dir, "authorized_keys");
	if (fs_read(path, FILE_MAX, &old, err) < 0)
		return -1;
	authorized_keys_foreign(old.data, &new);
	if (ssh_key_each(st, add_line, &new, err) < 0)
		return -1;
	return fs_write_atomic(path, new.data, new.len, 0600, err);
}
