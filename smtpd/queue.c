/*
 * queue.c - smtpd's part of putting a message into the queue
 *
 * qmgr makes the file and passes its descriptor; smtpd writes content and
 * nothing else, and sends the envelope. 250 is said only after qmgr's DONE. If
 * qmgr was lost in between, the file is known to nobody: 451, without asking.
 */

#include "smtpd/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "config/overrides.h"
#include "intake/content.h"
#include "ipc/channel.h"
#include "message/header.h"
#include "os/clock.h"
#include "os/file.h"
#include "smtpd/clean.h"
#include "smtpd/conf.h"
#include "smtpd/log.h"
#include "smtpd/mauth.h"
#include "smtpd/milters.h"
#include "smtpd/policy.h"
#include "smtpd/received.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

/* More than this in one packet goes in packets of its own. */
enum { RCPT_BYTES_MAX = 20000 };

/* A question for a file outlives its session: the answer carries a descriptor
 * and leaves a file behind, which must be given up. */
struct opening {
	struct session *s; /* NULL: it is gone */
	struct channel *qmgr;
	queue_fn *fn;
	unsigned losses; /* of the connection, when it was asked */
	bool again;
};

static void
tell_abort(struct channel *qmgr, struct span qid)
{
	struct packet_out o = { .fd_count = 0 };

	queue_abort_put(&o, qid);
	channel_tell(qmgr, &o);
	packet_done(&o);
}

static void
refusal_of(struct refusal *r, struct why *why)
{
	bool full = span_is(span_str(why->status), "4.3.1");
	bool quota = span_is(span_str(why->status), "5.7.16");

	r->code = quota ? 552 : why->outcome == BOUNCE ? 554 : full ? 452 : 451;
	memcpy(r->status, why->status, sizeof(r->status));
	buf_add_span(&r->text, buf_span(&why->text));
}

static void opened(void *arg, struct packet_in *in);

static void
file_ask(struct opening *o)
{
	struct packet_out packet = { .fd_count = 0 };

	o->losses = channel_losses(o->qmgr);
	queue_new_put(&packet);
	(void)channel_ask(o->qmgr, &packet, opened, o);
	packet_done(&packet);
}

static void
opened(void *arg, struct packet_in *in)
{
	struct opening *o = arg;
	struct session *s = o->s;
	struct queue_file_reply got = { .fd = -1 };
	struct refusal r = { .code = 0 };
	struct why why;
	bool good;

	/* one that made place for the next at a reload; a file that it made
	 * went with the connection */
	if (in == NULL && s != NULL && !o->again &&
	    channel_losses(o->qmgr) != o->losses) {
		o->again = true;
		file_ask(o);
		return;
	}
	why_init(&why);
	why_set(&why, "4.3.0", "Error: queue file write error");
	good = in != NULL && queue_file_get(in, &got, &why) && got.qid.n > 0;
	if (s == NULL) {
		if (good)
			tell_abort(o->qmgr, got.qid);
		file_close(&got.fd);
		why_free(&why);
		free(o);
		return;
	}
	s->opening = NULL;
	if (good) {
		memcpy(s->mail->qid, got.qid.p, got.qid.n);
		s->mail->qid[got.qid.n] = '\0';
		s->mail->fd = got.fd;
		s->mail->losses = channel_losses(o->qmgr);
	} else {
		refusal_of(&r, &why);
	}
	o->fn(s, good ? NULL : &r);
	buf_free(&r.text);
	why_free(&why);
	free(o);
	session_run(s);
}

void
queue_open(struct session *s, queue_fn *fn)
{
	struct opening *o = mem_new(sizeof(*o));

	o->s = s;
	o->qmgr = s->smtpd->qmgr;
	o->fn = fn;
	s->opening = o;
	s->mail->arrival = clock_wall();
	file_ask(o);
}

void
opening_orphan(struct opening **o)
{
	if (*o != NULL)
		(*o)->s = NULL;
	*o = NULL;
}

void
queue_abort(struct session *s, struct mail *m)
{
	if (m->qid[0] != '\0' && channel_losses(s->smtpd->qmgr) == m->losses)
		tell_abort(s->smtpd->qmgr, span_str(m->qid));
	m->qid[0] = '\0';
	file_close(&m->fd);
}

/* Recipients of the front that go in a packet of their own: none when all fit
 * into the commit. */
static size_t
rcpts_ahead(const struct mail *m, size_t from)
{
	size_t n = 0, bytes = 0;

	while (from + n < m->count && n < QUEUE_RCPTS_PACKET &&
	    bytes < RCPT_BYTES_MAX) {
		bytes += m->rcpts[from + n].address.n +
		    m->rcpts[from + n].orcpt.n + 32;
		n++;
	}
	return from + n == m->count ? 0 : n;
}

/* What access tables asked for: others are told nothing of their mail. */
static void
rcpts_settle(struct mail *m)
{
	if (m->redirect.n > 0) {
		m->count = 1;
		m->rcpts[0] = (struct queue_rcpt){ .address = m->redirect };
	}
	for (const struct bcc *b = m->bcc; b != NULL; b = b->next) {
		m->rcpts =
		    mem_resize(m->rcpts, m->count + 1, sizeof(*m->rcpts));
		m->rcpts[m->count++] =
		    (struct queue_rcpt){ .address = b->address,
			    .notify = NOTIFY_NEVER };
	}
	m->room = m->count;
}

static size_t
send_rcpts(struct session *s)
{
	struct mail *m = s->mail;
	struct packet_out o = { .fd_count = 0 };
	size_t at = 0, n;

	while ((n = rcpts_ahead(m, at)) > 0) {
		queue_rcpts_put(&o, span_str(m->qid), m->rcpts + at, n);
		channel_tell(s->smtpd->qmgr, &o);
		at += n;
	}
	packet_done(&o);
	return at;
}

static void
committed(struct session *s, struct packet_in *in)
{
	struct refusal r = { .code = 0 };
	queue_fn *fn = s->committed;
	struct why why;

	why_init(&why);
	if (in == NULL || !queue_done_get(in, &why))
		why_set(&why, "4.3.0", "Error: queue file write error");
	if (why.outcome != DONE)
		refusal_of(&r, &why);
	fn(s, why.outcome == DONE ? NULL : &r);
	buf_free(&r.text);
	why_free(&why);
}

/* XFORWARD's word, or what we see ourselves. */
static struct span
client_fact(const struct session *s, enum forward_part part, const char *own)
{
	return span_str(s->forwarded[part] != NULL ? s->forwarded[part] : own);
}

/* Nobody said so, but it looks like it. */
static bool
looks_utf8(const struct session *s)
{
	const struct mail *m = s->mail;

	if (!s->smtpd->autodetect_utf8)
		return false;
	for (size_t i = 0; i < m->count; i++)
		if (utf8_wide(m->rcpts[i].address))
			return true;
	return utf8_wide(m->sender) || content_is_utf8(m->content);
}

static unsigned
flags_of(const struct session *s)
{
	const struct mail *m = s->mail;
	unsigned flags = 0;

	if (m->eight_bit)
		flags |= QUEUE_8BIT;
	if (m->hold)
		flags |= QUEUE_HOLD;
	if ((s->smtpd->overrides & NO_ADDRESS_MAPPINGS) != 0)
		flags |= QUEUE_NO_MAPPINGS;
	if (m->smtputf8 || looks_utf8(s))
		flags |= QUEUE_SMTPUTF8;
	if (m->requiretls)
		flags |= QUEUE_REQUIRETLS;
	else if (s->smtpd->conf->tls_required_enable &&
	    content_tls_optional(m->content))
		flags |= QUEUE_TLS_OPTIONAL;
	return flags;
}

static void
envelope_make(
    struct session *s, struct span edits, size_t from, struct queue_envelope *e)
{
	struct mail *m = s->mail;

	*e = (struct queue_envelope){
		.qid = span_str(m->qid),
		.sender = m->sender,
		.size = content_size(m->content),
		.crc = content_crc(m->content),
		.message_id = received_message_id(s),
		.edits = edits,
		.client_name = client_fact(s, FORWARD_NAME, s->client.name),
		.client_addr = client_fact(s, FORWARD_ADDR, s->client.addr),
		.helo = client_fact(s, FORWARD_HELO, s->helo),
		.proto = client_fact(s, FORWARD_PROTO, session_protocol(s)),
		.sasl_method = span_str(s->sasl_method),
		.sasl_username = span_str(s->sasl_username),
		.envid = m->envid,
		.filter = m->filter_to.n > 0
		    ? m->filter_to
		    : span_trim(span_str(s->smtpd->conf->content_filter)),
		.ret = m->ret,
		.verp = m->verp,
		.flags = flags_of(s),
		.release = m->release,
		.hold = m->hold_param,
		.rcpt_count = m->count - from,
		.rcpts = m->rcpts + from,
	};
}

static void
commit_signed(struct session *s)
{
	struct mail *m = s->mail;
	struct packet_out o = { .fd_count = 0 };
	struct queue_envelope e;

	m->qid_done = true; /* whatever comes of it, the file is qmgr's */
	if (channel_losses(s->smtpd->qmgr) != m->losses) {
		committed(s, NULL);
		return;
	}
	rcpts_settle(m);
	event_message_id(s, received_message_id(s));
	envelope_make(s, buf_span(&m->edits), send_rcpts(s), &e);
	queue_commit_put(&o, &e);
	session_ask(s, s->smtpd->qmgr, &o, committed);
	packet_done(&o);
}

/* What milters made of it, if there are any. */
static void
commit_judged(struct session *s, const struct refusal *r, bool drop)
{
	if (r != NULL || drop) {
		s->committed(s, r); /* the file is given up */
		return;
	}
	received_put(s, &s->mail->edits);
	if (!mauth_sign(s, commit_signed))
		commit_signed(s);
}

static void
commit(struct session *s)
{
	received_edits(s, &s->mail->edits);
	if (!judge_message(s, commit_judged))
		commit_judged(s, NULL, false);
}

static void
cleaned(struct session *s, const struct refusal *r)
{
	if (r != NULL)
		s->committed(s, r);
	else
		commit(s);
}

void
queue_commit(struct session *s, queue_fn *fn)
{
	s->committed = fn;
	if (!clean_run(s, cleaned))
		commit(s);
}
