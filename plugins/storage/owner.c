/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/storage/storage.h"
#include "runtime/container.h"
#include "util/cleanup.h"
#include "util/name.h"

enum { ID_MAX = 65535 };

/*
 * Names of builders stand for the user that their images run as.  Here one user runs what
 * every builder makes, and storage has to belong to that one.
 */
static const struct {
	const char *name;
	long uid;
} users[] = {
	{ "false", -1 },        { "heroku", APP_UID }, { "herokuish", APP_UID },
	{ "packeto", APP_UID }, { "paketo", APP_UID }, { "root", 0 },
};

int storage_owner_of(const char *text, struct storage_owner *o, struct err *err)
{
	AUTO(strv_release) struct strv parts = STRV_INIT;

	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		if (strcmp(users[i].name, text) == 0) {
			o->uid = users[i].uid;
			o->gid = users[i].uid;
			return 0;
		}
	strv_split(&parts, text, ":");
	if (parts.len >= 1 && parts.len <= 2 &&
	    name_to_int(parts.v[0], 0, ID_MAX, &o->uid) &&
	    name_to_int(parts.v[parts.len - 1], 0, ID_MAX, &o->gid))
		return 0;
	(void)err_set(err, ERR_USAGE, "Unsupported chown permissions: %.80s", text);
	return err_hint(err,
			"herokuish, heroku, paketo, root, false, or uid:gid up to %d",
			ID_MAX);
}
