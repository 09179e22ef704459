/*
 * cmd_fetch.c - FETCH (RFC 3501, 6.4.5; RFC 3516; RFC 7162, 3.1.4)
 *
 * Items that mark a message as read do so first, for all messages at once, so
 * that the answers can say it.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/binary.h"
#include "imapd/body.h"
#include "imapd/fetch.h"
#include "imapd/limit.h"
#include "imapd/numbers.h"
#include "imapd/objectid.h"
#include "imapd/qresync.h"
#include "imapd/recall.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "mailbox/flags.h"
#include "mailbox/view.h"
#include "message/date.h"
#include "wire/imap_fetch.h"
#include "wire/imap_parse.h"

struct fetch {
	struct session *s;
	struct imap_fetch items;
	bool with_uid; /* told though it is not asked for */
	bool has_uid, has_flags, has_modseq;
	bool wants_modseq; /* told though it is not asked for */
	uint64_t changed_since; /* UINT64_MAX: all */
	bool has_partial;
	struct imap_partial partial; /* of those that match all else */
	bool vanished; /* expunges since then too */
	bool marks_seen;
	struct buf out; /* of the answer under way */
	struct msg was; /* when the answer was begun */
	bool sent; /* a part of it has left us */
	bool reads; /* the message, for one item at least */
	bool has_binary;
	bool unknown_encoding; /* of a part that was asked for decoded */
	bool gone; /* some message is not there any more */
	bool failed; /* some message could not be read */
	uint32_t lowest; /* UID, when the limit has cut it short */
};

/* All fields asked for are kept: the message need not be opened. */
static bool
fields_are_kept(const struct imap_fetch_item *it)
{
	if (it->kind != FETCH_SECTION || it->section != SECTION_FIELDS ||
	    it->number_count > 0)
		return false;
	for (size_t i = 0; i < it->field_count; i++)
		if (!recall_keeps_field(it->fields[i]))
			return false;
	return true;
}

static bool
is_sent(const struct imap_fetch_item *it)
{
	return it->kind == FETCH_SECTION || it->kind == FETCH_BINARY;
}

/* What is told in one piece comes before what is sent as it is read: then a
 * message that turns out to be gone is left out, for nothing of it was said. */
static void
order_items(struct fetch *f)
{
	struct imap_fetch_item *list =
	    arena_array(f->s->a, f->items.count, sizeof(*list));
	size_t n = 0;

	for (int sent = 0; sent < 2; sent++)
		for (size_t i = 0; i < f->items.count; i++)
			if (is_sent(&f->items.items[i]) == (sent == 1))
				list[n++] = f->items.items[i];
	f->items.items = list;
}

static void
look_at_items(struct fetch *f)
{
	order_items(f);
	for (size_t i = 0; i < f->items.count; i++) {
		const struct imap_fetch_item *it = &f->items.items[i];

		f->has_uid = f->has_uid || it->kind == FETCH_UID;
		f->has_flags = f->has_flags || it->kind == FETCH_FLAGS;
		f->has_modseq = f->has_modseq || it->kind == FETCH_MODSEQ;
		f->has_binary = f->has_binary || it->kind == FETCH_BINARY ||
		    it->kind == FETCH_BINARY_SIZE;
		f->reads = f->reads || (is_sent(it) && !fields_are_kept(it));
		f->marks_seen = f->marks_seen || (is_sent(it) && !it->peek);
	}
	f->wants_modseq = f->changed_since != UINT64_MAX;
	if (f->has_modseq || f->wants_modseq)
		sync_condstore(f->s);
}

static bool
modifier(struct span *args, struct fetch *f)
{
	if (imap_is_word(args, "CHANGEDSINCE"))
		return imap_space(args) &&
		    imap_number64(args, &f->changed_since);
	if (imap_is_word(args, "PARTIAL")) {
		if (f->has_partial || !f->s->uid)
			return false;
		f->has_partial = true;
		return imap_space(args) && imap_partial(args, &f->partial);
	}
	f->vanished = true;
	return imap_is_word(args, "VANISHED") && f->s->uid &&
	    (f->s->enabled & ENABLED_QRESYNC) != 0;
}

/* [SP "(CHANGEDSINCE n [VANISHED])"] */
static bool
parse_modifiers(struct span *args, struct fetch *f)
{
	f->changed_since = UINT64_MAX;
	if (!imap_space(args))
		return true;
	if (!imap_char(args, '('))
		return false;
	do {
		if (!modifier(args, f))
			return false;
	} while (imap_space(args));
	return imap_char(args, ')') &&
	    !(f->vanished && f->changed_since == UINT64_MAX);
}

static void
put_time(struct fetch *f, int64_t date)
{
	buf_add_byte(&f->out, '"');
	date_print_imap(&f->out, date, date_local_zone(date));
	buf_add_byte(&f->out, '"');
}

static int
put_date(struct fetch *f, size_t i, struct why *why)
{
	int64_t date;

	if (view_date(f->s->view, i, &date, why) == -1)
		return -1;
	put_time(f, date);
	return 0;
}

static void
put_modseq(struct fetch *f, const struct msg *m)
{
	buf_add_byte(&f->out, '(');
	buf_add_number(&f->out, m->modseq);
	buf_add_byte(&f->out, ')');
}

static void
put_saved(struct fetch *f, const struct msg *m)
{
	if (m->saved == 0)
		buf_add_str(&f->out, "NIL");
	else
		put_time(f, m->saved);
}

static int
put_size(struct fetch *f, size_t i, struct why *why)
{
	uint64_t size;

	if (view_wire_size(f->s->view, i, &size, why) == -1)
		return -1;
	buf_add_number(&f->out, size);
	return 0;
}

/* What was not made before is made only for clients that wait for it. */
static int
put_preview(struct fetch *f, size_t i, bool lazy, struct why *why)
{
	struct span known;

	if (!lazy)
		return recall_value(f->s, i, RECALL_PREVIEW, &f->out, why);
	if (view_recall(f->s->view, i, RECALL_PREVIEW, &known))
		buf_add_span(&f->out, known);
	else
		buf_add_str(&f->out, "NIL");
	return 0;
}

static void
send_so_far(struct fetch *f)
{
	f->sent = true;
	stream_put(f->s->io, buf_span(&f->out));
	buf_clear(&f->out);
}

static int
put_fields(struct fetch *f, size_t i, const struct imap_fetch_item *it,
    struct why *why)
{
	struct span header;

	if (f->reads && body_open(f->s, i, why) == NULL)
		return -1;
	if (recall_fields(f->s, i, &header, why) == -1)
		return -1;
	send_so_far(f);
	body_put_fields(f->s, it, header);
	return 0;
}

static int
put_section(struct fetch *f, size_t i, const struct imap_fetch_item *it,
    struct why *why)
{
	struct body *b;

	if (fields_are_kept(it))
		return put_fields(f, i, it, why);
	b = body_open(f->s, i, why);
	if (b == NULL)
		return -1;
	send_so_far(f);
	return body_section(b, it, why);
}

static int
put_binary(struct fetch *f, size_t i, const struct imap_fetch_item *it,
    struct why *why)
{
	struct body *b = body_open(f->s, i, why);

	if (b == NULL)
		return -1;
	if (it->kind == FETCH_BINARY_SIZE)
		return binary_size(b, it, &f->out, why);
	send_so_far(f);
	return binary_send(f->s, b, it, why);
}

/* A message with a part that is asked for decoded and cannot be is passed over,
 * and the command fails (RFC 3516, 4.3). */
static bool
can_decode(struct fetch *f, size_t i, struct why *why)
{
	bool known = true;

	for (size_t n = 0; n < f->items.count && known; n++) {
		const struct imap_fetch_item *it = &f->items.items[n];
		struct body *b;

		if (it->kind != FETCH_BINARY && it->kind != FETCH_BINARY_SIZE)
			continue;
		b = body_open(f->s, i, why);
		/* trouble is told by whoever comes next */
		if (b == NULL || binary_known(b, it, &known, why) == -1)
			return true;
	}
	f->unknown_encoding = f->unknown_encoding || !known;
	return known;
}

static int
put_item(struct fetch *f, size_t i, const struct imap_fetch_item *it,
    struct why *why)
{
	const struct msg *m = view_at(f->s->view, i);

	imap_fetch_name(&f->out, it);
	buf_add_byte(&f->out, ' ');
	switch (it->kind) {
	case FETCH_UID:
		buf_add_number(&f->out, m->uid);
		return 0;
	case FETCH_FLAGS:
		reply_put_flags(
		    f->s, &f->out, &f->was, view_recent(f->s->view, i));
		return 0;
	case FETCH_MODSEQ:
		put_modseq(f, &f->was);
		return 0;
	case FETCH_INTERNALDATE:
		return put_date(f, i, why);
	case FETCH_SIZE:
		return put_size(f, i, why);
	case FETCH_SAVEDATE:
		put_saved(f, m);
		return 0;
	case FETCH_ENVELOPE:
		return recall_value(f->s, i, RECALL_ENVELOPE, &f->out, why);
	case FETCH_BODY:
		return recall_value(f->s, i, RECALL_BODY, &f->out, why);
	case FETCH_BODYSTRUCTURE:
		return recall_value(f->s, i, RECALL_STRUCTURE, &f->out, why);
	case FETCH_EMAILID:
		return objectid_put_email(f->s, i, &f->out, why);
	case FETCH_THREADID:
		return objectid_put_thread(f->s, i, &f->out, why);
	case FETCH_PREVIEW:
		return put_preview(f, i, it->lazy, why);
	case FETCH_SECTION:
		return put_section(f, i, it, why);
	case FETCH_BINARY:
	case FETCH_BINARY_SIZE:
		break;
	}
	return put_binary(f, i, it, why);
}

/* A FETCH that shows a change as it comes has both (RFC 7162, 3.2.4). */
static void
put_uid_modseq(struct fetch *f, const struct msg *m)
{
	if ((f->s->enabled & ENABLED_CONDSTORE) == 0)
		return;
	if (!f->has_uid && !f->with_uid &&
	    (f->s->enabled & ENABLED_UIDONLY) == 0) {
		buf_add_str(&f->out, " UID ");
		buf_add_number(&f->out, m->uid);
	}
	if (!f->has_modseq) {
		buf_add_str(&f->out, " MODSEQ ");
		put_modseq(f, m);
	}
}

/* What the client did not name but must be told. A change that came to light
 * while the answer was made (a file was renamed, and looked for) is told behind
 * it: the flags that stand in it are the old ones. */
static void
put_unasked(struct fetch *f, size_t i)
{
	const struct msg *m = view_at(f->s->view, i);
	bool later = m->modseq != f->was.modseq;
	size_t at = i;

	if (!later && (m->bits & MSG_NEWS) != 0) {
		(void)view_next_news(f->s->view, &at);
		if (!f->has_flags) {
			buf_add_byte(&f->out, ' ');
			buf_add_str(&f->out, "FLAGS ");
			reply_put_flags(
			    f->s, &f->out, m, view_recent(f->s->view, i));
		}
		put_uid_modseq(f, m);
	} else if (f->wants_modseq && !f->has_modseq) {
		buf_add_str(&f->out, " MODSEQ ");
		put_modseq(f, &f->was);
	}
}

/* A message that is gone while the client cannot know it yet is passed over
 * (RFC 2180, 4.1). What was begun must be ended: then the connection is. */
static void
fetch_one(struct fetch *f, size_t i)
{
	struct why why;
	size_t n;

	why_init(&why);
	if (f->has_binary && !can_decode(f, i, &why)) {
		why_free(&why);
		return;
	}
	buf_clear(&f->out);
	sync_put_keywords(f->s);
	f->was = *view_at(f->s->view, i);
	sync_put_fetch(f->s, &f->out, i);
	/* in front, where simple clients look for it */
	if (f->with_uid && !f->has_uid &&
	    (f->s->enabled & ENABLED_UIDONLY) == 0) {
		buf_add_str(&f->out, "UID ");
		buf_add_number(&f->out, view_at(f->s->view, i)->uid);
		buf_add_byte(&f->out, ' ');
	}
	f->sent = false;
	for (n = 0; n < f->items.count; n++) {
		if (n > 0)
			buf_add_byte(&f->out, ' ');
		if (put_item(f, i, &f->items.items[n], &why) == -1)
			break;
	}
	if (n == f->items.count) {
		put_unasked(f, i);
		buf_add_str(&f->out, ")\r\n");
		stream_put(f->s->io, buf_span(&f->out));
	} else {
		if (errno == ENOENT) {
			f->gone = true;
		} else {
			f->failed = true;
			log_warning("%s", why_text(&why));
		}
		if (f->sent)
			reply_bye(f->s, "A message cannot be read");
	}
	why_free(&why);
}

/* Leave out what did not change, then cut the page that is wanted out of the
 * rest (RFC 9394, 3.3). */
static void
narrow(const struct fetch *f, struct numbers *n)
{
	size_t kept = 0, begin, end;

	for (size_t i = 0; i < n->count; i++)
		if (f->changed_since == UINT64_MAX ||
		    view_at(f->s->view, n->list[i])->modseq > f->changed_since)
			n->list[kept++] = n->list[i];
	n->count = kept;
	if (!f->has_partial)
		return;
	imap_partial_of(&f->partial, n->count, &begin, &end);
	memmove(n->list, n->list + begin, (end - begin) * sizeof(*n->list));
	n->count = end - begin;
}

static void
mark_seen(struct fetch *f, const struct numbers *n)
{
	const struct view_change seen = { .op = VIEW_ADD,
		.flags = FLAG_SEEN,
		.unchanged_since = UINT64_MAX };
	uint32_t *list = mem_array(n->count + 1, sizeof(*list));
	size_t count = 0;
	struct why why;

	why_init(&why);
	for (size_t i = 0; i < n->count; i++)
		if ((view_at(f->s->view, n->list[i])->flags & FLAG_SEEN) == 0)
			list[count++] = n->list[i];
	/* a full disk is no reason not to show the mail */
	if (count > 0 && view_store(f->s->view, list, count, &seen, &why) == -1)
		log_warning("%s", why_text(&why));
	free(list);
	why_free(&why);
}

static void
fetch(struct fetch *f, const struct numbers *n)
{
	struct session *s = f->s;

	if (f->marks_seen && !view_read_only(s->view) &&
	    (s->rights & ACL_SEEN) != 0)
		mark_seen(f, n);
	for (size_t i = 0; i < n->count; i++) {
		if (s->state != STATE_SELECTED || stream_failed(s->io))
			break;
		fetch_one(f, n->list[i]);
	}
	if (s->state != STATE_SELECTED)
		return;
	sync_tell(s, s->uid);
	if (f->unknown_encoding)
		reply_no(s, "UNKNOWN-CTE", "An encoding is not known here");
	else if (f->failed)
		reply_no(s, "UNAVAILABLE", "Some messages cannot be read");
	else if (f->gone && !s->uid)
		reply_no(s, "EXPUNGEISSUED", REPLY_EXPUNGED);
	else
		limit_reply_ok(s, f->lowest, f->gone ? "EXPUNGEISSUED" : NULL,
		    "Fetch completed");
}

void
fetch_unasked(struct session *s, const struct imap_fetch *items, size_t i)
{
	struct fetch f = { .s = s,
		.items = *items,
		.with_uid = true,
		.wants_modseq = (s->enabled & ENABLED_CONDSTORE) != 0,
		.changed_since = UINT64_MAX };

	for (size_t k = 0; k < items->count; k++) {
		f.has_uid = f.has_uid || items->items[k].kind == FETCH_UID;
		f.has_flags =
		    f.has_flags || items->items[k].kind == FETCH_FLAGS;
		f.has_modseq =
		    f.has_modseq || items->items[k].kind == FETCH_MODSEQ;
	}
	fetch_one(&f, i);
	buf_free(&f.out);
}

/* The set is wanted as it was given: UIDs that are not there too. */
static void
tell_vanished(struct fetch *f, struct span args)
{
	uint32_t last = view_next_uid(f->s->view) - 1;
	struct imap_set set;

	if (!imap_space(&args) || !imap_sequence_set(f->s->a, &args, &set) ||
	    last == 0)
		return;
	imap_set_resolve(&set, last);
	qresync_cut(&set, last);
	qresync_vanished(f->s, &set, f->changed_since);
}

void
cmd_fetch(struct session *s, struct span args)
{
	struct fetch f = { .s = s, .with_uid = s->uid };
	struct span before = args;
	struct numbers n;

	if (!numbers_take(s, &args, &n))
		return;
	if (!imap_space(&args) || !imap_fetch_items(s->a, &args, &f.items) ||
	    !parse_modifiers(&args, &f) || !imap_end(args)) {
		reply_bad(s, "FETCH wants items");
	} else if (f.has_partial &&
	    limit_passed(s, f.partial.last - f.partial.first + 1)) {
		limit_refuse(s);
	} else {
		look_at_items(&f);
		if (f.vanished)
			tell_vanished(&f, before);
		narrow(&f, &n);
		f.lowest = limit_cut(s, &n);
		fetch(&f, &n);
	}
	buf_free(&f.out);
	numbers_free(&n);
}
