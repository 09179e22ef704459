/*
 * edits.c - changes to a message's header, kept beside its content
 *
 * In the usual case all edits are prepended lines: then the message is one
 * piece of text and one range of the file, and the content is not read.
 */

#include "queue/edits.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "os/file.h"

enum { HEAD = 9, HEADER_MAX = 1024 * 1024, FIELDS_MAX = 10000 };

struct edited {
	int fd;
	struct edits_piece *pieces;
	size_t count, room;
	struct buf prepended;
	struct buf header; /* the front of the content, as far as it was read */
	uint64_t size, content;
};

void
edits_add(
    struct buf *list, enum edit_kind kind, uint32_t field, struct span text)
{
	buf_add_byte(list, (char)kind);
	for (int i = 0; i < 4; i++)
		buf_add_byte(list, (char)(field >> (8 * i) & 0xff));
	for (int i = 0; i < 4; i++)
		buf_add_byte(list, (char)(text.n >> (8 * i) & 0xff));
	buf_add_span(list, text);
}

static uint32_t
number_at(struct span s, size_t at)
{
	uint32_t value = 0;

	for (size_t i = 4; i-- > 0;)
		value = value << 8 | (unsigned char)s.p[at + i];
	return value;
}

bool
edits_next(
    struct span *list, enum edit_kind *kind, uint32_t *field, struct span *text)
{
	size_t n;

	if (list->n < HEAD || memchr("PAIRD", list->p[0], 5) == NULL)
		return false;
	n = number_at(*list, 5);
	if (n > list->n - HEAD)
		return false;
	*kind = (enum edit_kind)list->p[0];
	*field = number_at(*list, 1);
	*text = span_of(list->p + HEAD, n);
	*list = span_skip(*list, HEAD + n);
	return true;
}

/* What follows the last piece in the file belongs to it: fewer reads. */
static bool
piece_joins(const struct edits_piece *last, struct span text, uint64_t offset)
{
	return text.n == 0 &&
	    (last->size == 0 || last->offset + last->size == offset);
}

static void
piece_add(struct edited *e, struct span text, uint64_t offset, uint64_t size)
{
	struct edits_piece *last =
	    e->count > 0 ? &e->pieces[e->count - 1] : NULL;

	e->size += text.n + size;
	if (last != NULL && piece_joins(last, text, offset)) {
		last->offset = last->size == 0 ? offset : last->offset;
		last->size += size;
		return;
	}
	if (e->count == e->room) {
		e->room = e->room == 0 ? 4 : e->room * 2;
		e->pieces = mem_resize(e->pieces, e->room, sizeof(*e->pieces));
	}
	must(e->pieces != NULL);
	e->pieces[e->count++] = (struct edits_piece){ text, offset, size };
}

/* Length of the header field at the front of s, its continuation lines too;
 * 0 at the end of the header. */
static size_t
field_length(struct span s)
{
	size_t n = 0;

	if (s.n == 0 || s.p[0] == '\n')
		return 0;
	do {
		n += span_find(span_skip(s, n), '\n') + 1;
	} while (n < s.n && ascii_blank((unsigned char)s.p[n]));
	return n < s.n ? n : s.n;
}

static int
header_read(struct edited *e, size_t most)
{
	size_t n = e->content < most ? (size_t)e->content : most;

	if (n <= e->header.n)
		return 0;
	buf_clear(&e->header);
	if (file_read_at(e->fd, buf_room(&e->header, n), n, 0) == -1) {
		if (errno == 0)
			errno = EBADMSG;
		return -1;
	}
	e->header.n = n;
	return 0;
}

/* Texts of this kind for this field, in order; true if it is kept itself. */
static bool
field_edits(struct edited *e, struct span list, uint32_t number)
{
	enum edit_kind kind;
	uint32_t field;
	struct span text;
	bool kept = true;

	while (edits_next(&list, &kind, &field, &text)) {
		if (kind == EDIT_PREPEND || kind == EDIT_APPEND ||
		    field != number)
			continue;
		if (kind != EDIT_DELETE)
			piece_add(e, text, 0, 0);
		if (kind != EDIT_INSERT)
			kept = false;
	}
	return kept;
}

static void
appended(struct edited *e, struct span list)
{
	enum edit_kind kind;
	uint32_t field;
	struct span text;

	while (edits_next(&list, &kind, &field, &text))
		if (kind == EDIT_APPEND)
			piece_add(e, text, 0, 0);
}

static int
apply(struct edited *e, struct span list, uint64_t size)
{
	struct span rest;
	uint64_t at = 0;

	if (header_read(e, HEADER_MAX) == -1)
		return -1;
	rest = buf_span(&e->header);
	for (uint32_t i = 0; i < FIELDS_MAX; i++) {
		size_t n = field_length(rest);

		if (n == 0)
			break;
		if (field_edits(e, list, i))
			piece_add(e, span_of(NULL, 0), at, n);
		at += n;
		rest = span_skip(rest, n);
	}
	appended(e, list);
	piece_add(e, span_of(NULL, 0), at, size - at);
	return 0;
}

static int
collect(struct edited *e, uint64_t size, struct span list)
{
	bool simple = true;
	enum edit_kind kind;
	uint32_t field;
	struct span text, rest = list;

	while (edits_next(&rest, &kind, &field, &text)) {
		if (kind != EDIT_PREPEND) {
			simple = false;
			continue;
		}
		/* later ones go above */
		buf_room(&e->prepended, text.n);
		if (e->prepended.n > 0)
			memmove(e->prepended.p + text.n, e->prepended.p,
			    e->prepended.n);
		memcpy(e->prepended.p, text.p, text.n);
		e->prepended.n += text.n;
	}
	if (rest.n != 0) {
		errno = EBADMSG;
		return -1;
	}
	if (simple) {
		piece_add(e, buf_span(&e->prepended), 0, size);
		return 0;
	}
	piece_add(e, buf_span(&e->prepended), 0, 0);
	return apply(e, list, size);
}

struct edited *
edited_open(int fd, uint64_t size, struct span list)
{
	struct edited *e = mem_new(sizeof(*e));

	e->fd = fd;
	e->content = size;
	if (collect(e, size, list) == 0)
		return e;
	edited_free(&e);
	return NULL;
}

void
edited_free(struct edited **ep)
{
	struct edited *e = *ep;
	int error = errno;

	if (e == NULL)
		return;
	buf_free(&e->prepended);
	buf_free(&e->header);
	free(e->pieces);
	free(e);
	*ep = NULL;
	errno = error;
}

bool
edited_next(const struct edited *e, size_t *at, struct edits_piece *out)
{
	if (*at >= e->count)
		return false;
	*out = e->pieces[(*at)++];
	return true;
}

int
edited_keep(struct edited *e, size_t most)
{
	return header_read(e, most);
}

bool
edited_kept(
    const struct edited *e, uint64_t offset, uint64_t size, struct span *out)
{
	if (offset > e->header.n || size > e->header.n - offset)
		return false;
	*out = span_of(e->header.p + offset, (size_t)size);
	return true;
}

uint64_t
edited_size(const struct edited *e)
{
	return e->size;
}

static ssize_t
piece_read(const struct edited *e, const struct edits_piece *piece, void *p,
    size_t n, uint64_t at)
{
	if (at < piece->text.n) {
		struct span text = span_skip(piece->text, (size_t)at);

		if (n > text.n)
			n = text.n;
		memcpy(p, text.p, n);
		return (ssize_t)n;
	}
	at -= piece->text.n;
	if (n > piece->size - at)
		n = (size_t)(piece->size - at);
	at += piece->offset;
	if (at < e->header.n) {
		struct span known = span_skip(buf_span(&e->header), (size_t)at);

		if (n > known.n)
			n = known.n;
		memcpy(p, known.p, n);
		return (ssize_t)n;
	}
	if (file_read_at(e->fd, p, n, at) == -1) {
		if (errno == 0)
			errno = EBADMSG; /* shorter than its record says */
		return -1;
	}
	return (ssize_t)n;
}

ssize_t
edited_read(const struct edited *e, void *p, size_t n, uint64_t offset)
{
	for (size_t i = 0; i < e->count; i++) {
		uint64_t size = e->pieces[i].text.n + e->pieces[i].size;

		if (offset < size)
			return piece_read(e, &e->pieces[i], p, n, offset);
		offset -= size;
	}
	return 0;
}
