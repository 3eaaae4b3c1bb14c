/* SPDX-License-Identifier: MIT */
/*
 * registry:login and registry:logout.  skopeo asks the registry whether the password is
 * right, and keeps it; it gets it by its stdin, never as a word.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/rights.h"
#include "plugins/registry/registry.h"
#include "runtime/outside.h"
#include "runtime/registry.h"
#include "runtime/skopeo.h"
#include "util/cleanup.h"
#include "util/fs.h"

enum { PASSWORD_MAX = 16384, WORD_MAX = 255, LOGIN_MS = 60 * 1000 };

/* With just the words that the host's login has, it is the host's.  Returns how many words
 * come before those of the registry, or -1. */
static int find_scope(struct request *req, int words, struct err *err)
{
	if (req->global)
		return 0;
	if (req->argc <= words) {
		req->global = true;
		return rights_check(req, NULL, err) < 0 ? -1 : 0;
	}
	return rights_find_app(req, req->argv[0], err) < 0 ? -1 : 1;
}

/* The words of an app's without the last are as many as those of the host's, at a registry
 * that is called as an app is. */
static bool lacks_word(const struct request *req, int words)
{
	struct app app;
	struct err ignored;

	return !req->global && req->argc == words &&
	       app_find(req->st, req->argv[0], &app, &ignored) == 0 &&
	       request_may_see(req, req->argv[0]);
}

static const char *app_of(const struct request *req)
{
	return req->global ? NULL : req->app.name;
}

static const char *shown(const struct request *req)
{
	return req->global ? "global registry" : req->app.name;
}

static int missing(const struct request *req, const char *what, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "Missing %s argument", what);
	return err_hint(err, "usage: davit %s %s", req->command->name,
			req->command->usage);
}

/* Other names that Docker's own registry goes by. */
static const char *server_of(const char *word)
{
	return strcmp(word, "hub.docker.com") == 0 || strcmp(word, "docker.com") == 0
		       ? "docker.io"
		       : word;
}

static int check_server(const char *server, struct err *err)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-/:[]";

	if (*server && *server != '-' && *server != '/' && strlen(server) <= WORD_MAX &&
	    strspn(server, may) == strlen(server) && !strstr(server, "//"))
		return 0;
	(void)err_set(err, ERR_USAGE, "'%.100s' is not the name of a registry", server);
	return err_hint(err, "HOST or HOST:PORT, without https://");
}

static int check_user(const char *user, struct err *err)
{
	bool good = *user && strlen(user) <= WORD_MAX && !strchr(user, ':');

	for (const char *c = user; *c; c++)
		good = good && (unsigned char)*c >= 0x20 && *c != 0x7f;
	return good ? 0 : err_set(err, ERR_USAGE, "that is not the name of a user");
}

static int no_skopeo(struct err *err)
{
	(void)err_set(err, ERR_REFUSED,
		      "skopeo, which speaks to registries, is not installed");
	return err_hint(err, "apt-get install skopeo");
}

/* What Dokku calls it, and what else went wrong often. */
static int cannot(const char *verb, const char *server, const struct buf *why,
		  struct err *err)
{
	(void)err_set(err, ERR_REFUSED, "Unable to log %s %s: %.600s", verb, server,
		      why->data);
	if (strstr(why->data, "HTTP response to HTTPS"))
		return err_hint(err,
				"a registry without TLS is trusted where "
				"/etc/containers/registries.conf.d/NAME.conf says "
				"[[registry]] location = \"%s\" insecure = true",
				server);
	if (strstr(why->data, "nauthorized") || strstr(why->data, "invalid username"))
		return err_hint(err, "are user and password right?  Many registries want "
				     "a token that may read packages");
	return err_hint(err, "does it answer this host?  curl -sSI https://%s/v2/",
			server);
}

/* --- login ------------------------------------------------------------------------------ */

/* What is piped in, or the last word. */
static int read_password(const struct request *req, int at, struct buf *password,
			 struct err *err)
{
	bool piped = request_flag(req, "password-stdin");

	if (!piped && req->argc > at) {
		buf_adds(password, req->argv[at]);
	} else if (piped && fs_read_fd(STDIN_FILENO, PASSWORD_MAX, password, err) < 0) {
		return -1;
	}
	buf_chomp(password);
	if (password->len && !memchr(password->data, '\0', password->len) &&
	    !strpbrk(password->data, "\r\n"))
		return 0;
	if (password->len)
		return err_set(err, ERR_USAGE, "the password has more than one line");
	(void)err_set(err, ERR_USAGE, "Missing password argument");
	return err_hint(err,
			"davit registry:login --password-stdin %s SERVER USER "
			"< FILE-WITH-THE-PASSWORD",
			req->global ? "--global" : req->app.name);
}

/* skopeo writes the file 0600. */
static int store(const struct request *req, const char *server, const char *user,
		 const struct buf *password, struct err *err)
{
	AUTO_FREE char *dir = registry_dir(plugin_home(), app_of(req));
	AUTO_FREE char *file = registry_file(plugin_home(), app_of(req));
	AUTO(buf_release) struct buf why = BUF_INIT;
	const char *const words[] = { "login",      "--authfile", file,
				      "--username", user,         "--password-stdin",
				      "--",         server,       NULL };
	const struct skopeo s = { .words = words,
				  .home = plugin_home(),
				  .in = password,
				  .timeout_ms = LOGIN_MS };
	int rc;

	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	rc = skopeo_run(&s, &why, err);
	return rc == SKOPEO_FAILED ? cannot("in to", server, &why, err) : rc;
}

/* Plugins find the password in their environment. */
static int tell(const struct request *req, const char *server, const char *user,
		const struct buf *password, struct err *err)
{
	int rc;

	(void)setenv("DOCKER_REGISTRY_PASS", password->data, 1);
	rc = trigger(req->st, req->out, err, TRIGGER_POST_REGISTRY_LOGIN, server, user,
		     NULL);
	(void)unsetenv("DOCKER_REGISTRY_PASS");
	return rc < 0 ? -1 : 0;
}

int registry_cmd_login(struct request *req, struct err *err)
{
	AUTO(buf_release) struct buf password = BUF_INIT;
	int words = request_flag(req, "password-stdin") ? 2 : 3;
	const char *server, *user;
	int at, rc;

	if (words == 3 && lacks_word(req, words))
		return missing(req, "password", err);
	at = find_scope(req, words, err);
	if (at < 0)
		return -1;
	if (req->argc < at + 2)
		return missing(req, req->argc == at ? "server" : "username", err);
	if (req->argc > at + words)
		return err_set(err, ERR_USAGE, "%s: too many words", req->command->name);
	server = server_of(req->argv[at]);
	user = req->argv[at + 1];
	if (check_server(server, err) < 0 || check_user(user, err) < 0 ||
	    read_password(req, at + 2, &password, err) < 0 ||
	    outside_check(server, err) < 0)
		return -1;
	/* Not before: with a word missing, the last one may be the password. */
	request_note(req, server);
	request_note(req, user);
	rc = skopeo_is_here() ? store(req, server, user, &password, err) : no_skopeo(err);
	if (rc == 0) {
		out_step(req->out, "Login Succeeded for %s", shown(req));
		rc = tell(req, server, user, &password, err);
	}
	explicit_bzero(password.data, password.len);
	return rc;
}

/* --- logout ----------------------------------------------------------------------------- */

int registry_cmd_logout(struct request *req, struct err *err)
{
	AUTO_FREE char *file = NULL;
	AUTO(buf_release) struct buf why = BUF_INIT;
	const char *server;
	int at, rc;

	if (lacks_word(req, 1))
		return missing(req, "server", err);
	at = find_scope(req, 1, err);
	if (at < 0)
		return -1;
	if (req->argc == at)
		return missing(req, "server", err);
	if (req->argc > at + 1)
		return err_set(err, ERR_USAGE, "%s: too many words", req->command->name);
	server = server_of(req->argv[at]);
	request_note(req, server);
	file = registry_file(plugin_home(), app_of(req));
	if (check_server(server, err) < 0)
		return -1;
	if (!req->global && !fs_exists(file))
		return err_set(err, ERR_REFUSED,
			       "No registry credentials found for app %s", req->app.name);
	if (!registry_knows(file, server)) {
		out_warn(req->out, "Not logged in to %s", server);
		return 0;
	}
	if (!skopeo_is_here())
		return no_skopeo(err);

	const char *const words[] = { "logout", "--authfile", file, "--", server, NULL };

	rc = skopeo_run(&(struct skopeo){ .words = words,
					  .home = plugin_home(),
					  .timeout_ms = LOGIN_MS },
			&why, err);
	if (rc == SKOPEO_FAILED)
		return cannot("out of", server, &why, err);
	if (rc == 0)
		out_step(req->out, "Removing login credentials for %s", server);
	return rc;
}
