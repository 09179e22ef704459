/*
 * header_scan.c - the header of a message that streams by
 *
 * Lines are put together only as far as one field goes: at most field_max
 * bytes are kept, the rest is counted. Where the header ends is Postfix's rule:
 * at an empty line, or at the first line that can be no field.
 */

#include <stdlib.h>

#include "base/mem.h"
#include "message/header.h"

enum {
	NAME_MAX_BYTES = 1000, /* a longer line without colon is no field */
	ID_MAX = 998,
	SUBJECT_MAX = 250,
};

enum state {
	LINE_START,
	LINE_START_CR, /* a CR at the front of a line: may be the empty line */
	NAME, /* no colon yet */
	VALUE,
	OVER
};

struct header_scan {
	enum state state;
	size_t field_max;
	header_scan_fn *each;
	void *arg;
	struct header_facts facts;
	struct buf field; /* kept of the field in progress */
	uint64_t at; /* offset of the next byte */
	uint64_t field_at, line_at;
	struct {
		bool non_ascii, nul;
	} before; /* the facts before the line in progress */
	uint64_t length; /* of the field in progress; 0: there is none */
};

struct header_scan *
header_scan_new(size_t field_max, header_scan_fn *each, void *arg)
{
	struct header_scan *s = mem_new(sizeof(*s));

	s->field_max = field_max < NAME_MAX_BYTES ? NAME_MAX_BYTES : field_max;
	s->each = each;
	s->arg = arg;
	return s;
}

void
header_scan_free(struct header_scan **s)
{
	if (*s == NULL)
		return;
	buf_free(&(*s)->field);
	buf_free(&(*s)->facts.message_id);
	buf_free(&(*s)->facts.subject);
	mem_free(s);
}

const struct header_facts *
header_scan_facts(const struct header_scan *s)
{
	return &s->facts;
}

static const struct {
	const char *name;
	unsigned bit;
} known[] = {
	{ "From", HEADER_FROM },
	{ "Sender", HEADER_SENDER },
	{ "To", HEADER_TO },
	{ "Cc", HEADER_CC },
	{ "Bcc", HEADER_BCC },
	{ "Date", HEADER_DATE },
	{ "Message-ID", HEADER_MESSAGE_ID },
	{ "Subject", HEADER_SUBJECT },
	{ "MIME-Version", HEADER_MIME_VERSION },
	{ "Content-Type", HEADER_CONTENT_TYPE },
	{ "Content-Transfer-Encoding", HEADER_CONTENT_ENCODING },
	{ "Return-Path", HEADER_RETURN_PATH },
	{ "Reply-To", HEADER_REPLY_TO },
	{ "DKIM-Signature", HEADER_DKIM_SIGNATURE },
	{ "Authentication-Results", HEADER_AUTHENTICATION_RESULTS },
};

static unsigned
known_bit(struct span name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (span_iis(name, known[i].name))
			return known[i].bit;
	return span_istarts(name, "Resent-") ? HEADER_RESENT : 0;
}

/* A short value for the log. */
static void
keep_value(struct buf *out, struct span value, size_t max)
{
	header_unfold(out, span_head(span_trim_left(value), 2 * max));
	buf_cut(out, max);
	for (size_t i = 0; i < out->n; i++)
		if (ascii_control((unsigned char)out->p[i]))
			out->p[i] = ' ';
}

static void
note_field(struct header_facts *facts, const struct header_field *f)
{
	unsigned bit = known_bit(f->name);
	bool first = (facts->seen & bit) == 0;

	facts->fields++;
	facts->seen |= bit;
	facts->received += span_iis(f->name, "Received");
	facts->delivered_to += span_iis(f->name, "Delivered-To");
	facts->from_count += bit == HEADER_FROM;
	if (bit == HEADER_MESSAGE_ID && first)
		keep_value(&facts->message_id, f->value, ID_MAX);
	if (bit == HEADER_SUBJECT && first)
		keep_value(&facts->subject, f->value, SUBJECT_MAX);
}

/* The field in progress is complete. */
static void
field_end(struct header_scan *s)
{
	struct header_scanned got = { .offset = s->field_at,
		.length = s->length,
		.cut = s->length > s->field.n };
	struct span rest = buf_span(&s->field);

	if (s->length == 0)
		return;
	if (header_next(&rest, &got.field)) {
		if (got.field.name.n > 0)
			note_field(&s->facts, &got.field);
		if (s->each != NULL)
			s->each(s->arg, &got);
	}
	s->length = 0;
	buf_clear(&s->field);
}

static void
over(struct header_scan *s, uint64_t header_bytes, uint64_t body_at)
{
	s->facts.ended = true;
	s->facts.header_bytes = header_bytes;
	s->facts.body_at = body_at;
	s->state = OVER;
}

/* Can the line in s->field, which has no colon or is up to it, begin a field?
 * The From line of a mailbox file is let through at the very front. */
static bool
line_begins_field(const struct header_scan *s)
{
	struct span line = buf_span(&s->field);
	size_t colon = span_find(line, ':');

	if (s->field_at == 0 &&
	    (span_starts(line, "From ") || span_starts(line, ">From ")))
		return true;
	return colon < line.n &&
	    header_name_valid(span_trim_right(span_head(line, colon)));
}

/* Add bytes to the field in progress. */
static void
take(struct header_scan *s, struct span bytes)
{
	if (s->field.n < s->field_max)
		buf_add_span(
		    &s->field, span_head(bytes, s->field_max - s->field.n));
	s->length += bytes.n;
	s->at += bytes.n;
	for (size_t i = 0; i < bytes.n; i++) {
		s->facts.non_ascii |= span_at(bytes, i) > 127;
		s->facts.nul |= bytes.p[i] == '\0';
	}
}

static void
junk(struct header_scan *s)
{
	s->length = 0;
	s->facts.non_ascii = s->before.non_ascii;
	s->facts.nul = s->before.nul;
	over(s, s->line_at, s->line_at);
}

/* At the front of a line. */
static void
line_start(struct header_scan *s, char c)
{
	s->line_at = s->at;
	s->before.non_ascii = s->facts.non_ascii;
	s->before.nul = s->facts.nul;
	if (c == '\n') {
		field_end(s);
		s->at++;
		s->facts.blank = true;
		over(s, s->line_at, s->at);
	} else if (c == '\r') {
		s->at++;
		s->state = LINE_START_CR;
	} else if (ascii_blank(c) && s->length > 0) {
		s->state = VALUE;
	} else {
		field_end(s);
		s->field_at = s->line_at;
		s->state = NAME;
	}
}

/* Behind a CR that began the line. */
static void
line_start_cr(struct header_scan *s, char c)
{
	field_end(s);
	if (c != '\n') {
		junk(s);
		return;
	}
	s->at++;
	s->facts.blank = true;
	over(s, s->line_at, s->at);
}

/* In a line: take it up to its end, or in NAME to the colon or the limit. */
static void
in_line(struct header_scan *s, struct span bytes)
{
	size_t n;
	bool line_end;

	if (s->state == NAME)
		bytes = span_head(bytes, NAME_MAX_BYTES - s->length);
	n = span_find(bytes, '\n');
	if (s->state == NAME)
		n = span_find(span_head(bytes, n), ':');
	if (n < bytes.n)
		n++;
	take(s, span_head(bytes, n));
	line_end = bytes.p[n - 1] == '\n';
	if (s->state == NAME) {
		if (!line_end && bytes.p[n - 1] != ':' &&
		    s->length < NAME_MAX_BYTES)
			return;
		s->state = VALUE;
		if (!line_begins_field(s))
			junk(s);
	}
	if (s->state == VALUE && line_end)
		s->state = LINE_START;
}

bool
header_scan_feed(struct header_scan *s, const char *p, size_t n)
{
	struct span rest = span_of(p, n);

	while (rest.n > 0 && s->state != OVER) {
		uint64_t before = s->at;

		switch (s->state) {
		case LINE_START:
			line_start(s, rest.p[0]);
			break;
		case LINE_START_CR:
			line_start_cr(s, rest.p[0]);
			break;
		case NAME:
		case VALUE:
			in_line(s, rest);
			break;
		case OVER:
			break;
		}
		rest = span_skip(rest, (size_t)(s->at - before));
	}
	return s->state != OVER;
}

void
header_scan_finish(struct header_scan *s)
{
	if (s->state == OVER)
		return;
	if (s->state == NAME || s->state == LINE_START_CR) {
		if (s->state == LINE_START_CR)
			field_end(s);
		junk(s);
		return;
	}
	field_end(s);
	over(s, s->at, s->at);
}
