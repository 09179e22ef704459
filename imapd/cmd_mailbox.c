/*
 * cmd_mailbox.c - CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501,
 * 6.3.3 to 6.3.7)
 */

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/why.h"
#include "imapd/objectid.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/select.h"
#include "imapd/session.h"
#include "imapd/shared.h"
#include "imapd/sync.h"
#include "mailbox/copy.h"
#include "mailbox/maildir.h"
#include "mailbox/metadata.h"
#include "mailbox/subs.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"

struct done {
	const char *code, *text;
};

static void
answer_with(struct session *s, enum tree_result got, struct why *why,
    const struct done *done)
{
	sync_tell(s, true);
	if (got == TREE_DONE) {
		reply_ok(s, done->code, done->text);
		return;
	}
	if (got == TREE_TROUBLE)
		log_warning("%s", why_text(why));
	reply_tree(s, got, why);
}

static void
answer(
    struct session *s, enum tree_result got, struct why *why, const char *done)
{
	const struct done plain = { NULL, done };

	answer_with(s, got, why, &plain);
}

/* A separator at the end says that folders will be made below (RFC 3501,
 * 6.3.3); here that needs no saying. */
static struct span
without_separator(const struct session *s, struct span name)
{
	if (name.n > 1 && name.p[name.n - 1] == tree_conf(s->tree)->separator)
		name.n--;
	return name;
}

/* What a new name must not have, though an old one may (RFC 6855, 3): further
 * controls, and what separates lines. */
static bool
may_be_new(struct session *s, struct span name)
{
	while (name.n > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(name, &c);

		if ((c >= 0x80 && c < 0xa0) || c == 0x2028 || c == 0x2029) {
			reply_no(s, "CANNOT",
			    "The name has a character that cannot be");
			return false;
		}
		name = span_skip(name, n == 0 ? 1 : n);
	}
	return true;
}

/* It may be made, is, and has the list of the folder above. Until that is
 * written it is its owner's alone. */
static enum tree_result
make(struct session *s, struct span name, struct why *why)
{
	enum tree_result got = rights_below(s, name, why);

	if (got == TREE_DONE)
		got = tree_make(s->tree, name, why);
	if (got == TREE_DONE && rights_inherit(s, name, why) == -1)
		got = TREE_TROUBLE;
	return got;
}

/* It is there, and these rights are too. */
static enum tree_result
may(struct session *s, struct span name, unsigned need, struct why *why)
{
	struct rights r = { .need = need };
	struct maildir *m;

	if (!s->conf->acl)
		return TREE_DONE;
	m = rights_folder(s, name, &r, why);
	maildir_close(&m);
	return r.got;
}

/* The response code that names the new folder (RFC 8474, 4.1). */
static void
name_folder(struct session *s, struct span name, struct buf *code)
{
	struct view_status st = { .want_bytes = false };
	enum tree_result got;
	struct maildir *m;
	struct why why;

	why_init(&why);
	m = tree_folder(s->tree, name, &got, &why);
	if (m != NULL && view_status(&m, s->tree, &st, &why) == 0)
		objectid_put_mailbox(code, st.head.guid);
	else
		log_warning("%s", why_text(&why));
	why_free(&why);
}

void
cmd_create(struct session *s, struct span args)
{
	struct buf code = BUF_EMPTY;
	enum tree_result got;
	struct span name;
	struct why why;

	if (!reply_take_mailbox(s, &args, &name) || !session_args_end(s, args))
		return;
	if (!may_be_new(s, name))
		return;
	why_init(&why);
	name = without_separator(s, name);
	got = make(s, name, &why);
	if (got == TREE_DONE)
		name_folder(s, name, &code);
	answer_with(s, got, &why,
	    &(struct done){
		code.n > 0 ? buf_str(&code) : NULL, "Create completed" });
	buf_free(&code);
	why_free(&why);
}

void
cmd_delete(struct session *s, struct span args)
{
	enum tree_result got;
	struct span name;
	struct why why;

	if (!reply_take_mailbox(s, &args, &name) || !session_args_end(s, args))
		return;
	why_init(&why);
	got = may(s, name, ACL_DELETE, &why);
	if (got == TREE_DONE)
		got = tree_remove(s->tree, name, &why);
	if (got == TREE_DONE && s->view != NULL &&
	    span_eq(reply_full_name(s, name),
		reply_full_name(s, buf_span(&s->selected))))
		select_leave(s);
	answer(s, got, &why, "Delete completed");
	why_free(&why);
}

/* All messages of INBOX go to a new folder, INBOX stays (RFC 3501, 6.3.5). */
static int
move_inbox(struct session *s, struct maildir *to, struct why *why)
{
	const struct view_conf conf = { .tree = s->tree };
	struct maildir *m = maildir_again(tree_inbox(s->tree), why);
	struct view *v = m == NULL ? NULL : view_open(&m, &conf, why);
	struct copy_job job = {
		.from = v, .to = to, .tree = s->tree, .move = true
	};
	struct copy_result result = { .uids = NULL };
	uint32_t *all;
	int got;

	if (v == NULL)
		return -1;
	job.count = view_count(v);
	all = mem_array(job.count + 1, sizeof(*all));
	for (size_t i = 0; i < job.count; i++)
		all[i] = (uint32_t)i;
	job.at = all;
	got = copy_messages(&job, &result, why);
	free(result.uids);
	free(all);
	view_close(&v);
	return got;
}

static enum tree_result
rename_inbox(struct session *s, struct span to, struct why *why)
{
	enum tree_result got =
	    may(s, SPAN("INBOX"), ACL_READ | ACL_DELETED | ACL_EXPUNGE, why);
	struct maildir *m;

	if (got == TREE_DONE)
		got = make(s, to, why);
	if (got != TREE_DONE)
		return got;
	m = tree_folder(s->tree, to, &got, why);
	if (m == NULL)
		return got;
	if (move_inbox(s, m, why) == -1)
		got = TREE_TROUBLE;
	/* what is noted of INBOX stays, and goes along (RFC 5464, 4.1) */
	else if (metadata_copy(tree_inbox(s->tree), m, why) == -1)
		log_warning("%s", why_text(why));
	maildir_close(&m);
	return got;
}

/* The folder itself is what must be the client's to take away; those below it
 * go along, whatever their lists say, and keep them (RFC 4314, 4). A name that
 * has folders below it and is none itself has no list: it is the owner's. */
static enum tree_result
may_rename(struct session *s, struct span from, struct why *why)
{
	enum tree_result got = may(s, from, ACL_DELETE, why);

	if (got == TREE_MISSING && s->who.owner) {
		why_free(why);
		why_init(why);
		got = TREE_DONE; /* tree_rename() knows */
	}
	return got;
}

static enum tree_result
rename_folder(
    struct session *s, struct span from, struct span to, struct why *why)
{
	enum tree_result got = may_rename(s, from, why);

	if (got == TREE_DONE)
		got = rights_below(s, to, why);
	if (got == TREE_DONE &&
	    rights_settle(s, reply_full_name(s, from), why) == -1)
		got = TREE_TROUBLE;
	if (got == TREE_DONE)
		got = tree_rename(s->tree, from, to, why);
	return got;
}

/* The selected folder, or one above it, has another name now: DELETE and a
 * parked session go by it. */
static void
follow_renamed(struct session *s, struct span from, struct span to)
{
	struct span rest = reply_full_name(s, buf_span(&s->selected));
	struct buf name = BUF_EMPTY;

	from = reply_full_name(s, from);
	if (s->view == NULL || !span_eq(span_head(rest, from.n), from))
		return;
	rest = span_skip(rest, from.n);
	if (rest.n > 0 && rest.p[0] != tree_conf(s->tree)->separator)
		return;
	buf_add_span(&name, reply_full_name(s, to));
	buf_add_span(&name, rest);
	buf_free(&s->selected);
	s->selected = name;
}

static void
tell_renamed(struct session *s, struct span from, struct span to)
{
	struct buf line = BUF_EMPTY;

	reply_put_list(
	    s, &line, reply_full_name(s, to), reply_full_name(s, from));
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
}

void
cmd_rename(struct session *s, struct span args)
{
	enum tree_result got;
	struct span from, to;
	struct why why;

	if (!reply_take_mailbox(s, &args, &from) ||
	    !reply_take_mailbox(s, &args, &to) || !session_args_end(s, args))
		return;
	if (!may_be_new(s, to))
		return;
	why_init(&why);
	to = without_separator(s, to);
	if (span_iis(from, "INBOX"))
		got = rename_inbox(s, to, &why);
	else
		got = rename_folder(s, from, to, &why);
	if (got == TREE_DONE && !span_iis(from, "INBOX"))
		follow_renamed(s, from, to);
	if (got == TREE_DONE && (s->enabled & ENABLED_REV2) != 0 &&
	    !span_iis(from, "INBOX"))
		tell_renamed(s, from, to);
	answer(s, got, &why, "Rename completed");
	why_free(&why);
}

static void
subscribe(struct session *s, struct span args, bool on)
{
	struct span name;
	struct why why;
	int got;

	if (!reply_take_mailbox(s, &args, &name) || !session_args_end(s, args))
		return;
	why_init(&why);
	if (!shared_has(s->conf, name))
		name = reply_full_name(s, name);
	got = subs_set(s->tree, name, on, &why);
	sync_tell(s, true);
	if (got == -1)
		reply_trouble(s, &why);
	else
		reply_ok(s, NULL,
		    on ? "Subscribe completed" : "Unsubscribe completed");
	why_free(&why);
}

void
cmd_subscribe(struct session *s, struct span args)
{
	subscribe(s, args, true);
}

void
cmd_unsubscribe(struct session *s, struct span args)
{
	subscribe(s, args, false);
}
