/*
 * park.c - clients that wait, without a process
 *
 * An imapd whose client has been silent for a while leaves it here, with what
 * the next imapd must know, a pass of auth that says whose it is, and the
 * descriptor of its watch on the folder, which we could not make ourselves.
 * When the client speaks, or the descriptor says that the folder has changed,
 * auth is shown the pass and hands a new imapd one end of a relay. We read
 * neither the state nor what the watch would tell.
 *
 * An imapd is its user's, and may say and send anything here.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "calls/auth_call.h"
#include "calls/park_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "login/conf.h"
#include "login/login.h"
#include "login/relay.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tls/conn.h"

enum {
	ALIVE_MS = 120000, /* a sign of life for NAT and dead peers */
	AGAIN_MS = 1000, /* after an imapd could not be had; doubles */
	TRIES_MOST = 8,
	/* asked for at once: each holds four descriptors for that time */
	JOINS_MOST = 200
};

struct parked {
	struct buf pass, state;
	struct buf user, client_addr; /* fit for the log */
	uint64_t headers, body, rcvd, sent;
	int64_t began, ends_ms, alive_ms;
	bool idling;
	int watch, held; /* of park_offer; held is only kept */
	struct loop_io *watch_io;
	struct loop_timer *timer;
	/* while a new imapd is asked for */
	struct channel_call *asking;
	int inner, park_fd; /* our ends */
	unsigned tries;
	struct list in; /* of those who wait to ask */
	struct relay *waiting; /* the relay, while it stands there; or NULL */
};

void
park_close(struct relay *r)
{
	share_done(r);
	loop_io_free(&r->park_io);
	file_close(&r->park_fd);
}

static void
ends_close(struct parked *p)
{
	file_close(&p->inner);
	file_close(&p->park_fd);
}

static void
watch_close(struct parked *p)
{
	loop_io_free(&p->watch_io);
	file_close(&p->watch);
}

/* One that was asked for is so no more. */
static void
asked(struct login *l)
{
	l->joining--;
	if (!list_empty(&l->joiners))
		loop_timer_set(l->join_timer, 0);
}

static void
parked_free(struct relay *r)
{
	struct parked *p = r->parked;

	if (p == NULL)
		return;
	r->login->parked_count--;
	if (p->asking != NULL)
		asked(r->login);
	channel_cancel(&p->asking);
	if (p->waiting != NULL)
		list_remove(&p->in);
	loop_timer_free(&p->timer);
	watch_close(p);
	ends_close(p);
	file_close(&p->held);
	buf_wipe(&p->pass);
	buf_wipe(&p->state);
	buf_free(&p->user);
	buf_free(&p->client_addr);
	free(p);
	r->parked = NULL;
}

void
park_done(struct relay *r)
{
	parked_free(r);
	park_close(r);
}

static void
log_logout(struct parked *p)
{
	metric_count(METRIC_DISCONNECTIONS);
	log_info("LOGOUT, user=%s, ip=[%s], headers=%" PRIu64 ", body=%" PRIu64
		 ", rcvd=%" PRIu64 ", sent=%" PRIu64 ", time=%" PRId64,
	    buf_str(&p->user), buf_str(&p->client_addr), p->headers, p->body,
	    p->rcvd, p->sent, clock_wall() - p->began);
}

void
park_end(struct relay *r, const char *text)
{
	log_logout(r->parked);
	conn_printf(r->outer, "* BYE %s\r\n", text);
	conn_finish(&r->outer);
	relay_free(r);
}

/* An imapd that is on its way finds the client gone, and says so itself. */
void
park_lost(struct relay *r)
{
	if (r->parked->asking == NULL)
		log_logout(r->parked);
	relay_free(r);
}

/* --- joining --- */

static void
again_later(struct relay *r)
{
	struct parked *p = r->parked;

	ends_close(p);
	if (++p->tries > TRIES_MOST && r->outer_eof)
		park_lost(r);
	else if (p->tries > TRIES_MOST)
		park_end(r, "[UNAVAILABLE] Your mail cannot be opened now");
	else
		loop_timer_set(p->timer,
		    (int64_t)AGAIN_MS << (p->tries < 5 ? p->tries : 5));
}

static void
joined(void *arg, struct packet_in *in)
{
	struct relay *r = arg;
	struct parked *p = r->parked;
	struct auth_user u;
	bool good = in != NULL && auth_user_get(in, &u);
	int inner, park_fd;

	p->asking = NULL;
	asked(r->login);
	if (!good || u.verdict == AUTH_TROUBLE) {
		again_later(r);
		return;
	}
	if (u.verdict != AUTH_OK) {
		log_warning("user=%s: a parked session cannot go on: %.*s",
		    buf_str(&p->user), (int)u.text.n, u.text.p);
		if (r->outer_eof)
			park_lost(r);
		else
			park_end(r, "Please log in again");
		return;
	}
	inner = p->inner;
	park_fd = p->park_fd;
	p->inner = p->park_fd = -1;
	parked_free(r);
	relay_join(r, inner, park_fd);
}

static void
ask_now(struct relay *r)
{
	struct parked *p = r->parked;
	struct packet_out o = { .fd_count = 0 };
	int inner[2], park[2];

	if (sock_pair(SOCK_STREAM, true, inner) == -1) {
		again_later(r);
		return;
	}
	p->inner = inner[0];
	if (sock_pair(SOCK_SEQPACKET, true, park) == -1) {
		file_close(&inner[1]);
		again_later(r);
		return;
	}
	p->park_fd = park[0];
	auth_rejoin_put(&o,
	    &(struct auth_rejoin){ .pass = buf_span(&p->pass),
		.state = buf_span(&p->state),
		.fd = inner[1],
		.park = park[1],
		.watch = p->watch });
	p->asking = channel_ask(r->login->auth, &o, joined, r);
	r->login->joining++;
	packet_done(&o);
	file_close(&inner[1]);
	file_close(&park[1]);
}

/* Some have their process. */
static void
ask_more(void *arg)
{
	struct login *l = arg;

	while (l->joining < JOINS_MOST && !list_empty(&l->joiners)) {
		struct parked *p = LIST_OF(l->joiners.next, struct parked, in);
		struct relay *r = p->waiting;

		list_remove(&p->in);
		p->waiting = NULL;
		ask_now(r);
	}
}

/* When all wake at once (a network is back, a stop of auth is over) they wait
 * in order: there would be no descriptors for them, nor for new clients. */
static void
ask(struct relay *r)
{
	struct login *l = r->login;

	if (l->joining < JOINS_MOST && list_empty(&l->joiners)) {
		ask_now(r);
		return;
	}
	if (l->join_timer == NULL)
		l->join_timer = loop_timer_new(l->loop, ask_more, l);
	r->parked->waiting = r;
	list_add_tail(&l->joiners, &r->parked->in);
}

void
park_wake(struct relay *r)
{
	r->state = RELAY_JOINING;
	/* not closed: the kernel would need milliseconds, and all others here
	 * would wait for them; the next imapd watches by it again */
	loop_io_free(&r->parked->watch_io);
	loop_timer_stop(r->parked->timer);
	ask(r);
}

static void
folder_changed(void *arg, unsigned ready)
{
	(void)ready;
	park_wake(arg);
}

static void
timer_set(struct parked *p)
{
	int64_t next = p->ends_ms;

	if (p->idling && p->alive_ms < next)
		next = p->alive_ms;
	next -= clock_ms();
	loop_timer_set(p->timer, next > 0 ? next : 0);
}

static void
timer_came(void *arg)
{
	struct relay *r = arg;
	struct parked *p = r->parked;

	if (r->state == RELAY_JOINING) {
		ask(r);
		return;
	}
	if (clock_ms() >= p->ends_ms) {
		park_end(r,
		    p->idling
			? "Autologout; idle for too long"
			: "Autologout; you have been silent for too long");
		return;
	}
	if (p->idling && clock_ms() >= p->alive_ms) {
		conn_printf(r->outer, "* OK Still here\r\n");
		conn_flush(r->outer);
		p->alive_ms = clock_ms() + ALIVE_MS;
	}
	timer_set(p);
}

void
park_begin(struct relay *r)
{
	struct parked *p = r->parked;

	r->state = RELAY_PARKED;
	p->timer = loop_timer_new(r->login->loop, timer_came, r);
	conn_pause(r->outer, false);
	if (conn_input(r->outer).n > 0) {
		park_wake(r);
		return;
	}
	if (p->watch != -1)
		p->watch_io = loop_io_new(
		    r->login->loop, p->watch, LOOP_READ, folder_changed, r);
	timer_set(p);
}

/* --- an offer --- */

/* What the event loop can wait for and what cannot be a trap for it: an inotify
 * descriptor is no file, and counts what can be read. */
static bool
watch_good(int fd)
{
	struct stat st;
	int n;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == 0 &&
	    ioctl(fd, FIONREAD, &n) == 0;
}

bool
park_client_good(int fd)
{
	int type = 0;
	socklen_t n = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	    type == SOCK_STREAM && sock_nonblock(fd, true) == 0;
}

/* Its close() must not wait for anything. */
static bool
held_good(int fd)
{
	int domain = 0;
	socklen_t n = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
	    domain == AF_UNIX;
}

/* Nothing is on its way from the client to the imapd; nor to the client, which
 * may be slow to read: who waits for an answer is not one who waits. */
static bool
is_quiet(const struct relay *r, const struct park_offer *p)
{
	if (r->outer == NULL)
		return p->client != -1 && park_client_good(p->client);
	return p->client == -1 && r->passed == p->received &&
	    conn_input(r->outer).n == 0 && conn_waiting(r->outer) == 0;
}

static void
keep(struct relay *r, const struct park_offer *o)
{
	struct parked *p = mem_new(sizeof(*p));

	r->parked = p;
	r->login->parked_count++;
	buf_add_span(&p->pass, o->pass);
	buf_add_span(&p->state, o->state);
	log_quote(&p->user, o->user, 100);
	log_quote(&p->client_addr, o->client_addr, 64);
	p->headers = o->headers;
	p->body = o->body;
	p->rcvd = o->rcvd;
	p->sent = o->sent;
	p->began = o->began;
	p->idling = o->idling;
	p->ends_ms = clock_ms() + (int64_t)o->silent_ms;
	p->alive_ms = clock_ms() + ALIVE_MS;
	p->watch = o->watch;
	p->held = o->held;
	p->inner = p->park_fd = -1;
}

bool
park_answer(const struct relay *r, bool kept)
{
	struct packet_out o = { .fd_count = 0 };
	bool sent;

	park_answer_put(&o, kept);
	sent = packet_send(r->park_fd, &o) == 0;
	packet_done(&o);
	return sent;
}

static void
offered(struct relay *r, struct park_offer *o)
{
	const struct login *l = r->login;
	bool good = r->state == RELAY_ON && o->pass.n > 0 &&
	    l->parked_count < (unsigned)l->conf->imap_park_limit &&
	    (o->watch == -1 || watch_good(o->watch)) &&
	    (o->held == -1 || held_good(o->held)) && is_quiet(r, o);

	if (!park_answer(r, good) || !good) {
		file_close(&o->watch);
		file_close(&o->client);
		file_close(&o->held);
		return;
	}
	keep(r, o);
	park_close(r);
	if (r->outer != NULL) {
		relay_outlive(r, RELAY_PARKING);
		return;
	}
	relay_take(r, o->client);
	park_begin(r);
}

static void
heard(void *arg, unsigned ready)
{
	struct relay *r = arg;
	struct packet_in in = { .bad = false };
	struct park_offer o;
	struct park_leave l;
	enum packet_result got;

	(void)ready;
	got = packet_recv(r->park_fd, &in);
	if (got == PACKET_OK && span_starts(in.call, "share_") &&
	    share_heard(r, &in)) {
		/* auth has been asked */
	} else if (got == PACKET_OK && span_is(in.call, "park_offer") &&
	    park_offer_get(&in, &o)) {
		offered(r, &o);
	} else if (got == PACKET_OK && span_is(in.call, "park_leave") &&
	    park_leave_get(&in, &l)) {
		leave_offered(r, &l);
	} else if (got != PACKET_WAIT) {
		park_close(r);
		if (r->outer == NULL)
			relay_free(r);
	}
	packet_in_done(&in);
}

void
park_listen(struct relay *r)
{
	r->park_io =
	    loop_io_new(r->login->loop, r->park_fd, LOOP_READ, heard, r);
}
