/*
 * cmd_acl.c - GETACL, SETACL, DELETEACL, LISTRIGHTS, MYRIGHTS (RFC 4314)
 *
 * A user is named as he logs in, a group as "group=NAME" or "$NAME"; besides
 * there are "anyone", "authenticated", "owner" and "administrators", which is
 * the group of that name. A dash before any of them takes rights away.
 */

#include <errno.h>

#include "base/log.h"
#include "base/why.h"
#include "imapd/acl.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/sync.h"
#include "mailbox/acl_file.h"
#include "mailbox/maildir.h"
#include "wire/imap_parse.h"

/* The folder, by whoever may change its list; and that. False: answered. */
struct listed {
	struct maildir *m;
	struct buf name; /* of the place */
	struct acl_place place;
};

static bool
listed_open(struct session *s, struct span folder, struct listed *l)
{
	struct rights r = { .need = ACL_ADMIN };
	struct why why;

	*l = (struct listed){ .m = NULL };
	if (!s->conf->acl) {
		reply_no(s, "CANNOT", "Lists of rights are turned off");
		return false;
	}
	why_init(&why);
	l->m = rights_folder(s, folder, &r, &why);
	if (l->m == NULL)
		reply_tree(s, r.got, &why);
	else
		rights_place(
		    s, reply_full_name(s, folder), l->m, &l->place, &l->name);
	why_free(&why);
	return l->m != NULL;
}

static void
listed_close(struct listed *l)
{
	maildir_close(&l->m);
	buf_free(&l->name);
}

static bool
take_id(
    struct session *s, struct span *args, struct span *raw, struct acl_entry *e)
{
	if (imap_space(args) && imap_astring(s->a, args, raw) &&
	    acl_id_take(s->a, *raw, &e->id, &e->minus))
		return true;
	reply_bad(s, "That is no identifier");
	return false;
}

static void
put_id(const struct session *s, struct buf *out, struct span id)
{
	if ((s->enabled & (ENABLED_UTF8 | ENABLED_REV2)) != 0)
		imap_put_utf8(out, id);
	else
		imap_put_astring(out, id);
}

static void
put_rights(struct buf *out, unsigned rights)
{
	struct buf text = BUF_EMPTY;

	acl_rights_put(&text, rights, true);
	imap_put_astring(out, buf_span(&text));
	buf_free(&text);
}

/* The entry speaks of the owner, who never loses some rights. */
static bool
is_owners(const struct session *s, const struct acl_entry *e)
{
	return !e->minus &&
	    (span_is(e->id, "owner") ||
		(span_starts(e->id, "user=") &&
		    span_eq(span_skip(e->id, 5), s->start->user)));
}

static void
put_entry(const struct session *s, struct buf *out, const struct acl_entry *e)
{
	struct buf id = BUF_EMPTY;

	acl_id_put(&id, e);
	buf_add_byte(out, ' ');
	put_id(s, out, buf_span(&id));
	buf_add_byte(out, ' ');
	put_rights(out, e->rights | (is_owners(s, e) ? ACL_OWNERS : 0));
	buf_free(&id);
}

static void
put_acl(struct session *s, struct span folder, const struct acl *acl)
{
	const struct acl_entry all = { SPAN("owner"), false, ACL_ALL };
	struct buf line = BUF_EMPTY;
	bool owner = false;

	buf_add_str(&line, "* ACL ");
	reply_put_mailbox(s, &line, folder);
	for (size_t i = 0; i < acl->count; i++)
		owner = owner || is_owners(s, &acl->list[i]);
	if (!owner)
		put_entry(s, &line, &all);
	for (size_t i = 0; i < acl->count; i++)
		put_entry(s, &line, &acl->list[i]);
	buf_add_str(&line, "\r\n");
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
}

void
cmd_getacl(struct session *s, struct span args)
{
	struct listed l;
	struct span folder;
	struct acl acl;
	struct why why;

	if (!reply_take_mailbox(s, &args, &folder) ||
	    !session_args_end(s, args) || !listed_open(s, folder, &l))
		return;
	why_init(&why);
	if (acl_file_read(&l.place, s->a, &acl, &why) == -1) {
		log_warning("%s", why_text(&why));
		reply_trouble(s, &why);
	} else {
		put_acl(s, folder, &acl);
		sync_tell(s, true);
		reply_ok(s, NULL, "Getacl completed");
	}
	why_free(&why);
	listed_close(&l);
}

static void
change(struct session *s, struct span folder, enum acl_op op,
    const struct acl_entry *e, const char *done)
{
	struct listed l;
	struct why why;
	enum acl_file_result got;
	int error;

	if (!listed_open(s, folder, &l))
		return;
	why_init(&why);
	got = acl_file_change(&l.place, op, e, &why);
	error = errno;
	if (got == ACL_FILE_TROUBLE)
		log_warning("%s", why_text(&why));
	else if (got == ACL_FILE_DONE)
		share_tell(s);
	sync_tell(s, true);
	errno = error;
	switch (got) {
	case ACL_FILE_DONE:
		reply_ok(s, NULL, done);
		break;
	case ACL_FILE_TOO_MANY:
		reply_no(s, "LIMIT", "The list is full");
		break;
	case ACL_FILE_TROUBLE:
		reply_trouble(s, &why);
		break;
	}
	why_free(&why);
	listed_close(&l);
}

void
cmd_setacl(struct session *s, struct span args)
{
	struct span folder, raw, rights;
	enum acl_op op = ACL_SET;
	struct acl_entry e;

	if (!reply_take_mailbox(s, &args, &folder) ||
	    !take_id(s, &args, &raw, &e))
		return;
	if (!imap_space(&args) || !imap_astring(s->a, &args, &rights) ||
	    !imap_end(args)) {
		reply_bad(
		    s, "SETACL wants a mailbox, an identifier and rights");
		return;
	}
	if (span_at(rights, 0) == '+')
		op = ACL_ADD;
	else if (span_at(rights, 0) == '-')
		op = ACL_REMOVE;
	if (op != ACL_SET)
		rights = span_skip(rights, 1);
	if (!acl_rights_parse(rights, &e.rights)) {
		reply_bad(s, "One of the rights is not known here");
		return;
	}
	change(s, folder, op, &e, "Setacl completed");
}

void
cmd_deleteacl(struct session *s, struct span args)
{
	struct span folder, raw;
	struct acl_entry e = { .rights = 0 };

	if (reply_take_mailbox(s, &args, &folder) &&
	    take_id(s, &args, &raw, &e) && session_args_end(s, args))
		change(s, folder, ACL_FORGET, &e, "Deleteacl completed");
}

/* Rights are not tied to one another (2.1.1). */
void
cmd_listrights(struct session *s, struct span args)
{
	struct buf line = BUF_EMPTY;
	struct span folder, raw;
	struct acl_entry e;
	struct listed l;

	if (!reply_take_mailbox(s, &args, &folder) ||
	    !take_id(s, &args, &raw, &e) || !session_args_end(s, args) ||
	    !listed_open(s, folder, &l))
		return;
	listed_close(&l);
	buf_add_str(&line, "* LISTRIGHTS ");
	reply_put_mailbox(s, &line, folder);
	buf_add_byte(&line, ' ');
	put_id(s, &line, raw);
	buf_add_str(&line,
	    is_owners(s, &e) ? " la r s w i p k x t e c d\r\n"
			     : " \"\" l r s w i p k x t e a c d\r\n");
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
	sync_tell(s, true);
	reply_ok(s, NULL, "Listrights completed");
}

void
acl_put_my_rights(struct session *s, struct span folder, unsigned rights)
{
	struct buf line = BUF_EMPTY;

	buf_add_str(&line, "* MYRIGHTS ");
	reply_put_mailbox(s, &line, folder);
	buf_add_byte(&line, ' ');
	put_rights(&line, rights);
	buf_add_str(&line, "\r\n");
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
}

void
cmd_myrights(struct session *s, struct span args)
{
	struct rights r = { .any = ACL_LOOKUP | ACL_READ | ACL_INSERT |
		    ACL_CREATE | ACL_DELETE | ACL_ADMIN };
	struct maildir *m;
	struct span folder;
	struct why why;

	if (!reply_take_mailbox(s, &args, &folder) ||
	    !session_args_end(s, args))
		return;
	if (!s->conf->acl) {
		reply_no(s, "CANNOT", "Lists of rights are turned off");
		return;
	}
	why_init(&why);
	m = rights_folder(s, folder, &r, &why);
	if (m == NULL) {
		reply_tree(s, r.got, &why);
	} else {
		acl_put_my_rights(s, folder, r.has);
		sync_tell(s, true);
		reply_ok(s, NULL, "Myrights completed");
	}
	maildir_close(&m);
	why_free(&why);
}
