/*
 * act.c - what is done to chosen messages: move, delete, mark
 *
 * Deleting moves to the trash folder, and deletes for good what lies there.
 */

#include "base/buf.h"
#include "base/number.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/webmail.h"

/* The fields u as a set; false when there is none. */
static bool
uids_of(const struct webmail *w, struct buf *out)
{
	const struct request_field *f;
	size_t at = 0;
	uint64_t uid;

	while ((f = request_next(&w->request, "u", &at)) != NULL)
		if (number_parse(f->value, 1, UINT32_MAX, &uid))
			buf_printf(out, "%s%llu", out->n > 0 ? "," : "",
			    (unsigned long long)uid);
	return out->n > 0;
}

static enum imap_status
remove_for_good(struct webmail *w, const char *uids)
{
	enum imap_status got = imap_command(w->imap, NULL, NULL,
	    "UID STORE %s +FLAGS.SILENT (\\Deleted)", uids);

	return got != IMAP_OK
	    ? got
	    : imap_command(w->imap, NULL, NULL, "UID EXPUNGE %s", uids);
}

/* COPY and only then remove; a folder that is not there is made. */
static enum imap_status
move(struct webmail *w, const char *uids, struct span to)
{
	struct buf name = BUF_EMPTY;
	enum imap_status got = IMAP_BAD;

	if (imap_quote(&name, to)) {
		got = imap_command(w->imap, NULL, NULL, "UID COPY %s %s", uids,
		    buf_str(&name));
		if (got == IMAP_NO &&
		    span_istarts(imap_text(w->imap), "[TRYCREATE]") &&
		    imap_command(w->imap, NULL, NULL, "CREATE %s",
			buf_str(&name)) == IMAP_OK) {
			(void)imap_command(w->imap, NULL, NULL, "SUBSCRIBE %s",
			    buf_str(&name));
			got = imap_command(w->imap, NULL, NULL,
			    "UID COPY %s %s", uids, buf_str(&name));
		}
	}
	if (got == IMAP_OK)
		got = remove_for_good(w, uids);
	buf_free(&name);
	return got;
}

static enum imap_status
act(struct webmail *w, struct span what, const char *uids)
{
	struct span trash = span_str(w->conf.trash_folder);

	if (span_is(what, "move"))
		return move(w, uids, request_get(&w->request, "to"));
	if (span_is(what, "read"))
		return imap_command(w->imap, NULL, NULL,
		    "UID STORE %s +FLAGS.SILENT (\\Seen)", uids);
	if (span_is(what, "unread"))
		return imap_command(w->imap, NULL, NULL,
		    "UID STORE %s -FLAGS.SILENT (\\Seen)", uids);
	if (!span_is(what, "delete"))
		return IMAP_BAD;
	if (w->conf.move_to_trash && !span_is(trash, "none") &&
	    !span_eq(folder_of(w), trash))
		return move(w, uids, trash);
	return remove_for_good(w, uids);
}

void
page_act(struct webmail *w)
{
	struct buf uids = BUF_EMPTY;
	uint64_t exists;

	if (!session_join(w) || !session_form_ok(w))
		return;
	if (!uids_of(w, &uids)) {
		page_redirect_list(w, folder_of(w), WORD_COUNT);
	} else if (folder_open(w, folder_of(w), true, &exists)) {
		switch (
		    act(w, request_get(&w->request, "do"), buf_str(&uids))) {
		case IMAP_OK:
			page_redirect_list(w, folder_of(w), WORD_COUNT);
			break;
		case IMAP_NO:
		case IMAP_BAD:
			page_error(
			    w, 400, word_text(w->language, WORD_NO_FOLDER));
			break;
		case IMAP_LOST:
			page_error(
			    w, 503, word_text(w->language, WORD_TRY_LATER));
			break;
		}
	}
	buf_free(&uids);
}
