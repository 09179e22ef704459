/*
 * encode_word.c - encoded words in header fields (RFC 2047)
 *
 * Words that stand side by side in one charset are decoded as one text, since
 * many programs cut them inside a character. What we write never does.
 */

#include "base/base64.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/encode.h"

enum {
	CHARSET_MAX = 60,
	LINE_MAX_BYTES = 76,
	WORD_MAX = 75,
	FRAME = 12, /* "=?UTF-8?Q?" and "?=" */
	PLAIN_MAX = 500, /* bytes of a word that is left as it is */
};

struct word {
	struct span charset, text;
	bool base64;
	size_t length; /* with its frame */
};

/* An encoded word at the front of s. The text may hold blanks, which RFC 2047
 * forbids and some write. */
static bool
word_at(struct span s, struct word *w)
{
	size_t at;
	int encoding;

	if (!span_starts(s, "=?"))
		return false;
	at = span_find(span_head(span_skip(s, 2), CHARSET_MAX), '?');
	w->charset = span_head(span_skip(s, 2), at);
	if (at == 0 || span_at(s, at + 2) != '?' || span_at(s, at + 4) != '?')
		return false;
	w->charset = span_head(w->charset, span_find(w->charset, '*'));
	encoding = ascii_lower(span_at(s, at + 3));
	if (encoding != 'q' && encoding != 'b')
		return false;
	w->base64 = encoding == 'b';
	w->text = span_skip(s, at + 5);
	w->length = at + 5;
	at = span_find(w->text, '?');
	if (span_at(w->text, at + 1) != '=')
		return false;
	w->text = span_head(w->text, at);
	w->length += at + 2;
	return true;
}

/* The Q encoding (RFC 2047, 4.2). */
static void
q_decode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = -1, low = -1;

		if (s.p[i] == '=') {
			high = number_hex_digit(span_at(s, i + 1));
			low = number_hex_digit(span_at(s, i + 2));
		}
		if (high >= 0 && low >= 0) {
			buf_add_byte(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_add_byte(out, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
}

/* A decoding in progress. */
struct reading {
	struct buf *out;
	struct charset *charset; /* of the words side by side, or NULL */
	struct span name;
};

static void
words_end(struct reading *r)
{
	if (r->charset != NULL)
		charset_finish(r->charset, r->out);
	charset_free(&r->charset);
}

static void
words_add(struct reading *r, const struct word *w)
{
	struct buf bytes = BUF_EMPTY;

	if (r->charset != NULL && !span_ieq(r->name, w->charset))
		words_end(r);
	if (r->charset == NULL)
		r->charset = charset_decoder(w->charset);
	r->name = w->charset;
	if (w->base64)
		decode_body(&bytes, w->text, ENCODE_BASE64);
	else
		q_decode(&bytes, w->text);
	charset_feed(r->charset, buf_span(&bytes), r->out);
	buf_free(&bytes);
}

/* Text that is not encoded; blanks between two words are not text. */
static void
plain_add(struct reading *r, struct span text, bool before_word)
{
	if (text.n == 0)
		return;
	if (before_word && r->charset != NULL && span_trim(text).n == 0)
		return;
	words_end(r);
	charset_to_utf8(r->out, text, SPAN(""));
}

/* What is shown stands on one line: line ends, NUL, TAB and other controls
 * become spaces; a line end with the blanks behind it is one of them. */
static void
controls_away(struct buf *b, size_t from)
{
	size_t to = from;

	for (size_t i = from; i < b->n; i++) {
		char c = b->p[i];
		int next = i + 1 < b->n ? b->p[i + 1] : -1;

		if ((c == '\r' && next == '\n') ||
		    (c == '\n' && ascii_blank(next)))
			continue;
		b->p[to++] = ascii_control((unsigned char)c) ? ' ' : c;
	}
	buf_cut(b, to);
}

void
encode_words_decode(struct buf *out, struct span s)
{
	struct reading r = { .out = out };
	size_t before = out->n, i = 0, plain = 0;

	while (i < s.n) {
		struct word w;

		i += span_find(span_skip(s, i), '=');
		if (!word_at(span_skip(s, i), &w)) {
			i++;
			continue;
		}
		plain_add(&r, span_head(span_skip(s, plain), i - plain), true);
		words_add(&r, &w);
		i += w.length;
		plain = i;
	}
	plain_add(&r, span_skip(s, plain), false);
	words_end(&r);
	controls_away(out, before);
}

/* Valid UTF-8 without controls, in b, without blanks at its ends. */
static struct span
cleaned(struct buf *b, struct span text)
{
	charset_to_utf8(b, text, SPAN("UTF-8"));
	for (size_t i = 0; i < b->n; i++)
		if (ascii_control((unsigned char)b->p[i]))
			b->p[i] = ' ';
	return span_trim(buf_span(b));
}

static bool
is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) > '~')
			return false;
	return true;
}

/* A word that can stand as it is. */
static bool
word_plain(struct span word)
{
	return is_ascii(word) && word.n <= PLAIN_MAX &&
	    span_search(word, SPAN("=?")) == word.n;
}

/* Bytes that Q leaves alone in any place (RFC 2047, 5). */
static bool
q_safe(int c)
{
	return ascii_alnum(c) || c == '!' || c == '*' || c == '+' || c == '-' ||
	    c == '/';
}

static size_t
q_length(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += q_safe(span_at(s, i)) || s.p[i] == ' ' ? 1 : 3;
	return n;
}

static size_t
b_length(struct span s)
{
	return (s.n + 2) / 3 * 4;
}

static void
q_encode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (q_safe(c))
			buf_add_byte(out, (char)c);
		else if (c == ' ')
			buf_add_byte(out, '_');
		else
			buf_printf(out, "=%02X", (unsigned)c);
	}
}

/* Length of the front of s, whole characters, whose code fits into room. At
 * least one character: room is never less than one needs. */
static size_t
piece_length(struct span s, bool base64, size_t room)
{
	size_t n = 0, q = 0;

	while (n < s.n) {
		uint32_t c;
		size_t one = utf8_next(span_skip(s, n), &c);

		q += q_length(span_head(span_skip(s, n), one));
		if (n > 0 &&
		    (base64 ? b_length(span_head(s, n + one)) : q) > room)
			break;
		n += one;
	}
	return n;
}

/* The column at which the line in out stands; first is that of its first
 * line, which began at from. */
static size_t
column_of(const struct buf *out, size_t from, size_t first)
{
	struct span line = span_skip(buf_span(out), from);
	size_t at = span_rfind(line, '\n');

	return at == line.n ? first + line.n : line.n - at - 1;
}

/* Write s as encoded words, the first behind what the line holds. */
static void
add_words(struct buf *out, struct span s, size_t column)
{
	/* base64 when more than a third of the bytes must be coded */
	bool base64 = (q_length(s) - s.n) / 2 * 3 > s.n;

	while (s.n > 0) {
		size_t room, n;

		/* 12 bytes hold any one character */
		if (column + FRAME + 12 > LINE_MAX_BYTES) {
			buf_add_str(out, "\n ");
			column = 1;
		}
		room = LINE_MAX_BYTES - column;
		room = (room < WORD_MAX ? room : WORD_MAX) - FRAME;
		n = piece_length(s, base64, room);
		buf_printf(out, "=?UTF-8?%c?", base64 ? 'B' : 'Q');
		if (base64)
			base64_encode(out, span_head(s, n));
		else
			q_encode(out, span_head(s, n));
		buf_add_str(out, "?=");
		s = span_skip(s, n);
		column = LINE_MAX_BYTES;
	}
}

/* Take the blanks, and behind them a plain word or as many words in a row as
 * must be encoded, off *rest. */
static bool
take_run(struct span *rest, struct span *blanks, struct span *run)
{
	struct span word;
	size_t n = 0;
	bool plain;

	while (n < rest->n && rest->p[n] == ' ')
		n++;
	*blanks = span_head(*rest, n);
	*rest = *run = span_skip(*rest, n);
	if (!span_word(rest, " ", &word))
		return false;
	plain = word_plain(word);
	run->n = word.n;
	while (!plain) {
		struct span next = *rest;

		if (!span_word(&next, " ", &word) || word_plain(word))
			break;
		*rest = next;
		run->n = (size_t)(word.p + word.n - run->p);
	}
	return true;
}

void
encode_words(struct buf *out, struct span text, size_t column)
{
	struct buf b = BUF_EMPTY;
	struct span rest = cleaned(&b, text), blanks, run;
	size_t from = out->n;

	while (take_run(&rest, &blanks, &run)) {
		bool plain = word_plain(run);
		size_t at = column_of(out, from, column), need = run.n;

		if (!plain)
			need = FRAME + 12;
		/* fold at the blanks, never before the first word */
		if (blanks.n > 0 && at + blanks.n + need > LINE_MAX_BYTES)
			buf_add_byte(out, '\n');
		buf_add_span(out, blanks);
		if (plain)
			buf_add_span(out, run);
		else
			add_words(out, run, column_of(out, from, column));
	}
	buf_free(&b);
}

static bool
is_phrase_atom(int c)
{
	return ascii_alnum(c) || c == ' ' ||
	    (c > 0 && span_find(SPAN("!#$%&'*+-/=?^_`{|}~"), (char)c) < 19);
}

void
encode_phrase(struct buf *out, struct span text, size_t column)
{
	struct buf b = BUF_EMPTY;
	struct span s = cleaned(&b, text);
	bool atoms = true;

	for (size_t i = 0; i < s.n; i++)
		atoms &= is_phrase_atom(span_at(s, i));
	if (!word_plain(s)) {
		add_words(out, s, column);
	} else if (atoms) {
		encode_words(out, s, column);
	} else {
		buf_add_byte(out, '"');
		for (size_t i = 0; i < s.n; i++) {
			if (s.p[i] == '"' || s.p[i] == '\\')
				buf_add_byte(out, '\\');
			buf_add_byte(out, s.p[i]);
		}
		buf_add_byte(out, '"');
	}
	buf_free(&b);
}
