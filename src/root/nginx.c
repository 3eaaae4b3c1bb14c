/* SPDX-License-Identifier: MIT */
#include "root/nginx.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/app.h"
#include "root/dirs.h"
#include "root/nginx_daemon.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/nginx_check.h"
#include "util/paths.h"

#define FILES     DAVIT_ROOT_DIR "/nginx"
#define SNIPPETS  "snippets/"
#define WORKBENCH DAVIT_RUN_DIR "/build"
#define TEXT_MAX  (4u << 20)
/* There while files may be newer than what nginx serves by: who finds it reloads. */
#define PENDING DAVIT_RUN_DIR "/nginx-pending"
#define SET_MAX 4096

/* One file: what it is and what it is to become; NULL = no file. */
struct change {
	char *app;  /* whose it is */
	char *path; /* relative to FILES */
	const char *text;
	char *before;
};

struct changes {
	struct change *item;
	size_t count;
};

static void changes_release(struct changes *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->item[i].app);
		free(c->item[i].path);
		free(c->item[i].before);
	}
	free(c->item);
}

/* "APP" or "snippets/APP/NAME" → the file and its app, or no path. */
static void find_file(const char *name, struct change *c)
{
	size_t n = strlen(SNIPPETS);
	const char *slash;

	if (name_is_app(name)) {
		c->app = xstrdup(name);
		c->path = xasprintf("%s.conf", name);
		return;
	}
	if (strncmp(name, SNIPPETS, n) != 0)
		return;
	slash = strchr(name + n, '/');
	if (!slash || !name_is_id(slash + 1))
		return;
	c->app = xstrndup(name + n, (size_t)(slash - name) - n);
	if (name_is_app(c->app))
		c->path = xasprintf("%s.conf", name);
}

static int read_before(struct change *c, struct err *err)
{
	AUTO_FREE char *path = xasprintf(FILES "/%s", c->path);
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = fs_read(path, TEXT_MAX, &text, err);

	if (rc == 0)
		c->before = buf_take(&text);
	return rc < 0 ? -1 : 0;
}

static int add_change(struct changes *all, const char *name, const char *text,
		      struct err *err)
{
	struct change c = { .text = text };
	int line = 0;

	find_file(name, &c);
	if (!c.path) {
		free(c.app);
		return err_set(err, ERR_USAGE, "field set: %.100s names no file", name);
	}
	all->item = xrealloc(all->item, all->count + 1, sizeof *all->item);
	all->item[all->count++] = c;
	if (read_before(&all->item[all->count - 1], err) < 0)
		return -1;
	if (text && nginx_check(text, c.app, &line, err) < 0)
		return err_context(err, "%s: line %d", c.path, line);
	/* What is so already need not change. */
	char *before = all->item[all->count - 1].before;

	if ((!text && !before) || (text && before && strcmp(text, before) == 0)) {
		free(c.app);
		free(c.path);
		free(before);
		all->count--;
	}
	return 0;
}

static int parse_set(const json_t *op, struct changes *all, struct err *err)
{
	const json_t *set = json_object_get(op, "set");
	json_t *one;
	size_t i;

	if (!json_is_array(set) || json_array_size(set) > SET_MAX)
		return err_set(err, ERR_USAGE, "field set: not a list, or too long");
	json_array_foreach(set, i, one) {
		const char *name = NULL;
		const char *text = NULL;

		if (!json_is_object(one))
			return err_set(err, ERR_USAGE, "field set: not objects");
		if (request_fields(one, "name text", err) < 0 ||
		    request_text(one, "name", 256, &name, err) < 0 ||
		    request_text_or_null(one, "text", TEXT_MAX, &text, err) < 0 ||
		    add_change(all, name, text, err) < 0)
			return -1;
	}
	return 0;
}

static int put(const char *path, const char *text, struct err *err)
{
	AUTO_FREE char *full = xasprintf(FILES "/%s", path);
	AUTO_FREE char *dir = xstrndup(full, (size_t)(strrchr(full, '/') - full));

	if (!text)
		return unlink(full) < 0 && errno != ENOENT
			       ? err_sys(err, "remove %s", full)
			       : 0;
	if (fs_mkdirs(dir, 0755, err) < 0)
		return -1;
	return fs_write_atomic(full, text, strlen(text), 0644, err);
}

static int put_all(const struct changes *all, bool back, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct change *c = &all->item[i];

		if (put(c->path, back ? c->before : c->text, err) < 0)
			return -1;
	}
	return 0;
}

/* A copy of the files that only this process sees, to be changed at will. */
static int enter_copy(struct err *err)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(err, "private mount namespace");
	if (mount("tmpfs", WORKBENCH, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700") < 0 ||
	    chdir(WORKBENCH) < 0 || mkdir("upper", 0755) < 0 || mkdir("work", 0755) < 0 ||
	    mount("overlay", FILES, "overlay", MS_NOSUID | MS_NODEV,
		  "lowerdir=" FILES ",upperdir=upper,workdir=work") < 0)
		return err_sys(err, "copy of the nginx files");
	return 0;
}

static int test_changed(const struct changes *all, struct buf *words, struct err *err)
{
	AUTO_CLOSE int host = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int rc;

	if (host < 0)
		return err_sys(err, "open the mount namespace");
	rc = enter_copy(err);
	if (rc == 0)
		rc = put_all(all, false, err);
	if (rc == 0)
		rc = nginx_daemon_test(words, err);
	if (setns(host, CLONE_NEWNS) < 0 || chdir("/") < 0)
		bug("cannot return to the host's mounts: %s", strerror(errno));
	return rc;
}

/* nginx said no: to our change, or to the host's configuration as it was before? */
static int blame(const struct buf *words, struct err *err)
{
	AUTO(buf_release) struct buf before = BUF_INIT;
	int rc = nginx_daemon_test(&before, err);

	if (rc < 0)
		return -1;
	if (rc == NGINX_DISLIKED) {
		(void)err_set(
			err, ERR_HOST,
			"nginx's configuration was broken before, by a file of this "
			"host: %.700s",
			before.data);
		return err_hint(err, "nginx -t");
	}
	return err_set(err, ERR_REFUSED, "nginx does not accept it: %.900s", words->data);
}

static int note_pending(const struct changes *all, struct err *err)
{
	AUTO(buf_release) struct buf names = BUF_INIT;
	AUTO_CLOSE int fd = -1;

	for (size_t i = 0; i < all->count; i++)
		buf_addf(&names, "%s\n", all->item[i].path);
	fd = open(PENDING, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fs_write_all(fd, names.data, names.len) < 0)
		return err_sys(err, "write %s", PENDING);
	return 0;
}

static int reload(struct err *err)
{
	fault_at("nginx");
	if (nginx_daemon_reload(err) < 0)
		return -1;
	fault_at("nginx:reloaded");
	(void)unlink(PENDING);
	return 0;
}

static int apply(const struct changes *all, struct err *err)
{
	AUTO(buf_release) struct buf words = BUF_INIT;
	struct err ignored;
	int rc = test_changed(all, &words, err);

	if (rc == NGINX_DISLIKED)
		return blame(&words, err);
	if (rc < 0)
		return -1;
	if (note_pending(all, err) < 0)
		return -1;
	if (put_all(all, false, err) == 0 && reload(err) == 0)
		return 0;
	if (put_all(all, true, &ignored) == 0)
		(void)unlink(PENDING);
	return -1;
}

/* Nothing to change: is what there is accepted? */
static int test_as_is(struct err *err)
{
	AUTO(buf_release) struct buf words = BUF_INIT;
	int rc = nginx_daemon_test(&words, err);

	if (rc != NGINX_DISLIKED)
		return rc;
	(void)err_set(err, ERR_HOST, "nginx does not accept its files: %.900s",
		      words.data);
	return err_hint(err, "nginx -t");
}

/* Where an app has no file, nothing keeps the name alive that it had before. */
static void drop_aliases(const json_t *set)
{
	json_t *one;
	size_t i;

	json_array_foreach(set, i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));

		if (json_is_null(json_object_get(one, "text")) && name_is_app(name))
			app_drop_alias(name);
	}
}

/* The configuration of the host as it is; nothing is reloaded. */
static int test_host(struct err *err)
{
	AUTO(buf_release) struct buf words = BUF_INIT;
	int rc = nginx_daemon_test(&words, err);

	if (rc != NGINX_DISLIKED)
		return rc;
	(void)err_set(err, ERR_HOST, "nginx: %.900s", words.data);
	return err_hint(err, "nginx -t");
}

/* As apply(), up to where something would change. */
static int test_only(const struct changes *all, struct err *err)
{
	AUTO(buf_release) struct buf words = BUF_INIT;
	int rc = all->count ? test_changed(all, &words, err) : test_host(err);

	return rc == NGINX_DISLIKED ? blame(&words, err) : rc;
}

int verb_nginx(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(changes_release) struct changes all = { .count = 0 };
	AUTO_CLOSE int lock = -1;

	if (dirs_lock("nginx", &lock, err) < 0 || parse_set(op, &all, err) < 0)
		return -1;
	if (json_array_size(json_object_get(op, "set")) == 0 && test_as_is(err) < 0)
		return -1;
	if (!json_array_size(json_object_get(op, "set")))
		return test_host(err);
	if (json_is_true(json_object_get(op, "test")))
		return test_only(&all, err);
	if (all.count && apply(&all, err) < 0)
		return -1;
	if (!all.count && fs_exists(PENDING) && (test_host(err) < 0 || reload(err) < 0))
		return -1;
	drop_aliases(json_object_get(op, "set"));
	(void)json_object_set_new(reply, "changed", json_boolean(all.count > 0));
	return 0;
}

/* "blog.conf" and "snippets/blog/NAME.conf" are files of blog. */
static void add_app(json_t *apps, const char *path)
{
	size_t n = strlen(SNIPPETS);
	bool snippet = strncmp(path, SNIPPETS, n) == 0;
	const char *from = snippet ? path + n : path;
	size_t len = snippet ? strcspn(from, "/") : strlen(from) - strlen(".conf");

	(void)json_array_append_new(apps, json_stringn(from, len));
}

int nginx_finish(json_t *apps, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv paths = STRV_INIT;
	AUTO_CLOSE int lock = -1;

	/* While one is at work, it is not for us. */
	if (!fs_exists(PENDING) || dirs_lock("nginx", &lock, err) < 0)
		return fs_exists(PENDING) ? -1 : 0;
	if (fs_read(PENDING, TEXT_MAX, &text, err) != 0)
		return 0;
	strv_split(&paths, text.data, "\n");
	strv_foreach(path, &paths) {
		if (strlen(path) > strlen(".conf"))
			add_app(apps, path);
	}
	return test_host(err) < 0 ? -1 : reload(err);
}

static int add_snippets(const char *app, struct changes *all, struct err *err)
{
	AUTO_FREE char *dir = xasprintf(FILES "/" SNIPPETS "%s", app);
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		char *dot = strrchr(e->d_name, '.');

		if (!dot || strcmp(dot, ".conf") != 0)
			continue;
		AUTO_FREE char *name = xasprintf(SNIPPETS "%s/%.*s", app,
						 (int)(dot - e->d_name), e->d_name);

		if (add_change(all, name, NULL, err) < 0)
			return -1;
	}
	return 0;
}

int nginx_forget(const char *app, struct err *err)
{
	AUTO(changes_release) struct changes all = { .count = 0 };
	AUTO_CLOSE int lock = -1;

	if (dirs_lock("nginx", &lock, err) < 0 || add_change(&all, app, NULL, err) < 0 ||
	    add_snippets(app, &all, err) < 0)
		return -1;
	return all.count ? apply(&all, err) : 0;
}

static bool is_pem(const char *text, const char *what)
{
	AUTO_FREE char *begin = xasprintf("-----BEGIN %s", what);

	return strncmp(text + strspn(text, " \t\r\n"), "-----BEGIN ", 11) == 0 &&
	       strstr(text, begin) && strstr(text, "-----END ");
}

int verb_tls(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_FREE char *dir = NULL;
	AUTO_FREE char *cert_path = NULL;
	AUTO_FREE char *key_path = NULL;
	const char *app = NULL;
	const char *cert = NULL;
	const char *key = NULL;

	(void)reply;
	if (request_app(op, "app", &app, err) < 0 ||
	    request_text_or_null(op, "cert", 1 << 20, &cert, err) < 0 ||
	    request_text_or_null(op, "key", 1 << 20, &key, err) < 0)
		return -1;
	app_drop_alias(app);
	dir = xasprintf(DAVIT_ROOT_DIR "/tls/%s", app);
	if (!cert && !key)
		return fs_remove_tree(dir, err);
	if (!cert || !key || !is_pem(cert, "CERTIFICATE") ||
	    (!is_pem(key, "PRIVATE KEY") && !is_pem(key, "RSA PRIVATE KEY") &&
	     !is_pem(key, "EC PRIVATE KEY") && !is_pem(key, "EC PARAMETERS")))
		return err_set(err, ERR_USAGE,
			       "cert and key must be PEM texts, or both null");
	cert_path = xasprintf("%s/server.crt", dir);
	key_path = xasprintf("%s/server.key", dir);
	if (mkdir(dir, 0750) < 0 && errno != EEXIST)
		return err_sys(err, "create directory %s", dir);
	if (fs_write_atomic(key_path, key, strlen(key), 0600, err) < 0 ||
	    fs_write_atomic(cert_path, cert, strlen(cert), 0644, err) < 0)
		return -1;
	return 0;
}
