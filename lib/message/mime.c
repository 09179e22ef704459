/*
 * mime.c - the structure of a message (RFC 2045, RFC 2046), in one pass
 *
 * Line by line, with a stack of the boundaries that are open; the tree itself
 * is the stack of parts. Of a line only what may be a boundary or a field of
 * Content-* is kept. Counters run along, so that a size is the difference of
 * two places. Everything is bounded: depth, parts, bytes of fields.
 */

#include "message/mime.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "message/mime_field.h"

/* A place in the message. */
struct place {
	uint64_t raw;
	uint64_t lines; /* line ends before it */
	uint64_t bare; /* those of them without CR */
};

enum { LINE_KEPT = MIME_BOUNDARY_MAX + 80 };

struct mime_parser {
	struct arena *arena;
	struct mime_part *root, *at; /* at: the innermost that is open */
	bool in_header; /* of at */
	size_t count;
	bool cut;
	uint64_t work;
	size_t fields; /* bytes of fields read so far */

	struct mime_part *open[MIME_DEPTH_MAX + 1]; /* with a live boundary */
	size_t open_n;

	struct buf line; /* the kept front of the line in progress */
	struct buf field; /* of a Content-* field in progress */
	struct place now, line_start;
	struct place before_end; /* of the last line, before its line end */
	bool cr; /* the last byte was a CR */

	/* where at and those around it begin, by depth */
	struct place header[MIME_DEPTH_MAX + 2], body[MIME_DEPTH_MAX + 2];
};

static struct mime_size
size_between(const struct place *a, const struct place *b)
{
	struct mime_size s;
	uint64_t bare = b->bare - a->bare;

	s.raw = b->raw - a->raw;
	s.lines = b->lines - a->lines;
	s.crlf = s.raw + bare;
	s.lf = s.raw - (s.lines - bare);
	return s;
}

/* A new part under at, beginning at the place now; its header follows. */
static void
part_begin(struct mime_parser *p, const struct place *from)
{
	struct mime_part *part = arena_alloc(p->arena, sizeof(*part));
	struct mime_part *parent = p->at, **link;

	part->parent = parent;
	part->depth = parent == NULL ? 0 : parent->depth + 1;
	part->number = 1;
	part->header_at = from->raw;
	p->header[part->depth] = *from;
	p->body[part->depth] = *from;
	p->at = part;
	p->in_header = true;
	p->count++;
	if (parent == NULL) {
		p->root = part;
		return;
	}
	link = &parent->child;
	if (parent->last != NULL) {
		link = &parent->last->next;
		part->number = parent->last->number + 1;
	}
	*link = part;
	parent->last = part;
}

static void
field_end(struct mime_parser *p)
{
	if (p->field.n == 0)
		return;
	if (p->fields + p->field.n > MIME_FIELDS_MAX) {
		p->cut = true;
	} else {
		p->fields += p->field.n;
		mime_field_take(p->arena, p->at, buf_span(&p->field));
	}
	buf_clear(&p->field);
}

/* A part that a limit keeps from being looked into. */
static void
make_opaque(struct mime_parser *p, struct mime_part *part)
{
	part->type = SPAN("application");
	part->subtype = SPAN("octet-stream");
	part->params = (struct encode_params){ 0 };
	p->cut = true;
}

static bool
is_message(const struct mime_part *part)
{
	return span_is(part->type, "message") &&
	    (span_is(part->subtype, "rfc822") ||
		span_is(part->subtype, "global"));
}

/* The header of at is over and its body begins at from. */
static void
header_end(struct mime_parser *p, const struct place *from)
{
	struct mime_part *part = p->at, *parent = part->parent;
	bool room = part->depth < MIME_DEPTH_MAX && p->count < MIME_PARTS_MAX;
	bool digest;

	field_end(p);
	p->in_header = false;
	p->body[part->depth] = *from;
	part->body_at = from->raw;
	part->header = size_between(&p->header[part->depth], from);
	digest = parent != NULL && parent->kind == MIME_MULTIPART &&
	    span_is(parent->subtype, "digest");
	mime_field_finish(p->arena, part, digest);
	if (span_is(part->type, "multipart")) {
		if (part->boundary.n == 0) {
			/* RFC 2045, 5.2: what is ill-formed is plain text */
			part->type = SPAN("text");
			part->subtype = SPAN("plain");
		} else if (!room) {
			make_opaque(p, part);
		} else {
			part->kind = MIME_MULTIPART;
			p->open[p->open_n++] = part;
		}
	} else if (is_message(part)) {
		if (!room) {
			make_opaque(p, part);
		} else {
			part->kind = MIME_MESSAGE;
			part_begin(p, from);
		}
	}
}

/* The innermost part ends at the given place, or where its body begins, or
 * where its last child ends, whichever is last. */
static void
part_end(struct mime_parser *p, const struct place *to)
{
	struct mime_part *part = p->at;
	const struct place *body = &p->body[part->depth];

	if (to->raw < body->raw)
		to = body;
	part->end_at = to->raw;
	part->body = size_between(body, to);
	if (part->last != NULL && part->last->end_at > part->end_at) {
		uint64_t more = part->last->end_at - part->end_at;

		/* an empty line that is also the boundary's line end */
		part->end_at += more;
		part->body.raw += more;
		part->body.lines++;
		part->body.crlf += 2;
		part->body.lf++;
	}
	p->at = part->parent;
}

/* Close what is open inside of (but not) stop at the end of the last line. */
static void
close_inside(
    struct mime_parser *p, const struct mime_part *stop, const struct place *to)
{
	while (p->at != stop) {
		/* a header cut off by a boundary keeps its line end */
		while (p->in_header)
			header_end(p, &p->line_start);
		part_end(p, to);
	}
}

/* Which open multipart's boundary line is: an index into open, or open_n. A
 * line that is the boundary and nothing more counts before one that goes on
 * behind a blank (RFC 2046, 5.1.1: the boundary alone is enough). */
static size_t
boundary_of(struct mime_parser *p, struct span line, bool *last)
{
	struct span rest = span_skip(line, 2);
	size_t longer = p->open_n;

	if (!span_starts(line, "--"))
		return p->open_n;
	for (size_t i = p->open_n; i-- > 0;) {
		struct span b = p->open[i]->boundary;
		struct span tail = span_skip(rest, b.n);
		bool ends = span_starts(tail, "--");

		p->work++;
		if (!span_eq(span_head(rest, b.n), b))
			continue;
		tail = span_skip(tail, ends ? 2 : 0);
		if (span_trim(tail).n == 0) {
			*last = ends;
			return i;
		}
		if (longer == p->open_n && ascii_blank(tail.p[0])) {
			longer = i;
			*last = ends;
		}
	}
	return longer;
}

/* True when line was a boundary, and all was done about it. */
static bool
take_boundary(struct mime_parser *p, struct span line)
{
	bool last = false;
	size_t i = boundary_of(p, line, &last);

	if (i == p->open_n)
		return false;
	if (!last && p->count >= MIME_PARTS_MAX) {
		p->cut = true;
		return false;
	}
	close_inside(p, p->open[i], &p->before_end);
	p->in_header = false;
	p->open_n = i + 1;
	if (last)
		p->open_n = i;
	else
		part_begin(p, &p->now);
	return true;
}

/* A line of a header, without its line end; the line may have been cut. */
static void
header_line(struct mime_parser *p, struct span line)
{
	if (line.n == 0) {
		header_end(p, &p->now);
		return;
	}
	if (ascii_blank(span_at(line, 0))) {
		if (p->field.n > 0 && p->field.n < MIME_FIELD_MAX) {
			buf_add_byte(&p->field, '\n');
			buf_add_span(&p->field,
			    span_head(line, MIME_FIELD_MAX - p->field.n));
		}
		return;
	}
	field_end(p);
	if (span_istarts(line, "Content-"))
		buf_add_span(&p->field, line);
}

/* The line in progress is complete; line is its kept front, and p->now stands
 * behind its line end. */
static void
line_end(struct mime_parser *p, struct span line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	p->work += line.n + 1;
	if (!take_boundary(p, line) && p->in_header)
		header_line(p, line);
	buf_clear(&p->line);
}

/* How much of the line in progress must be kept, piece being more of it. */
static size_t
wanted(const struct mime_parser *p, struct span piece)
{
	size_t max = p->in_header ? MIME_FIELD_MAX : LINE_KEPT;

	if (!p->in_header && p->line.n == 0 &&
	    (p->now.raw > p->line_start.raw || span_at(piece, 0) != '-'))
		return 0;
	if (p->line.n >= max)
		return 0;
	return piece.n < max - p->line.n ? piece.n : max - p->line.n;
}

void
mime_feed(struct mime_parser *p, struct span bytes)
{
	while (bytes.n > 0) {
		size_t n = span_find(bytes, '\n');
		struct span piece = span_head(bytes, n);
		struct place end;

		buf_add(&p->line, piece.p, wanted(p, piece));
		p->now.raw += n;
		if (n > 0)
			p->cr = piece.p[n - 1] == '\r';
		if (n == bytes.n)
			return;
		end = p->now;
		end.raw -= p->cr;
		p->now.raw++;
		p->now.lines++;
		p->now.bare += !p->cr;
		line_end(p, buf_span(&p->line));
		p->before_end = end;
		p->line_start = p->now;
		p->cr = false;
		bytes = span_skip(bytes, n + 1);
	}
}

struct mime_parser *
mime_new(struct arena *a)
{
	struct mime_parser *p = mem_new(sizeof(*p));

	p->arena = a;
	part_begin(p, &p->now);
	return p;
}

void
mime_free(struct mime_parser **p)
{
	if (*p == NULL)
		return;
	buf_free(&(*p)->line);
	buf_free(&(*p)->field);
	mem_free(p);
}

void
mime_finish(struct mime_parser *p, struct mime_tree *out)
{
	if (p->now.raw > p->line_start.raw)
		line_end(p, buf_span(&p->line));
	p->line_start = p->now;
	close_inside(p, NULL, &p->now);
	out->root = p->root;
	out->count = p->count;
	out->cut = p->cut;
}

uint64_t
mime_work(const struct mime_parser *p)
{
	return p->work;
}

void
mime_parse(struct arena *a, struct span message, struct mime_tree *out)
{
	struct mime_parser *p = mime_new(a);

	mime_feed(p, message);
	mime_finish(p, out);
	mime_free(&p);
}
