/* SPDX-License-Identifier: MIT */
/*
 * Passwords for registries of images: in files as docker and skopeo write them, one of each
 * app, where Dokku keeps it, and one of the host.  0600, in directories of 0700.
 */
#ifndef DAVIT_RUNTIME_REGISTRY_H
#define DAVIT_RUNTIME_REGISTRY_H

#include <stdbool.h>

/* New strings.  Of the app; or (NULL) of the host, whose user's home that is. */
char *registry_dir(const char *home, const char *app);
char *registry_file(const char *home, const char *app);

/* "ghcr.io" of "ghcr.io/team/web:2", "docker.io" of "alpine": a new string. */
char *registry_of_image(const char *image);

/* Does the file hold a password for this server, or a part of it ("quay.io/team")? */
bool registry_knows(const char *file, const char *server);

/* The file with a password for this image, the app's before the host's: a new string; NULL:
 * neither has one. */
char *registry_file_for(const char *home, const char *app, const char *image);

#endif
