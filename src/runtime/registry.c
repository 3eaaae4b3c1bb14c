/* SPDX-License-Identifier: MIT */
#include "runtime/registry.h"

#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"
#include "util/paths.h"

enum { FILE_MAX = 1 << 20 };

char *registry_dir(const char *home, const char *app)
{
	return app ? paths_in(paths_root(), "config/registry/%s", app)
		   : paths_in(home, ".docker");
}

char *registry_file(const char *home, const char *app)
{
	AUTO_FREE char *dir = registry_dir(home, app);

	return paths_in(dir, "config.json");
}

/* A first word with a dot or a port, or this host, is a server; else all is at Docker's. */
static bool names_server(const char *image)
{
	size_t n = strcspn(image, "/");

	return image[n] && (strcspn(image, ".:") < n ||
			    (n == 9 && strncmp(image, "localhost", n) == 0));
}

char *registry_of_image(const char *image)
{
	return names_server(image) ? xstrndup(image, strcspn(image, "/"))
				   : xstrdup("docker.io");
}

/* "https://index.docker.io/v1/" is docker's own way to write it. */
static char *plain_key(const char *key)
{
	const char *scheme = strstr(key, "://");
	const char *host = scheme ? scheme + 3 : key;
	size_t n = scheme ? strcspn(host, "/") : strlen(host);

	if (n == 15 && strncmp(host, "index.docker.io", n) == 0)
		return xstrdup("docker.io");
	return xstrndup(host, n);
}

/* An entry of "quay.io/team" is for all that begins so. */
static bool covers(const char *key, const char *name)
{
	AUTO_FREE char *plain = plain_key(key);
	size_t n = strlen(plain);

	return n && strncmp(name, plain, n) == 0 && (!name[n] || name[n] == '/');
}

bool registry_knows(const char *file, const char *server)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(json_at) json_t *all = NULL;
	struct err ignored;
	const char *key;
	json_t *entry;

	if (fs_read(file, FILE_MAX, &text, &ignored) != 0)
		return false;
	all = json_loadb(text.data, text.len, 0, NULL);
	json_object_foreach(json_object_get(all, "auths"), key, entry)
		if (covers(key, server))
			return true;
	return false;
}

char *registry_file_for(const char *home, const char *app, const char *image)
{
	AUTO_FREE char *name = names_server(image) ? xstrdup(image)
						   : xasprintf("docker.io/%s", image);
	char *own = registry_file(home, app);

	if (registry_knows(own, name))
		return own;
	free(own);
	own = registry_file(home, NULL);
	if (registry_knows(own, name))
		return own;
	free(own);
	return NULL;
}
