/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "plugins/ssh-keys/ssh_keys.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/proc.h"

#define SSH_KEYGEN "/usr/bin/ssh-keygen"

static const char *const kinds[] = {
	"ssh-ed25519",
	"ssh-rsa",
	"ecdsa-sha2-nistp256",
	"ecdsa-sha2-nistp384",
	"ecdsa-sha2-nistp521",
	"sk-ssh-ed25519@openssh.com",
	"sk-ecdsa-sha2-nistp256@openssh.com",
};

bool public_key_name_is_good(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > 63 || !isalnum((unsigned char)name[0]) || name[n - 1] == ' ')
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(" ._@+-", *c))
			return false;
	return true;
}

static int not_a_key(struct err *err)
{
	(void)err_set(err, ERR_USAGE, "this is not a public ssh key");
	return err_hint(err,
			"give the file that ends in .pub, e.g. ~/.ssh/id_ed25519.pub; "
			"ssh-keygen -t ed25519 makes a pair");
}

/* "ssh-ed25519 AAAA… comment" → its first two words in *key. */
static int take_line(const char *line, char **key, struct err *err)
{
	static const char base64[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t kind = strcspn(line, " \t");
	const char *data = line + kind + strspn(line + kind, " \t");
	size_t len = strspn(data, base64);

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strlen(kinds[i]) == kind && strncmp(kinds[i], line, kind) == 0 &&
		    len >= 32 && (!data[len] || strchr(" \t\r", data[len]))) {
			*key = xasprintf("%s %.*s", kinds[i], (int)len, data);
			return 0;
		}
	return not_a_key(err);
}

/* The fingerprint, by ssh-keygen: "256 SHA256:… comment (ED25519)". */
static int take_fingerprint(struct ssh_key *k, struct err *err)
{
	AUTO(buf_release) struct buf in = BUF_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	const char *const argv[] = { SSH_KEYGEN, "-l", "-E", "sha256", "-f", "-", NULL };
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .in = &in,
			  .out = &out,
			  .timeout_ms = 10000 };
	struct proc_end end;
	char print[128];

	buf_addf(&in, "%s\n", k->public_key);
	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code != 0 || sscanf(out.data, "%*d %127s", print) != 1 ||
	    strncmp(print, "SHA256:", 7) != 0)
		return not_a_key(err);
	k->fingerprint = xstrdup(print);
	return 0;
}

int public_key_read(struct ssh_key *k, const char *text, size_t len, struct err *err)
{
	AUTO_FREE char *copy = xstrndup(text, len);
	AUTO_FREE char *key = NULL;
	char *save = NULL;

	if (strlen(copy) != len)
		return not_a_key(err);
	if (strstr(copy, "PRIVATE KEY-----")) {
		(void)err_set(err, ERR_USAGE, "this is a private key: it stays with you");
		return err_hint(err, "give the public half, the file that ends in .pub");
	}
	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " \t\r");
		if (!*line || *line == '#')
			continue;
		if (key) {
			(void)err_set(err, ERR_USAGE, "there is more than one key here");
			return err_hint(err, "add each with a name of its own");
		}
		if (take_line(line, &key, err) < 0)
			return -1;
	}
	if (!key)
		return not_a_key(err);
	free(k->public_key);
	k->public_key = take_str(&key);
	return take_fingerprint(k, err);
}
