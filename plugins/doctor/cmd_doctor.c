/* SPDX-License-Identifier: MIT */
/* davit doctor: look, say, with --fix run the safe cures and look again. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/report.h"
#include "plugins/doctor/doctor.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/paths.h"
#include "util/proc.h"

enum { SECOND_LOOK_MS = 300, CURE_MS = 10 * 60 * 1000 };

static void run_checks(struct doctor *d)
{
	doctor_look(d);
	for (const struct check *c = doctor_checks; c->name; c++) {
		if ((c->needs & NEEDS_ROWS && !d->st) ||
		    (c->needs & NEEDS_HOST && !d->host))
			continue;
		d->check = c->name;
		c->run(d);
	}
}

static void look_once(struct request *req, struct findings *found)
{
	struct store st = STORE_INIT;
	struct doctor d = { .out = req->out, .apps = STRV_INIT };
	struct err err;

	d.check = "store";
	if (store_open(&st, false, &err) == 0)
		d.st = &st;
	else
		doctor_found(&d, FAULT, err.hint, "%s", err.text);
	run_checks(&d);
	*found = d.found;
	d.found = (struct findings){ .v = NULL };
	doctor_release(&d);
	store_close(&st);
}

/* Minutes and megabytes go on between two looks. */
static bool same_but_numbers(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	for (;;) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b || !*a)
			return *a == *b;
		a++;
		b++;
	}
}

static bool contains(const struct findings *f, const struct finding *one)
{
	for (size_t i = 0; i < f->len; i++)
		if (same_but_numbers(f->v[i].what, one->what))
			return true;
	return false;
}

/* A host at work changes while it is looked at: what holds is there twice. */
static void look(struct request *req, struct findings *found)
{
	AUTO(findings_release) struct findings first = { .v = NULL };
	AUTO(findings_release) struct findings second = { .v = NULL };

	look_once(req, &first);
	*found = (struct findings){ .v = NULL };
	if (!first.len)
		return;
	clock_sleep_ms(SECOND_LOOK_MS);
	look_once(req, &second);
	found->v = xcalloc(second.len + 1, sizeof *found->v);
	for (size_t i = 0; i < second.len; i++) {
		struct finding *f = &second.v[i];

		if (!contains(&first, f))
			continue;
		found->v[found->len++] = *f;
		f->what = xstrdup("");
		f->cure = xstrdup("");
	}
}

static bool counts(const struct findings *found)
{
	for (size_t i = 0; i < found->len; i++)
		if (found->v[i].severity != NOTE)
			return true;
	return false;
}

static void say(struct out *out, const struct findings *found, int64_t ms)
{
	for (size_t i = 0; i < found->len; i++) {
		const struct finding *f = &found->v[i];

		out_line(out, "%s: %s: %s", doctor_severity(f->severity), f->check,
			 f->what);
		if (*f->cure)
			out_line(out, "       cure: %s", f->cure);
	}
	if (!counts(found))
		out_step(out, "Nothing is wrong (%lld ms)", (long long)ms);
}

static void say_json(struct out *out, const struct findings *found,
		     const struct strv *ran)
{
	json_t *list = json_array();
	json_t *fixed = json_array();

	for (size_t i = 0; i < found->len; i++) {
		const struct finding *f = &found->v[i];

		(void)json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s, s:b}", "check", f->check,
					"severity", doctor_severity(f->severity), "what",
					f->what, "cure", f->cure, "safe", f->safe));
	}
	strv_foreach(cure, ran)
		(void)json_array_append_new(fixed, json_string(cure));
	report_print_json(out, json_pack("{s:b, s:o, s:o}", "healthy", !counts(found),
					 "findings", list, "fixed", fixed));
}

static void relay(void *ctx, enum proc_stream from, const char *line)
{
	struct out *out = ctx;

	(void)from;
	if (out)
		out_foreign(out, line);
}

/* A cure is a command of davit's whose words hold no blank. */
static int run_cure(struct out *out, const char *cure, struct err *err)
{
	AUTO_FREE char *davit = paths_davit();
	AUTO(strv_release) struct strv argv = STRV_INIT;
	struct proc_end end;

	strv_split(&argv, cure, " ");
	free(argv.v[0]);
	argv.v[0] = take_str(&davit);
	struct proc p = { .argv = strv_const(&argv),
			  .env = (const char *const *)environ,
			  .flags = PROC_MERGE,
			  .timeout_ms = CURE_MS,
			  .on_line = relay,
			  .ctx = out };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code == 0 && !end.timed_out)
		return 0;
	return err_set(err, ERR_HOST, "%s ended with status %d", cure, end.code);
}

/* Each safe cure once. */
static void fix(struct out *out, bool quiet, const struct findings *found,
		struct strv *ran)
{
	for (size_t i = 0; i < found->len; i++) {
		const struct finding *f = &found->v[i];
		struct err err;

		if (!f->safe || strv_find(ran, f->cure) >= 0)
			continue;
		strv_add(ran, f->cure);
		if (!quiet) {
			out_line(out, "%s: %s: %s", doctor_severity(f->severity),
				 f->check, f->what);
			out_step(out, "Running %s", f->cure);
		}
		if (run_cure(quiet ? NULL : out, f->cure, &err) < 0)
			out_warn(out, "%s", err.text);
	}
}

static int take_format(const struct request *req, bool *json, struct err *err)
{
	const char *format = request_value(req, "format");

	*json = format && strcmp(format, "json") == 0;
	if (!format || *json || strcmp(format, "stdout") == 0)
		return 0;
	return err_set(err, ERR_FLAG, "--format: %.32s is neither stdout nor json",
		       format);
}

int doctor_cmd(struct request *req, struct err *err)
{
	AUTO(findings_release) struct findings found = { .v = NULL };
	AUTO(strv_release) struct strv ran = STRV_INIT;
	int64_t began = clock_ms();
	bool json;

	if (take_format(req, &json, err) < 0)
		return -1;
	look(req, &found);
	if (request_flag(req, "fix")) {
		fix(req->out, json, &found, &ran);
		if (ran.len) {
			findings_release(&found);
			look(req, &found);
		}
	}
	if (json)
		say_json(req->out, &found, &ran);
	else
		say(req->out, &found, clock_ms() - began);
	return counts(&found) ? err_exit(err, 1) : 0;
}
