/*
 * serve.c - reports asked for by qmgr, put into its queue
 *
 * A report is composed in memory (its size is bounded by bounce_size_limit),
 * then goes the way of every message: a file from qmgr, content, commit. qmgr
 * hears DONE only after its own commit said so.
 */

#include "bounce/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crc.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/why.h"
#include "bounce/conf.h"
#include "bounce/notice.h"
#include "bounce/report.h"
#include "bounce/words.h"
#include "calls/bounce_call.h"
#include "calls/notice_call.h"
#include "calls/queue_call.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "message/date.h"
#include "message/header.h"
#include "milter/local.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "queue/edits.h"
#include "service/notice.h"
#include "service/service.h"

/* Milters have less time than qmgr gives us. */
enum {
	HEADER_MOST = 65536,
	NOTES_MOST = 2,
	NOTICES_MOST = 20,
	NOTICES_MINUTE = 60,
	MINUTE_MS = 60000,
	JUDGE_MS = 20000
};

struct serve {
	const struct bounce_conf *conf;
	const struct all_words *words;
	struct channel *qmgr;
	const struct milter_conf *milters; /* NULL: none sees reports */
	unsigned classes; /* notify_classes, enum notice_class */
	unsigned notices; /* under way */
	unsigned notices_seen; /* in the minute that began then */
	int64_t notices_begun;
	char *double_bounce; /* the address that postmasters are written from */
};

/* A message to be put into the queue. */
struct note {
	struct report report;
	enum report_role role;
	char *from, *to;
	struct buf qid;
	unsigned flags; /* enum queue_flag, that milters asked for */
	uint64_t size;
	uint32_t crc;
	struct buf edits;
	/* while milters look at it */
	int fd;
	struct arena *arena; /* NULL: they do not */
	struct milter_mail *mail;
	struct milter_local *milters;
	struct loop_timer *limit;
	struct queue_rcpt rcpt;
	bool refused; /* for good */
};

/* The first note is what was asked for; what comes behind it is a courtesy,
 * whose failure is logged and no more. */
struct job {
	struct serve *serve;
	struct server_peer *peer; /* NULL: nobody waits for an answer */
	uint32_t id;
	struct note notes[NOTES_MOST];
	size_t count, at;
	char *about; /* queue id of the message it is about */
	enum bounce_kind kind;
	unsigned flags; /* of the original */
};

static const char *
kind_name(enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return "non-delivery";
	case BOUNCE_DELAYED:
		return "delay";
	case BOUNCE_SUCCESS:
	case BOUNCE_VERIFY:
	case BOUNCE_KINDS:
		break;
	}
	return "delivery status";
}

static void
job_free(struct job *j)
{
	for (size_t i = 0; i < j->count; i++) {
		struct note *n = &j->notes[i];

		buf_free(&n->report.content);
		buf_free(&n->report.message_id);
		buf_free(&n->qid);
		buf_free(&n->edits);
		free(n->from);
		free(n->to);
	}
	if (j->peer != NULL)
		server_peer_drop(&j->peer);
	free(j->about);
	free(j);
}

/* The word to qmgr, after the last note or the first that failed. */
static void
job_end(struct job *j, const struct why *why)
{
	struct packet_out o = { .fd_count = 0 };

	if (j->peer == NULL) {
		if (why->outcome != DONE)
			log_warning("errors from %s: the postmaster is not "
				    "told: %.*s",
			    j->about, (int)why->text.n, why->text.p);
		j->serve->notices--;
		job_free(j);
		return;
	}
	bounce_done_put(&o, j->id, why,
	    j->count > 0 ? buf_span(&j->notes[0].qid) : SPAN(""));
	server_reply(j->peer, &o);
	packet_done(&o);
	job_free(j);
}

static void note_begin(struct job *j);

/* The note under way ended with that. */
static void
note_end(struct job *j, struct why *why)
{
	const struct note *n = &j->notes[j->at];

	if (why->outcome == DONE && n->refused) {
		log_warning("%s: %.*s, a notification about it, is refused by "
			    "milters and thrown away",
		    j->about, (int)n->qid.n, n->qid.p);
	} else if (why->outcome == DONE && j->peer == NULL) {
		log_info("errors from %s: postmaster notification: %.*s",
		    j->about, (int)n->qid.n, n->qid.p);
	} else if (why->outcome == DONE) {
		log_info("%s: %s %s notification: %.*s", j->about,
		    n->role == REPORT_SENDER ? "sender" : "postmaster",
		    kind_name(j->kind), (int)n->qid.n, n->qid.p);
	} else if (j->at > 0) {
		log_warning("%s: the postmaster's copy is not sent: %s",
		    j->about, why_text(why));
		why_set(why, "2.0.0", "ok");
	}
	if (why->outcome == DONE && ++j->at < j->count)
		note_begin(j);
	else
		job_end(j, why);
}

static void
note_failed(struct job *j, const char *text)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.3.0", "%s", text);
	note_end(j, &why);
	why_free(&why);
}

static void
committed(void *arg, struct packet_in *in)
{
	struct job *j = arg;
	struct why why;

	why_init(&why);
	if (in == NULL || !queue_done_get(in, &why))
		why_set(&why, "4.3.0", "qmgr is not available");
	note_end(j, &why);
	why_free(&why);
}

static void
received_put(const struct job *j, struct buf *edits)
{
	struct buf line = BUF_EMPTY;
	const struct buf *qid = &j->notes[j->at].qid;
	int64_t now = clock_wall();

	buf_printf(&line, "Received: by %s (%s)\n\tid %.*s; ",
	    j->serve->conf->myhostname, j->serve->conf->mail_name, (int)qid->n,
	    qid->p);
	date_print(&line, now, date_local_zone(now));
	buf_add_byte(&line, '\n');
	edits_add(edits, EDIT_PREPEND, 0, buf_span(&line));
	buf_free(&line);
}

/* A report is of the kind of what it is about (RFC 6533, 4.5), and is guarded
 * like it (RFC 8689, 5). */
static unsigned
flags_of(const struct job *j, const struct note *n)
{
	unsigned flags =
	    QUEUE_BOUNCE | n->flags | (j->flags & QUEUE_REQUIRETLS);

	if ((j->flags & QUEUE_SMTPUTF8) != 0 || utf8_wide(span_str(n->to)))
		flags |= QUEUE_SMTPUTF8;
	return flags;
}

static void
commit(struct job *j)
{
	struct note *n = &j->notes[j->at];
	struct packet_out o = { .fd_count = 0 };
	struct queue_rcpt rcpt = { .address = span_str(n->to),
		.notify = NOTIFY_NEVER };
	struct queue_envelope e = { .qid = buf_span(&n->qid),
		.sender = span_str(n->from),
		.size = n->size,
		.crc = n->crc,
		.message_id = buf_span(&n->report.message_id),
		.proto = SPAN("bounce"),
		.flags = flags_of(j, n),
		.rcpt_count = 1,
		.rcpts = &rcpt };

	received_put(j, &n->edits);
	e.edits = buf_span(&n->edits);
	queue_commit_put(&o, &e);
	(void)channel_ask(j->serve->qmgr, &o, committed, j);
	packet_done(&o);
}

static void
give_up(struct job *j)
{
	struct packet_out o = { .fd_count = 0 };

	queue_abort_put(&o, buf_span(&j->notes[j->at].qid));
	channel_tell(j->serve->qmgr, &o);
	packet_done(&o);
}

/* ---- milters, where internal_mail_filter_classes has reports for them */

static void
rcpt_kept(void *arg, struct span address)
{
	(void)address;
	log_warning("%s: a milter cannot change to whom a report goes",
	    ((const struct note *)arg)->mail->qid);
}

static void
rcpt_kept_too(void *arg, const struct queue_rcpt *r)
{
	rcpt_kept(arg, r->address);
}

static void
judge_end(struct note *n)
{
	loop_timer_free(&n->limit);
	milter_local_cancel(&n->milters);
	arena_free(&n->arena);
	file_close(&n->fd);
}

/* A report that they refuse for good goes nowhere: about it none is written. */
static void
judged(void *arg, const struct milter_verdict *v)
{
	struct job *j = arg;
	struct note *n = &j->notes[j->at];
	bool soft = v->fate == MILTER_REFUSE && v->code < 500;
	struct why why;

	n->refused = v->fate != MILTER_GO_ON && !soft;
	n->flags |= n->mail->hold ? QUEUE_HOLD : 0U;
	if (n->mail->body_replaced) {
		n->size = n->mail->size;
		n->crc = n->mail->crc;
	}
	if (v->fate == MILTER_GO_ON) {
		milter_mail_edits(n->mail);
		judge_end(n);
		commit(j);
		return;
	}
	judge_end(n);
	give_up(j);
	why_init(&why);
	why_set(&why, soft ? "4.7.1" : "2.0.0", "refused by a milter");
	note_end(j, &why);
	why_free(&why);
}

/* qmgr would ask for the same again. */
static void
judged_too_late(void *arg)
{
	struct job *j = arg;

	log_warning("%s: milters take too long", buf_str(&j->notes[j->at].qid));
	judge_end(&j->notes[j->at]);
	give_up(j);
	note_failed(j, "milters take too long");
}

/* Takes fd. */
static void
judge(struct job *j, int fd)
{
	struct note *n = &j->notes[j->at];
	const char *qid = buf_str(&n->qid);
	struct milter_local_request r = { .conf = j->serve->milters,
		.loop = service_loop(),
		.connector = service_channel("connector"),
		.hostname = j->serve->conf->myhostname,
		.sender = span_str(n->from),
		.rcpts = &n->rcpt,
		.rcpt_count = 1 };

	n->fd = fd;
	n->arena = arena_new();
	n->rcpt.address = span_str(n->to);
	n->mail = arena_alloc(n->arena, sizeof(*n->mail));
	*n->mail = (struct milter_mail){ .fd = fd,
		.body_at = header_end(buf_span(&n->report.content)),
		.size = n->size,
		.arena = n->arena,
		.edits = &n->edits,
		.qid = qid,
		.rcpt_add = rcpt_kept_too,
		.rcpt_remove = rcpt_kept,
		.arg = n };
	r.mail = n->mail;
	n->limit = loop_timer_new(service_loop(), judged_too_late, j);
	loop_timer_set(n->limit, JUDGE_MS);
	n->milters = milter_local_start(&r, judged, j);
}

static void
write_content(struct job *j, int fd)
{
	struct note *n = &j->notes[j->at];
	int got = file_write(fd, buf_span(&n->report.content));

	n->size = n->report.content.n;
	n->crc = crc_add(0, buf_span(&n->report.content));
	if (got == -1)
		log_error("%s: write: %s", buf_str(&n->qid), strerror(errno));
	if (got == 0) {
		log_info_as("cleanup", "%s: message-id=%s", buf_str(&n->qid),
		    buf_str(&n->report.message_id));
		if (j->serve->milters != NULL) {
			judge(j, fd);
			return;
		}
	}
	if (file_close(&fd) == 0 && got == 0) {
		commit(j);
		return;
	}
	give_up(j);
	note_failed(j, "queue file write error");
}

static void
file_came(void *arg, struct packet_in *in)
{
	struct job *j = arg;
	struct queue_file_reply reply = { .fd = -1 };
	struct why why;

	why_init(&why);
	if (in == NULL || !queue_file_get(in, &reply, &why)) {
		note_failed(j, "qmgr is not available");
	} else if (reply.qid.n == 0) {
		note_end(j, &why);
	} else {
		buf_add_span(&j->notes[j->at].qid, reply.qid);
		write_content(j, reply.fd);
	}
	why_free(&why);
}

static void
note_begin(struct job *j)
{
	struct packet_out o = { .fd_count = 0 };

	queue_new_put(&o);
	(void)channel_ask(j->serve->qmgr, &o, file_came, j);
	packet_done(&o);
}

/* ---- who is told */

static struct note *
note_add(struct job *j, enum report_role role, struct span to)
{
	struct note *n = &j->notes[j->count++];

	n->role = role;
	n->to = mem_span(to);
	n->from = mem_str(role == REPORT_SENDER ? "" : j->serve->double_bounce);
	return n;
}

static void
note_postmaster(struct job *j, enum report_role role, const char *to)
{
	char *whole = strchr(to, '@') != NULL
	    ? mem_str(to)
	    : mem_printf("%s@%s", to, j->serve->conf->myorigin);

	if (to[0] != '\0')
		(void)note_add(j, role, span_str(whole));
	free(whole);
}

/* Mail without a sender is a report itself: only the postmaster may want to
 * know of it. And what went to him from us is not told of again. */
static void
choose_notes(struct job *j, const struct bounce_request *r)
{
	const struct bounce_conf *conf = j->serve->conf;

	if (span_ieq(r->sender, span_str(j->serve->double_bounce))) {
		log_warning("%s: undeliverable postmaster notification "
			    "discarded",
		    j->about);
	} else if (r->sender.n == 0) {
		if (r->kind == BOUNCE_FAILED &&
		    (j->serve->classes & NOTICE_2BOUNCE) != 0)
			note_postmaster(
			    j, REPORT_DOUBLE, conf->twobounce_notice_recipient);
	} else {
		(void)note_add(j, REPORT_SENDER, r->sender);
		if (r->kind == BOUNCE_FAILED &&
		    (j->serve->classes & NOTICE_BOUNCE) != 0)
			note_postmaster(
			    j, REPORT_COPY, conf->bounce_notice_recipient);
		if (r->kind == BOUNCE_DELAYED &&
		    (j->serve->classes & NOTICE_DELAY) != 0)
			note_postmaster(
			    j, REPORT_COPY, conf->delay_notice_recipient);
	}
}

/* The original with its header edits; its header alone when the sender asked
 * so or the whole is too large. */
static bool
original_read(const struct serve *s, const struct bounce_request *r,
    struct buf *bytes, struct report_original *out)
{
	struct edited *e = edited_open(r->fd, r->content_size, r->edits);
	uint64_t size = e == NULL ? 0 : edited_size(e);
	uint64_t most = s->conf->bounce_size_limit;
	bool good = e != NULL;

	out->whole = r->kind == BOUNCE_FAILED && r->ret != RET_HDRS &&
	    (r->flags & QUEUE_REQUIRETLS) == 0 && (most == 0 || size <= most) &&
	    size <= INT32_MAX / 4;
	if (!out->whole && size > HEADER_MOST)
		size = HEADER_MOST;
	while (good && bytes->n < size) {
		ssize_t n = edited_read(e, buf_room(bytes, 65536),
		    size - bytes->n < 65536 ? (size_t)(size - bytes->n) : 65536,
		    bytes->n);

		good = n > 0;
		if (good)
			bytes->n += (size_t)n;
	}
	edited_free(&e);
	out->bytes = buf_span(bytes);
	return good;
}

static enum template_kind
template_of(enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return TEMPLATE_FAILURE;
	case BOUNCE_DELAYED:
		return TEMPLATE_DELAY;
	case BOUNCE_SUCCESS:
		return TEMPLATE_SUCCESS;
	case BOUNCE_VERIFY:
	case BOUNCE_KINDS:
		break;
	}
	return TEMPLATE_VERIFY;
}

static void
notes_compose(struct job *j, const struct bounce_request *r,
    const struct report_original *original)
{
	struct span header =
	    span_head(original->bytes, header_end(original->bytes));
	struct report_terms terms = {
		.words =
		    words_choose(j->serve->words, template_of(r->kind), header),
		.now = clock_wall(),
	};

	for (size_t i = 0; i < j->count; i++) {
		terms.role = j->notes[i].role;
		terms.to = span_str(j->notes[i].to);
		report_compose(
		    &j->notes[i].report, j->serve->conf, r, original, &terms);
	}
}

/* Nobody is to be told, or nobody can be. */
static void
job_settle(struct job *j, const char *trouble)
{
	struct why why;

	why_init(&why);
	if (trouble != NULL)
		why_set(&why, "4.3.0", "%s", trouble);
	else
		why_set(&why, "2.0.0", "nobody is to be told");
	job_end(j, &why);
	why_free(&why);
}

static void
job_begin(struct job *j, const struct bounce_request *r)
{
	struct report_original original;
	struct buf bytes = BUF_EMPTY;

	j->about = mem_span(r->qid);
	j->kind = r->kind;
	j->flags = r->flags;
	choose_notes(j, r);
	if (j->count == 0) {
		job_settle(j, NULL);
	} else if (original_read(j->serve, r, &bytes, &original)) {
		notes_compose(j, r, &original);
		note_begin(j);
	} else {
		log_error("%s: read: %s", j->about, strerror(errno));
		job_settle(j, "the queue file cannot be read");
	}
	buf_free(&bytes);
}

static void
call_make(struct serve *s, struct server_peer *p, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct bounce_request r;
	struct job *j = mem_new(sizeof(*j));

	j->serve = s;
	j->peer = server_peer_hold(p);
	j->id = in->id;
	if (bounce_make_get(in, a, &r)) {
		job_begin(j, &r);
		close(r.fd);
	} else {
		log_warning("malformed request for a report");
		job_settle(j, "the request was not understood");
	}
	arena_free(&a);
}

/* Strangers can make as many errors as they like: of a few at once, and so many
 * in a minute, the postmaster hears, and the log of all. */
static bool
notice_is_one_too_many(struct serve *s)
{
	int64_t now = clock_ms();

	if (s->notices_begun == 0 || now - s->notices_begun >= MINUTE_MS) {
		s->notices_begun = now;
		s->notices_seen = 0;
	}
	return s->notices == NOTICES_MOST || ++s->notices_seen > NOTICES_MINUTE;
}

static void
call_notice(struct serve *s, struct server_peer *p, struct packet_in *in)
{
	struct notice n;
	struct job *j;

	if (!notice_get(in, &n)) {
		server_refuse(p, in);
		return;
	}
	if (notice_is_one_too_many(s)) {
		log_warning("too many postmaster notifications: that of errors "
			    "from %.*s is left out",
		    (int)n.peer.n, n.peer.p);
		return;
	}
	j = mem_new(sizeof(*j));
	j->serve = s;
	j->about = mem_span(n.peer);
	j->kind = BOUNCE_KINDS;
	note_postmaster(j, REPORT_COPY, s->conf->error_notice_recipient);
	s->notices++;
	if (j->count == 0) {
		job_settle(j, NULL);
		return;
	}
	notice_compose(&j->notes[0].report, s->conf, &n,
	    span_str(j->notes[0].to), clock_wall());
	note_begin(j);
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	bool is_qmgr = strcmp(server_peer_label(p), "qmgr") == 0;

	if (is_qmgr && span_is(in->call, "bounce_make"))
		call_make(arg, p, in);
	else if (!is_qmgr && span_is(in->call, "notice"))
		call_notice(arg, p, in);
	else
		server_refuse(p, in);
}

static bool
filters_reports(const char *classes)
{
	struct span rest = span_str(classes), item;

	while (param_list_next(&rest, &item))
		if (span_iis(item, "bounce"))
			return true;
	return false;
}

/* Reports are seen where that is asked for. */
static const struct milter_conf *
milters_read(const struct bounce_conf *conf)
{
	const struct milter_conf *c;
	struct why why;

	if (!filters_reports(conf->internal_mail_filter_classes))
		return NULL;
	why_init(&why);
	c = milter_conf_new(arena_new(), &conf->milter, "non_smtpd_milters",
	    span_str(conf->non_smtpd_milters), &why);
	if (c == NULL)
		log_fatal("%s", why_text(&why));
	why_free(&why);
	return milter_conf_count(c) > 0 ? c : NULL;
}

struct serve *
serve_start(const struct bounce_conf *conf, const struct all_words *words)
{
	static const struct server_calls calls = { request, NULL };
	struct serve *s = mem_new(sizeof(*s));

	s->conf = conf;
	s->classes = notice_classes(conf->notify_classes);
	s->words = words;
	s->double_bounce =
	    mem_printf("%s@%s", conf->double_bounce_sender, conf->myhostname);
	s->qmgr = service_channel("qmgr");
	s->milters = milters_read(conf);
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		(void)server_new(service_loop(), l->fd, l->label, &calls, s);
	}
	return s;
}
