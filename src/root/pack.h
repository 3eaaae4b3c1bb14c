/* SPDX-License-Identifier: MIT */
/*
 * A layer as a tar stream, the form in which other tools hold image layers: owners and hard
 * links kept, a deletion as an empty file .wh.NAME, a directory that hides what is below it
 * with an empty file .wh..wh..opq.  The same layer makes the same bytes.
 */
#ifndef DAVIT_ROOT_PACK_H
#define DAVIT_ROOT_PACK_H

#include <jansson.h>

#include "util/err.h"

#define PACK_GONE   ".wh."
#define PACK_OPAQUE ".wh..wh..opq"

int verb_pack(const json_t *op, json_t *reply, struct err *err);

#endif
