/* SPDX-License-Identifier: MIT */
/*
 * Where things are.  Two owners, two trees (DESIGN 2): what davit writes and what only
 * the helper writes never share a directory.
 *
 *   /var/lib/davit/           root 0755
 *     store/                  davit 0700   davit.db, locks/, builds/APP/ID.log, work/
 *     git/APP.git             davit 0700   bare repositories
 *     layers/NAME/            root 0700    read-only trees, ids 0..65535 as in the container
 *     cache/APP/NAME/         root 0700    build caches, ids as in the container
 *     scratch/                root 0700    loop images of writable layers
 *     static/APP/RELEASE/     root 0755    static sites; static/APP/current -> RELEASE
 *     nginx/APP.conf          root 0755    what nginx includes
 *     nginx/snippets/APP/     root 0755    checked lines of plugins
 *     tls/APP/                root 0750    server.crt, server.key
 *     plugins/{available,enabled}  root 0755
 *     ranges                  root 0644    lines "APP BASE": each app's 65,536 ids
 *   /run/davit/               root 0711
 *     c/ID/                   root 0711    one container: bundle, rootfs, state.json
 *     davit/                  davit 0700   deploy locks, sockets
 *   /var/log/davit/APP/       root:davit 0750   TYPE.N.log (0640)
 *   /var/log/nginx/APP-access.log, APP-error.log   nginx's
 *   /etc/davit/davit.yml      root 0644    the administrator's policy
 *
 * DAVIT_ROOT, DAVIT_RUN, DAVIT_LOG, DAVIT_NGINX_LOG, DAVIT_LIBEXEC and DAVIT_SHARE move the
 * trees for the unprivileged program (tests).  The helper knows only the compiled-in paths.
 */
#ifndef DAVIT_UTIL_PATHS_H
#define DAVIT_UTIL_PATHS_H

#include "util/buf.h"

#ifndef DAVIT_PREFIX
#	define DAVIT_PREFIX "/usr/local"
#endif
#define DAVIT_ROOT_DIR "/var/lib/davit"
#define DAVIT_RUN_DIR  "/run/davit"
#define DAVIT_LOG_DIR  "/var/log/davit"
#define DAVIT_ETC_DIR  "/etc/davit"
/* The distribution's: what nginx is told, and where it writes. */
#define DAVIT_NGINX_LOG_DIR "/var/log/nginx"

/* What the environment says, where that is an absolute path.  Not to be freed. */
const char *paths_root(void);      /* /var/lib/davit */
const char *paths_run(void);       /* /run/davit */
const char *paths_log(void);       /* /var/log/davit */
const char *paths_nginx_log(void); /* /var/log/nginx */
const char *paths_libexec(void);   /* PREFIX/libexec/davit: davit-root, davit-heavy */
const char *paths_share(void);     /* PREFIX/share/davit: buildpacks, functions */

/* The davit to start for work that goes on without us: PREFIX/bin/davit, or the one in
 * DAVIT_LIBEXEC where that is set.  A new string. */
char *paths_davit(void);

/* A new string: "<root>/<format…>".  The caller frees. */
char *paths_in(const char *root, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
