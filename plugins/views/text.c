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
	bool global = v->app->id == STORE_GLOBAL;
	const char *const words[] = { global ? "--global" : v->app->name,
				      global ? "true" : "false", "false", "envfile",
				      NULL };
	struct out untraced = *v->out;
	/* Every command looks at its files: a hook of a plugin would change an app then,
	 * before the command has begun. */
	struct trigger_call call = { .id = TRIGGER_CONFIG_EXPORT,
				     .argv = words,
				     .st = v->st,
				     .to = &untraced,
				     .in = BUF_INIT,
				     .out = BUF_INIT,
				     .core_only = true };
	int rc;

	untraced.trace = false;
	rc = trigger_fire(&call, err);
	buf_chomp(&call.out);
	if (rc >= 0 && call.out.len)
		buf_addf(text, "%s\n", call.out.data);
	buf_release(&call.out);
	return rc < 0 ? -1 : 0;
}
