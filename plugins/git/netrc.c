/* SPDX-License-Identifier: MIT */
/*
 * .netrc, as git and curl read it: words "machine HOST login USER password SECRET", over
 * any number of lines.  What we write is one line a host; entries that we do not know
 * (default, macdef) stay as they are, at the end.
 */
#include <string.h>

#include "plugins/git/git.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { NETRC_MAX = 1 << 20 };

void netrc_release(struct netrc *n)
{
	for (size_t i = 0; i < n->len; i++) {
		free(n->v[i].host);
		free(n->v[i].user);
		if (n->v[i].password)
			explicit_bzero(n->v[i].password, strlen(n->v[i].password));
		free(n->v[i].password);
	}
	free(n->v);
	buf_release(&n->rest);
	*n = (struct netrc)NETRC_INIT;
}

static struct netrc_entry *add(struct netrc *n, const char *host)
{
	n->v = xrealloc(n->v, n->len + 1, sizeof *n->v);
	n->v[n->len] = (struct netrc_entry){ .host = xstrdup(host) };
	return &n->v[n->len++];
}

struct netrc_entry *netrc_find(const struct netrc *n, const char *host)
{
	for (size_t i = 0; i < n->len; i++)
		if (strcmp(n->v[i].host, host) == 0)
			return &n->v[i];
	return NULL;
}

/* From here on it is not "machine …": kept as it stands. */
static bool ends_machines(const char *word)
{
	return strcmp(word, "default") == 0 || strcmp(word, "macdef") == 0;
}

static void set(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

/* The next word, NUL-terminated in place; NULL at the end. */
static char *next_word(char **at)
{
	char *word = *at + strspn(*at, " \t\r\n");
	size_t n = strcspn(word, " \t\r\n");

	if (!*word)
		return NULL;
	*at = word + n + (word[n] != '\0');
	word[n] = '\0';
	return word;
}

void netrc_parse(struct netrc *n, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	struct netrc_entry *e = NULL;
	char *at = copy;
	char *key;

	while ((key = next_word(&at)) != NULL) {
		char *value;

		if (ends_machines(key)) {
			buf_adds(&n->rest, text + (key - copy));
			return;
		}
		value = next_word(&at);
		if (!value)
			return;
		if (strcmp(key, "machine") == 0)
			e = add(n, value);
		else if (e && strcmp(key, "login") == 0)
			set(&e->user, value);
		else if (e && strcmp(key, "password") == 0)
			set(&e->password, value);
	}
}

void netrc_set(struct netrc *n, const char *host, const char *user, const char *password)
{
	struct netrc_entry *e = netrc_find(n, host);

	if (!e)
		e = add(n, host);
	set(&e->user, user);
	set(&e->password, password);
}

bool netrc_remove(struct netrc *n, const char *host)
{
	struct netrc_entry *e = netrc_find(n, host);

	if (!e)
		return false;
	free(e->host);
	free(e->user);
	free(e->password);
	*e = n->v[--n->len];
	return true;
}

static char *file_path(void)
{
	return paths_in(plugin_home(), ".netrc");
}

int netrc_load(struct netrc *n, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_FREE char *path = file_path();

	if (fs_read(path, NETRC_MAX, &text, err) < 0)
		return -1;
	netrc_parse(n, text.data);
	explicit_bzero(text.data, text.len);
	return 0;
}

void netrc_print(const struct netrc *n, struct buf *out)
{
	for (size_t i = 0; i < n->len; i++) {
		const struct netrc_entry *e = &n->v[i];

		buf_addf(out, "machine %s", e->host);
		if (e->user)
			buf_addf(out, " login %s", e->user);
		if (e->password)
			buf_addf(out, " password %s", e->password);
		buf_addc(out, '\n');
	}
	buf_add(out, n->rest.data, n->rest.len);
}

/* A file of its own is renamed into place: its mode is 0600 before the first byte. */
int netrc_save(const struct netrc *n, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_FREE char *path = file_path();
	int rc;

	netrc_print(n, &text);
	rc = fs_write_atomic(path, text.data, text.len, 0600, err);
	explicit_bzero(text.data, text.len);
	return rc;
}
