/* SPDX-License-Identifier: MIT */
#include "command/help.h"

#include <string.h>

#include "plugin/plugin.h"
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

bool help_plugin(struct out *out, const char *prefix)
{
	const struct command *c;
	bool any = false;
	size_t at = 0;

	while ((c = command_next(&at)) != NULL) {
		if (c->needs & HIDDEN || !has_prefix(c, prefix))
			continue;
		if (!any)
			out_line(out, "Usage: %s[:COMMAND]\n\nCommands:", prefix);
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
