/* SPDX-License-Identifier: MIT */
#include "deploy/checkup.h"

#include <string.h>

#include "deploy/fleet.h"
#include "deploy/health.h"
#include "deploy/ready.h"
#include "deploy/route.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { LISTEN_TIMEOUT_MS = 5000 };

struct checkup {
	struct work work;
	struct release live;
	struct instances list;
	int failed;
};

static void checkup_release(struct checkup *c)
{
	release_release(&c->live);
	instances_release(&c->list);
}

static int load(struct checkup *c, struct trigger_call *call, struct err *err)
{
	const char *name = call->argv[0] ? call->argv[0] : "";
	int rc;

	c->work = (struct work){
		.st = call->st, .out = call->to, .lock_fd = -1, .switched = true
	};
	if (app_need(call->st, name, &c->work.app, err) < 0)
		return -1;
	rc = release_live(call->st, c->work.app.id, &c->live, err);
	if (rc == STORE_NO_ROW) {
		(void)err_set(err, ERR_REFUSED, "%s has not been deployed yet", name);
		return err_hint(err, "git push davit main");
	}
	return rc < 0 ? -1 : instance_list(call->st, c->work.app.id, &c->list, err);
}

/* "web" or "web.1". */
static bool is_meant(const struct instance *in, const char *word)
{
	AUTO_FREE char *full = xasprintf("%s.%d", in->process, in->number);

	return strcmp(word, in->process) == 0 || strcmp(word, full) == 0;
}

static int probe(struct checkup *c, const struct instance *in, const struct health *h,
		 struct buf *why, struct err *err)
{
	AUTO(fleet_release) struct fleet f = { .w = &c->work, .release = &c->live };

	f.port = route_port(c->work.st, c->work.out, &c->work.app, &c->live.image);
	fleet_adopt(&f, in);
	f.v[0].born = clock_ms() - (clock_now() - in->changed_at) * 1000;
	return ready_probe(&f, h, why, err);
}

static int check(struct checkup *c, const struct instance *in, const struct health *h,
		 struct err *err)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	int rc = READY_FAILS;

	for (int i = 0; rc == READY_FAILS && i < h->attempts; i++) {
		if (i > 0)
			clock_sleep_ms(h->wait_ms);
		buf_reset(&why);
		rc = probe(c, in, h, &why, err);
	}
	if (rc < 0)
		return -1;
	if (rc == 0) {
		out_note(c->work.out, "%s.%d: check '%s' passes", in->process, in->number,
			 h->name);
		return 0;
	}
	out_warn(c->work.out, "%s.%d: check '%s' fails: %s", in->process, in->number,
		 h->name, why.data);
	c->failed += !h->warn_only;
	return 0;
}

/* Of an instance that asks for no check it is only known that it runs; web also listens. */
static int check_unasked(struct checkup *c, const struct instance *in, struct err *err)
{
	char name[] = "listening";
	struct health listening = { .probe = HEALTH_LISTENING,
				    .name = name,
				    .attempts = 1,
				    .timeout_ms = LISTEN_TIMEOUT_MS };

	if (strcmp(in->process, "web") == 0)
		return check(c, in, &listening, err);
	out_note(c->work.out, "%s.%d: runs", in->process, in->number);
	return 0;
}

static int visit(struct checkup *c, const struct instance *in, struct err *err)
{
	AUTO(healths_release) struct healths list = HEALTHS_INIT;
	struct fleet f = { .w = &c->work };
	bool off;

	if (ready_is_off(&f, in->process, &off, err) < 0)
		return -1;
	if (off) {
		out_note(c->work.out, "%s.%d: its checks are off", in->process,
			 in->number);
		return 0;
	}
	if (in->state != INSTANCE_READY) {
		out_warn(c->work.out, "%s.%d: is %s", in->process, in->number,
			 instance_state_name(in->state));
		c->failed++;
		return 0;
	}
	if (healths_of(&c->live.image, c->live.config, in->process, &list, err) < 0)
		return -1;
	if (list.len == 0)
		return check_unasked(c, in, err);
	for (size_t i = 0; i < list.len; i++)
		if (check(c, in, &list.v[i], err) < 0)
			return -1;
	return 0;
}

/* Everything that the word means, or with NULL everything there is. */
static int visit_word(struct checkup *c, const char *word, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < c->list.len; i++) {
		const struct instance *in = &c->list.v[i];

		if (in->state == INSTANCE_DRAINING || (word && !is_meant(in, word)))
			continue;
		any = true;
		if (visit(c, in, err) < 0)
			return -1;
	}
	if (any || !word)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s has no instance %.80s", c->work.app.name,
		      word);
	return err_hint(err, "davit ps:report %s shows those it has", c->work.app.name);
}

int checkup_on_run(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(checkup_release)
	struct checkup c = { .live = RELEASE_INIT, .list = INSTANCES_INIT };

	(void)self;
	if (load(&c, call, err) < 0)
		return -1;
	out_step(call->to, "Checking what serves %s", c.work.app.name);
	if (!call->argv[1] && visit_word(&c, NULL, err) < 0)
		return -1;
	for (size_t i = 1; call->argv[i]; i++)
		if (visit_word(&c, call->argv[i], err) < 0)
			return -1;
	if (c.failed == 0)
		return 0;
	(void)err_set(err, ERR_APP, "%d check%s of %s failed", c.failed,
		      c.failed == 1 ? "" : "s", c.work.app.name);
	return err_hint(err, "davit logs %s", c.work.app.name);
}
