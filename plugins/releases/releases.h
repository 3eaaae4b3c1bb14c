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
int releases_cmd_set(struct request *req, struct err *err);

/* "v12" or "12" → the release; ERR_REFUSED names what there is. */
int releases_find(struct request *req, const char *word, struct release *r,
		  struct err *err);

#endif
