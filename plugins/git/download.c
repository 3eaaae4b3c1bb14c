/* SPDX-License-Identifier: MIT */
#include "plugins/git/download.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/outside.h"
#include "util/fs.h"

struct transfer {
	int fd;
	long long left;
	bool inside; /* where it led to, and may not go */
};

static size_t take_bytes(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t len = size * count;

	t->left -= (long long)len;
	return t->left < 0 || fs_write_all(t->fd, data, len) < 0 ? 0 : len;
}

/* Whatever the name says at that moment, and wherever a server redirects to. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose,
				 struct curl_sockaddr *at)
{
	struct transfer *t = ctx;

	(void)purpose;
	if (outside_may(&at->addr))
		return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
	t->inside = true;
	return CURL_SOCKET_BAD;
}

static void only_http(CURL *c)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS,
			       (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
	(void)curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS,
			       (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

int download_file(const char *url, const char *netrc, int fd, long long max,
		  struct err *err)
{
	struct transfer t = { .fd = fd, .left = max };
	CURL *c = curl_easy_init();
	CURLcode rc;

	if (!c)
		return err_set(err, ERR_HOST, "libcurl does not start");
	only_http(c);
	(void)curl_easy_setopt(c, CURLOPT_URL, url);
	(void)curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
	(void)curl_easy_setopt(c, CURLOPT_NETRC_FILE, netrc);
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	(void)curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10L);
	(void)curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT, 1200L);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_bytes);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, &t);
	(void)curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	(void)curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, &t);
	rc = curl_easy_perform(c);
	curl_easy_cleanup(c);
	if (t.left < 0)
		return err_set(err, ERR_REFUSED,
			       "Archive exceeds maximum allowed size of %lld bytes", max);
	if (rc == CURLE_OK)
		return 0;
	if (t.inside)
		return outside_refuse(url, err);
	(void)err_set(err, ERR_REFUSED, "the archive could not be fetched: %s",
		      curl_easy_strerror(rc));
	return err_hint(err, "see whether this works: curl -fLI URL; or pipe it in: "
			     "davit git:from-archive APP -- < FILE");
}
