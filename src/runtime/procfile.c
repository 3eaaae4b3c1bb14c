/* SPDX-License-Identifier: MIT */
#include "runtime/procfile.h"

#include <string.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/name.h"

static int bad_line(int line, const char *what, struct err *err)
{
	(void)err_set(err, ERR_APP, "Procfile line %d: %s", line, what);
	return err_hint(err, "a line is  type: command  as in  web: gunicorn app:app");
}

static char *trimmed(const char *from, size_t len)
{
	while (len && strchr(" \t\r", from[0])) {
		from++;
		len--;
	}
	while (len && strchr(" \t\r", from[len - 1]))
		len--;
	return xstrndup(from, len);
}

static int add_line(json_t *types, const char *text, int line, struct err *err)
{
	AUTO_FREE char *type = NULL;
	AUTO_FREE char *command = NULL;
	const char *colon = strchr(text, ':');
	json_t *value;

	if (!*text || text[0] == '#' || strncmp(text, "//", 2) == 0)
		return 0;
	if (!colon)
		return bad_line(line, "there is no colon", err);
	type = trimmed(text, (size_t)(colon - text));
	command = trimmed(colon + 1, strlen(colon + 1));
	if (!name_is_process(type))
		return bad_line(
			line,
			"the type before the colon must be 1 to 63 letters, digits, - or _",
			err);
	if (!*command)
		return bad_line(line, "there is no command after the colon", err);
	if (strlen(command) > PROCFILE_COMMAND_MAX)
		return bad_line(line, "the command is longer than 16384 bytes", err);
	if (json_object_get(types, type))
		return bad_line(line, "this type is given a second time", err);
	value = json_string(command);
	if (!value)
		return bad_line(line, "the command is not UTF-8 text", err);
	(void)json_object_set_new(types, type, value);
	return 0;
}

int procfile_parse(const char *text, size_t len, json_t **types, struct err *err)
{
	json_t *all = json_object();
	const char *end = text + len;
	int line = 0;

	if (len > PROCFILE_MAX || memchr(text, '\0', len)) {
		json_decref(all);
		return err_set(err, ERR_APP, "Procfile: %s",
			       len > PROCFILE_MAX ? "larger than 65536 bytes"
						  : "has a NUL byte");
	}
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);
		AUTO_FREE char *one = trimmed(text, n);

		if (add_line(all, one, ++line, err) < 0) {
			json_decref(all);
			return -1;
		}
		text += n + (nl ? 1 : 0);
	}
	*types = all;
	return 0;
}
