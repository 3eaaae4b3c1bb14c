/* SPDX-License-Identifier: MIT */
#include "root/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "root/container.h"
#include "root/layer.h"
#include "root/net.h"
#include "root/nft.h"
#include "root/nginx.h"
#include "root/protocol.h"
#include "root/range.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

/* Directories with one entry per app, of root's own making. */
static const char *const plain[] = { DAVIT_ROOT_DIR "/nginx/snippets",
				     DAVIT_ROOT_DIR "/tls", DAVIT_LOG_DIR };
/* Those whose contents are the app's. */
static const char *const owned[] = { DAVIT_ROOT_DIR "/cache", DAVIT_ROOT_DIR "/static" };

enum { PLAIN = sizeof plain / sizeof *plain, OWNED = sizeof owned / sizeof *owned };

static int refuse_running(const char *app, struct err *err)
{
	AUTO_FREE char *id = container_of_app(app);

	if (!id)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s still has the container %s", app, id);
	return err_hint(err, "davit ps:stop %s", app);
}

static int take_named(const json_t *op, const char *field, const char **app,
		      struct err *err)
{
	if (request_app(op, field, app, err) < 0)
		return -1;
	if (strcmp(*app, STACK_APP) == 0)
		return err_set(err, ERR_REFUSED, "%s stays", STACK_APP);
	return refuse_running(*app, err);
}

int verb_forget(const json_t *op, json_t *reply, struct err *err)
{
	const char *app;

	(void)reply;
	if (take_named(op, "app", &app, err) < 0 || nginx_forget(app, err) < 0 ||
	    nft_forget(app, err) < 0)
		return -1;
	for (int i = 0; i < OWNED; i++)
		if (layer_drop(owned[i], app, err) < 0)
			return -1;
	for (int i = 0; i < PLAIN; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", plain[i], app);

		if (fs_remove_tree(path, err) < 0)
			return -1;
	}
	return range_forget(app, err);
}

static int move(const char *dir, const char *from, const char *to, struct err *err)
{
	AUTO_FREE char *old = xasprintf("%s/%s", dir, from);
	AUTO_FREE char *new = xasprintf("%s/%s", dir, to);

	if (renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_NOREPLACE) == 0 ||
	    errno == ENOENT)
		return 0;
	return err_sys(err, "rename %s to %s", old, new);
}

int verb_rename(const json_t *op, json_t *reply, struct err *err)
{
	const char *from;
	const char *to;

	(void)reply;
	if (take_named(op, "from", &from, err) < 0 || take_named(op, "to", &to, err) < 0)
		return -1;
	/* The file names paths of the old app; the new app's is written by the next
	 * `nginx`.  The route is set by the next `route`. */
	if (nginx_forget(from, err) < 0 || nft_forget(from, err) < 0 ||
	    range_rename(from, to, err) < 0)
		return -1;
	for (int i = 0; i < OWNED; i++)
		if (move(owned[i], from, to, err) < 0)
			return -1;
	for (int i = 0; i < PLAIN; i++)
		if (move(plain[i], from, to, err) < 0)
			return -1;
	return 0;
}
