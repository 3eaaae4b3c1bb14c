/* SPDX-License-Identifier: MIT */
#include "plugins/settings/settings.h"
#include "store/property.h"
#include "util/cleanup.h"

int settings_on_builder_detect(const struct plugin *self, struct trigger_call *call,
			       struct err *err)
{
	AUTO_FREE char *selected = NULL;
	struct app app;
	int rc = app_find(call->st, call->argv[0] ? call->argv[0] : "", &app, err);

	(void)self;
	if (rc != 0)
		return rc < 0 ? -1 : TRIGGER_DECLINED;
	if (property_get(call->st, PROPERTY(app.id, "builder", "selected"), "", &selected,
			 err) < 0)
		return -1;
	if (!*selected)
		return TRIGGER_DECLINED;
	buf_addf(&call->out, "%s\n", selected);
	return 0;
}
