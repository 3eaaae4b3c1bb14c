/* SPDX-License-Identifier: MIT */
/*
 * Does it answer?  Connecting and asking over HTTP, from the host to an instance's own
 * address, as the proxy would: with the app's real Host and X-Forwarded-Proto.
 */
#ifndef DAVIT_DEPLOY_PROBE_H
#define DAVIT_DEPLOY_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "deploy/health.h"
#include "util/buf.h"

struct probe_target {
	const char *address; /* IPv4 or IPv6 in text */
	long port;
	const char *host;  /* for the Host header */
	const char *proto; /* for X-Forwarded-Proto */
};

/* Can a connection be made within timeout_ms? */
bool probe_connect(const char *address, long port, int timeout_ms);

/*
 * One GET.  True when the answer is 2xx or 3xx and, if `content` is set, the body (its first
 * MiB) holds it; else `why` says what came back.
 */
bool probe_http(const struct probe_target *t, const struct health *h, struct buf *why);

#endif
