/* SPDX-License-Identifier: MIT */
/* Without systemd a container's group is /davit/ID in every hierarchy; units look after
 * their own. */
#include <dirent.h>
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/strv.h"

#define TOP "/sys/fs/cgroup"

/* Adds the names of groups below one hierarchy's /davit that no container has. */
static void look_in(const struct doctor *d, const char *hierarchy, struct strv *strays)
{
	AUTO_FREE char *path = xasprintf(TOP "%s/davit", hierarchy);
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL)
		if (e->d_type == DT_DIR && e->d_name[0] != '.' &&
		    !doctor_container(d, e->d_name) && strv_find(strays, e->d_name) < 0)
			strv_add(strays, e->d_name);
}

void doctor_check_cgroups(struct doctor *d)
{
	AUTO(strv_release) struct strv strays = STRV_INIT;
	AUTO(closedir_at) DIR *top = opendir(TOP);
	struct dirent *e;

	look_in(d, "", &strays);
	while (top && (e = readdir(top)) != NULL) {
		AUTO_FREE char *name = xasprintf("/%s", e->d_name);

		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			look_in(d, name, &strays);
	}
	strv_foreach(id, &strays)
		doctor_mends(
			d, FAULT, "davit recover",
			"control group /davit/%s is there, and its container is gone",
			id);
}
