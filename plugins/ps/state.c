/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/ps/ps.h"
#include "store/instance.h"
#include "store/property.h"
#include "util/cleanup.h"

int ps_wanted(struct store *st, int64_t app_id, bool *wanted, struct err *err)
{
	AUTO_FREE char *restore = NULL;

	if (property_get(st, PROPERTY(app_id, "ps", "restore"), "true", &restore, err) <
	    0)
		return -1;
	*wanted = strcmp(restore, "false") != 0;
	return 0;
}

static int wanted_count(const struct release *live)
{
	const char *process;
	json_t *quantity;
	int wanted = 0;

	if (!live || live->image.static_tree)
		return 0;
	json_object_foreach(live->formation, process, quantity)
		wanted += (int)json_integer_value(quantity);
	return wanted;
}

int ps_state(struct store *st, int64_t app_id, const struct release *live,
	     enum ps_running *state, int *count, struct err *err)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	int wanted = wanted_count(live);
	int ready = 0;
	bool on;

	if (instance_list(st, app_id, &all, err) < 0 ||
	    ps_wanted(st, app_id, &on, err) < 0)
		return -1;
	*count = 0;
	for (size_t i = 0; i < all.len; i++) {
		*count += all.v[i].state != INSTANCE_DRAINING;
		ready += all.v[i].state == INSTANCE_READY;
	}
	if (live && live->image.static_tree)
		*state = on ? PS_RUNNING : PS_STOPPED;
	else if (ready == 0)
		*state = PS_STOPPED;
	else
		*state = ready >= wanted ? PS_RUNNING : PS_MIXED;
	return 0;
}
