/* SPDX-License-Identifier: MIT */
/* git:allow-host, git:generate-deploy-key, git:public-key: speaking ssh to others. */
#include <string.h>

#include "plugins/git/git.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

#define KEYSCAN "/usr/bin/ssh-keyscan"
#define KEYGEN  "/usr/bin/ssh-keygen"

enum { KNOWN_MAX = 8 << 20, SCAN_MS = 60000 };

static char *in_ssh(const char *name)
{
	return paths_in(plugin_home(), ".ssh/%s", name);
}

static int run(const char *const *argv, struct buf *said, struct err *err)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .timeout_ms = SCAN_MS,
			  .out = said,
			  .err = &why };
	struct proc_end end;

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code == 0)
		return 0;
	buf_chomp(&why);
	return err_set(err, ERR_REFUSED, "%s: %.500s", argv[0],
		       why.len ? why.data : "it failed without a word");
}

/* HOST or HOST:PORT */
static int split_host(const char *word, char **host, const char **port, struct err *err)
{
	AUTO_FREE char *name = xstrndup(word, strcspn(word, ":"));
	const char *colon = strchr(word, ':');
	long n;

	for (char *c = name; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
	if (!name_is_domain(name) || *name == '*' ||
	    (colon && !name_to_int(colon + 1, 1, 65535, &n))) {
		(void)err_set(err, ERR_USAGE, "'%.100s' is not the name of a host", word);
		return err_hint(err, "as in the URL of the repository: github.com, or "
				     "git.example.com:2222");
	}
	*host = take_str(&name);
	*port = colon ? colon + 1 : "22";
	return 0;
}

int git_cmd_allow_host(struct request *req, struct err *err)
{
	AUTO_FREE char *host = NULL;
	AUTO_FREE char *path = in_ssh("known_hosts");
	AUTO(buf_release) struct buf keys = BUF_INIT;
	AUTO(buf_release) struct buf known = BUF_INIT;
	const char *port;

	if (split_host(req->argv[0], &host, &port, err) < 0)
		return -1;

	const char *const argv[] = { KEYSCAN, "-T", "10", "-p", port, "--", host, NULL };

	out_step(req->out, "Adding %s to known hosts", req->argv[0]);
	if (run(argv, &keys, err) < 0)
		return -1;
	if (!keys.len) {
		(void)err_set(err, ERR_REFUSED, "%s does not answer as an ssh server",
			      req->argv[0]);
		return err_hint(err, "try: ssh -T git@%s -p %s", host, port);
	}
	if (fs_read(path, KNOWN_MAX, &known, err) < 0)
		return -1;
	if (known.len && known.data[known.len - 1] != '\n')
		buf_addc(&known, '\n');
	buf_add(&known, keys.data, keys.len);
	return fs_write_atomic(path, known.data, known.len, 0644, err);
}

int git_cmd_generate_deploy_key(struct request *req, struct err *err)
{
	AUTO_FREE char *path = in_ssh("id_ed25519");
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const argv[] = { KEYGEN, "-q",    "-t", "ed25519", "-N", "",
				     "-C",   "davit", "-f", path,      NULL };

	if (fs_exists(path)) {
		(void)err_set(err, ERR_REFUSED, "there is a deploy key already: %s",
			      path);
		return err_hint(err, "davit git:public-key prints its public half");
	}
	out_step(req->out, "Generating %s", path);
	if (run(argv, &said, err) < 0)
		return -1;
	out_step(req->out, "davit git:public-key prints what a git host wants to know");
	return 0;
}

int git_cmd_public_key(struct request *req, struct err *err)
{
	static const char *const names[] = { "id_ed25519.pub", "id_rsa.pub" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO_FREE char *path = in_ssh(names[i]);
		AUTO(buf_release) struct buf text = BUF_INIT;
		int rc = fs_read(path, 65536, &text, err);

		if (rc < 0)
			return -1;
		if (rc == FS_ABSENT)
			continue;
		buf_chomp(&text);
		out_line(req->out, "%s", text.data);
		return 0;
	}
	(void)err_set(err, ERR_REFUSED,
		      "There is no deploy key associated with the dokku user.");
	return err_hint(err, "davit git:generate-deploy-key makes one");
}
