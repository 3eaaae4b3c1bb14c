/* SPDX-License-Identifier: MIT */
/* Table ssh_key: who may come in, and as what. */
#ifndef DAVIT_STORE_SSH_KEY_H
#define DAVIT_STORE_SSH_KEY_H

#include "store/store.h"

struct ssh_key {
	int64_t id;
	char *name;
	char *fingerprint; /* "SHA256:…" */
	char *public_key;  /* type and base64, no comment */
	char *options;     /* of the authorized_keys line, without the command */
	char *role;        /* "admin" or "member" */
	char *limits;      /* what narrows it: "read-only only=logs until=2027-01-31" */
	int64_t created_at;
};

void ssh_key_release(struct ssh_key *k);

/* 0 and a filled *k, or STORE_NO_ROW. */
int ssh_key_find(struct store *st, int64_t id, struct ssh_key *k, struct err *err);
int ssh_key_find_name(struct store *st, const char *name, struct ssh_key *k,
		      struct err *err);
int ssh_key_find_fingerprint(struct store *st, const char *fingerprint, struct ssh_key *k,
			     struct err *err);
/* 0 and its id, or STORE_TAKEN: the name or the fingerprint is there already. */
int ssh_key_add(struct store *st, const struct ssh_key *k, int64_t *id, struct err *err);
/* 0, or STORE_NO_ROW. */
int ssh_key_delete(struct store *st, int64_t id, struct err *err);

/* Every key in the order of addition: each(ctx, k) returns 0 to go on. */
typedef int ssh_key_each_fn(void *ctx, const struct ssh_key *k, struct err *err);
int ssh_key_each(struct store *st, ssh_key_each_fn *each, void *ctx, struct err *err);

#endif
