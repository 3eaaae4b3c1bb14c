/* SPDX-License-Identifier: MIT */
/* stack:build: a new base and its toolchains; what nobody uses any more goes. */
#include <string.h>

#include "plugins/stack/stack.h"
#include "runtime/helper.h"
#include "runtime/stack.h"
#include "store/layer.h"
#include "util/cleanup.h"

/* Layers of the stack that are neither current nor part of any release. */
static int remove_unused(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv all = STRV_INIT;
	AUTO(strv_release) struct strv bytes = STRV_INIT;
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(strv_release) struct strv current = STRV_INIT;
	AUTO_FREE char *base = NULL;

	if (stack_layers(&all, &bytes, err) < 0 ||
	    stack_current(req->st, &base, err) < 0 ||
	    stack_toolchains(req->st, &names, &current, err) < 0)
		return -1;
	strv_foreach(layer, &all) {
		bool used = true;

		if (strncmp(layer, STACK_PREFIX, strlen(STACK_PREFIX)) != 0 ||
		    strcmp(layer, base) == 0 || strv_find(&current, layer) >= 0)
			continue;
		if (layer_is_used(req->st, layer, &used, err) < 0)
			return -1;
		if (used)
			continue;
		if (helper_one("layer-remove", json_pack("{s:s}", "layer", layer), NULL,
			       err) < 0)
			return -1;
		out_note(req->out, "removed %s: no release uses it", layer);
	}
	return 0;
}

/* Is there a base already, in the store and on the disk? */
static int have_base(struct request *req, bool *have, struct err *err)
{
	AUTO(strv_release) struct strv all = STRV_INIT;
	AUTO(strv_release) struct strv bytes = STRV_INIT;
	AUTO_FREE char *base = NULL;

	if (stack_layers(&all, &bytes, err) < 0 || stack_current(req->st, &base, err) < 0)
		return -1;
	*have = *base && strv_find(&all, base) >= 0;
	return 0;
}

int stack_cmd_build(struct request *req, struct err *err)
{
	AUTO_FREE char *base = NULL;
	bool have = false;

	if (request_flag(req, "if-missing") && have_base(req, &have, err) < 0)
		return -1;
	if (have) {
		out_note(req->out, "there is a base layer; stack:build makes it anew");
		return 0;
	}
	if (stack_build(req->st, req->out, err) < 0 || remove_unused(req, err) < 0 ||
	    stack_current(req->st, &base, err) < 0)
		return -1;
	stack_probe(req->out, base);
	out_note(req->out,
		 "Apps get it at their next deploy; now: davit ps:rebuild --all");
	return 0;
}
