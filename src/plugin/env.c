/* SPDX-License-Identifier: MIT */
/* The environment that plugin code is promised (davit-plugin(7)). */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/plugin.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/strv.h"

/* "PID APP": the process that deploys the app, or has, or is about to. */
#define PLUGIN_DEPLOYS "DAVIT_DEPLOYS"

/* What a caller of ours has set for us and a nested davit must see again. */
static const char *const handed_on[] = {
	"DOKKU_TRACE",
	"DOKKU_QUIET_OUTPUT",
	"DOKKU_APPS_FORCE_DELETE",
	"DOKKU_APP_NAME",
	"DOKKU_BUILD_ID",
	"DOKKU_COMMAND",
	"DOKKU_GLOBAL_FLAGS",
	"DOCKER_REGISTRY_PASS", /* at post-registry-login only */
	"SSH_USER",
	"SSH_NAME",
	"NAME",
	"FINGERPRINT",
	"DAVIT_CALLER",
	"DAVIT_DEPLOY_LOCK_FD",
	PLUGIN_DEPLOYS,
	"DAVIT_ROOT",
	"DAVIT_RUN",
	"DAVIT_LOG",
	"DAVIT_LIBEXEC",
	"DAVIT_SHARE",
};

const char *plugin_home(void)
{
	AUTO_FREE char *store = paths_in(paths_root(), "store");
	const char *given = getenv("DOKKU_ROOT");
	const struct passwd *pw;
	struct stat st;

	if (given && *given)
		return given;
	pw = getpwuid(stat(store, &st) == 0 ? st.st_uid : geteuid());
	return pw ? pw->pw_dir : "/home/davit";
}

/* ID=debian of os-release. */
static char *distribution(void)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err ignored;
	const char *at;

	if (fs_read("/etc/os-release", 65536, &text, &ignored) != 0)
		return xstrdup("linux");
	at = strncmp(text.data, "ID=", 3) == 0 ? text.data : strstr(text.data, "\nID=");
	if (!at)
		return xstrdup("linux");
	at += strcspn(at, "=") + 1;
	at += strspn(at, "\"'");
	return xstrndup(at, strcspn(at, "\"'\n"));
}

void plugin_environment(struct strv *env, const char *app)
{
	const char *root = paths_root();
	const char *home = plugin_home();
	const char *pid = getenv("DOKKU_PID");
	AUTO_FREE char *distro = distribution();

	/* The shims come last: they stand in for what is not there. */
	strv_addf(env,
		  "PATH=%s/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
		  "/bin:%s/shims",
		  DAVIT_PREFIX, paths_libexec());
	strv_add(env, "LC_ALL=C.UTF-8");
	strv_addf(env, "DOKKU_DISTRO=%s", distro);
	strv_add(env, "DOCKER_BIN=docker");
	strv_add(env, "DOKKU_CONTAINER_LABEL=dokku");
	strv_addf(env, "HOME=%s", home);
	strv_addf(env, "DOKKU_ROOT=%s", home);
	strv_addf(env, "DOKKU_HOST_ROOT=%s", home);
	strv_addf(env, "DOKKU_LIB_ROOT=%s", root);
	strv_addf(env, "DOKKU_LIB_HOST_ROOT=%s", root);
	strv_addf(env, "PLUGIN_PATH=%s/plugins", root);
	strv_addf(env, "PLUGIN_AVAILABLE_PATH=%s/plugins/available", root);
	strv_addf(env, "PLUGIN_ENABLED_PATH=%s/plugins/enabled", root);
	strv_addf(env, "PLUGIN_CORE_PATH=%s/core-plugins", paths_share());
	strv_addf(env, "PLUGIN_CORE_AVAILABLE_PATH=%s/core-plugins/available",
		  paths_share());
	strv_addf(env, "PLUGIN_CORE_ENABLED_PATH=%s/core-plugins/enabled", paths_share());
	strv_addf(env, "DOKKU_LOGS_DIR=%s", paths_log());
	strv_addf(env, "DOKKU_LOGS_HOST_DIR=%s", paths_log());
	strv_addf(env, "DOKKU_EVENTS_LOGFILE=%s/events.log", paths_log());
	strv_add(env, "DOKKU_SYSTEM_USER=dokku");
	strv_add(env, "DOKKU_SYSTEM_GROUP=dokku");
	strv_add(env, "DOKKU_API_VERSION=1");
	strv_add(env, "DOKKU_VALID_EXIT=0");
	strv_add(env, "DOKKU_NOT_IMPLEMENTED_EXIT=10");
	if (pid)
		strv_addf(env, "DOKKU_PID=%s", pid);
	else
		strv_addf(env, "DOKKU_PID=%d", (int)getpid());
	if (app)
		strv_addf(env, "DOKKU_APP_NAME=%s", app);
	for (size_t i = 0; i < sizeof handed_on / sizeof *handed_on; i++) {
		const char *v = getenv(handed_on[i]);

		if (v)
			strv_addf(env, "%s=%s", handed_on[i], v);
	}
}

/* "anyone ssh SHA256:x ci" becomes "admin ssh;hook SHA256:x ci". */
void plugin_hook_environment(struct strv *env)
{
	const char *caller = getenv("DAVIT_CALLER");
	const char *way = caller ? strchr(caller, ' ') : NULL;

	plugin_environment(env, NULL);
	if (!way)
		return;
	way++;
	for (size_t i = 0; i < env->len; i++)
		if (strncmp(env->v[i], "DAVIT_CALLER=", 13) == 0)
			strv_remove(env, i--);
	strv_addf(env, "DAVIT_CALLER=admin %.*s;hook%s", (int)strcspn(way, " ;"), way,
		  way + strcspn(way, " "));
}

void plugin_mark_deploy(const char *app)
{
	AUTO_FREE char *text = xasprintf("%d %s", (int)getpid(), app);

	(void)setenv(PLUGIN_DEPLOYS, text, 1);
}

/* Of this process, which is one command: no program that it runs builds for it. */
static const char *said_source;

void plugin_name_source(const char *source)
{
	said_source = source;
}

const char *plugin_deploy_source(const char *other)
{
	return said_source ? said_source : other;
}

bool plugin_deploy_marked(const char *app)
{
	const char *text = getenv(PLUGIN_DEPLOYS);
	char *end = NULL;
	long pid = text ? strtol(text, &end, 10) : 0;

	return pid > 0 && pid != getpid() && *end == ' ' && strcmp(end + 1, app) == 0;
}
