/* SPDX-License-Identifier: MIT */
#include "plugins/views/views.h"
#include "serve/domains.h"
#include "store/domain.h"
#include "util/cleanup.h"
#include "util/paths.h"

char *views_domains_path(const struct views *v)
{
	return v->app->id == STORE_GLOBAL ? paths_in(v->home, "VHOST")
					  : paths_in(v->home, "%s/VHOST", v->app->name);
}

char *views_env_path(const struct views *v)
{
	return paths_in(paths_root(), "config/%s/ENV",
			v->app->id == STORE_GLOBAL ? "--global" : v->app->name);
}

int views_domains(const struct views *v, struct buf *text, struct err *err)
{
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	int rc = v->app->id == STORE_GLOBAL
			 ? domain_list(v->st, STORE_GLOBAL, &hosts, err)
			 : domains_of_app(v->st, v->app, &hosts, err);

	if (rc < 0)
		return -1;
	strv_foreach(host, &hosts)
		buf_addf(text, "%s\n", host);
	return 0;
}

/* As config:export --format envfile prints it: who knows that form is the config plugin. */
int views_env(const struct views *v, struct buf *text, struct err *err)
{
	AUTO_FREE char *answer = NULL;
	bool global = v->app->id == STORE_GLOBAL;
	struct out untraced = *v->out;

	untraced.trace = false;
	if (trigger_ask(v->st, &untraced, &answer, err, TRIGGER_CONFIG_EXPORT,
			global ? "--global" : v->app->name, global ? "true" : "false",
			"false", "envfile", NULL) < 0)
		return -1;
	if (answer && *answer)
		buf_addf(text, "%s\n", answer);
	return 0;
}
