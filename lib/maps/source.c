/*
 * source.c - the text that tables are made from
 *
 * One reader of lines for all: postmap's "key value", the rules of regexp:,
 * pcre: and cidr:, and aliases. Pure: bytes in, spans out.
 */

#include "maps/source.h"

void
source_init(struct source *s, struct span text)
{
	*s = (struct source){ .rest = text };
}

void
source_done(struct source *s)
{
	buf_free(&s->text);
}

static bool
passed_over(struct span line)
{
	struct span text = span_trim_left(line);

	return text.n == 0 || text.p[0] == '#';
}

/* Look at the next line that counts, leave it there. */
static bool
peek(struct source *s, struct span *line)
{
	struct span rest = s->rest;

	while (span_line(&rest, line)) {
		if (!passed_over(*line))
			return true;
		s->rest = rest;
		s->line++;
	}
	return false;
}

static void
take(struct source *s, struct span line)
{
	span_line(&s->rest, &line);
	s->line++;
	buf_add_span(&s->text, span_trim_right(line));
}

bool
source_next(struct source *s, struct span *line)
{
	struct span next;

	buf_clear(&s->text);
	if (!peek(s, &next))
		return false;
	take(s, next);
	s->first = s->line;
	while (peek(s, &next) && ascii_blank(span_at(next, 0)))
		take(s, next);
	*line = buf_span(&s->text);
	return true;
}

/* Length of the key: up to a blank outside of quotes. */
static size_t
key_length(struct span line, bool *quoted)
{
	size_t i;

	*quoted = false;
	for (i = 0; i < line.n; i++) {
		int c = span_at(line, i);

		if (c == '\\')
			i++;
		else if (c == '"')
			*quoted = !*quoted;
		else if (!*quoted && ascii_blank(c))
			break;
	}
	return i < line.n ? i : line.n;
}

const char *
source_pair(struct span line, struct span *key, struct span *value)
{
	bool open;
	size_t n = key_length(line, &open);

	*key = span_head(line, n);
	*value = span_trim(span_skip(line, n));
	if (open)
		return "unbalanced '\"'";
	if (key->n == 0 || value->n == 0)
		return "expected format: key whitespace value";
	if (memchr(line.p, '\0', line.n) != NULL)
		return "a NUL byte";
	return NULL;
}

/* Copy the quoted string at the front of s, its quotes and backslashes taken
 * off, and say how long it was; 0 when it does not end. */
static size_t
unquote(struct span s, struct buf *out)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		buf_add_byte(out, s.p[i]);
	}
	return 0;
}

const char *
source_alias(struct span line, struct buf *name, struct span *value)
{
	struct span rest;
	size_t n;

	if (memchr(line.p, '\0', line.n) != NULL)
		return "a NUL byte";
	if (span_at(line, 0) == '"') {
		n = unquote(line, name);
		if (n == 0)
			return "unbalanced '\"'";
	} else {
		n = span_find(line, ':');
		buf_add_span(name, span_trim(span_head(line, n)));
	}
	rest = span_trim_left(span_skip(line, n));
	if (span_at(rest, 0) != ':')
		return "need name:value pair";
	*value = span_trim(span_skip(rest, 1));
	if (name->n == 0 || value->n == 0)
		return "need name:value pair";
	if (span_at(line, 0) != '"' &&
	    span_find_any(buf_span(name), "@") < name->n)
		return "name must be local";
	return NULL;
}

/* Where the scan for a member's end is. */
struct scan {
	bool quoted;
	unsigned comments;
	bool angle, had_angle;
};

/* True when byte c is a comma between members. Backslashes have been passed
 * over. */
static bool
scan_byte(struct scan *at, int c)
{
	if (at->quoted) {
		at->quoted = c != '"';
	} else if (c == '"') {
		at->quoted = at->comments == 0;
	} else if (c == '(') {
		at->comments++;
	} else if (c == ')') {
		at->comments -= at->comments > 0;
	} else if (c == '<') {
		at->angle = at->had_angle = true;
	} else if (c == '>') {
		at->angle = false;
	} else if (c == ',') {
		return at->comments == 0 && !at->angle;
	}
	return false;
}

static bool
scan_outside(const struct scan *at)
{
	return !at->quoted && at->comments == 0 && !at->angle;
}

/* Does the blank at i stand for a comma that was forgotten: "a b"? Not beside
 * an operator or a comment. */
static bool
missing_comma(struct span s, size_t i)
{
	struct span before = span_trim_right(span_head(s, i));
	struct span after = span_trim_left(span_skip(s, i));
	int left = span_at(before, before.n - 1), right = span_at(after, 0);

	return before.n > 0 && after.n > 0 && strchr("@.%!:,)", left) == NULL &&
	    strchr("@.%!:,(<", right) == NULL;
}

/* Members that begin with one of these are no addresses: parentheses and
 * angle brackets mean nothing there, and blanks belong to them. */
static bool
plain_text(struct span s)
{
	int c = span_at(s, 0);

	return c == '|' || c == '/' || span_istarts(s, ":include:");
}

/* Where the member at the front of s ends. */
static size_t
member_length(struct span s)
{
	struct scan at = { .comments = 0 };
	bool plain = plain_text(span_trim_left(s));
	size_t i, blank = s.n;

	for (i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (c == '\\' && i + 1 < s.n)
			i++;
		else if ((!plain || c == '"' || c == ',') && scan_byte(&at, c))
			break;
		else if (blank == s.n && !plain && ascii_blank(c) &&
		    scan_outside(&at) && missing_comma(s, i))
			blank = i;
	}
	return at.had_angle || blank > i ? i : blank;
}

static struct span
cut_member(struct span *rest)
{
	size_t n = member_length(*rest);
	struct span member = span_trim(span_head(*rest, n));

	*rest = span_skip(*rest, n + 1);
	return member;
}

static enum alias_kind
kind_of(struct span *text)
{
	if (span_at(*text, 0) == '|') {
		*text = span_trim(span_skip(*text, 1));
		return ALIAS_COMMAND;
	}
	if (span_at(*text, 0) == '/')
		return ALIAS_FILE;
	if (span_istarts(*text, ":include:")) {
		*text = span_trim(span_skip(*text, strlen(":include:")));
		return ALIAS_INCLUDE;
	}
	return ALIAS_ADDRESS;
}

/* The member's text without quotes that enclose all of it. */
static bool
unquoted_whole(struct span member, struct buf *out)
{
	buf_clear(out);
	return span_at(member, 0) == '"' && unquote(member, out) == member.n;
}

bool
source_member(struct span *rest, enum alias_kind *kind, struct buf *out)
{
	struct span member = { NULL, 0 }, inner;

	buf_clear(out);
	while (rest->n > 0 && member.n == 0)
		member = cut_member(rest);
	if (member.n == 0)
		return false;
	if (unquoted_whole(member, out)) {
		inner = buf_span(out);
		*kind = kind_of(&inner);
		if (*kind != ALIAS_ADDRESS) {
			buf_drop(out, (size_t)(inner.p - out->p));
			buf_cut(out, inner.n);
			return true;
		}
		buf_clear(out); /* "a b" is an address with its quotes */
		buf_add_span(out, member);
		return true;
	}
	*kind = kind_of(&member);
	if (*kind == ALIAS_ADDRESS || !unquoted_whole(member, out)) {
		buf_clear(out);
		buf_add_span(out, member);
	}
	return true;
}
