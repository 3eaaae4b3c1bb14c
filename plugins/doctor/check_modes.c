/* SPDX-License-Identifier: MIT */
/* Who owns what root runs or trusts, and who may read secrets. */
#include <dirent.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/doctor/doctor.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

enum { TREE_MAX = 20000 };

static void check_helper(struct doctor *d)
{
	AUTO_FREE char *path = paths_in(paths_libexec(), "davit-root");
	struct stat st;

	if (stat(path, &st) < 0 || st.st_uid != 0 || (st.st_mode & 07777) != 04750)
		doctor_found(d, FAULT, "make install",
			     "%s is not owned by root with mode 4750", path);
}

/* Not to be written by anybody but its owner, who is `uid`. */
static void check_one(struct doctor *d, const char *path, uid_t uid, mode_t forbidden)
{
	struct stat st;
	AUTO_FREE char *cure = xasprintf("chown %s %s; chmod go-%s %s",
					 uid ? "davit" : "root", path,
					 forbidden & 044 ? "rwx" : "w", path);

	if (lstat(path, &st) < 0 || S_ISLNK(st.st_mode))
		return;
	if (st.st_uid != uid)
		doctor_found(d, FAULT, cure, "%s belongs to user %u, not to %u", path,
			     st.st_uid, uid);
	else if (st.st_mode & forbidden)
		doctor_found(d, FAULT, cure, "%s is open to others: mode %04o", path,
			     st.st_mode & 07777);
}

struct walk {
	const char *bad; /* the first file that is not as it has to be */
	char *found;
	int left;
};

static void walk(struct walk *w, const char *path)
{
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && !w->found && w->left > 0 && (e = readdir(dir)) != NULL) {
		AUTO_FREE char *sub = xasprintf("%s/%s", path, e->d_name);
		struct stat st;

		if (e->d_name[0] == '.' &&
		    (!e->d_name[1] || (e->d_name[1] == '.' && !e->d_name[2])))
			continue;
		w->left--;
		if (lstat(sub, &st) < 0)
			continue;
		if (st.st_uid != 0 || (!S_ISLNK(st.st_mode) && st.st_mode & 022))
			w->found = take_str(&sub);
		else if (S_ISDIR(st.st_mode))
			walk(w, sub);
	}
}

/* Root hooks run from these trees: nobody else may write there. */
static void check_plugins(struct doctor *d)
{
	AUTO_FREE char *top = paths_in(paths_root(), "plugins/available");
	AUTO_FREE char *cure = xasprintf("chown -R root: %s; chmod -R go-w %s", top, top);
	struct walk w = { .left = TREE_MAX };

	walk(&w, top);
	if (w.found)
		doctor_found(d, FAULT, cure,
			     "%s is not root's alone: hooks of plugins run as root",
			     w.found);
	free(w.found);
}

void doctor_check_modes(struct doctor *d)
{
	const struct passwd *pw = getpwnam("davit");
	AUTO_FREE char *store = paths_in(paths_root(), "store");
	AUTO_FREE char *db = paths_in(store, "davit.db");
	AUTO_FREE char *git = paths_in(paths_root(), "git");
	AUTO_FREE char *nginx = paths_in(paths_root(), "nginx");
	AUTO_FREE char *data = paths_in(paths_root(), "data");
	AUTO_FREE char *config = paths_in(paths_root(), "config");
	AUTO_FREE char *keys = NULL;

	if (!pw) {
		doctor_found(d, FAULT, "make install", "the user davit does not exist");
		return;
	}
	keys = xasprintf("%s/.ssh/authorized_keys", pw->pw_dir);
	check_helper(d);
	check_one(d, store, pw->pw_uid, 077);
	check_one(d, db, pw->pw_uid, 077);
	check_one(d, git, pw->pw_uid, 077);
	check_one(d, data, pw->pw_uid, 022);
	check_one(d, config, pw->pw_uid, 022);
	check_one(d, keys, pw->pw_uid, 022);
	check_one(d, nginx, 0, 022);
	check_one(d, DAVIT_ETC_DIR, 0, 022);
	check_one(d, DAVIT_ETC_DIR "/davit.yml", 0, 022);
	check_one(d, paths_libexec(), 0, 022);
	check_plugins(d);
}
