/* SPDX-License-Identifier: MIT */
#include "command/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "command/help.h"
#include "plugin/plugin.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* Old prefixes that still name a plugin. */
static const struct {
	const char *was;
	const char *is;
} aliases[] = {
	{ "docker-local", "scheduler-docker-local" },
	{ "k3s", "scheduler-k3s" },
	{ "dockerfile", "builder-dockerfile" },
	{ "herokuish", "builder-herokuish" },
	{ "lambda", "builder-lambda" },
	{ "nixpacks", "builder-nixpacks" },
	{ "pack", "builder-pack" },
};

const struct command *command_next(size_t *at)
{
	size_t left = *at;
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++)
		for (const struct command *c = all[i]->commands; c && c->name; c++)
			if (left-- == 0) {
				(*at)++;
				return c;
			}
	return NULL;
}

static const struct command *find_exact(const char *name)
{
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++)
		for (const struct command *c = all[i]->commands; c && c->name; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}

const struct command *command_find(const char *name)
{
	const char *colon = strchr(name, ':');
	const struct command *c = find_exact(name);
	char full[128];

	if (c || !colon)
		return c;
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
		size_t n = strlen(aliases[i].was);

		if (n != (size_t)(colon - name) || strncmp(name, aliases[i].was, n) != 0)
			continue;
		(void)snprintf(full, sizeof full, "%s%s", aliases[i].is, colon);
		return find_exact(full);
	}
	return NULL;
}

enum { NEAREST_MAX = 64 };

/* Edits between two short words (Levenshtein); long words count as far apart. */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a);
	size_t lb = strlen(b);
	size_t row[NEAREST_MAX + 1];

	if (la > NEAREST_MAX || lb > NEAREST_MAX)
		return NEAREST_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);
			size_t least = row[j - 1] < row[j] ? row[j - 1] : row[j];

			diagonal = row[j];
			row[j] = change < least + 1 ? change : least + 1;
		}
	}
	return row[lb];
}

/* The family of a command: "apps" of "apps:create". */
static const char *family_of(const struct command *c, char out[NEAREST_MAX])
{
	(void)snprintf(out, NEAREST_MAX, "%.*s", (int)strcspn(c->name, ":"), c->name);
	return out;
}

const char *command_nearest(const char *name)
{
	static char family[NEAREST_MAX];
	AUTO_FREE char *lower = xstrdup(name);
	bool whole = strchr(name, ':') != NULL;
	const char *best = NULL;
	size_t least = strlen(name) / 3 + 2;
	const struct command *c;
	size_t at = 0;

	for (char *l = lower; *l; l++)
		*l = (char)tolower((unsigned char)*l);
	while ((c = command_next(&at)) != NULL) {
		char prefix[NEAREST_MAX];
		size_t d = c->needs & HIDDEN ? NEAREST_MAX : distance(lower, c->name);

		if (d < least) {
			least = d;
			best = c->name;
		}
		if (whole || c->needs & HIDDEN)
			continue;
		d = distance(lower, family_of(c, prefix));
		if (d < least) {
			least = d;
			best = family_of(c, family);
		}
	}
	return best;
}
