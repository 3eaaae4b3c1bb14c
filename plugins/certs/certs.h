/* SPDX-License-Identifier: MIT */
/*
 * Certificates that a user brings, or a self-signed one.  Keys pass through this plugin on
 * their way to davit-root and are kept nowhere else.
 */
#ifndef DAVIT_PLUGINS_CERTS_CERTS_H
#define DAVIT_PLUGINS_CERTS_CERTS_H

#include "command/command.h"
#include "plugin/plugin.h"
#include "util/buf.h"

enum { CERTS_FILE_MAX = 1 << 20 };

struct pair {
	struct buf crt; /* PEM: the certificate, then its chain */
	struct buf key; /* PEM */
};

#define PAIR_INIT                                \
	{                                        \
		.crt = BUF_INIT, .key = BUF_INIT \
	}

/* The key is overwritten before its memory goes back. */
void pair_release(struct pair *p);
/* Parse both; the key has to belong to the certificate.  Says what is wrong, and how the
 * file should have been made. */
int pair_check(const struct pair *p, struct err *err);
/* One *.crt and one *.key from a tar stream; other members are ignored. */
int pair_from_tar(int fd, struct pair *p, struct err *err);
/* A new key and a certificate for `domain`, signed by itself, for a year. */
int pair_generate(const char *domain, struct pair *p, struct err *err);

/* What a report says of a certificate. */
struct facts {
	struct strv hostnames;
	char *subject;
	char *issuer;
	char *starts_at;
	char *expires_at;
	bool self_signed;
};

#define FACTS_INIT                      \
	{                               \
		.hostnames = STRV_INIT, \
	}

void facts_release(struct facts *f);
/* Of a certificate in PEM form; needs OpenSSL. */
int facts_read(const char *pem, struct facts *f, struct err *err);
/* The form in which they are kept beside the certificate; the caller frees. */
char *facts_text(const struct facts *f);
int facts_parse(const char *text, struct facts *f, struct err *err);

int certs_cmd_add(struct request *req, struct err *err);
int certs_cmd_facts(struct request *req, struct err *err);
int certs_cmd_generate(struct request *req, struct err *err);
int certs_cmd_remove(struct request *req, struct err *err);
int certs_cmd_report(struct request *req, struct err *err);
int certs_cmd_show(struct request *req, struct err *err);

/* Where root keeps the key that certs:show may print to him. */
char *certs_key_file(const struct request *req);

trigger_fn certs_on_certs_exists;
trigger_fn certs_on_clone;

#endif
