/*
 * structure.c - BODY and BODYSTRUCTURE (RFC 3501, 7.4.2)
 *
 * The tree is walked by its own pointers, without recursion: what opens a part
 * is written on the way down, what closes it on the way up.
 */

#include "imapd/structure.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "imapd/envelope.h"
#include "message/mime.h"
#include "wire/imap_parse.h"

static void
put_upper(struct buf *out, struct span s)
{
	struct buf upper = BUF_EMPTY;

	for (size_t i = 0; i < s.n; i++)
		buf_add_byte(&upper, (char)ascii_upper((unsigned char)s.p[i]));
	imap_put_string(out, buf_span(&upper));
	buf_free(&upper);
}

static void
put_or_nil(struct buf *out, struct span s)
{
	imap_put_nstring(out, s.n == 0 ? span_of(NULL, 0) : s);
}

static void
put_params(struct buf *out, const struct encode_params *params)
{
	if (params->count == 0) {
		buf_add_str(out, "NIL");
		return;
	}
	for (size_t i = 0; i < params->count; i++) {
		buf_add_byte(out, i == 0 ? '(' : ' ');
		imap_put_string(out, params->list[i].name);
		buf_add_byte(out, ' ');
		imap_put_string(out, params->list[i].value);
	}
	buf_add_byte(out, ')');
}

static void
put_disposition(struct buf *out, const struct mime_part *p)
{
	if (p->disposition.n == 0) {
		buf_add_str(out, " NIL");
		return;
	}
	buf_add_str(out, " (");
	imap_put_string(out, p->disposition);
	buf_add_byte(out, ' ');
	put_params(out, &p->disposition_params);
	buf_add_byte(out, ')');
}

/* "de, fr" as one string or a list. */
static void
put_language(struct buf *out, struct span languages)
{
	struct span word, rest = languages;
	unsigned n = 0;

	buf_add_byte(out, ' ');
	while (span_word(&rest, ", \t", &word)) {
		buf_add_byte(out, n++ == 0 ? '(' : ' ');
		imap_put_string(out, word);
	}
	buf_add_str(out, n == 0 ? "NIL" : ")");
}

/* What all parts but multiparts have after their type. */
static void
put_basic(struct buf *out, const struct mime_part *p)
{
	put_upper(out, p->type);
	buf_add_byte(out, ' ');
	put_upper(out, p->subtype);
	buf_add_byte(out, ' ');
	/* text without a type is said to be what it is (RFC 2045, 5.2) */
	if (!p->has_type && span_is(p->type, "text"))
		buf_add_str(out, "(\"charset\" \"us-ascii\")");
	else
		put_params(out, &p->params);
	buf_add_byte(out, ' ');
	put_or_nil(out, p->id);
	buf_add_byte(out, ' ');
	put_or_nil(out, p->description);
	buf_add_byte(out, ' ');
	put_upper(
	    out, p->encoding_name.n == 0 ? SPAN("7bit") : p->encoding_name);
	buf_printf(out, " %" PRIu64, p->body.crlf);
}

static void
put_extension(struct buf *out, const struct mime_part *p)
{
	buf_add_byte(out, ' ');
	put_or_nil(out, p->md5);
	put_disposition(out, p);
	put_language(out, p->language);
	buf_add_byte(out, ' ');
	put_or_nil(out, p->location);
}

static bool
open_message(
    const struct structure *s, const struct mime_part *p, struct buf *out)
{
	struct arena *a = arena_new();
	struct span header;
	bool ok = s->header(s->arg, a, p->child, &header);

	put_basic(out, p);
	buf_add_byte(out, ' ');
	if (ok)
		envelope_put(a, header, out);
	buf_add_byte(out, ' ');
	arena_free(&a);
	return ok;
}

static bool
has_children(const struct mime_part *p)
{
	return p->kind != MIME_LEAF && p->child != NULL;
}

static bool
open_part(const struct structure *s, const struct mime_part *p, struct buf *out)
{
	buf_add_byte(out, '(');
	if (p->kind == MIME_MULTIPART) {
		/* the grammar wants one part at least */
		if (p->child == NULL)
			buf_add_str(out,
			    "(\"TEXT\" \"PLAIN\" (\"charset\" \"us-ascii\") "
			    "NIL NIL \"7BIT\" 0 0)");
		return true;
	}
	if (has_children(p))
		return open_message(s, p, out);
	put_basic(out, p);
	if (span_is(p->type, "text"))
		buf_printf(out, " %" PRIu64, p->body.lines);
	return true;
}

static void
close_part(
    const struct structure *s, const struct mime_part *p, struct buf *out)
{
	if (p->kind == MIME_MULTIPART) {
		buf_add_byte(out, ' ');
		put_upper(out, p->subtype);
		if (s->extended) {
			buf_add_byte(out, ' ');
			put_params(out, &p->params);
			put_disposition(out, p);
			put_language(out, p->language);
			buf_add_byte(out, ' ');
			put_or_nil(out, p->location);
		}
	} else {
		if (has_children(p))
			buf_printf(out, " %" PRIu64, p->body.lines);
		if (s->extended)
			put_extension(out, p);
	}
	buf_add_byte(out, ')');
}

bool
structure_put(const struct structure *s, struct buf *out)
{
	const struct mime_part *p = s->tree->root;
	bool ok = open_part(s, p, out);

	for (;;) {
		if (has_children(p)) {
			p = p->child;
			ok = open_part(s, p, out) && ok;
			continue;
		}
		close_part(s, p, out);
		while (p->next == NULL && p != s->tree->root) {
			p = p->parent;
			close_part(s, p, out);
		}
		if (p == s->tree->root)
			return ok;
		p = p->next;
		ok = open_part(s, p, out) && ok;
	}
}
