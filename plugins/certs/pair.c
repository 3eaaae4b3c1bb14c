/* SPDX-License-Identifier: MIT */
/* Certificate and key as PEM texts: reading, checking, making. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "plugins/certs/certs.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static void bio_free_at(BIO **b)
{
	(void)BIO_free(*b);
}

static void x509_free_at(X509 **c)
{
	X509_free(*c);
}

static void pkey_free_at(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

void pair_release(struct pair *p)
{
	OPENSSL_cleanse(p->key.data, p->key.len);
	buf_release(&p->key);
	buf_release(&p->crt);
}

/* Never asks on a terminal: a key with a passphrase is one that cannot be read. */
static int no_passphrase(char *out, int size, int writing, void *ctx)
{
	(void)out;
	(void)size;
	(void)writing;
	*(bool *)ctx = true;
	return -1;
}

static int read_key(const struct buf *pem, EVP_PKEY **key, struct err *err)
{
	AUTO(bio_free_at) BIO *in = BIO_new_mem_buf(pem->data, (int)pem->len);
	bool asked = false;

	*key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, &asked);
	ERR_clear_error();
	if (*key)
		return 0;
	if (asked) {
		(void)err_set(err, ERR_USAGE, "the key has a passphrase");
		return err_hint(err, "take it off: openssl pkey -in KEY -out KEY.plain");
	}
	(void)err_set(err, ERR_USAGE, "the key is not a private key in PEM form");
	return err_hint(err, "it begins with -----BEGIN PRIVATE KEY-----; openssl pkey "
			     "-inform DER -in KEY turns the binary form into it");
}

static int read_certificate(const char *pem, size_t len, X509 **crt, struct err *err)
{
	AUTO(bio_free_at) BIO *in = BIO_new_mem_buf(pem, (int)len);

	*crt = PEM_read_bio_X509(in, NULL, NULL, NULL);
	ERR_clear_error();
	if (*crt)
		return 0;
	(void)err_set(err, ERR_USAGE, "the certificate is not one in PEM form");
	return err_hint(
		err, "it begins with -----BEGIN CERTIFICATE-----; openssl x509 -inform "
		     "DER -in CRT turns the binary form into it");
}

int pair_check(const struct pair *p, struct err *err)
{
	AUTO(x509_free_at) X509 *crt = NULL;
	AUTO(pkey_free_at) EVP_PKEY *key = NULL;
	bool match;

	if (read_certificate(p->crt.data, p->crt.len, &crt, err) < 0 ||
	    read_key(&p->key, &key, err) < 0)
		return -1;
	match = X509_check_private_key(crt, key) == 1;
	ERR_clear_error();
	if (!match) {
		(void)err_set(err, ERR_USAGE,
			      "the key does not belong to the certificate");
		return err_hint(err,
				"the server's own certificate comes first in the file, "
				"its chain after it");
	}
	if (X509_cmp_current_time(X509_get0_notAfter(crt)) < 0) {
		(void)err_set(err, ERR_USAGE, "the certificate has expired");
		return err_hint(err, "openssl x509 -noout -dates -in CRT");
	}
	return 0;
}

static int failed(struct err *err, const char *what)
{
	char why[256];

	ERR_error_string_n(ERR_get_error(), why, sizeof why);
	ERR_clear_error();
	return err_set(err, ERR_HOST, "%s: %s", what, why);
}

static bool add_extension(X509 *crt, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *x;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, crt, crt, NULL, NULL, 0);
	x = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = x && X509_add_ext(crt, x, -1) == 1;
	X509_EXTENSION_free(x);
	return ok;
}

/* `domain` has passed name_is_domain(): it cannot be more than one entry. */
static bool fill(X509 *crt, EVP_PKEY *key, const char *domain)
{
	X509_NAME *name = X509_get_subject_name(crt);
	char names[300];
	/* The CN of a certificate is bounded by 64 characters; the SAN is what counts. */
	char cn[65];

	(void)snprintf(names, sizeof names, "DNS:%s", domain);
	(void)snprintf(cn, sizeof cn, "%.64s", domain);
	return X509_set_version(crt, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set_int64(X509_get_serialNumber(crt), time(NULL)) == 1 &&
	       X509_gmtime_adj(X509_getm_notBefore(crt), 0) &&
	       X509_gmtime_adj(X509_getm_notAfter(crt), 365L * 24 * 3600) &&
	       X509_set_pubkey(crt, key) == 1 &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)cn, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(crt, name) == 1 &&
	       add_extension(crt, NID_subject_alt_name, names) &&
	       add_extension(crt, NID_basic_constraints, "critical,CA:FALSE") &&
	       X509_sign(crt, key, EVP_sha256()) > 0;
}

static void take(BIO *from, struct buf *to)
{
	char *data;
	long n = BIO_get_mem_data(from, &data);

	buf_add(to, data, (size_t)n);
}

int pair_generate(const char *domain, struct pair *p, struct err *err)
{
	AUTO(pkey_free_at) EVP_PKEY *key = EVP_EC_gen("P-256");
	AUTO(x509_free_at) X509 *crt = X509_new();
	AUTO(bio_free_at) BIO *crt_out = BIO_new(BIO_s_mem());
	AUTO(bio_free_at) BIO *key_out = BIO_new(BIO_s_secmem());

	if (!key || !crt || !crt_out || !key_out)
		return failed(err, "cannot make a key");
	if (!fill(crt, key, domain) || PEM_write_bio_X509(crt_out, crt) != 1 ||
	    PEM_write_bio_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL) != 1)
		return failed(err, "cannot make a certificate");
	take(crt_out, &p->crt);
	take(key_out, &p->key);
	return 0;
}

static char *text_of(BIO *b)
{
	struct buf out = BUF_INIT;

	take(b, &out);
	(void)BIO_reset(b);
	return buf_take(&out);
}

enum { CN_MAX = 64 };

/* The subject's CN and the names beside it, each once, sorted.  A CN that fills its room
 * may have been cut. */
static void add_names(const X509 *crt, struct strv *out)
{
	char cn[256];
	GENERAL_NAMES *names = X509_get_ext_d2i(crt, NID_subject_alt_name, NULL, NULL);

	int len = X509_NAME_get_text_by_NID(X509_get_subject_name(crt), NID_commonName,
					    cn, sizeof cn);

	if (len > 0 && len < CN_MAX)
		strv_add(out, cn);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		AUTO_FREE char *name = NULL;

		if (n->type != GEN_DNS)
			continue;
		name = xasprintf("%.*s", ASN1_STRING_length(n->d.dNSName),
				 ASN1_STRING_get0_data(n->d.dNSName));
		if (strv_find(out, name) < 0)
			strv_add(out, name);
	}
	strv_sort(out);
	GENERAL_NAMES_free(names);
}

int facts_read(const char *pem, struct facts *f, struct err *err)
{
	AUTO(x509_free_at) X509 *crt = NULL;
	AUTO(bio_free_at) BIO *out = BIO_new(BIO_s_mem());
	unsigned long flags = XN_FLAG_SEP_SPLUS_SPC | XN_FLAG_FN_SN |
			      ASN1_STRFLGS_ESC_CTRL;

	if (read_certificate(pem, strlen(pem), &crt, err) < 0)
		return -1;
	(void)X509_NAME_print_ex(out, X509_get_subject_name(crt), 0, flags);
	f->subject = text_of(out);
	(void)X509_NAME_print_ex(out, X509_get_issuer_name(crt), 0, flags);
	f->issuer = text_of(out);
	(void)ASN1_TIME_print(out, X509_get0_notBefore(crt));
	f->starts_at = text_of(out);
	(void)ASN1_TIME_print(out, X509_get0_notAfter(crt));
	f->expires_at = text_of(out);
	f->self_signed = X509_self_signed(crt, 0) == 1;
	add_names(crt, &f->hostnames);
	ERR_clear_error();
	return 0;
}
