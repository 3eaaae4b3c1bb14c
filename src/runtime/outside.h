/* SPDX-License-Identifier: MIT */
/*
 * Hosts that davit speaks to because somebody named them: repositories, archives, registries,
 * submodules.  An admin may name any.  Who is none may not have davit, which is inside, ask
 * what only the inside reaches: loopback, link-local addresses (where clouds keep their
 * metadata), the network of the apps, and this host's own addresses but for its front door.
 */
#ifndef DAVIT_RUNTIME_OUTSIDE_H
#define DAVIT_RUNTIME_OUTSIDE_H

#include <stdbool.h>
#include <sys/socket.h>

#include "util/err.h"
#include "util/strv.h"

/* What follows in this process is wanted by somebody who is no admin. */
void outside_restrict(bool on);

enum { OUTSIDE_HOST = 256, OUTSIDE_PORT = 8 };
struct outside {
	char host[OUTSIDE_HOST]; /* a name or an address, without brackets */
	char port[OUTSIDE_PORT]; /* digits */
	bool http;               /* or https */
};

/* Of SCHEME://[USER@]HOST[:PORT]/…, USER@HOST:PATH or HOST[:PORT][/…].  False: none of them. */
bool outside_parse(const char *url, struct outside *o);

/* May a connection be made to this address and port? */
bool outside_may(const struct sockaddr *at);
/* Why it was not made: -1, with the name that led there. */
int outside_refuse(const char *name, struct err *err);

/* 0, or ERR_REFUSED: one of the host's addresses is inside, or it has none. */
int outside_check(const char *url, struct err *err);
/* The same, and for http the options that hold git to the addresses that were looked at. */
int outside_git(const char *url, struct strv *options, struct err *err);

#endif
