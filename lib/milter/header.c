/*
 * header.c - the header of a message while milters change it
 *
 * One row a field, in order: of the content (with its number there), kept,
 * replaced or deleted, or new. Edits are made of the rows at the end, so that
 * it does not matter who changed a field how often.
 */

#include "milter/header.h"

#include "base/arena.h"
#include "base/buf.h"
#include "message/header.h"
#include "queue/edits.h"

enum { NAME_LIMIT = 200, EDIT_HEAD = 16 };

struct row {
	struct span text; /* the whole field, LF at its end */
	struct span name;
	uint32_t number; /* in the content */
	bool fresh; /* not of the content */
	bool changed, deleted;
	bool made; /* by a milter */
};

struct milter_header {
	struct arena *arena;
	struct row rows[MILTER_FIELDS_MAX];
	size_t count;
	uint32_t fields; /* of the content */
	bool blank; /* the content lacks the empty line: it is in an edit */
	size_t made; /* octets of edits, about */
	bool full;
};

static bool
row_put(struct milter_header *h, size_t at, struct row row)
{
	h->full = h->full || h->count == MILTER_FIELDS_MAX;
	if (h->full)
		return false;
	for (size_t i = h->count++; i > at; i--)
		h->rows[i] = h->rows[i - 1];
	h->rows[at] = row;
	return true;
}

/* Split text into rows at *at, which then stands behind them. */
static bool
rows_put(struct milter_header *h, size_t *at, struct span text)
{
	struct header_field f;

	while (text.n > 0) {
		if (!header_next(&text, &f)) {
			h->blank = true;
			return true;
		}
		if (!row_put(h, (*at)++,
			(struct row){
			    .text = f.all, .name = f.name, .fresh = true }))
			return false;
	}
	return true;
}

/* Where the row of the content's field is; the end, where there is none. */
static size_t
row_find(const struct milter_header *h, uint32_t number)
{
	size_t i = 0;

	while (
	    i < h->count && (h->rows[i].fresh || h->rows[i].number != number))
		i++;
	return i;
}

static bool
replace(struct milter_header *h, size_t at, struct span text)
{
	size_t behind = at + 1;

	h->rows[at].deleted = true;
	return rows_put(h, &behind, text);
}

static bool
edit_apply(struct milter_header *h, enum edit_kind kind, uint32_t number,
    struct span text)
{
	size_t at = kind == EDIT_PREPEND ? 0
	    : kind == EDIT_APPEND        ? h->count
					 : row_find(h, number);

	switch (kind) {
	case EDIT_PREPEND:
	case EDIT_APPEND:
	case EDIT_INSERT:
		return rows_put(h, &at, text);
	case EDIT_REPLACE:
		return at == h->count || replace(h, at, text);
	case EDIT_DELETE:
		if (at < h->count)
			h->rows[at].deleted = true;
		return true;
	}
	return false;
}

struct milter_header *
milter_header_new(struct arena *a, struct span content, struct span edits)
{
	struct milter_header *h = arena_alloc(a, sizeof(*h));
	struct header_field f;
	enum edit_kind kind;
	uint32_t number;
	struct span text;

	h->arena = a;
	h->made = edits.n;
	while (content.n > 0 && header_next(&content, &f))
		if (!row_put(h, h->count,
			(struct row){ .text = f.all,
			    .name = f.name,
			    .number = h->fields++ }))
			return NULL;
	while (edits_next(&edits, &kind, &number, &text))
		if (!edit_apply(h, kind, number, text))
			return NULL;
	return edits.n == 0 ? h : NULL;
}

static bool
is_seen(const struct row *r)
{
	return !r->deleted && r->name.n > 0;
}

bool
milter_header_next(
    const struct milter_header *h, size_t *at, struct milter_field *out)
{
	while (*at < h->count) {
		const struct row *r = &h->rows[(*at)++];

		if (!is_seen(r))
			continue;
		out->name = r->name;
		out->value = span_skip(r->text, span_find(r->text, ':') + 1);
		if (span_ends(out->value, "\n"))
			out->value.n--;
		return true;
	}
	return false;
}

/* Room for an edit of so many octets. */
static bool
made(struct milter_header *h, size_t octets)
{
	h->made += octets + EDIT_HEAD;
	h->full = h->full || h->made > MILTER_EDITS_MAX;
	return !h->full;
}

bool
milter_header_full(const struct milter_header *h)
{
	return h->full;
}

/* The field's text: lines that go on begin with a blank, whatever the milter
 * sent, so that nothing becomes a field of its own. */
static bool
text_make(struct milter_header *h, struct span name, struct span value,
    bool space, struct span *out)
{
	struct buf text = BUF_EMPTY;

	if (!header_name_valid(name) || name.n > NAME_LIMIT ||
	    !made(h, name.n + value.n))
		return false;
	buf_add_span(&text, name);
	buf_add_str(
	    &text, space && !ascii_blank(span_at(value, 0)) ? ": " : ":");
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\r' || c == '\0')
			continue;
		buf_add_byte(&text, c);
		if (c == '\n' && !ascii_blank(span_at(value, i + 1)))
			buf_add_byte(&text, '\t');
	}
	while (text.n > 0 &&
	    (text.p[text.n - 1] == '\n' ||
		(text.p[text.n - 1] == '\t' && text.n > 1 &&
		    text.p[text.n - 2] == '\n')))
		text.n--;
	buf_add_byte(&text, '\n');
	*out = arena_span(h->arena, buf_span(&text));
	buf_free(&text);
	return true;
}

static bool
fresh_put(
    struct milter_header *h, size_t at, struct span name, struct span text)
{
	return row_put(h, at,
	    (struct row){ .text = text,
		.name = span_head(text, name.n),
		.fresh = true,
		.made = true });
}

bool
milter_header_add(
    struct milter_header *h, struct span name, struct span value, bool space)
{
	struct span text;

	return text_make(h, name, value, space, &text) &&
	    fresh_put(h, h->count, name, text);
}

bool
milter_header_insert(struct milter_header *h, uint32_t index, struct span name,
    struct span value, bool space)
{
	struct span text;
	size_t at = 0;

	for (; at < h->count; at++)
		if (is_seen(&h->rows[at]) && index-- == 0)
			break;
	return text_make(h, name, value, space, &text) &&
	    fresh_put(h, at, name, text);
}

bool
milter_header_change(struct milter_header *h, uint32_t index, struct span name,
    struct span value, bool space)
{
	struct span text;
	size_t at = 0;

	if (index == 0)
		index = 1;
	for (; at < h->count; at++)
		if (is_seen(&h->rows[at]) && span_ieq(h->rows[at].name, name) &&
		    --index == 0)
			break;
	if (value.n == 0) {
		if (at < h->count)
			h->rows[at].deleted = made(h, 0);
		return true;
	}
	if (!text_make(h, name, value, space, &text))
		return false;
	if (at == h->count)
		return fresh_put(h, at, name, text);
	h->rows[at].text = text;
	h->rows[at].name = span_head(text, name.n);
	h->rows[at].changed = h->rows[at].made = true;
	return true;
}

bool
milter_header_made(
    const struct milter_header *h, size_t *at, struct milter_made *out)
{
	while (*at < h->count) {
		const struct row *r = &h->rows[*at];

		out->number = (uint32_t)(*at)++;
		out->name = r->name;
		out->all = r->text;
		if (r->made && is_seen(r))
			return true;
	}
	return false;
}

static bool
edit_by_row(
    struct milter_header *h, enum edit_kind kind, size_t at, struct span text)
{
	if (!made(h, text.n) || at >= h->count)
		return false;
	text = arena_span(h->arena, text);
	if (kind == EDIT_INSERT)
		return rows_put(h, &at, text);
	if (kind == EDIT_REPLACE)
		return replace(h, at, text);
	h->rows[at].deleted = true;
	return kind == EDIT_DELETE;
}

/* From the last to the first: numbers before the place do not move. */
bool
milter_header_edit(struct milter_header *h, struct span edits)
{
	enum edit_kind kind;
	uint32_t number;
	struct span rest, text, last = { NULL, 0 };

	while (edits.n > 0) {
		rest = edits;
		while (rest.n > 0) {
			last = rest;
			if (!edits_next(&rest, &kind, &number, &text))
				return false;
		}
		if (!edit_by_row(h, kind, number, text))
			return false;
		edits = span_head(edits, edits.n - last.n);
	}
	return true;
}

/* New fields before the content's next one, or behind the last. */
static void
fresh_end(const struct milter_header *h, struct buf *text,
    const struct row *next, struct buf *edits)
{
	bool last = next == NULL;

	if (last && h->blank)
		buf_add_byte(text, '\n');
	if (text->n > 0)
		edits_add(edits, last && !h->blank ? EDIT_APPEND : EDIT_INSERT,
		    last ? h->fields : next->number, buf_span(text));
	buf_clear(text);
}

void
milter_header_edits(const struct milter_header *h, struct buf *edits)
{
	struct buf text = BUF_EMPTY;

	for (size_t i = 0; i < h->count; i++) {
		const struct row *r = &h->rows[i];

		if (r->fresh) {
			if (!r->deleted)
				buf_add_span(&text, r->text);
			continue;
		}
		fresh_end(h, &text, r, edits);
		if (r->deleted)
			edits_add(
			    edits, EDIT_DELETE, r->number, span_of("", 0));
		else if (r->changed)
			edits_add(edits, EDIT_REPLACE, r->number, r->text);
	}
	fresh_end(h, &text, NULL, edits);
	buf_free(&text);
}
