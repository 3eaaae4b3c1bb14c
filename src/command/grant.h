/* SPDX-License-Identifier: MIT */
/*
 * What somebody is given: a role, and what narrows it.  One line of text, which is a rule of
 * an app (property "access/<name of the key>") or stands at the key itself:
 *
 *   deployer
 *   deployer only=ps:restart,logs until=2027-01-31
 *   admin read-only
 *
 * A text that cannot be read gives nothing.
 */
#ifndef DAVIT_COMMAND_GRANT_H
#define DAVIT_COMMAND_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "command/role.h"
#include "util/buf.h"
#include "util/err.h"

struct command;

enum { GRANT_ONLY_MAX = 512 };

struct grant {
	enum role role;            /* ROLE_NONE gives nothing */
	bool read_only;            /* no more than a viewer's, whatever the role */
	int64_t until;             /* over from this second on; 0 = never */
	char only[GRANT_ONLY_MAX]; /* names of commands with commas between, or "": all */
};

/* 0, or -1 with ERR_USAGE; *g is ROLE_NONE then. */
int grant_parse(const char *text, struct grant *g, struct err *err);
/* The same of the words after the role: *g keeps the role that it has. */
int grant_parse_limits(const char *text, struct grant *g, struct err *err);
/* Their text, added to *out; without limits nothing is added by the second. */
void grant_text(const struct grant *g, struct buf *out);
void grant_limits(const struct grant *g, struct buf *out);

/* The role at this moment. */
enum role grant_role(const struct grant *g, int64_t now);
/* Is this command (or the one it is a step of) among these names?  "" holds them all. */
bool grant_holds(const char *only, const struct command *c);
/* Add a command's name; ERR_USAGE where there is none of that name, with the nearest. */
int grant_add_command(struct grant *g, const char *name, struct err *err);
/* "2027-01-31": the first second of that day in UTC. */
int grant_set_day(struct grant *g, const char *day, struct err *err);

#endif
