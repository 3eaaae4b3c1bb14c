/* SPDX-License-Identifier: MIT */
/* What containers are doing. */
#ifndef DAVIT_ROOT_STATE_H
#define DAVIT_ROOT_STATE_H

#include <jansson.h>
#include <stdbool.h>

#include "util/err.h"

int verb_state(const json_t *op, json_t *reply, struct err *err);
int verb_list(const json_t *op, json_t *reply, struct err *err);

/* From text in the form of /proc/net/tcp: add the ports that listen to `ports` (an array
 * of numbers, each once); returns how many connections are established on them. */
long state_sockets(const char *text, json_t *ports);

/* Was it killed for memory?  *kills: processes of it that were. */
bool state_oom(const char *id, const json_t *state, long *kills);

#endif
