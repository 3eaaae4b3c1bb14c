/* SPDX-License-Identifier: MIT */
/* nginx:start, :stop and :reload: the host's own nginx, for its root alone. */
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/proc.h"

static int run(const char *const *argv, struct err *err)
{
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc_end end;
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .flags = PROC_MERGE,
			  .timeout_ms = 60000,
			  .out = &said };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code == 0)
		return 0;
	buf_chomp(&said);
	(void)err_set(err, ERR_HOST, "%s failed: %s", argv[0], said.data);
	return err_hint(err, "nginx -t says what is wrong");
}

int nginx_cmd_control(struct request *req, struct err *err)
{
	const char *verb = strchr(req->command->name, ':') + 1;
	const char *const unit[] = { "/usr/bin/systemctl", verb, "nginx", NULL };
	const char *const start[] = { "/usr/sbin/nginx", NULL };
	const char *const signal[] = { "/usr/sbin/nginx", "-s", verb, NULL };
	const char *const test[] = { "/usr/sbin/nginx", "-t", "-q", NULL };

	if (strcmp(verb, "stop") != 0 && run(test, err) < 0)
		return err_context(err, "nginx is left as it is");
	if (fs_is_dir("/run/systemd/system"))
		return run(unit, err);
	if (strcmp(verb, "start") == 0)
		return run(start, err);
	return run(signal, err);
}
