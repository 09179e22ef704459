/*
 * commands.c - the table of commands, and those that are a few lines
 *
 * CAPABILITY NOOP LOGOUT CHECK ID ENABLE NAMESPACE.
 */

#include <inttypes.h>

#include "imapd/capability.h"
#include "imapd/leave.h"
#include "imapd/outbox.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/sync.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "message/utf7.h"
#include "wire/imap_parse.h"

enum {
	ANY = STATE_AUTH | STATE_SELECTED,
	SELECTED = STATE_SELECTED,
};

static const struct command commands[] = {
	{ "APPEND", cmd_append, ANY, false, true, true },
	{ "CANCELUPDATE", cmd_cancelupdate, SELECTED, false, false, false },
	{ "CAPABILITY", cmd_capability, ANY, false, true, false },
	{ "CHECK", cmd_check, SELECTED, false, true, false },
	{ "CLOSE", cmd_close, SELECTED, false, false, true },
	{ "COMPRESS", cmd_compress, ANY, false, true, false },
	{ "COPY", cmd_copy, SELECTED, true, true, true },
	{ "CREATE", cmd_create, ANY, false, true, true },
	{ "DELETE", cmd_delete, ANY, false, true, true },
	{ "DELETEACL", cmd_deleteacl, ANY, false, true, false },
	{ "ENABLE", cmd_enable, ANY, false, false, false },
	{ "ESEARCH", cmd_esearch, ANY, false, true, false },
	{ "EXAMINE", cmd_examine, ANY, false, false, true },
	{ "EXPUNGE", cmd_expunge, SELECTED, true, true, true },
	{ "FETCH", cmd_fetch, SELECTED, true, false, false },
	{ "GETACL", cmd_getacl, ANY, false, true, false },
	{ "GETMETADATA", cmd_getmetadata, ANY, false, true, false },
	{ "GETQUOTA", cmd_getquota, ANY, false, true, false },
	{ "GETQUOTAROOT", cmd_getquotaroot, ANY, false, true, false },
	{ "ID", cmd_id, ANY, false, false, false },
	{ "IDLE", cmd_idle, ANY, false, true, false },
	{ "LIST", cmd_list, ANY, false, true, false },
	{ "LISTRIGHTS", cmd_listrights, ANY, false, true, false },
	{ "LOGOUT", cmd_logout, ANY, false, false, false },
	{ "LSUB", cmd_lsub, ANY, false, true, false },
	{ "MOVE", cmd_move, SELECTED, true, true, true },
	{ "MYRIGHTS", cmd_myrights, ANY, false, true, false },
	{ "NAMESPACE", cmd_namespace, ANY, false, true, false },
	{ "NOOP", cmd_noop, ANY, false, true, false },
	{ "NOTIFY", cmd_notify, ANY, false, true, false },
	{ "RENAME", cmd_rename, ANY, false, true, true },
	{ "REPLACE", cmd_replace, SELECTED, true, true, true },
	{ "SEARCH", cmd_search, SELECTED, true, false, false },
	{ "SELECT", cmd_select, ANY, false, false, true },
	{ "SETACL", cmd_setacl, ANY, false, true, false },
	{ "SETMETADATA", cmd_setmetadata, ANY, false, true, true },
	{ "SETQUOTA", cmd_setquota, ANY, false, true, false },
	{ "SORT", cmd_sort, SELECTED, true, false, false },
	{ "STATUS", cmd_status, ANY, false, true, false },
	{ "STORE", cmd_store, SELECTED, true, false, false },
	{ "SUBSCRIBE", cmd_subscribe, ANY, false, true, true },
	{ "THREAD", cmd_thread, SELECTED, true, false, false },
	{ "UNAUTHENTICATE", cmd_unauthenticate, ANY, false, false, false },
	{ "UNSELECT", cmd_unselect, SELECTED, false, false, true },
	{ "UNSUBSCRIBE", cmd_unsubscribe, ANY, false, true, true },
};

const struct command *
command_find(struct span name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (span_iis(name, commands[i].name))
			return &commands[i];
	return NULL;
}

void
capability_put(const struct session *s, struct buf *out)
{
	buf_add_str(out,
	    "IMAP4rev2 IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE UIDPLUS "
	    "UNSELECT "
	    "MOVE CHILDREN SPECIAL-USE LIST-EXTENDED LIST-STATUS ESEARCH "
	    "SEARCHRES CONDSTORE QRESYNC SORT ESORT SORT=DISPLAY "
	    "THREAD=ORDEREDSUBJECT "
	    "THREAD=REFERENCES MULTIAPPEND CATENATE REPLACE BINARY WITHIN "
	    "STATUS=SIZE "
	    "SAVEDATE "
	    "OBJECTID "
	    "PREVIEW PARTIAL INPROGRESS UIDONLY UTF8=ACCEPT CONTEXT=SEARCH "
	    "CONTEXT=SORT MULTISEARCH METADATA LIST-METADATA NOTIFY "
	    "I18NLEVEL=1 QUOTA "
	    "QUOTA=RES-STORAGE "
	    "QUOTA=RES-MESSAGE ");
	if (leave_can(s))
		buf_add_str(out, "UNAUTHENTICATE ");
	if (!stream_compressed(s->io))
		buf_add_str(out, "COMPRESS=DEFLATE ");
	if (s->conf->acl)
		buf_add_str(out, "ACL RIGHTS=kxte LIST-MYRIGHTS ");
	if (s->conf->message_most > 0)
		buf_printf(
		    out, "MESSAGELIMIT=%" PRIu64 " ", s->conf->message_most);
	buf_add_str(out, "APPENDLIMIT");
	/* without a number, STATUS tells the limit or that there is none */
	if (s->conf->append_most > 0)
		buf_printf(out, "=%" PRIu64, s->conf->append_most);
	outbox_capability(s, out);
}

void
cmd_capability(struct session *s, struct span args)
{
	struct buf caps = BUF_EMPTY;

	if (!session_args_end(s, args))
		return;
	capability_put(s, &caps);
	stream_printf(s->io, "* CAPABILITY %s\r\n", buf_str(&caps));
	buf_free(&caps);
	sync_tell(s, true);
	reply_ok(s, NULL, "Capability completed");
}

void
cmd_noop(struct session *s, struct span args)
{
	if (!session_args_end(s, args))
		return;
	sync_tell(s, true);
	reply_ok(s, NULL, "NOOP completed");
}

/* RFC 4978. Nothing may be pipelined behind it: what was is taken for
 * compressed. */
void
cmd_compress(struct session *s, struct span args)
{
	if (!imap_space(&args) || !imap_is_word(&args, "DEFLATE") ||
	    !imap_end(args)) {
		reply_bad(s, "COMPRESS wants DEFLATE");
		return;
	}
	if (stream_compressed(s->io)) {
		reply_no(s, "COMPRESSIONACTIVE", "It is compressed already");
		return;
	}
	reply_ok(s, NULL, "What follows is compressed");
	stream_compress(s->io);
}

void
cmd_check(struct session *s, struct span args)
{
	if (!session_args_end(s, args))
		return;
	sync_tell(s, true);
	reply_ok(s, NULL, "Check completed");
}

void
cmd_logout(struct session *s, struct span args)
{
	if (!session_args_end(s, args))
		return;
	reply_bye(s, "Logging out");
	reply_ok(s, NULL, "Logout completed");
}

/* "(" string SP nstring *(SP string SP nstring) ")" */
static bool
id_list(struct session *s, struct span *args)
{
	struct span word;

	if (!imap_char(args, '('))
		return false;
	if (imap_char(args, ')'))
		return true;
	do {
		if (!imap_string(s->a, args, &word) || !imap_space(args) ||
		    !(imap_is_word(args, "NIL") ||
			imap_string(s->a, args, &word)))
			return false;
	} while (imap_space(args));
	return imap_char(args, ')');
}

/* RFC 2971. What the client says of itself is not kept. */
void
cmd_id(struct session *s, struct span args)
{
	if (!imap_space(&args) ||
	    !(imap_is_word(&args, "NIL") || id_list(s, &args)) ||
	    !imap_end(args)) {
		reply_bad(s, "ID wants a list or NIL");
		return;
	}
	stream_printf(s->io, "* ID (\"name\" \"Facteur\")\r\n");
	reply_ok(s, NULL, "ID completed");
}

static unsigned
enabled_bits(const struct session *s, struct span name)
{
	if (span_iis(name, "CONDSTORE"))
		return ENABLED_CONDSTORE;
	if (span_iis(name, "QRESYNC"))
		return ENABLED_QRESYNC | ENABLED_CONDSTORE;
	/* names would change their form under a selected mailbox (RFC 6855, 3)
	 */
	if (span_iis(name, "UTF8=ACCEPT") && s->state == STATE_AUTH)
		return ENABLED_UTF8;
	if (span_iis(name, "IMAP4rev2") && s->state == STATE_AUTH)
		return ENABLED_REV2;
	if (span_iis(name, "UIDONLY"))
		return ENABLED_UIDONLY;
	return 0;
}

/* RFC 5161: an answer to each, also when nothing of it is known. It names what
 * is on now of what was asked for. */
void
cmd_enable(struct session *s, struct span args)
{
	struct span word;
	unsigned bits = 0, count = 0;

	while (imap_space(&args)) {
		if (!imap_atom(&args, &word))
			break;
		bits |= enabled_bits(s, word);
		count++;
	}
	if (count == 0 || !imap_end(args)) {
		reply_bad(s, "ENABLE wants names of capabilities");
		return;
	}
	if ((bits & ENABLED_CONDSTORE) != 0)
		sync_condstore(s);
	s->enabled |= bits;
	stream_printf(s->io, "* ENABLED%s%s%s%s%s\r\n",
	    (bits & ENABLED_CONDSTORE) != 0 ? " CONDSTORE" : "",
	    (bits & ENABLED_QRESYNC) != 0 ? " QRESYNC" : "",
	    (bits & ENABLED_UIDONLY) != 0 ? " UIDONLY" : "",
	    (bits & ENABLED_UTF8) != 0 ? " UTF8=ACCEPT" : "",
	    (bits & ENABLED_REV2) != 0 ? " IMAP4rev2" : "");
	reply_ok(s, NULL, "Enable completed");
}

/* "((prefix separator)) " */
static void
put_namespace(const struct session *s, struct buf *out, struct span prefix)
{
	bool utf8 = (s->enabled & (ENABLED_UTF8 | ENABLED_REV2)) != 0;
	struct buf utf7 = BUF_EMPTY;

	buf_add_str(out, "((");
	if (!utf8 && utf7_from_utf8(&utf7, prefix))
		prefix = buf_span(&utf7);
	imap_put_string(out, prefix);
	buf_printf(out, " \"%c\")) ", tree_conf(s->tree)->separator);
	buf_free(&utf7);
}

void
cmd_namespace(struct session *s, struct span args)
{
	const struct folder_conf *c = tree_conf(s->tree);
	struct buf line = BUF_EMPTY;
	struct buf prefix = BUF_EMPTY;

	if (!session_args_end(s, args))
		return;
	buf_add_str(&line, "* NAMESPACE ");
	put_namespace(s, &line, span_str(c->prefix));
	if (share_can(s)) {
		buf_printf(&prefix, "%s%c", s->conf->shared, c->separator);
		put_namespace(s, &line, buf_span(&prefix));
		buf_free(&prefix);
	} else {
		buf_add_str(&line, "NIL ");
	}
	buf_add_str(&line, "NIL\r\n");
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
	sync_tell(s, true);
	reply_ok(s, NULL, "Namespace completed");
}
