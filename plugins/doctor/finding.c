/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugins/doctor/doctor.h"
#include "util/alloc.h"

const char *doctor_severity(enum severity severity)
{
	static const char *const names[] = {
		[NOTE] = "note", [WARNING] = "warning", [FAULT] = "error"
	};

	return names[severity];
}

__attribute__((format(printf, 3, 0))) static void add(struct doctor *d, struct finding f,
						      const char *fmt, va_list ap)
{
	if (vasprintf(&f.what, fmt, ap) < 0)
		abort();
	f.check = d->check;
	d->found.v = xrealloc(d->found.v, d->found.len + 1, sizeof *d->found.v);
	d->found.v[d->found.len++] = f;
}

void doctor_found(struct doctor *d, enum severity severity, const char *cure,
		  const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, (struct finding){ .severity = severity, .cure = xstrdup(cure) }, fmt, ap);
	va_end(ap);
}

void doctor_mends(struct doctor *d, enum severity severity, const char *cure,
		  const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d,
	    (struct finding){ .severity = severity, .cure = xstrdup(cure), .safe = true },
	    fmt, ap);
	va_end(ap);
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->len; i++) {
		free(f->v[i].what);
		free(f->v[i].cure);
	}
	free(f->v);
	*f = (struct findings){ .v = NULL };
}
