/*
 * compose.c - the page on which a message is written
 *
 * Empty, or filled from another message: a reply quotes its text, a forwarded
 * one carries it.
 */

#include "base/arena.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/letter.h"
#include "webmail-cgi/webmail.h"

struct draft {
	struct span to, cc, subject, references, in_reply_to;
	struct buf text;
};

/* "Re: " or "Fwd: " before a subject that has none. */
static struct span
subject_with(struct webmail *w, struct span subject, const char *mark)
{
	if (span_istarts(subject, mark))
		return subject;
	return span_str(
	    arena_printf(w->arena, "%s %.*s", mark, (int)subject.n, subject.p));
}

static void
quote(struct webmail *w, const struct letter *l, struct draft *d)
{
	struct span rest = letter_text(w, l), line;
	struct span from = letter_words(w, l, "From");

	buf_printf(&d->text, "\n\n%.*s %s\n", (int)from.n, from.p,
	    word_text(w->language, WORD_WROTE));
	while (span_line(&rest, &line)) {
		buf_add_str(
		    &d->text, line.n > 0 && line.p[0] == '>' ? ">" : "> ");
		buf_add_span(&d->text, line);
		buf_add_byte(&d->text, '\n');
	}
}

static void
reply(struct webmail *w, const struct letter *l, bool all, struct draft *d)
{
	struct span references = letter_field(w, l, "References");
	struct span id = letter_field(w, l, "Message-ID");
	struct span to = letter_addresses(w, l, "Reply-To");

	d->to = to.n > 0 ? to : letter_addresses(w, l, "From");
	if (all) {
		struct span others = letter_addresses(w, l, "To");
		struct span cc = letter_addresses(w, l, "Cc");

		d->cc = span_str(arena_printf(w->arena, "%.*s%s%.*s",
		    (int)others.n, others.p,
		    others.n > 0 && cc.n > 0 ? ", " : "", (int)cc.n, cc.p));
	}
	d->subject = subject_with(w, letter_words(w, l, "Subject"), "Re:");
	d->in_reply_to = id;
	d->references = span_str(arena_printf(w->arena, "%.*s %.*s",
	    (int)references.n, references.p, (int)id.n, id.p));
	quote(w, l, d);
}

static void
forward(struct webmail *w, const struct letter *l, struct draft *d)
{
	static const char *const fields[] = { "From", "Date", "Subject", "To" };

	d->subject = subject_with(w, letter_words(w, l, "Subject"), "Fwd:");
	buf_printf(&d->text, "\n\n---- %s ----\n",
	    word_text(w->language, WORD_FORWARDED));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct span value = letter_words(w, l, fields[i]);

		buf_printf(
		    &d->text, "%s: %.*s\n", fields[i], (int)value.n, value.p);
	}
	buf_add_byte(&d->text, '\n');
	buf_add_span(&d->text, letter_text(w, l));
}

static void
put_line(struct webmail *w, const char *name, enum word word, struct span value)
{
	put(w, "<label>");
	put_word(w, word);
	put_format(w, "<input name=\"%s\" value=\"", name);
	put_text(w, value);
	put(w, "\"></label>");
}

static void
put_draft(struct webmail *w, const struct draft *d)
{
	page_begin(w, word_text(w->language, WORD_COMPOSE));
	put_folders(w, SPAN(""));
	put(w, "<main>");
	put_form(w, "/send", true);
	put(w, "<div class=\"compose\">");
	put_line(w, "to", WORD_TO, d->to);
	put_line(w, "cc", WORD_CC, d->cc);
	put_line(w, "bcc", WORD_BCC, SPAN(""));
	put_line(w, "subject", WORD_SUBJECT, d->subject);
	put_hidden(w, "references", span_trim(d->references));
	put_hidden(w, "in_reply_to", d->in_reply_to);
	put(w, "<label>");
	put_word(w, WORD_TEXT);
	/* the first line end behind the tag is the browser's to drop */
	put(w, "<textarea name=\"text\">\n");
	put_text(w, buf_span(&d->text));
	put(w, "</textarea></label><label>");
	put_word(w, WORD_ATTACH);
	put(w,
	    "<input type=\"file\" name=\"file\" multiple></label>"
	    "<div class=\"bar\"><button name=\"do\" value=\"send\">");
	put_word(w, WORD_SEND);
	put(w, "</button><button name=\"do\" value=\"draft\">");
	put_word(w, WORD_SAVE_DRAFT);
	put(w, "</button></div></div></form></main>");
	page_end(w);
}

void
page_compose(struct webmail *w)
{
	struct span how = request_get(&w->request, "how");
	struct draft d = { .to = request_get(&w->request, "to") };
	struct letter l;

	if (!session_join(w))
		return;
	if (how.n > 0) {
		if (!letter_fetch(w, &l, false))
			return;
		if (span_is(how, "forward"))
			forward(w, &l, &d);
		else
			reply(w, &l, span_is(how, "all"), &d);
	}
	put_draft(w, &d);
	buf_free(&d.text);
}
