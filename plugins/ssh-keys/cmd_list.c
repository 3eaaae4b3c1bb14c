/* SPDX-License-Identifier: MIT */
/* ssh-keys:list [--format text|json] [NAME] */
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "command/report.h"
#include "plugins/ssh-keys/ssh_keys.h"
#include "util/cleanup.h"

struct listing {
	struct request *req;
	const char *only; /* this name, or NULL */
	const char *file; /* authorized_keys, or NULL where there is none */
	json_t *json;     /* NULL: text */
	int count;
};

static int show(void *ctx, const struct ssh_key *k, struct err *err)
{
	struct listing *l = ctx;

	(void)err;
	if ((l->only && strcmp(l->only, k->name) != 0) ||
	    (l->file && !authorized_keys_holds(l->file, k)))
		return 0;
	l->count++;
	if (l->json)
		(void)json_array_append_new(
			l->json,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "fingerprint",
				  k->fingerprint, "name", k->name,
				  "SSHCOMMAND_ALLOWED_KEYS", k->options, "public-key",
				  k->public_key, "role", k->role, "limits", k->limits));
	else
		out_line(l->req->out, "%s NAME=\"%s\" SSHCOMMAND_ALLOWED_KEYS=\"%s\"",
			 k->fingerprint, k->name, k->options);
	return 0;
}

/* A script that asks for one name reads the status; a person is told. */
static int none(const struct listing *l, struct err *err)
{
	if (l->only && !isatty(STDERR_FILENO))
		return err_exit(err, 1);
	if (l->only)
		(void)err_set(err, ERR_REFUSED, "there is no ssh key named %s", l->only);
	else
		(void)err_set(err, ERR_REFUSED, "No public keys found");
	return err_hint(err, "on the host, as root: davit ssh-keys:add <name> <file>");
}

int ssh_keys_cmd_list(struct request *req, struct err *err)
{
	const char *format = request_value(req, "format");
	struct listing l = { .req = req, .only = req->argc > 0 ? req->argv[0] : NULL };
	AUTO(buf_release) struct buf file = BUF_INIT;
	int rc;

	if (format && strcmp(format, "json") == 0)
		l.json = json_array();
	else if (format && strcmp(format, "text") != 0 && strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE, "Invalid format %.60s: it is json or text",
			       format);
	rc = authorized_keys_read(&file, err);
	l.file = rc == 0 ? file.data : NULL;
	if (rc >= 0)
		rc = ssh_key_each(req->st, show, &l, err);
	if (rc == 0 && l.count == 0 && !l.json)
		rc = none(&l, err);
	if (rc == 0 && l.json)
		report_print_json(req->out, l.json);
	else
		json_decref(l.json);
	return rc;
}
