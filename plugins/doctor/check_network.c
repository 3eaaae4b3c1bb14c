/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

#define BRIDGE "/sys/class/net/vdavit0"

enum { ADDRESSES_MAX = 8 << 20 };

static bool has_row(const struct doctor *d, const char *id)
{
	for (size_t i = 0; i < d->rows.len; i++)
		if (strcmp(d->rows.v[i].container, id) == 0)
			return true;
	return false;
}

/* Lines "CONTAINER N" and "@APP N". */
static void check_address(struct doctor *d, const char *line, json_t *ports)
{
	const char *space = strrchr(line, ' ');
	AUTO_FREE char *name = space ? xstrndup(line, (size_t)(space - line)) : NULL;
	AUTO_FREE char *port = space ? xasprintf("vd%s", space + 1) : NULL;

	if (!name)
		return;
	if (name[0] == '@') {
		if (!doctor_has_app(d, name + 1))
			doctor_found(d, WARNING, "davit cleanup --gone-apps",
				     "the app %s is gone, and has an address still",
				     name + 1);
		return;
	}
	if (doctor_container(d, name))
		(void)json_object_set_new(ports, port, json_true());
	else if (!has_row(d, name))
		doctor_mends(d, WARNING, "davit recover",
			     "container %s is gone, and has an address still", name);
}

static void check_addresses(struct doctor *d, json_t *ports)
{
	AUTO_FREE char *path = paths_in(paths_root(), "addresses");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err err;

	if (fs_read(path, ADDRESSES_MAX, &text, &err) < 0) {
		doctor_found(d, FAULT, "davit recover", "%s", err.text);
		return;
	}
	strv_split(&lines, text.data, "\n");
	strv_foreach(line, &lines)
		check_address(d, line, ports);
}

void doctor_check_network(struct doctor *d)
{
	AUTO(closedir_at) DIR *dir = opendir(BRIDGE "/brif");
	json_t *ports = json_object();
	struct dirent *e;

	check_addresses(d, ports);
	while (dir && (e = readdir(dir)) != NULL)
		if (strncmp(e->d_name, "vd", 2) == 0 &&
		    !json_object_get(ports, e->d_name))
			doctor_mends(d, FAULT, "davit recover",
				     "%s is a port of the bridge, and its container is "
				     "gone",
				     e->d_name);
	json_decref(ports);
	if (!dir && d->rows.len)
		doctor_mends(d, FAULT, "davit ps:restore",
			     "the bridge vdavit0 of the apps is not there");
	if (d->rows.len && !doctor_is(d->host, "rules"))
		doctor_mends(d, FAULT, "davit ps:restore",
			     "the nftables table inet davit is not there");
}
