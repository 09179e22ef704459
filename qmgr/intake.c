/*
 * intake.c - smtpd, pickup and bounce put messages in
 *
 * A message is an open file in incoming/ until its commit. Then, in this
 * order: envelope and closing record are written behind the content; the file
 * is renamed into active/; the message goes into the accept log or, where that
 * does not take it, file and folder are flushed, in flight together with
 * everybody else's; and only then the caller hears DONE. The closing record,
 * not the folder, says that a file is whole (docs/QUEUE.md).
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/table.h"
#include "base/why.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/syncpool.h"
#include "qmgr/accept_log.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "service/service.h"

enum { OPEN_MAX_PEER = 20000 };

/* A file that a caller is writing. */
struct entry {
	struct qmgr *q;
	struct list in; /* of its peer's */
	char id[QUEUE_ID_MAX + 1];
	int fd;
	int64_t begun_us;
	struct arena *arena; /* of rcpts */
	struct queue_rcpt *rcpts;
	size_t count, room;
	const char *spoilt; /* why it cannot be committed, or NULL */
	/* Once it is being committed: */
	struct server_peer *peer;
	uint32_t call_id;
	struct message *message;
};

struct caller {
	struct table *entries; /* by id */
};

static struct caller *
caller_of(struct server_peer *p)
{
	struct caller *c = server_peer_data(p);

	if (c == NULL) {
		c = mem_new(sizeof(*c));
		c->entries = table_new();
		server_peer_data_set(p, c);
	}
	return c;
}

static void
entry_free(struct entry *e)
{
	e->q->entries--;
	file_close(&e->fd);
	arena_free(&e->arena);
	free(e->rcpts);
	free(e);
}

/* Never committed: nobody was told 250. */
static void
entry_abort(void *value)
{
	struct entry *e = value;

	syncpool_unlink(
	    e->q->pool, e->q->folders[PLACE_INCOMING], e->id, NULL, NULL);
	entry_free(e);
}

static void
answer_file(struct server_peer *p, uint32_t id, const struct entry *e,
    const struct why *why)
{
	struct packet_out o = { .fd_count = 0 };

	queue_file_put(&o, id, e == NULL ? span_of("", 0) : span_str(e->id),
	    e == NULL ? -1 : e->fd, why);
	server_reply(p, &o);
	packet_done(&o);
}

static struct entry *
entry_new(struct qmgr *q, struct caller *c, struct why *why)
{
	struct entry *e = mem_new(sizeof(*e));

	e->q = q;
	e->begun_us = clock_wall_us();
	e->fd = spool_create(q, e->id);
	if (e->fd == -1) {
		log_error("create a queue file: %s", strerror(errno));
		why_set(why, "4.3.0", "queue file write error");
		free(e);
		return NULL;
	}
	e->arena = arena_new();
	q->entries++;
	table_put(c->entries, span_str(e->id), e);
	return e;
}

static void
file_give(struct qmgr *q, struct server_peer *p, uint32_t id)
{
	struct caller *c = caller_of(p);
	struct entry *e = NULL;
	struct why why;

	why_init(&why);
	if (spool_is_low(q))
		why_set(&why, "4.3.1", "Insufficient system storage");
	else if (table_count(c->entries) >= OPEN_MAX_PEER)
		why_set(&why, "4.3.2", "too many open messages");
	else
		e = entry_new(q, c, &why);
	answer_file(p, id, e, &why);
	why_free(&why);
}

/* A question for a file that has to wait. */
struct slowed {
	struct qmgr *q;
	struct server_peer *peer;
	uint32_t id;
	struct loop_timer *timer;
};

static void
slowed_end(void *arg)
{
	struct slowed *x = arg;

	x->q->slowed--;
	if (!server_peer_is_gone(x->peer))
		file_give(x->q, x->peer, x->id);
	server_peer_drop(&x->peer);
	loop_timer_free(&x->timer);
	free(x);
}

/* While mail comes faster than it can be worked on, each new message waits for
 * in_flow_delay, so that what is here gets its share of the disk. */
static void
call_new(struct qmgr *q, struct server_peer *p, struct packet_in *in)
{
	struct slowed *x;

	if (!queue_new_get(in)) {
		server_refuse(p, in);
		return;
	}
	if (q->conf->in_flow_delay == 0 || !active_is_full(q) ||
	    q->slowed >= OPEN_MAX_PEER) {
		file_give(q, p, in->id);
		return;
	}
	x = mem_new(sizeof(*x));
	x->q = q;
	x->peer = server_peer_hold(p);
	x->id = in->id;
	x->timer = loop_timer_new(q->loop, slowed_end, x);
	loop_timer_set(x->timer, q->conf->in_flow_delay * 1000);
	q->slowed++;
}

static bool
rcpts_keep(struct entry *e, const struct queue_rcpt *rcpts, size_t count)
{
	if (e->count + count > QFILE_RCPTS_MAX / 2)
		return false;
	if (e->count + count > e->room) {
		e->room = e->room * 2 + count;
		e->rcpts = mem_resize(e->rcpts, e->room, sizeof(*e->rcpts));
	}
	for (size_t i = 0; i < count; i++) {
		struct queue_rcpt *r = &e->rcpts[e->count++];

		r->address = arena_span(e->arena, rcpts[i].address);
		r->orcpt = arena_span(e->arena, rcpts[i].orcpt);
		r->notify = rcpts[i].notify;
	}
	return true;
}

/* The line is for the administrator: who asks like that is out of step. */
static void
complain(const struct server_peer *p, const char *what, struct span qid)
{
	struct buf quoted = BUF_EMPTY;

	log_quote(&quoted, qid, QUEUE_ID_MAX);
	log_warning("from %s: %s: %s", server_peer_label(p), what,
	    quoted.n == 0 ? "no queue id" : buf_str(&quoted));
	buf_free(&quoted);
}

/* A caller has many messages open at once: what is wrong with one of them is
 * said at its commit, and the others go on. Only where nobody can tell whose
 * recipients those were, the connection ends. */
static void
call_rcpts(struct server_peer *p, struct packet_in *in)
{
	struct arena *a = arena_new();
	const struct queue_rcpt *rcpts;
	struct span qid;
	size_t count;
	bool good = queue_rcpts_get(in, a, &qid, &rcpts, &count);
	struct entry *e = table_get(caller_of(p)->entries, qid);

	if (!good && e == NULL) {
		server_refuse(p, in);
	} else if (e == NULL) {
		complain(p, "recipients for an unknown message", qid);
	} else if (!good) {
		complain(p, "malformed recipients", qid);
		e->spoilt = "malformed recipients";
	} else if (!rcpts_keep(e, rcpts, count)) {
		e->spoilt = "too many recipients";
	}
	arena_free(&a);
}

static void
accepted_count(const char *from)
{
	metric_count(strcmp(from, "pickup") == 0 ? METRIC_ACCEPTED_PICKUP
		: strcmp(from, "bounce") == 0    ? METRIC_ACCEPTED_BOUNCE
						 : METRIC_ACCEPTED_SMTPD);
}

static void
answer_done(struct entry *e, const struct why *why)
{
	struct packet_out o = { .fd_count = 0 };

	if (why->outcome == DONE)
		accepted_count(server_peer_label(e->peer));
	queue_done_put(&o, e->call_id, why);
	server_reply(e->peer, &o);
	packet_done(&o);
	server_peer_drop(&e->peer);
}

/* The commit failed: the file goes, nobody was told 250. */
static void
commit_failed(struct entry *e, const char *what, int error)
{
	struct why why;

	e->q->commits--;
	why_init(&why);
	log_error("%s: %s: %s", e->id, what, strerror(error));
	if (error == ENOSPC || error == EDQUOT)
		why_set(&why, "4.3.1", "Insufficient system storage");
	else
		why_set(&why, "4.3.0", "queue file write error");
	if (e->message != NULL) {
		syncpool_unlink(e->q->pool, e->q->folders[e->message->place],
		    e->id, NULL, NULL);
		message_free(&e->message);
	} else {
		(void)file_unlink(e->q->folders[PLACE_INCOMING], e->id);
	}
	answer_done(e, &why);
	why_free(&why);
	entry_free(e);
}

static void
flushed(void *arg, int error)
{
	struct entry *e = arg;
	struct message *m = e->message;
	struct why why;

	if (error != 0) {
		commit_failed(e, "flush queue file", error);
		return;
	}
	e->q->commits--;
	m->committing = false;
	why_init(&why);
	answer_done(e, &why);
	why_free(&why);
	m->fd = e->fd; /* marks go through it */
	e->fd = -1;
	entry_free(e);
	if (m->place == PLACE_ACTIVE && !active_is_full(m->q)) {
		active_start(m);
		return;
	}
	message_sleep(m);
	if (m->place == PLACE_ACTIVE)
		clog_look(m->q);
	if (m->place == PLACE_ACTIVE)
		retry_plan(m, clock_wall());
	else if (m->place == PLACE_DEFERRED)
		retry_release(m);
}

static void
flush(struct entry *e)
{
	syncpool_both_sync(
	    e->q->folder_sync[e->message->place], e->fd, flushed, e);
}

static void
envelope_make(struct entry *e, const struct queue_envelope *from,
    struct qfile_envelope *out)
{
	*out = (struct qfile_envelope){ .arrival_us = e->begun_us,
		.release = from->release,
		.hold = from->hold,
		.flags = from->flags,
		.ret = from->ret,
		.sender = from->sender,
		.envid = from->envid,
		.message_id = from->message_id,
		.edits = from->edits,
		.client_name = from->client_name,
		.client_addr = from->client_addr,
		.helo = from->helo,
		.proto = from->proto,
		.sasl_method = from->sasl_method,
		.sasl_username = from->sasl_username,
		.filter = from->filter,
		.verp = from->verp,
		.rcpt_count = e->count };
	out->rcpts = arena_array(e->arena, e->count, sizeof(*out->rcpts));
	for (size_t i = 0; i < e->count; i++)
		out->rcpts[i] = (struct qfile_rcpt){ .state = STATE_QUEUED,
			.notify = e->rcpts[i].notify,
			.address = e->rcpts[i].address,
			.orcpt = e->rcpts[i].orcpt };
}

/* Write what stands behind the content, and leave it in bytes. -1 with errno.
 */
static int
close_file(
    struct entry *e, const struct queue_envelope *from, struct buf *bytes)
{
	struct qfile_envelope out;
	struct qfile_closing first;
	struct stat st;
	int got = -1;

	if (fstat(e->fd, &st) == -1)
		return -1;
	if ((uint64_t)st.st_size != from->size) {
		errno = EBADMSG; /* the caller miscounted */
		return -1;
	}
	envelope_make(e, from, &out);
	qfile_put(bytes, &out, from->size, from->crc);
	if (!qfile_closing_get(
		span_skip(buf_span(bytes), bytes->n - QFILE_CLOSING), &first))
		errno = EFBIG;
	else
		got = file_write_at(e->fd, buf_span(bytes), from->size);
	if (got == 0) {
		e->message = message_new(e->q, e->id, PLACE_INCOMING);
		message_take(e->message, &out, &first, from->size + bytes->n);
		e->message->committing = true;
	}
	return got;
}

/* The log did not take it after all. */
static void
logged(void *arg, int error)
{
	struct entry *e = arg;

	if (error != 0)
		flush(e);
	else
		flushed(e, 0);
}

static void
commit(struct entry *e, const struct queue_envelope *from)
{
	enum place to = (from->flags & QUEUE_HOLD) != 0 ? PLACE_HOLD
	    : from->release > clock_wall()              ? PLACE_DEFERRED
							: PLACE_ACTIVE;
	struct buf tail = BUF_EMPTY;

	e->q->commits++;
	if (close_file(e, from, &tail) == -1) {
		commit_failed(e, "write queue file", errno);
	} else if (spool_move(e->q, e->id, PLACE_INCOMING, to) == -1) {
		commit_failed(e, "rename queue file", errno);
	} else {
		e->message->place = to;
		/* what waits for its release is in no hurry */
		if (to == PLACE_DEFERRED ||
		    !accept_log_add(
			e->message, e->fd, buf_span(&tail), logged, e))
			flush(e);
	}
	buf_free(&tail);
}

/* Not taken, and the reason to whoever asked. */
static void
commit_refuse(struct server_peer *p, const struct packet_in *in,
    const char *reason, struct span qid)
{
	struct packet_out o = { .fd_count = 0 };
	struct why why;

	complain(p, reason, qid);
	why_init(&why);
	why_set(&why, "4.3.0", "queue file write error: %s", reason);
	queue_done_put(&o, in->id, &why);
	server_reply(p, &o);
	packet_done(&o);
	why_free(&why);
}

static const char *
commit_trouble(bool good, struct entry *e, const struct queue_envelope *from)
{
	if (e == NULL)
		return good ? "unknown message" : "malformed commit";
	if (!good)
		return "malformed commit";
	if (!rcpts_keep(e, from->rcpts, from->rcpt_count))
		return "too many recipients";
	return e->spoilt == NULL && e->count == 0 ? "no recipients" : e->spoilt;
}

/* RFC 4865, 6: there is an end to what one user may leave with us. */
static void
quota_refuse(struct server_peer *p, const struct packet_in *in,
    const struct queue_envelope *from)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf user = BUF_EMPTY;
	struct why why;

	log_quote(&user, from->sasl_username, 256);
	log_warning("%.*s: too many messages are held for sasl_username=%s "
		    "(future_release_message_limit)",
	    (int)from->qid.n, from->qid.p, buf_str(&user));
	buf_free(&user);
	why_init(&why);
	why_set(&why, "5.7.16", "Future release message quota exceeded");
	queue_done_put(&o, in->id, &why);
	server_reply(p, &o);
	packet_done(&o);
	why_free(&why);
}

static void
call_commit(struct server_peer *p, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct queue_envelope envelope = { .flags = 0 };
	bool good = queue_commit_get(in, a, &envelope);
	struct entry *e = table_remove(caller_of(p)->entries, envelope.qid);
	const char *trouble = commit_trouble(good, e, &envelope);

	if (trouble != NULL) {
		commit_refuse(p, in, trouble, envelope.qid);
		if (e != NULL)
			entry_abort(e);
	} else if (envelope.release > clock_wall() &&
	    retry_too_many(e->q, envelope.sasl_username)) {
		quota_refuse(p, in, &envelope);
		entry_abort(e);
	} else {
		e->peer = server_peer_hold(p);
		e->call_id = in->id;
		commit(e, &envelope);
	}
	arena_free(&a);
}

static void
call_abort(struct server_peer *p, struct packet_in *in)
{
	struct entry *e;
	struct span qid;

	if (!queue_abort_get(in, &qid)) {
		server_refuse(p, in);
		return;
	}
	e = table_remove(caller_of(p)->entries, qid);
	if (e != NULL)
		entry_abort(e);
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	struct qmgr *q = arg;

	if (span_is(in->call, "queue_new"))
		call_new(q, p, in);
	else if (span_is(in->call, "queue_rcpts"))
		call_rcpts(p, in);
	else if (span_is(in->call, "queue_commit"))
		call_commit(p, in);
	else if (span_is(in->call, "queue_abort"))
		call_abort(p, in);
	else if (span_is(in->call, "flush"))
		admin_flush(q, p, in); /* ETRN */
	else
		server_refuse(p, in);
}

/* Its open messages go with it. */
static void
gone(void *arg, struct server_peer *p)
{
	struct caller *c = server_peer_data(p);

	(void)arg;
	if (c == NULL)
		return;
	table_free(&c->entries, entry_abort);
	free(c);
	server_peer_data_set(p, NULL);
}

void
intake_serve(struct qmgr *q, int fd, const char *label)
{
	static const struct server_calls calls = { request, gone };

	(void)server_new(q->loop, fd, label, &calls, q);
}

void
intake_start(struct qmgr *q)
{
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		if (strcmp(l->label, "showq") != 0 &&
		    strcmp(l->label, "flush") != 0 &&
		    strcmp(l->label, "public") != 0)
			intake_serve(q, l->fd, l->label);
	}
}
