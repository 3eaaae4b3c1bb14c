/* SPDX-License-Identifier: MIT */
#include "root/runtime.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/proc.h"
#include "util/strv.h"

#define SAID_LAST 600

const char *runtime_path(void)
{
	static const char *const crun[] = { "/usr/bin/crun", "/usr/local/bin/crun" };
	static const char *const runc[] = { "/usr/sbin/runc", "/usr/bin/runc" };

	/* crun refuses version 1 and hybrid hierarchies. */
	for (size_t i = 0; cgroup_is_v2() && i < 2; i++)
		if (access(crun[i], X_OK) == 0)
			return crun[i];
	for (size_t i = 0; i < 2; i++)
		if (access(runc[i], X_OK) == 0)
			return runc[i];
	return NULL;
}

int runtime_need(const char **path, struct err *err)
{
	*path = runtime_path();
	if (*path)
		return 0;
	(void)err_set(err, ERR_HOST, "no OCI runtime is installed");
	return err_hint(err, "apt-get install runc%s", cgroup_is_v2() ? ", or crun" : "");
}

static int call(const char *const *args, unsigned flags, struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc_end end;
	const char *path;

	if (runtime_need(&path, err) < 0)
		return -1;
	strv_add(&argv, path);
	strv_add(&argv, "--root");
	strv_add(&argv, RUNTIME_STATE);
	for (; *args; args++)
		strv_add(&argv, *args);
	struct proc p = { .argv = strv_const(&argv),
			  .env = proc_plain_env,
			  .flags = flags,
			  .out = &said };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code == 0)
		return 0;
	buf_chomp(&said);
	const char *last = strrchr(said.data, '\n');

	last = last ? last + 1 : said.data;
	return err_set(err, ERR_HOST, "%s: %.*s", path, SAID_LAST,
		       *last ? last : "failed");
}

int runtime_call(const char *const *args, struct err *err)
{
	return call(args, PROC_MERGE, err);
}

int runtime_call_foreground(const char *const *args, struct err *err)
{
	return call(args, PROC_STDIN | PROC_STDOUT | PROC_STDERR | PROC_FOREGROUND, err);
}

bool runtime_forget(const char *id)
{
	AUTO_FREE char *state = xasprintf(RUNTIME_STATE "/%s", id);
	struct err ignored;

	return fs_remove_tree(state, &ignored) == 0;
}

int runtime_delete(const char *id, struct err *err)
{
	AUTO_FREE char *state = xasprintf(RUNTIME_STATE "/%s", id);

	if (!fs_exists(state))
		return 0;
	return runtime_call((const char *const[]){ "delete", "--force", id, NULL }, err);
}
