/*
 * mime_part.c - finding and reading the parts of a parsed message
 */

#include "base/buf.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/mime.h"

enum { TEXT_PIECE = 16384 };

/* Part k of base, which is a message's root or a multipart. */
static const struct mime_part *
nth_part(const struct mime_part *base, unsigned k)
{
	const struct mime_part *part;

	if (base->kind != MIME_MULTIPART)
		return k == 1 ? base : NULL;
	for (part = base->child; part != NULL; part = part->next)
		if (part->number == k)
			break;
	return part;
}

const struct mime_part *
mime_part_find(const struct mime_tree *t, const unsigned *numbers, size_t n)
{
	const struct mime_part *at = t->root;

	for (size_t i = 0; i < n && at != NULL; i++) {
		if (i == 0 || at->kind == MIME_MULTIPART)
			at = nth_part(at, numbers[i]);
		else if (at->kind == MIME_MESSAGE)
			at = nth_part(at->child, numbers[i]);
		else
			at = NULL;
	}
	return at;
}

const struct mime_part *
mime_part_next(const struct mime_part *p)
{
	if (p->child != NULL)
		return p->child;
	while (p != NULL && p->next == NULL)
		p = p->parent;
	return p == NULL ? NULL : p->next;
}

/* What could lead out of a folder, or make a name look like another one:
 * "exe.gnp" read from right to left. */
static bool
unfit_for_name(uint32_t c)
{
	return c < ' ' || c == 127 || c == '/' || c == '\\' ||
	    (c >= 0x80 && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f;
}

bool
mime_part_filename(const struct mime_part *p, struct buf *out)
{
	struct buf raw = BUF_EMPTY;
	struct span rest;
	uint32_t c;
	size_t n;

	if (!encode_param_get(&p->disposition_params, "filename", &raw) &&
	    !encode_param_get(&p->params, "name", &raw))
		return false;
	for (rest = buf_span(&raw); rest.n > 0; rest = span_skip(rest, n)) {
		n = utf8_next(rest, &c);
		if (n == 0 || unfit_for_name(c)) {
			n = n == 0 ? 1 : n;
			buf_add_byte(out, '_');
		} else {
			buf_add(out, rest.p, n);
		}
	}
	buf_free(&raw);
	return true;
}

static struct span
slice(struct span message, uint64_t from, uint64_t to)
{
	if (from > to || to > message.n)
		return SPAN("");
	return span_of(message.p + from, (size_t)(to - from));
}

struct span
mime_part_body(const struct mime_part *p, struct span message)
{
	return slice(message, p->body_at, p->end_at);
}

struct span
mime_part_header(const struct mime_part *p, struct span message)
{
	return slice(message, p->header_at, p->body_at);
}

/* Cut out to at most n bytes, not inside a character. */
static void
cut_text(struct buf *out, size_t n)
{
	if (out->n <= n)
		return;
	while (n > 0 && ((unsigned char)out->p[n] & 0xc0) == 0x80)
		n--;
	buf_cut(out, n);
}

void
mime_part_text(
    const struct mime_part *p, struct span message, size_t max, struct buf *out)
{
	struct span body = mime_part_body(p, message);
	struct buf name = BUF_EMPTY, bytes = BUF_EMPTY;
	bool coded = p->encoding == ENCODE_QP || p->encoding == ENCODE_BASE64;
	size_t before = out->n;
	struct charset *charset;
	struct decode d;

	encode_param_get(&p->params, "charset", &name);
	charset = charset_decoder(buf_span(&name));
	decode_init(&d, p->encoding);
	while (body.n > 0 && out->n - before <= max) {
		struct span piece = span_head(body, TEXT_PIECE);

		buf_clear(&bytes);
		if (coded) {
			decode_feed(&d, piece, &bytes);
			piece = buf_span(&bytes);
		}
		charset_feed(charset, piece, out);
		body = span_skip(body, TEXT_PIECE);
	}
	buf_clear(&bytes);
	decode_finish(&d, &bytes);
	charset_feed(charset, buf_span(&bytes), out);
	charset_finish(charset, out);
	cut_text(out, before + max);
	charset_free(&charset);
	buf_free(&name);
	buf_free(&bytes);
}
