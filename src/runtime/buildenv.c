/* SPDX-License-Identifier: MIT */
#include "runtime/buildenv.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

#define ENV_FILE   DAVIT_ETC_DIR "/build.env"
#define NPMRC_FILE DAVIT_ETC_DIR "/build.d/npmrc"
#define PIP_FILE   DAVIT_ETC_DIR "/build.d/pip.conf"
/* Where davit-root puts the host's certificates in every container. */
#define BUNDLE "/etc/ssl/certs/ca-certificates.crt"

enum { FILE_MAX = 1 << 16 };

static const char *const always[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
	"LANG=C.UTF-8",
	"SSL_CERT_FILE=" BUNDLE,
	"CURL_CA_BUNDLE=" BUNDLE,
	"GIT_SSL_CAINFO=" BUNDLE,
	"NODE_EXTRA_CA_CERTS=" BUNDLE,
	"PIP_CERT=" BUNDLE,
	"REQUESTS_CA_BUNDLE=" BUNDLE,
};

void buildenv_release(struct buildenv *b)
{
	close_now(&b->npmrc);
	close_now(&b->pip);
}

static int add_lines(json_t *env, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	char *save = NULL;

	if (fs_read(ENV_FILE, FILE_MAX, &text, err) < 0)
		return -1;
	for (char *line = strtok_r(text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *eq = strchr(line, '=');

		if (*line == '#')
			continue;
		if (eq)
			*eq = '\0';
		if (!eq || !name_is_env(line)) {
			(void)err_set(err, ERR_HOST, "%s: not NAME=VALUE: %.80s",
				      ENV_FILE, line);
			return err_hint(err, "mend that line, or write the file anew: "
					     "make install");
		}
		*eq = '=';
		(void)json_array_append_new(env, json_string(line));
	}
	return 0;
}

/* A file that is not there is not missed. */
static int add_file(struct helper *h, const char *path, const char *target,
		    json_t *mounts)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)json_array_append_new(mounts,
					    json_pack("{s:s, s:i, s:s, s:s}", "kind",
						      "file", "fd", helper_pass(h, fd),
						      "target", target, "mode", "0444"));
	return fd;
}

int buildenv_add(struct buildenv *b, struct helper *h, json_t *env, json_t *mounts,
		 struct err *err)
{
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		(void)json_array_append_new(env, json_string(always[i]));
	b->npmrc = add_file(h, NPMRC_FILE, "/run/build/npmrc", mounts);
	if (b->npmrc >= 0)
		(void)json_array_append_new(
			env, json_string("NPM_CONFIG_GLOBALCONFIG=/run/build/npmrc"));
	b->pip = add_file(h, PIP_FILE, "/run/build/pip.conf", mounts);
	if (b->pip >= 0)
		(void)json_array_append_new(
			env, json_string("PIP_CONFIG_FILE=/run/build/pip.conf"));
	return add_lines(env, err);
}

int buildenv_text(struct buf *out, struct err *err)
{
	static const char *const files[] = { ENV_FILE, NPMRC_FILE, PIP_FILE };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		buf_addf(out, "%s\n", files[i]);
		if (fs_read(files[i], FILE_MAX, out, err) < 0)
			return -1;
	}
	return 0;
}
