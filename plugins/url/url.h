/* SPDX-License-Identifier: MIT */
/* Where an app answers. */
#ifndef DAVIT_PLUGINS_URL_URL_H
#define DAVIT_PLUGINS_URL_URL_H

#include "command/command.h"

int url_cmd_url(struct request *req, struct err *err);

#endif
