/* SPDX-License-Identifier: MIT */
/* Static sites: static/APP/RELEASE, served by nginx through static/APP/current. */
#ifndef DAVIT_ROOT_STATIC_H
#define DAVIT_ROOT_STATIC_H

#include <jansson.h>

#include "util/err.h"

int verb_static(const json_t *op, json_t *reply, struct err *err);
int verb_static_switch(const json_t *op, json_t *reply, struct err *err);
int verb_static_remove(const json_t *op, json_t *reply, struct err *err);

#endif
