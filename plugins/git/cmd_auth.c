/* SPDX-License-Identifier: MIT */
/* git:auth and git:auth-status: what git says to https hosts. */
#include <string.h>
#include <unistd.h>

#include "plugins/git/git.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

enum { PASSWORD_MAX = 4096 };

/* A host, maybe with a port. */
static int check_host(const char *host, struct err *err)
{
	AUTO_FREE char *name = xstrndup(host, strcspn(host, ":"));
	const char *port = host + strlen(name);
	long n;

	for (char *c = name; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
	if (name_is_domain(name) && *name != '*' &&
	    (!*port || name_to_int(port + 1, 1, 65535, &n)))
		return 0;
	(void)err_set(err, ERR_USAGE, "'%.100s' is not the name of a host", host);
	return err_hint(err, "as in the URL of the repository: github.com");
}

/* .netrc has no way to quote: a word ends at a blank. */
static int check_word(const char *what, const char *word, struct err *err)
{
	bool good = *word != '\0';

	for (const char *c = word; *c; c++)
		good = good && (unsigned char)*c > 0x20 && *c != 0x7f;
	return good ? 0
		    : err_set(err, ERR_USAGE,
			      "the %s is empty or holds a blank, which .netrc cannot say",
			      what);
}

/* The third word, or what is piped in. */
static int read_password(const struct request *req, struct buf *password, struct err *err)
{
	if (req->argc > 2) {
		buf_adds(password, req->argv[2]);
	} else if (!isatty(STDIN_FILENO)) {
		if (fs_read_fd(STDIN_FILENO, PASSWORD_MAX, password, err) < 0)
			return -1;
		buf_chomp(password);
	}
	if (!password->len) {
		(void)err_set(err, ERR_USAGE, "Missing password for netrc auth entry");
		return err_hint(err, "davit git:auth HOST USER < FILE-WITH-THE-TOKEN");
	}
	return check_word("password", password->data, err);
}

int git_cmd_auth(struct request *req, struct err *err)
{
	AUTO(netrc_release) struct netrc n = NETRC_INIT;
	AUTO(buf_release) struct buf password = BUF_INIT;
	const char *host = req->argv[0];

	if (check_host(host, err) < 0 || netrc_load(&n, err) < 0)
		return -1;
	if (req->argc < 2) {
		out_step(req->out, "Removing netrc auth entry for host %s", host);
		(void)netrc_remove(&n, host);
		return netrc_save(&n, err);
	}
	if (check_word("user", req->argv[1], err) < 0 ||
	    read_password(req, &password, err) < 0)
		return -1;
	out_step(req->out, "Setting netrc auth entry for host %s", host);
	netrc_set(&n, host, req->argv[1], password.data);
	explicit_bzero(password.data, password.len);
	return netrc_save(&n, err);
}

/* 0: stored as said (or, without a user: not stored); 1 otherwise, without a word. */
int git_cmd_auth_status(struct request *req, struct err *err)
{
	AUTO(netrc_release) struct netrc n = NETRC_INIT;
	AUTO(buf_release) struct buf password = BUF_INIT;
	const struct netrc_entry *e;
	bool same;

	if (check_host(req->argv[0], err) < 0 || netrc_load(&n, err) < 0)
		return -1;
	e = netrc_find(&n, req->argv[0]);
	if (req->argc < 2)
		return e ? err_exit(err, 1) : 0;
	if (read_password(req, &password, err) < 0)
		return -1;
	same = e && e->user && e->password && strcmp(e->user, req->argv[1]) == 0 &&
	       strcmp(e->password, password.data) == 0;
	explicit_bzero(password.data, password.len);
	return same ? 0 : err_exit(err, 1);
}
