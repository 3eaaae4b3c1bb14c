/* SPDX-License-Identifier: MIT */
/* What the commands that change names have in common. */
#include "plugins/domains/domains.h"
#include "store/config.h"
#include "store/domain.h"
#include "util/cleanup.h"

int domains_take_words(const char *const *words, struct strv *hosts, struct err *err)
{
	for (; *words; words++) {
		char *host;

		if (domains_check(*words, &host, err) < 0)
			return -1;
		if (strv_find(hosts, host) < 0)
			strv_take(hosts, host);
		else
			free(host);
	}
	return 0;
}

int domains_check_free(struct store *st, const struct app *app, const struct strv *hosts,
		       struct err *err)
{
	strv_foreach(host, hosts) {
		AUTO_FREE char *owner = NULL;
		int rc = domains_owner(st, host, app->id, &owner, err);

		if (rc < 0)
			return -1;
		if (rc == STORE_NO_ROW)
			continue;
		(void)err_set(err, ERR_REFUSED, "%s belongs to the app %s", host, owner);
		return err_hint(err, "davit domains:remove %s %s", owner, host);
	}
	return 0;
}

/* APP ACTION DOMAIN... */
static int tell(struct request *req, const struct app *app, const char *action,
		const struct strv *named, struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;

	strv_add(&words, app->name);
	strv_add(&words, action);
	strv_foreach(host, named)
		strv_add(&words, host);

	return trigger_argv(req->st, req->out, err, TRIGGER_POST_DOMAINS_UPDATE,
			    strv_const(&words)) < 0
		       ? -1
		       : 0;
}

int domains_change(struct request *req, const struct app *app, const struct strv *hosts,
		   const char *action, const struct strv *named, struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	struct err ignored;
	bool chosen;

	if (domains_chosen(req->st, app->id, &chosen, err) < 0 ||
	    domain_list(req->st, app->id, &was, err) < 0 ||
	    domains_choose(req->st, app->id, hosts, err) < 0)
		return -1;
	if (tell(req, app, action, named, err) == 0)
		return 0;
	(void)domains_choose(req->st, app->id, chosen ? &was : NULL, &ignored);
	return err_context(err, "the domains of %s are as they were", app->name);
}

static int write_switch(struct store *st, const struct app *app, bool on, struct err *err)
{
	static const char *const key[] = { "NO_VHOST", NULL };
	json_t *vars;
	int rc;

	if (on)
		return config_remove(st, app->id, key, err);
	vars = json_pack("{s:s}", "NO_VHOST", "1");
	rc = config_put(st, app->id, vars, err);
	json_decref(vars);
	return rc;
}

int domains_switch(struct store *st, const struct app *app, bool on, bool *changed,
		   struct err *err)
{
	bool was;

	if (domains_enabled(st, app->id, &was, err) < 0)
		return -1;
	*changed = was != on;
	return was == on ? 0 : write_switch(st, app, on, err);
}
