/* SPDX-License-Identifier: MIT */
/* A release as an archive of an OCI image, and an archive as a release. */
#ifndef DAVIT_DEPLOY_EXPORT_H
#define DAVIT_DEPLOY_EXPORT_H

#include "plugin/plugin.h"

/* davit-export APP NUMBER FD code|config */
int export_on_export(const struct plugin *self, struct trigger_call *call,
		     struct err *err);
/* davit-import APP FD: read to its end before anything of the app is touched. */
int import_on_import(const struct plugin *self, struct trigger_call *call,
		     struct err *err);

#endif
