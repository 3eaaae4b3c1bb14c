/* SPDX-License-Identifier: MIT */
/* What plugins find, each in its own matters: lines "SEVERITY<tab>WHAT<tab>CURE". */
#include <string.h>

#include "plugin/plugin.h"
#include "plugin/replace.h"
#include "plugins/doctor/doctor.h"
#include "util/cleanup.h"

/* A cure of ours is one word after another, and changes no more than it says. */
static bool is_safe(const char *cure)
{
	return strncmp(cure, "davit proxy:build-config ", 25) == 0;
}

static void take_line(struct doctor *d, const char *line)
{
	AUTO(strv_release) struct strv w = STRV_INIT;
	enum severity severity;

	strv_split(&w, line, "\t");
	if (w.len < 2)
		return;
	severity = strcmp(w.v[0], "error") == 0     ? FAULT
		   : strcmp(w.v[0], "warning") == 0 ? WARNING
						    : NOTE;
	if (w.len > 2 && is_safe(w.v[2]))
		doctor_mends(d, severity, w.v[2], "%s", w.v[1]);
	else
		doctor_found(d, severity, w.len > 2 ? w.v[2] : "", "%s", w.v[1]);
}

/* What a plugin stands in for is what its manifest says, unless that is wrong. */
static void check_replaced(struct doctor *d)
{
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++) {
		struct err err;

		if (all[i]->dir && replace_check(all[i], &err) < 0)
			doctor_found(d, WARNING, err.hint, "%s", err.text);
	}
}

void doctor_check_plugins(struct doctor *d)
{
	AUTO_FREE char *text = NULL;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err err;

	check_replaced(d);
	if (trigger_ask(d->st, d->out, &text, &err, TRIGGER_DOCTOR, NULL) < 0) {
		doctor_found(d, WARNING, err.hint, "%s", err.text);
		return;
	}
	strv_split(&lines, text ? text : "", "\n");
	strv_foreach(line, &lines)
		take_line(d, line);
}
