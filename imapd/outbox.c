/*
 * outbox.c - mail that is sent by being put into a folder: Courier's OUTBOX
 *
 * A message is sent first, then put there: so what lies there was sent, and a
 * message that cannot be sent is none of that folder. By APPEND, COPY, MOVE and
 * REPLACE alike.
 */

#include "imapd/outbox.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "imapd/guest.h"
#include "imapd/numbers.h"
#include "imapd/reply.h"
#include "imapd/sender.h"
#include "imapd/session.h"
#include "mailbox/folder.h"
#include "mailbox/maildir.h"
#include "mailbox/store.h"
#include "mailbox/view.h"
#include "os/file.h"
#include "wire/imap_parse.h"

bool
outbox_is(const struct session *s, const struct maildir *m)
{
	return s->conf->outbox != NULL && !guest_is(s) &&
	    strcmp(maildir_path(m), s->conf->outbox) == 0;
}

void
outbox_capability(const struct session *s, struct buf *out)
{
	struct buf name = BUF_EMPTY;

	if (s->conf->outbox != NULL && !guest_is(s) &&
	    folder_from_dir(
		&s->conf->folders, span_str(s->conf->outbox), &name)) {
		struct span rest = buf_span(&name), atom;

		/* others are found by nobody */
		if (imap_atom(&rest, &atom) && rest.n == 0)
			buf_printf(
			    out, " XCOURIEROUTBOX=%.*s", (int)atom.n, atom.p);
	}
	buf_free(&name);
}

static bool
may_send(struct session *s, size_t n)
{
	if (n <= 1 || s->conf->outbox_many)
		return true;
	reply_no(s, "ALERT", "Only one message may be sent at a time");
	return false;
}

static void
log_sent(const struct session *s, int code)
{
	struct buf user = BUF_EMPTY;

	log_quote(&user, s->start->user, 100);
	if (code == EX_OK)
		log_info("OUTBOX: a message was sent, user=%s", buf_str(&user));
	else if (code == -1)
		log_warning(
		    "OUTBOX: error sending a message, user=%s: no sender",
		    buf_str(&user));
	else
		log_warning("OUTBOX: error sending a message, user=%s: %s: "
			    "exit code %d",
		    buf_str(&user), s->conf->sendmail, code);
	buf_free(&user);
}

/* sent: of those before it. */
static bool
send_one(struct session *s, int fd, size_t sent)
{
	int code =
	    s->start->sender == -1 ? -1 : sender_send(s->start->sender, fd);
	const char *text = "The message cannot be sent now";

	log_sent(s, code);
	if (code == EX_OK)
		return true;
	if (code == EX_DATAERR || code == EX_USAGE || code == EX_NOUSER)
		text = "The message cannot be sent: it wants a recipient in "
		       "To, Cc or Bcc";
	if (sent > 0)
		text = arena_printf(
		    s->a, "%s; %zu before it were sent", text, sent);
	reply_no(
	    s, code == EX_TEMPFAIL || code == -1 ? "UNAVAILABLE" : NULL, text);
	return false;
}

static bool
send_number(struct session *s, size_t at, size_t sent)
{
	struct why why;
	bool good = false;
	int fd;

	why_init(&why);
	fd = view_file(s->view, at, &why);
	if (fd != -1)
		good = send_one(s, fd, sent);
	else if (errno == ENOENT)
		reply_no(s, "EXPUNGEISSUED", why_text(&why));
	else
		reply_trouble(s, &why);
	file_close(&fd);
	why_free(&why);
	return good;
}

bool
outbox_send_numbers(struct session *s, const struct numbers *n)
{
	if (!may_send(s, n->count))
		return false;
	for (size_t i = 0; i < n->count; i++)
		if (!send_number(s, n->list[i], i))
			return false;
	return true;
}

static bool
send_file(struct session *s, struct store_file *f, size_t sent)
{
	struct why why;
	bool good;

	why_init(&why);
	good = store_written(f, &why) == 0;
	if (!good) {
		log_warning("%s", why_text(&why));
		reply_trouble(s, &why);
	}
	why_free(&why);
	return good && send_one(s, store_fd(f), sent);
}

bool
outbox_send_files(struct session *s, struct store_file **files, size_t n)
{
	if (!may_send(s, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!send_file(s, files[i], i))
			return false;
	return true;
}
