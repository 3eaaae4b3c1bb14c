/* SPDX-License-Identifier: MIT */
#include "util/paths.h"

#include <stdarg.h>
#include <stdlib.h>

static const char *or_default(const char *name, const char *otherwise)
{
	const char *v = getenv(name);

	return v && v[0] == '/' ? v : otherwise;
}

const char *paths_root(void)
{
	return or_default("DAVIT_ROOT", DAVIT_ROOT_DIR);
}

const char *paths_run(void)
{
	return or_default("DAVIT_RUN", DAVIT_RUN_DIR);
}

const char *paths_log(void)
{
	return or_default("DAVIT_LOG", DAVIT_LOG_DIR);
}

const char *paths_nginx_log(void)
{
	return or_default("DAVIT_NGINX_LOG", DAVIT_NGINX_LOG_DIR);
}

const char *paths_libexec(void)
{
	return or_default("DAVIT_LIBEXEC", DAVIT_PREFIX "/libexec/davit");
}

const char *paths_share(void)
{
	return or_default("DAVIT_SHARE", DAVIT_PREFIX "/share/davit");
}

char *paths_davit(void)
{
	return paths_in(or_default("DAVIT_LIBEXEC", DAVIT_PREFIX "/bin"), "davit");
}

char *paths_in(const char *root, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	char *tail = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&tail, fmt, ap) < 0)
		abort();
	va_end(ap);
	buf_addf(&b, "%s/%s", root, tail);
	free(tail);
	return buf_take(&b);
}
