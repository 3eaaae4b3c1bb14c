/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "plugins/doctor/doctor.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

void doctor_check_store(struct doctor *d)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store/davit.db");
	AUTO_FREE char *dir = paths_in(paths_root(), "store");
	AUTO_FREE char *cure = xasprintf("ls -ld %s %s; df -h %s", dir, path, dir);
	struct err err;

	if (!d->st)
		return; /* said already */
	if (access(path, W_OK) < 0 || access(dir, W_OK) < 0)
		doctor_found(d, FAULT, cure, "%s cannot be written", path);
	if (store_check(d->st, &err) < 0)
		doctor_found(d, FAULT, err.hint, "%s", err.text);
}
