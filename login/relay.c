/*
 * relay.c - TLS here, the plain session in a process of its user
 *
 * Bytes are passed both ways without being looked at. A side that does not
 * read stops the other: no more than one buffer waits in each direction.
 */

#include <stdlib.h>

#include "base/mem.h"
#include "login/login.h"
#include "os/loop.h"
#include "service/service.h"
#include "tls/conn.h"

struct relay {
	struct list in;
	struct login *login;
	struct conn *outer, *inner;
};

static void
relay_free(struct relay *r)
{
	struct login *l = r->login;

	conn_free(&r->outer);
	conn_free(&r->inner);
	list_remove(&r->in);
	free(r);
	if (service_draining() && l->session_count == 0 &&
	    list_empty(&l->relays))
		service_exit();
}

static void
pass(struct conn *from, struct conn *to)
{
	struct span bytes = conn_input(from);

	if (bytes.n == 0)
		return;
	conn_write(to, bytes);
	conn_take(from, bytes.n);
	conn_flush(to);
	if (conn_full(to))
		conn_pause(from, true);
}

static void
outer_input(void *arg)
{
	struct relay *r = arg;

	pass(r->outer, r->inner);
}

static void
inner_input(void *arg)
{
	struct relay *r = arg;

	pass(r->inner, r->outer);
}

static void
outer_drained(void *arg)
{
	conn_pause(((struct relay *)arg)->inner, false);
}

static void
inner_drained(void *arg)
{
	conn_pause(((struct relay *)arg)->outer, false);
}

static void
outer_ended(void *arg, enum conn_end how)
{
	struct relay *r = arg;

	(void)how;
	pass(r->outer, r->inner);
	conn_finish(&r->inner);
	relay_free(r);
}

static void
inner_ended(void *arg, enum conn_end how)
{
	struct relay *r = arg;

	(void)how;
	pass(r->inner, r->outer);
	conn_finish(&r->outer);
	relay_free(r);
}

void
relay_start(struct login *l, struct conn **outer, int inner)
{
	static const struct conn_calls outer_calls = { outer_input, NULL,
		outer_drained, outer_ended };
	static const struct conn_calls inner_calls = { inner_input, NULL,
		inner_drained, inner_ended };
	struct relay *r = mem_new(sizeof(*r));

	r->login = l;
	list_add_tail(&l->relays, &r->in);
	r->outer = *outer;
	*outer = NULL;
	conn_calls_set(r->outer, &outer_calls, r);
	r->inner = conn_new(l->loop, inner, &inner_calls, r);
	conn_pause(r->outer, false);
	pass(r->outer, r->inner);
}

/* The processes behind them have been told to stop as well; what they still
 * say is passed on until they close. */
void
relays_end(struct login *l)
{
	while (!list_empty(&l->relays)) {
		struct relay *r = LIST_OF(l->relays.next, struct relay, in);

		conn_finish(&r->outer);
		relay_free(r);
	}
}
