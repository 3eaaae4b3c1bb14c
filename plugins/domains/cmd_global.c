/* SPDX-License-Identifier: MIT */
/* The host's own domains.  Apps without a list of their own follow them. */
#include "plugins/domains/domains.h"
#include "store/domain.h"
#include "util/cleanup.h"

static int rebuild_followers(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;

	if (domain_followers(req->st, &apps, err) < 0)
		return -1;
	strv_foreach(name, &apps) {
		if (trigger(req->st, req->out, err, TRIGGER_PROXY_BUILD_CONFIG, name,
			    NULL) < 0)
			return err_context(err, "%s", name);
	}
	return 0;
}

/* Write the list; the old one comes back where the proxy cannot follow. */
static int change(struct request *req, const struct strv *was, const struct strv *now,
		  struct err *err)
{
	struct err ignored;

	if (domain_replace(req->st, STORE_GLOBAL, now, err) < 0)
		return -1;
	if (rebuild_followers(req, err) == 0)
		return 0;
	(void)domain_replace(req->st, STORE_GLOBAL, was, &ignored);
	(void)rebuild_followers(req, &ignored);
	return err_context(err, "the global domains are as they were");
}

int domains_cmd_add_global(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	AUTO(strv_release) struct strv now = STRV_INIT;
	AUTO(strv_release) struct strv more = STRV_INIT;

	if (domains_take_words(req->argv, &more, err) < 0 ||
	    domain_list(req->st, STORE_GLOBAL, &was, err) < 0 ||
	    domain_list(req->st, STORE_GLOBAL, &now, err) < 0)
		return -1;
	strv_foreach(host, &more) {
		if (strv_find(&now, host) < 0)
			strv_add(&now, host);
	}
	if (change(req, &was, &now, err) < 0)
		return -1;
	strv_foreach(host, &more)
		out_step(req->out, "Added %s", host);
	return 0;
}

int domains_cmd_remove_global(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	AUTO(strv_release) struct strv now = STRV_INIT;
	AUTO(strv_release) struct strv gone = STRV_INIT;

	if (domains_take_words(req->argv, &gone, err) < 0 ||
	    domain_list(req->st, STORE_GLOBAL, &was, err) < 0)
		return -1;
	strv_foreach(host, &gone) {
		if (strv_find(&was, host) < 0) {
			(void)err_set(err, ERR_REFUSED, "%s is not a global domain",
				      host);
			return err_hint(err, "davit domains:report --global");
		}
	}
	strv_foreach(kept, &was) {
		if (strv_find(&gone, kept) < 0)
			strv_add(&now, kept);
	}
	if (change(req, &was, &now, err) < 0)
		return -1;
	strv_foreach(host, &gone)
		out_step(req->out, "Removed %s", host);
	return 0;
}

int domains_cmd_set_global(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	AUTO(strv_release) struct strv now = STRV_INIT;

	if (domains_take_words(req->argv, &now, err) < 0 ||
	    domain_list(req->st, STORE_GLOBAL, &was, err) < 0 ||
	    change(req, &was, &now, err) < 0)
		return -1;
	strv_foreach(host, &now)
		out_step(req->out, "Set %s", host);
	return 0;
}

int domains_cmd_clear_global(struct request *req, struct err *err)
{
	static const struct strv none = STRV_INIT;
	AUTO(strv_release) struct strv was = STRV_INIT;

	if (domain_list(req->st, STORE_GLOBAL, &was, err) < 0 ||
	    change(req, &was, &none, err) < 0)
		return -1;
	out_step(req->out, "Cleared global domains");
	return 0;
}
