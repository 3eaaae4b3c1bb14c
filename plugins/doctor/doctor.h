/* SPDX-License-Identifier: MIT */
/*
 * davit doctor: is what the store says also what the host does?  Each check is one function
 * that compares and says what it finds, with the command that cures it; nothing changes.
 */
#ifndef DAVIT_PLUGINS_DOCTOR_DOCTOR_H
#define DAVIT_PLUGINS_DOCTOR_DOCTOR_H

#include <jansson.h>

#include "command/command.h"
#include "plugin/plugin.h"
#include "store/deploy.h"
#include "store/instance.h"

enum severity {
	NOTE,    /* nothing is wrong; counts as nothing found */
	WARNING, /* serves, but will not for ever */
	FAULT,   /* something does not do what the store says */
};

struct finding {
	const char *check; /* of the table of checks */
	enum severity severity;
	char *what;
	char *cure; /* the command to type */
	bool safe;  /* --fix runs it */
};

struct findings {
	struct finding *v;
	size_t len;
};

/* One look at the host; everything was read at about the same time. */
struct doctor {
	struct store *st; /* NULL: it cannot be opened, and that has been said */
	struct out *out;
	json_t *host; /* what davit-root's `inspect` says; NULL: it does not answer */
	json_t *containers; /* id → its element */
	struct strv apps;   /* names */
	struct instances rows;
	struct deploys open;
	bool busy;         /* a deploy or a build is at work */
	const char *check; /* the one that runs */
	struct findings found;
};

/* A finding whose cure a person has to type, and one that --fix may run. */
void doctor_found(struct doctor *d, enum severity severity, const char *cure,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void doctor_mends(struct doctor *d, enum severity severity, const char *cure,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
const char *doctor_severity(enum severity severity);

/* Read what all checks look at.  What cannot be read is a finding, not a failure. */
void doctor_look(struct doctor *d);
void doctor_release(struct doctor *d);
void findings_release(struct findings *f);

bool doctor_has_app(const struct doctor *d, const char *name);
/* The name of an app by its row, or NULL. */
bool doctor_at_work(const struct deploy *row);
/* Name of a row's app: a new string. */
char *doctor_app_of(const struct doctor *d, const struct instance *in);
const json_t *doctor_container(const struct doctor *d, const char *id);
bool doctor_is(const json_t *object, const char *field);
const char *doctor_text(const json_t *object, const char *field);

/*
 * The checks, in the order in which they are made and told.  One that needs the store or
 * the helper is left out where there is none.
 */
enum check_needs { NEEDS_ROWS = 1 << 0, NEEDS_HOST = 1 << 1 };
struct check {
	const char *name;
	unsigned needs;
	void (*run)(struct doctor *d);
	const char *what; /* for the manual: what is compared */
};
extern const struct check doctor_checks[];

void doctor_check_store(struct doctor *d);
void doctor_check_deploys(struct doctor *d);
void doctor_check_instances(struct doctor *d);
void doctor_check_containers(struct doctor *d);
void doctor_check_mounts(struct doctor *d);
void doctor_check_cgroups(struct doctor *d);
void doctor_check_network(struct doctor *d);
void doctor_check_routes(struct doctor *d);
void doctor_check_nginx(struct doctor *d);
void doctor_check_layers(struct doctor *d);
void doctor_check_static(struct doctor *d);
void doctor_check_files(struct doctor *d);

void doctor_check_plugins(struct doctor *d);
void doctor_check_certs(struct doctor *d);
void doctor_check_domains(struct doctor *d);
void doctor_check_disk(struct doctor *d);
void doctor_check_modes(struct doctor *d);
void doctor_check_tick(struct doctor *d);
void doctor_check_boot(struct doctor *d);
void doctor_check_clock(struct doctor *d);

/* The file that each tick touches: a new string. */
char *doctor_tick_path(void);
int doctor_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err);
int doctor_cmd(struct request *req, struct err *err);

#endif
