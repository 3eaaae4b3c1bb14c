/* SPDX-License-Identifier: MIT */
#include "util/host.h"

#include <string.h>

#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

enum { ANSWER_MS = 2000 };

char *host_stopping_mark(void)
{
	return paths_in(paths_run(), "stopping");
}

static bool by_systemd(void)
{
	static const char *const argv[] = { "/usr/bin/systemctl", "is-system-running",
					    NULL };
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc p = {
		.argv = argv, .env = proc_plain_env, .out = &said, .timeout_ms = ANSWER_MS
	};
	struct proc_end end;
	struct err ignored;

	return fs_is_dir("/run/systemd/system") && proc_run(&p, &end, &ignored) == 0 &&
	       strncmp(said.data, "stopping", 8) == 0;
}

bool host_is_stopping(void)
{
	AUTO_FREE char *mark = host_stopping_mark();

	return fs_exists(mark) || by_systemd();
}
