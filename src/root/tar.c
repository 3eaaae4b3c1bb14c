/* SPDX-License-Identifier: MIT */
#include "root/tar.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/name.h"

#define BLOCK      512
#define WINDOW     ((size_t)256 << 10)
#define NAME_BYTES 4096
#define PAX_BYTES  ((size_t)1 << 20)

/* A header block, by offset and length of its fields. */
enum {
	NAME = 0,
	NAME_LEN = 100,
	MODE = 100,
	ID_LEN = 8,
	UID = 108,
	GID = 116,
	SIZE = 124,
	SIZE_LEN = 12,
	MTIME = 136,
	SUM = 148,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	PREFIX = 345,
	PREFIX_LEN = 155,
};

void tar_init(struct tar *t, int fd)
{
	*t = (struct tar){ .fd = fd,
			   .path = BUF_INIT,
			   .target = BUF_INIT,
			   .pax = BUF_INIT,
			   .window = BUF_INIT };
}

void tar_release(struct tar *t)
{
	buf_release(&t->path);
	buf_release(&t->target);
	buf_release(&t->pax);
	buf_release(&t->window);
}

static size_t ready(const struct tar *t)
{
	return t->window.len - t->at;
}

/* Have `want` bytes in the window, fewer only at the end of the stream. */
static int fill(struct tar *t, size_t want, struct err *err)
{
	if (ready(t) >= want)
		return 0;
	memmove(t->window.data, t->window.data + t->at, ready(t));
	buf_cut(&t->window, ready(t));
	t->at = 0;
	while (ready(t) < want) {
		ssize_t n = buf_read(&t->window, t->fd, WINDOW);

		if (n < 0)
			return err_sys(err, "read the archive");
		if (n == 0)
			break;
	}
	return 0;
}

static int cut_short(struct err *err)
{
	return err_set(err, ERR_USAGE, "the archive ends in the middle of an entry");
}

static int skip(struct tar *t, uint64_t count, struct err *err)
{
	while (count) {
		if (fill(t, 1, err) < 0)
			return -1;
		if (!ready(t))
			return cut_short(err);
		size_t n = ready(t) < count ? ready(t) : (size_t)count;

		t->at += n;
		count -= n;
	}
	return 0;
}

/* An octal field, or GNU's base 256 form; -1 when it is neither. */
static int64_t number(const char *block, int at, int len)
{
	const unsigned char *p = (const unsigned char *)block + at;
	int64_t v = 0;
	int i = 0;

	if (len > 0 && p[0] & 0x80) {
		if (p[0] != 0x80)
			return -1;
		for (i = 1; i < len; i++) {
			if (v >> 54)
				return -1;
			v = v << 8 | p[i];
		}
		return v;
	}
	while (i < len && p[i] == ' ')
		i++;
	for (; i < len && p[i] >= '0' && p[i] <= '7'; i++)
		v = v << 3 | (p[i] - '0');
	return i == len || p[i] == ' ' || p[i] == '\0' ? v : -1;
}

static bool sum_is_right(const char *block)
{
	const unsigned char *p = (const unsigned char *)block;
	int64_t sum = 0;

	for (int i = 0; i < BLOCK; i++)
		sum += i >= SUM && i < SUM + ID_LEN ? ' ' : p[i];
	return number(block, SUM, ID_LEN) == sum;
}

static void add_field(struct buf *b, const char *block, int at, size_t len)
{
	buf_add(b, block + at, strnlen(block + at, len));
}

/* Read the data of a GNU or pax header entry as text. */
static int read_text(struct tar *t, struct buf *to, size_t max, struct err *err)
{
	const char *data = NULL;
	ssize_t n;

	if (t->left > max)
		return err_set(err, ERR_USAGE, "a header of the archive is too long");
	while ((n = tar_data(t, &data, max, err)) > 0)
		buf_add(to, data, (size_t)n);
	return n < 0 ? -1 : 0;
}

/* What extension headers said about the entry that follows them. */
struct extra {
	bool path;
	bool target;
	int64_t size;
};

static int pax_record(struct tar *t, char *key, size_t len, struct extra *x,
		      struct err *err)
{
	char *value = memchr(key, '=', len);
	size_t n;
	long size;

	if (!value)
		return err_set(err, ERR_USAGE, "malformed pax header");
	*value++ = '\0';
	n = len - (size_t)(value - key);
	value[n] = '\0'; /* was the newline */
	if (strlen(value) != n)
		return err_set(err, ERR_USAGE, "a NUL in a name of the archive");
	if (strcmp(key, "path") == 0) {
		buf_reset(&t->path);
		buf_add(&t->path, value, n);
		x->path = true;
	} else if (strcmp(key, "linkpath") == 0) {
		buf_reset(&t->target);
		buf_add(&t->target, value, n);
		x->target = true;
	} else if (strcmp(key, "size") == 0) {
		if (!name_to_int(value, 0, INT64_MAX / 2, &size))
			return err_set(err, ERR_USAGE, "malformed pax size");
		x->size = size;
	} else if (strncmp(key, "GNU.sparse.", 11) == 0) {
		return err_set(err, ERR_USAGE, "sparse files in the archive");
	}
	return 0;
}

/* Records "LENGTH key=value\n". */
static int pax_header(struct tar *t, struct extra *x, struct err *err)
{
	char *p;
	char *end;

	buf_reset(&t->pax);
	if (read_text(t, &t->pax, PAX_BYTES, err) < 0)
		return -1;
	p = t->pax.data;
	end = p + t->pax.len;
	while (p < end) {
		char *rest = NULL;
		unsigned long len = strtoul(p, &rest, 10);
		size_t digits = (size_t)(rest - p);

		if (digits == 0 || digits > 8 || rest >= end || *rest != ' ' ||
		    len > (size_t)(end - p) || len < digits + 3 || p[len - 1] != '\n')
			return err_set(err, ERR_USAGE, "malformed pax header");
		if (pax_record(t, rest + 1, len - digits - 2, x, err) < 0)
			return -1;
		p += len;
	}
	return 0;
}

static int take_type(char c, enum tar_type *type, struct err *err)
{
	switch (c) {
	case '0':
	case '7':
	case '\0': *type = TAR_FILE; return 0;
	case '1': *type = TAR_LINK; return 0;
	case '2': *type = TAR_SYMLINK; return 0;
	case '3':
	case '4':
	case '6': *type = TAR_DEVICE; return 0;
	case '5': *type = TAR_DIR; return 0;
	default:
		return err_set(err, ERR_USAGE, "an entry of kind %d in the archive",
			       (unsigned char)c);
	}
}

static int take_names(struct tar *t, const char *block, const struct extra *x,
		      struct err *err)
{
	if (!x->path) {
		buf_reset(&t->path);
		if (memcmp(block + MAGIC, "ustar\0", 6) == 0 && block[PREFIX]) {
			add_field(&t->path, block, PREFIX, PREFIX_LEN);
			buf_addc(&t->path, '/');
		}
		add_field(&t->path, block, NAME, NAME_LEN);
	}
	if (!x->target) {
		buf_reset(&t->target);
		add_field(&t->target, block, LINK, NAME_LEN);
	}
	if (t->path.len >= NAME_BYTES || t->target.len >= NAME_BYTES)
		return err_set(err, ERR_USAGE, "a name of the archive is too long");
	return 0;
}

static int take_entry(struct tar *t, const char *block, const struct extra *x,
		      struct tar_entry *e, struct err *err)
{
	if (take_type(block[TYPE], &e->type, err) < 0 || take_names(t, block, x, err) < 0)
		return -1;
	e->path = t->path.data;
	e->target = t->target.data;
	e->size = e->type == TAR_FILE ? (int64_t)t->left : 0;
	e->mode = (mode_t)number(block, MODE, ID_LEN) & 07777;
	e->uid = number(block, UID, ID_LEN);
	e->gid = number(block, GID, ID_LEN);
	e->mtime = number(block, MTIME, SIZE_LEN);
	/* Old archives mark a directory by a slash alone. */
	if (e->type == TAR_FILE && t->path.len && t->path.data[t->path.len - 1] == '/')
		e->type = TAR_DIR;
	return 0;
}

static void set_left(struct tar *t, uint64_t size)
{
	t->left = size;
	t->pad = (BLOCK - size % BLOCK) % BLOCK;
}

/* The next header block, copied out of the window; TAR_END at the end. */
static int read_block(struct tar *t, char block[BLOCK], struct err *err)
{
	static const char zeros[BLOCK];

	if (skip(t, t->left + t->pad, err) < 0 || fill(t, BLOCK, err) < 0)
		return -1;
	set_left(t, 0);
	if (ready(t) == 0)
		return TAR_END;
	if (ready(t) < BLOCK)
		return cut_short(err);
	memcpy(block, t->window.data + t->at, BLOCK);
	t->at += BLOCK;
	if (memcmp(block, zeros, BLOCK) == 0)
		return TAR_END;
	if (!sum_is_right(block))
		return err_set(err, ERR_USAGE,
			       "this is not a tar archive, or a broken one");
	return 0;
}

int tar_next(struct tar *t, struct tar_entry *e, struct err *err)
{
	struct extra x = { .size = -1 };
	char block[BLOCK] = "";
	int64_t size;
	int rc;

	for (;;) {
		rc = read_block(t, block, err);
		if (rc)
			return rc;
		size = number(block, SIZE, SIZE_LEN);
		if (size < 0)
			return err_set(err, ERR_USAGE, "malformed size in the archive");
		set_left(t, (uint64_t)size);
		switch (block[TYPE]) {
		case 'L':
			buf_reset(&t->path);
			rc = read_text(t, &t->path, NAME_BYTES, err);
			buf_cut(&t->path, strlen(t->path.data));
			x.path = true;
			break;
		case 'K':
			buf_reset(&t->target);
			rc = read_text(t, &t->target, NAME_BYTES, err);
			buf_cut(&t->target, strlen(t->target.data));
			x.target = true;
			break;
		case 'x': rc = pax_header(t, &x, err); break;
		case 'g': break; /* comments, such as git's commit id */
		default:
			/* Links and directories may state a size, and have no data. */
			if (block[TYPE] >= '1' && block[TYPE] <= '6')
				set_left(t, 0);
			else if (x.size >= 0)
				set_left(t, (uint64_t)x.size);
			return take_entry(t, block, &x, e, err);
		}
		if (rc < 0)
			return -1;
	}
}

ssize_t tar_data(struct tar *t, const char **data, size_t max, struct err *err)
{
	size_t n;

	if (!t->left)
		return 0;
	if (fill(t, 1, err) < 0)
		return -1;
	n = ready(t) < max ? ready(t) : max;
	if (n == 0)
		return cut_short(err);
	if (n > t->left)
		n = (size_t)t->left;
	*data = t->window.data + t->at;
	t->at += n;
	t->left -= n;
	return (ssize_t)n;
}
