/*
 * visit_copy.c - COPY and MOVE between the folders of two users
 *
 * Out: one APPEND of all messages, which is all or none (RFC 3502). In: a FETCH
 * into files of ours, which get their names together. From one user to another:
 * a FETCH into files that never get one, then an APPEND of those. A move takes
 * the messages away when they are safe on the other side, so that a crash
 * leaves both.
 */

#include "imapd/visit_copy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "imapd/body.h"
#include "imapd/limit.h"
#include "imapd/numbers.h"
#include "imapd/outbox.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "imapd/visit_inside.h"
#include "mailbox/arrive.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/quota.h"
#include "mailbox/store.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "message/date.h"
#include "os/clock.h"
#include "os/file.h"
#include "wire/imap_fetch.h"

/* The other side's no, in its words. */
static void
answer_no(struct session *s, struct span last)
{
	struct span tag;

	(void)imap_tag(&last, &tag);
	if (!span_ends(last, "\r\n")) {
		reply_no(s, NULL, "The other mailbox refuses");
		return;
	}
	stream_printf(s->io, "%.*s", (int)s->tag.n, s->tag.p);
	stream_put(s->io, last);
}

static void
answer_done(struct session *s, const char *code, bool move, uint32_t lowest)
{
	/* for MOVE it must come before the EXPUNGEs (RFC 6851, 4.3) */
	if (move && code != NULL)
		stream_printf(s->io, "* OK [%s] Moved\r\n", code);
	sync_tell(s, true);
	limit_reply_ok(s, lowest, move ? NULL : code,
	    move ? "Move completed" : "Copy completed");
}

enum { CHUNK = 16384 };

/* --- out --- */

struct sending {
	struct visit *v; /* NULL: only to be counted */
	uint64_t octets;
};

static void
send_piece(void *arg, struct span piece)
{
	struct sending *x = arg;

	x->octets += piece.n;
	if (x->v != NULL)
		stream_put(x->v->io, piece);
}

static int
send_octets(struct session *s, size_t i, struct sending *x, struct why *why)
{
	const struct imap_fetch_item whole = {
		.kind = FETCH_SECTION, .section = SECTION_ALL, .peek = true
	};
	struct body_sink sink = { .fn = send_piece, .arg = x };
	struct body *b = body_open(s, i, why);

	x->octets = 0;
	return b == NULL ? -1 : body_octets(b, &whole, &sink, why);
}

/* " (flags) "date" {n+}" and the message. Half of it is nothing: the visit ends
 * then, and with it the APPEND. */
static int
send_message(struct session *s, struct visit *v, size_t i, struct why *why)
{
	struct sending x = { .v = NULL };
	struct buf head = BUF_EMPTY;
	uint64_t size;
	int64_t date;

	if (view_date(s->view, i, &date, why) == -1 ||
	    send_octets(s, i, &x, why) == -1)
		return -1;
	size = x.octets;
	buf_add_byte(&head, ' ');
	reply_put_flags(s, &head, view_at(s->view, i), false);
	buf_add_str(&head, " \"");
	date_print_imap(&head, date, 0);
	buf_printf(&head, "\" {%" PRIu64 "+}\r\n", size);
	stream_put(v->io, buf_span(&head));
	buf_free(&head);
	x.v = v;
	if (send_octets(s, i, &x, why) == -1)
		return -1;
	if (x.octets == size)
		return 0;
	why_set(why, "4.2.0", "a message has changed meanwhile");
	errno = ENOENT;
	return -1;
}

static int
send_all(struct session *s, struct visit *v, const struct numbers *n,
    struct span name, struct why *why)
{
	struct buf line = BUF_EMPTY;

	buf_add_str(&line, "~ APPEND ");
	reply_put_mailbox(s, &line, name);
	stream_put(v->io, buf_span(&line));
	buf_free(&line);
	for (size_t i = 0; i < n->count; i++)
		if (send_message(s, v, n->list[i], why) == -1)
			return -1;
	stream_put(v->io, SPAN("\r\n"));
	return 0;
}

static void
put_source(struct session *s, const struct numbers *n, struct buf *out)
{
	struct imap_set_writer w = { .any = false };

	for (size_t i = 0; i < n->count; i++)
		imap_put_set(out, &w, view_at(s->view, n->list[i])->uid);
	imap_put_set_end(out, &w);
}

static void
sent(struct session *s, const struct numbers *n, struct span last, bool move,
    uint32_t lowest)
{
	struct buf code = BUF_EMPTY;
	struct why why;
	uint32_t validity;
	struct span set;
	int got = 0;

	why_init(&why);
	if (visit_appended(s->a, last, n->count, &validity, &set)) {
		buf_printf(&code, "COPYUID %" PRIu32 " ", validity);
		put_source(s, n, &code);
		buf_printf(&code, " %.*s", (int)set.n, set.p);
	}
	if (move)
		got = view_expunge(s->view, n->list, n->count, VIEW_ANY, &why);
	if (got == -1) {
		log_warning("%s", why_text(&why));
		reply_trouble(s, &why);
	} else {
		answer_done(
		    s, code.n > 0 ? buf_str(&code) : NULL, move, lowest);
	}
	buf_free(&code);
	why_free(&why);
}

void
visit_copy_out(
    struct session *s, struct numbers *n, struct span name, bool move)
{
	uint32_t lowest = move ? limit_cut(s, n) : 0;
	struct visit *v = NULL;
	struct buf last = BUF_EMPTY;
	struct why why;

	if (n->count > VISIT_COPY_MOST) {
		reply_no(s, "LIMIT",
		    "Too many messages at once for another user's mailbox");
		return;
	}
	v = visit_to(s, name, "TRYCREATE");
	if (v == NULL)
		return;
	why_init(&why);
	if (n->count == 0) {
		reply_ok(s, NULL, "Nothing was to be copied");
	} else if (send_all(s, v, n, name, &why) == -1) {
		visit_end(s, v);
		sync_tell(s, s->uid);
		reply_no(s, "EXPUNGEISSUED", why_text(&why));
	} else {
		switch (visit_answer(s, v, SPAN("~"), TO_NOBODY, &last)) {
		case SAID_OK:
			sent(s, n, buf_span(&last), move, lowest);
			break;
		case SAID_NO:
		case SAID_BAD:
			answer_no(s, buf_span(&last));
			break;
		case SAID_GONE:
			visit_lost(s, v);
			break;
		}
	}
	why_free(&why);
	buf_free(&last);
}

/* --- in --- */

struct taking {
	struct session *s;
	struct visit *v;
	struct visit *over; /* to whom they go then; NULL: they stay here */
	struct span over_name;
	struct maildir *to; /* with over only for its tmp/ */
	unsigned rights;
	struct arrive *arrive;
	struct arena *line; /* of the answer, the present one */
	struct visit_fetched list[VISIT_COPY_MOST];
	struct store_file *files[VISIT_COPY_MOST];
	size_t count;
	uint64_t bytes;
	bool too_many, too_big, full,
	    failed; /* what comes is read all the same */
	struct why why;
	int error;
};

static void
fail(struct taking *t)
{
	if (!t->failed)
		t->error = errno;
	t->failed = true;
}

/* The line goes before the command is over, and so does what was read of it. */
static void
keep_keywords(struct session *s, struct visit_fetched *f)
{
	struct span *kept =
	    arena_array(s->a, f->flags.count, sizeof(struct span));

	for (size_t i = 0; i < f->flags.count; i++) {
		kept[i] = arena_span(s->a, f->flags.keywords[i]);
		f->passed = f->passed || span_iis(kept[i], "$Forwarded");
	}
	f->flags.keywords = kept;
}

/* What goes on to another stays as it is on the wire. */
static int
add(struct taking *t, struct store_file *file, struct span octets)
{
	return t->over != NULL ? store_add(file, octets, &t->why)
			       : store_add_crlf(file, octets, &t->why);
}

/* The message behind its line, up to and with the end of its answer. */
static bool
take_message(struct taking *t, const struct visit_fetched *f)
{
	struct stream *io = t->v->io;
	struct store_file *file = NULL;
	uint64_t n = f->size;

	t->too_many = t->too_many || t->count == VISIT_COPY_MOST;
	/* what is said of a message's size is another's word */
	t->too_big = t->too_big || n > UINT32_MAX ||
	    (t->s->conf->append_most != 0 && n > t->s->conf->append_most);
	t->full = t->full || t->too_big ||
	    (t->over == NULL &&
		!quota_allows(maildir_dir(tree_inbox(t->s->tree)), &t->s->quota,
		    t->bytes + n, t->count + 1));
	if (!t->too_many && !t->failed && !t->full) {
		file = store_begin(t->to, &t->why);
		if (file == NULL)
			fail(t);
	}
	while (n > 0) {
		struct span have = span_head(
		    stream_input(io), n < SIZE_MAX ? (size_t)n : SIZE_MAX);

		if (file != NULL && !t->failed && add(t, file, have) == -1)
			fail(t);
		stream_take(io, have.n);
		n -= have.n;
		if (n > 0 && !visit_more(t->s, t->v)) {
			store_drop(&file);
			return false;
		}
	}
	if (file == NULL)
		return true;
	if (t->over != NULL && !t->failed && store_written(file, &t->why) == -1)
		fail(t);
	t->bytes += store_size(file);
	t->list[t->count] = *f;
	keep_keywords(t->s, &t->list[t->count]);
	t->files[t->count++] = file;
	return true;
}

/* What is read of a line is kept with it until the next one, as the stream's
 * octets go before the message has come. */
static bool
fetched(struct taking *t, struct span line, struct visit_fetched *f)
{
	arena_clear(t->line);
	return visit_fetched(t->line, arena_span(t->line, line), f);
}

/* Of the answer: ours are taken, what comes unasked is the client's. */
static enum said
take_answer(struct taking *t, struct buf *last)
{
	struct imap_scan_out scan;
	struct visit_fetched f;
	struct span input;
	bool skip = false; /* the end of one of ours */

	for (;;) {
		input = stream_input(t->v->io);
		if (imap_scan_line(input, &scan) == IMAP_SCAN_MORE) {
			if (input.n > VISIT_LINE_MOST ||
			    !visit_more(t->s, t->v))
				return SAID_GONE;
			continue;
		}
		if (skip) {
			stream_take(t->v->io, scan.used);
			skip = false;
		} else if (fetched(t, span_head(input, scan.used), &f)) {
			stream_take(t->v->io, scan.used);
			if (!take_message(t, &f))
				return SAID_GONE;
			skip = true;
		} else if (span_starts(input, "~ ")) {
			return visit_answer(
			    t->s, t->v, SPAN("~"), TO_NOBODY, last);
		} else if (!visit_one(t->s, t->v)) {
			return SAID_GONE;
		}
	}
}

static enum said
say_about(struct taking *t, const char *before, const char *behind,
    bool undeleted, struct buf *last)
{
	struct imap_set_writer w = { .any = false };
	struct buf line = BUF_EMPTY;
	enum said said = SAID_OK;
	size_t begun;

	buf_add_str(&line, before);
	begun = line.n;
	for (size_t i = 0; i < t->count; i++)
		if (!undeleted || (t->list[i].flags.system & IMAP_DELETED) == 0)
			imap_put_set(&line, &w, t->list[i].uid);
	imap_put_set_end(&line, &w);
	if (line.n > begun) {
		buf_add_str(&line, behind);
		visit_say(t->v, "~", buf_span(&line));
		said =
		    visit_answer(t->s, t->v, SPAN("~"), TO_CLIENT_DATA, last);
	}
	buf_free(&line);
	return said;
}

/* The files get their names and UIDs, all or none. */
static int
finish(struct taking *t, uint32_t *uids)
{
	struct arrive_message list[VISIT_COPY_MOST];
	struct store_how how[VISIT_COPY_MOST];
	const struct arrive_files f = { t->files, how, t->count, false };
	unsigned may = rights_flags(t->rights);

	for (size_t i = 0; i < t->count; i++)
		how[i] = (struct store_how){
			(reply_file_flags(t->list[i].flags.system) |
			    (t->list[i].passed ? FLAG_PASSED : 0)) &
			    may,
			t->list[i].date
		};
	for (size_t i = 0; i < t->count; i++)
		list[i] =
		    (struct arrive_message){ .keywords =
						 t->list[i].flags.keywords,
			    .keyword_count = (t->rights & ACL_WRITE) == 0
				? 0
				: t->list[i].flags.count };
	if (arrive_store(t->arrive, &f, list, &t->why) == -1)
		return -1;
	for (size_t i = 0; i < t->count; i++)
		uids[i] = list[i].uid;
	quota_add(maildir_dir(tree_inbox(t->s->tree)), (int64_t)t->bytes,
	    (int64_t)t->count);
	return 0;
}

/* set: of those who have come, in their order. */
static void
put_copyuid(const struct taking *t, uint32_t validity, struct span set,
    struct buf *code)
{
	struct imap_set_writer from = { .any = false };

	buf_printf(code, "COPYUID %" PRIu32 " ", validity);
	for (size_t i = 0; i < t->count; i++)
		imap_put_set(code, &from, t->list[i].uid);
	imap_put_set_end(code, &from);
	buf_add_byte(code, ' ');
	buf_add_span(code, set);
}

/* They are on the other side, of which code tells unless it is empty. A move
 * takes them away there; when that cannot be, they are in both and the client
 * is told. */
static void
taken(struct taking *t, struct buf *code, bool move)
{
	struct session *s = t->s;
	struct buf last = BUF_EMPTY;
	enum said said = SAID_OK;

	if (move) {
		if (code->n > 0)
			stream_printf(
			    s->io, "* OK [%s] Moved\r\n", buf_str(code));
		said = say_about(t, "UID EXPUNGE ", "", false, &last);
	}
	if (said == SAID_GONE)
		visit_lost(s, t->v);
	else if (said != SAID_OK)
		answer_no(s, buf_span(&last));
	else
		reply_ok(s, move || code->n == 0 ? NULL : buf_str(code),
		    move ? "Move completed" : "Copy completed");
	buf_free(&last);
}

/* False: answered. */
static bool
sound(struct taking *t)
{
	struct session *s = t->s;

	if (t->too_many)
		reply_no(s, "LIMIT",
		    "Too many messages at once from another user's mailbox");
	else if (t->too_big)
		reply_no(s, "TOOBIG", "The message is larger than allowed");
	else if (t->full)
		reply_no(s, "OVERQUOTA", "The mailbox is full");
	else if (t->failed) {
		errno = t->error;
		reply_trouble(s, &t->why);
	} else if (t->count == 0)
		reply_ok(s, NULL, "Nothing was to be copied");
	else
		return true;
	return false;
}

/* What has become of them on the other side. */
enum put {
	PUT_DONE,
	PUT_FAILED, /* t->why and errno */
	PUT_REFUSED, /* last has what was said */
	PUT_GONE /* the visit there is over */
};

static enum put
put_here(struct taking *t, struct buf *code)
{
	struct imap_set_writer to = { .any = false };
	uint32_t uids[VISIT_COPY_MOST];
	struct buf set = BUF_EMPTY;

	if (finish(t, uids) == -1)
		return PUT_FAILED;
	for (size_t i = 0; i < t->count; i++)
		imap_put_set(&set, &to, uids[i]);
	imap_put_set_end(&set, &to);
	put_copyuid(t, arrive_validity(t->arrive), buf_span(&set), code);
	buf_free(&set);
	return PUT_DONE;
}

/* " (flags) "date" {n+}" and the octets. */
static int
send_stored(struct taking *t, size_t i)
{
	const struct visit_fetched *f = &t->list[i];
	uint64_t size = store_size(t->files[i]);
	struct buf head = BUF_EMPTY;
	char piece[CHUNK];

	buf_add_byte(&head, ' ');
	reply_put_wire_flags(&head, &f->flags);
	buf_add_str(&head, " \"");
	date_print_imap(&head, f->date, 0);
	buf_printf(&head, "\" {%" PRIu64 "+}\r\n", size);
	stream_put(t->over->io, buf_span(&head));
	buf_free(&head);
	for (uint64_t at = 0; at < size;) {
		size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (file_read_at(store_fd(t->files[i]), piece, n, at) == -1) {
			why_set(&t->why, "4.3.0",
			    "a message on its way cannot be read: %s",
			    strerror(errno));
			return -1;
		}
		stream_put(t->over->io, span_of(piece, n));
		at += n;
	}
	return 0;
}

/* Half of an APPEND is nothing: with the visit it ends. */
static enum put
put_over(struct taking *t, struct buf *code, struct buf *last)
{
	struct buf line = BUF_EMPTY;
	uint32_t validity;
	struct span set;
	int error;

	buf_add_str(&line, "~ APPEND ");
	reply_put_mailbox(t->s, &line, t->over_name);
	stream_put(t->over->io, buf_span(&line));
	buf_free(&line);
	for (size_t i = 0; i < t->count; i++)
		if (send_stored(t, i) == -1) {
			error = errno;
			visit_end(t->s, t->over);
			errno = error;
			return PUT_FAILED;
		}
	stream_put(t->over->io, SPAN("\r\n"));
	switch (visit_answer(t->s, t->over, SPAN("~"), TO_NOBODY, last)) {
	case SAID_OK:
		if (visit_appended(
			t->s->a, buf_span(last), t->count, &validity, &set))
			put_copyuid(t, validity, set, code);
		return PUT_DONE;
	case SAID_NO:
	case SAID_BAD:
		return PUT_REFUSED;
	case SAID_GONE:
		break;
	}
	visit_end(t->s, t->over);
	return PUT_GONE;
}

/* They are not there: what was marked for a move is as before. */
static void
put_back(struct taking *t, enum put got, struct span last, bool move)
{
	int error = errno;

	if (got == PUT_FAILED)
		log_warning("%s", why_text(&t->why));
	if (move &&
	    say_about(t, "UID STORE ", " -FLAGS.SILENT (\\Deleted)", true,
		NULL) == SAID_GONE) {
		visit_end(t->s, t->v); /* the client hears that it is over */
		return;
	}
	errno = error;
	if (got == PUT_FAILED)
		reply_trouble(t->s, &t->why);
	else if (got == PUT_REFUSED)
		answer_no(t->s, last);
	else
		reply_no(t->s, "UNAVAILABLE", "Another user's mailbox is gone");
}

static void
store_taken(struct taking *t, bool move)
{
	struct buf last = BUF_EMPTY, code = BUF_EMPTY;
	enum said said = SAID_OK;
	enum put got;

	if (move)
		said = say_about(
		    t, "UID STORE ", " +FLAGS.SILENT (\\Deleted)", true, &last);
	if (said == SAID_GONE) {
		visit_lost(t->s, t->v);
	} else if (said != SAID_OK) {
		answer_no(t->s, buf_span(&last));
	} else {
		buf_clear(&last);
		got = t->over != NULL ? put_over(t, &code, &last)
				      : put_here(t, &code);
		if (got == PUT_DONE)
			taken(t, &code, move);
		else
			put_back(t, got, buf_span(&last), move);
	}
	buf_free(&last);
	buf_free(&code);
}

/* Those who may not expunge find out before anything is done; but not before
 * the messages are known by their UIDs, as EXPUNGEs may be told now. False:
 * answered. */
static bool
may_expunge(struct taking *t)
{
	struct buf last = BUF_EMPTY;
	enum said said;

	visit_say(t->v, "~", SPAN("UID EXPUNGE 4294967295"));
	said = visit_answer(t->s, t->v, SPAN("~"), TO_CLIENT_DATA, &last);
	if (said == SAID_GONE)
		visit_lost(t->s, t->v);
	else if (said != SAID_OK)
		answer_no(t->s, buf_span(&last));
	buf_free(&last);
	return said == SAID_OK;
}

static void
take(struct taking *t, struct span set, bool move)
{
	struct session *s = t->s;
	struct buf line = BUF_EMPTY, last = BUF_EMPTY;
	enum said said;

	buf_printf(&line, "%sFETCH %.*s (UID FLAGS INTERNALDATE BODY.PEEK[])",
	    s->uid ? "UID " : "", (int)set.n, set.p);
	visit_say(t->v, "~", buf_span(&line));
	said = take_answer(t, &last);
	if (said == SAID_GONE)
		visit_lost(s, t->v);
	else if (said != SAID_OK)
		answer_no(s, buf_span(&last));
	else if (sound(t) && (!move || may_expunge(t)))
		store_taken(t, move);
	buf_free(&line);
	buf_free(&last);
}

static void
taking_done(struct taking *t)
{
	for (size_t i = 0; i < t->count; i++)
		store_drop(&t->files[i]);
	arrive_end(&t->arrive);
	arena_free(&t->line);
	why_free(&t->why);
}

void
visit_copy_in(struct session *s, struct span set, struct span name, bool move)
{
	struct taking t = { .s = s, .v = s->visits->selected };
	struct rights r = { .need = ACL_INSERT };

	why_init(&t.why);
	t.line = arena_new();
	t.to = rights_folder(s, name, &r, &t.why);
	t.rights = r.has;
	if (t.to == NULL && r.got == TREE_MISSING) {
		reply_no(s, "TRYCREATE", why_text(&t.why));
	} else if (t.to == NULL) {
		reply_tree(s, r.got, &t.why);
	} else if (outbox_is(s, t.to)) {
		reply_no(s, "CANNOT",
		    "To send it, copy it to a folder of yours first");
	} else {
		t.arrive = arrive_begin(t.to, s->tree, &t.why);
		if (t.arrive == NULL)
			reply_trouble(s, &t.why);
		else
			take(&t, set, move);
	}
	taking_done(&t);
	maildir_close(&t.to);
}

void
visit_copy_over(struct session *s, struct span set, struct span name, bool move)
{
	struct taking t = { .s = s, .v = s->visits->selected };

	t.over = visit_to(s, name, "TRYCREATE");
	if (t.over == NULL)
		return;
	why_init(&t.why);
	t.line = arena_new();
	t.over_name = name;
	t.to = tree_inbox(s->tree);
	take(&t, set, move);
	taking_done(&t);
}
