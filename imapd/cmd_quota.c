/*
 * cmd_quota.c - GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208)
 *
 * All folders of a user share one root, called as Courier calls it. Limits are
 * the administrator's to set.
 */

#include <inttypes.h>

#include "base/log.h"
#include "base/why.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "mailbox/maildir.h"
#include "mailbox/quota.h"
#include "mailbox/tree.h"
#include "wire/imap_parse.h"

#define ROOT "ROOT"

/* STORAGE counts in units of 1,024 octets. */
static int
put_quota(struct session *s, struct why *why)
{
	struct quota_usage used = { 0, 0 };
	const char *blank = "";

	if ((s->quota.bytes > 0 || s->quota.count > 0) &&
	    quota_read(
		maildir_dir(tree_inbox(s->tree)), &s->quota, &used, why) == -1)
		return -1;
	stream_printf(s->io, "* QUOTA \"" ROOT "\" (");
	if (s->quota.bytes > 0) {
		stream_printf(s->io, "STORAGE %" PRIu64 " %" PRIu64,
		    (used.bytes + 1023) / 1024, s->quota.bytes / 1024);
		blank = " ";
	}
	if (s->quota.count > 0)
		stream_printf(s->io, "%sMESSAGE %" PRIu64 " %" PRIu64, blank,
		    used.count, s->quota.count);
	stream_printf(s->io, ")\r\n");
	return 0;
}

static void
answer(struct session *s, const char *done)
{
	struct why why;

	why_init(&why);
	if (put_quota(s, &why) == -1) {
		log_warning("%s", why_text(&why));
		reply_trouble(s, &why);
	} else {
		sync_tell(s, true);
		reply_ok(s, NULL, done);
	}
	why_free(&why);
}

void
cmd_getquota(struct session *s, struct span args)
{
	struct span root;

	if (!imap_space(&args) || !imap_astring(s->a, &args, &root) ||
	    !imap_end(args))
		reply_bad(s, "GETQUOTA wants a quota root");
	else if (!span_is(root, ROOT))
		reply_no(s, "NONEXISTENT", "There is no such quota root");
	else
		answer(s, "Getquota completed");
}

void
cmd_getquotaroot(struct session *s, struct span args)
{
	struct buf line = BUF_EMPTY;
	struct span name;

	if (!reply_take_mailbox(s, &args, &name) || !session_args_end(s, args))
		return;
	buf_add_str(&line, "* QUOTAROOT ");
	reply_put_mailbox(s, &line, name);
	buf_add_str(&line, " \"" ROOT "\"\r\n");
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
	answer(s, "Getquotaroot completed");
}

/* "(" [name SP limit *(SP name SP limit)] ")" */
static bool
limits(struct span *args)
{
	uint64_t limit;
	struct span name;

	if (!imap_char(args, '('))
		return false;
	if (imap_char(args, ')'))
		return true;
	do {
		if (!imap_atom(args, &name) || !imap_space(args) ||
		    !imap_number64(args, &limit))
			return false;
	} while (imap_space(args));
	return imap_char(args, ')');
}

/* QUOTASET is not announced. */
void
cmd_setquota(struct session *s, struct span args)
{
	struct span root;

	if (!imap_space(&args) || !imap_astring(s->a, &args, &root) ||
	    !imap_space(&args) || !limits(&args) || !imap_end(args))
		reply_bad(s, "SETQUOTA wants a quota root and limits");
	else
		reply_no(s, "NOPERM", "Limits are set by the administrator");
}
