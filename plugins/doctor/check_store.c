/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "plugins/doctor/doctor.h"
#include "store/copy.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { COPY_OLD_S = 3 * 24 * 3600 };

/* Only a store that never changes has an old copy. */
static void check_copies(struct doctor *d)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO_FREE char *path = NULL;
	struct stat st;

	copy_list(&names);
	if (!copy_is_due())
		return;
	path = names.len ? copy_path(names.v[0]) : NULL;
	if (path && stat(path, &st) == 0 && clock_now() - st.st_mtime > COPY_OLD_S)
		doctor_mends(d, WARNING, "davit store:copy",
			     "the last good copy of the store is of %s", names.v[0]);
}

void doctor_check_store(struct doctor *d)
{
	struct err err;

	if (!d->st)
		return; /* said already */
	if (store_check_writable(&err) < 0)
		doctor_found(d, FAULT, err.hint, "%s", err.text);
	if (store_check(d->st, &err) < 0)
		doctor_found(d, FAULT, err.hint, "%s", err.text);
	check_copies(d);
}
