/*
 * binary.c - parts of messages without their encoding (RFC 3516)
 *
 * A literal's size comes first, so a part is decoded twice: once to count, once
 * to send. No more than a piece of it is in memory.
 */

#include "imapd/binary.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/why.h"
#include "imapd/body.h"
#include "imapd/session.h"
#include "message/encode.h"
#include "message/mime.h"
#include "wire/imap_fetch.h"

struct decoding {
	struct decode decoder;
	bool lines; /* line ends are to be CRLF: it is no base64 */
	bool after_cr;
	bool has_nul;
	uint64_t n; /* octets so far */
	struct session *s; /* NULL: they are only counted */
	uint64_t from, stop; /* of the octets, what is sent */
	struct buf raw, out;
};

/* What came out of the decoder goes on to the client. */
static void
pass_on(struct decoding *d)
{
	struct span out;

	buf_clear(&d->out);
	for (size_t i = 0; i < d->raw.n; i++) {
		if (d->lines && d->raw.p[i] == '\n' && !d->after_cr)
			buf_add_byte(&d->out, '\r');
		d->after_cr = d->raw.p[i] == '\r';
		buf_add_byte(&d->out, d->raw.p[i]);
	}
	out = buf_span(&d->out);
	d->has_nul = d->has_nul || span_find(out, '\0') < out.n;
	if (d->s != NULL && d->n < d->stop && d->n + out.n > d->from) {
		if (out.n > d->stop - d->n)
			out.n = (size_t)(d->stop - d->n);
		if (d->from > d->n)
			out = span_skip(out, (size_t)(d->from - d->n));
		stream_put(d->s->io, out);
		d->s->body_bytes += out.n;
	}
	d->n += d->out.n;
}

static void
take_piece(void *arg, struct span piece)
{
	struct decoding *d = arg;

	buf_clear(&d->raw);
	decode_feed(&d->decoder, piece, &d->raw);
	pass_on(d);
}

static int
run(struct decoding *d, struct body *b, const struct body_range *r,
    struct why *why)
{
	int got;

	decode_init(&d->decoder, r->encoding);
	d->lines = r->encoding != ENCODE_BASE64;
	got = body_pieces(b, r, take_piece, d, why);
	buf_clear(&d->raw);
	decode_finish(&d->decoder, &d->raw);
	pass_on(d);
	buf_free(&d->raw);
	buf_free(&d->out);
	return got;
}

int
binary_known(struct body *b, const struct imap_fetch_item *item, bool *known,
    struct why *why)
{
	struct body_range r;

	if (body_find(b, item, &r, why) == -1)
		return -1;
	*known = !r.found || r.encoding != ENCODE_UNKNOWN;
	return 0;
}

int
binary_size(struct body *b, const struct imap_fetch_item *item, struct buf *out,
    struct why *why)
{
	struct decoding d = { .s = NULL };
	struct body_range r;

	if (body_find(b, item, &r, why) == -1 ||
	    (r.found && run(&d, b, &r, why) == -1))
		return -1;
	buf_add_number(out, d.n);
	return 0;
}

int
binary_send(struct session *s, struct body *b,
    const struct imap_fetch_item *item, struct why *why)
{
	struct decoding count = { .s = NULL }, send = { .s = s };
	struct body_range r;

	if (body_find(b, item, &r, why) == -1)
		return -1;
	if (!r.found) {
		stream_put(s->io, SPAN("NIL"));
		return 0;
	}
	if (run(&count, b, &r, why) == -1)
		return -1;
	send.stop = count.n;
	if (item->partial) {
		send.from = item->from < count.n ? item->from : count.n;
		if (item->length < count.n - send.from)
			send.stop = send.from + item->length;
	}
	stream_printf(s->io, "%s{%" PRIu64 "}\r\n", count.has_nul ? "~" : "",
	    send.stop - send.from);
	return run(&send, b, &r, why);
}
