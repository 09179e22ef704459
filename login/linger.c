/*
 * linger.c - the imapd of a webmail user, between two pages
 *
 * A process that has served a page says so and waits, until it is given the
 * next page or its socket ends. When it ends is decided here alone, so that no
 * page is given to a process that is about to go. Tickets are not kept, only
 * their digests.
 */

#include "login/linger.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/secret.h"
#include "calls/park_call.h"
#include "ipc/packet.h"
#include "os/file.h"
#include "os/loop.h"

enum { FREE_MOST = 32 }; /* they count among the processes of imapd */

struct lingerers {
	struct loop *loop;
	int64_t keep_ms;
	struct list all; /* the one that became free last is the last */
	unsigned free_count;
};

struct lingerer {
	struct list in;
	struct lingerers *of;
	unsigned char ticket[SHA256_BYTES];
	struct buf user;
	int fd;
	struct loop_io *io;
	struct loop_timer *timer;
	bool free;
};

struct lingerers *
linger_new(struct loop *loop, int64_t keep_ms)
{
	struct lingerers *l = mem_new(sizeof(*l));

	l->loop = loop;
	l->keep_ms = keep_ms;
	list_init(&l->all);
	return l;
}

static void
end(void *arg)
{
	struct lingerer *x = arg;

	x->of->free_count -= x->free;
	list_remove(&x->in);
	loop_io_free(&x->io);
	loop_timer_free(&x->timer);
	file_close(&x->fd);
	buf_free(&x->user);
	free(x);
}

static void
end_oldest_free(struct lingerers *l)
{
	struct list *at = l->all.next;

	for (; at != &l->all; at = at->next) {
		struct lingerer *x = LIST_OF(at, struct lingerer, in);

		if (x->free) {
			end(x);
			return;
		}
	}
}

static void
is_free(struct lingerer *x)
{
	struct lingerers *l = x->of;

	if (x->free)
		return;
	if (l->free_count >= FREE_MOST)
		end_oldest_free(l);
	x->free = true;
	l->free_count++;
	list_remove(&x->in);
	list_add_tail(&l->all, &x->in);
	loop_timer_set(x->timer, l->keep_ms);
}

static void
heard(void *arg, unsigned ready)
{
	struct lingerer *x = arg;
	struct packet_in in = { .bad = false };
	enum packet_result got = packet_recv(x->fd, &in);

	(void)ready;
	if (got == PACKET_OK && park_free_get(&in))
		is_free(x);
	else if (got != PACKET_WAIT)
		end(x);
	packet_in_done(&in);
}

void
linger_add(struct lingerers *l, struct span ticket, struct span user, int fd)
{
	struct lingerer *x = mem_new(sizeof(*x));

	x->of = l;
	digest_sha256(ticket, x->ticket);
	buf_add_span(&x->user, user);
	x->fd = fd;
	x->io = loop_io_new(l->loop, fd, LOOP_READ, heard, x);
	x->timer = loop_timer_new(l->loop, end, x);
	list_add_tail(&l->all, &x->in);
}

static bool
is_of(const struct lingerer *x, const unsigned char *ticket)
{
	return secret_equal(span_of((const char *)x->ticket, SHA256_BYTES),
	    span_of((const char *)ticket, SHA256_BYTES));
}

static struct lingerer *
find_free(const struct lingerers *l, struct span ticket)
{
	unsigned char digest[SHA256_BYTES];
	struct list *at = l->all.next;

	digest_sha256(ticket, digest);
	for (; at != &l->all; at = at->next) {
		struct lingerer *x = LIST_OF(at, struct lingerer, in);

		if (x->free && is_of(x, digest))
			return x;
	}
	return NULL;
}

bool
linger_has(const struct lingerers *l, struct span ticket)
{
	return find_free(l, ticket) != NULL;
}

bool
linger_join(struct lingerers *l, struct span ticket, struct span user,
    struct span client_addr, int fd)
{
	struct lingerer *x = find_free(l, ticket);
	struct packet_out o = { .fd_count = 0 };
	bool sent;

	if (x == NULL || !span_eq(buf_span(&x->user), user))
		return false;
	park_join_put(&o, client_addr, fd);
	sent = packet_send(x->fd, &o) == 0;
	packet_done(&o);
	if (!sent) {
		end(x);
		return false;
	}
	x->free = false;
	l->free_count--;
	loop_timer_stop(x->timer);
	return true;
}

void
linger_end(struct lingerers *l, struct span ticket)
{
	unsigned char digest[SHA256_BYTES];
	struct list *at = l->all.next, *next;

	digest_sha256(ticket, digest);
	for (; at != &l->all; at = next) {
		struct lingerer *x = LIST_OF(at, struct lingerer, in);

		next = at->next;
		if (is_of(x, digest))
			end(x);
	}
}

void
linger_end_all(struct lingerers *l)
{
	while (!list_empty(&l->all))
		end(LIST_OF(l->all.next, struct lingerer, in));
}
