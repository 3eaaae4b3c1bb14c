/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "plugin/exec.h"
#include "plugin/plugin.h"
#include "plugin/replace.h"
#include "plugin/trace.h"
#include "util/cleanup.h"
#include "util/strv.h"

static const struct {
	const char *name;
	enum trigger_mode mode;
	const char *words;
	const char *when;
} info[TRIGGER__COUNT] = {
#define TRIGGER_INFO(id, wire, how, words, when) \
	[TRIGGER_##id] = { wire, TRIGGER_##how, words, when },
	TRIGGERS(TRIGGER_INFO)
};

const char *trigger_name(enum trigger_id id)
{
	return info[id].name;
}

const char *trigger_words(enum trigger_id id)
{
	return info[id].words;
}

const char *trigger_summary(enum trigger_id id)
{
	return info[id].when;
}

enum trigger_mode trigger_mode_of(enum trigger_id id)
{
	return info[id].mode;
}

int trigger_by_name(const char *name)
{
	for (int i = 0; i < TRIGGER__COUNT; i++)
		if (strcmp(info[i].name, name) == 0)
			return i;
	return -1;
}

bool trigger_has_third_party(enum trigger_id id)
{
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++)
		if (all[i]->dir && exec_listens(all[i], trigger_name(id)))
			return true;
	return false;
}

int trigger_needs_heavy(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	(void)self;
	return err_set(err, ERR_BUG, "%s is fired in a program that is too light for it",
		       trigger_name(call->id));
}

bool trigger_is_heavy(enum trigger_id id)
{
	for (size_t i = 0; i < core_plugins_count; i++)
		if (core_plugins[i]->on[id] == trigger_needs_heavy)
			return true;
	return false;
}

static bool is_replaced(const struct plugin *p, const struct trigger_call *call)
{
	const struct plugin *by = p->dir || call->core_only ? NULL
							    : replace_find(p, call->id);

	if (by)
		trace_replaced(p, call, by);
	return by != NULL;
}

int trigger_fire(struct trigger_call *call, struct err *err)
{
	enum trigger_mode mode = info[call->id].mode;
	int verdict = TRIGGER_DECLINED;
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++) {
		const struct plugin *p = all[i];
		struct trace t;
		int rc;

		if (!p->on[call->id] || (call->third_only && !p->dir) ||
		    (call->core_only && p->dir) || is_replaced(p, call))
			continue;
		trace_start(&t, p, call);
		rc = p->on[call->id](p, call, err);
		trace_end(&t, rc);
		if (rc < 0 && err->kind != ERR_EXIT && p->dir)
			return err_context(err, "plugin %s: %s", p->name,
					   trigger_name(call->id));
		if (rc < 0)
			return -1;
		if (rc == TRIGGER_DECLINED)
			continue;
		verdict = 0;
		if (mode == TRIGGER_FIRST)
			return 0;
	}
	if (mode == TRIGGER_FIRST_LINE) {
		char *nl = memchr(call->out.data, '\n', call->out.len);

		if (nl)
			buf_cut(&call->out, (size_t)(nl - call->out.data));
	}
	return verdict;
}

static void take_words(struct strv *words, va_list ap)
{
	const char *word;

	while ((word = va_arg(ap, const char *)) != NULL)
		strv_add(words, word);
}

int trigger_argv(struct store *st, struct out *to, struct err *err, enum trigger_id id,
		 const char *const *argv)
{
	struct trigger_call call = { .id = id,
				     .argv = argv,
				     .st = st,
				     .to = to,
				     .in = BUF_INIT,
				     .out = BUF_INIT };
	int rc = trigger_fire(&call, err);

	buf_release(&call.out);
	return rc;
}

int trigger(struct store *st, struct out *to, struct err *err, enum trigger_id id, ...)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	va_list ap;

	va_start(ap, id);
	take_words(&words, ap);
	va_end(ap);
	return trigger_argv(st, to, err, id, strv_const(&words));
}

int trigger_old(struct store *st, struct out *to, struct err *err, enum trigger_id id,
		...)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	va_list ap;

	if (!trigger_has_third_party(id))
		return TRIGGER_DECLINED;
	out_warn(to, "Deprecated: a plugin listens to %s, the %s", trigger_name(id),
		 trigger_summary(id));
	va_start(ap, id);
	take_words(&words, ap);
	va_end(ap);
	return trigger_argv(st, to, err, id, strv_const(&words));
}

int trigger_ask(struct store *st, struct out *to, char **answer, struct err *err,
		enum trigger_id id, ...)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	va_list ap;
	int rc;

	va_start(ap, id);
	take_words(&words, ap);
	va_end(ap);

	struct trigger_call call = { .id = id,
				     .argv = strv_const(&words),
				     .st = st,
				     .to = to,
				     .in = BUF_INIT,
				     .out = BUF_INIT };

	rc = trigger_fire(&call, err);
	buf_chomp(&call.out);
	if (rc >= 0)
		*answer = buf_take(&call.out);
	buf_release(&call.out);
	return rc;
}
