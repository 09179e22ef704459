/*
 * cmd_select.c - SELECT, EXAMINE, CLOSE, UNSELECT, EXPUNGE (RFC 3501, 6.3.1,
 * 6.3.2, 6.4.2, 6.4.3; RFC 3691; RFC 4315; RFC 7162)
 *
 * A SELECT that fails leaves nothing selected.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/body.h"
#include "imapd/context.h"
#include "imapd/deletions.h"
#include "imapd/limit.h"
#include "imapd/numbers.h"
#include "imapd/objectid.h"
#include "imapd/qresync.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/saved.h"
#include "imapd/select.h"
#include "imapd/session.h"
#include "imapd/sort.h"
#include "imapd/sync.h"
#include "imapd/thread.h"
#include "imapd/trash.h"
#include "imapd/visit.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "wire/imap_parse.h"

void
select_leave(struct session *s)
{
	visit_leave(s);
	body_forget(s);
	saved_forget(s);
	context_forget(s);
	sort_forget(s);
	thread_forget(s);
	view_close(&s->view);
	buf_clear(&s->selected);
	if (s->state == STATE_SELECTED)
		s->state = STATE_AUTH;
}

static void
tell_folder(struct session *s)
{
	struct view *v = s->view;
	struct buf all = BUF_EMPTY;

	sync_reset(s);
	reply_put_known_flags(s, &all);
	stream_printf(s->io, "* FLAGS (%s)\r\n", buf_str(&all));
	buf_free(&all);
	reply_permanent_flags(s);
	sync_put_counts(s);
	if (view_unseen_first(v) < view_count(v) &&
	    (s->enabled & (ENABLED_UIDONLY | ENABLED_REV2)) == 0)
		stream_printf(s->io, "* OK [UNSEEN %zu] First unseen\r\n",
		    view_unseen_first(v) + 1);
	stream_printf(s->io,
	    "* OK [UIDVALIDITY %" PRIu32 "] UIDs valid\r\n"
	    "* OK [UIDNEXT %" PRIu32 "] Predicted next UID\r\n"
	    "* OK [HIGHESTMODSEQ %" PRIu64 "] Highest\r\n",
	    view_validity(v), view_next_uid(v), view_highest(v));
	buf_add_str(&all, "* OK [");
	objectid_put_mailbox(&all, view_guid(v));
	buf_add_str(&all, "] Its name for ever\r\n");
	if ((s->enabled & ENABLED_REV2) != 0)
		reply_put_list(s, &all,
		    reply_full_name(s, buf_span(&s->selected)),
		    buf_span(&s->selected));
	stream_put(s->io, buf_span(&all));
	buf_free(&all);
}

static void
open_selected(struct session *s, struct maildir *m, bool read_only)
{
	const struct view_conf conf = { .tree = s->tree,
		.read_only = read_only,
		.watch = true,
		.spare_watch = &s->spare_watch };
	struct why why;

	why_init(&why);
	s->view = view_open(&m, &conf, &why);
	deletions_tell(s, s->view);
	if (s->view == NULL) {
		log_warning("%s", why_text(&why));
		reply_trouble(s, &why);
	} else if (!read_only) {
		maildir_sweep_tmp(view_maildir(s->view));
	}
	why_free(&why);
}

int
select_again(
    struct session *s, struct span name, bool read_only, struct why *why)
{
	const struct view_conf conf = { .tree = s->tree,
		.read_only = read_only,
		.watch = true,
		.spare_watch = &s->spare_watch };
	struct rights r = { .need = ACL_READ };
	struct maildir *m = rights_folder(s, name, &r, why);

	s->rights = r.has;
	s->view = m == NULL ? NULL : view_open(&m, &conf, why);
	deletions_tell(s, s->view);
	if (s->view == NULL) {
		if (why->outcome == DONE)
			why_set(why, "4.2.0", "the folder is gone");
		return -1;
	}
	s->state = STATE_SELECTED;
	buf_add_span(&s->selected, name);
	return 0;
}

/* The answers behind this are of another folder (RFC 7162, 3.2.11). */
static void
leave_for_another(struct session *s)
{
	if (s->state == STATE_SELECTED)
		stream_put(s->io, SPAN("* OK [CLOSED] Previous mailbox\r\n"));
	select_leave(s);
}

static void
select_folder(struct session *s, struct span args, bool read_only)
{
	struct rights r = { .need = ACL_READ };
	struct select_params params;
	struct maildir *m;
	bool asked = read_only;
	struct span name;
	struct why why;

	if (!reply_take_mailbox(s, &args, &name))
		return;
	if (!qresync_params(s, &args, &params)) {
		reply_bad(s, "Parameters that make no sense");
		return;
	}
	if (!session_args_end(s, args))
		return;
	if (params.has_match && (s->enabled & ENABLED_UIDONLY) != 0) {
		reply_uid_required(s);
		return;
	}
	why_init(&why);
	leave_for_another(s);
	m = rights_folder(s, name, &r, &why);
	s->rights = r.has;
	/* nothing could be changed there (RFC 4314, 5.2) */
	read_only = read_only || (r.has & RIGHTS_CHANGE) == 0;
	if (m == NULL)
		reply_tree(s, r.got, &why);
	else
		open_selected(s, m, read_only);
	why_free(&why);
	if (s->view == NULL)
		return;
	s->state = STATE_SELECTED;
	buf_add_span(&s->selected, name);
	if (params.condstore || params.qresync)
		s->enabled |= ENABLED_CONDSTORE;
	tell_folder(s);
	qresync_tell(s, &params);
	reply_ok(s, read_only ? "READ-ONLY" : "READ-WRITE",
	    asked ? "Examine completed" : "Select completed");
}

void
cmd_select(struct session *s, struct span args)
{
	select_folder(s, args, false);
}

void
cmd_examine(struct session *s, struct span args)
{
	select_folder(s, args, true);
}

void
cmd_unselect(struct session *s, struct span args)
{
	if (!session_args_end(s, args))
		return;
	select_leave(s);
	reply_ok(s, NULL, "Unselect completed");
}

/* Those that are \Deleted among the UIDs of set, or (NULL) in all. */
static void
find_deleted(
    const struct session *s, const struct imap_set *set, struct numbers *out)
{
	size_t count = view_count(s->view), range = 0;

	*out = (struct numbers){ .list =
				     mem_array(count + 1, sizeof(*out->list)) };
	for (size_t i = 0; i < count; i++) {
		const struct msg *m = view_at(s->view, i);

		while (set != NULL && range < set->count &&
		    set->list[range].last < m->uid)
			range++;
		if ((m->flags & FLAG_DELETED) != 0 &&
		    (set == NULL ||
			(range < set->count &&
			    set->list[range].first <= m->uid)))
			out->list[out->count++] = (uint32_t)i;
	}
}

/* Expunge those; of UID EXPUNGE no more than the limit, *lowest as
 * limit_cut() has it. */
static int
expunge(struct session *s, const struct imap_set *set, uint32_t *lowest,
    struct why *why)
{
	struct numbers n;
	int got = 0;

	find_deleted(s, set, &n);
	*lowest = set == NULL ? 0 : limit_cut(s, &n);
	if (n.count > 0)
		got = trash_expunge(s, n.list, n.count, why);
	numbers_free(&n);
	return got;
}

void
cmd_close(struct session *s, struct span args)
{
	uint32_t lowest;
	struct why why;

	if (!session_args_end(s, args))
		return;
	why_init(&why);
	if (!view_read_only(s->view) && (s->rights & ACL_EXPUNGE) != 0 &&
	    expunge(s, NULL, &lowest, &why) == -1)
		log_warning("%s", why_text(&why));
	why_free(&why);
	select_leave(s);
	reply_ok(s, NULL, "Close completed");
}

static uint32_t
last_uid(const struct session *s)
{
	size_t n = view_count(s->view);

	return n == 0 ? 0 : view_at(s->view, n - 1)->uid;
}

static void
answer_expunge(struct session *s, uint32_t lowest)
{
	char room[SYNC_CODE_ROOM];

	limit_reply_ok(
	    s, lowest, sync_highest_code(s, room), "Expunge completed");
}

void
cmd_expunge(struct session *s, struct span args)
{
	struct imap_set set = { .saved = false };
	uint32_t lowest;
	struct why why;
	int got;

	if (s->uid &&
	    (!imap_space(&args) || !imap_message_set(s->a, &args, &set))) {
		reply_bad(s, "UID EXPUNGE wants UIDs");
		return;
	}
	if (!session_args_end(s, args))
		return;
	if (view_read_only(s->view)) {
		reply_no(s, NULL, "The mailbox is selected read-only");
		return;
	}
	if ((s->rights & ACL_EXPUNGE) == 0) {
		reply_no(s, "NOPERM", "You may not expunge here");
		return;
	}
	if (s->uid && set.saved)
		saved_set(s, &set);
	else if (s->uid)
		imap_set_resolve(&set, last_uid(s));
	why_init(&why);
	/* marks of others count too */
	sync_tell(s, true);
	if (s->state == STATE_SELECTED) {
		got = expunge(s, s->uid ? &set : NULL, &lowest, &why);
		sync_tell_known(s, true);
		if (got == -1)
			reply_trouble(s, &why);
		else
			answer_expunge(s, lowest);
	}
	why_free(&why);
}
