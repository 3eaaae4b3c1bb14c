/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "plugins/store/store.h"
#include "store/copy.h"
#include "util/cleanup.h"

int store_cmd_copy(struct request *req, struct err *err)
{
	AUTO_FREE char *path = NULL;

	if (copy_make(req->st, &path, err) < 0)
		return -1;
	out_step(req->out, "The store is copied to %s", path);
	return 0;
}

/* Without the store: this is asked for when it is gone. */
int store_cmd_copies(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	(void)err;
	copy_list(&names);
	strv_foreach(name, &names) {
		AUTO_FREE char *path = copy_path(name);
		struct stat st;

		out_line(req->out, "%s %lld", name,
			 stat(path, &st) == 0 ? (long long)st.st_size : 0);
	}
	return 0;
}

static int choose(struct request *req, const struct strv *names, const char **name,
		  struct err *err)
{
	*name = req->argc ? req->argv[0] : names->v[0];
	if (*name && strv_find(names, *name) >= 0)
		return 0;
	if (!*name) {
		(void)err_set(err, ERR_REFUSED, "there is no copy of the store");
		return err_hint(err,
				"davit makes one each hour, and davit store:copy now");
	}
	(void)err_set(err, ERR_USAGE, "there is no copy %.40s", *name);
	return err_hint(err, "davit store:copies lists them");
}

/* A store that is whole is not lightly given up for an older one. */
static int check_need(struct request *req, struct err *err)
{
	AUTO(store_close) struct store st = STORE_INIT;
	struct err why;

	if (req->force || store_open(&st, false, &why) < 0 || store_check(&st, &why) < 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "the store is whole: nothing has to be restored");
	return err_hint(err, "to go back to what it was all the same: davit --force "
			     "store:restore [<time>]");
}

int store_cmd_restore(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO_FREE char *aside = NULL;
	const char *name = NULL;

	copy_list(&names);
	if (choose(req, &names, &name, err) < 0 || check_need(req, err) < 0 ||
	    copy_restore(name, &aside, err) < 0)
		return -1;
	out_step(req->out, "The store is that of %s again", name);
	if (*aside)
		out_note(req->out, "what it was before is kept: %s", aside);
	out_note(req->out,
		 "what has changed since then is not in it; next: davit doctor");
	return 0;
}
