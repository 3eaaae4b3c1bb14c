/* SPDX-License-Identifier: MIT */
#include "plugin/exec.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/manifest.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/name.h"
#include "util/paths.h"
#include "util/proc.h"

/* A hook that takes longer is named, so that it is known who makes a deploy slow. */
#define SLOW_MS 10000

static int shared_fd = -1;

void exec_share(int fd)
{
	shared_fd = fd;
}

static void share(struct proc *p)
{
	if (shared_fd >= 0)
		p->pass[p->pass_count++] = shared_fd;
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool exec_listens(const struct plugin *p, const char *name)
{
	AUTO_FREE char *path = paths_in(p->dir, "%s", name);

	return is_program(path);
}

/*
 * Code that others could have changed is not run: the file and every directory above it
 * must belong to root (or to us, in a private root) and be writable by its owner only,
 * but for sticky ones like /tmp.
 */
static int vet(const char *path, struct err *err)
{
	AUTO_FREE char *real = realpath(path, NULL);
	struct stat st;
	char *end;

	if (!real)
		return err_sys(err, "%s", path);
	for (end = real + strlen(real); end; end = strrchr(real, '/')) {
		*end = '\0';
		if (stat(*real ? real : "/", &st) < 0)
			return err_sys(err, "%s", real);
		if ((st.st_uid == 0 || st.st_uid == geteuid()) &&
		    (!(st.st_mode & 022) ||
		     (S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX)))
			continue;
		(void)err_set(err, ERR_REFUSED,
			      "%s is not run: others than root could change %s", path,
			      *real ? real : "/");
		return err_hint(err, "chown root: and chmod go-w %s", *real ? real : "/");
	}
	return 0;
}

static void take_line(void *ctx, enum proc_stream from, const char *line)
{
	struct trigger_call *call = ctx;
	enum trigger_mode mode = trigger_mode_of(call->id);

	if (from == PROC_ERR)
		out_error_line(call->to, line);
	else if (mode == TRIGGER_TEXT || mode == TRIGGER_FIRST_LINE)
		buf_addf(&call->out, "%s\n", line);
	else
		out_line(call->to, "%s", line);
}

static int time_limit(struct store *st, long *seconds, struct err *err)
{
	AUTO_FREE char *text = NULL;

	*seconds = strtol(EXEC_TIMEOUT_DEFAULT, NULL, 10);
	if (!st)
		return 0;
	if (property_get(st, PROPERTY(STORE_GLOBAL, "plugin", EXEC_TIMEOUT_KEY),
			 EXEC_TIMEOUT_DEFAULT, &text, err) < 0)
		return -1;
	(void)name_to_int(text, 1, 86400, seconds);
	return 0;
}

/* What it is promised, and what its manifest sets. */
static int make_environment(const struct plugin *p, struct strv *env, struct err *err)
{
	AUTO(manifest_release) struct manifest m = MANIFEST_INIT;

	plugin_hook_environment(env);
	if (manifest_read(p->dir, &m, err) < 0)
		return -1;
	strv_foreach(item, &m.config)
		strv_add(env, item);
	return 0;
}

static int judge(const struct plugin *self, const struct proc_end *end, long seconds,
		 struct err *err)
{
	if (end->cancelled)
		return err_set(err, ERR_REFUSED, "cancelled: the client is gone");
	if (end->timed_out) {
		(void)err_set(err, ERR_APP, "took more than %ld seconds and was ended",
			      seconds);
		err->sys = 124;
		return err_hint(err,
				"davit plugin:disable %s leaves it out; davit plugin:set "
				"--global %s <seconds> gives hooks more time",
				self->name, EXEC_TIMEOUT_KEY);
	}
	if (end->code != 0) {
		(void)err_set(err, ERR_APP, "exited with status %d", end->code);
		err->sys = end->code;
		return -1;
	}
	return 0;
}

int exec_trigger(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO_FREE char *path = paths_in(self->dir, "%s", trigger_name(call->id));
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	struct proc_end end;
	int64_t since = clock_ms();
	long seconds;

	if (!is_program(path))
		return TRIGGER_DECLINED;
	if (vet(path, err) < 0 || time_limit(call->st, &seconds, err) < 0 ||
	    make_environment(self, &env, err) < 0)
		return -1;
	strv_add(&argv, path);
	for (const char *const *w = call->argv; *w; w++)
		strv_add(&argv, *w);

	struct proc p = { .argv = strv_const(&argv),
			  .env = strv_const(&env),
			  .dir = self->dir,
			  .in = &call->in,
			  .timeout_ms = (int)(seconds * 1000),
			  .cancel_fd = call->cancel_fd,
			  .on_line = take_line,
			  .ctx = call };

	share(&p);
	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (!end.timed_out && call->to && clock_ms() - since >= SLOW_MS)
		out_warn(call->to, "plugin %s: %s took %d s", self->name,
			 trigger_name(call->id), (int)((clock_ms() - since) / 1000));
	return judge(self, &end, seconds, err);
}

int exec_foreground(const struct plugin *p, const char *name, const char *const *words,
		    struct err *err)
{
	AUTO_FREE char *path = paths_in(p->dir, "%s", name);
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	struct proc_end end;

	if (vet(path, err) < 0 || make_environment(p, &env, err) < 0)
		return -1;
	strv_add(&argv, path);
	for (const char *const *w = words; *w; w++)
		strv_add(&argv, *w);

	struct proc run = { .argv = strv_const(&argv),
			    .env = strv_const(&env),
			    .flags = PROC_STDIN | PROC_STDOUT | PROC_STDERR |
				     PROC_FOREGROUND };

	share(&run);
	if (proc_run(&run, &end, err) < 0)
		return -1;
	return end.code;
}
