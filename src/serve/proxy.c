/* SPDX-License-Identifier: MIT */
#include "serve/proxy.h"

#include <string.h>

#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { FILE_MAX = 1 << 20 };

int proxy_current(const char *app, struct buf *text, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "nginx/%s.conf", app);

	return fs_read(path, FILE_MAX, text, err);
}

static int is_in_place(const struct proxy_change *c, bool *same, struct err *err)
{
	AUTO(buf_release) struct buf now = BUF_INIT;
	int rc = proxy_current(c->app, &now, err);

	if (rc < 0)
		return -1;
	*same = rc == FS_ABSENT ? !c->text : c->text && strcmp(now.data, c->text) == 0;
	return 0;
}

int proxy_apply(proxy_ask *ask, const struct proxy_change *changes, size_t count,
		struct err *err)
{
	json_t *set = json_array();
	bool same;

	for (size_t i = 0; i < count; i++) {
		if (is_in_place(&changes[i], &same, err) < 0) {
			json_decref(set);
			return -1;
		}
		if (!same)
			(void)json_array_append_new(set, json_pack("{s:s, s:s?}", "name",
								   changes[i].app, "text",
								   changes[i].text));
	}
	if (json_array_size(set) == 0) {
		json_decref(set);
		return PROXY_UNCHANGED;
	}
	if (ask("nginx", json_pack("{s:o}", "set", set), NULL, err) < 0)
		return err_context(err, "the proxy serves on as before");
	return 0;
}
