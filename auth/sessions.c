/* sessions.c - how many sessions a user and an address have */

#include "auth/sessions.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/conf.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "calls/share_call.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"

/* What is counted: a user, a user from an address, an address. */
enum kind { OF_USER, OF_BOTH, OF_ADDRESS, KINDS };

/* Of one session: what its imapd keeps, and as many that are about to end. */
enum { VISITS_EACH = 2 * SHARE_VISITS_MOST };

struct session {
	struct list in;
	struct sessions *sessions;
	int fd;
	struct loop_io *io;
	struct buf keys[KINDS];
};

struct sessions {
	const struct auth_conf *conf;
	struct loop *loop;
	struct table *counts; /* unsigned */
	struct list all;
};

struct sessions *
sessions_new(const struct auth_conf *conf, struct loop *loop)
{
	struct sessions *s = mem_new(sizeof(*s));

	s->conf = conf;
	s->loop = loop;
	s->counts = table_new();
	list_init(&s->all);
	return s;
}

/* No field holds NUL. */
static void
key_make(struct buf *key, enum kind kind, const struct session_of *who)
{
	static const char marks[] = "uba";

	buf_add_byte(key, marks[kind]);
	buf_add_span(key, who->protocol);
	buf_add_byte(key, '\0');
	if (kind != OF_ADDRESS)
		buf_add_span(key, who->user);
	buf_add_byte(key, '\0');
	if (kind != OF_USER)
		buf_add_span(key, who->client_addr);
}

static void
count(struct sessions *s, struct span key, int delta)
{
	unsigned *n = table_get(s->counts, key);

	if (n == NULL) {
		n = mem_new(sizeof(*n));
		table_put(s->counts, key, n);
	}
	*n += (unsigned)delta;
	if (*n == 0)
		free(table_remove(s->counts, key));
}

static void
session_free(struct session *e)
{
	for (int i = 0; i < KINDS; i++) {
		count(e->sessions, buf_span(&e->keys[i]), -1);
		buf_free(&e->keys[i]);
	}
	list_remove(&e->in);
	loop_io_free(&e->io);
	file_close(&e->fd);
	free(e);
}

void
sessions_free(struct sessions **s)
{
	if (*s == NULL)
		return;
	while (!list_empty(&(*s)->all))
		session_free(LIST_OF((*s)->all.next, struct session, in));
	table_free(&(*s)->counts, free);
	mem_free(s);
}

/* 0: no limit. An address of this machine is many people's. */
static unsigned
limit_of(const struct sessions *s, enum kind kind, const struct session_of *who)
{
	bool pop3 = span_is(who->protocol, "pop3");
	struct address a;
	int most = 0;

	switch (kind) {
	case OF_USER:
		most = s->conf->login_user_limit;
		break;
	case OF_BOTH:
		most = s->conf->mail_max_userip_connections;
		break;
	case OF_ADDRESS:
		most = pop3 ? s->conf->pop3_per_ip : s->conf->imap_per_ip;
		break;
	case KINDS:
		break;
	}
	if (kind != OF_USER && address_parse(who->client_addr, 0, &a) &&
	    address_is_loopback(&a))
		most = 0;
	return (unsigned)most *
	    (span_is(who->protocol, "visit") ? VISITS_EACH : 1);
}

bool
sessions_full(
    const struct sessions *s, const struct session_of *who, const char **text)
{
	static const char *const texts[] = {
		[OF_USER] = "too many sessions (login_user_limit)",
		[OF_BOTH] = "too many sessions (mail_max_userip_connections)",
		[OF_ADDRESS] = "too many sessions (MAXPERIP)",
	};

	*text = NULL;
	for (int i = 0; i < KINDS && *text == NULL; i++) {
		unsigned most = limit_of(s, (enum kind)i, who);
		struct buf key = BUF_EMPTY;
		const unsigned *n;

		if (most == 0)
			continue;
		key_make(&key, (enum kind)i, who);
		n = table_get(s->counts, buf_span(&key));
		if (n != NULL && *n >= most)
			*text = texts[i];
		buf_free(&key);
	}
	return *text != NULL;
}

static void
ended(void *arg, unsigned ready)
{
	struct session *e = arg;
	char byte;
	ssize_t n;

	(void)ready;
	/* nothing is to be said there: whatever comes is thrown away */
	do
		n = recv(e->fd, &byte, 1, MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == 0 || (n == -1 && errno != EAGAIN))
		session_free(e);
}

int
sessions_begin(struct sessions *s, const struct session_of *who)
{
	struct session *e;
	bool any = false;
	int pair[2];

	for (int i = 0; i < KINDS; i++)
		any = any || limit_of(s, (enum kind)i, who) > 0;
	if (!any)
		return -1;
	/* packets: one that is sent here is thrown away with one call */
	if (sock_pair(SOCK_SEQPACKET, true, pair) == -1) {
		log_warning("a session is not counted: %s", strerror(errno));
		return -1;
	}
	e = mem_new(sizeof(*e));
	e->sessions = s;
	e->fd = pair[0];
	e->io = loop_io_new(s->loop, e->fd, LOOP_READ, ended, e);
	for (int i = 0; i < KINDS; i++) {
		key_make(&e->keys[i], (enum kind)i, who);
		count(s, buf_span(&e->keys[i]), 1);
	}
	list_add_tail(&s->all, &e->in);
	return pair[1];
}
