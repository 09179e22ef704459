/*
 * page.c - the frame of all pages, and the answer to the web server
 *
 * No page has a script. The policy lets a page load its own style sheet and
 * images, and show its own frames (the HTML parts of mail, which are sandboxed
 * besides); nothing from elsewhere is loaded unless the reader asked for it.
 */

#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "message/html_clean.h"
#include "message/utf7.h"
#include "os/file.h"
#include "webmail-cgi/webmail.h"

void
put(struct webmail *w, const char *html)
{
	buf_add_str(&w->body, html);
}

void
put_format(struct webmail *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(&w->body, format, args);
	va_end(args);
}

void
put_text(struct webmail *w, struct span text)
{
	html_escape(&w->body, text);
}

void
url_escape(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (ascii_alnum((unsigned char)c) ||
		    memchr("-._~", c, 4) != NULL)
			buf_add_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

/* Bidirectional controls: U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069.
 * They make "exe.gpj" of a name that ends in ".exe" look like a picture. */
static bool
is_bidi(struct span s)
{
	int last = span_at(s, 2);

	if (span_at(s, 0) != 0xe2)
		return false;
	if (span_at(s, 1) == 0x80)
		return last == 0x8e || last == 0x8f ||
		    (last >= 0xaa && last <= 0xae);
	return span_at(s, 1) == 0x81 && last >= 0xa6 && last <= 0xa9;
}

static void
name_clean(struct buf *out, struct span name)
{
	while (name.n > 0) {
		size_t n = is_bidi(name) ? 3 : 1;

		if (n == 1)
			buf_add_byte(out, name.p[0]);
		name = span_skip(name, n);
	}
}

void
put_name(struct webmail *w, struct span name)
{
	struct buf clean = BUF_EMPTY;

	name_clean(&clean, name);
	put(w, "<bdi>");
	put_text(w, buf_span(&clean));
	put(w, "</bdi>");
	buf_free(&clean);
}

/* "2026-01-31 09:05", as it is written in the language. */
void
date_text(const struct webmail *w, struct buf *out, int64_t time, int zone)
{
	time_t local = (time_t)(time + (int64_t)zone * 60);
	char text[40] = "";
	struct tm tm;

	if (gmtime_r(&local, &tm) != NULL)
		strftime(text, sizeof(text),
		    w->language == LANGUAGE_FR ? "%d/%m/%Y %H:%M"
					       : "%Y-%m-%d %H:%M",
		    &tm);
	buf_add_str(out, text);
}

void
put_date(struct webmail *w, int64_t time, int zone)
{
	struct buf text = BUF_EMPTY;

	date_text(w, &text, time, zone);
	put_text(w, buf_span(&text));
	buf_free(&text);
}

void
put_url(struct webmail *w, struct span text)
{
	url_escape(&w->body, text);
}

void
put_word(struct webmail *w, enum word word)
{
	put_text(w, span_str(word_text(w->language, word)));
}

void
put_link(struct webmail *w, const char *path)
{
	put_text(w, w->request.script);
	put(w, path);
}

void
put_hidden(struct webmail *w, const char *name, struct span value)
{
	put_format(w, "<input type=\"hidden\" name=\"%s\" value=\"", name);
	put_text(w, value);
	put(w, "\">");
}

void
put_form(struct webmail *w, const char *path, bool multipart)
{
	put(w, "<form method=\"post\" accept-charset=\"utf-8\" action=\"");
	put_link(w, path);
	put(w, multipart ? "\" enctype=\"multipart/form-data\">" : "\">");
	if (w->token.n > 0)
		put_hidden(w, "token", w->token);
}

void
put_folder(struct webmail *w, struct span folder)
{
	const struct {
		const char *name;
		enum word word;
	} special[] = { { "INBOX", WORD_INBOX },
		{ w->conf.draft_folder, WORD_DRAFTS },
		{ w->conf.sent_folder, WORD_SENT_MAIL },
		{ w->conf.trash_folder, WORD_TRASH } };
	struct buf name = BUF_EMPTY;

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (span_is(folder, special[i].name)) {
			put_word(w, special[i].word);
			return;
		}
	if (span_istarts(folder, "INBOX.") && folder.n > 6)
		folder = span_skip(folder, 6);
	if (!utf7_to_utf8(&name, folder)) {
		buf_clear(&name);
		buf_add_span(&name, folder);
	}
	put_name(w, buf_span(&name));
	buf_free(&name);
}

static void
put_top(struct webmail *w)
{
	put(w, "<a class=\"skip\" href=\"#main\">");
	put_word(w, WORD_SKIP);
	put(w, "</a><header><b>");
	put_text(w, span_str(w->conf.org_name));
	put(w, "</b><span>");
	put_text(w, w->user);
	put(w, "</span><a class=\"main\" href=\"");
	put_link(w, "/compose\">");
	put_word(w, WORD_COMPOSE);
	put(w, "</a><a href=\"");
	put_link(w, "/folders\">");
	put_word(w, WORD_FOLDERS);
	put(w, "</a>");
	put_form(w, "/sign-out", false);
	put(w, "<button>");
	put_word(w, WORD_SIGN_OUT);
	put(w, "</button></form></header>");
}

void
page_begin(struct webmail *w, const char *title)
{
	put_format(w,
	    "<!DOCTYPE html><html lang=\"%s\"><head><meta "
	    "charset=\"utf-8\"><meta name=\"viewport\" "
	    "content=\"width=device-width\"><title>",
	    w->language == LANGUAGE_FR ? "fr" : "en");
	put_text(w, span_str(title));
	put(w, " - ");
	put_text(w,
	    span_str(
		w->conf.org_title == NULL ? "Facteur" : w->conf.org_title));
	put(w, "</title><link rel=\"stylesheet\" href=\"");
	/* the number changes with the sheet, which browsers keep */
	put_link(w, "/style.css?2\"></head><body>");
	if (w->imap != NULL)
		put_top(w);
}

void
page_end(struct webmail *w)
{
	put(w, "</body></html>\n");
}

void
page_error(struct webmail *w, int status, const char *text)
{
	buf_clear(&w->body);
	w->type = NULL;
	w->framed = false;
	w->status = status;
	page_begin(w, text);
	put(w, "<main><p class=\"error\" role=\"alert\">");
	put_text(w, span_str(text));
	put(w, "</p><p><a href=\"");
	put_link(w, "/\">&larr;</a></p></main>");
	page_end(w);
}

void
page_redirect(struct webmail *w, const char *path)
{
	w->status = 303;
	buf_printf(&w->head, "Location: %.*s%s\r\n", (int)w->request.script.n,
	    w->request.script.p, path);
}

void
page_redirect_list(struct webmail *w, struct span folder, enum word said)
{
	struct buf path = BUF_EMPTY;

	buf_add_str(&path, "/list?f=");
	url_escape(&path, folder);
	if (said != WORD_COUNT)
		buf_printf(&path, "&say=%d", (int)said);
	page_redirect(w, buf_str(&path));
	buf_free(&path);
}

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = { { 200, "OK" }, { 303, "See Other" },
		{ 400, "Bad Request" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 413, "Content Too Large" }, { 500, "Internal Server Error" },
		{ 501, "Not Implemented" }, { 503, "Service Unavailable" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].reason;
	return "OK";
}

/* What the browser may do with the answer. "no-referrer" on our own pages would
 * make browsers hide the Origin of our own forms. */
static void
policy_put(const struct webmail *w, struct buf *out)
{
	bool images = request_has(&w->request, "images");

	if (w->framed)
		buf_printf(out,
		    "Content-Security-Policy: sandbox allow-popups "
		    "allow-popups-to-escape-sandbox; default-src 'none'; "
		    "style-src 'unsafe-inline'; img-src data:%s; "
		    "form-action 'none'; frame-ancestors 'self'\r\n"
		    "Referrer-Policy: no-referrer\r\n"
		    "X-Frame-Options: SAMEORIGIN\r\n",
		    images ? " https: http:" : "");
	else if (w->type != NULL)
		buf_add_str(out,
		    "Content-Security-Policy: sandbox; default-src 'none'; "
		    "frame-ancestors 'none'\r\n"
		    "Referrer-Policy: no-referrer\r\n"
		    "X-Frame-Options: DENY\r\n");
	else
		buf_add_str(out,
		    "Content-Security-Policy: default-src 'none'; style-src "
		    "'self'; img-src 'self'; frame-src 'self'; form-action "
		    "'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
		    "Referrer-Policy: same-origin\r\n"
		    "X-Frame-Options: DENY\r\n"
		    "Cross-Origin-Opener-Policy: same-origin\r\n");
}

void
page_send(struct webmail *w)
{
	struct buf out = BUF_EMPTY;
	int status = w->status == 0 ? 200 : w->status;

	buf_printf(&out, "Status: %d %s\r\n", status, reason(status));
	buf_printf(&out, "Content-Type: %s\r\n",
	    w->type == NULL ? "text/html; charset=utf-8" : w->type);
	policy_put(w, &out);
	buf_add_str(&out,
	    "X-Content-Type-Options: nosniff\r\n"
	    "Cross-Origin-Resource-Policy: same-origin\r\n");
	if (span_search(buf_span(&w->head), SPAN("Cache-Control:")) ==
	    w->head.n)
		buf_add_str(&out, "Cache-Control: no-store\r\n");
	buf_add_span(&out, buf_span(&w->head));
	buf_printf(&out, "Content-Length: %zu\r\n\r\n", w->body.n);
	if (w->request.method != METHOD_HEAD)
		buf_add_span(&out, buf_span(&w->body));
	if (file_write(1, buf_span(&out)) == -1)
		log_warning("webmail: the web server took no answer");
	buf_free(&out);
}
