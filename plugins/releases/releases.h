/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_PLUGINS_RELEASES_RELEASES_H
#define DAVIT_PLUGINS_RELEASES_RELEASES_H

#include "command/command.h"
#include "store/release.h"

int releases_cmd_list(struct request *req, struct err *err);
int releases_cmd_info(struct request *req, struct err *err);
int releases_cmd_diff(struct request *req, struct err *err);
int releases_cmd_rollback(struct request *req, struct err *err);
int releases_cmd_promote(struct request *req, struct err *err);
int releases_cmd_export(struct request *req, struct err *err);
int releases_cmd_import(struct request *req, struct err *err);
int releases_cmd_set(struct request *req, struct err *err);

/* "v12", "12" or "live" → the release; ERR_REFUSED names what there is. */
int releases_find(struct request *req, const char *word, struct release *r,
		  struct err *err);

/* Would the next release have other variables or another formation than the live one? */
int releases_staged(struct request *req, bool *staged, struct err *err);
/* Print the commits between two revisions; false when they are the same. */
bool releases_diff_commits(struct request *req, const char *from, const char *to);

#endif
