/*
 * imap_parse.c - commands of IMAP as bytes (RFC 3501 and 9051, section 9)
 *
 * A literal inside a command is stepped over by its size, so that whatever it
 * holds is never taken for syntax.
 */

#include "wire/imap_parse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

/* --- the scanner --- */

/* "{123}", "{123+}" or "~{123}" at the end of the line. */
static bool
literal_at_end(struct span line, struct imap_scan_out *out)
{
	size_t open = span_rfind(line, '{');
	struct span digits;

	if (open == line.n || span_at(line, line.n - 1) != '}')
		return false;
	digits = span_head(
	    span_skip(line, open + 1), line.n - open - sizeof("{}") + 1);
	out->no_wait = span_ends(digits, "+") || span_ends(digits, "-");
	if (out->no_wait)
		digits.n--;
	out->binary = open > 0 && line.p[open - 1] == '~';
	return number_parse(digits, 0, INT64_MAX, &out->literal);
}

enum imap_scan_result
imap_scan_line(struct span input, struct imap_scan_out *out)
{
	size_t lf = span_find(input, '\n');
	struct span line;

	if (lf == input.n)
		return IMAP_SCAN_MORE;
	memset(out, 0, sizeof(*out));
	out->used = lf + 1;
	line = span_head(input, lf);
	if (span_ends(line, "\r"))
		line.n--;
	return literal_at_end(line, out) ? IMAP_SCAN_LITERAL : IMAP_SCAN_LINE;
}

/* --- small pieces --- */

bool
imap_char(struct span *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = span_skip(*rest, 1);
	return true;
}

bool
imap_space(struct span *rest)
{
	return imap_char(rest, ' ');
}

bool
imap_end(struct span rest)
{
	return rest.n == 0 || span_is(rest, "\r\n") || span_is(rest, "\n");
}

/* atom-specials but ']', which is an ASTRING-CHAR. */
static bool
is_special(int c)
{
	return c <= ' ' || c >= 127 || c == '(' || c == ')' || c == '{' ||
	    c == '%' || c == '*' || c == '"' || c == '\\';
}

static bool
take(struct span *rest, size_t n, struct span *out)
{
	if (n == 0)
		return false;
	*out = span_head(*rest, n);
	*rest = span_skip(*rest, n);
	return true;
}

bool
imap_tag(struct span *rest, struct span *tag)
{
	size_t n = 0;

	while (
	    n < rest->n && !is_special(span_at(*rest, n)) && rest->p[n] != '+')
		n++;
	return take(rest, n, tag);
}

bool
imap_atom(struct span *rest, struct span *atom)
{
	size_t n = 0;

	while (
	    n < rest->n && !is_special(span_at(*rest, n)) && rest->p[n] != ']')
		n++;
	return take(rest, n, atom);
}

bool
imap_is_word(struct span *rest, const char *word)
{
	struct span at = *rest, atom;

	if (!imap_atom(&at, &atom) || !span_iis(atom, word))
		return false;
	*rest = at;
	return true;
}

bool
imap_number64(struct span *rest, uint64_t *n)
{
	size_t digits = 0;

	while (ascii_digit(span_at(*rest, digits)))
		digits++;
	if (digits > 20 ||
	    !number_parse(span_head(*rest, digits), 0, INT64_MAX, n))
		return false;
	*rest = span_skip(*rest, digits);
	return true;
}

bool
imap_number(struct span *rest, uint32_t *n)
{
	struct span at = *rest;
	uint64_t value;

	if (!imap_number64(&at, &value) || value > UINT32_MAX)
		return false;
	*rest = at;
	*n = (uint32_t)value;
	return true;
}

/* --- strings --- */

/* Length of the quoted string at the front, quotes included; 0 for none. */
static size_t
quoted_length(struct span s, bool *escaped)
{
	*escaped = false;
	for (size_t i = 1; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '"')
			return i + 1;
		if (c == '\0' || c == '\r' || c == '\n')
			return 0;
		if (c == '\\') {
			*escaped = true;
			i++;
			if (span_at(s, i) != '"' && span_at(s, i) != '\\')
				return 0;
		}
	}
	return 0;
}

static bool
quoted(struct arena *a, struct span *rest, struct span *out)
{
	bool escaped;
	size_t n = quoted_length(*rest, &escaped), to = 0;
	char *copy;

	if (n == 0)
		return false;
	*out = span_head(span_skip(*rest, 1), n - 2);
	*rest = span_skip(*rest, n);
	if (!utf8_valid(*out))
		return false;
	if (!escaped)
		return true;
	copy = arena_alloc(a, out->n + 1);
	for (size_t i = 0; i < out->n; i++) {
		if (out->p[i] == '\\')
			i++;
		copy[to++] = out->p[i];
	}
	*out = span_of(copy, to);
	return true;
}

/* With its octets whatever they are. */
static bool
literal_octets(struct span *rest, struct span *out)
{
	size_t close = span_find(*rest, '}');
	struct span digits = span_skip(span_head(*rest, close), 1);
	struct span body = span_skip(*rest, close + 1);
	uint64_t n;

	if (span_ends(digits, "+") || span_ends(digits, "-"))
		digits.n--;
	if (close == rest->n || !number_parse(digits, 0, INT64_MAX, &n))
		return false;
	body = span_skip(body, span_starts(body, "\r\n") ? 2 : 1);
	if (n > body.n)
		return false;
	*out = span_head(body, (size_t)n);
	*rest = span_skip(body, (size_t)n);
	return true;
}

static bool
literal(struct span *rest, struct span *out)
{
	return literal_octets(rest, out) && span_find(*out, '\0') == out->n;
}

bool
imap_literal8(struct span *rest, struct span *out)
{
	struct span at = *rest;

	if (!span_starts(at, "~{"))
		return false;
	at = span_skip(at, 1);
	if (!literal_octets(&at, out))
		return false;
	*rest = at;
	return true;
}

bool
imap_string(struct arena *a, struct span *rest, struct span *out)
{
	struct span before = *rest;
	bool ok = false;

	if (span_at(*rest, 0) == '"')
		ok = quoted(a, rest, out);
	else if (span_at(*rest, 0) == '{')
		ok = literal(rest, out);
	if (!ok)
		*rest = before;
	return ok;
}

/* A run of bytes that may stand bare; wild: '%' and '*' may too. 8-bit bytes
 * are taken: clients send names in UTF-8, and the name is checked later. */
static bool
bare(struct span *rest, bool wild, struct span *out)
{
	size_t n = 0;

	while (n < rest->n) {
		int c = span_at(*rest, n);

		if (is_special(c) && c < 128 &&
		    !(wild && (c == '%' || c == '*')))
			break;
		n++;
	}
	return take(rest, n, out);
}

bool
imap_astring(struct arena *a, struct span *rest, struct span *out)
{
	if (span_at(*rest, 0) == '"' || span_at(*rest, 0) == '{')
		return imap_string(a, rest, out);
	return bare(rest, false, out);
}

bool
imap_pattern(struct arena *a, struct span *rest, struct span *out)
{
	if (span_at(*rest, 0) == '"' || span_at(*rest, 0) == '{')
		return imap_string(a, rest, out);
	return bare(rest, true, out);
}

/* --- flags --- */

static unsigned
system_flag(struct span name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} flags[] = {
		{ "Seen", IMAP_SEEN },
		{ "Answered", IMAP_ANSWERED },
		{ "Flagged", IMAP_FLAGGED },
		{ "Deleted", IMAP_DELETED },
		{ "Draft", IMAP_DRAFT },
		{ "Recent", IMAP_RECENT },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (span_iis(name, flags[i].name))
			return flags[i].bit;
	return 0;
}

static bool
one_flag(struct span *rest, struct imap_flags *out)
{
	struct span name;
	unsigned bit;

	if (imap_char(rest, '\\')) {
		if (!imap_atom(rest, &name))
			return false;
		bit = system_flag(name);
		out->system |= bit;
		return bit != 0;
	}
	if (out->count == IMAP_FLAGS_MAX || !imap_atom(rest, &name))
		return false;
	for (size_t i = 0; i < out->count; i++)
		if (span_ieq(out->keywords[i], name))
			return true;
	out->keywords[out->count++] = name;
	return true;
}

static bool
flags_inside(struct span *rest, bool in_list, struct imap_flags *out)
{
	if (in_list && imap_char(rest, ')'))
		return true;
	do {
		if (!one_flag(rest, out))
			return false;
	} while (imap_space(rest));
	return !in_list || imap_char(rest, ')');
}

bool
imap_flag_list(
    struct arena *a, struct span *rest, bool bare_too, struct imap_flags *out)
{
	struct span before = *rest;
	bool in_list = imap_char(rest, '(');

	out->system = 0;
	out->count = 0;
	out->keywords = arena_array(a, IMAP_FLAGS_MAX, sizeof(struct span));
	if ((in_list || bare_too) && flags_inside(rest, in_list, out))
		return true;
	*rest = before;
	return false;
}

/* --- sets --- */

static bool
seq_number(struct span *rest, uint32_t *n)
{
	struct span at = *rest;

	if (imap_char(rest, '*')) {
		*n = IMAP_STAR;
		return true;
	}
	/* nz-number; the greatest is the mark for '*' and names none */
	if (!imap_number(&at, n) || *n == 0)
		return false;
	if (*n == IMAP_STAR)
		*n = IMAP_STAR - 1;
	*rest = at;
	return true;
}

static size_t
count_commas(struct span s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.n && s.p[i] != ' ' && s.p[i] != '\n'; i++)
		n += s.p[i] == ',';
	return n;
}

bool
imap_sequence_set(struct arena *a, struct span *rest, struct imap_set *out)
{
	struct span at = *rest;

	*out = (struct imap_set){ .list = arena_array(a, count_commas(at),
				      sizeof(*out->list)) };
	do {
		struct imap_range *r = &out->list[out->count];

		if (!seq_number(&at, &r->first))
			return false;
		r->last = r->first;
		if (imap_char(&at, ':') && !seq_number(&at, &r->last))
			return false;
		out->count++;
	} while (imap_char(&at, ','));
	*rest = at;
	return true;
}

bool
imap_message_set(struct arena *a, struct span *rest, struct imap_set *out)
{
	if (!imap_char(rest, '$'))
		return imap_sequence_set(a, rest, out);
	*out = (struct imap_set){ .saved = true };
	return true;
}

static int
range_cmp(const void *a, const void *b)
{
	const struct imap_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

void
imap_set_resolve(struct imap_set *set, uint32_t last)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		struct imap_range *r = &set->list[i];
		uint32_t other;

		r->first = r->first == IMAP_STAR ? last : r->first;
		r->last = r->last == IMAP_STAR ? last : r->last;
		if (r->first > r->last) {
			other = r->first;
			r->first = r->last;
			r->last = other;
		}
	}
	if (set->count > 1)
		qsort(set->list, set->count, sizeof(*set->list), range_cmp);
	for (size_t i = 1; i < set->count; i++) {
		struct imap_range *r = &set->list[kept];

		if (set->list[i].first > r->last &&
		    set->list[i].first - r->last > 1)
			set->list[++kept] = set->list[i];
		else if (set->list[i].last > r->last)
			r->last = set->list[i].last;
	}
	if (set->count > 0)
		set->count = kept + 1;
}

static bool
partial_number(struct span *rest, bool from_end, uint32_t *n)
{
	return (!from_end || imap_char(rest, '-')) && imap_number(rest, n) &&
	    *n > 0;
}

bool
imap_partial(struct span *rest, struct imap_partial *out)
{
	struct span at = *rest;
	uint32_t other;

	out->from_end = span_at(at, 0) == '-';
	if (!partial_number(&at, out->from_end, &out->first) ||
	    !imap_char(&at, ':') ||
	    !partial_number(&at, out->from_end, &out->last))
		return false;
	if (out->first > out->last) {
		other = out->first;
		out->first = out->last;
		out->last = other;
	}
	*rest = at;
	return true;
}

void
imap_partial_of(
    const struct imap_partial *p, size_t count, size_t *begin, size_t *end)
{
	size_t first = p->first - 1 < count ? p->first - 1 : count;
	size_t last = p->last < count ? p->last : count;

	*begin = p->from_end ? count - last : first;
	*end = p->from_end ? count - first : last;
}

/* --- answers --- */

enum { QUOTED_MOST = 1000 };

static bool
fits_quotes(struct span s, bool wide)
{
	if (s.n > QUOTED_MOST || (wide && !utf8_valid(s)))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\0' || c == '\r' || c == '\n' || (c > 127 && !wide))
			return false;
	}
	return true;
}

static void
put_string(struct buf *out, struct span s, bool wide)
{
	if (!fits_quotes(s, wide)) {
		buf_printf(out, "{%zu}\r\n", s.n);
		buf_add_span(out, s);
		return;
	}
	buf_add_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, s.p[i]);
	}
	buf_add_byte(out, '"');
}

void
imap_put_string(struct buf *out, struct span s)
{
	put_string(out, s, false);
}

static void
put_astring(struct buf *out, struct span s, bool wide)
{
	struct span rest = s, atom;

	if (imap_atom(&rest, &atom) && rest.n == 0 && !span_iis(s, "NIL"))
		buf_add_span(out, s);
	else
		put_string(out, s, wide);
}

void
imap_put_astring(struct buf *out, struct span s)
{
	put_astring(out, s, false);
}

void
imap_put_utf8(struct buf *out, struct span s)
{
	put_astring(out, s, true);
}

void
imap_put_nstring(struct buf *out, struct span s)
{
	if (s.p == NULL)
		buf_add_str(out, "NIL");
	else
		imap_put_string(out, s);
}

void
imap_put_value(struct buf *out, struct span s)
{
	if (s.p != NULL && span_find(s, '\0') < s.n)
		buf_add_byte(out, '~');
	imap_put_nstring(out, s);
}

void
imap_put_set_end(struct buf *out, struct imap_set_writer *w)
{
	if (!w->any)
		return;
	if (w->wrote)
		buf_add_byte(out, ',');
	buf_add_number(out, w->first);
	if (w->last != w->first) {
		buf_add_byte(out, ':');
		buf_add_number(out, w->last);
	}
	w->wrote = true;
	w->any = false;
}

void
imap_put_range(
    struct buf *out, struct imap_set_writer *w, uint32_t first, uint32_t last)
{
	if (w->any && first == w->last + 1) {
		w->last = last;
		return;
	}
	imap_put_set_end(out, w);
	w->first = first;
	w->last = last;
	w->any = true;
}

void
imap_put_set(struct buf *out, struct imap_set_writer *w, uint32_t n)
{
	imap_put_range(out, w, n, n);
}
