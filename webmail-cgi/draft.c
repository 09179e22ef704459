/*
 * draft.c - the form in which a message is written
 *
 * The form names the message that it was made from, and which of its parts go
 * along: they are fetched again when it is sent, so that nothing is kept
 * between two pages.
 */

#include "webmail-cgi/draft.h"

#include "base/arena.h"
#include "base/number.h"
#include "webmail-cgi/letter.h"
#include "webmail-cgi/webmail.h"

static const char *const how_names[] = {
	[DRAFT_NEW] = "",
	[DRAFT_REPLY] = "reply",
	[DRAFT_ALL] = "all",
	[DRAFT_FORWARD] = "forward",
	[DRAFT_WHOLE] = "whole",
	[DRAFT_EDIT] = "edit",
};

static enum draft_how
how_of(struct span name)
{
	for (int i = DRAFT_REPLY; i <= DRAFT_EDIT; i++)
		if (span_is(name, how_names[i]))
			return (enum draft_how)i;
	return DRAFT_NEW;
}

void
draft_read(struct webmail *w, struct draft *out)
{
	const struct request *r = &w->request;

	*out = (struct draft){ .how = how_of(request_get(r, "how")),
		.folder = folder_of(w),
		.uid = number_of(w, "u"),
		.to = request_get(r, "to"),
		.cc = request_get(r, "cc"),
		.bcc = request_get(r, "bcc"),
		.subject = request_get(r, "subject"),
		.references = request_get(r, "references"),
		.in_reply_to = request_get(r, "in_reply_to"),
		.text = request_get(r, "text"),
		.again = r->method == METHOD_POST };
}

struct span
draft_sender(struct webmail *w)
{
	struct span user = w->user;

	if (span_find(user, '@') == user.n)
		user = span_str(arena_printf(
		    w->arena, "%.*s@%s", (int)user.n, user.p, w->conf.domain));
	return user;
}

bool
draft_has_parts(const struct draft *d)
{
	return d->uid != 0 &&
	    (d->how == DRAFT_FORWARD || d->how == DRAFT_WHOLE ||
		d->how == DRAFT_EDIT);
}

bool
draft_keeps(const struct webmail *w, const struct draft *d, uint64_t n)
{
	const struct request_field *f;
	size_t at = 0;
	uint64_t kept;

	if (!d->again)
		return true;
	while ((f = request_next(&w->request, "keep", &at)) != NULL)
		if (number_parse(f->value, 1, UINT32_MAX, &kept) && kept == n)
			return true;
	return false;
}

static void
put_line(struct webmail *w, const char *name, enum word word, struct span value)
{
	put(w, "<label><span>");
	put_word(w, word);
	put_format(w, "</span><input name=\"%s\" value=\"", name);
	put_text(w, value);
	put(w, "\"></label>");
}

static void
put_kept(struct webmail *w, const struct draft *d, uint64_t n, struct span name)
{
	put_format(w,
	    "<label class=\"check\"><input type=\"checkbox\" name=\"keep\" "
	    "value=\"%llu\"%s> ",
	    (unsigned long long)n, draft_keeps(w, d, n) ? " checked" : "");
	put_name(w, name);
	put(w, "</label>");
}

/* What goes along of the message that this one was made from. */
static void
put_parts(struct webmail *w, const struct draft *d, const struct letter *l)
{
	uint64_t n = 1;

	if (d->how == DRAFT_WHOLE) {
		struct span subject = letter_words(w, l, "Subject");

		put_kept(
		    w, d, 1, subject.n > 0 ? subject : SPAN("message/rfc822"));
		return;
	}
	for (const struct mime_part *p = l->tree.root; p != NULL;
	     p = mime_part_next(p), n++) {
		struct buf name = BUF_EMPTY;

		if (!letter_is_attachment(l, p))
			continue;
		letter_part_name(p, &name);
		put_kept(w, d, n, buf_span(&name));
		buf_free(&name);
	}
}

static void
put_source(struct webmail *w, const struct draft *d)
{
	put_hidden(w, "f", d->folder);
	if (d->uid == 0)
		return;
	put_hidden(w, "how", span_str(how_names[d->how]));
	put_format(w, "<input type=\"hidden\" name=\"u\" value=\"%llu\">",
	    (unsigned long long)d->uid);
	put_hidden(w, "references", d->references);
	put_hidden(w, "in_reply_to", d->in_reply_to);
}

static void
put_body(struct webmail *w, const struct draft *d, const struct letter *l)
{
	put(w, "<label><span>");
	put_word(w, WORD_TEXT);
	/* the first line end behind the tag is the browser's to drop */
	put_format(w, "</span><textarea name=\"text\"%s>\n",
	    d->how == DRAFT_REPLY || d->how == DRAFT_ALL ? " autofocus" : "");
	put_text(w, d->text);
	put(w, "</textarea></label>");
	if (l != NULL && draft_has_parts(d))
		put_parts(w, d, l);
	put(w, "<label><span>");
	put_word(w, WORD_ATTACH);
	put(w,
	    "</span><input type=\"file\" name=\"file\" multiple></label>"
	    "<div class=\"bar\"><button class=\"main\" "
	    "name=\"do\" value=\"send\">");
	put_word(w, WORD_SEND);
	put(w, "</button>");
	if (w->conf.save_draft &&
	    !span_is(span_str(w->conf.draft_folder), "none")) {
		put(w, "<button name=\"do\" value=\"draft\">");
		put_word(w, WORD_SAVE_DRAFT);
		put(w, "</button>");
	}
	put(w, "</div>");
}

void
draft_show(struct webmail *w, const struct draft *d, const struct letter *l,
    const char *trouble)
{
	page_begin(w, word_text(w->language, WORD_COMPOSE));
	put_folders(w, SPAN(""));
	put(w, "<main id=\"main\"><h1>");
	put_word(w, WORD_COMPOSE);
	put(w, "</h1>");
	if (trouble != NULL) {
		put(w, "<p class=\"error\" role=\"alert\">");
		put_text(w, span_str(trouble));
		put(w, "</p>");
	}
	put_form(w, "/send", true);
	put(w, "<div class=\"compose\">");
	put_source(w, d);
	put_line(w, "to", WORD_TO, d->to);
	put_line(w, "cc", WORD_CC, d->cc);
	put_line(w, "bcc", WORD_BCC, d->bcc);
	put_line(w, "subject", WORD_SUBJECT, d->subject);
	put_body(w, d, l);
	put(w, "</div></form></main>");
	page_end(w);
}
