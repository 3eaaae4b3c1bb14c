/* SPDX-License-Identifier: MIT */
#include "util/tarput.h"

#include <string.h>

#include "util/fs.h"

#define BLOCK 512
#define CHUNK (256u * 1024)

/* The largest size that eleven octal digits hold. */
#define OCTAL_MAX 077777777777LL

struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char sum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char major[8];
	char minor[8];
	char prefix[155];
	char pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a tar header is one block");

void tarput_release(struct tarput *t)
{
	buf_release(&t->ready);
}

static int flush(struct tarput *t, struct err *err)
{
	if (fs_write_all(t->fd, t->ready.data, t->ready.len) < 0)
		return err_sys(err, "write the archive");
	buf_reset(&t->ready);
	return 0;
}

static int pad(struct tarput *t, uint64_t size, struct err *err)
{
	static const char zeros[BLOCK];

	buf_add(&t->ready, zeros, (size_t)((BLOCK - size % BLOCK) % BLOCK));
	return t->ready.len >= CHUNK ? flush(t, err) : 0;
}

static void seal(struct header *h)
{
	unsigned sum = 0;

	memset(h->sum, ' ', sizeof h->sum);
	for (size_t i = 0; i < sizeof *h; i++)
		sum += ((const unsigned char *)h)[i];
	(void)snprintf(h->sum, sizeof h->sum, "%06o", sum);
}

static void put_size(char field[12], int64_t size)
{
	if (size <= OCTAL_MAX) {
		(void)snprintf(field, 12, "%011llo", (unsigned long long)size);
		return;
	}
	memset(field, 0, 12);
	field[0] = (char)0x80;
	for (int i = 11; i > 3; i--, size >>= 8)
		field[i] = (char)(size & 0xff);
}

static void put_header(struct tarput *t, const struct tarput_item *i)
{
	unsigned long long mtime = i->mtime < 0 ? 0 : (unsigned long long)i->mtime;
	struct header h;

	memset(&h, 0, sizeof h);
	memcpy(h.name, i->name, strnlen(i->name, sizeof h.name));
	if (i->link)
		memcpy(h.link, i->link, strnlen(i->link, sizeof h.link));
	(void)snprintf(h.mode, sizeof h.mode, "%07o", i->mode & 07777);
	(void)snprintf(h.uid, sizeof h.uid, "%07o", i->uid & 07777777);
	(void)snprintf(h.gid, sizeof h.gid, "%07o", i->gid & 07777777);
	put_size(h.size, i->size);
	(void)snprintf(h.mtime, sizeof h.mtime, "%011llo", mtime & 077777777777ULL);
	h.type = i->type;
	memcpy(h.magic, "ustar", sizeof h.magic);
	memcpy(h.version, "00", sizeof h.version);
	seal(&h);
	buf_add(&t->ready, &h, sizeof h);
}

/* GNU's way for what does not fit into 100 bytes: 'L' a name, 'K' a link's target. */
static int put_long(struct tarput *t, char type, const char *text, struct err *err)
{
	int64_t len = (int64_t)strlen(text);

	if (len <= 100)
		return 0;
	put_header(t, &(struct tarput_item){ .name = "././@LongLink",
					     .type = type,
					     .mode = 0644,
					     .size = len + 1 });
	buf_add(&t->ready, text, (size_t)len + 1);
	return pad(t, (uint64_t)len + 1, err);
}

int tarput_item(struct tarput *t, const struct tarput_item *i, struct err *err)
{
	if (i->link && put_long(t, 'K', i->link, err) < 0)
		return -1;
	if (put_long(t, 'L', i->name, err) < 0)
		return -1;
	put_header(t, i);
	return t->ready.len >= CHUNK ? flush(t, err) : 0;
}

int tarput_file(struct tarput *t, int from, int64_t size, struct err *err)
{
	int64_t left = size;

	while (left > 0) {
		ssize_t n = buf_read(&t->ready, from,
				     left < CHUNK ? (size_t)left : CHUNK);

		if (n < 0)
			return err_sys(err, "read a file");
		if (n == 0)
			return err_set(err, ERR_HOST,
				       "a file became shorter while it was read");
		left -= n;
		if (t->ready.len >= CHUNK && flush(t, err) < 0)
			return -1;
	}
	return pad(t, (uint64_t)size, err);
}

int tarput_end(struct tarput *t, struct err *err)
{
	static const char end[2 * BLOCK];

	buf_add(&t->ready, end, sizeof end);
	return flush(t, err);
}
