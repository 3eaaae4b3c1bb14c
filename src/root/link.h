/* SPDX-License-Identifier: MIT */
/* Network devices, by netlink. */
#ifndef DAVIT_ROOT_LINK_H
#define DAVIT_ROOT_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

enum { LINK_TEXT = 72 };

/* One end of a veth pair in a namespace, the other on the bridge as "vd<number>". */
struct link_port {
	int net_fd;
	int old_fd; /* of the namespace whose device is taken over; or -1 */
	unsigned number;
	char address[LINK_TEXT]; /* with "/bits" */
	char address6[LINK_TEXT];
	char gateway[LINK_TEXT];
	char gateway6[LINK_TEXT];
	int64_t rate_in; /* bytes a second; 0: no bound */
	int64_t rate_out;
};

/* A bridge with these addresses, up; fine when it is there. */
int link_bridge(const char *name, const char *address, const char *address6,
		struct err *err);
int link_connect(const struct link_port *port, struct err *err);
/* Can this kernel bound a rate (sch_tbf)?  A bound is left out where it cannot. */
bool link_has_rates(void);
int link_loopback(int net_fd, struct err *err);

#endif
