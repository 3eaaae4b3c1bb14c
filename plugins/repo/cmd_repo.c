/* SPDX-License-Identifier: MIT */
#include "plugins/repo/repo.h"
#include "runtime/helper.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

enum { GC_LIMIT_MS = 30 * 60 * 1000 };

int repo_cmd_gc(struct request *req, struct err *err)
{
	AUTO_FREE char *repo = paths_in(paths_root(), "git/%s.git", req->app.name);
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const argv[] = { REPO_GIT,  "-C",          repo, "gc",
				     "--quiet", "--prune=now", NULL };
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .err = &said,
			  .timeout_ms = GC_LIMIT_MS };
	struct proc_end end;

	if (!fs_is_dir(repo)) {
		(void)err_set(err, ERR_REFUSED, "nothing has been pushed to %s yet",
			      req->app.name);
		return err_hint(err, "git push davit@<host>:%s <branch>", req->app.name);
	}
	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code == 0 && !end.timed_out)
		return 0;
	buf_chomp(&said);
	return err_set(err, ERR_HOST, "git gc in %s failed: %.600s", repo,
		       end.timed_out ? "it took too long" : said.data);
}

int repo_cmd_purge_cache(struct request *req, struct err *err)
{
	if (helper_one("cache-clear", json_pack("{s:s}", "app", req->app.name), NULL,
		       err) < 0)
		return -1;
	out_step(req->out, "The build caches of %s are empty", req->app.name);
	return 0;
}
