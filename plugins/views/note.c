/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plugins/views/views.h"
#include "store/property.h"
#include "util/cleanup.h"

/* "VHOST NEW OLD": FNV-1a, which tells our own texts apart and is no secret's guard. */
enum { WORD = 17 };
#define KEY "views", "writing"

static void hash(const struct buf *text, char word[WORD])
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < text->len; i++)
		h = (h ^ (unsigned char)text->data[i]) * 0x100000001b3u;
	(void)snprintf(word, WORD, "%016" PRIx64, h);
}

int views_note(const struct views *v, const char *name, const struct buf *text,
	       const struct buf *old, struct err *err)
{
	AUTO(strv_release) struct strv notes = STRV_INIT;
	char new[WORD], was[WORD];

	if (property_list(v->st, v->app->id, KEY, &notes, err) < 0)
		return -1;
	hash(text, new);
	hash(old, was);
	strv_addf(&notes, "%s %s %s", name, new, was);
	return property_list_set(v->st, v->app->id, KEY, &notes, err);
}

bool views_is_noted(const struct views *v, const char *name, const struct buf *text)
{
	AUTO(strv_release) struct strv notes = STRV_INIT;
	struct err ignored;
	size_t len = strlen(name);
	char word[WORD];

	if (property_list(v->st, v->app->id, KEY, &notes, &ignored) < 0)
		return false;
	hash(text, word);
	strv_foreach(note, &notes)
		if (strncmp(note, name, len) == 0 && note[len] == ' ' &&
		    strstr(note + len, word))
			return true;
	return false;
}

int views_forget_notes(const struct views *v, struct err *err)
{
	int rc = property_unset(v->st, v->app->id, KEY, err);

	return rc < 0 ? -1 : 0;
}
