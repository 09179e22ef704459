/*
 * relay.c - TLS here, the plain session in a process of its user
 *
 * Bytes are passed both ways without being looked at. A side that does not
 * read stops the other: no more than one buffer waits in each direction.
 */

#include "login/relay.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "login/conf.h"
#include "login/login.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "service/service.h"
#include "tls/conn.h"

static void
proxied_free(struct relay *r)
{
	struct relay_proxied *p = r->proxied;

	if (p == NULL)
		return;
	log_info("LOGOUT, user=%s, ip=[%s], port=[%u], relay=%s, rcvd=%" PRIu64
		 ", sent=%" PRIu64 ", time=%" PRId64,
	    buf_str(&p->user), buf_str(&p->client_addr), p->port,
	    buf_str(&p->relay), p->received, p->sent, clock_wall() - p->began);
	r->login->proxy_count--;
	loop_timer_free(&p->timer);
	file_close(&p->held);
	buf_free(&p->user);
	buf_free(&p->client_addr);
	buf_free(&p->relay);
	free(p);
	r->proxied = NULL;
}

enum { PATIENCE_MS = 10000, PATIENCE_MOST = 30 };

void
relay_free(struct relay *r)
{
	struct login *l = r->login;

	proxied_free(r);
	loop_timer_free(&r->patience);
	buf_free(&r->left);
	park_done(r);
	conn_free(&r->outer);
	conn_free(&r->inner);
	list_remove(&r->in);
	free(r->via);
	free(r);
	login_drained(l);
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
pass_in(struct relay *r)
{
	size_t n = conn_input(r->outer).n;

	r->passed += n;
	if (r->proxied != NULL) {
		r->proxied->received += n;
		r->proxied->last_ms = clock_ms();
	}
	pass(r->outer, r->inner);
}

static void
pass_out(struct relay *r)
{
	if (r->proxied != NULL) {
		r->proxied->sent += conn_input(r->inner).n;
		r->proxied->last_ms = clock_ms();
	}
	pass(r->inner, r->outer);
}

/* The client says no more. */
static void
finish_in(struct relay *r)
{
	pass_in(r);
	conn_finish(&r->inner);
	relay_free(r);
}

static void
outer_input(void *arg)
{
	struct relay *r = arg;

	switch (r->state) {
	case RELAY_ON:
		pass_in(r);
		break;
	case RELAY_PARKED:
		park_wake(r);
		break;
	case RELAY_PARKING:
	case RELAY_JOINING:
	case RELAY_LEAVING:
		break; /* it waits for the next imapd */
	}
}

static void
inner_input(void *arg)
{
	pass_out(arg);
}

static void
outer_drained(void *arg)
{
	struct relay *r = arg;

	if (r->inner != NULL)
		conn_pause(r->inner, false);
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

	if (r->state == RELAY_ON) {
		finish_in(r);
	} else if (r->state == RELAY_LEAVING) {
		relay_free(r);
	} else if (how == CONN_EOF && conn_input(r->outer).n > 0) {
		/* what it has said last is to be done all the same */
		r->outer_eof = true;
		if (r->state == RELAY_PARKED)
			park_wake(r);
	} else {
		park_lost(r);
	}
}

static void
inner_over(void *arg)
{
	struct relay *r = arg;

	pass_out(r);
	loop_timer_free(&r->patience);
	if (r->state == RELAY_PARKING) {
		conn_free(&r->inner);
		park_begin(r);
	} else if (r->state == RELAY_LEAVING) {
		conn_free(&r->inner);
		leave_begin(r);
	} else {
		conn_finish(&r->outer);
		relay_free(r);
	}
}

static void
inner_ended(void *arg, enum conn_end how)
{
	(void)how;
	inner_over(arg);
}

/* It may be the client that is slow: what its imapd has left for it is on its
 * way still, and half of an answer would spoil all that follows. */
static void
patience_over(void *arg)
{
	struct relay *r = arg;

	if (conn_waiting(r->outer) == 0) {
		inner_over(r);
	} else if (++r->slow < PATIENCE_MOST) {
		loop_timer_set(r->patience, PATIENCE_MS);
	} else {
		log_info("a client does not read what its session has left");
		relay_free(r);
	}
}

/* It is its user's process, and may stay for as long as it likes; but not in
 * our tables. */
void
relay_outlive(struct relay *r, enum relay_state state)
{
	r->state = state;
	r->slow = 0;
	r->patience = loop_timer_new(r->login->loop, patience_over, r);
	loop_timer_set(r->patience, PATIENCE_MS);
}

static const struct conn_calls outer_calls = { outer_input, NULL, outer_drained,
	outer_ended };
static const struct conn_calls inner_calls = { inner_input, NULL, inner_drained,
	inner_ended };

void
relay_join(struct relay *r, int inner, int park_fd)
{
	r->state = RELAY_ON;
	r->passed = 0;
	r->park_fd = park_fd;
	if (inner != -1) {
		r->inner = conn_new(r->login->loop, inner, &inner_calls, r);
		conn_pause(r->outer, false);
		pass_in(r);
	}
	if (park_fd != -1)
		park_listen(r);
	if (r->outer_eof)
		finish_in(r);
}

void
relay_take(struct relay *r, int client)
{
	r->outer = conn_new(r->login->loop, client, &outer_calls, r);
}

void
relay_start(struct login *l, struct conn **outer, int inner, int park_fd,
    struct balanced *via)
{
	struct relay *r = mem_new(sizeof(*r));

	r->login = l;
	r->via = via;
	r->park_fd = -1;
	list_add_tail(&l->relays, &r->in);
	if (*outer != NULL) {
		r->outer = *outer;
		*outer = NULL;
		conn_calls_set(r->outer, &outer_calls, r);
	}
	relay_join(r, inner, park_fd);
}

/* Neither side has said anything for too long. */
static void
idle(void *arg)
{
	struct relay *r = arg;
	struct relay_proxied *p = r->proxied;
	int64_t rest = p->last_ms +
	    r->login->conf->login_proxy_idle_timeout * 1000 - clock_ms();

	if (rest > 0) {
		loop_timer_set(p->timer, rest);
		return;
	}
	log_info("TIMEOUT, user=%s, ip=[%s], relay=%s", buf_str(&p->user),
	    buf_str(&p->client_addr), buf_str(&p->relay));
	conn_write(r->outer, span_str(p->protocol->autologout));
	conn_finish(&r->outer);
	relay_free(r);
}

static void
proxied_begin(struct relay *r, const struct relay_proxied *facts)
{
	struct relay_proxied *p = r->proxied = mem_new(sizeof(*p));
	int64_t limit = r->login->conf->login_proxy_idle_timeout * 1000;

	*p = *facts;
	p->began = clock_wall();
	p->last_ms = clock_ms();
	r->login->proxy_count++;
	if (limit > 0) {
		p->timer = loop_timer_new(r->login->loop, idle, r);
		loop_timer_set(p->timer, limit);
	}
	log_info("LOGIN, user=%s, ip=[%s], port=[%u], protocol=%s, relay=%s",
	    buf_str(&p->user), buf_str(&p->client_addr), p->port,
	    p->protocol->label, buf_str(&p->relay));
}

void
relay_proxy(struct login *l, struct conn **outer, struct conn **inner,
    const struct relay_proxied *facts)
{
	struct relay *r = mem_new(sizeof(*r));

	r->login = l;
	r->park_fd = -1;
	r->state = RELAY_ON;
	list_add_tail(&l->relays, &r->in);
	r->outer = *outer;
	r->inner = *inner;
	*outer = *inner = NULL;
	proxied_begin(r, facts);
	conn_calls_set(r->outer, &outer_calls, r);
	conn_calls_set(r->inner, &inner_calls, r);
	conn_pause(r->outer, false);
	conn_flush(r->outer);
	pass_out(r);
	pass_in(r);
}

void
relays_drain(struct login *l)
{
	struct list *at = l->relays.next, *next;

	for (; at != &l->relays; at = next) {
		struct relay *r = LIST_OF(at, struct relay, in);

		next = at->next;
		if (r->outer == NULL)
			relay_free(r);
	}
}

/* The processes behind them have been told to stop as well; what they still
 * say is passed on until they close. */
void
relays_end(struct login *l)
{
	while (!list_empty(&l->relays)) {
		struct relay *r = LIST_OF(l->relays.next, struct relay, in);

		if (r->parked != NULL && r->state != RELAY_ON) {
			park_end(r, "Server is shutting down");
			continue;
		}
		if (r->outer != NULL)
			conn_finish(&r->outer);
		relay_free(r);
	}
}
