/* SPDX-License-Identifier: MIT */
#include "command/grant.h"

#include <string.h>
#include <time.h>

#include "command/command.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/strv.h"

int grant_set_day(struct grant *g, const char *day, struct err *err)
{
	struct tm tm = { .tm_mday = 0 };
	const char *end = strlen(day) == 10 ? strptime(day, "%Y-%m-%d", &tm) : NULL;
	time_t at = end && !*end ? timegm(&tm) : -1;

	/* timegm makes 3 March of 31 February. */
	if (at <= 0 || tm.tm_mday != (day[8] - '0') * 10 + day[9] - '0') {
		(void)err_set(err, ERR_USAGE,
			      "--expires takes a day such as 2027-01-31, not '%.40s'",
			      day);
		return -1;
	}
	g->until = at;
	return 0;
}

/* Does the list with commas between hold these bytes? */
static bool holds(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == n && strncmp(at, name, n) == 0)
			return true;
	return false;
}

bool grant_holds(const char *only, const struct command *c)
{
	return !*only || holds(only, c->name) || (c->step_of && holds(only, c->step_of));
}

static int no_command(const char *name, struct err *err)
{
	const char *near = command_nearest(name);

	(void)err_set(err, ERR_USAGE, "there is no command '%.60s'", name);
	if (near)
		return err_hint(err, "did you mean '%s'?", near);
	return err_hint(err, "davit help --all shows the commands; a push is "
			     "git-receive-pack");
}

int grant_add_command(struct grant *g, const char *name, struct err *err)
{
	const struct command *c = command_find(name);
	size_t len = strlen(g->only);

	if (!c)
		return no_command(name, err);
	if (holds(g->only, c->name))
		return 0;
	if (len + strlen(c->name) + 2 > sizeof g->only)
		return err_set(err, ERR_USAGE, "too many commands for one key");
	(void)snprintf(g->only + len, sizeof g->only - len, "%s%s", len ? "," : "",
		       c->name);
	return 0;
}

/* Bytes that a command's name may have: what is stored was checked, or is nobody's. */
static bool is_list(const char *text)
{
	return *text && strlen(text) < GRANT_ONLY_MAX &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789:-,") == strlen(text);
}

static int parse_limit(const char *word, struct grant *g, struct err *err)
{
	if (strcmp(word, "read-only") == 0) {
		g->read_only = true;
		return 0;
	}
	if (strncmp(word, "until=", 6) == 0)
		return grant_set_day(g, word + 6, err);
	if (strncmp(word, "only=", 5) == 0 && is_list(word + 5)) {
		(void)snprintf(g->only, sizeof g->only, "%s", word + 5);
		return 0;
	}
	return err_set(err, ERR_USAGE, "'%.60s' is nothing that narrows a role", word);
}

int grant_parse_limits(const char *text, struct grant *g, struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	struct grant read = { .role = g->role };

	strv_split(&words, text, " ");
	strv_foreach(word, &words) {
		if (parse_limit(word, &read, err) == 0)
			continue;
		*g = (struct grant){ .role = ROLE_NONE };
		return -1;
	}
	*g = read;
	return 0;
}

int grant_parse(const char *text, struct grant *g, struct err *err)
{
	char word[16] = "";
	size_t n = strcspn(text, " ");

	*g = (struct grant){ .role = ROLE_NONE };
	if (n < sizeof word)
		memcpy(word, text, n);
	g->role = role_by_name(word);
	if (g->role == ROLE_NONE)
		return err_set(err, ERR_USAGE, "'%.40s' is no role", text);
	return grant_parse_limits(text + n, g, err);
}

void grant_limits(const struct grant *g, struct buf *out)
{
	char at[CLOCK_TEXT];

	if (g->read_only)
		buf_adds(out, " read-only");
	if (*g->only)
		buf_addf(out, " only=%s", g->only);
	if (g->until)
		buf_addf(out, " until=%.10s", clock_text(g->until, at));
}

void grant_text(const struct grant *g, struct buf *out)
{
	buf_adds(out, role_name(g->role));
	grant_limits(g, out);
}

enum role grant_role(const struct grant *g, int64_t now)
{
	if (g->until && now >= g->until)
		return ROLE_NONE;
	return g->read_only && g->role > ROLE_VIEWER ? ROLE_VIEWER : g->role;
}
