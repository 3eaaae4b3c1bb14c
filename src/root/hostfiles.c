/* SPDX-License-Identifier: MIT */
#include "root/hostfiles.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

#define TEXT_MAX (1u << 20)

/* Where a resolver that listens on loopback keeps what it asks itself. */
static const char *const resolvers[] = {
	"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf",
	"/run/NetworkManager/no-stub-resolv.conf",
	"/run/resolvconf/interface/original.resolvconf"
};

/* Files of the host as they are: source and target. */
static const char *const as_they_are[][2] = {
	{ "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt" },
	{ "/etc/localtime", "/etc/localtime" },
};

/* Files that are composed: name in c/ID and target. */
static const char *const composed[][2] = {
	{ "resolv.conf", "/etc/resolv.conf" },
	{ "hosts", "/etc/hosts" },
	{ "hostname", "/etc/hostname" },
};

static bool is_loopback(const char *line)
{
	const char *p = line + strlen("nameserver");

	p += strspn(p, " \t");
	return strncmp(p, "127.", 4) == 0 || strncmp(p, "::1", 3) == 0;
}

bool hostfiles_resolver(const char *text, struct buf *out)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	bool any = false;

	strv_split(&lines, text, "\n");
	strv_foreach(line, &lines) {
		bool server = strncmp(line, "nameserver", 10) == 0;

		if (server && is_loopback(line))
			continue;
		any = any || server;
		buf_addf(out, "%s\n", line);
	}
	return any;
}

static void compose_resolver(const struct container *c, struct buf *out)
{
	strv_foreach(address, &c->dns)
		buf_addf(out, "nameserver %s\n", address);
	if (c->dns.len)
		return;
	for (size_t i = 0; i < sizeof resolvers / sizeof *resolvers; i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		struct err ignored;

		buf_reset(out);
		if (fs_read(resolvers[i], TEXT_MAX, &text, &ignored) == 0 &&
		    hostfiles_resolver(text.data, out))
			return;
	}
	buf_reset(out);
}

static int write_one(const char *id, const char *name, const struct buf *text,
		     struct err *err)
{
	AUTO_FREE char *path = container_path(id, name);
	AUTO_CLOSE int fd = open(
		path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0 || fchmod(fd, 0644) < 0 || fs_write_all(fd, text->data, text->len) < 0)
		return err_sys(err, "write %s", path);
	return 0;
}

int hostfiles_write(const struct container *c, const char *address, struct err *err)
{
	AUTO(buf_release) struct buf resolver = BUF_INIT;
	AUTO(buf_release) struct buf hosts = BUF_INIT;
	AUTO(buf_release) struct buf name = BUF_INIT;

	compose_resolver(c, &resolver);
	buf_adds(&hosts,
		 "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
	buf_addf(&hosts, "%s %s\n", address ? address : "127.0.1.1", c->hostname);
	strv_foreach(line, &c->hosts)
		buf_addf(&hosts, "%s\n", line);
	buf_addf(&name, "%s\n", c->hostname);
	if (write_one(c->id, "resolv.conf", &resolver, err) < 0 ||
	    write_one(c->id, "hosts", &hosts, err) < 0 ||
	    write_one(c->id, "hostname", &name, err) < 0)
		return -1;
	return 0;
}

void hostfiles_list(const struct container *c, struct strv *pairs)
{
	for (size_t i = 0; i < sizeof composed / sizeof *composed; i++) {
		strv_take(pairs, container_path(c->id, composed[i][0]));
		strv_add(pairs, composed[i][1]);
	}
	for (size_t i = 0; i < sizeof as_they_are / sizeof *as_they_are; i++) {
		char *real = realpath(as_they_are[i][0], NULL);

		if (!real)
			continue;
		strv_take(pairs, real);
		strv_add(pairs, as_they_are[i][1]);
	}
}

void hostfiles_targets(const struct container *c, struct strv *relative)
{
	for (size_t i = 0; i < sizeof composed / sizeof *composed; i++)
		strv_add(relative, composed[i][1] + 1);
	for (size_t i = 0; i < sizeof as_they_are / sizeof *as_they_are; i++)
		strv_add(relative, as_they_are[i][1] + 1);
	for (size_t i = 0; i < c->mount_count; i++)
		strv_add(relative, c->mounts[i].target + 1);
}
