/*
 * compose.c - building a message from values, never by pasting
 *
 * Each value goes through an encoder that cannot emit a line end but by its
 * own folding. The order of calls is a small state machine; boundaries are
 * random, and begin with "=_", which neither base64 nor quoted-printable can
 * hold.
 */

#include "message/compose.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/utf8.h"
#include "message/address.h"
#include "message/charset.h"
#include "message/date.h"
#include "message/encode.h"
#include "message/header.h"

enum {
	LINE_MAX_BYTES = 76,
	DEPTH_MAX = 8, /* multiparts in each other */
	BOUNDARY_BYTES = 40,
	BASE64_LINE = 57,
	SHORT_LINE = 78, /* 7bit text is left as it is up to that */
};

enum state { FIELDS, BODY, PART, DONE_WITH };

struct compose {
	struct buf *out;
	enum state state;
	char boundary[DEPTH_MAX][BOUNDARY_BYTES];
	bool used[DEPTH_MAX]; /* a part was written there */
	size_t depth;
	/* the part in progress */
	bool verbatim, cr, line_start;
	char held[BASE64_LINE]; /* not yet a line of base64 */
	size_t held_n;
};

struct compose *
compose_new(struct buf *out)
{
	struct compose *c = mem_new(sizeof(*c));

	c->out = out;
	return c;
}

void
compose_free(struct compose **c)
{
	mem_free(c);
}

static bool
has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_control(span_at(s, i)))
			return true;
	return false;
}

/* "Name: "; returns the column behind it, or 0 when name is no name. */
static size_t
name_add(struct compose *c, const char *name)
{
	must(c->state == FIELDS);
	if (!header_name_valid(span_str(name)))
		return 0;
	buf_add_str(c->out, name);
	buf_add_str(c->out, ": ");
	return span_str(name).n + 2;
}

bool
compose_field(struct compose *c, const char *name, struct span text)
{
	size_t column = name_add(c, name);

	if (column == 0)
		return false;
	encode_words(c->out, text, column);
	buf_add_byte(c->out, '\n');
	return true;
}

bool
compose_field_raw(struct compose *c, const char *name, struct span value)
{
	struct span word;
	size_t column;

	if (has_control(value) || !utf8_valid(value))
		return false;
	column = name_add(c, name);
	if (column == 0)
		return false;
	for (bool first = true; span_word(&value, " ", &word); first = false) {
		if (!first && column + 1 + word.n > LINE_MAX_BYTES) {
			buf_add_byte(c->out, '\n');
			column = 0;
		}
		if (!first) {
			buf_add_byte(c->out, ' ');
			column++;
		}
		buf_add_span(c->out, word);
		column += word.n;
	}
	buf_add_byte(c->out, '\n');
	return true;
}

static bool
address_fine(const struct compose_address *a)
{
	if (a->local.n == 0 || has_control(a->local) || !utf8_valid(a->local))
		return false;
	return a->domain.n == 0 || address_literal_valid(a->domain) ||
	    address_domain_valid(a->domain, ADDRESS_UTF8 | ADDRESS_LOOSE);
}

static void
address_add(struct buf *out, const struct compose_address *a, size_t column)
{
	bool named = span_trim(a->name).n > 0;
	size_t before = out->n;

	if (named) {
		encode_phrase(out, a->name, column);
		named = out->n > before;
	}
	if (named)
		buf_add_str(out, " <");
	address_quote(out, a->local);
	if (a->domain.n > 0) {
		buf_add_byte(out, '@');
		buf_add_span(out, a->domain);
	}
	if (named)
		buf_add_byte(out, '>');
}

/* The column behind s, which began at column. */
static size_t
column_behind(struct span s, size_t column)
{
	size_t at = span_rfind(s, '\n');

	return at == s.n ? column + s.n : s.n - at - 1;
}

bool
compose_field_addresses(struct compose *c, const char *name,
    const struct compose_address *list, size_t n)
{
	struct buf one = BUF_EMPTY;
	size_t column;

	for (size_t i = 0; i < n; i++)
		if (!address_fine(&list[i]))
			return false;
	if (n == 0)
		return true;
	column = name_add(c, name);
	for (size_t i = 0; i < n && column > 0; i++) {
		bool comma = i + 1 < n;

		buf_clear(&one);
		address_add(&one, &list[i], 1);
		if (i > 0 && column + 1 + one.n + comma > LINE_MAX_BYTES) {
			buf_add_byte(c->out, '\n');
			column = 0;
		}
		if (i > 0) {
			buf_add_byte(c->out, ' ');
			column++;
		}
		if (column > 1) {
			buf_clear(&one);
			address_add(&one, &list[i], column);
		}
		if (comma)
			buf_add_byte(&one, ',');
		buf_add_span(c->out, buf_span(&one));
		column = column_behind(buf_span(&one), column);
	}
	if (column > 0)
		buf_add_byte(c->out, '\n');
	buf_free(&one);
	return column > 0;
}

bool
compose_from(
    struct compose *c, struct span name, struct span sender, struct span origin)
{
	struct compose_address from = { .name = name };
	struct buf plain = BUF_EMPTY;
	struct span local;
	bool fine;

	if (sender.n == 0)
		sender = SPAN("MAILER-DAEMON");
	if (!address_split(sender, &local, &from.domain) || from.domain.n == 0)
		from.domain = origin;
	address_unquote(&plain, local);
	from.local = buf_span(&plain);
	fine = compose_field_addresses(c, "From", &from, 1);
	buf_free(&plain);
	return fine;
}

void
compose_date(struct compose *c, int64_t time, int zone)
{
	name_add(c, "Date");
	date_print(c->out, time, zone);
	buf_add_byte(c->out, '\n');
}

static void
add_random(struct buf *out, size_t n)
{
	unsigned char bytes[16];

	must(n <= sizeof(bytes));
	must(getrandom(bytes, n, 0) == (ssize_t)n);
	hex_encode(out, span_of((const char *)bytes, n));
}

void
compose_message_id(struct compose *c, struct span domain, struct buf *id)
{
	struct buf b = BUF_EMPTY;

	buf_add_byte(&b, '<');
	add_random(&b, 16);
	buf_add_byte(&b, '@');
	buf_add_span(
	    &b, address_domain_valid(domain, 0) ? domain : SPAN("localhost"));
	buf_add_byte(&b, '>');
	name_add(c, "Message-ID");
	buf_add_span(c->out, buf_span(&b));
	buf_add_byte(c->out, '\n');
	if (id != NULL)
		buf_add_span(id, buf_span(&b));
	buf_free(&b);
}

/* A part or multipart begins: its own fields follow. */
static void
enter(struct compose *c)
{
	size_t top = c->depth - 1;

	must(c->state == FIELDS || (c->state == BODY && c->depth > 0));
	if (c->state == FIELDS) {
		buf_add_str(c->out, "MIME-Version: 1.0\n");
	} else {
		/* the line end before it belongs to the boundary */
		buf_printf(c->out, "%s--%s\n", c->used[top] ? "\n" : "",
		    c->boundary[top]);
		c->used[top] = true;
	}
	c->state = BODY;
}

/* Content-Type with parameters, and what may follow in its line. */
static void
add_type(struct compose *c, struct span type, size_t *column)
{
	buf_add_str(c->out, "Content-Type: ");
	buf_add_span(c->out, type);
	*column = 14 + type.n;
}

void
compose_multipart_begin(
    struct compose *c, const char *subtype, const char *report_type)
{
	struct buf b = BUF_EMPTY;
	size_t column;

	must(c->depth < DEPTH_MAX);
	must(header_name_valid(span_str(subtype)));
	enter(c);
	buf_add_str(&b, "multipart/");
	buf_add_str(&b, subtype);
	add_type(c, buf_span(&b), &column);
	if (report_type != NULL)
		encode_param_add(
		    c->out, "report-type", span_str(report_type), &column);
	buf_clear(&b);
	buf_add_str(&b, "=_");
	add_random(&b, 16);
	must(b.n < BOUNDARY_BYTES);
	memcpy(c->boundary[c->depth], buf_str(&b), b.n + 1);
	encode_param_add(c->out, "boundary", buf_span(&b), &column);
	buf_add_str(c->out, "\n\n");
	c->used[c->depth++] = false;
	buf_free(&b);
}

/* A part or multipart is over. */
static void
leave(struct compose *c)
{
	c->state = c->depth == 0 ? DONE_WITH : BODY;
}

void
compose_multipart_end(struct compose *c)
{
	must(c->state == BODY && c->depth > 0 && c->used[c->depth - 1]);
	c->depth--;
	buf_printf(c->out, "\n--%s--\n", c->boundary[c->depth]);
	leave(c);
}

/* Valid UTF-8 with LF as line ends, the last one too, and without NUL. */
static void
text_clean(struct buf *out, struct span text)
{
	struct buf utf8 = BUF_EMPTY;

	charset_to_utf8(&utf8, text, SPAN("UTF-8"));
	for (size_t i = 0; i < utf8.n; i++) {
		char b = utf8.p[i];

		if (b == '\r' && i + 1 < utf8.n && utf8.p[i + 1] == '\n')
			continue;
		buf_add_byte(out, b == '\0' || b == '\r' ? ' ' : b);
	}
	if (out->n > 0 && out->p[out->n - 1] != '\n')
		buf_add_byte(out, '\n');
	buf_free(&utf8);
}

/* ASCII that no transport would change. */
static bool
text_simple(struct span text)
{
	struct span line;

	while (span_line(&text, &line)) {
		if (line.n > SHORT_LINE || span_starts(line, "From ") ||
		    span_at(line, 0) == '.' ||
		    (line.n > 0 && ascii_blank(span_at(line, line.n - 1))))
			return false;
		for (size_t i = 0; i < line.n; i++)
			if (span_at(line, i) > '~' ||
			    (line.p[i] < ' ' && line.p[i] != '\t'))
				return false;
	}
	return true;
}

void
compose_text(struct compose *c, const char *subtype, struct span utf8)
{
	struct buf text = BUF_EMPTY, type = BUF_EMPTY;
	size_t column;
	bool simple;

	must(header_name_valid(span_str(subtype)));
	enter(c);
	buf_printf(&type, "text/%s", subtype);
	add_type(c, buf_span(&type), &column);
	encode_param_add(c->out, "charset", SPAN("utf-8"), &column);
	text_clean(&text, utf8);
	simple = text_simple(buf_span(&text));
	buf_printf(c->out, "\nContent-Transfer-Encoding: %s\n\n",
	    simple ? "7bit" : "quoted-printable");
	if (simple)
		buf_add_span(c->out, buf_span(&text));
	else
		encode_qp(c->out, buf_span(&text));
	leave(c);
	buf_free(&text);
	buf_free(&type);
}

/* "token/token", and not one that base64 may not stand for (RFC 2046, 5.2.1;
 * RFC 2045, 6.4). */
static bool
type_fine(const struct compose_part *p)
{
	size_t slash = span_find(p->type, '/');
	struct span subtype = span_skip(p->type, slash + 1);

	for (size_t i = 0; i < p->type.n; i++) {
		int b = span_at(p->type, i);

		if (i != slash &&
		    (b <= ' ' || b > '~' ||
			span_find(SPAN("()<>@,;:\\\"/[]?="), (char)b) < 15))
			return false;
	}
	if (slash == 0 || subtype.n == 0 || p->type.n > 127)
		return false;
	if (span_istarts(p->type, "multipart/"))
		return false;
	return p->verbatim || !span_istarts(p->type, "message/");
}

static void
add_disposition(struct compose *c, const struct compose_part *p)
{
	const char *word = p->is_inline ? "inline" : "attachment";
	size_t column = 21 + span_str(word).n;

	buf_printf(c->out, "Content-Disposition: %s", word);
	if (p->filename.n > 0)
		encode_param_add(c->out, "filename", p->filename, &column);
	buf_add_byte(c->out, '\n');
}

/* Content-ID: only what a message id may hold comes out. */
static void
add_id(struct compose *c, struct span id)
{
	buf_add_str(c->out, "Content-ID: <");
	for (size_t i = 0; i < id.n && i < 900; i++) {
		int b = span_at(id, i);

		if (b > ' ' && b <= '~' && b != '<' && b != '>')
			buf_add_byte(c->out, (char)b);
	}
	buf_add_str(c->out, ">\n");
}

void
compose_part_begin(struct compose *c, const struct compose_part *p)
{
	size_t column;

	enter(c);
	add_type(c, type_fine(p) ? p->type : SPAN("application/octet-stream"),
	    &column);
	if (p->charset.n > 0 && type_fine(p) && span_istarts(p->type, "text/"))
		encode_param_add(c->out, "charset", p->charset, &column);
	/* old programs look for the name here */
	if (p->filename.n > 0 && !p->verbatim)
		encode_param_add(c->out, "name", p->filename, &column);
	buf_add_byte(c->out, '\n');
	if (!p->verbatim) {
		buf_add_str(c->out, "Content-Transfer-Encoding: base64\n");
		add_disposition(c, p);
	} else {
		buf_printf(c->out, "Content-Transfer-Encoding: %s\n",
		    p->ascii ? "7bit" : "8bit");
	}
	if (p->id.n > 0)
		add_id(c, p->id);
	if (p->description.n > 0) {
		buf_add_str(c->out, "Content-Description: ");
		encode_words(c->out, p->description, 21);
		buf_add_byte(c->out, '\n');
	}
	buf_add_byte(c->out, '\n');
	c->verbatim = p->verbatim;
	c->held_n = 0;
	c->cr = false;
	c->line_start = true;
	c->state = PART;
}

static void
feed_verbatim(struct compose *c, struct span bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		char b = bytes.p[i];

		if (c->cr && b != '\n')
			buf_add_byte(c->out, ' ');
		c->cr = b == '\r';
		if (!c->cr)
			buf_add_byte(c->out, b == '\0' ? ' ' : b);
		c->line_start = b == '\n';
	}
}

static void
feed_base64(struct compose *c, struct span bytes)
{
	size_t whole;

	if (c->held_n > 0) {
		struct span more = span_head(bytes, BASE64_LINE - c->held_n);

		memcpy(c->held + c->held_n, more.p, more.n);
		c->held_n += more.n;
		bytes = span_skip(bytes, more.n);
		if (c->held_n < BASE64_LINE)
			return;
		encode_base64_body(c->out, span_of(c->held, c->held_n));
	}
	whole = bytes.n / BASE64_LINE * BASE64_LINE;
	encode_base64_body(c->out, span_head(bytes, whole));
	bytes = span_skip(bytes, whole);
	c->held_n = bytes.n;
	if (bytes.n > 0)
		memcpy(c->held, bytes.p, bytes.n);
}

void
compose_part_feed(struct compose *c, struct span bytes)
{
	must(c->state == PART);
	if (bytes.n == 0)
		return;
	if (c->verbatim)
		feed_verbatim(c, bytes);
	else
		feed_base64(c, bytes);
}

void
compose_part_end(struct compose *c)
{
	must(c->state == PART);
	if (c->verbatim && !c->line_start)
		buf_add_byte(c->out, '\n');
	encode_base64_body(c->out, span_of(c->held, c->held_n));
	leave(c);
}

void
compose_part(struct compose *c, const struct compose_part *p, struct span bytes)
{
	compose_part_begin(c, p);
	compose_part_feed(c, bytes);
	compose_part_end(c);
}

bool
compose_done(const struct compose *c)
{
	return c->state == DONE_WITH;
}
