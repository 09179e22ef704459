/*
 * read.c - a message, and its parts
 *
 * Plain text is shown in the page. HTML is shown in a frame whose answer is
 * cleaned (message/html_clean.h) and says "sandbox": no script, no form, its
 * own origin. Images are shown; everything else is a download.
 */

#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "message/date.h"
#include "message/encode.h"
#include "message/html_clean.h"
#include "message/text_html.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/letter.h"
#include "webmail-cgi/webmail.h"

enum { IMAGES_MAX = 12 << 20 }; /* of one page, decoded */

static void
put_message_link(struct webmail *w, const char *page, const struct letter *l)
{
	put_link(w, page);
	put(w, "?f=");
	put_url(w, folder_of(w));
	put_format(w, "&amp;u=%llu", (unsigned long long)l->uid);
}

/* As the page writes dates, in the sender's zone; else as it came. */
static void
put_sent_at(struct webmail *w, struct span value)
{
	struct date date;

	if (date_parse(value, &date))
		put_date(w, date.time, date.zone);
	else
		put_name(w, value);
}

static void
put_header(struct webmail *w, const struct letter *l)
{
	static const struct {
		const char *name;
		enum word word;
	} fields[] = { { "From", WORD_FROM }, { "To", WORD_TO },
		{ "Cc", WORD_CC }, { "Date", WORD_DATE } };

	put(w, "<h1>");
	if (letter_words(w, l, "Subject").n == 0)
		put_word(w, WORD_NO_SUBJECT);
	put_name(w, letter_words(w, l, "Subject"));
	put(w, "</h1><dl>");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct span value = letter_words(w, l, fields[i].name);

		if (value.n == 0)
			continue;
		put(w, "<dt>");
		put_word(w, fields[i].word);
		put(w, "</dt><dd>");
		if (fields[i].word == WORD_DATE)
			put_sent_at(w, value);
		else
			put_name(w, value);
		put(w, "</dd>");
	}
	put(w, "</dl>");
	if (l->cut) {
		put(w, "<p class=\"error\">");
		put_word(w, WORD_TOO_LONG);
		put(w, "</p>");
	}
}

static void
put_ways_on(struct webmail *w, const struct letter *l)
{
	static const struct {
		const char *page;
		enum word word;
	} links[] = { { "/compose?how=edit&amp;", WORD_EDIT_DRAFT },
		{ "/compose?how=reply&amp;", WORD_REPLY },
		{ "/compose?how=all&amp;", WORD_REPLY_ALL },
		{ "/compose?how=forward&amp;", WORD_FORWARD },
		{ "/compose?how=whole&amp;", WORD_FORWARD_WHOLE } };
	bool draft = span_is(folder_of(w), w->conf.draft_folder);

	put(w, "<div class=\"bar\">");
	for (size_t i = draft ? 0 : 1; i < sizeof(links) / sizeof(links[0]);
	     i++) {
		put(w, "<a href=\"");
		put_link(w, links[i].page);
		put(w, "f=");
		put_url(w, folder_of(w));
		put_format(w, "&amp;u=%llu\">", (unsigned long long)l->uid);
		put_word(w, links[i].word);
		put(w, "</a>");
	}
	put(w, "<a href=\"");
	put_link(w, "/list?f=");
	put_url(w, folder_of(w));
	put(w, "\">");
	put_word(w, WORD_BACK);
	put(w, "</a></div>");
}

static void
put_actions(struct webmail *w, const struct letter *l)
{
	put_ways_on(w, l);
	put_form(w, "/act", false);
	put_hidden(w, "f", folder_of(w));
	put_format(w,
	    "<input type=\"hidden\" name=\"u\" value=\"%llu\">"
	    "<div class=\"bar\"><button name=\"do\" "
	    "value=\"delete\">",
	    (unsigned long long)l->uid);
	put_word(w, WORD_DELETE);
	put(w, "</button>");
	put_folder_choice(w, "to");
	put(w, "<button name=\"do\" value=\"move\">");
	put_word(w, WORD_MOVE);
	put(w, "</button></div></form>");
}

static bool
says_flowed(const struct mime_part *p, const char *name, const char *value)
{
	struct buf text = BUF_EMPTY;
	bool yes = encode_param_get(&p->params, name, &text) &&
	    span_iis(buf_span(&text), value);

	buf_free(&text);
	return yes;
}

static void
put_plain(struct webmail *w, const struct letter *l)
{
	struct buf text = BUF_EMPTY;

	mime_part_text(l->plain, l->bytes, LETTER_TEXT_MAX, &text);
	put(w, "<div class=\"text\">");
	text_html(&w->body, buf_span(&text),
	    says_flowed(l->plain, "format", "flowed"),
	    says_flowed(l->plain, "delsp", "yes"));
	put(w, "</div>");
	buf_free(&text);
}

static uint64_t
number_in(const struct letter *l, const struct mime_part *wanted)
{
	uint64_t n = 1;

	for (const struct mime_part *p = l->tree.root; p != wanted;
	     p = mime_part_next(p))
		n++;
	return n;
}

/* Does the part point at images elsewhere? */
static bool
wants_images(const struct letter *l)
{
	struct html_policy policy = { .remote_images = false };
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	struct html_report report;

	mime_part_text(l->html, l->bytes, LETTER_TEXT_MAX, &text);
	html_clean(&out, buf_span(&text), &policy, &report);
	buf_free(&text);
	buf_free(&out);
	return report.remote_images > 0;
}

/* A link to this page, otherwise. */
static void
put_variant(
    struct webmail *w, const struct letter *l, const char *how, enum word word)
{
	put(w, "<a href=\"");
	put_message_link(w, "/read", l);
	put(w, how);
	put(w, "\">");
	put_word(w, word);
	put(w, "</a>");
}

static void
put_html(struct webmail *w, const struct letter *l, bool alternative)
{
	bool images = request_has(&w->request, "images");

	put(w, "<div class=\"bar\">");
	if (alternative)
		put_variant(w, l, "&amp;plain=1", WORD_AS_TEXT);
	if (!images && wants_images(l))
		put_variant(w, l, "&amp;images=1", WORD_SHOW_IMAGES);
	put(w,
	    "</div><iframe sandbox=\"allow-popups "
	    "allow-popups-to-escape-sandbox\" title=\"");
	put_word(w, WORD_HTML_PART);
	put(w, "\" src=\"");
	put_message_link(w, "/part", l);
	put_format(w, "&amp;n=%llu&amp;as=html%s\"></iframe>",
	    (unsigned long long)number_in(l, l->html),
	    images ? "&amp;images=1" : "");
}

/* Are text and HTML two forms of one thing? */
static bool
is_alternative(const struct letter *l)
{
	const struct mime_part *p, *q;

	if (l->plain == NULL || l->html == NULL)
		return false;
	for (p = l->html->parent; p != NULL; p = p->parent)
		for (q = l->plain->parent; q != NULL; q = q->parent)
			if (p == q)
				return span_is(p->subtype, "alternative");
	return false;
}

static void
put_texts(struct webmail *w, const struct letter *l)
{
	bool alternative = is_alternative(l);
	bool plain = alternative && request_has(&w->request, "plain");

	if (plain) {
		put(w, "<div class=\"bar\">");
		put_variant(w, l, "", WORD_AS_HTML);
		put(w, "</div>");
	}
	if (l->plain != NULL && (plain || !alternative))
		put_plain(w, l);
	if (l->html != NULL && !plain)
		put_html(w, l, alternative);
}

/* The type of an image that is shown, or NULL: SVG can hold scripts, and what
 * browsers do not know is of no use. */
static const char *
image_type(const struct mime_part *p)
{
	static const char *const kinds[][2] = { { "png", "image/png" },
		{ "jpeg", "image/jpeg" }, { "jpg", "image/jpeg" },
		{ "pjpeg", "image/jpeg" }, { "gif", "image/gif" },
		{ "webp", "image/webp" } };

	if (p->kind != MIME_LEAF || !span_is(p->type, "image"))
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (span_is(p->subtype, kinds[i][0]))
			return kinds[i][1];
	return NULL;
}

/* A picture that came as a file is shown below its name. */
static void
put_preview(struct webmail *w, const struct letter *l,
    const struct mime_part *p, struct span name)
{
	if (image_type(p) == NULL || p->body.raw > 2 * (uint64_t)IMAGES_MAX ||
	    p->id.n > 0)
		return;
	put(w, "<br><img loading=\"lazy\" alt=\"");
	put_text(w, name);
	put(w, "\" src=\"");
	put_message_link(w, "/part", l);
	put_format(w, "&amp;n=%llu&amp;as=image\">",
	    (unsigned long long)number_in(l, p));
}

static void
put_attachment(
    struct webmail *w, const struct letter *l, const struct mime_part *p)
{
	struct buf name = BUF_EMPTY;

	put(w, "<li><a href=\"");
	put_message_link(w, "/part", l);
	put_format(w, "&amp;n=%llu\">", (unsigned long long)number_in(l, p));
	letter_part_name(p, &name);
	put_name(w, buf_span(&name));
	put_format(w, "</a> (%llu k)",
	    (unsigned long long)(p->body.raw + 1023) / 1024);
	put_preview(w, l, p, buf_span(&name));
	put(w, "</li>");
	buf_free(&name);
}

static void
put_attachments(struct webmail *w, const struct letter *l)
{
	bool any = false;

	for (const struct mime_part *p = l->tree.root; p != NULL;
	     p = mime_part_next(p)) {
		if (!letter_is_attachment(l, p))
			continue;
		if (!any) {
			put(w, "<h2>");
			put_word(w, WORD_ATTACHMENTS);
			put(w, "</h2><ul>");
		}
		any = true;
		put_attachment(w, l, p);
	}
	if (any)
		put(w, "</ul>");
}

void
page_read(struct webmail *w)
{
	struct letter l;

	if (!session_join(w) || !letter_fetch(w, &l, true))
		return;
	page_begin(w, word_text(w->language, WORD_TEXT));
	put_folders(w, folder_of(w));
	put(w, "<main id=\"main\">");
	put_header(w, &l);
	put_actions(w, &l);
	put_texts(w, &l);
	put_attachments(w, &l);
	put(w, "</main>");
	page_end(w);
}

struct cid {
	const struct letter *l;
	size_t left; /* bytes that may still be put into the page */
};

/* An inline image of the same message, by its Content-ID (RFC 2392). The frame
 * has an origin of its own, and so no cookie to fetch it with: the image goes
 * into the page itself. */
static bool
cid_url(void *arg, struct span id, struct buf *url)
{
	struct cid *c = arg;

	for (const struct mime_part *p = c->l->tree.root; p != NULL;
	     p = mime_part_next(p)) {
		struct span mine = span_trim(p->id);
		struct buf bytes = BUF_EMPTY;
		bool fits;

		if (mine.n > 2 && mine.p[0] == '<')
			mine = span_of(mine.p + 1, mine.n - 2);
		if (image_type(p) == NULL || !span_eq(mine, id))
			continue;
		if (p->body.raw > 2 * (uint64_t)c->left)
			return false;
		(void)decode_body(
		    &bytes, mime_part_body(p, c->l->bytes), p->encoding);
		fits = bytes.n <= c->left;
		if (fits) {
			c->left -= bytes.n;
			buf_printf(url, "data:%s;base64,", image_type(p));
			base64_encode(url, buf_span(&bytes));
		}
		buf_free(&bytes);
		return fits;
	}
	return false;
}

static void
part_html(struct webmail *w, const struct letter *l, const struct mime_part *p)
{
	struct cid cid = { l, IMAGES_MAX };
	struct html_policy policy = {
		.remote_images = request_has(&w->request, "images"),
		.styles = true,
		.cid = cid_url,
		.cid_arg = &cid,
		.max_output = 4 * LETTER_TEXT_MAX + 2 * IMAGES_MAX,
	};
	struct buf text = BUF_EMPTY;

	mime_part_text(p, l->bytes, LETTER_TEXT_MAX, &text);
	w->framed = true;
	put(w,
	    "<!DOCTYPE html><html><head><meta charset=\"utf-8\">"
	    "<base target=\"_blank\"></head><body>");
	html_clean(&w->body, buf_span(&text), &policy, NULL);
	page_end(w);
	buf_free(&text);
}

static void
part_bytes(struct webmail *w, const struct letter *l, const struct mime_part *p,
    const char *image)
{
	struct buf name = BUF_EMPTY;

	w->type = image != NULL ? image : "application/octet-stream";
	if (!mime_part_filename(p, &name))
		buf_add_str(&name,
		    p->kind == MIME_MESSAGE ? "message.eml" : "attachment");
	buf_printf(&w->head, "Content-Disposition: %s; filename*=UTF-8''",
	    image != NULL ? "inline" : "attachment");
	url_escape(&w->head, buf_span(&name));
	buf_add_str(&w->head, "\r\n");
	(void)decode_body(&w->body, mime_part_body(p, l->bytes), p->encoding);
	buf_free(&name);
}

void
page_part(struct webmail *w)
{
	struct span as = request_get(&w->request, "as");
	const struct mime_part *p;
	struct letter l;

	if (!session_join(w) || !letter_fetch(w, &l, false))
		return;
	p = letter_part(&l, number_of(w, "n"));
	if (p == NULL)
		page_error(w, 404, word_text(w->language, WORD_GONE));
	else if (span_is(as, "html") && span_is(p->subtype, "html"))
		part_html(w, &l, p);
	else
		part_bytes(
		    w, &l, p, span_is(as, "image") ? image_type(p) : NULL);
}
