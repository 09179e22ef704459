/*
 * qfile.c - the format of a queue file
 *
 * Encoding and decoding, no I/O. The decoder checks each checksum before it
 * believes a record, and each length before it takes a span.
 */

#include "queue/qfile.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/crc.h"
#include "base/must.h"
#include "queue/via.h"

static const char first_magic[] = "FQCLOSE1";
static const char block_magic[] = "FQBLOCK1";

/* The end of the year 9999. */
#define RELEASE_MAX INT64_C(253402300799)

enum { MAGIC = 8, RECORD_HEAD = 5, RCPT_HEAD = 12 };

enum record {
	REC_ARRIVAL = 'T',
	REC_FLAGS = 'f',
	REC_RET = 'r',
	REC_SENDER = 'S',
	REC_ENVID = 'E',
	REC_MESSAGE_ID = 'M',
	REC_EDITS = 'e',
	REC_CLIENT_NAME = 'N',
	REC_CLIENT_ADDR = 'C',
	REC_HELO = 'H',
	REC_PROTO = 'P',
	REC_SASL_METHOD = 'a',
	REC_SASL_USER = 'u',
	REC_FILTER = 'i',
	REC_VERP = 'v',
	REC_RCPT = 'R',
	REC_OWNER = 'o',
	REC_VIA = 'y',
	REC_REASON = 'D',
	REC_RETRY = 'n',
	REC_WARNED = 'w',
	REC_HOLD = 'h'
};

static void
put_number(struct buf *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_add_byte(out, (char)(value >> (8 * i) & 0xff));
}

static uint64_t
get_number(struct span s, size_t at, int bytes)
{
	uint64_t value = 0;

	must(at + (size_t)bytes <= s.n);
	for (int i = bytes - 1; i >= 0; i--)
		value = value << 8 | (unsigned char)s.p[at + (size_t)i];
	return value;
}

static void
put_head(struct buf *out, enum record kind, size_t n)
{
	must(n <= UINT32_MAX);
	buf_add_byte(out, (char)kind);
	put_number(out, n, 4);
}

static void
put_span(struct buf *out, enum record kind, struct span s)
{
	if (s.n == 0)
		return;
	put_head(out, kind, s.n);
	buf_add_span(out, s);
}

static void
put_u64(struct buf *out, enum record kind, uint64_t value)
{
	put_head(out, kind, 8);
	put_number(out, value, 8);
}

/* state, notify, kind, final; four lengths; four texts */
static void
put_rcpt(struct buf *out, struct qfile_rcpt *r, uint64_t base)
{
	const struct span *texts[] = { &r->address, &r->orig, &r->orcpt,
		&r->user };
	size_t n = RCPT_HEAD;

	for (size_t i = 0; i < 4; i++) {
		must(texts[i]->n <= UINT16_MAX);
		n += texts[i]->n;
	}
	put_head(out, REC_RCPT, n);
	r->state_at = base + out->n;
	buf_add_byte(out, (char)r->state);
	buf_add_byte(out, (char)r->notify);
	buf_add_byte(out, (char)r->kind);
	buf_add_byte(out, (char)r->final);
	for (size_t i = 0; i < 4; i++)
		put_number(out, texts[i]->n, 2);
	for (size_t i = 0; i < 4; i++)
		buf_add_span(out, *texts[i]);
}

/* The checksum of records with all state bytes taken as 0. False when the
 * records are not well-formed. */
static bool
records_crc(struct span records, uint32_t *crc)
{
	*crc = 0;
	while (records.n > 0) {
		size_t n;

		if (records.n < RECORD_HEAD)
			return false;
		n = (size_t)get_number(records, 1, 4);
		if (n > records.n - RECORD_HEAD)
			return false;
		*crc = crc_add(*crc, span_head(records, RECORD_HEAD));
		if (records.p[0] == REC_RCPT && n > 0) {
			*crc = crc_add(*crc, SPAN("\0"));
			*crc = crc_add(
			    *crc, span_of(records.p + RECORD_HEAD + 1, n - 1));
		} else {
			*crc =
			    crc_add(*crc, span_of(records.p + RECORD_HEAD, n));
		}
		records = span_skip(records, RECORD_HEAD + n);
	}
	return true;
}

static void
put_closing(struct buf *out, const char *magic, const struct qfile_closing *c)
{
	size_t begun = out->n;

	buf_add(out, magic, MAGIC);
	put_number(out, c->content_size, 8);
	put_number(out, c->envelope_size, 8);
	put_number(out, c->content_crc, 4);
	put_number(out, c->records_size, 4);
	put_number(out, c->records_crc, 4);
	put_number(
	    out, crc_add(0, span_of(out->p + begun, QFILE_CLOSING - 4)), 4);
}

static void
put_hold(struct buf *out, int64_t release, struct span hold)
{
	if (release <= 0)
		return;
	put_head(out, REC_HOLD, 8 + hold.n);
	put_number(out, (uint64_t)release, 8);
	buf_add_span(out, hold);
}

void
qfile_put(struct buf *out, struct qfile_envelope *e, uint64_t content_size,
    uint32_t content_crc)
{
	size_t begun = out->n;
	struct qfile_closing c = { .content_size = content_size,
		.content_crc = content_crc };

	put_u64(out, REC_ARRIVAL, (uint64_t)e->arrival_us);
	put_u64(out, REC_FLAGS, e->flags);
	put_u64(out, REC_RET, e->ret);
	put_span(out, REC_SENDER, e->sender);
	put_span(out, REC_ENVID, e->envid);
	put_span(out, REC_MESSAGE_ID, e->message_id);
	put_span(out, REC_EDITS, e->edits);
	put_span(out, REC_CLIENT_NAME, e->client_name);
	put_span(out, REC_CLIENT_ADDR, e->client_addr);
	put_span(out, REC_HELO, e->helo);
	put_span(out, REC_PROTO, e->proto);
	put_span(out, REC_SASL_METHOD, e->sasl_method);
	put_span(out, REC_SASL_USER, e->sasl_username);
	put_span(out, REC_FILTER, e->filter);
	put_span(out, REC_VERP, e->verp);
	put_hold(out, e->release, e->hold);
	for (size_t i = 0; i < e->rcpt_count; i++)
		put_rcpt(out, &e->rcpts[i], content_size - begun);
	c.envelope_size = out->n - begun;
	must(records_crc(
	    span_of(out->p + begun, out->n - begun), &c.records_crc));
	put_closing(out, first_magic, &c);
}

void
qfile_block_begin(struct buf *out)
{
	buf_clear(out);
}

void
qfile_block_owner(struct buf *out, struct span owner)
{
	put_span(out, REC_OWNER, owner);
}

void
qfile_block_via(struct buf *out, struct span via)
{
	put_head(out, REC_VIA, via.n);
	buf_add_span(out, via);
}

void
qfile_block_rcpt(struct buf *out, struct qfile_rcpt *r, uint64_t file_size)
{
	put_rcpt(out, r, file_size);
}

void
qfile_block_reason(
    struct buf *out, uint32_t rcpt, struct span status, struct span reason)
{
	status = span_head(status, 11);
	reason = span_head(reason, 1000);
	put_head(out, REC_REASON, 5 + status.n + reason.n);
	put_number(out, rcpt, 4);
	put_number(out, status.n, 1);
	buf_add_span(out, status);
	buf_add_span(out, reason);
}

void
qfile_block_warned(struct buf *out)
{
	put_head(out, REC_WARNED, 0);
}

void
qfile_block_retry(struct buf *out, int64_t next_try, unsigned attempts)
{
	put_head(out, REC_RETRY, 12);
	put_number(out, (uint64_t)next_try, 8);
	put_number(out, attempts, 4);
}

void
qfile_block_end(struct buf *out, const struct qfile_closing *first)
{
	struct qfile_closing c = *first;

	must(out->n <= UINT32_MAX);
	c.records_size = (uint32_t)out->n;
	must(records_crc(buf_span(out), &c.records_crc));
	put_closing(out, block_magic, &c);
}

bool
qfile_closing_get(struct span bytes, struct qfile_closing *out)
{
	if (bytes.n != QFILE_CLOSING ||
	    get_number(bytes, QFILE_CLOSING - 4, 4) !=
		crc_add(0, span_head(bytes, QFILE_CLOSING - 4)))
		return false;
	out->is_block = memcmp(bytes.p, block_magic, MAGIC) == 0;
	if (!out->is_block && memcmp(bytes.p, first_magic, MAGIC) != 0)
		return false;
	out->content_size = get_number(bytes, 8, 8);
	out->envelope_size = get_number(bytes, 16, 8);
	out->content_crc = (uint32_t)get_number(bytes, 24, 4);
	out->records_size = (uint32_t)get_number(bytes, 28, 4);
	out->records_crc = (uint32_t)get_number(bytes, 32, 4);
	return out->envelope_size <= QFILE_ENVELOPE_MAX &&
	    out->content_size <= INT64_MAX - QFILE_ENVELOPE_MAX;
}

size_t
qfile_tail(struct span tail, struct qfile_closing *out)
{
	for (size_t end = tail.n; end >= QFILE_CLOSING; end--) {
		struct span at =
		    span_of(tail.p + end - QFILE_CLOSING, QFILE_CLOSING);

		if (at.p[0] == 'F' && qfile_closing_get(at, out))
			return end;
	}
	return 0;
}

/* Where a decoder stands. */
struct reader {
	struct span rest;
	uint64_t offset; /* of rest in the file */
	struct arena *arena;
	struct qfile_envelope *e;
	size_t room;
	struct span owner; /* of recipients in this part, from here on */
	struct span via; /* the same */
};

static bool
rcpt_texts(struct span data, struct qfile_rcpt *r)
{
	struct span *texts[] = { &r->address, &r->orig, &r->orcpt, &r->user };
	struct span rest = span_skip(data, RCPT_HEAD);

	for (size_t i = 0; i < 4; i++) {
		size_t n = (size_t)get_number(data, 4 + 2 * i, 2);

		if (n > rest.n)
			return false;
		*texts[i] = span_head(rest, n);
		rest = span_skip(rest, n);
	}
	return rest.n == 0 && r->address.n > 0;
}

static bool
get_rcpt(struct reader *r, struct span data)
{
	struct qfile_rcpt *rcpt;

	if (data.n < RCPT_HEAD || r->e->rcpt_count >= r->room)
		return false;
	rcpt = &r->e->rcpts[r->e->rcpt_count++];
	if (memchr("qdxfbsre", data.p[0], 8) == NULL || data.p[1] < 0 ||
	    data.p[1] > 15 || data.p[2] < 0 || data.p[2] >= QFILE_KINDS ||
	    data.p[3] < 0 || data.p[3] > 1 || !rcpt_texts(data, rcpt))
		return false;
	rcpt->state = (enum qfile_state)data.p[0];
	rcpt->notify = (unsigned)data.p[1];
	rcpt->kind = (enum qfile_kind)data.p[2];
	rcpt->final = data.p[3] == 1;
	rcpt->owner = r->owner;
	rcpt->via = r->via;
	rcpt->state_at = r->offset + RECORD_HEAD;
	return true;
}

static bool
get_reason(struct reader *r, struct span data)
{
	size_t number, n;

	if (data.n < 5)
		return false;
	number = (size_t)get_number(data, 0, 4);
	n = (size_t)get_number(data, 4, 1);
	if (number >= r->e->rcpt_count || n > data.n - 5)
		return false;
	r->e->rcpts[number].status = span_of(data.p + 5, n);
	r->e->rcpts[number].reason = span_skip(data, 5 + n);
	return true;
}

static bool
get_numbers(struct reader *r, enum record kind, struct span data)
{
	uint64_t value;

	if (data.n != (kind == REC_RETRY ? 12U : 8U))
		return false;
	value = get_number(data, 0, 8);
	if (kind == REC_ARRIVAL) {
		r->e->arrival_us = (int64_t)value;
	} else if (kind == REC_FLAGS) {
		r->e->flags = (unsigned)value;
	} else if (kind == REC_RET) {
		r->e->ret = (unsigned)value;
	} else {
		r->e->next_try = (int64_t)value;
		r->e->attempts = (unsigned)get_number(data, 8, 4);
	}
	return true;
}

static bool
get_hold(struct reader *r, struct span data)
{
	if (data.n < 8)
		return false;
	r->e->release = (int64_t)get_number(data, 0, 8);
	r->e->hold = span_skip(data, 8);
	r->e->next_try = r->e->release;
	return r->e->release > 0 && r->e->release <= RELEASE_MAX;
}

static struct span *
text_field(struct qfile_envelope *e, enum record kind)
{
	switch (kind) {
	case REC_SENDER:
		return &e->sender;
	case REC_ENVID:
		return &e->envid;
	case REC_MESSAGE_ID:
		return &e->message_id;
	case REC_EDITS:
		return &e->edits;
	case REC_CLIENT_NAME:
		return &e->client_name;
	case REC_CLIENT_ADDR:
		return &e->client_addr;
	case REC_HELO:
		return &e->helo;
	case REC_PROTO:
		return &e->proto;
	case REC_SASL_METHOD:
		return &e->sasl_method;
	case REC_SASL_USER:
		return &e->sasl_username;
	case REC_FILTER:
		return &e->filter;
	case REC_VERP:
		return &e->verp;
	case REC_ARRIVAL:
	case REC_FLAGS:
	case REC_RET:
	case REC_VIA:
	case REC_RCPT:
	case REC_OWNER:
	case REC_REASON:
	case REC_RETRY:
	case REC_WARNED:
	case REC_HOLD:
		break;
	}
	return NULL;
}

static bool
get_record(struct reader *r, enum record kind, struct span data)
{
	struct span *text = text_field(r->e, kind);

	if (text != NULL) {
		*text = data;
		return kind != REC_VERP || data.n == QFILE_VERP;
	}
	switch ((int)kind) {
	case REC_RCPT:
		return get_rcpt(r, data);
	case REC_WARNED:
		r->e->warned = true;
		return data.n == 0;
	case REC_OWNER:
		r->owner = data;
		return data.n > 0 && data.n <= UINT16_MAX;
	case REC_VIA:
		r->via = data;
		return data.n <= VIA_MAX;
	case REC_REASON:
		return get_reason(r, data);
	case REC_HOLD:
		return get_hold(r, data);
	case REC_ARRIVAL:
	case REC_FLAGS:
	case REC_RET:
	case REC_RETRY:
		return get_numbers(r, kind, data);
	default: /* of a later version: not understood, not ours to guess */
		return false;
	}
}

/* All records of one part; its checksum has been found right. */
static bool
get_records(struct reader *r, struct span records)
{
	while (records.n > 0) {
		size_t n = (size_t)get_number(records, 1, 4);

		if (!get_record(r, (enum record)records.p[0],
			span_of(records.p + RECORD_HEAD, n)))
			return false;
		records = span_skip(records, RECORD_HEAD + n);
		r->offset += RECORD_HEAD + n;
	}
	return true;
}

/* How many recipient records there are, to make room once. */
static bool
count_rcpts(struct span records, size_t *count)
{
	while (records.n > 0) {
		size_t n = (size_t)get_number(records, 1, 4);

		if (records.p[0] == REC_RCPT && ++*count > QFILE_RCPTS_MAX)
			return false;
		records = span_skip(records, RECORD_HEAD + n);
	}
	return true;
}

/* Cut the next part off r->rest: its records, checked, and its closing. */
static bool
next_part(struct span *rest, size_t records_size, struct span *records,
    struct qfile_closing *closing)
{
	uint32_t crc;

	if (rest->n < QFILE_CLOSING || records_size > rest->n - QFILE_CLOSING)
		return false;
	*records = span_head(*rest, records_size);
	if (!qfile_closing_get(
		span_of(rest->p + records_size, QFILE_CLOSING), closing) ||
	    !records_crc(*records, &crc) || crc != closing->records_crc)
		return false;
	*rest = span_skip(*rest, records_size + QFILE_CLOSING);
	return true;
}

/* The size of a block's records is known from its closing alone, which is
 * found by walking the records. */
static bool
block_size(struct span rest, size_t *size)
{
	*size = 0;
	while (rest.n >= RECORD_HEAD && rest.p[0] != 'F') {
		size_t n = (size_t)get_number(rest, 1, 4);

		if (n > rest.n - RECORD_HEAD)
			return false;
		*size += RECORD_HEAD + n;
		rest = span_skip(rest, RECORD_HEAD + n);
	}
	return rest.n >= QFILE_CLOSING;
}

static bool
all_parts(struct reader *r, struct span bytes, struct qfile_closing *first,
    bool counting)
{
	struct span records;
	struct qfile_closing c;
	size_t size;

	for (bool begun = false; bytes.n > 0; begun = true) {
		if (!block_size(bytes, &size) ||
		    !next_part(&bytes, size, &records, &c) ||
		    c.is_block != begun)
			return false;
		if (!begun)
			*first = c;
		r->owner = SPAN("");
		r->via = SPAN("");
		if (counting ? !count_rcpts(records, &r->room)
			     : !get_records(r, records))
			return false;
		r->offset += QFILE_CLOSING;
	}
	return true;
}

bool
qfile_get(struct span bytes, uint64_t content_size, struct arena *a,
    struct qfile_envelope *out, struct qfile_closing *first)
{
	struct reader r = { .offset = content_size, .arena = a, .e = out };

	*out = (struct qfile_envelope){ .arrival_us = 0 };
	*first = (struct qfile_closing){ .content_size = UINT64_MAX };
	if (bytes.n == 0 || !all_parts(&r, bytes, first, true))
		return false;
	out->rcpts = arena_array(a, r.room, sizeof(*out->rcpts));
	r.offset = content_size;
	return all_parts(&r, bytes, first, false) &&
	    first->content_size == content_size;
}
