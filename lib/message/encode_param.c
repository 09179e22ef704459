/*
 * encode_param.c - parameters of Content-Type and its like (RFC 2045, 5.1;
 * RFC 2231)
 *
 * Read as they stand first, since IMAP shows them so; joined and decoded when
 * somebody asks for one by name.
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "message/charset.h"
#include "message/encode.h"

enum {
	LINE_MAX_BYTES = 76,
	QUOTED_MAX = 200, /* longer ones are cut in pieces, RFC 2231, 3 */
	PIECE_MAX = 50,
};

/* A reader over the value. */
struct reader {
	struct span s;
	struct buf word;
};

static void
skip(struct reader *r, size_t n)
{
	r->s = span_skip(r->s, n);
}

static void
skip_comment(struct reader *r)
{
	size_t depth = 0, i = 0;

	for (; i < r->s.n; i++) {
		if (r->s.p[i] == '\\')
			i++;
		else if (r->s.p[i] == '(')
			depth++;
		else if (r->s.p[i] == ')' && --depth == 0)
			break;
	}
	skip(r, i + 1);
}

static void
skip_blanks(struct reader *r)
{
	for (;;) {
		int c = span_at(r->s, 0);

		if (c == '(')
			skip_comment(r);
		else if (c == ' ' || ascii_control(c))
			skip(r, 1);
		else
			return;
	}
}

static void
add_clean(struct buf *out, char c)
{
	if (c == '\r' || c == '\n' || c == '\0')
		return;
	buf_add_byte(out, ascii_control((unsigned char)c) ? ' ' : c);
}

/* At '"': to the closing quote, or the end. */
static void
read_quoted(struct reader *r)
{
	size_t i = 1;

	for (; i < r->s.n && r->s.p[i] != '"'; i++) {
		if (r->s.p[i] == '\\' && i + 1 < r->s.n)
			i++;
		add_clean(&r->word, r->s.p[i]);
	}
	skip(r, i + 1);
}

/* Without quotes: up to ';', blank or comment; file names are often not quoted
 * although they hold blanks, so they go up to the ';'. */
static void
read_token(struct reader *r, bool is_file)
{
	size_t n = 0;

	while (n < r->s.n && r->s.p[n] != ';' &&
	    (is_file || (span_at(r->s, n) > ' ' && r->s.p[n] != '('))) {
		add_clean(&r->word, r->s.p[n]);
		n++;
	}
	skip(r, n);
	if (is_file)
		r->word.n = span_trim_right(buf_span(&r->word)).n;
}

/* Token of RFC 2045, 5.1, taken wide. */
static struct span
read_name(struct reader *r)
{
	size_t n = 0;

	while (span_at(r->s, n) > ' ' && span_at(r->s, n) != 127 &&
	    span_find(SPAN("()<>@,;:\\\"/[]?="), r->s.p[n]) == 15)
		n++;
	return span_head(r->s, n);
}

/* One parameter; false when what stands there is none. */
static bool
read_param(struct reader *r, struct span *name)
{
	skip_blanks(r);
	*name = read_name(r);
	skip(r, name->n);
	skip_blanks(r);
	if (name->n == 0 || span_at(r->s, 0) != '=')
		return false;
	skip(r, 1);
	skip_blanks(r);
	buf_clear(&r->word);
	if (span_at(r->s, 0) == '"')
		read_quoted(r);
	else
		read_token(
		    r, span_iis(*name, "name") || span_iis(*name, "filename"));
	return true;
}

/* To the next ';', over quoted strings. */
static void
skip_to_next(struct reader *r)
{
	while (r->s.n > 0 && r->s.p[0] != ';') {
		if (r->s.p[0] == '"')
			read_quoted(r);
		else if (r->s.p[0] == '(')
			skip_comment(r);
		else
			skip(r, 1);
	}
	skip(r, 1);
}

void
encode_params_parse(struct arena *a, struct span s, struct encode_params *out)
{
	struct encode_param list[ENCODE_PARAMS_MAX];
	struct reader r = { s, BUF_EMPTY };

	*out = (struct encode_params){ 0 };
	while (r.s.n > 0) {
		struct span name;

		if (read_param(&r, &name)) {
			if (out->count == ENCODE_PARAMS_MAX) {
				out->cut = true;
				break;
			}
			list[out->count].name = arena_span(a, name);
			list[out->count].value =
			    arena_span(a, buf_span(&r.word));
			out->count++;
		}
		skip_to_next(&r);
	}
	out->list = arena_array(a, out->count, sizeof(*out->list));
	if (out->count > 0)
		memcpy(out->list, list, out->count * sizeof(*list));
	buf_free(&r.word);
}

/* The parameter "name", or piece number of "name*number", with or without a
 * '*' behind it; piece -1: without a number. */
static const struct encode_param *
find(const struct encode_params *l, struct span name, int piece, bool *extended)
{
	for (size_t i = 0; i < l->count; i++) {
		struct span rest = l->list[i].name, digits;
		int number;

		if (!span_ieq(span_head(rest, name.n), name))
			continue;
		rest = span_skip(rest, name.n);
		*extended = span_at(rest, rest.n - 1) == '*';
		if (*extended)
			rest.n--;
		if (piece == -1 && rest.n == 0)
			return &l->list[i];
		digits = span_skip(rest, 1);
		if (piece >= 0 && span_at(rest, 0) == '*' &&
		    number_parse_int(digits, 0, ENCODE_PARAMS_MAX, &number) &&
		    number == piece)
			return &l->list[i];
	}
	return NULL;
}

static void
percent_decode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = -1, low = -1;

		if (s.p[i] == '%') {
			high = number_hex_digit(span_at(s, i + 1));
			low = number_hex_digit(span_at(s, i + 2));
		}
		if (high >= 0 && low >= 0) {
			buf_add_byte(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_add_byte(out, s.p[i]);
		}
	}
}

/* Take "charset'language'" off an extended value. */
static struct span
take_charset(struct span *value)
{
	size_t at = span_find(*value, '\'');
	struct span rest = span_skip(*value, at + 1);
	size_t second = span_find(rest, '\'');
	struct span charset = span_head(*value, at);

	if (at == value->n || second == rest.n)
		return SPAN("");
	*value = span_skip(rest, second + 1);
	return charset;
}

/* Join pieces 0, 1, 2... into bytes; false when there is no piece 0. */
static bool
join_pieces(const struct encode_params *l, struct span name, struct buf *bytes,
    struct span *charset)
{
	int piece = 0;

	for (; piece < ENCODE_PARAMS_MAX; piece++) {
		bool extended;
		const struct encode_param *p = find(l, name, piece, &extended);
		struct span value;

		if (p == NULL)
			break;
		value = p->value;
		if (piece == 0 && extended)
			*charset = take_charset(&value);
		if (extended)
			percent_decode(bytes, value);
		else
			buf_add_span(bytes, value);
	}
	return piece > 0;
}

static void
finish_value(struct buf *out, size_t from)
{
	/* not inside a character */
	if (out->n - from > ENCODE_PARAM_BYTES_MAX) {
		size_t n = from + ENCODE_PARAM_BYTES_MAX;

		while (n > from && ((unsigned char)out->p[n] & 0xc0) == 0x80)
			n--;
		buf_cut(out, n);
	}
	for (size_t i = from; i < out->n; i++)
		if (ascii_control((unsigned char)out->p[i]))
			out->p[i] = ' ';
}

bool
encode_param_get(
    const struct encode_params *l, const char *name, struct buf *out)
{
	struct span wanted = span_str(name), charset = SPAN("");
	struct buf bytes = BUF_EMPTY;
	size_t before = out->n;
	bool extended = false, found;
	const struct encode_param *p = find(l, wanted, -1, &extended);

	/* of "name" and "name*" the extended one counts */
	for (size_t i = 0; i < l->count && p != NULL && !extended; i++)
		if (l->list[i].name.n == wanted.n + 1 &&
		    span_istarts(l->list[i].name, name) &&
		    span_ends(l->list[i].name, "*")) {
			p = &l->list[i];
			extended = true;
		}
	found = true;
	if (p != NULL && extended) {
		struct span value = p->value;

		charset = take_charset(&value);
		percent_decode(&bytes, value);
		charset_to_utf8(out, buf_span(&bytes), charset);
	} else if (join_pieces(l, wanted, &bytes, &charset)) {
		charset_to_utf8(out, buf_span(&bytes), charset);
	} else if (p != NULL) {
		encode_words_decode(out, p->value);
	} else {
		found = false;
	}
	buf_free(&bytes);
	finish_value(out, before);
	return found;
}

/* attribute-char of RFC 2231, 7. */
static bool
attribute_char(int c)
{
	return ascii_alnum(c) || c == '-' || c == '.' || c == '_' || c == '+' ||
	    c == '~';
}

static bool
token_char(int c)
{
	return c > ' ' && c < 127 &&
	    span_find(SPAN("()<>@,;:\\\"/[]?="), (char)c) == 15;
}

/* "; " or a fold, for need more bytes. */
static void
add_separator(struct buf *out, size_t need, size_t *column)
{
	buf_add_byte(out, ';');
	if (*column + 2 + need > LINE_MAX_BYTES) {
		buf_add_str(out, "\n\t");
		*column = 8;
	} else {
		buf_add_byte(out, ' ');
		*column += 2;
	}
	*column += need;
}

static void
add_plain(struct buf *out, const char *name, struct span value, size_t *column)
{
	struct buf text = BUF_EMPTY;
	bool token = value.n > 0;

	for (size_t i = 0; i < value.n; i++) {
		token &= token_char(span_at(value, i));
		if (value.p[i] == '"' || value.p[i] == '\\')
			buf_add_byte(&text, '\\');
		buf_add_byte(&text, value.p[i]);
	}
	add_separator(
	    out, span_str(name).n + 1 + text.n + (token ? 0 : 2), column);
	buf_printf(out, "%s=%s", name, token ? "" : "\"");
	buf_add_span(out, buf_span(&text));
	if (!token)
		buf_add_byte(out, '"');
	buf_free(&text);
}

/* Pieces of percent code; one needs no number. */
static void
add_extended(
    struct buf *out, const char *name, struct span value, size_t *column)
{
	struct buf code = BUF_EMPTY;
	struct span rest;

	for (size_t i = 0; i < value.n; i++) {
		int c = span_at(value, i);

		if (attribute_char(c))
			buf_add_byte(&code, (char)c);
		else
			buf_printf(&code, "%%%02X", (unsigned)c);
	}
	rest = buf_span(&code);
	for (int piece = 0; piece == 0 || rest.n > 0; piece++) {
		struct buf one = BUF_EMPTY;
		size_t n = rest.n < PIECE_MAX ? rest.n : PIECE_MAX;

		/* not inside %XX */
		while (n < rest.n && n > 0 &&
		    (rest.p[n - 1] == '%' || (n > 1 && rest.p[n - 2] == '%')))
			n--;
		buf_add_str(&one, name);
		if (piece > 0 || n < rest.n)
			buf_printf(&one, "*%d", piece);
		buf_add_str(&one, piece == 0 ? "*=utf-8''" : "*=");
		buf_add_span(&one, span_head(rest, n));
		rest = span_skip(rest, n);
		add_separator(out, one.n, column);
		buf_add_span(out, buf_span(&one));
		buf_free(&one);
	}
	buf_free(&code);
}

void
encode_param_add(
    struct buf *out, const char *name, struct span value, size_t *column)
{
	struct buf b = BUF_EMPTY;
	bool ascii = true;

	charset_to_utf8(
	    &b, span_head(value, ENCODE_PARAM_BYTES_MAX / 4), SPAN("UTF-8"));
	for (size_t i = 0; i < b.n; i++) {
		if (ascii_control((unsigned char)b.p[i]))
			b.p[i] = ' ';
		ascii &= (unsigned char)b.p[i] <= '~';
	}
	/* "=?" would be taken for an encoded word by many */
	if (ascii && b.n <= QUOTED_MAX &&
	    span_search(buf_span(&b), SPAN("=?")) == b.n)
		add_plain(out, name, buf_span(&b), column);
	else
		add_extended(out, name, buf_span(&b), column);
	buf_free(&b);
}
