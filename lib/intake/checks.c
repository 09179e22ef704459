/*
 * checks.c - which lines of a message are to be looked up
 *
 * The message's own header comes field by field, numbered, and is changed by
 * edits; what stands behind it is found in the block and changed there, before
 * it is written. A field or line that is longer than its limit is looked at up
 * to there.
 */

#include "intake/checks.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "message/mime_lines.h"
#include "queue/edits.h"

struct checks {
	struct checks_conf conf;
	struct arena *arena; /* of the items */
	struct check_item *items;
	size_t count, room, asked;
	struct mime_lines *mime;
	bool in_body; /* the own header is over */
	bool stopped;
	size_t scanned; /* of the block: what is a line behind it comes next */
	bool field; /* a field is under way, from field_from on */
	bool folds; /* of a field that was cut: they go by */
	bool passing; /* the rest of something too long goes by */
	size_t field_from;
	unsigned part;
	uint64_t part_octets;
};

struct checks *
checks_new(const struct checks_conf *conf)
{
	struct checks *c = mem_new(sizeof(*c));

	c->conf = *conf;
	c->arena = arena_new();
	c->mime = mime_lines_new(conf->depth_max);
	return c;
}

void
checks_free(struct checks **c)
{
	if (*c == NULL)
		return;
	free((*c)->items);
	mime_lines_free(&(*c)->mime);
	arena_free(&(*c)->arena);
	free(*c);
	*c = NULL;
}

/* NUL ends lines on their way, and a table has no key with one. */
static struct span
cleaned(struct arena *a, struct span text)
{
	char *copy = arena_span_str(a, text);

	for (size_t i = 0; i < text.n; i++)
		if (copy[i] == '\0')
			copy[i] = ' ';
	return span_of(copy, text.n);
}

static struct check_item *
item_add(struct checks *c, enum check_table table, struct span text)
{
	struct check_item *item;

	if (!c->conf.wanted[table] || c->stopped || text.n == 0)
		return NULL;
	if (c->count == c->room) {
		c->room = c->room == 0 ? 16 : c->room * 2;
		c->items = mem_resize(c->items, c->room, sizeof(*c->items));
	}
	item = &c->items[c->count++];
	*item = (struct check_item){ .table = table,
		.text = cleaned(c->arena, text),
		.value = { NULL, 0 },
		.with = { NULL, 0 } };
	return item;
}

static bool
is_mime(struct span name)
{
	static const char *const names[] = { "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding", "Content-Description",
		"Content-Disposition", "Content-ID", "Content-Length" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_iis(name, names[i]))
			return true;
	return false;
}

static struct span
without_end(struct span all)
{
	return span_ends(all, "\n") ? span_head(all, all.n - 1) : all;
}

void
checks_field(
    struct checks *c, struct span name, struct span all, uint32_t number)
{
	struct check_item *item;

	mime_lines_field(c->mime, without_end(all));
	item = item_add(c, is_mime(name) ? CHECK_MIME : CHECK_HEADER,
	    span_head(without_end(all), c->conf.field_max));
	if (item == NULL)
		return;
	item->top = true;
	item->field = number;
}

void
checks_header_end(struct checks *c, size_t at)
{
	mime_lines_header_end(c->mime);
	c->in_body = true;
	c->scanned = at;
}

/* The field that is under way ends here. */
static void
field_end(struct checks *c, struct span block)
{
	struct span all =
	    span_skip(span_head(block, c->scanned), c->field_from);
	struct span text = without_end(all), name;
	struct check_item *item;
	enum check_table table = CHECK_MIME;

	c->field = false;
	mime_lines_field(c->mime, text);
	name = span_trim_right(span_head(text, span_find(text, ':')));
	if (mime_lines_nested(c->mime) && !is_mime(name))
		table = CHECK_NESTED;
	item = item_add(c, table, span_head(text, c->conf.field_max));
	if (item != NULL) {
		item->from = c->field_from;
		item->to = c->scanned;
	}
}

/* The first so many octets of a part are looked at. */
static bool
within(struct checks *c, size_t octets)
{
	if (c->part != mime_lines_part(c->mime)) {
		c->part = mime_lines_part(c->mime);
		c->part_octets = 0;
	}
	c->part_octets += octets;
	return c->part_octets - octets < c->conf.body_max;
}

static void
body_line(struct checks *c, struct span line, size_t to)
{
	struct check_item *item;

	if (!within(c, line.n + 1))
		return;
	item = item_add(c, CHECK_BODY, span_head(line, c->conf.line_max));
	if (item != NULL) {
		item->from = c->scanned;
		item->to = to;
	}
}

/* A line, or the front of one that is too long, up to byte to of the block. */
static void
line_take(struct checks *c, struct span line, size_t to)
{
	switch (mime_lines_feed(c->mime, line)) {
	case MIME_LINE_FIELD:
		c->field = true;
		c->field_from = c->scanned;
		break;
	case MIME_LINE_BODY:
		body_line(c, line, to);
		break;
	case MIME_LINE_END:
		break;
	}
	c->scanned = to;
}

/* What a piece without line end may be at most before it is cut. */
static size_t
piece_max(const struct checks *c)
{
	return mime_lines_in_header(c->mime) ? c->conf.field_max
					     : c->conf.line_max;
}

/* One line of the rest; false: it is not whole yet. */
static bool
step(struct checks *c, struct span block, bool last)
{
	struct span rest = span_skip(block, c->scanned), line;
	size_t end = span_find(rest, '\n');
	bool whole = end < rest.n;

	if (rest.n == 0)
		return false;
	line = span_head(rest, end);
	if (c->passing) {
		c->scanned += whole ? end + 1 : end;
		c->passing = !whole;
		return true;
	}
	if ((c->field || c->folds) && ascii_blank(span_at(line, 0))) {
		if (!whole && !last && end <= piece_max(c))
			return false;
		c->scanned += whole ? end + 1 : end;
		c->passing = !whole;
		return true;
	}
	if (c->field)
		field_end(c, block);
	c->folds = false;
	if (!whole && !last && end <= piece_max(c))
		return false;
	c->passing = !whole && !last;
	line_take(c, line, c->scanned + (whole ? end + 1 : end));
	return true;
}

void
checks_scan(struct checks *c, struct span block, bool last)
{
	if (c->stopped || !c->in_body)
		return;
	while (step(c, block, last)) {
		/* a field without end is looked at in its front only */
		if (c->field &&
		    c->scanned - c->field_from > c->conf.field_max) {
			field_end(c, block);
			c->folds = true;
		}
	}
	if (last && c->field)
		field_end(c, block);
}

size_t
checks_settled(const struct checks *c)
{
	if (c->stopped || !c->in_body)
		return SIZE_MAX;
	if (c->asked < c->count)
		return 0;
	return c->field ? c->field_from : c->scanned;
}

void
checks_shift(struct checks *c, size_t n)
{
	if (!c->in_body)
		return;
	c->scanned -= n < c->scanned ? n : c->scanned;
	c->field_from -= n < c->field_from ? n : c->field_from;
}

bool
checks_pending(const struct checks *c)
{
	return c->count > 0;
}

enum check_table
checks_batch(const struct checks *c, size_t max, struct buf *lines)
{
	size_t i = c->asked;
	enum check_table table =
	    i < c->count ? c->items[i].table : CHECK_TABLES;

	for (; i < c->count && c->items[i].table == table; i++) {
		struct span text = span_head(c->items[i].text, max - 1);

		if (lines->n + text.n + 1 > max)
			break;
		buf_add_span(lines, text);
		buf_add_byte(lines, '\0');
	}
	return table;
}

void
checks_hit(struct checks *c, uint32_t n, struct span value)
{
	if (n < c->count - c->asked)
		c->items[c->asked + n].value = arena_span(c->arena, value);
}

void
checks_done(struct checks *c, uint32_t n)
{
	c->asked += n < c->count - c->asked ? n : c->count - c->asked;
}

struct check_item *
checks_next(struct checks *c, size_t *at)
{
	while (*at < c->count) {
		struct check_item *item = &c->items[(*at)++];

		if (item->value.p != NULL)
			return item;
	}
	return NULL;
}

void
checks_with(struct checks *c, struct check_item *item, struct span with)
{
	item->with = arena_span(c->arena, with);
}

static void
edit(const struct check_item *item, struct buf *edits)
{
	struct buf text = BUF_EMPTY;

	buf_add_span(&text, item->with);
	buf_add_byte(&text, '\n');
	switch (item->change) {
	case CHECK_DROP:
		edits_add(edits, EDIT_DELETE, item->field, span_of("", 0));
		break;
	case CHECK_REPLACE:
		edits_add(edits, EDIT_REPLACE, item->field, buf_span(&text));
		break;
	case CHECK_PREPEND:
		edits_add(edits, EDIT_INSERT, item->field, buf_span(&text));
		break;
	case CHECK_KEEP:
		break;
	}
	buf_free(&text);
}

/* The block anew, with what is changed in it. */
static void
rewrite(struct checks *c, struct buf *block)
{
	struct buf fresh = BUF_EMPTY;
	struct span old = buf_span(block);
	size_t at = 0, scanned = 0, field_from = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct check_item *item = &c->items[i];

		if (item->top || item->change == CHECK_KEEP)
			continue;
		buf_add_span(&fresh, span_skip(span_head(old, item->from), at));
		if (item->change != CHECK_DROP) {
			buf_add_span(&fresh, item->with);
			buf_add_byte(&fresh, '\n');
		}
		at = item->change == CHECK_PREPEND ? item->from : item->to;
	}
	scanned = fresh.n + (c->scanned - at);
	field_from = fresh.n + (c->field ? c->field_from - at : 0);
	buf_add_span(&fresh, span_skip(old, at));
	c->scanned = scanned;
	c->field_from = field_from;
	buf_free(block);
	*block = fresh;
}

void
checks_settle(struct checks *c, struct buf *block, struct buf *edits)
{
	bool changed = false;

	for (size_t i = 0; i < c->count; i++) {
		if (c->items[i].top)
			edit(&c->items[i], edits);
		else
			changed = changed || c->items[i].change != CHECK_KEEP;
	}
	if (changed)
		rewrite(c, block);
	c->count = c->asked = 0;
	arena_clear(c->arena);
}

void
checks_stop(struct checks *c)
{
	c->stopped = true;
	c->count = c->asked = 0;
}
