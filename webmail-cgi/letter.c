/* letter.c - one message, fetched and taken apart */

#include "webmail-cgi/letter.h"

#include "base/arena.h"
#include "base/number.h"
#include "message/address.h"
#include "message/encode.h"
#include "message/header.h"
#include "message/html_clean.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/webmail.h"

struct fetch {
	struct arena *arena;
	struct span bytes;
	uint64_t size;
	bool found;
};

static void
fetched(void *arg, const struct imap_tokens *t)
{
	struct fetch *f = arg;
	const struct imap_token *v;

	if (t->count < 4 || !span_iis(imap_token_text(t->list + 1), "FETCH"))
		return;
	v = imap_token_find(t->list + 2, "BODY[]<0>");
	if (v == NULL)
		return;
	f->bytes = arena_span(f->arena, imap_token_text(v));
	f->found = true;
	v = imap_token_find(t->list + 2, "RFC822.SIZE");
	if (v != NULL)
		(void)number_parse(imap_token_text(v), 0, INT64_MAX, &f->size);
}

static bool
is_text(const struct mime_part *p, const char *subtype)
{
	return p->kind == MIME_LEAF && span_is(p->type, "text") &&
	    span_is(p->subtype, subtype) &&
	    !span_is(p->disposition, "attachment");
}

/* Parts of an attached message belong to it. */
static bool
is_inside_message(const struct mime_part *p)
{
	for (p = p->parent; p != NULL; p = p->parent)
		if (p->kind == MIME_MESSAGE)
			return true;
	return false;
}

static void
texts_find(struct letter *l)
{
	for (const struct mime_part *p = l->tree.root; p != NULL;
	     p = mime_part_next(p)) {
		if (is_inside_message(p))
			continue;
		if (l->plain == NULL && is_text(p, "plain"))
			l->plain = p;
		if (l->html == NULL && is_text(p, "html"))
			l->html = p;
	}
}

enum letter_result
letter_load(struct webmail *w, struct span folder, uint64_t uid, bool seen,
    struct letter *out)
{
	struct fetch f = { .arena = w->arena };
	enum imap_status got;
	uint64_t exists;

	*out = (struct letter){ .uid = uid };
	got = folder_select(w, folder, seen, &exists);
	if (got != IMAP_OK)
		return got == IMAP_LOST ? LETTER_TROUBLE : LETTER_NO_FOLDER;
	if (uid == 0)
		return LETTER_GONE;
	got = imap_command(w->imap, fetched, &f,
	    "UID FETCH %llu (RFC822.SIZE %s<0.%d>)", (unsigned long long)uid,
	    seen ? "BODY[]" : "BODY.PEEK[]", LETTER_MAX);
	if (got == IMAP_LOST)
		return LETTER_TROUBLE;
	if (!f.found)
		return LETTER_GONE;
	out->bytes = f.bytes;
	out->cut = f.size > LETTER_MAX;
	mime_parse(w->arena, f.bytes, &out->tree);
	texts_find(out);
	return LETTER_OK;
}

enum word
letter_trouble(enum letter_result r, int *status)
{
	*status = r == LETTER_TROUBLE ? 503 : 404;
	if (r == LETTER_NO_FOLDER)
		return WORD_NO_FOLDER;
	return r == LETTER_TROUBLE ? WORD_TRY_LATER : WORD_GONE;
}

bool
letter_fetch(struct webmail *w, struct letter *out, bool seen)
{
	enum letter_result got =
	    letter_load(w, folder_of(w), number_of(w, "u"), seen, out);
	enum word trouble;
	int status;

	if (got == LETTER_OK)
		return true;
	trouble = letter_trouble(got, &status);
	page_error(w, status, word_text(w->language, trouble));
	return false;
}

struct span
letter_field(struct webmail *w, const struct letter *l, const char *name)
{
	struct header_field f;

	if (!header_find(l->bytes, name, &f))
		return SPAN("");
	return header_unfold_arena(w->arena, f.value);
}

struct span
letter_words(struct webmail *w, const struct letter *l, const char *name)
{
	struct buf text = BUF_EMPTY;
	struct span out;

	encode_words_decode(&text, letter_field(w, l, name));
	out = arena_span(w->arena, buf_span(&text));
	buf_free(&text);
	return out;
}

static void
put_address(struct buf *out, const struct address_entry *e)
{
	struct buf name = BUF_EMPTY;

	encode_words_decode(&name, e->name);
	if (out->n > 0)
		buf_add_str(out, ", ");
	if (name.n > 0)
		buf_add_byte(out, '"');
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c == '"' || c == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, c < 32 || c == 127 ? ' ' : (char)c);
	}
	buf_add_str(out, name.n > 0 ? "\" <" : "<");
	address_quote(out, e->local);
	if (e->domain.n > 0)
		buf_add_byte(out, '@');
	buf_add_span(out, e->domain);
	buf_add_byte(out, '>');
	buf_free(&name);
}

bool
letter_address_new(struct buf *seen, struct span local, struct span domain)
{
	struct buf one = BUF_EMPTY;
	bool fresh;

	if (seen->n == 0)
		buf_add_byte(seen, '\n');
	buf_add_byte(&one, '\n');
	for (size_t i = 0; i < local.n; i++)
		buf_add_byte(&one, (char)ascii_lower(span_at(local, i)));
	buf_add_byte(&one, '@');
	for (size_t i = 0; i < domain.n; i++)
		buf_add_byte(&one, (char)ascii_lower(span_at(domain, i)));
	buf_add_byte(&one, '\n');
	fresh = span_search(buf_span(seen), buf_span(&one)) == seen->n;
	if (fresh)
		buf_add_span(seen, span_skip(buf_span(&one), 1));
	buf_free(&one);
	return fresh;
}

void
letter_addresses(struct webmail *w, const struct letter *l, const char *name,
    struct buf *seen, struct buf *out)
{
	struct address_list list;

	address_list_parse(w->arena, letter_field(w, l, name), &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct address_entry *e = &list.list[i];

		if (e->kind == ADDRESS_MAILBOX && e->local.n > 0 &&
		    (seen == NULL ||
			letter_address_new(seen, e->local, e->domain)))
			put_address(out, e);
	}
}

struct span
letter_text(struct webmail *w, const struct letter *l)
{
	struct buf text = BUF_EMPTY, html = BUF_EMPTY;
	struct span out;

	if (l->plain != NULL) {
		mime_part_text(l->plain, l->bytes, LETTER_TEXT_MAX, &text);
	} else if (l->html != NULL) {
		mime_part_text(l->html, l->bytes, LETTER_TEXT_MAX, &html);
		html_to_text(&text, buf_span(&html), LETTER_TEXT_MAX);
	}
	out = arena_span(w->arena, buf_span(&text));
	buf_free(&text);
	buf_free(&html);
	return out;
}

bool
letter_is_attachment(const struct letter *l, const struct mime_part *p)
{
	return p->kind != MIME_MULTIPART && p != l->plain && p != l->html &&
	    !is_inside_message(p);
}

void
letter_part_name(const struct mime_part *p, struct buf *out)
{
	if (mime_part_filename(p, out))
		return;
	buf_add_span(out, p->type);
	buf_add_byte(out, '/');
	buf_add_span(out, p->subtype);
}

const struct mime_part *
letter_part(const struct letter *l, uint64_t number)
{
	const struct mime_part *p = l->tree.root;

	for (uint64_t i = 1; p != NULL && i < number; i++)
		p = mime_part_next(p);
	return number == 0 ? NULL : p;
}
