/* SPDX-License-Identifier: MIT */
/*
 * The files that other programs read where Dokku keeps them, as a view of the store:
 *
 *   ROOT/VHOST, ROOT/HOSTNAME         the host's domains; its name
 *   ROOT/APP/VHOST                    the app's domains
 *   ROOT/APP/tls/                     server.crt; server.key leads to root's own file
 *   ROOT/APP/nginx.conf               leads to the file in use
 *   ROOT/APP/nginx.conf.d/            a place for others: read when nginx's file is made
 *   ROOT/APP/{HEAD,refs,objects,…}    lead to the app's repository
 *   ROOT/APP/{CONTAINER,IP,PORT}.TYPE.N
 *   LIB/config/APP/ENV, LIB/config/--global/ENV
 *   LIB/config/PLUGIN/APP/KEY         properties that have an effect
 *   LIB/data/ps/APP/Procfile, LIB/data/app-json/APP/app.json,
 *   LIB/data/scheduler-docker-local/APP/CHECKS, LIB/data/nginx-vhosts/app-APP/nginx.conf.sigil
 *   LIB/data/apps/APP/.deploy.lock    there while apps:lock keeps deploys from starting
 *   LIB/data/builds/APP/ID.log        lead to the logs of builds (ID.json: plugins/builds)
 *
 * Before a command looks at an app, what somebody has edited by hand among VHOST, ENV and
 * tls/ is taken over, by the command that would have said the same; after a command has
 * changed something, what differs is written.  What is a plugin's own alone it writes itself.
 *
 * A stamp (inode, size, times) of each such file is kept in the store: an untouched file
 * costs one lstat.  What we write is noted before it is written: a file that says what we
 * were writing when a davit died, or the power went, is nobody's edit.
 */
#ifndef DAVIT_PLUGINS_VIEWS_H
#define DAVIT_PLUGINS_VIEWS_H

#include "command/command.h"
#include "plugin/plugin.h"

/* Set for the commands by which we take an edit over: they must not do the same again. */
#define VIEWS_OFF "DAVIT_VIEWS_OFF"

struct views {
	struct store *st;
	struct out *out;
	const char *home;      /* ROOT */
	const struct app *app; /* id STORE_GLOBAL: the host */
};

int views_cmd_sync(struct request *req, struct err *err);
trigger_fn views_on_change;
trigger_fn views_on_clone;
trigger_fn views_on_rename;
trigger_fn views_on_views;

/* --- edits.c --------------------------------------------------------------------------- */

/* Take over what was edited by hand; says why where that is not possible. */
void views_take_edits(const struct views *v);
/* Write those of them that the store can say. */
int views_write_edits(const struct views *v, struct err *err);
/* From here on the files as they are count as ours. */
int views_stamp(const struct views *v, struct err *err);

/* --- note.c: what is being written ------------------------------------------------------ */

/* `text` is about to become the file `name`, which says `old` now. */
int views_note(const struct views *v, const char *name, const struct buf *text,
	       const struct buf *old, struct err *err);
/* Is `text` what one of the two says, of a run that did not come to its end? */
bool views_is_noted(const struct views *v, const char *name, const struct buf *text);
/* All is written. */
int views_forget_notes(const struct views *v, struct err *err);

/* --- text.c: what the files that can be edited say; empty: no file ---------------------- */

int views_domains(const struct views *v, struct buf *text, struct err *err);
int views_env(const struct views *v, struct buf *text, struct err *err);
char *views_domains_path(const struct views *v);
char *views_env_path(const struct views *v);

/* --- write.c --------------------------------------------------------------------------- */

/* Write what differs, of one app or of the host. */
int views_write(const struct views *v, struct err *err);
/* The app is gone. */
int views_remove(const struct views *v, const char *name, struct err *err);

/* --- place.c --------------------------------------------------------------------------- */

/* Make `path` a regular file with this text and mode, and its directory; empty text: no
 * file.  What is so already stays untouched. */
int views_put(const char *path, const struct buf *text, mode_t mode, struct err *err);
/* Make `path` a link to `target`, or nothing where there is no such target. */
int views_link(const char *path, const char *target, struct err *err);
/* Links to everything in `target`, in `dir`; links there that lead to nothing go. */
int views_link_all(const char *dir, const char *target, struct err *err);

/* --- more.c: one way only ----------------------------------------------------------------- */

int views_write_instances(const struct views *v, struct err *err);
int views_write_release(const struct views *v, struct err *err);
int views_write_properties(const struct views *v, struct err *err);

#endif
