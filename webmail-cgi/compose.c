/*
 * compose.c - the page on which a message is written
 *
 * Empty, or filled from another message: a reply quotes its text and names it
 * (RFC 5322, 3.6.4), a forwarded one carries its text and parts or the whole of
 * it, a draft goes on where it was left.
 */

#include "base/arena.h"
#include "message/address.h"
#include "message/date.h"
#include "webmail-cgi/draft.h"
#include "webmail-cgi/letter.h"
#include "webmail-cgi/webmail.h"

enum { REFERENCES_MAX = 2000 };

static struct span
taken(struct webmail *w, struct buf *text)
{
	struct span out = arena_span(w->arena, buf_span(text));

	buf_free(text);
	return out;
}

/* "Re: " or "Fwd: " before a subject that has none. */
static struct span
subject_with(struct webmail *w, struct span subject, const char *mark)
{
	if (span_istarts(subject, mark))
		return subject;
	return span_str(
	    arena_printf(w->arena, "%s %.*s", mark, (int)subject.n, subject.p));
}

/* "On 2026-01-31 00:00, Ann <a@b.test> wrote:" */
static void
put_wrote(struct webmail *w, const struct letter *l, struct buf *out)
{
	struct span from = letter_words(w, l, "From");
	struct date date;

	if (date_parse(letter_field(w, l, "Date"), &date)) {
		buf_printf(out, "%s ", word_text(w->language, WORD_ON));
		date_text(w, out, date.time, date.zone);
		buf_add_str(out, ", ");
	}
	buf_add_span(out, from);
	buf_printf(out, " %s\n", word_text(w->language, WORD_WROTE));
}

/* Up to a signature, which begins with "-- ". */
static void
quote(struct webmail *w, const struct letter *l, struct buf *out)
{
	struct span rest = letter_text(w, l), line;

	buf_add_str(out, "\n\n");
	put_wrote(w, l, out);
	while (span_line(&rest, &line) && !span_is(line, "-- ")) {
		buf_add_str(out,
		    line.n == 0            ? ">"
			: line.p[0] == '>' ? ">"
					   : "> ");
		buf_add_span(out, line);
		buf_add_byte(out, '\n');
	}
}

/* The chain's first id and as many of the last as there is room for. */
static struct span
references_of(struct webmail *w, const struct letter *l, struct span id)
{
	struct span chain = letter_field(w, l, "References"), first;
	struct buf out = BUF_EMPTY;

	if (span_trim(chain).n == 0) {
		chain = letter_field(w, l, "In-Reply-To");
		/* one id and nothing else counts as a chain */
		if (span_find(chain, '>') + 1 != span_trim_right(chain).n)
			chain = SPAN("");
	}
	chain = span_trim(chain);
	if (chain.n + id.n + 1 > REFERENCES_MAX) {
		first = span_head(chain, span_find_any(chain, " \t"));
		if (first.n < 200)
			buf_add_span(&out, first);
		chain = span_skip(chain, chain.n - REFERENCES_MAX / 2);
		chain = span_skip(chain, span_find(chain, '<'));
	}
	if (out.n > 0 && chain.n > 0)
		buf_add_byte(&out, ' ');
	buf_add_span(&out, chain);
	if (out.n > 0)
		buf_add_byte(&out, ' ');
	buf_add_span(&out, id);
	return taken(w, &out);
}

static bool
is_mine(struct webmail *w, const struct letter *l)
{
	struct span me = draft_sender(w);
	struct address_list list;

	address_list_parse(w->arena, letter_field(w, l, "From"), &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct address_entry *e = &list.list[i];

		if (span_ieq(span_str(arena_printf(w->arena, "%.*s@%.*s",
				 (int)e->local.n, e->local.p, (int)e->domain.n,
				 e->domain.p)),
			me))
			return true;
	}
	return false;
}

/* To whom a reply goes. An answer to a letter of one's own goes on to those
 * whom it went to; nobody is in twice, and oneself not at all. */
static void
reply_addresses(
    struct webmail *w, const struct letter *l, bool all, struct draft *d)
{
	struct buf seen = BUF_EMPTY, to = BUF_EMPTY, cc = BUF_EMPTY;
	struct span me = draft_sender(w), local, domain;
	bool mine = is_mine(w, l);

	letter_addresses(w, l, "Reply-To", &seen, &to);
	if (to.n == 0)
		letter_addresses(w, l, mine ? "To" : "From", &seen, &to);
	if (to.n == 0)
		letter_addresses(w, l, "From", &seen, &to);
	if (all) {
		(void)address_split(me, &local, &domain);
		(void)letter_address_new(&seen, local, domain);
		if (!mine)
			letter_addresses(w, l, "To", &seen, &cc);
		letter_addresses(w, l, "Cc", &seen, &cc);
	}
	d->to = taken(w, &to);
	d->cc = taken(w, &cc);
	buf_free(&seen);
}

static void
reply(struct webmail *w, const struct letter *l, struct draft *d)
{
	struct buf text = BUF_EMPTY;

	d->in_reply_to = span_trim(letter_field(w, l, "Message-ID"));
	d->references = references_of(w, l, d->in_reply_to);
	d->subject = subject_with(w, letter_words(w, l, "Subject"), "Re:");
	reply_addresses(w, l, d->how == DRAFT_ALL, d);
	quote(w, l, &text);
	d->text = taken(w, &text);
}

static void
forward(struct webmail *w, const struct letter *l, struct draft *d)
{
	static const struct {
		const char *name;
		enum word word;
	} fields[] = { { "From", WORD_FROM }, { "Date", WORD_DATE },
		{ "Subject", WORD_SUBJECT }, { "To", WORD_TO },
		{ "Cc", WORD_CC } };
	struct buf text = BUF_EMPTY;

	d->subject = subject_with(w, letter_words(w, l, "Subject"), "Fwd:");
	if (d->how == DRAFT_WHOLE)
		return;
	buf_printf(&text, "\n\n---- %s ----\n",
	    word_text(w->language, WORD_FORWARDED));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct span value = letter_words(w, l, fields[i].name);

		if (value.n > 0)
			buf_printf(&text, "%s: %.*s\n",
			    word_text(w->language, fields[i].word),
			    (int)value.n, value.p);
	}
	buf_add_byte(&text, '\n');
	buf_add_span(&text, letter_text(w, l));
	d->text = taken(w, &text);
}

static struct span
list_of(struct webmail *w, const struct letter *l, const char *name)
{
	struct buf text = BUF_EMPTY;

	letter_addresses(w, l, name, NULL, &text);
	return taken(w, &text);
}

static void
go_on(struct webmail *w, const struct letter *l, struct draft *d)
{
	d->to = list_of(w, l, "To");
	d->cc = list_of(w, l, "Cc");
	d->bcc = list_of(w, l, "Bcc");
	d->subject = letter_words(w, l, "Subject");
	d->in_reply_to = span_trim(letter_field(w, l, "In-Reply-To"));
	d->references = span_trim(letter_field(w, l, "References"));
	d->text = letter_text(w, l);
}

void
page_compose(struct webmail *w)
{
	struct draft d;
	struct letter l;

	if (!session_join(w))
		return;
	draft_read(w, &d);
	if (d.how == DRAFT_NEW) {
		d.uid = 0;
		draft_show(w, &d, NULL, NULL);
		return;
	}
	if (!letter_fetch(w, &l, false))
		return;
	switch (d.how) {
	case DRAFT_NEW:
	case DRAFT_REPLY:
	case DRAFT_ALL:
		reply(w, &l, &d);
		break;
	case DRAFT_FORWARD:
	case DRAFT_WHOLE:
		forward(w, &l, &d);
		break;
	case DRAFT_EDIT:
		go_on(w, &l, &d);
		break;
	}
	draft_show(w, &d, &l, NULL);
}
