/*
 * php_lex.c - the words of PHP, as far as a file of assignments has them
 *
 * Comments in three styles, strings in two, whole numbers in four. A file
 * without <?php is taken to be PHP from its start, since listings are often
 * printed that way; and a <br/> between a statement and the line's end is
 * taken for what is left of a web page.
 */

#include "config/php_lex.h"

#include <string.h>

#include "base/number.h"
#include "base/why.h"
#include "config/notes.h"

/* Stands before the name of a variable in a PHP_PIECES value, whose end is
 * NUL: neither can come out of the text, which holds no control bytes. */
#define NAME_BEGINS '\x01'
#define NAME_ENDS   '\x02'

static bool
refuse(struct php_lex *l, unsigned line, const char *text)
{
	why_set(l->why, "4.3.5", "%s, line %u: %s", l->file, line, text);
	return false;
}

static void
advance(struct php_lex *l, size_t n)
{
	for (size_t i = 0; i < n && i < l->rest.n; i++)
		if (l->rest.p[i] == '\n')
			l->line++;
	l->rest = span_skip(l->rest, n);
}

static bool
bytes_fit(struct php_lex *l)
{
	unsigned line = 1;

	for (size_t i = 0; i < l->source.n; i++) {
		int c = (unsigned char)l->source.p[i];

		if (c == '\n')
			line++;
		if (!ascii_control(c) || c == '\n' || c == '\r' || c == '\t' ||
		    c == '\f')
			continue;
		why_set(l->why, "4.3.5",
		    "%s, line %u: control byte 0x%02x; remove it", l->file,
		    line, (unsigned)c);
		return false;
	}
	return true;
}

bool
php_lex_begin(struct php_lex *l)
{
	size_t open;

	if (!bytes_fit(l))
		return false;
	open = span_search(l->rest, SPAN("<?php"));
	l->inside = true;
	if (open < l->rest.n)
		advance(l, open + strlen("<?php"));
	else if (span_starts(l->rest, "\xef\xbb\xbf"))
		advance(l, 3);
	return true;
}

/* The rest of a line comment; ?> ends it as well. */
static void
skip_line_comment(struct php_lex *l)
{
	struct span line = span_head(l->rest, span_find(l->rest, '\n'));

	advance(l, span_search(line, SPAN("?>")));
}

static bool
skip_block_comment(struct php_lex *l)
{
	unsigned line = l->line;
	size_t n = span_search(l->rest, SPAN("*/"));

	if (n == l->rest.n)
		return refuse(l, line,
		    "the comment that begins here has no "
		    "end; wanted */");
	advance(l, n + 2);
	return true;
}

/* <br/> before a line's end. */
static bool
skip_web_mark(struct php_lex *l)
{
	static const char *const marks[] = { "<br/>", "<br />", "<br>" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct span behind;
		size_t n;

		if (!span_istarts(l->rest, marks[i]))
			continue;
		behind = span_skip(l->rest, strlen(marks[i]));
		n = span_find(behind, '\n');
		behind = span_trim(span_head(behind, n));
		if (behind.n > 0 && span_at(behind, 0) != '<' &&
		    span_at(behind, 0) != '#')
			return false;
		notes_add(l->notes, l->file, l->line,
		    "<br/> at the end of the line is passed over; remove it");
		advance(l, strlen(marks[i]));
		return true;
	}
	return false;
}

/* Leave PHP at ?>, and come back at the next <?php. */
static void
skip_outside(struct php_lex *l)
{
	size_t open = span_search(l->rest, SPAN("<?php"));

	l->inside = open < l->rest.n;
	advance(l, l->inside ? open + strlen("<?php") : l->rest.n);
}

static bool
skip_idle(struct php_lex *l)
{
	for (;;) {
		if (l->rest.n == 0)
			return true;
		if (ascii_space((unsigned char)l->rest.p[0])) {
			advance(l, 1);
		} else if (l->rest.p[0] == '#' || span_starts(l->rest, "//")) {
			skip_line_comment(l);
		} else if (span_starts(l->rest, "/*")) {
			if (!skip_block_comment(l))
				return false;
		} else if (span_starts(l->rest, "?>")) {
			skip_outside(l);
		} else if (!skip_web_mark(l)) {
			return true;
		}
	}
}

static bool
is_word_byte(int c)
{
	return ascii_alnum(c) || c == '_' || c >= 0x80;
}

static size_t
word_length(struct span s)
{
	size_t n = 0;

	while (is_word_byte(span_at(s, n)))
		n++;
	return n;
}

/* '...': only \' and \\ are escapes. */
static bool
take_single_quoted(struct php_lex *l)
{
	unsigned line = l->line;

	advance(l, 1);
	while (l->rest.n > 0 && l->rest.p[0] != '\'') {
		if (l->rest.p[0] == '\\' &&
		    (span_at(l->rest, 1) == '\'' ||
			span_at(l->rest, 1) == '\\'))
			advance(l, 1);
		buf_add_byte(&l->value, l->rest.p[0]);
		advance(l, 1);
	}
	if (l->rest.n == 0)
		return refuse(l, line,
		    "the string that begins here has no "
		    "end; wanted '");
	advance(l, 1);
	l->token = PHP_TEXT;
	return true;
}

/* What stands for \c in "...", 0 when it stands for itself. */
static char
escape_of(int c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case '"':
	case '\\':
	case '$':
		return (char)c;
	default:
		return '\0';
	}
}

/* $name, {$name} or ${name} within "...": false when it is none. */
static bool
take_inner_name(struct php_lex *l)
{
	size_t before = 0, n;
	bool brace = span_starts(l->rest, "{$") || span_starts(l->rest, "${");

	before = brace ? 2 : 1;
	if (!brace && l->rest.p[0] != '$')
		return false;
	n = word_length(span_skip(l->rest, before));
	if (n == 0 || ascii_digit(span_at(l->rest, before)) ||
	    (brace && span_at(l->rest, before + n) != '}'))
		return false;
	buf_add_byte(&l->value, NAME_BEGINS);
	buf_add_span(&l->value, span_head(span_skip(l->rest, before), n));
	buf_add_byte(&l->value, NAME_ENDS);
	advance(l, before + n + (brace ? 1 : 0));
	l->token = PHP_PIECES;
	return true;
}

static bool
take_double_quoted(struct php_lex *l)
{
	unsigned line = l->line;

	advance(l, 1);
	l->token = PHP_TEXT;
	while (l->rest.n > 0 && l->rest.p[0] != '"') {
		char c = l->rest.p[0];

		if (c == '\\' && escape_of(span_at(l->rest, 1)) != '\0') {
			buf_add_byte(&l->value, escape_of(span_at(l->rest, 1)));
			advance(l, 2);
		} else if ((c != '$' && c != '{') || !take_inner_name(l)) {
			buf_add_byte(&l->value, c);
			advance(l, 1);
		}
	}
	if (l->rest.n == 0)
		return refuse(l, line,
		    "the string that begins here has no "
		    "end; wanted \"");
	advance(l, 1);
	return true;
}

static bool
parse_binary(struct span digits, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] != '0' && digits.p[i] != '1')
			return false;
		*number = *number << 1 | (uint64_t)(digits.p[i] - '0');
	}
	return digits.n > 0 && digits.n < 63;
}

/* 12, 0x1f, 0644, 0b11. */
static void
take_number(struct php_lex *l)
{
	size_t n = word_length(l->rest);
	struct span word = span_head(l->rest, n);
	uint64_t number = 0;
	unsigned octal;
	bool ok;

	if (span_istarts(word, "0x"))
		ok = number_parse_hex(span_skip(word, 2), INT64_MAX, &number);
	else if (span_istarts(word, "0b"))
		ok = parse_binary(span_skip(word, 2), &number);
	else if (word.n > 1 && word.p[0] == '0') {
		ok = number_parse_octal(word, 0x7fffffff, &octal);
		number = ok ? octal : 0;
	} else
		ok = number_parse(word, 0, INT64_MAX, &number);
	if (span_at(l->rest, n) == '.' &&
	    ascii_digit(span_at(l->rest, n + 1))) {
		ok = false;
		n += 1 + word_length(span_skip(l->rest, n + 1));
	}
	advance(l, n);
	l->token = ok ? PHP_NUMBER : PHP_OPAQUE;
	l->number = (int64_t)number;
}

static void
take_mark(struct php_lex *l)
{
	if (span_starts(l->rest, "=>")) {
		l->token = PHP_ARROW;
		advance(l, 2);
		return;
	}
	if (span_starts(l->rest, "<<<")) {
		l->token = PHP_OPAQUE;
		advance(l, 3);
		return;
	}
	l->token = PHP_MARK;
	l->mark = l->rest.p[0];
	advance(l, 1);
}

bool
php_lex_next(struct php_lex *l)
{
	int c;
	size_t n;

	buf_clear(&l->value);
	if (!skip_idle(l))
		return false;
	c = span_at(l->rest, 0);
	if (c == -1) {
		l->token = PHP_END;
		return true;
	}
	if (c == '\'')
		return take_single_quoted(l);
	if (c == '"')
		return take_double_quoted(l);
	if (ascii_digit(c)) {
		take_number(l);
		return true;
	}
	n = word_length(c == '$' ? span_skip(l->rest, 1) : l->rest);
	if (n == 0) {
		take_mark(l);
		return true;
	}
	l->token = c == '$' ? PHP_VARIABLE : PHP_WORD;
	advance(l, c == '$' ? 1 : 0);
	l->text = span_head(l->rest, n);
	advance(l, n);
	return true;
}

void
php_lex_done(struct php_lex *l)
{
	buf_free(&l->value);
}

bool
php_lex_piece(struct span *rest, struct span *piece, bool *is_name)
{
	size_t n;

	if (rest->n == 0)
		return false;
	*is_name = rest->p[0] == NAME_BEGINS;
	if (*is_name)
		*rest = span_skip(*rest, 1);
	n = span_find(*rest, *is_name ? NAME_ENDS : NAME_BEGINS);
	*piece = span_head(*rest, n);
	*rest = span_skip(*rest, *is_name ? n + 1 : n);
	return true;
}
