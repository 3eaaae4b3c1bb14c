/* SPDX-License-Identifier: MIT */
/* ssh-keys:add NAME [FILE]: let the owner of a key in. */
#include <string.h>

#include "plugins/ssh-keys/ssh_keys.h"
#include "util/alloc.h"
#include "util/cleanup.h"
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

static int add(struct store *st, void *ctx, struct err *err)
{
	struct ssh_key *k = ctx;

	if (check_free(st, k, err) < 0)
		return -1;
	return ssh_key_add(st, k, &k->id, err) == 0 ? 0 : -1;
}

int ssh_keys_cmd_add(struct request *req, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(ssh_key_release)
	struct ssh_key k = { .name = xstrdup(req->argv[0]),
			     .options = xstrdup(SSH_KEYS_OPTIONS),
			     .role = xstrdup("admin") };

	if (ssh_keys_check_root(req, err) < 0)
		return -1;
	if (!public_key_name_is_good(k.name)) {
		(void)err_set(err, ERR_USAGE, "'%.100s' is not a name for a key", k.name);
		return err_hint(err, "letters, digits and ' ._@+-', at most 63: laptop, "
				     "ci@example.com");
	}
	if (read_text(req->argc > 1 ? req->argv[1] : NULL, &text, err) < 0 ||
	    public_key_read(&k, text.data, text.len, err) < 0 ||
	    ssh_keys_change(req, add, &k, err) < 0)
		return -1;
	out_line(req->out, "%s", k.fingerprint);
	return 0;
}
