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
#include "base/why.h"
#include "bounce/conf.h"
#include "bounce/report.h"
#include "calls/bounce_call.h"
#include "calls/queue_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "message/date.h"
#include "message/header.h"
#include "os/clock.h"
#include "os/file.h"
#include "queue/edits.h"
#include "service/service.h"

enum { HEADER_MOST = 65536 };

struct serve {
	const struct bounce_conf *conf;
	struct channel *qmgr;
};

struct job {
	struct serve *serve;
	struct server_peer *peer;
	uint32_t id;
	struct report report;
	struct buf qid; /* of the report */
	char *sender; /* who is told */
	char *about; /* queue id of the message it is about */
	enum bounce_kind kind;
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
		break;
	}
	return "delivery status";
}

static void
job_end(struct job *j, const struct why *why)
{
	struct packet_out o = { .fd_count = 0 };

	if (why->outcome == DONE)
		log_info("%s: sender %s notification: %s", j->about,
		    kind_name(j->kind), buf_str(&j->qid));
	bounce_done_put(&o, j->id, why, buf_span(&j->qid));
	server_reply(j->peer, &o);
	packet_done(&o);
	server_peer_drop(&j->peer);
	buf_free(&j->report.content);
	buf_free(&j->report.message_id);
	buf_free(&j->qid);
	free(j->sender);
	free(j->about);
	free(j);
}

static void
job_failed(struct job *j, const char *text)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.3.0", "%s", text);
	job_end(j, &why);
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
	job_end(j, &why);
	why_free(&why);
}

static void
received_put(struct job *j, struct buf *edits)
{
	struct buf line = BUF_EMPTY;
	int64_t now = clock_wall();

	buf_printf(&line, "Received: by %s (%s)\n\tid %s; ",
	    j->serve->conf->myhostname, j->serve->conf->mail_name,
	    buf_str(&j->qid));
	date_print(&line, now, date_local_zone(now));
	buf_add_byte(&line, '\n');
	edits_add(edits, EDIT_PREPEND, 0, buf_span(&line));
	buf_free(&line);
}

static void
commit(struct job *j)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf edits = BUF_EMPTY;
	struct queue_rcpt rcpt = { .address = span_str(j->sender),
		.notify = NOTIFY_NEVER };
	struct queue_envelope e = { .qid = buf_span(&j->qid),
		.size = j->report.content.n,
		.crc = crc_add(0, buf_span(&j->report.content)),
		.message_id = buf_span(&j->report.message_id),
		.proto = SPAN("bounce"),
		.flags = QUEUE_BOUNCE,
		.rcpt_count = 1,
		.rcpts = &rcpt };

	received_put(j, &edits);
	e.edits = buf_span(&edits);
	queue_commit_put(&o, &e);
	(void)channel_ask(j->serve->qmgr, &o, committed, j);
	packet_done(&o);
	buf_free(&edits);
}

static void
file_came(void *arg, struct packet_in *in)
{
	struct job *j = arg;
	struct queue_file_reply reply = { .fd = -1 };
	struct why why;
	int got = 0;

	why_init(&why);
	if (in == NULL || !queue_file_get(in, &reply, &why)) {
		job_failed(j, "qmgr is not available");
	} else if (reply.qid.n == 0) {
		job_end(j, &why);
	} else {
		buf_add_span(&j->qid, reply.qid);
		got = file_write(reply.fd, buf_span(&j->report.content));
		if (got == -1)
			log_error(
			    "%s: write: %s", buf_str(&j->qid), strerror(errno));
		else
			log_info("%s: message-id=%s", buf_str(&j->qid),
			    buf_str(&j->report.message_id));
		if (file_close(&reply.fd) == -1 || got == -1) {
			struct packet_out o = { .fd_count = 0 };

			queue_abort_put(&o, buf_span(&j->qid));
			channel_tell(j->serve->qmgr, &o);
			packet_done(&o);
			job_failed(j, "queue file write error");
		} else {
			commit(j);
		}
	}
	why_free(&why);
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
	    (most == 0 || size <= most) && size <= INT32_MAX / 4;
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
	if (!good)
		return false;
	if (!out->whole)
		bytes->n = header_end(buf_span(bytes));
	out->bytes = buf_span(bytes);
	return true;
}

static void
call_make(struct serve *s, struct server_peer *p, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct bounce_request r;
	struct report_original original;
	struct buf bytes = BUF_EMPTY;
	struct packet_out o = { .fd_count = 0 };
	struct job *j;

	j = mem_new(sizeof(*j));
	j->serve = s;
	j->peer = server_peer_hold(p);
	j->id = in->id;
	if (!bounce_make_get(in, a, &r)) {
		log_warning("malformed request for a report");
		job_failed(j, "the request was not understood");
		arena_free(&a);
		return;
	}
	j->sender = mem_span(r.sender);
	j->about = mem_span(r.qid);
	j->kind = r.kind;
	if (original_read(s, &r, &bytes, &original)) {
		report_compose(
		    &j->report, s->conf, &r, &original, clock_wall());
		queue_new_put(&o);
		(void)channel_ask(s->qmgr, &o, file_came, j);
		packet_done(&o);
	} else {
		log_error(
		    "%.*s: read: %s", (int)r.qid.n, r.qid.p, strerror(errno));
		job_failed(j, "the queue file cannot be read");
	}
	close(r.fd);
	buf_free(&bytes);
	arena_free(&a);
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	if (span_is(in->call, "bounce_make"))
		call_make(arg, p, in);
	else
		server_refuse(p, in);
}

struct serve *
serve_start(const struct bounce_conf *conf)
{
	static const struct server_calls calls = { request, NULL };
	struct serve *s = mem_new(sizeof(*s));

	s->conf = conf;
	s->qmgr = service_channel("qmgr");
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		(void)server_new(service_loop(), l->fd, l->label, &calls, s);
	}
	return s;
}
