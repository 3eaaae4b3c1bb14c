/* SPDX-License-Identifier: MIT */
#include "runtime/helper.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "root/protocol.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

/* As much as an unprivileged process may ask for; replies are far smaller. */
#define REPLY_MAX (1 << 20)

void helper_release(struct helper *h)
{
	json_decref(h->ops);
	*h = (struct helper)HELPER_INIT;
}

void helper_add(struct helper *h, const char *verb, json_t *fields)
{
	json_t *op = fields ? fields : json_object();

	if (!h->ops)
		h->ops = json_array();
	(void)json_object_set_new(op, "verb", json_string(verb));
	(void)json_array_append_new(h->ops, op);
}

int helper_pass(struct helper *h, int fd)
{
	if (h->fd_count >= PROC_PASS_MAX - 2)
		bug("too many descriptors for davit-root");
	h->fds[h->fd_count] = fd;
	return PROTOCOL_FIRST_FD + h->fd_count++;
}

static int write_request(const struct helper *h, struct err *err)
{
	AUTO_CLOSE int fd = memfd_create("request", MFD_CLOEXEC);
	AUTO_FREE char *text = json_dumps(h->ops, JSON_COMPACT);

	if (!text)
		return err_set(err, ERR_BUG,
			       "a request to davit-root is not valid UTF-8");
	if (fd < 0 || fs_write_all(fd, text, strlen(text)) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, "write the request to davit-root");
	return take_fd(&fd);
}

static void take_failure(const json_t *reply, struct err *err)
{
	const char *kind = json_string_value(json_object_get(reply, "kind"));
	const char *text = json_string_value(json_object_get(reply, "error"));
	const char *hint = json_string_value(json_object_get(reply, "hint"));

	bool refused = kind && strcmp(kind, "refused") == 0;

	(void)err_set(err, refused ? ERR_REFUSED : ERR_HOST, "%s",
		      text ? text : "davit-root failed without a word");
	if (hint)
		(void)err_hint(err, "%s", hint);
}

/* One JSON object per line. */
static int parse_replies(struct buf *text, json_t **replies, struct err *err)
{
	json_t *list = json_array();
	char *save = NULL;

	for (char *line = strtok_r(text->data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		json_t *reply = json_loads(line, 0, NULL);

		if (!json_is_true(json_object_get(reply, "ok"))) {
			take_failure(reply, err);
			json_decref(reply);
			json_decref(list);
			return -1;
		}
		(void)json_array_append_new(list, reply);
	}
	*replies = list;
	return 0;
}

static int check_end(const struct helper *h, const struct proc_end *end, json_t **replies,
		     struct err *err)
{
	if (end->cancelled)
		return err_set(err, ERR_REFUSED, "cancelled: the client is gone");
	if (json_array_size(*replies) == json_array_size(h->ops))
		return 0;
	if (end->code > 128)
		return err_set(err, ERR_HOST, "davit-root was killed by signal %d",
			       end->code - 128);
	(void)err_set(err, ERR_HOST,
		      "davit-root ended with status %d in the middle of its "
		      "work",
		      end->code);
	return err_hint(err, "is it installed setuid root?  ls -l %s/davit-root",
			paths_libexec());
}

/* What it was at is nobody's now: another one cleans up. */
static void remove_remains(const struct helper *h)
{
	const char *verb = json_string_value(
		json_object_get(json_array_get(h->ops, 0), "verb"));
	struct err ignored;

	if (verb && strcmp(verb, "recover") != 0)
		(void)helper_one("recover", NULL, NULL, &ignored);
}

int helper_run(struct helper *h, json_t **replies, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_libexec(), "davit-root");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_CLOSE int request = write_request(h, err);
	AUTO_CLOSE int reply_r = -1;
	AUTO_CLOSE int reply_w = -1;
	json_t *list = NULL;
	struct proc_end end;
	int pipefd[2];
	int rc;

	if (request < 0)
		return -1;
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	reply_r = pipefd[0];
	reply_w = pipefd[1];
	(void)fcntl(reply_w, F_SETPIPE_SZ, REPLY_MAX);

	const char *const argv[] = { path, NULL };
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .flags = h->flags,
			  .cancel_fd = h->cancel_fd,
			  .hangup_fd = &reply_r,
			  .pass = { request, reply_w },
			  .pass_count = 2 + h->fd_count,
			  .on_line = h->on_line,
			  .ctx = h->ctx };

	memcpy(p.pass + 2, h->fds, sizeof h->fds);
	if (proc_run(&p, &end, err) < 0)
		return -1;
	close_now(&reply_w);
	if (reply_r >= 0 && fs_read_fd(reply_r, REPLY_MAX, &text, err) < 0)
		return err_context(err, "davit-root");
	if (parse_replies(&text, &list, err) < 0)
		return -1;
	rc = check_end(h, &end, &list, err);
	if (end.code > 128)
		remove_remains(h);
	if (rc == 0 && replies)
		*replies = json_incref(list);
	json_decref(list);
	return rc;
}

int helper_one(const char *verb, json_t *fields, json_t **reply, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	json_t *replies = NULL;

	helper_add(&h, verb, fields);
	if (helper_run(&h, &replies, err) < 0)
		return -1;
	if (reply)
		*reply = json_incref(json_array_get(replies, 0));
	json_decref(replies);
	return 0;
}
