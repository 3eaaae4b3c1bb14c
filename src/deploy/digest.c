/* SPDX-License-Identifier: MIT */
#include "deploy/digest.h"

#include <stdio.h>
#include <string.h>

#include "util/err.h"

void digest_start(struct digest *d)
{
	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx || EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1)
		bug("sha256 does not start");
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	if (EVP_DigestUpdate(d->ctx, data, len) != 1)
		bug("sha256 failed");
}

void digest_end(struct digest *d, char text[OCI_DIGEST])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_DigestFinal_ex(d->ctx, sum, &len) != 1 || len != 32)
		bug("sha256 failed");
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
	(void)snprintf(text, OCI_DIGEST, "sha256:");
	for (unsigned i = 0; i < len; i++)
		(void)snprintf(text + 7 + 2 * i, 3, "%02x", sum[i]);
}

void digest_of(const void *data, size_t len, char text[OCI_DIGEST])
{
	struct digest d;

	digest_start(&d);
	digest_add(&d, data, len);
	digest_end(&d, text);
}
