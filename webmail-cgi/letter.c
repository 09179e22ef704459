/* letter.c - one message, fetched and taken apart */

#include "webmail-cgi/letter.h"

#include "base/arena.h"
#include "message/address.h"
#include "message/encode.h"
#include "message/header.h"
#include "message/html_clean.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/webmail.h"

struct fetch {
	struct arena *arena;
	struct span bytes;
	bool found;
};

static void
fetched(void *arg, const struct imap_tokens *t)
{
	struct fetch *f = arg;
	const struct imap_token *v;

	if (t->count < 4 || !span_iis(imap_token_text(t->list + 1), "FETCH"))
		return;
	v = imap_token_find(t->list + 2, "BODY[]");
	if (v == NULL)
		return;
	f->bytes = arena_span(f->arena, imap_token_text(v));
	f->found = true;
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

bool
letter_fetch(struct webmail *w, struct letter *out, bool seen)
{
	struct fetch f = { .arena = w->arena };
	enum imap_status got;
	uint64_t exists;

	*out = (struct letter){ .uid = number_of(w, "u") };
	if (!folder_open(w, folder_of(w), seen, &exists))
		return false;
	got = imap_command(w->imap, fetched, &f, "UID FETCH %llu (%s)",
	    (unsigned long long)(out->uid == 0 ? 1 : out->uid),
	    seen ? "FLAGS BODY[]" : "BODY.PEEK[]");
	if (got == IMAP_LOST) {
		page_error(w, 503, word_text(w->language, WORD_TRY_LATER));
		return false;
	}
	if (out->uid == 0 || !f.found) {
		page_error(w, 404, word_text(w->language, WORD_GONE));
		return false;
	}
	out->bytes = f.bytes;
	mime_parse(w->arena, f.bytes, &out->tree);
	texts_find(out);
	return true;
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

struct span
letter_addresses(struct webmail *w, const struct letter *l, const char *name)
{
	struct buf text = BUF_EMPTY;
	struct address_list list;
	struct span out;

	address_list_parse(w->arena, letter_field(w, l, name), &list);
	for (size_t i = 0; i < list.count; i++)
		if (list.list[i].kind == ADDRESS_MAILBOX &&
		    list.list[i].local.n > 0)
			put_address(&text, &list.list[i]);
	out = arena_span(w->arena, buf_span(&text));
	buf_free(&text);
	return out;
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

const struct mime_part *
letter_part(const struct letter *l, uint64_t number)
{
	const struct mime_part *p = l->tree.root;

	for (uint64_t i = 1; p != NULL && i < number; i++)
		p = mime_part_next(p);
	return number == 0 ? NULL : p;
}
