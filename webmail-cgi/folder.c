/*
 * folder.c - folders: the list at the side, opening one, making and renaming
 *
 * Folder names travel as the server has them (modified UTF-7) in links and
 * forms; only what people see and type is UTF-8.
 */

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/number.h"
#include "message/utf7.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/webmail.h"

enum { FOLDERS_MAX = 2000, NAME_MAX_BYTES = 1000 };

struct folders {
	struct arena *arena;
	struct span names[FOLDERS_MAX];
	size_t count;
};

static void
listed(void *arg, const struct imap_tokens *t)
{
	struct folders *f = arg;
	const struct imap_token *flags, *name;

	if (t->count < 4 || !span_iis(imap_token_text(t->list), "LIST") ||
	    f->count == FOLDERS_MAX)
		return;
	flags = t->list + 1;
	name = imap_token_next(imap_token_next(flags));
	for (const struct imap_token *k = flags + 1; k->kind == TOKEN_ATOM; k++)
		if (span_iis(k->text, "\\Noselect") ||
		    span_iis(k->text, "\\NonExistent"))
			return;
	f->names[f->count++] = arena_span(f->arena, imap_token_text(name));
}

static int
by_name(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	bool x_inbox = span_iis(*x, "INBOX"), y_inbox = span_iis(*y, "INBOX");

	return x_inbox || y_inbox ? y_inbox - x_inbox : span_icmp(*x, *y);
}

/* Behind INBOX, in this order. */
static void
special_first(const struct webmail *w, struct folders *f)
{
	const char *const special[] = { w->conf.draft_folder,
		w->conf.sent_folder, w->conf.trash_folder };
	size_t to = f->count > 0 && span_iis(f->names[0], "INBOX");

	for (size_t i = 0; i < 3; i++)
		for (size_t at = to; at < f->count; at++) {
			struct span name = f->names[at];

			if (!span_is(name, special[i]))
				continue;
			memmove(&f->names[to + 1], &f->names[to],
			    (at - to) * sizeof(name));
			f->names[to++] = name;
			break;
		}
}

/* $auto_create_special: made once, when a session's first page is shown. */
void
folders_make_special(struct webmail *w)
{
	const char *const special[] = { w->conf.draft_folder,
		w->conf.sent_folder, w->conf.trash_folder };

	if (!w->conf.auto_create_special)
		return;
	for (size_t i = 0; i < 3; i++) {
		struct buf name = BUF_EMPTY;

		if (strcmp(special[i], "none") != 0 &&
		    imap_quote(&name, span_str(special[i])) &&
		    imap_command(w->imap, NULL, NULL, "CREATE %s",
			buf_str(&name)) == IMAP_OK)
			(void)imap_command(w->imap, NULL, NULL, "SUBSCRIBE %s",
			    buf_str(&name));
		buf_free(&name);
	}
}

static struct folders *
folders_read(struct webmail *w)
{
	struct folders *f = arena_alloc(w->arena, sizeof(*f));

	f->arena = w->arena;
	(void)imap_command(w->imap, listed, f, "LIST \"\" \"*\"");
	qsort(f->names, f->count, sizeof(f->names[0]), by_name);
	if (w->conf.special_first)
		special_first(w, f);
	return f;
}

void
put_folders(struct webmail *w, struct span current)
{
	struct folders *f = folders_read(w);

	put(w, "<nav aria-label=\"");
	put_word(w, WORD_FOLDERS);
	put(w, "\">");
	for (size_t i = 0; i < f->count; i++) {
		put_format(w, "<a%s href=\"",
		    span_eq(f->names[i], current)
			? " class=\"here\" aria-current=\"page\""
			: "");
		put_link(w, "/list?f=");
		put_url(w, f->names[i]);
		put(w, "\">");
		put_folder(w, f->names[i]);
		put(w, "</a>");
	}
	put(w, "</nav>");
}

/* The choice of a folder in a form. */
void
put_folder_choice(struct webmail *w, const char *name)
{
	struct folders *f = folders_read(w);

	put_format(w, "<select name=\"%s\">", name);
	for (size_t i = 0; i < f->count; i++) {
		put(w, "<option value=\"");
		put_text(w, f->names[i]);
		put(w, "\">");
		put_folder(w, f->names[i]);
		put(w, "</option>");
	}
	put(w, "</select>");
}

struct span
folder_of(const struct webmail *w)
{
	struct span f = request_get(&w->request, "f");

	return f.n == 0 || f.n > NAME_MAX_BYTES ? SPAN("INBOX") : f;
}

uint64_t
number_of(const struct webmail *w, const char *field)
{
	uint64_t n = 0;

	(void)number_parse(request_get(&w->request, field), 1, UINT32_MAX, &n);
	return n;
}

static void
selected(void *arg, const struct imap_tokens *t)
{
	if (t->count >= 2 && span_iis(imap_token_text(t->list + 1), "EXISTS"))
		(void)number_parse(
		    imap_token_text(t->list), 0, UINT32_MAX, arg);
}

enum imap_status
folder_select(
    struct webmail *w, struct span folder, bool write, uint64_t *exists)
{
	struct buf name = BUF_EMPTY;
	enum imap_status got = IMAP_BAD;

	*exists = 0;
	if (imap_quote(&name, folder))
		got = imap_command(w->imap, selected, exists, "%s %s",
		    write ? "SELECT" : "EXAMINE", buf_str(&name));
	buf_free(&name);
	return got;
}

bool
folder_open(struct webmail *w, struct span folder, bool write, uint64_t *exists)
{
	enum imap_status got = folder_select(w, folder, write, exists);

	if (got == IMAP_OK)
		return true;
	if (got == IMAP_LOST)
		page_error(w, 503, word_text(w->language, WORD_TRY_LATER));
	else
		page_error(w, 404, word_text(w->language, WORD_NO_FOLDER));
	return false;
}

/* Those that the webmail itself works with stay as they are. */
static bool
is_special(const struct webmail *w, struct span name)
{
	return span_iis(name, "INBOX") || span_is(name, w->conf.draft_folder) ||
	    span_is(name, w->conf.sent_folder) ||
	    span_is(name, w->conf.trash_folder);
}

static void
put_folder_row(struct webmail *w, struct span name)
{
	put(w, "<tr><td>");
	put_folder(w, name);
	put(w, "</td><td>");
	put_form(w, "/folder", false);
	put_hidden(w, "f", name);
	put(w,
	    "<span class=\"bar\"><input name=\"name\" "
	    "aria-label=\"");
	put_word(w, WORD_NEW_NAME);
	put(w, "\"><button name=\"do\" value=\"rename\">");
	put_word(w, WORD_RENAME);
	put(w, "</button><button name=\"do\" value=\"delete\">");
	put_word(w, WORD_DELETE);
	put(w, "</button></span></form></td></tr>");
}

/* A folder goes with all its mail, so it takes a second word. */
static void
ask_delete(struct webmail *w)
{
	page_begin(w, word_text(w->language, WORD_DELETE));
	put_folders(w, SPAN(""));
	put(w, "<main id=\"main\"><h1>");
	put_folder(w, folder_of(w));
	put(w, "</h1><p>");
	put_word(w, WORD_DELETE_FOLDER);
	put(w, "</p>");
	put_form(w, "/folder", false);
	put_hidden(w, "f", folder_of(w));
	put_hidden(w, "sure", SPAN("1"));
	put(w,
	    "<div class=\"bar\"><button class=\"main\" name=\"do\" "
	    "value=\"delete\">");
	put_word(w, WORD_DELETE);
	put(w, "</button><a href=\"");
	put_link(w, "/folders\">");
	put_word(w, WORD_CANCEL);
	put(w, "</a></div></form></main>");
	page_end(w);
}

void
page_folders(struct webmail *w)
{
	struct folders *f;

	if (!session_join(w))
		return;
	f = folders_read(w);
	page_begin(w, word_text(w->language, WORD_FOLDERS));
	put_folders(w, SPAN(""));
	put(w, "<main id=\"main\"><h1>");
	put_word(w, WORD_FOLDERS);
	put(w, "</h1>");
	put_form(w, "/folder", false);
	put(w, "<div class=\"bar\"><label>");
	put_word(w, WORD_NEW_FOLDER);
	put(w,
	    "<input name=\"name\" required></label>"
	    "<button name=\"do\" value=\"create\">");
	put_word(w, WORD_CREATE);
	put(w, "</button></div></form><table>");
	for (size_t i = 0; i < f->count; i++)
		if (!is_special(w, f->names[i]))
			put_folder_row(w, f->names[i]);
	put(w, "</table></main>");
	page_end(w);
}

/* What a person typed, as the server wants it, quoted for a command. */
static bool
typed_name(struct webmail *w, struct buf *out)
{
	struct span typed = span_trim(request_get(&w->request, "name"));
	struct buf name = BUF_EMPTY;
	bool good;

	if (!span_istarts(typed, "INBOX."))
		buf_add_str(&name, "INBOX.");
	good = typed.n > 0 && typed.n < 200 && utf7_from_utf8(&name, typed) &&
	    imap_quote(out, buf_span(&name));
	buf_free(&name);
	return good;
}

void
page_folder_change(struct webmail *w)
{
	struct span what = request_get(&w->request, "do");
	struct buf old = BUF_EMPTY, fresh = BUF_EMPTY;
	enum imap_status got = IMAP_BAD;

	if (!session_join(w) || !session_form_ok(w))
		return;
	/* RENAME of INBOX would move all its mail (RFC 3501, 6.3.5) */
	if (request_has(&w->request, "f") && !is_special(w, folder_of(w)))
		(void)imap_quote(&old, folder_of(w));
	if (span_is(what, "create") && typed_name(w, &fresh)) {
		got = imap_command(
		    w->imap, NULL, NULL, "CREATE %s", buf_str(&fresh));
		if (got == IMAP_OK)
			(void)imap_command(w->imap, NULL, NULL, "SUBSCRIBE %s",
			    buf_str(&fresh));
	} else if (span_is(what, "rename") && old.n > 0 &&
	    typed_name(w, &fresh)) {
		got = imap_command(w->imap, NULL, NULL, "RENAME %s %s",
		    buf_str(&old), buf_str(&fresh));
	} else if (span_is(what, "delete") && old.n > 0 &&
	    !request_has(&w->request, "sure")) {
		buf_free(&old);
		ask_delete(w);
		return;
	} else if (span_is(what, "delete") && old.n > 0) {
		got = imap_command(
		    w->imap, NULL, NULL, "DELETE %s", buf_str(&old));
	}
	buf_free(&old);
	buf_free(&fresh);
	if (got == IMAP_OK)
		page_redirect(w, "/folders");
	else
		page_error(w, 400, word_text(w->language, WORD_NO_FOLDER));
}
