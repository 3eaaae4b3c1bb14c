/* SPDX-License-Identifier: MIT */
/* certs:report and certs:show. */
#include <string.h>
#include <unistd.h>

#include "command/report.h"
#include "plugins/certs/certs.h"
#include "serve/cert.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"

static void add_facts(struct report *r, const struct facts *f)
{
	AUTO_FREE char *names = strv_join(&f->hostnames, " ");

	report_add(r, "ssl-hostnames", names);
	report_add(r, "ssl-subject", f->subject ? f->subject : "");
	report_add(r, "ssl-issuer", f->issuer ? f->issuer : "");
	report_add(r, "ssl-starts-at", f->starts_at ? f->starts_at : "");
	report_add(r, "ssl-expires-at", f->expires_at ? f->expires_at : "");
	report_add(r, "ssl-verified",
		   !f->subject      ? ""
		   : f->self_signed ? "self signed"
				    : "verified by a certificate authority");
}

/* A certificate of a time when nothing was kept beside it: davit-heavy reads it, and keeps
 * what it says. */
static int read_again(const struct app *app, char **text, struct err *err)
{
	AUTO_FREE char *davit = paths_davit();
	AUTO(strv_release) struct strv env = STRV_INIT;
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const argv[] = { davit, "certs:facts", app->name, NULL };
	struct proc p = { .argv = argv, .out = &said };
	struct proc_end end;

	plugin_hook_environment(&env);
	p.env = strv_const(&env);
	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code != 0)
		return err_set(err, ERR_HOST, "the certificate of %s cannot be read",
			       app->name);
	*text = buf_take(&said);
	return 0;
}

/* 0, or STORE_NO_ROW: no certificate. */
static int load_facts(struct store *st, const struct app *app, struct facts *f,
		      struct err *err)
{
	AUTO_FREE char *text = NULL;
	bool present;
	int rc = cert_facts(st, app->id, &text, err);

	if (rc == STORE_NO_ROW) {
		if (cert_present(st, app->id, &present, err) < 0)
			return -1;
		if (!present)
			return STORE_NO_ROW;
		rc = read_again(app, &text, err);
	}
	return rc < 0 ? -1 : facts_parse(text, f, err);
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "tls/%s", app->name);
	AUTO(facts_release) struct facts f = FACTS_INIT;
	int rc;

	/* The host has no certificate of its own to report. */
	if (app->id == STORE_GLOBAL)
		return 0;
	rc = load_facts(req->st, app, &f, err);
	if (rc < 0)
		return -1;
	report_add(r, "ssl-dir", dir);
	report_add_bool(r, "ssl-enabled", rc == 0);
	add_facts(r, &f);
	return 0;
}

int certs_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = {
		.title = "ssl", .prefix = "ssl-", .global = true, .fill = fill
	};

	return report_run(req, &kind, err);
}

char *certs_key_file(const struct request *req)
{
	bool key = req->argc > 1 && strcmp(req->argv[1], "key") == 0;

	if (!key || !name_is_app(req->argv[0]))
		return NULL;
	return paths_in(paths_root(), "tls/%s/server.key", req->argv[0]);
}

/* Root may read what belongs to root; nobody else is shown a key. */
static int show_key(struct request *req, struct err *err)
{
	char block[4096];
	ssize_t n;

	if (req->root_file < 0) {
		(void)err_set(err, ERR_REFUSED,
			      "the key of %s belongs to root and is not shown",
			      req->app.name);
		return err_hint(err, "on the host: sudo davit certs:show %s key",
				req->app.name);
	}
	while ((n = read(req->root_file, block, sizeof block)) > 0)
		out_bytes(req->out, block, (size_t)n);
	explicit_bzero(block, sizeof block);
	return n < 0 ? err_sys(err, "read the key") : 0;
}

int certs_cmd_show(struct request *req, struct err *err)
{
	AUTO_FREE char *pem = NULL;
	const char *what = req->argc > 1 ? req->argv[1] : "";
	int rc;

	if (strcmp(what, "crt") != 0 && strcmp(what, "key") != 0) {
		(void)err_set(err, ERR_USAGE, "specify either 'key' or 'crt'");
		return err_hint(err, "usage: davit certs:show %s crt", req->app.name);
	}
	rc = cert_find(req->st, req->app.id, &pem, err);
	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW) {
		(void)err_set(err, ERR_REFUSED,
			      "An app-specific SSL endpoint is not defined");
		return err_hint(err, "davit certs:add %s CRT KEY", req->app.name);
	}
	if (strcmp(what, "crt") == 0) {
		out_bytes(req->out, pem, strlen(pem));
		return 0;
	}
	return show_key(req, err);
}
