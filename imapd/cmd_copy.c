/* cmd_copy.c - COPY and MOVE (RFC 3501, 6.4.7; RFC 4315; RFC 6851) */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/why.h"
#include "imapd/limit.h"
#include "imapd/numbers.h"
#include "imapd/outbox.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/shared.h"
#include "imapd/sync.h"
#include "imapd/visit_copy.h"
#include "mailbox/copy.h"
#include "mailbox/maildir.h"
#include "mailbox/quota.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "wire/imap_parse.h"

/* A copy within a full mailbox is refused; a move takes no more room. */
static bool
has_room(struct session *s, const struct numbers *n)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < n->count; i++)
		bytes += view_at(s->view, n->list[i])->size;
	return quota_allows(
	    maildir_dir(tree_inbox(s->tree)), &s->quota, bytes, n->count);
}

static void
put_copyuid(struct session *s, const struct numbers *n,
    const struct copy_result *r, struct buf *code)
{
	struct imap_set_writer from = { .any = false }, to = { .any = false };

	buf_printf(code, "COPYUID %" PRIu32 " ", r->validity);
	for (size_t i = 0; i < n->count; i++)
		imap_put_set(code, &from, view_at(s->view, n->list[i])->uid);
	imap_put_set_end(code, &from);
	buf_add_byte(code, ' ');
	for (size_t i = 0; i < n->count; i++)
		imap_put_set(code, &to, r->uids[i]);
	imap_put_set_end(code, &to);
}

static void
answer_done(struct session *s, const struct numbers *n,
    const struct copy_result *r, bool move, uint32_t lowest)
{
	struct buf copied = BUF_EMPTY;
	char room[SYNC_CODE_ROOM];
	const char *code = NULL;

	if (n->count > 0 && r->validity != 0) {
		put_copyuid(s, n, r, &copied);
		code = buf_str(&copied);
	}
	/* for MOVE it must come before the EXPUNGEs (RFC 6851, 4.3) */
	if (move && code != NULL)
		stream_printf(s->io, "* OK [%s] Moved\r\n", code);
	sync_tell(s, true);
	if (move)
		code = n->count > 0 ? sync_highest_code(s, room) : NULL;
	limit_reply_ok(
	    s, lowest, code, move ? "Move completed" : "Copy completed");
	buf_free(&copied);
}

/* UIDs of messages that are gone are as good as none (RFC 3501, 6.4.8). True:
 * there were some. */
static bool
pass_over_gone(struct session *s, struct numbers *n)
{
	size_t kept = 0, had = n->count;

	if (!s->uid)
		return false;
	for (size_t i = 0; i < had; i++)
		if ((view_at(s->view, n->list[i])->bits & MSG_GONE) == 0)
			n->list[kept++] = n->list[i];
	n->count = kept;
	return kept < had;
}

/* What is gone and was not known to be comes to light on the way: then again,
 * without it. */
static int
copy_there(struct session *s, struct numbers *n, struct copy_job *job,
    struct copy_result *result, struct why *why)
{
	int got;

	(void)pass_over_gone(s, n);
	for (;;) {
		job->at = n->list;
		job->count = n->count;
		got = copy_messages(job, result, why);
		if (got == 0 || errno != ENOENT || !s->uid)
			return got;
		if (view_sync(s->view, why) == -1)
			return -1;
		if (!pass_over_gone(s, n)) {
			errno = ENOENT;
			return -1;
		}
	}
}

/* What goes to the outbox is sent first; false: it was answered. */
static bool
sent_where_asked(struct session *s, struct numbers *n, const struct maildir *to)
{
	if (!outbox_is(s, to))
		return true;
	(void)pass_over_gone(s, n);
	return outbox_send_numbers(s, n);
}

static void
transfer(struct session *s, struct numbers *n, struct maildir *to,
    unsigned rights, bool move)
{
	uint32_t lowest = move ? limit_cut(s, n) : 0;
	struct copy_job job = { .from = s->view,
		.to = to,
		.tree = s->tree,
		.move = move,
		.drop_flags = ~rights_flags(rights),
		.drop_keywords = (rights & ACL_WRITE) == 0 };
	struct copy_result result = { .uids = NULL };
	struct why why;
	int error;

	why_init(&why);
	if (!move && !has_room(s, n)) {
		reply_no(s, "OVERQUOTA", "The mailbox is full");
	} else if (!sent_where_asked(s, n, to)) {
		/* answered */
	} else if (copy_there(s, n, &job, &result, &why) == 0) {
		/* who may not read there learns nothing of it (RFC 4315, 3) */
		if ((rights & ACL_READ) == 0)
			result.validity = 0;
		answer_done(s, n, &result, move, lowest);
	} else {
		error = errno;
		log_warning("%s", why_text(&why));
		sync_tell(s, s->uid);
		errno = error;
		if (outbox_is(s, to))
			reply_no(s, NULL, OUTBOX_NOT_KEPT);
		else if (error == ENOENT)
			reply_no(s, "EXPUNGEISSUED", why_text(&why));
		else
			reply_trouble(s, &why);
	}
	free(result.uids);
	why_free(&why);
}

/* To move is to copy, to mark and to expunge (RFC 6851, 4.4). */
static bool
may_move(struct session *s)
{
	const unsigned need = ACL_DELETED | ACL_EXPUNGE;

	if (view_read_only(s->view))
		reply_no(s, NULL, "The mailbox is selected read-only");
	else if ((s->rights & need) != need)
		reply_no(s, "NOPERM", "You may not take messages away here");
	else
		return true;
	return false;
}

static void
copy_or_move(struct session *s, struct span args, bool move)
{
	struct rights r = { .need = ACL_INSERT };
	struct maildir *to;
	struct numbers n;
	struct span name;
	struct why why;

	if (!numbers_take(s, &args, &n))
		return;
	why_init(&why);
	if (!reply_take_mailbox(s, &args, &name) ||
	    !session_args_end(s, args)) {
		/* answered */
	} else if (move && !may_move(s)) {
		/* answered */
	} else if (!move && limit_passed(s, n.count)) {
		limit_refuse(s); /* a half of it would be done again */
	} else if (share_can(s) && shared_has(s->conf, name)) {
		visit_copy_out(s, &n, name, move);
	} else {
		to = rights_folder(s, name, &r, &why);
		if (to == NULL && r.got == TREE_MISSING)
			reply_no(s, "TRYCREATE", why_text(&why));
		else if (to == NULL)
			reply_tree(s, r.got, &why);
		else
			transfer(s, &n, to, r.has, move);
		maildir_close(&to);
	}
	why_free(&why);
	numbers_free(&n);
}

void
cmd_copy(struct session *s, struct span args)
{
	copy_or_move(s, args, false);
}

void
cmd_move(struct session *s, struct span args)
{
	copy_or_move(s, args, true);
}
