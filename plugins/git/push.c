/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/git/git.h"
#include "util/alloc.h"

#define HEADS "refs/heads/"
#define TAGS  "refs/tags/"

void push_release(struct push *p)
{
	for (size_t i = 0; i < p->len; i++)
		free(p->v[i].ref);
	free(p->v);
	*p = (struct push)PUSH_INIT;
}

static bool is_sha(const char *s)
{
	return strspn(s, "0123456789abcdef") == GIT_SHA - 1;
}

static int malformed(struct err *err)
{
	return err_set(err, ERR_USAGE, "git-hook: not a line of pre-receive");
}

static int take_line(struct push *p, const char *line, struct err *err)
{
	struct push_line *l;

	if (!is_sha(line) || line[40] != ' ' || !is_sha(line + 41) || line[81] != ' ' ||
	    strncmp(line + 82, "refs/", 5) != 0)
		return malformed(err);
	p->v = xrealloc(p->v, p->len + 1, sizeof *p->v);
	l = &p->v[p->len++];
	(void)snprintf(l->from, sizeof l->from, "%.40s", line);
	(void)snprintf(l->to, sizeof l->to, "%.40s", line + 41);
	l->ref = xstrdup(line + 82);
	return 0;
}

int push_parse(struct push *p, char *text, size_t len, struct err *err)
{
	char *end = text + len;

	while (text < end) {
		char *nl = memchr(text, '\n', (size_t)(end - text));

		if (!nl || memchr(text, '\0', (size_t)(nl - text)))
			return malformed(err);
		*nl = '\0';
		if (take_line(p, text, err) < 0)
			return -1;
		text = nl + 1;
	}
	return 0;
}

bool push_deletes(const struct push_line *l)
{
	return l->to[strspn(l->to, "0")] == '\0';
}

static const struct push_line *find(const struct push *p, const char *under,
				    const char *name)
{
	size_t n = strlen(under);

	for (size_t i = 0; i < p->len; i++)
		if (strncmp(p->v[i].ref, under, n) == 0 && !push_deletes(&p->v[i]) &&
		    (!name || strcmp(p->v[i].ref + n, name) == 0))
			return &p->v[i];
	return NULL;
}

const char *push_first_branch(const struct push *p)
{
	const struct push_line *l = find(p, HEADS, "main");

	if (!l)
		l = find(p, HEADS, "master");
	if (!l)
		l = find(p, HEADS, NULL);
	return l ? l->ref + strlen(HEADS) : NULL;
}

const struct push_line *push_to_deploy(const struct push *p, const char *branch)
{
	const struct push_line *l = find(p, HEADS, branch);

	return l ? l : find(p, TAGS, branch);
}
