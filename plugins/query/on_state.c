/* SPDX-License-Identifier: MIT */
/* Questions about what runs. */
#include <stdlib.h>
#include <string.h>

#include "plugins/query/query.h"
#include "store/instance.h"
#include "store/release.h"
#include "util/cleanup.h"

/* Where every web process listens, in a network of its own. */
#define WEB_PORT 5000

/* The live release of the app that is asked about: 0 or STORE_NO_ROW. */
static int find_live(struct trigger_call *call, struct release *live, struct err *err)
{
	struct app app;

	return app_need(call->st, call->argv[0], &app, err) < 0
		       ? -1
		       : release_live(call->st, app.id, live, err);
}

int query_on_constant(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	(void)self;
	(void)err;
	if (call->id == TRIGGER_SCHEDULER_DETECT)
		buf_adds(&call->out, "docker-local\n");
	else if (call->id == TRIGGER_APP_JSON_PARALLELISM)
		buf_adds(&call->out, "1\n");
	else if (call->id == TRIGGER_CERTS_FORCE)
		buf_adds(&call->out, "false\n");
	return 0;
}

int query_on_host_cron(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	(void)self;
	(void)err;
	const char *name = call->argv[0] ? call->argv[0] : "";

	if (strcmp(name, "docker-local") == 0)
		buf_adds(&call->out, "true\n");
	else if (strcmp(name, "k3s") == 0 || strcmp(name, "null") == 0)
		buf_adds(&call->out, "false\n");
	else /* a scheduler of a third party answers for itself */
		return TRIGGER_DECLINED;
	return 0;
}

int query_on_app_json(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *text = NULL;
	int rc = find_live(call, &live, err);

	(void)self;
	if (rc < 0)
		return -1;
	if (rc == 0 && live.image.app_json)
		text = json_dumps(live.image.app_json, JSON_COMPACT);
	buf_addf(&call->out, "%s\n", text ? text : "{}");
	return 0;
}

int query_on_is_herokuish(const struct plugin *self, struct trigger_call *call,
			  struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	const char *builder;
	int rc = find_live(call, &live, err);

	(void)self;
	if (rc < 0)
		return -1;
	builder = rc == 0 && live.image.builder ? live.image.builder : "";
	buf_adds(&call->out,
		 strcmp(builder, "buildpack") == 0 || strcmp(builder, "herokuish") == 0
			 ? "true\n"
			 : "false\n");
	return 0;
}

static int instances_of(struct trigger_call *call, const char *name,
			struct instances *list, struct err *err)
{
	struct app app;

	return app_need(call->st, name, &app, err) < 0
		       ? -1
		       : instance_list(call->st, app.id, list, err);
}

int query_on_app_status(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	AUTO(instances_release) struct instances list = INSTANCES_INIT;
	size_t count = 0;
	size_t up = 0;

	(void)self;
	if (!call->argv[0] || instances_of(call, call->argv[1], &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.len; i++) {
		if (list.v[i].state == INSTANCE_DRAINING)
			continue;
		count++;
		up += list.v[i].state == INSTANCE_READY;
	}
	buf_addf(&call->out, "%zu %s\n", count,
		 !up           ? "false"
		 : up == count ? "true"
			       : "mixed");
	return 0;
}

int query_on_listeners(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO(instances_release) struct instances list = INSTANCES_INIT;
	const char *process = call->argv[0] && call->argv[1] ? call->argv[1] : "web";
	const char *blank = "";

	(void)self;
	if (instances_of(call, call->argv[0], &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.len; i++) {
		if (list.v[i].state != INSTANCE_READY ||
		    strcmp(list.v[i].process, process) != 0)
			continue;
		buf_addf(&call->out, "%s%s:%d", blank, list.v[i].address, WEB_PORT);
		blank = " ";
	}
	buf_adds(&call->out, "\n");
	return 0;
}

int query_on_address(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	AUTO(instances_release) struct instances list = INSTANCES_INIT;
	const char *const *w = call->argv;

	(void)self;
	if (instances_of(call, w[0], &list, err) < 0)
		return -1;
	for (size_t i = 0; w[0] && w[1] && w[2] && i < list.len; i++)
		if (strcmp(list.v[i].container, w[2]) == 0) {
			buf_addf(&call->out, "%s\n", list.v[i].address);
			return 0;
		}
	return err_exit(err, 1);
}

int query_on_network(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	AUTO(instances_release) struct instances list = INSTANCES_INIT;

	(void)self;
	if (instances_of(call, call->argv[0], &list, err) < 0)
		return -1;
	buf_adds(&call->out, list.len ? "true\n" : "false\n");
	return 0;
}
