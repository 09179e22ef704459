/*
 * address_list.c - address lists of header fields (RFC 5322, 3.4 and 4.4)
 *
 * One pass over the value. An entry is read as words until the byte that tells
 * what they were: '<' a display name, '@' a local part, ':' a group's name. No
 * nesting but that of comments, which is a count. What makes no sense is
 * passed over to the next comma.
 */

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "message/address.h"

struct reader {
	struct span s;
	size_t at;
	struct arena *arena;
	struct address_list *out;
	struct address_entry *list;
	size_t room;
	bool in_group;
	/* of the entry being read */
	struct buf phrase; /* all words so far */
	struct buf local; /* the last run of words joined by dots */
	struct buf domain, route;
	struct buf comment; /* the last one */
	struct buf junk;
	size_t run_at; /* where that run stands in phrase */
	bool after_dot;
	/* where the address stands: its run of words, and its end */
	size_t spec_at, spec_end;
};

static int
peek(struct reader *r)
{
	r->out->work++;
	return span_at(r->s, r->at);
}

/* Comments and quoted strings may be folded and hold anything; no line end or
 * control may come out. */
static void
add_clean(struct buf *out, char c)
{
	if (c == '\0' || c == '\r' || c == '\n')
		return;
	buf_add_byte(out, ascii_control((unsigned char)c) ? ' ' : c);
}

/* At '('. */
static void
read_comment(struct reader *r)
{
	size_t depth = 0;

	buf_clear(&r->comment);
	for (; r->at < r->s.n; r->at++) {
		char c = (char)peek(r);

		if (c == ')' && --depth == 0) {
			r->at++;
			return;
		}
		if (c == '\\' && r->at + 1 < r->s.n)
			c = r->s.p[++r->at];
		else if (c == '(' && depth++ == 0)
			continue;
		add_clean(&r->comment, c);
	}
	r->out->malformed = true;
}

/* Pass over blanks, line ends, controls and comments; true if any stood there.
 */
static bool
skip_blanks(struct reader *r)
{
	size_t from = r->at;

	for (;;) {
		int c = peek(r);

		if (c == '(')
			read_comment(r);
		else if (c == ' ' || ascii_control(c))
			r->at++;
		else
			return r->at > from;
	}
}

/* At '"'. */
static void
read_quoted(struct reader *r, struct buf *out)
{
	for (r->at++; r->at < r->s.n; r->at++) {
		char c = (char)peek(r);

		if (c == '"') {
			r->at++;
			return;
		}
		if (c == '\\' && r->at + 1 < r->s.n)
			c = r->s.p[++r->at];
		add_clean(out, c);
	}
	r->out->malformed = true;
}

static bool
is_word_byte(int c)
{
	return c > ' ' && c != 127 &&
	    span_find(SPAN("(<>:;@,.\""), (char)c) == 9;
}

static void
read_atom(struct reader *r, struct buf *out)
{
	while (is_word_byte(peek(r)))
		buf_add_byte(out, r->s.p[r->at++]);
}

/* Read an atom, a dot or a quoted string into out; false at anything else. */
static bool
read_word(struct reader *r, struct buf *out)
{
	int c = peek(r);

	if (c == '"')
		read_quoted(r, out);
	else if (c == '.')
		buf_add_byte(out, r->s.p[r->at++]);
	else if (is_word_byte(c))
		read_atom(r, out);
	else
		return false;
	return true;
}

/* A word of the entry: to the phrase, and to the local part that it may be. */
static bool
read_phrase_word(struct reader *r, bool gap)
{
	bool dot = peek(r) == '.';
	size_t from = r->at;
	struct buf word = BUF_EMPTY;

	if (!read_word(r, &word)) {
		buf_free(&word);
		return false;
	}
	if (r->phrase.n == 0)
		r->spec_at = from;
	if (gap && !dot && !r->after_dot) {
		r->run_at = r->phrase.n;
		r->spec_at = from;
		buf_clear(&r->local);
	}
	r->spec_end = r->at;
	if (gap && r->phrase.n > 0)
		buf_add_byte(&r->phrase, ' ');
	buf_add_span(&r->phrase, buf_span(&word));
	buf_add_span(&r->local, buf_span(&word));
	r->after_dot = dot;
	buf_free(&word);
	return true;
}

/* True when there is room for one more entry, with *to pointing at it. */
static bool
new_entry(struct reader *r, enum address_kind kind, struct address_entry **to)
{
	struct address_list *out = r->out;

	/* a group that was begun is always ended */
	if (out->count >= ADDRESS_COUNT_MAX && kind != ADDRESS_GROUP_END) {
		out->cut = true;
		return false;
	}
	if (r->list == NULL || out->count == r->room) {
		r->room = r->room == 0 ? 8 : r->room * 2;
		r->list = mem_resize(r->list, r->room, sizeof(*r->list));
	}
	*to = &r->list[out->count++];
	**to = (struct address_entry){ .kind = kind };
	return true;
}

static struct span
kept(struct reader *r, struct span s)
{
	return arena_span(r->arena, s);
}

static void
add_mailbox(struct reader *r, struct span name)
{
	struct address_entry *a;

	if (!new_entry(r, ADDRESS_MAILBOX, &a))
		return;
	name = span_trim(name);
	if (name.n == 0)
		name = span_trim(buf_span(&r->comment));
	a->name = kept(r, name);
	a->route = kept(r, buf_span(&r->route));
	a->local = kept(r, buf_span(&r->local));
	a->domain = kept(r, buf_span(&r->domain));
	a->at = r->spec_at;
	a->end = r->spec_end;
}

static void
add_group(struct reader *r, enum address_kind kind)
{
	struct address_entry *a;

	r->in_group = kind == ADDRESS_GROUP_START;
	if (new_entry(r, kind, &a) && r->in_group)
		a->name = kept(r, buf_span(&r->phrase));
	else if (r->in_group)
		r->in_group = false;
}

/* A literal up to its ']', or words and dots. */
static void
read_domain(struct reader *r)
{
	bool joins = true;

	buf_clear(&r->domain);
	skip_blanks(r);
	if (peek(r) == '[') {
		while (r->at < r->s.n && peek(r) != ']' && peek(r) != '>')
			add_clean(&r->domain, r->s.p[r->at++]);
		if (peek(r) == ']')
			add_clean(&r->domain, r->s.p[r->at++]);
		r->spec_end = r->at;
		return;
	}
	for (;;) {
		bool dot = peek(r) == '.';

		if (!dot && !joins)
			return;
		if (!dot && !is_word_byte(peek(r)))
			return;
		read_word(r, &r->domain);
		r->spec_end = r->at;
		skip_blanks(r);
		joins = dot;
	}
}

/* "@a,@b:" at the front of an angle address. */
static void
read_route(struct reader *r)
{
	while (r->at < r->s.n && peek(r) != ':' && peek(r) != '>') {
		if (!skip_blanks(r))
			add_clean(&r->route, r->s.p[r->at++]);
	}
	if (peek(r) == ':')
		r->at++;
	else
		r->out->malformed = true;
}

/* Behind '<'. */
static void
read_angle(struct reader *r)
{
	buf_clear(&r->local);
	buf_clear(&r->domain);
	skip_blanks(r);
	r->spec_at = r->at;
	if (peek(r) == '@')
		read_route(r);
	for (bool dot = true;;) {
		bool gap = skip_blanks(r), next_dot = peek(r) == '.';
		bool word = is_word_byte(peek(r)) || peek(r) == '"';

		/* no address, but let it be seen as it is */
		if (gap && word && !dot && r->local.n > 0) {
			r->out->malformed = true;
			buf_add_byte(&r->local, ' ');
		}
		if (!read_word(r, &r->local))
			break;
		dot = next_dot;
	}
	if (peek(r) == '@') {
		r->at++;
		read_domain(r);
	}
	while (r->at < r->s.n && peek(r) != '>' && peek(r) != ',') {
		r->out->malformed = true;
		r->at++;
	}
	r->spec_end = r->at;
	if (peek(r) == '>')
		r->at++;
	else
		r->out->malformed = true;
}

/* To the next comma or semicolon; comments on the way are noted. */
static void
skip_rest(struct reader *r)
{
	skip_blanks(r);
	while (r->at < r->s.n && peek(r) != ',' && peek(r) != ';') {
		r->out->malformed = true;
		if (peek(r) == '"')
			read_quoted(r, &r->junk);
		else
			r->at++;
		skip_blanks(r);
	}
}

/* The words were a display name. */
static void
end_with_angle(struct reader *r)
{
	r->at++;
	read_angle(r);
	skip_rest(r);
	add_mailbox(r, buf_span(&r->phrase));
}

/* The last words were a local part, at '@'. What stands before them is no part
 * of it: "John Doe john@example.com". */
static void
end_with_domain(struct reader *r)
{
	size_t name = r->run_at;

	r->at++;
	read_domain(r);
	skip_blanks(r);
	if (peek(r) == '<') {
		/* an address for a display name, without the quotes it needs */
		buf_add_byte(&r->phrase, '@');
		buf_add_span(&r->phrase, buf_span(&r->domain));
		r->out->malformed = true;
		end_with_angle(r);
		return;
	}
	if (name > 0 || r->local.n == 0 || r->domain.n == 0)
		r->out->malformed = true;
	skip_rest(r);
	if (r->local.n > 0 || r->domain.n > 0)
		add_mailbox(r, span_head(buf_span(&r->phrase), name));
}

/* Words and nothing behind them: one is a user of this host, more are a name.
 */
static void
end_bare(struct reader *r)
{
	if (r->phrase.n == 0)
		return;
	if (r->run_at == 0) {
		add_mailbox(r, SPAN(""));
		return;
	}
	r->out->malformed = true;
	buf_clear(&r->local);
	add_mailbox(r, buf_span(&r->phrase));
}

static void
read_entry(struct reader *r)
{
	buf_clear(&r->phrase);
	buf_clear(&r->local);
	buf_clear(&r->domain);
	buf_clear(&r->route);
	buf_clear(&r->comment);
	buf_clear(&r->junk);
	r->run_at = 0;
	r->after_dot = false;
	for (;;) {
		bool gap = skip_blanks(r);
		int c = peek(r);

		if (c == -1 || c == ',' || c == ';') {
			end_bare(r);
			return;
		}
		if (c == '<') {
			end_with_angle(r);
			return;
		}
		if (c == '@') {
			end_with_domain(r);
			return;
		}
		if (c == ':' && !r->in_group) {
			r->at++;
			add_group(r, ADDRESS_GROUP_START);
			return;
		}
		if (!read_phrase_word(r, gap)) {
			r->out->malformed = true;
			r->at++;
		}
	}
}

static void
read_list(struct reader *r)
{
	while (r->at < r->s.n && !r->out->cut) {
		read_entry(r);
		if (peek(r) == ',') {
			r->at++;
		} else if (peek(r) == ';') {
			r->at++;
			if (r->in_group)
				add_group(r, ADDRESS_GROUP_END);
			else
				r->out->malformed = true;
		}
	}
	if (r->in_group) {
		add_group(r, ADDRESS_GROUP_END);
		r->out->malformed = true;
	}
}

void
address_list_parse(struct arena *a, struct span value, struct address_list *out)
{
	struct reader r = { .arena = a, .out = out };

	*out = (struct address_list){ .cut = value.n > ADDRESS_LIST_MAX };
	r.s = span_head(value, ADDRESS_LIST_MAX);
	if (out->cut) {
		/* the entry at the limit would be half of one */
		r.s = span_head(r.s, span_rfind(r.s, ','));
		out->cut = false;
	}
	read_list(&r);
	out->cut |= value.n > ADDRESS_LIST_MAX;
	out->list = arena_array(a, out->count, sizeof(*out->list));
	if (r.list != NULL)
		memcpy(out->list, r.list, out->count * sizeof(*out->list));
	free(r.list);
	buf_free(&r.phrase);
	buf_free(&r.local);
	buf_free(&r.domain);
	buf_free(&r.route);
	buf_free(&r.comment);
	buf_free(&r.junk);
}

bool
address_is_unfinished(struct arena *a, struct span value)
{
	struct address_list list;

	address_list_parse(a, value, &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct address_entry *e = &list.list[i];

		if (e->kind == ADDRESS_MAILBOX && e->local.n > 0 &&
		    !span_starts(e->domain, "[") &&
		    (span_find(e->domain, '.') == e->domain.n ||
			span_ends(e->domain, ".")))
			return true;
	}
	return false;
}
