/* SPDX-License-Identifier: MIT */
#include "command/flags.h"

#include <string.h>

#include "util/cleanup.h"

/* Does `word` (without dashes, maybe with =value) name this global switch? */
static bool set_global(const char *name, struct global_flags *g)
{
	if (strcmp(name, "quiet") == 0)
		g->quiet = true;
	else if (strcmp(name, "trace") == 0)
		g->trace = true;
	else if (strcmp(name, "force") == 0)
		g->force = true;
	else if (strcmp(name, "help") == 0)
		g->help = true;
	else
		return false;
	return true;
}

/* "--app NAME" or "--app=NAME": how many words it takes, 0 if it is not that. */
static int take_app(const char *const *words, struct global_flags *g, struct err *err)
{
	if (strncmp(words[0], "--app=", 6) == 0) {
		g->app = words[0] + 6;
		return 1;
	}
	if (strcmp(words[0], "--app") != 0)
		return 0;
	if (!words[1])
		return err_set(err, ERR_USAGE, "--app needs the name of an app");
	g->app = words[1];
	return 2;
}

int flags_leading(const char *const *words, struct global_flags *g, struct err *err)
{
	int n = 0;

	while (words[n] && words[n][0] == '-') {
		int took = take_app(words + n, g, err);

		if (took < 0)
			return -1;
		if (took > 0) {
			n += took;
			continue;
		}
		if (strcmp(words[n], "--version") == 0 || strcmp(words[n], "-v") == 0)
			g->version = true;
		else if (strcmp(words[n], "-h") == 0)
			g->help = true;
		else if (strncmp(words[n], "--", 2) != 0 || !set_global(words[n] + 2, g))
			return err_set(err, ERR_FLAG, "unknown flag: %s", words[n]);
		n++;
	}
	return n;
}

/* One flag of a row: "name", "name=", "name=/n". */
struct spec {
	char name[64];
	bool takes_value;
	char letter;
};

static bool next_spec(const char **at, struct spec *s)
{
	const char *p = *at + strspn(*at, " ");
	size_t n = strcspn(p, " =/");

	if (!*p || n >= sizeof s->name)
		return false;
	*s = (struct spec){ .letter = '\0' };
	memcpy(s->name, p, n);
	p += n;
	if (*p == '=') {
		s->takes_value = true;
		p++;
	}
	if (*p == '/' && p[1]) {
		s->letter = p[1];
		p += 2;
	}
	*at = p + strcspn(p, " ");
	return true;
}

static bool find_spec(const char *flags, const char *word, struct spec *s)
{
	bool is_long = word[1] == '-';
	size_t n = strcspn(word + 2, "=");

	if (!flags)
		return false;
	while (next_spec(&flags, s)) {
		if (is_long && strlen(s->name) == n && strncmp(s->name, word + 2, n) == 0)
			return true;
		if (!is_long && s->letter && word[1] == s->letter)
			return true;
	}
	return false;
}

static int unknown_flag(const struct request *req, const char *word, struct err *err)
{
	AUTO(strv_release) struct strv known = STRV_INIT;
	AUTO_FREE char *list = NULL;
	const char *at = req->command->flags ? req->command->flags : "";
	struct spec s;

	while (next_spec(&at, &s))
		strv_addf(&known, "--%s", s.name);
	list = strv_join(&known, ", ");
	(void)err_set(err, ERR_FLAG, "unknown flag: %s", word);
	if (known.len)
		return err_hint(err, "%s takes: %s", req->command->name, list);
	return err_hint(err, "%s takes no flags of its own", req->command->name);
}

/* A flag the row knows: how many words it takes. */
static int take_spec(struct request *req, const struct spec *s, const char *const *words,
		     struct err *err)
{
	const char *word = words[0];
	const char *inline_value = word[1] == '-' ? strchr(word, '=') : NULL;

	if (!s->takes_value) {
		if (inline_value)
			return err_set(err, ERR_FLAG, "--%s takes no value", s->name);
		strv_add(&req->flags, s->name);
		return 1;
	}
	if (inline_value) {
		strv_addf(&req->flags, "%s=%s", s->name, inline_value + 1);
		return 1;
	}
	if (word[1] != '-' && word[2]) { /* -n5 */
		strv_addf(&req->flags, "%s=%s", s->name, word + 2);
		return 1;
	}
	if (!words[1])
		return err_set(err, ERR_FLAG, "flag needs an argument: %s", word);
	strv_addf(&req->flags, "%s=%s", s->name, words[1]);
	return 2;
}

static int take_flag(struct request *req, const char *const *words,
		     struct global_flags *g, struct err *err)
{
	const char *word = words[0];
	const char *flags = req->command->flags;
	struct spec s;
	int took;

	if (find_spec(flags, word, &s))
		return take_spec(req, &s, words, err);
	took = take_app(words, g, err);
	if (took != 0)
		return took;
	if (strncmp(word, "--", 2) == 0 && set_global(word + 2, g))
		return 1;
	if (flags && strchr(flags, '*') && strncmp(word, "--", 2) == 0) {
		strv_add(&req->flags, word + 2); /* a report's own flags */
		return 1;
	}
	return unknown_flag(req, word, err);
}

int flags_parse(struct request *req, const char *const *words, struct global_flags *g,
		struct err *err)
{
	bool keeps = req->command->needs & KEEPS_WORDS;
	size_t leading = req->command->scope == SCOPE_HOST || g->app ? 0 : 1;
	bool open = true;

	for (int i = 0; words[i];) {
		const char *word = words[i];
		int took = 1;

		if (open && strcmp(word, "--") == 0)
			open = false;
		else if (open && word[0] == '-' && word[1])
			took = take_flag(req, words + i, g, err);
		else
			strv_add(&req->words, word);
		if (took < 0)
			return -1;
		i += took;
		/* From here on it is somebody else's command line. */
		if (keeps && req->words.len > (g->app ? 0 : leading))
			open = false;
	}
	return 0;
}
