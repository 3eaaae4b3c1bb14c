/* SPDX-License-Identifier: MIT */
/* Help, completion and the command list of davit(1), all printed from the rows. */
#ifndef DAVIT_COMMAND_HELP_H
#define DAVIT_COMMAND_HELP_H

#include "command/command.h"

/* Usage and summary of one row. */
void help_command(struct out *out, const struct command *c);
/* Every visible row of "PLUGIN:…"; false when no row has that prefix. */
bool help_plugin(struct out *out, const char *prefix);
/* The short list (rows without a colon, one line per plugin) or every row. */
void help_all(struct out *out, bool every);
/* One name per line, for bash completion and third-party scripts. */
void help_names(struct out *out);
/* Every row, hidden ones too, as fields with tabs between: name, role, scope, least and most
 * words, flags, needs. */
void help_table(struct out *out);
/* The commands section of davit(1) in mdoc. */
void help_mdoc(struct out *out);
/* Every trigger with its words and its moment; in mdoc: that section of davit-plugin(7). */
void help_triggers(struct out *out, bool mdoc);

#endif
