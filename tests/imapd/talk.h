/* talk.h - conversations with an imapd over a socket pair */

#ifndef TESTS_IMAPD_TALK_H
#define TESTS_IMAPD_TALK_H

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "imapd/session.h"
#include "os/sock.h"
#include "tests/mailbox/scratch.h"

static const struct imap_conf talk_conf = {
	.folders = { "INBOX.", '.', FOLDER_AUTO, true },
	.idle_ms = 60000,
	.hello = "test.example",
};

struct talk {
	pid_t pid;
	int fd;
	struct buf got; /* what came and was not looked at */
};

static inline bool
talk_no_stop(int fd)
{
	(void)fd;
	return false;
}

/* Serve mail in a child as start says, but for its descriptors. The greeting is
 * left. */
static inline void
talk_begin_as(struct talk *t, struct imap_start start)
{
	int fds[2];

	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, fds), 0);
	t->pid = fork();
	ck_assert_int_ne(t->pid, -1);
	if (t->pid == 0) {
		close(fds[0]);
		start.in = start.out = fds[1];
		exit(imapd_session(&start));
	}
	close(fds[1]);
	t->fd = fds[0];
	t->got = (struct buf)BUF_EMPTY;
}

/* conf NULL is talk_conf. */
static inline struct imap_start
talk_user(const char *mail, const struct imap_conf *conf)
{
	return (struct imap_start){ .park = -1,
		.held = -1,
		.watch = -1,
		.conf = conf == NULL ? &talk_conf : conf,
		.user = SPAN("user"),
		.mail = mail,
		.client_addr = SPAN("192.0.2.1"),
		.control = { -1, talk_no_stop } };
}

/* Serve the user's mail to a visitor, with the names of his groups. */
static inline void
talk_visit(struct talk *t, const char *mail, const struct imap_conf *conf,
    const char *visitor, const char *groups)
{
	struct imap_start start = talk_user(mail, conf);

	start.visitor = span_str(visitor);
	start.groups = span_str(groups);
	talk_begin_as(t, start);
}

/* Serve the user, with the socket to login. */
static inline void
talk_park(
    struct talk *t, const char *mail, const struct imap_conf *conf, int park_fd)
{
	struct imap_start start = talk_user(mail, conf);

	start.park = park_fd;
	start.pass = SPAN("pass");
	talk_begin_as(t, start);
}

/* Serve the user. */
static inline void
talk_start(struct talk *t, const char *mail, const struct imap_conf *conf)
{
	talk_begin_as(t, talk_user(mail, conf));
}

static inline void
talk_send(struct talk *t, struct span s)
{
	while (s.n > 0) {
		ssize_t n = send(t->fd, s.p, s.n, MSG_NOSIGNAL);

		ck_assert_msg(n > 0, "the server is gone");
		s = span_skip(s, (size_t)n);
	}
}

/* More input; false at the end. Waits at most 20 s. */
static inline bool
talk_more(struct talk *t)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	ssize_t n;

	ck_assert_msg(poll(&p, 1, 20000) == 1, "no answer behind \"%s\"",
	    buf_str(&t->got));
	n = read(t->fd, buf_room(&t->got, 65536), 65536);
	if (n <= 0)
		return false;
	t->got.n += (size_t)n;
	return true;
}

/* All up to and with a line that begins with start, to be freed. */
static inline char *
talk_until(struct talk *t, const char *start)
{
	struct buf all = BUF_EMPTY;

	for (;;) {
		size_t lf = span_find(buf_span(&t->got), '\n');
		bool last;

		if (lf == t->got.n) {
			ck_assert_msg(talk_more(t), "ended behind \"%s%s\"",
			    buf_str(&all), buf_str(&t->got));
			continue;
		}
		last = span_starts(buf_span(&t->got), start);
		buf_add(&all, t->got.p, lf + 1);
		buf_drop(&t->got, lf + 1);
		if (last)
			return buf_take(&all);
	}
}

/* talk_start(), and the greeting is read. */
static inline void
talk_begin(struct talk *t, const char *mail, const struct imap_conf *conf)
{
	talk_start(t, mail, conf);
	free(talk_until(t, "* PREAUTH"));
}

/* Send "x COMMAND" and return all up to its tagged answer. */
static inline char *
talk_say(struct talk *t, const char *command)
{
	char *line = mem_printf("x %s\r\n", command);

	talk_send(t, span_str(line));
	free(line);
	return talk_until(t, "x ");
}

/* Say it; the answer must hold (or, after '!', not hold) each of the texts,
 * which end with NULL. */
#define TALK(t, command, ...) \
	do { \
		static const char *const wants[] = { __VA_ARGS__, NULL }; \
		char *answer = talk_say(t, command); \
		for (int w = 0; wants[w] != NULL; w++) { \
			bool not = wants[w][0] == '!'; \
			ck_assert_msg( \
			    (strstr(answer, wants[w] + not ) == NULL) == not, \
			    "%s: wanted %s in:\n%s", command, wants[w], \
			    answer); \
		} \
		free(answer); \
	} while (0)

/* The whole answer must be this. */
#define TALK_IS(t, command, want) \
	do { \
		char *answer = talk_say(t, command); \
		ck_assert_str_eq(answer, want); \
		free(answer); \
	} while (0)

/* End, and the child must have ended well. */
static inline void
talk_end(struct talk *t)
{
	int status;

	close(t->fd);
	buf_free(&t->got);
	ck_assert_int_eq(waitpid(t->pid, &status, 0), t->pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "imapd ended with status %x", (unsigned)status);
}

#endif
