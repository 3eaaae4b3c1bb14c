/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cleanup/cleanup.h"
#include "runtime/helper.h"
#include "store/deploy.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/proc.h"

/* What is freed by one may be what the next would count. */
const struct cleanup_step cleanup_steps[] = {
	{ "apps that are gone", cleanup_gone_apps },
	{ "temporary files", cleanup_temporary },
	{ "locks", cleanup_locks },
	{ "build logs", cleanup_build_logs },
	{ "build caches", cleanup_caches },
	{ "spare layers", cleanup_spare_layers },
	{ "layers", cleanup_layers },
	{ "static sites", cleanup_static },
	{ NULL, NULL },
};

bool cleanup_goes(struct sweep *s, int64_t bytes, const char *fmt, ...)
{
	AUTO_FREE char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		abort();
	va_end(ap);
	out_note(s->out, "%s%s", s->dry ? "would remove " : "removing ", what);
	s->bytes += bytes;
	s->count++;
	return !s->dry;
}

bool cleanup_has_app(const struct sweep *s, const char *name)
{
	return strv_find(&s->apps, name) >= 0;
}

void cleanup_names(const char *dir, const char *tail, struct strv *names)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	size_t m = strlen(tail);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);

		if (e->d_name[0] != '.' && n > m && strcmp(e->d_name + n - m, tail) == 0)
			strv_take(names, xstrndup(e->d_name, n - m));
	}
	strv_sort(names);
}

int cleanup_is_busy(struct sweep *s, bool *busy, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;
	json_t *item;
	size_t i;

	*busy = false;
	json_array_foreach(json_object_get(s->host, "containers"), i, item) {
		const char *kind = json_string_value(json_object_get(item, "kind"));

		*busy |= kind && strcmp(kind, "run") == 0 &&
			 json_is_true(json_object_get(item, "helped"));
	}
	if (deploy_open(s->st, STORE_GLOBAL, &open, err) < 0)
		return -1;
	for (size_t k = 0; k < open.len; k++)
		*busy |= proc_lives(open.v[k].pid,
				    (unsigned long long)open.v[k].pid_started);
	return 0;
}

int cleanup_run(struct sweep *s, struct err *err)
{
	int rc = 0;

	if (cleanup_budgets(s, err) < 0 || app_names(s->st, &s->apps, err) < 0 ||
	    helper_one("inspect", NULL, &s->host, err) < 0)
		return -1;
	for (const struct cleanup_step *step = cleanup_steps; step->name; step++) {
		struct err why;

		if (step->run(s, &why) == 0)
			continue;
		/* The first is the command's own error. */
		if (rc == 0)
			*err = why;
		else if (strcmp(why.text, err->text) != 0)
			out_warn(s->out, "%s: %s", step->name, why.text);
		rc = -1;
	}
	json_decref(s->host);
	s->host = NULL;
	return rc;
}
