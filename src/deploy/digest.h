/* SPDX-License-Identifier: MIT */
/* sha256 of what passes by, as image tools write it: "sha256:…". */
#ifndef DAVIT_DEPLOY_DIGEST_H
#define DAVIT_DEPLOY_DIGEST_H

#include <openssl/evp.h>
#include <stddef.h>

#include "deploy/oci.h"

struct digest {
	EVP_MD_CTX *ctx;
};

void digest_start(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
/* The text; what digest_start made is gone. */
void digest_end(struct digest *d, char text[OCI_DIGEST]);
/* Of bytes in memory. */
void digest_of(const void *data, size_t len, char text[OCI_DIGEST]);

#endif
