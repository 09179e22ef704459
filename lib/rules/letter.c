/*
 * letter.c - the message of a run, as procmail sees it
 */

#include "rules/letter.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "rules/grams.h"

/* A pass over a header costs what eleven searches cost that find nothing. */
enum { GRAMS_AFTER = 8, GRAMS_HEAD_MAX = 65536 };

struct letter {
	struct buf text;
	size_t body_at;
	bool lengths;
	/* the header joined, and the body behind it once both are asked for */
	struct buf searched;
	size_t searched_head;
	bool searched_ready;
	struct grams *grams; /* of it, once it was searched often */
	unsigned searches;
	bool joined; /* the log is to show it so */
};

static const char quoted_from[] = ">From ";

/* ---- where things are */

static size_t
head_size(struct span text)
{
	size_t at = 0, line;

	while (at < text.n && text.p[at] == '\n')
		at++;
	while (at < text.n) {
		line = span_find(span_skip(text, at), '\n');
		if (line == 0)
			return at + 1;
		at += line + 1;
	}
	return text.n;
}

/* Bytes of the envelope line, and with more of the lines like it that follow.
 */
static size_t
from_size(struct span text, bool more)
{
	size_t at = 0;

	if (!span_starts(text, quoted_from + 1))
		return 0;
	do {
		at += span_find(span_skip(text, at), '\n') + 1;
	} while (more && span_starts(span_skip(text, at), quoted_from));
	return at < text.n ? at : text.n;
}

/* ---- Content-Length */

static struct span
length_field(struct span head)
{
	struct span line;

	while (span_at(head, 0) == '\n')
		head = span_skip(head, 1);
	while (span_line(&head, &line) && line.n > 0)
		if (span_istarts(line, "Content-Length:"))
			return span_skip(line, sizeof("Content-Length:") - 1);
	return span_of(NULL, 0);
}

/* The length that procmail writes: an empty line at the end counts as what
 * stands between two messages. */
static size_t
body_length(const struct letter *l)
{
	size_t n = l->text.n - l->body_at;

	return n > 0 && l->text.n > 1 && l->text.p[l->text.n - 2] == '\n'
	    ? n - 1
	    : n;
}

/* As wide as the field is; nines where it is too narrow. */
static void
length_correct(struct letter *l)
{
	struct span field = length_field(letter_head(l));
	char digits[24];
	size_t n, at;

	if (!l->lengths || field.n == 0)
		return;
	n = (size_t)snprintf(digits, sizeof(digits), "%zu", body_length(l));
	at = (size_t)(field.p - l->text.p);
	memset(l->text.p + at, n > field.n ? '9' : ' ', field.n);
	if (n <= field.n)
		memcpy(l->text.p + at + field.n - n, digits, n);
}

/* How many bytes of the body are not to be touched. */
static uint64_t
shield(const struct letter *l)
{
	struct span field = span_trim(length_field(letter_head(l)));
	uint64_t n = 0;

	if (!l->lengths || field.p == NULL)
		return 0;
	for (size_t i = 0; i < field.n && i < 18; i++) {
		if (!ascii_digit((unsigned char)field.p[i]))
			break;
		n = n * 10 + (uint64_t)(field.p[i] - '0');
	}
	return n + 1; /* a line whose newline lies inside is not touched */
}

/* ---- making and changing */

static void
changed(struct letter *l, size_t body_at)
{
	l->body_at = body_at;
	l->searched_ready = false;
	l->searches = 0;
	l->joined = false;
	grams_free(&l->grams);
	length_correct(l);
}

struct letter *
letter_take(struct buf *text, bool lengths)
{
	struct letter *l = mem_new(sizeof(*l));

	l->lengths = lengths;
	l->text = *text;
	*text = (struct buf)BUF_EMPTY;
	changed(l, head_size(letter_text(l)));
	return l;
}

struct letter *
letter_new(struct span text, bool lengths)
{
	struct buf copy = BUF_EMPTY;

	buf_add_span(&copy, text);
	return letter_take(&copy, lengths);
}

void
letter_free(struct letter **l)
{
	if (*l == NULL)
		return;
	buf_free(&(*l)->text);
	buf_free(&(*l)->searched);
	grams_free(&(*l)->grams);
	mem_free(l);
}

struct span
letter_text(const struct letter *l)
{
	return buf_span(&l->text);
}

struct span
letter_head(const struct letter *l)
{
	return span_head(letter_text(l), l->body_at);
}

struct span
letter_body(const struct letter *l)
{
	return span_skip(letter_text(l), l->body_at);
}

struct span
letter_from(const struct letter *l)
{
	struct span line =
	    span_head(letter_text(l), from_size(letter_text(l), false));

	if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	return line;
}

void
letter_replace(struct letter *l, bool head, bool body, struct span by)
{
	struct buf text = BUF_EMPTY;
	size_t body_at = l->body_at;

	if (body && !head)
		buf_add_span(&text, letter_head(l));
	buf_add_span(&text, by);
	if (head && !body)
		buf_add_span(&text, letter_body(l));
	buf_free(&l->text);
	l->text = text;
	if (head || !body)
		body_at = head_size(letter_text(l));
	changed(l, body_at);
}

void
letter_set_from(struct letter *l, struct span line, bool more)
{
	struct buf text = BUF_EMPTY;

	if (line.n > 0) {
		buf_add_span(&text, line);
		buf_add_byte(&text, '\n');
	}
	buf_add_span(
	    &text, span_skip(letter_text(l), from_size(letter_text(l), more)));
	buf_free(&l->text);
	l->text = text;
	changed(l, head_size(letter_text(l)));
}

void
letter_skip_empty(struct letter *l)
{
	struct buf text = BUF_EMPTY;
	size_t n = 0;

	while (span_at(letter_text(l), n) == '\n')
		n++;
	if (n == 0)
		return;
	buf_add_span(&text, span_skip(letter_text(l), n));
	buf_free(&l->text);
	l->text = text;
	changed(l, head_size(letter_text(l)));
}

/* ---- what is searched */

static void
join_lines(struct letter *l)
{
	struct span head = letter_head(l);
	char *out;

	buf_clear(&l->searched);
	out = buf_room(&l->searched, head.n + 1);
	for (size_t i = 0; i < head.n; i++)
		out[i] = head.p[i] == '\n' && ascii_blank(span_at(head, i + 1))
		    ? ' '
		    : head.p[i];
	l->searched.n = l->searched_head = head.n;
	l->searched_ready = true;
}

void
letter_show_joined(struct letter *l, bool joined)
{
	l->joined = joined;
}

struct span
letter_searched(struct letter *l, bool head, bool body)
{
	if (!head)
		return letter_body(l);
	l->joined = true;
	if (!l->searched_ready)
		join_lines(l);
	if (body && l->searched.n == l->searched_head)
		buf_add_span(&l->searched, letter_body(l));
	return span_head(
	    buf_span(&l->searched), body ? l->text.n : l->searched_head);
}

const struct grams *
letter_head_grams(struct letter *l)
{
	if (l->grams != NULL || l->body_at > GRAMS_HEAD_MAX ||
	    ++l->searches < GRAMS_AFTER)
		return l->grams;
	l->grams = grams_new(letter_searched(l, true, false));
	return l->grams;
}

struct span
letter_head_seen(struct letter *l)
{
	return l->joined ? letter_searched(l, true, false) : letter_head(l);
}

/* ---- what is written */

void
pieces_add(struct pieces *p, struct span s)
{
	if (s.n == 0)
		return;
	if (p->count == p->room) {
		p->room = p->room == 0 ? 4 : p->room * 2;
		p->at = mem_resize(p->at, p->room, sizeof(*p->at));
	}
	p->at[p->count++] = s;
	p->bytes += s.n;
}

void
pieces_free(struct pieces *p)
{
	mem_free(&p->at);
	*p = (struct pieces){ .count = 0 };
}

/* text with '>' where a line begins "From ", but for its first line and for
 * what begins inside [body, body + shielded). */
static void
add_quoted(
    struct pieces *out, struct span text, const char *body, uint64_t shielded)
{
	struct span rest = text;
	size_t at;

	/* what the message begins with, behind empty lines, is no line of it */
	for (at = 0; span_at(text, at) == '\n'; at++)
		;
	if (at > 0 && text.p < body) {
		pieces_add(out, span_head(text, at));
		rest = span_skip(text, at);
	}
	while ((at = span_search(rest, SPAN("\nFrom "))) < rest.n) {
		const char *line = rest.p + at + 1;

		pieces_add(out, span_head(rest, at + 1));
		if (line < body || (uint64_t)(line - body) >= shielded)
			pieces_add(out, SPAN(">"));
		pieces_add(out, SPAN("From "));
		rest = span_skip(rest, at + sizeof("\nFrom ") - 1);
	}
	pieces_add(out, rest);
}

static bool
ends_in_empty_line(struct span text)
{
	return text.n >= 2 && text.p[text.n - 1] == '\n' &&
	    text.p[text.n - 2] == '\n';
}

void
letter_render(
    struct letter *l, const struct letter_how *how, struct pieces *out)
{
	struct span text = how->head == how->body ? letter_text(l)
	    : how->head                           ? letter_head(l)
						  : letter_body(l);

	if (how->no_from && how->head >= how->body)
		text = span_skip(text, from_size(text, true));
	if (how->quote)
		add_quoted(out, text, l->text.p + l->body_at, shield(l));
	else
		pieces_add(out, text);
	out->ended = how->end_line && !ends_in_empty_line(text);
	if (out->ended)
		pieces_add(out, SPAN("\n"));
}
