/* SPDX-License-Identifier: MIT */
#include "command/help.h"

#include <string.h>

#include "plugin/plugin.h"
#include "plugin/replace.h"
#include "util/cleanup.h"

static const char *usage_of(const struct command *c)
{
	return c->usage ? c->usage : "";
}

void help_command(struct out *out, const struct command *c)
{
	out_line(out, "Usage: %s %s", c->name, usage_of(c));
	out_line(out, "%s", "");
	out_line(out, "  %s", c->summary);
}

static void row(struct out *out, const struct command *c)
{
	AUTO(buf_release) struct buf left = BUF_INIT;

	buf_addf(&left, "%s %s", c->name, usage_of(c));
	if (left.len <= 46)
		out_line(out, "    %-46s  %s", left.data, c->summary);
	else
		out_line(out, "    %s\n    %-46s  %s", left.data, "", c->summary);
}

static bool has_prefix(const struct command *c, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(c->name, prefix, n) == 0 && (c->name[n] == ':' || !c->name[n]);
}

/* One sentence above a family's commands. */
static const struct {
	const char *prefix;
	const char *says;
} headings[] = {
	{ "app-json", "Manage app.json settings for an app" },
	{ "apps", "Manage apps" },
	{ "builder", "Manage builder settings for an app" },
	{ "buildpacks", "Manage buildpacks settings for an app" },
	{ "builds", "Manage builds of an app" },
	{ "certs", "Manage SSL (TLS) certs" },
	{ "checks", "Manage zero-downtime settings" },
	{ "config", "Manage global and app-specific config vars" },
	{ "cron", "Manage scheduled tasks of an app" },
	{ "docker-options", "Manage docker options for an app" },
	{ "domains", "Manage domains used by the proxy" },
	{ "events", "Manage event logging" },
	{ "git", "Manage app deploys via git" },
	{ "logs", "Manage log integration for an app" },
	{ "network", "Manage network settings for an app" },
	{ "nginx", "Manage the nginx proxy" },
	{ "plugin", "Manage installed plugins" },
	{ "ports", "Manage ports for an app" },
	{ "proxy", "Manage the proxy integration for an app" },
	{ "ps", "Manage app processes" },
	{ "registry", "Manage registry settings for an app" },
	{ "resource", "Manage resource settings for an app" },
	{ "run", "Run a one-off process inside a container" },
	{ "scheduler", "Manage scheduler settings" },
	{ "ssh-keys", "Manage public ssh keys that are allowed in" },
	{ "storage", "Manage mounted volumes" },
	{ "trace", "Manage trace mode" },
};

static const char *heading_of(const char *prefix)
{
	for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
		if (strcmp(headings[i].prefix, prefix) == 0)
			return headings[i].says;
	return NULL;
}

bool help_plugin(struct out *out, const char *prefix)
{
	const char *heading = heading_of(prefix);
	const struct command *c;
	bool any = false;
	size_t at = 0;

	while ((c = command_next(&at)) != NULL) {
		if (c->needs & HIDDEN || !has_prefix(c, prefix))
			continue;
		if (!any)
			out_line(out,
				 "Usage: davit %s[:COMMAND]\n\n%s%sCommands:", prefix,
				 heading ? heading : "", heading ? "\n\n" : "");
		row(out, c);
		any = true;
	}
	return any;
}

static const struct command *first_visible(const struct plugin *p)
{
	const struct command *c = p->commands;

	while (c && c->name && c->needs & HIDDEN)
		c++;
	return c && c->name ? c : NULL;
}

void help_all(struct out *out, bool every)
{
	const struct command *c;
	size_t count;
	const struct plugin *const *all = plugin_all(&count);
	size_t at = 0;

	out_line(out, "Usage: davit [--quiet|--trace|--force|--app APP] COMMAND "
		      "<app> [options]\n\nCommands:");
	if (every) {
		while ((c = command_next(&at)) != NULL)
			if (!(c->needs & HIDDEN))
				row(out, c);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		c = first_visible(all[i]);
		if (c && all[i]->summary)
			out_line(out, "    %-24.*s  %s", (int)strcspn(c->name, ":"),
				 c->name, all[i]->summary);
	}
	out_line(out,
		 "\n'davit PLUGIN:help' lists a plugin's commands, 'davit help --all' "
		 "all of them.");
}

void help_names(struct out *out)
{
	const struct command *c;
	size_t at = 0;

	while ((c = command_next(&at)) != NULL)
		if (!(c->needs & HIDDEN))
			out_line(out, "%s", c->name);
}

static const char *const scopes[] = {
	[SCOPE_HOST] = "host",
	[SCOPE_APP] = "app",
	[SCOPE_APP_OR_GLOBAL] = "app-or-global",
	[SCOPE_APP_OR_ALL] = "app-or-all",
	[SCOPE_NEW_APP] = "new-app",
	[SCOPE_REPO] = "repo",
};

static const struct {
	unsigned bit;
	const char *name;
} needs[] = {
	{ NEEDS_WRITE, "write" },       { NEEDS_NO_STORE, "no-store" },
	{ NEEDS_ROOT, "root" },         { KEEPS_WORDS, "keeps-words" },
	{ HIDDEN, "hidden" },           { OPENS_FILES, "opens-files" },
	{ QUIET_EVENT, "quiet-event" }, { ON_HOST, "on-host" },
	{ NOTES_WORDS, "notes-words" },
};

void help_table(struct out *out)
{
	const struct command *c;
	size_t at = 0;

	while ((c = command_next(&at)) != NULL) {
		AUTO(buf_release) struct buf b = BUF_INIT;

		buf_addf(&b, "%s\t%s\t%s\t%d\t%d\t%s\t", c->name, role_name(c->role),
			 scopes[c->scope], c->args.min, c->args.max,
			 c->flags ? c->flags : "");
		for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
			if (c->needs & needs[i].bit)
				buf_addf(&b, "%s ", needs[i].name);
		out_line(out, "%s", b.data);
	}
}

/* Backslashes, and a dot or quote at the start, mean something to mdoc. */
static void mdoc_escape(struct buf *b, const char *s)
{
	if (*s == '.' || *s == '\'')
		buf_adds(b, "\\&");
	for (; *s; s++) {
		if (*s == '\\')
			buf_adds(b, "\\e");
		else if (*s == '"')
			buf_adds(b, "\\(dq");
		else if (*s == '-')
			buf_adds(b, "\\-");
		else
			buf_addc(b, *s);
	}
}

void help_mdoc(struct out *out)
{
	const struct command *c;
	size_t at = 0;

	while ((c = command_next(&at)) != NULL) {
		AUTO(buf_release) struct buf b = BUF_INIT;

		if (c->needs & HIDDEN)
			continue;
		buf_addf(&b, ".It Ic %s", c->name);
		if (c->usage && *c->usage) {
			buf_adds(&b, " Li \"");
			mdoc_escape(&b, c->usage);
			buf_addc(&b, '"');
		}
		buf_adds(&b, "\n");
		mdoc_escape(&b, c->summary);
		out_line(out, "%s.", b.data);
	}
}

/* How answers combine, in the words of davit-plugin(7); "" for the usual case. */
static const char *mode_text(enum trigger_mode mode)
{
	switch (mode) {
	case TRIGGER_EACH: return "";
	case TRIGGER_FIRST: return "The first that takes it answers for all.";
	case TRIGGER_FIRST_LINE: return "The answer is the first line printed.";
	case TRIGGER_TEXT: return "The answer is all that is printed.";
	}
	return "";
}

static void trigger_mdoc(struct out *out, enum trigger_id id)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	const char *mode = mode_text(trigger_mode_of(id));

	buf_addf(&b, ".It Ic %s", trigger_name(id));
	if (*trigger_words(id)) {
		buf_adds(&b, " Li \"");
		mdoc_escape(&b, trigger_words(id));
		buf_addc(&b, '"');
	}
	buf_addc(&b, '\n');
	mdoc_escape(&b, trigger_summary(id));
	buf_adds(&b,
		 trigger_summary(id)[strlen(trigger_summary(id)) - 1] == '?' ? "" : ".");
	out_line(out, "%s%s%s", b.data, *mode ? "\n" : "", mode);
}

/* "nginx-vhosts, apps (for good)": the core plugins that answer; for good: nothing can
 * stand in for that handler. */
static void answerers(struct buf *b, enum trigger_id id)
{
	for (size_t i = 0; i < core_plugins_count; i++)
		if (core_plugins[i]->on[id])
			buf_addf(b, "%s%s%s", b->len ? ", " : "", core_plugins[i]->name,
				 replace_allowed(core_plugins[i], id) ? ""
								      : " (for good)");
}

void help_triggers(struct out *out, bool mdoc)
{
	for (int i = 0; i < TRIGGER__COUNT; i++) {
		enum trigger_id id = (enum trigger_id)i;
		AUTO(buf_release) struct buf who = BUF_INIT;

		answerers(&who, id);
		if (mdoc)
			trigger_mdoc(out, id);
		else
			out_line(out, "%s %s\n    %s", trigger_name(id),
				 trigger_words(id), trigger_summary(id));
		if (who.len)
			out_line(out, mdoc ? "Answered by %s." : "    answered by %s",
				 who.data);
	}
}
