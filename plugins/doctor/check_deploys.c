/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <sys/stat.h>

#include "plugins/doctor/doctor.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/paths.h"

enum { NAMELESS_S = 3600 };

/* The source tree of a deploy is gone when its row is closed; what has no row may be
 * somebody's who makes his sources before he asks for a turn. */
static bool is_left(const struct doctor *d, const char *tree, const char *name)
{
	struct deploy row;
	struct err ignored;
	struct stat s;
	int rc = deploy_find(d->st, name, &row, &ignored);

	if (rc == 0)
		return row.finished_at != 0;
	return rc > 0 && stat(tree, &s) == 0 && clock_now() - s.st_mtime > NAMELESS_S;
}

static void check_work(struct doctor *d)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store/work");
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		AUTO_FREE char *tree = paths_in(path, "%s", e->d_name);

		if (e->d_name[0] != '.' && is_left(d, tree, e->d_name))
			doctor_mends(d, WARNING, "davit recover",
				     "%s was left by a deploy that has ended", tree);
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
