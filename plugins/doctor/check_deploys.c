/* SPDX-License-Identifier: MIT */
#include <dirent.h>

#include "plugins/doctor/doctor.h"
#include "runtime/sweep.h"
#include "util/cleanup.h"
#include "util/paths.h"

static void check_work(struct doctor *d)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store/work");
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		struct err ignored;
		bool left = false;

		if (e->d_name[0] != '.' &&
		    sweep_work_is_left(d->st, e->d_name, &left, &ignored) == 0 && left)
			doctor_mends(d, WARNING, "davit recover",
				     "%s/%s was left by a deploy that has ended", path,
				     e->d_name);
	}
}

void doctor_check_deploys(struct doctor *d)
{
	for (size_t i = 0; i < d->open.len; i++) {
		const struct deploy *row = &d->open.v[i];

		if (!doctor_at_work(row))
			doctor_mends(d, FAULT, "davit recover",
				     "deploy %s is %s (step %s), and its process %d is "
				     "gone",
				     row->public_id, row->state,
				     row->step[0] ? row->step : "none", row->pid);
	}
	check_work(d);
}
