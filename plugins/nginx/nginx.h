/* SPDX-License-Identifier: MIT */
/*
 * The nginx proxy: its properties, its syntax, its files.  Which app has which names and
 * ports, and how files get into place, is serve/'s matter.
 */
#ifndef DAVIT_PLUGINS_NGINX_NGINX_H
#define DAVIT_PLUGINS_NGINX_NGINX_H

#include "command/command.h"
#include "command/setting.h"
#include "plugin/plugin.h"
#include "serve/vhost.h"

#define NGINX_PLUGIN "nginx-vhosts"

/* What turns a log off; a daemon of the host has no output of its own. */
bool nginx_log_is_off(const char *path);
/* Where to read the log of an app that has chosen none; `kind` is access or error. */
char *nginx_usual_log(const char *app, const char *kind);

/* --- properties (settings.c) ---------------------------------------------------------- */

extern const struct settings nginx_settings;
enum { NGINX_SETTINGS_MAX = 40 };

/* Memory of nginx that one thing of an app may take. */
enum { NGINX_MEMORY_MAX = 64 << 20 };
/* "8", "4k", "16m", also behind "max=": -1 for other words, more than that for all above. */
long nginx_amount(const char *word);

/* The values in effect for one app, in the order of the table. */
struct nginx_values {
	char *v[NGINX_SETTINGS_MAX];
};

void nginx_values_release(struct nginx_values *values);
int nginx_values_load(struct store *st, const struct app *app,
		      struct nginx_values *values, struct err *err);
/* A key that is not in the table is a bug. */
const char *nginx_value(const struct nginx_values *values, const char *key);

/* --- syntax (render.c, locations.c, lines.c) ----------------------------------------------- */

/*
 * Instances that a request may be sent to before it has failed: until a dead one is out of the
 * route, each connection meets it by turns with the others, and busy neighbours take the turns
 * between.  Not more, for a request that kills whoever gets it would reach as many.
 */
enum { NGINX_TRIES = 4 };

/* Append the app's whole file. */
void nginx_render(const struct vhost *v, const struct nginx_values *set, struct buf *out);
/* The line that makes browsers ask by https alone: true where there is one. */
bool nginx_render_hsts(const struct vhost *v, const struct nginx_values *set,
		       struct buf *out);
/* Append the locations of a server that answers with the app, or with its files. */
void nginx_render_locations(const struct vhost *v, const struct nginx_values *set,
			    const struct port_map *m, struct buf *out);
/* Append one word of nginx's grammar, quoted: it cannot end, and opens no block. */
void nginx_quote(struct buf *out, const char *word);
/* "davit_APP_PORT": the group of the fixed address. */
char *nginx_upstream(const struct vhost *v, const struct port_map *m);
/* Is this a kind of mapping that nginx serves? */
bool nginx_serves(const struct vhost *v, const struct port_map *m);
bool nginx_is_tls(const struct port_map *m);
bool nginx_is_grpc(const struct port_map *m);
/* An app without a name answers to every name on a port of its own; on those that all
 * apps share only to the host's address. */
bool nginx_has_port_alone(const struct vhost *v, const struct port_map *m);

/*
 * Lines for the inside of a server block: whole directives, braces and quotes in
 * balance, no block that would end the server.  0, or ERR_REFUSED.
 */
int nginx_lines_check(const char *text, struct err *err);

/* --- an app's own template (confine.c, own_names.c, custom.c) ------------------------------- */

/*
 * What a template of the app's has written, kept within the app.  It may listen only on the
 * app's ports, answer only to names that are free, speak only to the app's own address, and
 * define nothing that other apps see: names of upstreams, maps and zones get the app's
 * before them.
 */
struct confine_want {
	const struct vhost *v;
	const struct nginx_values *set;
	const struct strv *listeners; /* ADDRESS:PORT of process types beside web */
	const struct buf *own_lines;  /* what an include of nginx.conf.d stands for */
	const int *lines;             /* the template's line of each line, or NULL */
	size_t line_count;
	struct out *to; /* what was left out is said there; or NULL */
};

/* Appends the text as it may be; `names` gets the names of its servers.  0, or ERR_APP with
 * the line and what to write instead. */
int nginx_confine(const struct confine_want *want, const char *text, struct buf *out,
		  struct strv *names, struct err *err);

/* Where a template may still be wrong about what it sees, its values are those of *v. */
struct custom_want {
	struct store *st;
	struct out *to;
	const struct app *app;
	const struct vhost *v;
	const struct nginx_values *set;
};
/* Appends the file that `template` makes; `names` gets those that are not the app's own yet. */
int nginx_render_custom(const struct custom_want *want, const char *template,
			struct buf *out, struct strv *names, struct err *err);

/* --- the app's file (build.c) --------------------------------------------------------------- */

/* Render and put in place; in the same step the file of the name that the app had goes
 * (NULL: it had none).  0 or PROXY_UNCHANGED. */
int nginx_build(struct store *st, struct out *out, const struct app *app,
		const char *formerly, struct err *err);
/* Is this app nginx's to serve, and not another proxy's or nobody's? */
int nginx_is_ours(struct trigger_call *call, const char *app, bool *ours,
		  struct err *err);
int nginx_on_doctor(const struct plugin *self, struct trigger_call *call,
		    struct err *err);
/* Add the lines of plugins and of the administrator to v->lines. */
int nginx_add_lines(struct store *st, struct out *out, const char *app, struct vhost *v,
		    struct err *err);
/* The text that nginx_build() would put in place: 0, VHOST_NOTHING, or NGINX_DOWN for one
 * that says 502 until the first deploy (nobody is told of that one). */
enum { NGINX_DOWN = 2 };
int nginx_text(struct store *st, struct out *out, const struct app *app, struct buf *text,
	       struct strv *names, struct err *err);
int nginx_clear(const char *app, struct err *err);

/* --- commands and triggers ------------------------------------------------------------------- */

int nginx_cmd_build_config(struct request *req, struct err *err);
int nginx_cmd_control(struct request *req, struct err *err);
int nginx_cmd_logs(struct request *req, struct err *err);
int nginx_cmd_report(struct request *req, struct err *err);
int nginx_cmd_set(struct request *req, struct err *err);
int nginx_cmd_show_config(struct request *req, struct err *err);
int nginx_cmd_validate_config(struct request *req, struct err *err);

trigger_fn nginx_on_clear_config;
trigger_fn nginx_on_clone;
trigger_fn nginx_on_created;
trigger_fn nginx_on_destroyed;
trigger_fn nginx_on_extract;
trigger_fn nginx_on_renamed;
trigger_fn nginx_on_stopped;
trigger_fn nginx_on_update;

#endif
