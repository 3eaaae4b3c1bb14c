/* SPDX-License-Identifier: MIT */
/* What containers, timers and the boot call: each is one trigger. */
#include "plugin/plugin.h"
#include "plugins/davit/davit.h"
#include "store/adopt.h"

/* Fire one of davit's own triggers with the words of the command. */
static int fire(struct request *req, enum trigger_id id, struct err *err)
{
	return trigger_argv(req->st, req->out, err, id, req->argv) < 0 ? -1 : 0;
}

int davit_cmd_instance_exited(struct request *req, struct err *err)
{
	return fire(req, TRIGGER_INSTANCE_EXITED, err);
}

int davit_cmd_instance_restart(struct request *req, struct err *err)
{
	return fire(req, TRIGGER_INSTANCE_RESTART, err);
}

int davit_cmd_instance_retire(struct request *req, struct err *err)
{
	return fire(req, TRIGGER_INSTANCE_RETIRE, err);
}

int davit_cmd_instance_watch(struct request *req, struct err *err)
{
	return fire(req, TRIGGER_INSTANCE_WATCH, err);
}

int davit_cmd_recover(struct request *req, struct err *err)
{
	return fire(req, TRIGGER_RECOVER, err);
}

int davit_cmd_restore(struct request *req, struct err *err)
{
	return fire(req, TRIGGER_RESTORE, err);
}

int davit_cmd_tick(struct request *req, struct err *err)
{
	return fire(req, TRIGGER_TICK, err);
}

int davit_cmd_store_adopt(struct request *req, struct err *err)
{
	int rc = adopt_store(err);

	if (rc == 0)
		out_step(req->out, "The store of the newer davit is taken over");
	return rc < 0 ? -1 : 0;
}
