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
#include "base/number.h"
#include "imapd/envelope.h"
#include "message/mime.h"
#include "wire/imap_parse.h"

enum { PIECES_MOST = 100 };

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

/* --- parameters in pieces: "name*0" and so on (RFC 2231, RFC 9051, 7.5.2) ---
 */

struct piece {
	struct span base; /* of the name */
	unsigned number;
	bool coded; /* "name*0*" */
};

static bool
piece_of(struct span name, struct piece *out)
{
	size_t star;
	uint64_t n;

	out->coded = span_ends(name, "*");
	if (out->coded)
		name.n--;
	star = span_find(name, '*');
	if (star == 0 || star == name.n ||
	    !number_parse(span_skip(name, star + 1), 0, PIECES_MOST - 1, &n))
		return false;
	out->base = span_head(name, star);
	out->number = (unsigned)n;
	return true;
}

/* The parameters of one list, looked at once. */
struct pieces {
	const struct encode_params *params;
	struct piece list[ENCODE_PARAMS_MAX]; /* of each; base empty: none */
	bool joins[ENCODE_PARAMS_MAX]; /* the first of some that fit */
	bool passed[ENCODE_PARAMS_MAX]; /* the first one is put for it */
};

/* Piece n of that name; SIZE_MAX: there is none. */
static size_t
find_piece(const struct pieces *p, struct span base, unsigned n)
{
	for (size_t i = 0; i < p->params->count; i++)
		if (p->list[i].number == n && p->list[i].base.n > 0 &&
		    span_ieq(p->list[i].base, base))
			return i;
	return SIZE_MAX;
}

/* What stood plain between pieces that are coded. */
static void
add_coded(struct buf *out, struct span plain)
{
	for (size_t i = 0; i < plain.n; i++) {
		int c = span_at(plain, i);

		if (ascii_alnum(c) || c == '.' || c == '-' || c == '_')
			buf_add_byte(out, (char)c);
		else
			buf_printf(out, "%%%02X", (unsigned)c);
	}
}

/* All pieces of the one that is first, which passes the others. The first says
 * the charset of all, so none can be coded when that is not: false then. */
static bool
join(struct pieces *p, size_t first, struct buf *out)
{
	bool coded = p->list[first].coded;
	struct span base = p->list[first].base;
	size_t at = first, members[ENCODE_PARAMS_MAX];
	unsigned n = 0;

	while (at != SIZE_MAX && n < p->params->count) {
		if (p->list[at].coded && !coded)
			return false;
		if (coded && !p->list[at].coded)
			add_coded(out, p->params->list[at].value);
		else
			buf_add_span(out, p->params->list[at].value);
		members[n++] = at;
		at = find_piece(p, base, n);
	}
	for (unsigned i = 1; i < n; i++)
		p->passed[members[i]] = true;
	return true;
}

static void
put_param(struct buf *out, size_t begun, struct span name, struct span value)
{
	buf_add_byte(out, out->n == begun ? '(' : ' ');
	imap_put_string(out, name);
	buf_add_byte(out, ' ');
	imap_put_string(out, value);
}

static void
put_joined(struct buf *out, size_t begun, struct pieces *p, size_t i)
{
	struct buf value = BUF_EMPTY, name = BUF_EMPTY;

	(void)join(p, i, &value);
	buf_add_span(&name, p->list[i].base);
	buf_add_str(&name, p->list[i].coded ? "*" : "");
	put_param(out, begun, buf_span(&name), buf_span(&value));
	buf_free(&value);
	buf_free(&name);
}

static void
put_params(struct buf *out, const struct encode_params *params)
{
	struct pieces p = { .params = params };
	struct buf joined = BUF_EMPTY;
	size_t begun = out->n;

	for (size_t i = 0; i < params->count; i++)
		if (!piece_of(params->list[i].name, &p.list[i]))
			p.list[i].base = SPAN("");
	/* a piece may stand before the first one */
	for (size_t i = 0; i < params->count; i++) {
		buf_clear(&joined);
		p.joins[i] = p.list[i].base.n > 0 && p.list[i].number == 0 &&
		    join(&p, i, &joined);
	}
	for (size_t i = 0; i < params->count; i++)
		if (p.joins[i])
			put_joined(out, begun, &p, i);
		else if (!p.passed[i])
			put_param(out, begun, params->list[i].name,
			    params->list[i].value);
	buf_free(&joined);
	buf_add_str(out, out->n == begun ? "NIL" : ")");
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
