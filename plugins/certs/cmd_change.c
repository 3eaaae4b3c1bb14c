/* SPDX-License-Identifier: MIT */
/* certs:add, :update, :generate and :remove. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "plugins/certs/certs.h"
#include "runtime/helper.h"
#include "serve/cert.h"
#include "serve/domains.h"
#include "util/cleanup.h"
#include "util/fs.h"

static int read_file(const struct request *req, int word, struct buf *out,
		     struct err *err)
{
	AUTO_CLOSE int fd = request_open_file(req, word, err);

	if (fd < 0 && err->sys == ENOENT) {
		(void)err_set(err, ERR_USAGE,
			      "%s file specified not found: there is no %s on this host",
			      word == 1 ? "CRT" : "KEY", req->argv[word]);
		return err_hint(err,
				"from elsewhere: tar cf - server.crt server.key | ssh "
				"davit@HOST certs:add APP");
	}
	if (fd < 0)
		return -1;
	if (fs_read_fd(fd, CERTS_FILE_MAX, out, err) < 0)
		return err_context(err, "%s", req->argv[word]);
	return 0;
}

static int read_pair(struct request *req, struct pair *p, struct err *err)
{
	if (req->argc == 3)
		return read_file(req, 1, &p->crt, err) < 0 ||
				       read_file(req, 2, &p->key, err) < 0
			       ? -1
			       : 0;
	if (req->argc == 1 && !isatty(STDIN_FILENO))
		return pair_from_tar(STDIN_FILENO, p, err);
	(void)err_set(err, ERR_USAGE,
		      "CRT file specified not found: two files are needed, "
		      "or a tar file on stdin");
	return err_hint(err, "usage: davit %s %s", req->command->name,
			req->command->usage);
}

/* Ports first, then whoever serves: the order of Dokku's two triggers. */
static int tell(struct request *req, enum trigger_id what, struct err *err)
{
	return trigger(req->st, req->out, err, what, req->app.name, NULL) < 0 ||
			       trigger(req->st, req->out, err,
				       TRIGGER_POST_DOMAINS_UPDATE, req->app.name,
				       NULL) < 0
		       ? -1
		       : 0;
}

static int put(struct request *req, const struct pair *p, struct err *err)
{
	const char *const pem[2] = { p->crt.data, p->key.data };
	AUTO(facts_release) struct facts f = FACTS_INIT;
	AUTO_FREE char *facts = NULL;

	if (facts_read(p->crt.data, &f, err) < 0)
		return -1;
	facts = facts_text(&f);
	return cert_put(req->st, helper_one, &req->app, pem, facts, err) < 0 ||
			       tell(req, TRIGGER_POST_CERTS_UPDATE, err) < 0
		       ? -1
		       : 0;
}

int certs_cmd_add(struct request *req, struct err *err)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;

	if (read_pair(req, &p, err) < 0 || pair_check(&p, err) < 0 ||
	    put(req, &p, err) < 0)
		return -1;
	out_step(req->out, "Configured SSL for %s", req->app.name);
	return 0;
}

int certs_cmd_facts(struct request *req, struct err *err)
{
	AUTO(facts_release) struct facts f = FACTS_INIT;
	AUTO_FREE char *pem = NULL;
	AUTO_FREE char *text = NULL;
	int rc = cert_find(req->st, req->app.id, &pem, err);

	if (rc != 0)
		return rc < 0 ? -1
			      : err_set(err, ERR_REFUSED, "%s has no certificate",
					req->app.name);
	if (facts_read(pem, &f, err) < 0)
		return -1;
	text = facts_text(&f);
	if (!text)
		return err_set(err, ERR_APP,
			       "a name in the certificate of %s is not UTF-8",
			       req->app.name);
	out_line(req->out, "%s", text);
	return cert_set_facts(req->st, req->app.id, text, err);
}

int certs_cmd_generate(struct request *req, struct err *err)
{
	AUTO(pair_release) struct pair p = PAIR_INIT;
	AUTO_FREE char *domain = NULL;
	AUTO(strv_release) struct strv served = STRV_INIT;

	if (domains_check(req->argv[1], &domain, err) < 0 ||
	    pair_generate(domain, &p, err) < 0 || put(req, &p, err) < 0 ||
	    domains_served(req->st, &req->app, &served, err) < 0)
		return -1;
	out_step(req->out, "Self-signed certificate for %s, good for a year", domain);
	if (strv_find(&served, domain) < 0)
		out_warn(req->out,
			 "%s does not answer to %s yet; next: davit domains:add "
			 "%s %s",
			 req->app.name, domain, req->app.name, domain);
	return 0;
}

int certs_cmd_remove(struct request *req, struct err *err)
{
	static const char *const none[2] = { NULL, NULL };
	bool present;

	if (cert_present(req->st, req->app.id, &present, err) < 0)
		return -1;
	if (!present)
		return err_set(err, ERR_REFUSED,
			       "An app-specific SSL endpoint is not "
			       "defined");
	/* nginx first, then the files that it no longer names. */
	if (cert_forget(req->st, req->app.id, err) < 0 ||
	    tell(req, TRIGGER_POST_CERTS_REMOVE, err) < 0)
		return -1;
	out_step(req->out, "Removing SSL endpoint from %s", req->app.name);
	return cert_put(req->st, helper_one, &req->app, none, NULL, err);
}
