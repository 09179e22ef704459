/*
 * body.c - messages as FETCH shows them: structure, sections, bytes
 *
 * Files hold lines that end in LF, the client sees CRLF, and a literal's size
 * comes before its bytes. So sizes are counted, never believed: small messages
 * are read into memory once; of large ones each range is first counted (by the
 * MIME parser or by reading it) and then sent from the disk, in pieces.
 */

#include "imapd/body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/envelope.h"
#include "imapd/session.h"
#include "imapd/structure.h"
#include "mailbox/view.h"
#include "message/header.h"
#include "message/mime.h"
#include "os/file.h"
#include "wire/imap_fetch.h"
#include "wire/imap_parse.h"

enum {
	MEMORY_MOST = 1 << 18, /* of a message that is read at once */
	PIECE = 1 << 16
};

/* A place that was counted up to: the next partial begins there. */
struct mark {
	uint64_t from; /* where the counting began, raw */
	uint64_t raw, crlf; /* how far it came */
	bool after_cr;
};

struct body {
	struct session *s;
	uint32_t uid;
	size_t i;
	int fd;
	uint64_t size; /* of the file */
	struct arena *a;
	struct buf whole; /* the file, when it is small */
	bool in_memory;
	struct buf header; /* when it is not */
	bool has_header;
	uint64_t body_at; /* raw; size without an empty line */
	struct mime_tree tree; /* root NULL: not parsed yet */
	bool counted; /* crlf_size is right */
	uint64_t crlf_size;
	struct mark mark;
};

static int
trouble(const struct body *b, struct why *why)
{
	(void)b;
	if (errno == 0)
		errno = EIO;
	why_set(why, "4.3.0", "a message cannot be read: %s", strerror(errno));
	return -1;
}

void
body_forget(struct session *s)
{
	struct body *b = s->body;

	if (b == NULL)
		return;
	file_close(&b->fd);
	arena_free(&b->a);
	buf_free(&b->whole);
	buf_free(&b->header);
	mem_free(&s->body);
}

/* --- line ends --- */

/* Octets of s with CRLF; *after_cr goes from piece to piece. */
static uint64_t
count_crlf(struct span s, bool *after_cr)
{
	const char *p = s.p, *end = s.p + s.n;
	uint64_t n = s.n;

	if (s.n == 0)
		return 0;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n += !(p == s.p ? *after_cr : p[-1] == '\r');
		if (++p == end)
			break;
	}
	*after_cr = end[-1] == '\r';
	return n;
}

/* Append s with CRLF. NUL, which no literal may hold, becomes 80 hex. */
static void
add_crlf(struct buf *out, struct span s, bool *after_cr)
{
	char *to = buf_room(out, 2 * s.n);
	bool cr = *after_cr;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\n' && !cr)
			*to++ = '\r';
		cr = c == '\r';
		*to++ = c == '\0' ? '\x80' : c;
	}
	*after_cr = cr;
	out->n = (size_t)(to - out->p);
}

/* The next piece of the range from *at to end, in room or in memory. */
static int
next_piece(
    struct body *b, uint64_t at, uint64_t end, char *room, struct span *piece)
{
	size_t n = end - at < PIECE ? (size_t)(end - at) : PIECE;

	if (b->in_memory) {
		*piece =
		    span_head(span_skip(buf_span(&b->whole), (size_t)at), n);
		return piece->n == n ? 0 : -1;
	}
	if (file_read_at(b->fd, room, n, at) == -1)
		return -1;
	*piece = span_of(room, n);
	return 0;
}

static int
count_range(struct body *b, uint64_t from, uint64_t end, uint64_t *crlf)
{
	char *room = b->in_memory ? NULL : mem_resize(NULL, PIECE, 1);
	bool after_cr = false;
	struct span piece;
	int got = 0;

	*crlf = 0;
	while (from < end && got == 0) {
		got = next_piece(b, from, end, room, &piece);
		if (got == 0) {
			*crlf += count_crlf(piece, &after_cr);
			from += piece.n;
		}
	}
	free(room);
	return got;
}

/* --- opening --- */

static int
need_size(struct body *b, struct why *why)
{
	if (b->counted)
		return 0;
	if (count_range(b, 0, b->size, &b->crlf_size) == -1)
		return trouble(b, why);
	b->counted = true;
	view_set_sizes(b->s->view, b->i, b->size, b->crlf_size);
	return 0;
}

static int
read_whole(struct body *b, struct why *why)
{
	if (b->size > MEMORY_MOST)
		return 0;
	if (b->size > 0 &&
	    file_read_at(b->fd, buf_room(&b->whole, (size_t)b->size),
		(size_t)b->size, 0) == -1)
		return trouble(b, why);
	b->whole.n = (size_t)b->size;
	b->in_memory = true;
	return 0;
}

/* For another message, in the room of the one before: a search goes through
 * many. */
static struct body *
begin_anew(struct session *s)
{
	struct body *b = s->body, had;

	if (b == NULL) {
		s->body = b = mem_new(sizeof(*b));
		b->s = s;
		b->a = arena_new();
		return b;
	}
	had = *b;
	file_close(&had.fd);
	arena_clear(had.a);
	buf_clear(&had.whole);
	buf_clear(&had.header);
	*b = (struct body){
		.s = s, .a = had.a, .whole = had.whole, .header = had.header
	};
	return b;
}

struct body *
body_open(struct session *s, size_t i, struct why *why)
{
	uint32_t uid = view_at(s->view, i)->uid;
	struct body *b = s->body;
	struct stat st;

	if (b != NULL && b->uid == uid) {
		b->i = i;
		return b;
	}
	b = begin_anew(s);
	b->uid = uid;
	b->i = i;
	b->fd = view_file_stat(s->view, i, &st, why);
	if (b->fd != -1) {
		b->size = (uint64_t)st.st_size;
		view_set_date(s->view, i, st.st_mtime);
		if (read_whole(b, why) == 0 &&
		    (!b->in_memory || need_size(b, why) == 0))
			return b;
	}
	i = (size_t)errno;
	body_forget(s);
	errno = (int)i;
	return NULL;
}

/* --- sending --- */

static void
put_count(struct session *s, uint64_t n)
{
	if (s->sink == NULL)
		stream_printf(s->io, "{%" PRIu64 "}\r\n", n);
}

static void
put_octets(struct session *s, struct span piece)
{
	if (s->sink == NULL)
		stream_put(s->io, piece);
	else
		s->sink->fn(s->sink->arg, piece);
}

struct sending {
	struct body *b;
	uint64_t at, end; /* raw */
	uint64_t crlf; /* octets before at */
	uint64_t skip_to, stop; /* of the octets, what the client asked for */
	bool after_cr;
};

/* The octets of one piece that lie within what was asked for. */
static void
send_piece(struct sending *o, struct span piece, struct buf *room)
{
	struct span out;

	buf_clear(room);
	add_crlf(room, piece, &o->after_cr);
	out = buf_span(room);
	if (o->skip_to > o->crlf)
		out = span_skip(out,
		    o->skip_to - o->crlf < out.n
			? (size_t)(o->skip_to - o->crlf)
			: out.n);
	if (o->crlf + room->n > o->stop)
		out.n -= o->crlf + room->n - o->stop < out.n
		    ? (size_t)(o->crlf + room->n - o->stop)
		    : out.n;
	put_octets(o->b->s, out);
	o->b->s->body_bytes += out.n;
	o->crlf += room->n;
}

/* Go on where the last partial of this range stopped, when that helps. */
static void
use_mark(struct sending *o, uint64_t from)
{
	const struct mark *m = &o->b->mark;

	if (m->from != from || m->crlf > o->skip_to || m->raw < from)
		return;
	o->at = m->raw;
	o->crlf = m->crlf;
	o->after_cr = m->after_cr;
}

static int
send_octets(struct sending *o, uint64_t from)
{
	struct body *b = o->b;
	char *in = b->in_memory ? NULL : mem_resize(NULL, PIECE, 1);
	struct buf room = BUF_EMPTY;
	struct span piece;
	int got = 0;

	use_mark(o, from);
	while (o->at < o->end && o->crlf < o->stop && got == 0) {
		/* the piece that ends behind what was asked for is begun again
		 * by the next partial */
		b->mark = (struct mark){ from, o->at, o->crlf, o->after_cr };
		got = next_piece(b, o->at, o->end, in, &piece);
		if (got == 0) {
			o->at += piece.n;
			send_piece(o, piece, &room);
		}
		if (stream_failed(b->s->io))
			break;
	}
	buf_free(&room);
	free(in);
	return got;
}

/* The range as a literal of n octets, or the part of it that was asked for. */
static int
send_range(struct body *b, const struct imap_fetch_item *item, uint64_t from,
    uint64_t end, uint64_t n)
{
	struct sending o = { .b = b, .at = from, .end = end, .stop = n };

	if (item->partial) {
		o.skip_to = item->from < n ? item->from : n;
		if (item->length < n - o.skip_to)
			o.stop = o.skip_to + item->length;
	}
	put_count(b->s, o.stop - o.skip_to);
	return send_octets(&o, from);
}

/* The same for bytes in memory that were made for this. */
static void
send_bytes(
    struct session *s, const struct imap_fetch_item *item, struct span bytes)
{
	struct buf out = BUF_EMPTY;
	struct span part;
	bool after_cr = false;

	add_crlf(&out, bytes, &after_cr);
	part = buf_span(&out);
	if (item->partial) {
		part = span_skip(
		    part, item->from < part.n ? (size_t)item->from : part.n);
		if (item->length < part.n)
			part.n = (size_t)item->length;
	}
	put_count(s, part.n);
	put_octets(s, part);
	s->header_bytes += part.n;
	buf_free(&out);
}

/* --- what is known of the message --- */

static int
each_piece(
    struct body *b, const struct body_range *r, body_piece_fn *fn, void *arg)
{
	char *room = b->in_memory ? NULL : mem_resize(NULL, PIECE, 1);
	struct span piece;
	uint64_t at = r->from;
	int got = 0;

	while (at < r->end && got == 0) {
		got = next_piece(b, at, r->end, room, &piece);
		if (got == 0) {
			fn(arg, piece);
			at += piece.n;
		}
	}
	free(room);
	return got;
}

static void
feed_parser(void *arg, struct span piece)
{
	mime_feed(arg, piece);
}

static int
parse(struct body *b, struct why *why)
{
	struct mime_parser *p = mime_new(b->a);
	const struct body_range all = { .end = b->size };
	int got = each_piece(b, &all, feed_parser, p);

	if (got == 0)
		mime_finish(p, &b->tree);
	mime_free(&p);
	return got == 0 ? 0 : trouble(b, why);
}

static int
need_tree(struct body *b, struct why *why)
{
	return b->tree.root != NULL ? 0 : parse(b, why);
}

/* More of the file until the header's end is in it, or it is too long. */
static int
read_header(struct body *b, struct why *why)
{
	size_t want = 16384;

	for (;;) {
		size_t n = b->size < want ? (size_t)b->size : want;

		buf_clear(&b->header);
		if (n > 0 &&
		    file_read_at(b->fd, buf_room(&b->header, n), n, 0) == -1)
			return trouble(b, why);
		b->header.n = n;
		b->body_at = header_end(buf_span(&b->header));
		if (b->body_at < n || n == b->size || want >= BODY_HEADER_MOST)
			break;
		want *= 4;
	}
	buf_cut(&b->header, (size_t)b->body_at);
	b->has_header = true;
	return 0;
}

int
body_header(struct body *b, struct span *out, struct why *why)
{
	if (b->in_memory) {
		b->body_at = header_end(buf_span(&b->whole));
		*out = span_head(buf_span(&b->whole), (size_t)b->body_at);
		if (out->n > BODY_HEADER_MOST)
			out->n = BODY_HEADER_MOST;
		return 0;
	}
	if (!b->has_header && read_header(b, why) == -1)
		return -1;
	*out = buf_span(&b->header);
	return 0;
}

int
body_envelope(struct body *b, struct buf *out, struct why *why)
{
	struct arena *a = arena_new();
	struct span header;
	int got = body_header(b, &header, why);

	if (got == 0)
		envelope_put(a, header, out);
	arena_free(&a);
	return got;
}

/* Bytes of the message between two places, at most BODY_HEADER_MOST. */
static bool
raw_bytes(struct body *b, struct arena *a, uint64_t from, uint64_t end,
    struct span *out)
{
	size_t n = end - from < BODY_HEADER_MOST ? (size_t)(end - from)
						 : BODY_HEADER_MOST;
	char *room;

	if (b->in_memory) {
		*out =
		    span_head(span_skip(buf_span(&b->whole), (size_t)from), n);
		return true;
	}
	room = arena_alloc(a, n + 1);
	*out = span_of(room, n);
	return n == 0 || file_read_at(b->fd, room, n, from) == 0;
}

static bool
part_header(void *arg, struct arena *a, const struct mime_part *part,
    struct span *header)
{
	return raw_bytes(arg, a, part->header_at, part->body_at, header);
}

int
body_structure(struct body *b, bool extended, struct buf *out, struct why *why)
{
	const struct structure s = { .tree = &b->tree,
		.extended = extended,
		.header = part_header,
		.arg = b };

	if (need_tree(b, why) == -1)
		return -1;
	return structure_put(&s, out) ? 0 : trouble(b, why);
}

/* --- sections --- */

static bool
wanted_field(const struct imap_fetch_item *item, struct span name)
{
	bool listed = false;

	for (size_t i = 0; i < item->field_count && !listed; i++)
		listed = span_ieq(item->fields[i], name);
	return listed == (item->section == SECTION_FIELDS);
}

void
body_put_fields(
    struct session *s, const struct imap_fetch_item *item, struct span header)
{
	struct buf out = BUF_EMPTY;
	struct header_field f;

	while (header_next(&header, &f))
		if (f.name.n > 0 && wanted_field(item, f.name)) {
			buf_add_span(&out, f.all);
			if (!span_ends(f.all, "\n"))
				buf_add_byte(&out, '\n');
		}
	buf_add_byte(&out, '\n');
	send_bytes(s, item, buf_span(&out));
	buf_free(&out);
}

static int
whole_section(
    struct body *b, const struct imap_fetch_item *item, struct why *why)
{
	struct span header;
	uint64_t head_crlf;

	if (item->section == SECTION_ALL) {
		if (need_size(b, why) == -1)
			return -1;
		return send_range(b, item, 0, b->size, b->crlf_size) == 0
		    ? 0
		    : trouble(b, why);
	}
	if (body_header(b, &header, why) == -1)
		return -1;
	if (item->section == SECTION_FIELDS ||
	    item->section == SECTION_FIELDS_NOT) {
		body_put_fields(b->s, item, header);
		return 0;
	}
	if (item->section == SECTION_HEADER) {
		send_bytes(b->s, item, header);
		return 0;
	}
	if (need_size(b, why) == -1 ||
	    count_range(b, 0, b->body_at, &head_crlf) == -1)
		return trouble(b, why);
	return send_range(
		   b, item, b->body_at, b->size, b->crlf_size - head_crlf) == 0
	    ? 0
	    : trouble(b, why);
}

/* A header of a part or of the message inside it. */
static int
send_header(struct body *b, const struct imap_fetch_item *item,
    const struct mime_part *part, struct why *why)
{
	struct arena *a = arena_new();
	struct span header;
	bool ok = part_header(b, a, part, &header);

	if (ok &&
	    (item->section == SECTION_FIELDS ||
		item->section == SECTION_FIELDS_NOT))
		body_put_fields(b->s, item, header);
	else if (ok)
		send_bytes(b->s, item, header);
	arena_free(&a);
	return ok ? 0 : trouble(b, why);
}

static void
send_nil(struct body *b)
{
	if (b->s->sink != NULL)
		b->s->sink->missing = true;
	else
		stream_put(b->s->io, SPAN("NIL"));
}

static int
part_section(
    struct body *b, const struct imap_fetch_item *item, struct why *why)
{
	const struct mime_part *part;
	bool inside =
	    item->section != SECTION_ALL && item->section != SECTION_MIME;

	if (need_tree(b, why) == -1)
		return -1;
	part = mime_part_find(&b->tree, item->numbers, item->number_count);
	/* HEADER and TEXT are those of a message that the part is */
	if (part != NULL && inside)
		part = part->kind == MIME_MESSAGE ? part->child : NULL;
	if (part == NULL) {
		send_nil(b);
		return 0;
	}
	if (item->section != SECTION_ALL && item->section != SECTION_TEXT)
		return send_header(b, item, part, why);
	return send_range(
		   b, item, part->body_at, part->end_at, part->body.crlf) == 0
	    ? 0
	    : trouble(b, why);
}

int
body_section(
    struct body *b, const struct imap_fetch_item *item, struct why *why)
{
	return item->number_count == 0 ? whole_section(b, item, why)
				       : part_section(b, item, why);
}

int
body_octets(struct body *b, const struct imap_fetch_item *item,
    struct body_sink *sink, struct why *why)
{
	int got;

	sink->missing = false;
	b->s->sink = sink;
	got = body_section(b, item, why);
	b->s->sink = NULL;
	return got;
}

int
body_find(struct body *b, const struct imap_fetch_item *item,
    struct body_range *out, struct why *why)
{
	const struct mime_part *part;

	*out = (struct body_range){ .found = true, .end = b->size };
	if (item->number_count == 0)
		return 0;
	if (need_tree(b, why) == -1)
		return -1;
	part = mime_part_find(&b->tree, item->numbers, item->number_count);
	out->found = part != NULL;
	if (part == NULL)
		return 0;
	out->from = part->body_at;
	out->end = part->end_at;
	out->encoding = part->encoding;
	return 0;
}

int
body_pieces(struct body *b, const struct body_range *r, body_piece_fn *fn,
    void *arg, struct why *why)
{
	return each_piece(b, r, fn, arg) == 0 ? 0 : trouble(b, why);
}

/* --- for SEARCH, previews and identifiers --- */

static int
add_text(struct body *b, const struct mime_part *p, size_t max, struct buf *out)
{
	struct mime_part moved = *p;
	uint64_t n = p->end_at - p->body_at;
	struct arena *a = arena_new();
	struct span bytes;
	bool ok;

	/* what is beyond would not fit into max when decoded either */
	if (n > BODY_HEADER_MOST)
		n = BODY_HEADER_MOST;
	ok = raw_bytes(b, a, p->body_at, p->body_at + n, &bytes);
	if (ok) {
		moved.body_at = 0;
		moved.end_at = bytes.n;
		mime_part_text(&moved, bytes, max, out);
		buf_add_byte(out, '\n');
	}
	arena_free(&a);
	return ok ? 0 : -1;
}

static void
feed_digest(void *arg, struct span piece)
{
	digest_add(arg, piece);
}

int
body_digest(struct body *b, unsigned char out[SHA256_BYTES], struct why *why)
{
	struct digest *d = digest_new();
	const struct body_range all = { .end = b->size };
	int got = each_piece(b, &all, feed_digest, d);

	digest_end(&d, out);
	return got == 0 ? 0 : trouble(b, why);
}

int
body_next_text(struct body *b, const struct mime_part **p, size_t max,
    struct buf *out, struct why *why)
{
	const struct mime_part *at = *p;

	if (need_tree(b, why) == -1)
		return -1;
	do {
		at = at == NULL ? b->tree.root : mime_part_next(at);
	} while (at != NULL &&
	    (at->kind != MIME_LEAF || !span_is(at->type, "text") ||
		span_is(at->disposition, "attachment")));
	*p = at;
	return at == NULL || add_text(b, at, max, out) == 0 ? 0
							    : trouble(b, why);
}

int
body_text(struct body *b, size_t max, struct buf *out, struct why *why)
{
	const struct mime_part *p;

	if (need_tree(b, why) == -1)
		return -1;
	for (p = b->tree.root; p != NULL && out->n < max;
	     p = mime_part_next(p)) {
		if (p->kind != MIME_LEAF || !span_is(p->type, "text"))
			continue;
		if (add_text(b, p, max - out->n, out) == -1)
			return trouble(b, why);
	}
	return 0;
}
