/*
 * sign_job.c - a finished message is signed: DKIM, or a set of ARC
 *
 * Steps: read, then one signature after the other. What is signed is what the
 * queue will hand out: content and edits together, so that nothing that was
 * added or changed on the way can break a signature.
 */

#include "calls/sign_job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "calls/key_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "mauth/arc.h"
#include "mauth/canon.h"
#include "mauth/dkim.h"
#include "mauth/dmarc.h"
#include "mauth/key_table.h"
#include "mauth/passage.h"
#include "os/clock.h"
#include "os/loop.h"
#include "queue/edits.h"

enum { PIECE = 256 * 1024 };

enum step { READING, SIGNING, SEALING_MESSAGE, SEALING_CHAIN, OVER };

struct sign_job {
	struct sign_request request;
	struct channel *keys;
	sign_fn *fn;
	void *arg;
	struct loop_timer *timer;
	struct arena *arena;
	struct edited *edited;
	uint64_t at; /* octets read */
	char *piece;
	struct passage *passage;
	struct bodies *bodies;
	int body;
	enum step step;
	const struct key_row *rows[KEY_TABLE_PER_DOMAIN];
	size_t row_count, row_at;
	struct span domain; /* of the author */
	struct arc arc; /* sets of the message */
	unsigned instance;
	struct buf field; /* being signed */
	struct buf results, message; /* fields of the set */
	struct buf out;
	struct channel_call *call;
};

static void
job_free(struct sign_job *j)
{
	channel_cancel(&j->call);
	loop_timer_free(&j->timer);
	edited_free(&j->edited);
	passage_free(&j->passage);
	bodies_free(&j->bodies);
	arena_free(&j->arena);
	free(j->piece);
	buf_free(&j->field);
	buf_free(&j->results);
	buf_free(&j->message);
	buf_free(&j->out);
	free(j);
}

void
sign_cancel(struct sign_job **job)
{
	if (*job != NULL)
		job_free(*job);
	*job = NULL;
}

static void
finish(struct sign_job *j)
{
	j->fn(j->arg, buf_span(&j->out));
	job_free(j);
}

/* Ready to sign: j->field ends in "b=". */
static void ask(struct sign_job *j, const struct key_row *row,
    const unsigned char digest[SHA256_BYTES]);
static void next(struct sign_job *j);

static void
trouble(const struct sign_job *j, const char *what)
{
	log_warning("%s: not signed: %s", j->request.qid, what);
}

static void
seal_message(struct sign_job *j)
{
	const struct key_row *row = j->request.seal;
	struct dkim_want want = { .kind = ARC_MESSAGE_SIGNATURE,
		.algorithm = row->algorithm,
		.domain = row->domain,
		.selector = row->selector,
		.instance = j->instance,
		.now = clock_wall() };
	unsigned char digest[SHA256_BYTES];

	buf_printf(
	    &j->results, "ARC-Authentication-Results: i=%u; ", j->instance);
	buf_add_span(&j->results, j->request.results);
	dkim_sign_begin(&want, passage_fields(j->passage),
	    bodies_digest(j->bodies, j->body), &j->field, digest);
	ask(j, row, digest);
}

static void
seal_chain(struct sign_job *j)
{
	const struct key_row *row = j->request.seal;
	struct dkim_want want = { .algorithm = row->algorithm,
		.domain = row->domain,
		.selector = row->selector,
		.instance = j->instance,
		.now = clock_wall() };
	struct arc_seal seal = { &want, buf_span(&j->results),
		buf_span(&j->message) };
	unsigned char digest[SHA256_BYTES];

	arc_seal_begin(&j->arc, &seal, &j->field, digest);
	ask(j, row, digest);
}

static void
sign(struct sign_job *j)
{
	const struct key_row *row = j->rows[j->row_at];
	struct dkim_want want = { .kind = DKIM_SIGNATURE,
		.algorithm = row->algorithm,
		.domain = row->domain,
		.selector = row->selector,
		.now = clock_wall() };
	unsigned char digest[SHA256_BYTES];

	dkim_sign_begin(&want, passage_fields(j->passage),
	    bodies_digest(j->bodies, j->body), &j->field, digest);
	ask(j, row, digest);
}

/* A signature came, or none: the field is done. */
static void
signed_one(struct sign_job *j, struct span signature)
{
	if (signature.n == 0) {
		trouble(j, "no signature from keys");
		if (j->step != SIGNING) {
			j->step = OVER; /* half a set is none */
			return;
		}
	} else {
		dkim_sign_end(&j->field, signature);
	}
	switch (j->step) {
	case SIGNING:
		if (signature.n > 0)
			buf_add_span(&j->out, buf_span(&j->field));
		j->row_at++;
		break;
	case SEALING_MESSAGE:
		buf_add_span(&j->message, buf_span(&j->field));
		j->step = SEALING_CHAIN;
		break;
	case SEALING_CHAIN:
		/* the seal above the message's signature above the results,
		 * and all above what was signed */
		buf_add_span(&j->field, buf_span(&j->message));
		buf_add_span(&j->field, buf_span(&j->results));
		buf_add_span(&j->field, buf_span(&j->out));
		buf_clear(&j->out);
		buf_add_span(&j->out, buf_span(&j->field));
		j->step = OVER;
		break;
	case READING:
	case OVER:
		break;
	}
}

static void
came(void *arg, struct packet_in *in)
{
	struct sign_job *j = arg;
	struct span signature = { NULL, 0 };

	j->call = NULL;
	if (in != NULL && !key_signed_get(in, &signature))
		signature = span_of(NULL, 0);
	signed_one(j, signature);
	next(j);
}

static void
ask(struct sign_job *j, const struct key_row *row,
    const unsigned char digest[SHA256_BYTES])
{
	struct key_sign request = { row->file,
		row->algorithm == MAUTH_RSA_SHA256 ? SPAN("pkcs1:SHA256")
						   : SPAN("ed25519"),
		span_of((const char *)digest, SHA256_BYTES) };
	struct packet_out o = { .fd_count = 0 };

	key_sign_put(&o, &request);
	j->call = channel_ask(j->keys, &o, came, j);
	packet_done(&o);
}

static void
next(struct sign_job *j)
{
	buf_clear(&j->field);
	if (j->step == SIGNING && j->row_at == j->row_count)
		j->step = j->instance > 0 ? SEALING_MESSAGE : OVER;
	switch (j->step) {
	case SIGNING:
		sign(j);
		break;
	case SEALING_MESSAGE:
		must(j->request.seal != NULL);
		seal_message(j);
		break;
	case SEALING_CHAIN:
		seal_chain(j);
		break;
	case READING:
	case OVER:
		finish(j);
		break;
	}
}

/* The sets that the message still has, and what they were found to be. Somebody
 * may have taken some away meanwhile. */
static void
chain_take(struct sign_job *j, const struct fields *f)
{
	struct arc *arc = &j->arc;

	arc_begin(arc, f, j->bodies, j->arena);
	j->instance = arc_next(arc);
	if (arc->result != ARC_FAIL && arc->count > 0)
		arc->result = arc->count == j->request.found->count
		    ? j->request.found->result
		    : ARC_FAIL;
}

/* Read to its end: what is to be signed? */
static void
all_read(struct sign_job *j)
{
	const struct fields *f = passage_fields(j->passage);

	bodies_end(j->bodies);
	j->step = SIGNING;
	if (f->cut) {
		trouble(j, "the header is too long");
		j->step = OVER;
	} else if (j->request.keys != NULL &&
	    dmarc_author(f, j->arena, &j->domain) == DMARC_AUTHOR_ONE) {
		j->row_count =
		    key_table_find(j->request.keys, j->domain, j->rows);
	}
	if (j->step == SIGNING && j->request.seal != NULL) {
		chain_take(j, f);
	}
	next(j);
}

static void
read_piece(void *arg)
{
	struct sign_job *j = arg;
	ssize_t n = edited_read(j->edited, j->piece, PIECE, j->at);

	if (n == -1) {
		trouble(j, strerror(errno));
		j->step = OVER;
		next(j);
		return;
	}
	if (n == 0) {
		passage_end(j->passage);
		all_read(j);
		return;
	}
	j->at += (uint64_t)n;
	passage_feed(j->passage, span_of(j->piece, (size_t)n));
	loop_timer_set(j->timer, 0);
}

static void
header(void *arg, const struct fields *f)
{
	struct sign_job *j = arg;

	(void)f;
	j->body = bodies_want(j->bodies, CANON_RELAXED, BODIES_WHOLE);
}

static void
body(void *arg, struct span bytes)
{
	struct sign_job *j = arg;

	bodies_feed(j->bodies, bytes);
}

static void
cannot_read(void *arg)
{
	finish(arg);
}

struct sign_job *
sign_start(struct loop *loop, struct channel *keys,
    const struct sign_request *r, sign_fn *fn, void *arg)
{
	static const struct passage_calls calls = { header, body };
	struct sign_job *j = mem_new(sizeof(*j));

	j->request = *r;
	j->keys = keys;
	j->fn = fn;
	j->arg = arg;
	j->arena = arena_new();
	j->request.edits = arena_span(j->arena, r->edits);
	j->bodies = bodies_new();
	j->passage = passage_new(&calls, j);
	j->edited = edited_open(r->fd, r->size, j->request.edits);
	if (j->edited == NULL) {
		trouble(j, strerror(errno));
		j->timer = loop_timer_new(loop, cannot_read, j);
	} else {
		j->piece = mem_new(PIECE);
		j->timer = loop_timer_new(loop, read_piece, j);
	}
	loop_timer_set(j->timer, 0);
	return j;
}
