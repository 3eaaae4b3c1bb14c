/* SPDX-License-Identifier: MIT */
#include "deploy/strays.h"

#include <dirent.h>
#include <string.h>

#include "deploy/leftover.h"
#include "deploy/pushed.h"
#include "runtime/helper.h"
#include "runtime/sweep.h"
#include "store/app.h"
#include "store/instance.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/strv.h"

enum { ADDRESSES_MAX = 8 << 20 };

static int remove_one(struct out *out, const char *id, const char *what, struct err *err)
{
	out_step(out, "Removing %s %s, which no instance has", what, id);
	return helper_one("delete", json_pack("{s:s}", "id", id), NULL, err);
}

/* *known: it has a row, or is a container that a command of its own looks after. */
static int is_known(struct store *st, const json_t *commands, const char *id, bool *known,
		    struct err *err)
{
	struct instance in;
	int rc;

	*known = json_object_get(commands, id) != NULL;
	if (*known)
		return 0;
	rc = instance_find(st, id, &in, err);
	*known = rc == 0;
	return rc < 0 ? -1 : 0;
}

/* Rows are looked for after the list was made: an instance has its row from before its
 * container is made until after it is gone. */
static int remove_containers(struct store *st, struct out *out, const json_t *list,
			     const json_t *commands, struct err *err)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *id = json_string_value(json_object_get(item, "id"));
		bool known = true;

		if (!id || is_known(st, commands, id, &known, err) < 0 ||
		    (!known && remove_one(out, id, "container", err) < 0))
			return -1;
	}
	return 0;
}

/* Lines "CONTAINER NUMBER", and "@APP NUMBER", which are not meant. */
static int remove_addresses(struct store *st, struct out *out, const struct strv *lines,
			    const json_t *commands, struct err *err)
{
	strv_foreach(line, lines) {
		AUTO_FREE char *id = xstrndup(line, strcspn(line, " "));
		bool known = true;

		if (name_is_id(id) &&
		    (is_known(st, commands, id, &known, err) < 0 ||
		     (!known && remove_one(out, id, "the address of", err) < 0)))
			return -1;
	}
	return 0;
}

/* Containers of commands (run, builds): they have no rows. */
static json_t *commands_of(const json_t *list)
{
	json_t *commands = json_object();
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *kind = json_string_value(json_object_get(item, "kind"));
		const char *id = json_string_value(json_object_get(item, "id"));

		if (kind && id && strcmp(kind, "run") == 0)
			(void)json_object_set(commands, id, item);
	}
	return commands;
}

/* The addresses first: who has one then is in the list, or gone. */
static int remove_unknown(struct store *st, struct out *out, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "addresses");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	json_t *reply = NULL;
	json_t *commands;
	const json_t *list;
	int rc;

	if (fs_read(path, ADDRESSES_MAX, &text, err) < 0 ||
	    helper_one("list", NULL, &reply, err) < 0)
		return -1;
	strv_split(&lines, text.data, "\n");
	list = json_object_get(reply, "instances");
	commands = commands_of(list);
	rc = remove_containers(st, out, list, commands, err);
	if (rc == 0)
		rc = remove_addresses(st, out, &lines, commands, err);
	json_decref(commands);
	json_decref(reply);
	return rc;
}

static int remove_work(struct store *st, struct out *out, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store/work");
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		AUTO_FREE char *tree = paths_in(path, "%s", e->d_name);
		bool left = false;

		if (e->d_name[0] == '.')
			continue;
		if (sweep_work_is_left(st, e->d_name, &left, err) < 0)
			return -1;
		if (!left)
			continue;
		out_step(out, "Removing %s, which no deploy has", tree);
		if (fs_remove_tree(tree, err) < 0)
			return -1;
	}
	return 0;
}

static int sweep(struct store *st, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(strv_release) struct strv locks = STRV_INIT;

	if (app_names(st, &names, err) < 0 || sweep_gone_locks(st, &locks, err) < 0)
		return -1;
	strv_foreach(path, &locks)
		(void)unlink(path);
	sweep_new_files(NULL);
	strv_foreach(name, &names) {
		struct app app;

		sweep_new_files(name);
		/* A push that died before its deploy began. */
		if (app_find(st, name, &app, err) == 0 &&
		    pushed_mend_idle(st, &app, err) < 0)
			return -1;
	}
	return 0;
}

int strays_remove(struct store *st, struct out *out, struct err *err)
{
	if (sweep(st, err) < 0)
		return -1;
	return remove_unknown(st, out, err) < 0 ? -1 : remove_work(st, out, err);
}
