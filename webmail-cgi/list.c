/*
 * list.c - the messages of a folder, a page at a time, the newest first
 *
 * One FETCH for a page, by sequence numbers counted from the end.
 */

#include <string.h>

#include "base/arena.h"
#include "base/number.h"
#include "message/date.h"
#include "message/encode.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/webmail.h"

struct row {
	uint64_t uid, size;
	bool seen, answered, flagged, deleted;
	struct span subject, who; /* raw, as ENVELOPE has them */
	int64_t date; /* of arrival */
};

struct rows {
	struct arena *arena;
	bool sent; /* show whom it went to */
	struct row *list;
	size_t count, room;
};

static void
flags_take(struct row *r, const struct imap_token *t)
{
	for (t++; t->kind == TOKEN_ATOM; t++) {
		r->seen = r->seen || span_iis(t->text, "\\Seen");
		r->answered = r->answered || span_iis(t->text, "\\Answered");
		r->flagged = r->flagged || span_iis(t->text, "\\Flagged");
		r->deleted = r->deleted || span_iis(t->text, "\\Deleted");
	}
}

/* Name or address of the first of an ENVELOPE's address list. */
static struct span
first_name(struct arena *a, const struct imap_token *list)
{
	struct span name, local, domain;

	if (list->kind != TOKEN_OPEN || list[1].kind != TOKEN_OPEN)
		return SPAN("");
	name = imap_token_text(list + 2);
	if (name.n > 0)
		return arena_span(a, name);
	local = imap_token_text(list + 4);
	domain = imap_token_text(list + 5);
	return span_str(arena_printf(
	    a, "%.*s@%.*s", (int)local.n, local.p, (int)domain.n, domain.p));
}

static void
envelope_take(struct rows *rows, struct row *r, const struct imap_token *t)
{
	const struct imap_token *subject, *from, *to;

	if (t->kind != TOKEN_OPEN)
		return;
	subject = imap_token_next(t + 1);
	from = imap_token_next(subject);
	to = imap_token_next(imap_token_next(imap_token_next(from)));
	r->subject = arena_span(rows->arena, imap_token_text(subject));
	r->who = first_name(rows->arena, rows->sent ? to : from);
}

static void
fetched(void *arg, const struct imap_tokens *t)
{
	struct rows *rows = arg;
	const struct imap_token *list, *v;
	struct date date;
	struct row *r;

	if (t->count < 4 || !span_iis(imap_token_text(t->list + 1), "FETCH") ||
	    rows->count == rows->room)
		return;
	list = t->list + 2;
	v = imap_token_find(list, "UID");
	if (v == NULL)
		return;
	r = &rows->list[rows->count++];
	(void)number_parse(imap_token_text(v), 1, UINT32_MAX, &r->uid);
	v = imap_token_find(list, "RFC822.SIZE");
	if (v != NULL)
		(void)number_parse(imap_token_text(v), 0, INT64_MAX, &r->size);
	v = imap_token_find(list, "FLAGS");
	if (v != NULL)
		flags_take(r, v);
	v = imap_token_find(list, "INTERNALDATE");
	if (v != NULL && date_parse_imap(imap_token_text(v), &date))
		r->date = date.time;
	v = imap_token_find(list, "ENVELOPE");
	if (v != NULL)
		envelope_take(rows, r, v);
}

static void
put_words(struct webmail *w, struct span raw)
{
	struct buf text = BUF_EMPTY;

	encode_words_decode(&text, raw);
	put_name(w, buf_span(&text));
	buf_free(&text);
}

static void
put_size(struct webmail *w, uint64_t n)
{
	if (n < 10240)
		put_format(w, "%.1f k", (double)n / 1024);
	else if (n < 10485760)
		put_format(w, "%llu k", (unsigned long long)n / 1024);
	else
		put_format(w, "%llu M", (unsigned long long)n / 1048576);
}

static void
put_subject(struct webmail *w, const struct row *r)
{
	if (span_trim(r->subject).n == 0)
		put_word(w, WORD_NO_SUBJECT);
	else
		put_words(w, r->subject);
}

static void
put_row(struct webmail *w, struct span folder, const struct row *r)
{
	unsigned long long uid = r->uid;

	put_format(w,
	    "<tr%s><td class=\"n\"><input type=\"checkbox\" "
	    "name=\"u\" value=\"%llu\" aria-labelledby=\"s%llu\">%s%s%s"
	    "</td><td class=\"who\">",
	    r->seen ? "" : " class=\"new\"", uid, uid,
	    r->flagged ? " &#9733;" : "", r->answered ? " &#8617;" : "",
	    r->deleted ? " &#10007;" : "");
	put_words(w, r->who);
	put_format(w, "</td><td class=\"what\"><a id=\"s%llu\" href=\"", uid);
	put_link(w, "/read?f=");
	put_url(w, folder);
	put_format(w, "&amp;u=%llu\">", uid);
	put_subject(w, r);
	put(w, "</a></td><td class=\"n\">");
	put_date(w, r->date, date_local_zone(r->date));
	put(w, "</td><td class=\"n size\">");
	put_size(w, r->size);
	put(w, "</td></tr>");
}

static void
put_buttons(struct webmail *w)
{
	static const struct {
		const char *value;
		enum word word;
	} buttons[] = { { "delete", WORD_DELETE }, { "read", WORD_MARK_READ },
		{ "unread", WORD_MARK_UNREAD } };

	put(w, "<div class=\"bar\">");
	for (size_t i = 0; i < sizeof(buttons) / sizeof(buttons[0]); i++) {
		put_format(
		    w, "<button name=\"do\" value=\"%s\">", buttons[i].value);
		put_word(w, buttons[i].word);
		put(w, "</button>");
	}
	put_folder_choice(w, "to");
	put(w, "<button name=\"do\" value=\"move\">");
	put_word(w, WORD_MOVE);
	put(w, "</button></div>");
}

/* Where we are in a folder of so many messages, and the ways on. */
static void
put_pages(struct webmail *w, struct span folder, uint64_t page, uint64_t exists)
{
	uint64_t per_page = (uint64_t)w->conf.show_num;
	uint64_t from = (page - 1) * per_page + 1, to = page * per_page;

	if (exists <= per_page && page == 1)
		return;
	put(w, "<div class=\"bar\">");
	for (int older = 0; older < 2; older++) {
		if (older ? to >= exists : page <= 1)
			continue;
		put(w, "<a href=\"");
		put_link(w, "/list?f=");
		put_url(w, folder);
		put_format(w, "&amp;p=%llu\">",
		    (unsigned long long)(older ? page + 1 : page - 1));
		put_word(w, older ? WORD_OLDER : WORD_NEWER);
		put(w, "</a>");
	}
	if (from <= exists)
		put_format(w, "<span>%llu-%llu / %llu</span>",
		    (unsigned long long)from,
		    (unsigned long long)(to < exists ? to : exists),
		    (unsigned long long)exists);
	put(w, "</div>");
}

static void
put_head(struct webmail *w, bool sent)
{
	put(w, "<table class=\"list\"><thead><tr><th></th><th>");
	put_word(w, sent ? WORD_TO : WORD_FROM);
	put(w, "</th><th>");
	put_word(w, WORD_SUBJECT);
	put(w, "</th><th>");
	put_word(w, WORD_DATE);
	put(w, "</th><th>");
	put_word(w, WORD_SIZE);
	put(w, "</th></tr></thead><tbody>");
}

static void
put_list(struct webmail *w, struct span folder, const struct rows *rows)
{
	if (rows->count == 0) {
		put(w, "<p>");
		put_word(w, WORD_EMPTY);
		put(w, "</p>");
		return;
	}
	put_form(w, "/act", false);
	put_hidden(w, "f", folder);
	put_buttons(w);
	put_head(w, rows->sent);
	for (size_t i = rows->count; i-- > 0;)
		put_row(w, folder, &rows->list[i]);
	put(w, "</tbody></table></form>");
}

/* What came of the form that led here; nothing else can be made to be said. */
static void
put_said(struct webmail *w)
{
	static const enum word words[] = { WORD_SENT, WORD_NOT_KEPT,
		WORD_DRAFT_SAVED };
	uint64_t said = number_of(w, "say");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (said == (uint64_t)words[i]) {
			put(w, "<p class=\"said\" role=\"status\">");
			put_word(w, words[i]);
			put(w, "</p>");
		}
}

void
page_list(struct webmail *w)
{
	struct span folder = folder_of(w);
	struct rows rows = { .arena = w->arena };
	uint64_t exists, page = number_of(w, "p"), last;
	uint64_t per_page = (uint64_t)w->conf.show_num;

	if (!session_join(w))
		return;
	if (request_has(&w->request, "first"))
		folders_make_special(w);
	if (!folder_open(w, folder, false, &exists))
		return;
	if (page == 0)
		page = 1;
	rows.sent = span_is(folder, w->conf.sent_folder) ||
	    span_is(folder, w->conf.draft_folder);
	rows.room = (size_t)per_page;
	rows.list = arena_array(w->arena, rows.room, sizeof(*rows.list));
	last =
	    exists > (page - 1) * per_page ? exists - (page - 1) * per_page : 0;
	if (last > 0)
		(void)imap_command(w->imap, fetched, &rows,
		    "FETCH %llu:%llu (UID FLAGS INTERNALDATE RFC822.SIZE "
		    "ENVELOPE)",
		    (unsigned long long)(last > per_page ? last - per_page + 1
							 : 1),
		    (unsigned long long)last);
	page_begin(w, word_text(w->language, WORD_MAIL));
	put_folders(w, folder);
	put(w, "<main id=\"main\"><h1>");
	put_folder(w, folder);
	put(w, "</h1>");
	put_said(w);
	put_list(w, folder, &rows);
	put_pages(w, folder, page, exists);
	put(w, "</main>");
	page_end(w);
}
