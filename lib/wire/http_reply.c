/*
 * http_reply.c - one reply of an HTTP/1.1 server, as a strict client reads it
 *
 * A machine over lines and counted bytes that resumes after any byte. RFC 9112:
 * status line 4, fields 5, lengths 6.3, chunks 7.1. A bare LF ends a line as
 * CRLF does (2.2).
 */

#include "wire/http_reply.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"

enum state {
	STATUS_LINE,
	FIELD,
	BODY_COUNTED,
	BODY_TO_END,
	CHUNK_SIZE,
	CHUNK_DATA,
	CHUNK_END,
	TRAILER,
	OVER,
	BAD
};

struct http_reply {
	enum state state;
	size_t body_max;
	struct buf line, body, type;
	int status;
	unsigned fields, interim;
	bool counted, chunked;
	uint64_t left; /* octets of the body, or of the chunk */
	const char *error;
};

struct http_reply *
http_reply_new(size_t body_max)
{
	struct http_reply *r = mem_new(sizeof(*r));

	r->body_max = body_max;
	return r;
}

void
http_reply_free(struct http_reply **r)
{
	if (*r == NULL)
		return;
	buf_free(&(*r)->line);
	buf_free(&(*r)->body);
	buf_free(&(*r)->type);
	mem_free(r);
}

int
http_reply_status(const struct http_reply *r)
{
	return r->status;
}

struct span
http_reply_type(const struct http_reply *r)
{
	return buf_span(&r->type);
}

struct span
http_reply_body(const struct http_reply *r)
{
	return buf_span(&r->body);
}

const char *
http_reply_error(const struct http_reply *r)
{
	return r->error == NULL ? "" : r->error;
}

static void
bad(struct http_reply *r, const char *error)
{
	r->state = BAD;
	r->error = error;
}

/* "HTTP/1.1 200 OK" */
static void
status_line(struct http_reply *r, struct span line)
{
	if (!span_starts(line, "HTTP/1.") || line.n < 12 ||
	    !ascii_digit(span_at(line, 7)) || span_at(line, 8) != ' ' ||
	    !number_parse_int(span_of(line.p + 9, 3), 100, 599, &r->status) ||
	    (line.n > 12 && line.p[12] != ' ')) {
		bad(r, "not a reply of an HTTP/1 server");
		return;
	}
	r->state = FIELD;
	r->fields = 0;
	r->counted = r->chunked = false;
	buf_clear(&r->type);
}

static void
fields_end(struct http_reply *r)
{
	if (r->status < 200) {
		if (++r->interim > HTTP_INTERIM_MAX || r->status == 101)
			bad(r, "too many replies before the reply");
		else
			r->state = STATUS_LINE;
	} else if (r->counted && r->chunked) {
		bad(r, "two lengths of one body");
	} else if (r->status == 204 || r->status == 304) {
		r->state = OVER;
	} else if (r->chunked) {
		r->state = CHUNK_SIZE;
	} else if (r->counted) {
		r->state = r->left == 0 ? OVER : BODY_COUNTED;
	} else {
		r->state = BODY_TO_END;
	}
}

static void
length_field(struct http_reply *r, struct span value)
{
	uint64_t length;

	if (!number_parse(value, 0, UINT64_MAX, &length) ||
	    (r->counted && length != r->left))
		bad(r, "Content-Length that is no number");
	else if (length > r->body_max)
		bad(r, "body too large");
	else
		r->left = length;
	r->counted = true;
}

static bool
is_name(struct span name)
{
	struct span marks = SPAN("!#$%&'*+-.^_`|~");

	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(span_at(name, i)) &&
		    span_find(marks, name.p[i]) == marks.n)
			return false;
	return name.n > 0;
}

static void
field(struct http_reply *r, struct span line)
{
	size_t colon = span_find(line, ':');
	struct span name = span_head(line, colon);
	struct span value = span_trim(span_skip(line, colon + 1));

	if (line.n == 0) {
		fields_end(r);
		return;
	}
	if (colon == line.n || !is_name(name)) {
		bad(r, "malformed header field");
	} else if (r->fields++ == HTTP_FIELDS_MAX) {
		bad(r, "too many header fields");
	} else if (span_iis(name, "Content-Length")) {
		length_field(r, value);
	} else if (span_iis(name, "Transfer-Encoding")) {
		if (r->chunked || !span_iis(value, "chunked"))
			bad(r, "transfer coding that is not known");
		r->chunked = true;
	} else if (span_iis(name, "Content-Encoding")) {
		if (!span_iis(value, "identity"))
			bad(r, "content coding that was not asked for");
	} else if (span_iis(name, "Content-Type") && r->type.n == 0) {
		buf_add_span(&r->type,
		    span_trim(span_head(value, span_find(value, ';'))));
	}
}

static void
chunk_size(struct http_reply *r, struct span line)
{
	struct span digits =
	    span_trim_right(span_head(line, span_find(line, ';')));

	if (!number_parse_hex(digits, UINT32_MAX, &r->left))
		bad(r, "malformed chunk");
	else if (r->left > r->body_max - r->body.n)
		bad(r, "body too large");
	else
		r->state = r->left == 0 ? TRAILER : CHUNK_DATA;
	r->fields = 0;
}

static void
take_line(struct http_reply *r, struct span line)
{
	if (r->state == STATUS_LINE) {
		status_line(r, line);
	} else if (r->state == FIELD) {
		field(r, line);
	} else if (r->state == CHUNK_SIZE) {
		chunk_size(r, line);
	} else if (r->state == CHUNK_END) {
		r->state = CHUNK_SIZE;
		if (line.n > 0)
			bad(r, "malformed chunk");
	} else if (line.n == 0) {
		r->state = OVER; /* of the trailer */
	} else if (r->fields++ == HTTP_FIELDS_MAX) {
		bad(r, "too many header fields");
	}
}

/* Up to the end of the line; how much was taken. */
static size_t
feed_line(struct http_reply *r, struct span in)
{
	size_t end = span_find(in, '\n');

	if (end > HTTP_LINE_MAX - r->line.n) {
		bad(r, "line too long");
		return in.n;
	}
	buf_add_span(&r->line, span_head(in, end));
	if (end == in.n)
		return in.n;
	if (r->line.n > 0 && r->line.p[r->line.n - 1] == '\r')
		r->line.n--;
	if (span_find(buf_span(&r->line), '\0') < r->line.n)
		bad(r, "NUL in a line");
	else
		take_line(r, buf_span(&r->line));
	buf_clear(&r->line);
	return end + 1;
}

static size_t
feed_counted(struct http_reply *r, struct span in)
{
	size_t n = r->left < in.n ? (size_t)r->left : in.n;

	buf_add_span(&r->body, span_head(in, n));
	r->left -= n;
	if (r->left == 0)
		r->state = r->state == CHUNK_DATA ? CHUNK_END : OVER;
	return n;
}

static size_t
feed_to_end(struct http_reply *r, struct span in)
{
	if (in.n > r->body_max - r->body.n)
		bad(r, "body too large");
	else
		buf_add_span(&r->body, in);
	return in.n;
}

static enum http_reply_result
result(const struct http_reply *r)
{
	return r->state == BAD ? HTTP_REPLY_BAD
	    : r->state == OVER ? HTTP_REPLY_DONE
			       : HTTP_REPLY_MORE;
}

enum http_reply_result
http_reply_feed(struct http_reply *r, const char *p, size_t n)
{
	struct span in = span_of(p, n);

	while (in.n > 0 && r->state != OVER && r->state != BAD) {
		size_t used;

		if (r->state == BODY_COUNTED || r->state == CHUNK_DATA)
			used = feed_counted(r, in);
		else if (r->state == BODY_TO_END)
			used = feed_to_end(r, in);
		else
			used = feed_line(r, in);
		in = span_skip(in, used);
	}
	return result(r);
}

enum http_reply_result
http_reply_close(struct http_reply *r)
{
	if (r->state == BODY_TO_END)
		r->state = OVER;
	else if (r->state != OVER && r->state != BAD)
		bad(r, "connection closed in the middle of the reply");
	return result(r);
}
