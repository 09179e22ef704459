/*
 * cmd_list.c - LIST, LSUB, STATUS (RFC 3501, 6.3.8 to 6.3.10; RFC 5258, 5819,
 * 6154)
 *
 * One table holds each name that is there, is a parent of one that is there, or
 * is subscribed to; LIST and LSUB are two ways of looking at it.
 */

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/table.h"
#include "base/why.h"
#include "imapd/acl.h"
#include "imapd/guest.h"
#include "imapd/metadata.h"
#include "imapd/objectid.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/shared.h"
#include "imapd/status.h"
#include "imapd/sync.h"
#include "imapd/uses.h"
#include "imapd/visit.h"
#include "mailbox/maildir.h"
#include "mailbox/subs.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "message/utf7.h"
#include "wire/imap_list.h"
#include "wire/imap_parse.h"

struct row {
	struct span name;
	bool exists, has_children;
	bool elsewhere; /* it is another user's */
	bool subscribed;
	bool below; /* some name below it is subscribed */
	/* some folder, or subscribed name, below it is not asked for */
	bool hides_folder, hides_subscribed;
	const char *use; /* \Sent and so on, or NULL */
};

struct listing {
	struct session *s;
	const struct imap_list *asked;
	struct span *patterns; /* in UTF-8, with the reference */
	bool *bare; /* of each: it asks for names without the prefix */
	struct table *names;
	struct row *rows;
	size_t count;
};

static struct row *
row_of(struct listing *l, struct span name)
{
	struct row *r = table_get(l->names, name);

	if (r != NULL)
		return r;
	r = arena_alloc(l->s->a, sizeof(*r));
	r->name = arena_span(l->s->a, name);
	(void)table_put(l->names, name, r);
	return r;
}

static int
row_cmp(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	bool x_inbox = span_is(x->name, "INBOX");
	bool y_inbox = span_is(y->name, "INBOX");

	if (x_inbox != y_inbox)
		return x_inbox ? -1 : 1;
	return span_cmp(x->name, y->name);
}

/* "inbox" in any case, whole or as a first part, is INBOX. */
static void
fix_inbox(struct buf *pattern, char separator)
{
	struct span p = buf_span(pattern);

	if (span_istarts(p, "INBOX") &&
	    (p.n == 5 || p.p[5] == separator || p.p[5] == '%' || p.p[5] == '*'))
		memcpy(pattern->p, "INBOX", 5);
}

/* It begins as no name does that has the prefix: it is of one of the names that
 * folders have without it. */
static bool
is_bare(const struct session *s, struct span pattern)
{
	const struct folder_conf *c = tree_conf(s->tree);
	struct span prefix = span_str(c->prefix);

	if (!c->alias || span_starts(pattern, "#"))
		return false;
	for (size_t i = 0; i < pattern.n && i < prefix.n; i++) {
		struct span one = span_head(span_skip(pattern, i), 1);

		if (one.p[0] == '%' || one.p[0] == '*')
			return false;
		if (!span_ieq(one, span_head(span_skip(prefix, i), 1)))
			return true;
	}
	return false;
}

static void
make_patterns(struct listing *l, const struct imap_list *asked)
{
	char separator = tree_conf(l->s->tree)->separator;

	l->patterns = arena_array(l->s->a, asked->count, sizeof(*l->patterns));
	l->bare = arena_array(l->s->a, asked->count, sizeof(*l->bare));
	for (size_t i = 0; i < asked->count; i++) {
		struct buf raw = BUF_EMPTY, utf8 = BUF_EMPTY;

		buf_add_span(&raw, asked->reference);
		buf_add_span(&raw, asked->patterns[i]);
		if ((l->s->enabled & (ENABLED_UTF8 | ENABLED_REV2)) != 0 ||
		    !utf7_to_utf8(&utf8, buf_span(&raw)))
			buf_add_span(&utf8, buf_span(&raw));
		fix_inbox(&utf8, separator);
		l->patterns[i] = arena_span(l->s->a, buf_span(&utf8));
		l->bare[i] = is_bare(l->s, l->patterns[i]);
		buf_free(&raw);
		buf_free(&utf8);
	}
}

static bool
matches_as(const struct listing *l, struct span name, bool bare)
{
	char separator = tree_conf(l->s->tree)->separator;
	bool found = false;

	for (size_t i = 0; !found && i < l->asked->count; i++)
		found = l->bare[i] == bare &&
		    imap_list_match(l->patterns[i], name, separator);
	return found;
}

/* The name without the prefix; empty for one that has none. */
static struct span
bare_name(const struct listing *l, struct span name)
{
	const char *prefix = tree_conf(l->s->tree)->prefix;

	return span_starts(name, prefix) ? span_skip(name, strlen(prefix))
					 : span_of(name.p, 0);
}

static bool
matches(const struct listing *l, struct span name)
{
	struct buf outward = BUF_EMPTY;
	bool found;

	if (guest_is(l->s)) {
		shared_outward(l->s, name, &outward);
		name = buf_span(&outward);
	}
	found = matches_as(l, name, false) ||
	    matches_as(l, bare_name(l, name), true);
	buf_free(&outward);
	return found;
}

/* What matches is shown by the name that was asked for. */
static struct span
shown_name(const struct listing *l, struct span name)
{
	struct span bare = bare_name(l, name);

	return !matches_as(l, name, false) && matches_as(l, bare, true) ? bare
									: name;
}

/* Set a bool of each row above the name. */
static void
mark_above(struct listing *l, struct span name, size_t where)
{
	const struct folder_conf *c = tree_conf(l->s->tree);
	struct span at = folder_parent(c, name);

	for (; at.n > 0; at = folder_parent(c, at))
		*(bool *)((char *)row_of(l, at) + where) = true;
}

/* A guest sees nothing of a folder that he may not look up, not even by those
 * below it that he may: their names alone are there (RFC 4314, 4). */
static bool
is_visible(struct listing *l, const struct tree_entry *e)
{
	return e->exists && (rights_of(l->s, e->name) & ACL_LOOKUP) != 0;
}

static int
add_folders(struct listing *l, struct why *why)
{
	size_t n;
	struct tree_entry *e = tree_list(l->s->tree, l->s->a, &n, why);

	if (e == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct row *r;

		if (guest_is(l->s) && !is_visible(l, &e[i]))
			continue;
		r = row_of(l, e[i].name);
		r->exists = e[i].exists;
		if (guest_is(l->s))
			mark_above(
			    l, r->name, offsetof(struct row, has_children));
		else
			r->has_children = e[i].has_children;
		if (l->asked->extended && r->exists && !matches(l, r->name))
			mark_above(
			    l, r->name, offsetof(struct row, hides_folder));
	}
	return 0;
}

static int
add_subscriptions(struct listing *l, struct why *why)
{
	size_t n;
	struct span *names = subs_list(l->s->tree, l->s->a, &n, why);

	if (names == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		row_of(l, names[i])->subscribed = true;
		/* whether it is there its owner's process would have to say */
		if (shared_has(l->s->conf, names[i]))
			row_of(l, names[i])->exists =
			    row_of(l, names[i])->elsewhere = true;
		mark_above(l, names[i], offsetof(struct row, below));
		if (!matches(l, names[i]))
			mark_above(l, names[i],
			    offsetof(struct row, hides_subscribed));
	}
	return 0;
}

/* RFC 6154. The first of its kind has the use. */
static void
add_uses(struct listing *l)
{
	const struct folder_conf *c = tree_conf(l->s->tree);
	struct buf name = BUF_EMPTY;

	for (size_t i = 0; i < USES; i++)
		for (size_t k = 0; uses_name(i, k) != NULL; k++) {
			struct row *r;

			buf_clear(&name);
			buf_add_str(&name, c->prefix);
			buf_add_str(&name, uses_name(i, k));
			r = table_get(l->names, buf_span(&name));
			if (r == NULL || !r->exists)
				continue;
			r->use = uses_attribute(i);
			break;
		}
	buf_free(&name);
}

static void
sort_rows(struct listing *l)
{
	struct span key;
	size_t at = 0;
	void *value;

	l->rows =
	    arena_array(l->s->a, table_count(l->names) + 1, sizeof(*l->rows));
	while (table_next(l->names, &at, &key, &value))
		l->rows[l->count++] = *(struct row *)value;
	qsort(l->rows, l->count, sizeof(*l->rows), row_cmp);
}

/* The names table was filled; false: NO was answered. */
static bool
fill(struct listing *l, bool subscriptions)
{
	struct why why;
	bool ok;

	why_init(&why);
	l->names = table_new();
	ok = add_folders(l, &why) == 0 &&
	    (!subscriptions || guest_is(l->s) ||
		add_subscriptions(l, &why) == 0);
	if (ok) {
		if (!guest_is(l->s))
			add_uses(l);
		sort_rows(l);
	} else {
		reply_trouble(l->s, &why);
	}
	table_free(&l->names, NULL);
	why_free(&why);
	return ok;
}

static void
put_attribute(struct buf *out, const char *attribute)
{
	if (out->p[out->n - 1] != '(')
		buf_add_byte(out, ' ');
	buf_add_str(out, attribute);
}

static void
put_line(
    struct listing *l, const char *verb, const struct row *r, struct span name)
{
	const struct imap_list *asked = l->asked;
	struct buf out = BUF_EMPTY;
	bool child_info;

	buf_printf(&out, "* %s (", verb);
	if (!r->exists)
		put_attribute(&out,
		    asked->extended || (l->s->enabled & ENABLED_REV2) != 0
			? "\\NonExistent"
			: "\\Noselect");
	if (!r->elsewhere)
		put_attribute(&out,
		    r->has_children ? "\\HasChildren" : "\\HasNoChildren");
	if (r->subscribed && (asked->subscribed || asked->return_subscribed))
		put_attribute(&out, "\\Subscribed");
	if (r->use != NULL)
		put_attribute(&out, r->use);
	buf_printf(&out, ") \"%c\" ", tree_conf(l->s->tree)->separator);
	reply_put_mailbox(l->s, &out, name);
	child_info = asked->recursive && asked->subscribed && r->below;
	if (child_info)
		buf_add_str(&out, " (\"CHILDINFO\" (\"SUBSCRIBED\"))");
	buf_add_str(&out, "\r\n");
	stream_put(l->s->io, buf_span(&out));
	buf_free(&out);
}

static void
put_append_limit(const struct session *s, struct buf *out, bool first)
{
	buf_add_str(out, first ? "APPENDLIMIT " : " APPENDLIMIT ");
	if (s->conf->append_most == 0)
		buf_add_str(out, "NIL");
	else
		buf_add_number(out, s->conf->append_most);
}

void
status_put(struct session *s, struct span name, unsigned items,
    const struct view_status *st)
{
	const struct {
		unsigned bit;
		const char *word;
		uint64_t value;
	} rows[] = {
		{ STATUS_MESSAGES, "MESSAGES", st->totals.messages },
		{ STATUS_RECENT, "RECENT", st->totals.recent },
		{ STATUS_UIDNEXT, "UIDNEXT", st->head.next },
		{ STATUS_UIDVALIDITY, "UIDVALIDITY", st->head.validity },
		{ STATUS_UNSEEN, "UNSEEN", st->totals.unseen },
		{ STATUS_SIZE, "SIZE", st->totals.bytes },
		{ STATUS_DELETED, "DELETED", st->totals.deleted },
		{ STATUS_DELETED_STORAGE, "DELETED-STORAGE",
		    st->deleted_bytes },
		{ STATUS_HIGHESTMODSEQ, "HIGHESTMODSEQ", st->highest },
	};
	struct buf out = BUF_EMPTY;
	size_t begun;

	buf_add_str(&out, "* STATUS ");
	reply_put_mailbox(s, &out, name);
	buf_add_str(&out, " (");
	begun = out.n;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((items & rows[i].bit) != 0)
			buf_printf(&out, "%s%s %" PRIu64,
			    out.n == begun ? "" : " ", rows[i].word,
			    rows[i].value);
	if ((items & STATUS_MAILBOXID) != 0) {
		buf_add_str(&out, out.n == begun ? "" : " ");
		objectid_put_mailbox(&out, st->head.guid);
	}
	if ((items & STATUS_APPENDLIMIT) != 0)
		put_append_limit(s, &out, out.n == begun);
	buf_add_str(&out, ")\r\n");
	stream_put(s->io, buf_span(&out));
	buf_free(&out);
}

static enum tree_result
status_of(struct session *s, struct span name, unsigned items, struct why *why)
{
	struct view_status st = { .want_bytes = (items & STATUS_SIZE) != 0,
		.want_deleted = (items & STATUS_DELETED_STORAGE) != 0 };
	struct rights r = { .need = ACL_READ };
	struct maildir *m = rights_folder(s, name, &r, why);

	if (m == NULL)
		return r.got;
	if (view_status(&m, s->tree, &st, why) == -1)
		return TREE_TROUBLE;
	status_put(s, name, items, &st);
	return TREE_DONE;
}

/* RETURN (STATUS ...): a folder that cannot be looked at has none. */
static void
try_status(struct session *s, struct span name, unsigned items)
{
	struct why why;

	why_init(&why);
	if (status_of(s, name, items, &why) == TREE_TROUBLE)
		log_warning("%s", why_text(&why));
	why_free(&why);
}

static bool
selected_by(const struct listing *l, const struct row *r)
{
	const struct imap_list *asked = l->asked;

	if (asked->special_only && r->use == NULL)
		return false;
	/* what does not fit is shown for what fits below it and is not asked
	 * for (RFC 5258, 3, rule 2) */
	if (!asked->subscribed)
		return r->exists ||
		    (asked->extended ? r->hides_folder : r->has_children);
	return r->subscribed || (asked->recursive && r->hides_subscribed);
}

/* It is shown for its own sake, not for what lies below (RFC 8440, 4). */
static bool
selected_itself(const struct listing *l, const struct row *r)
{
	return !l->asked->subscribed || r->subscribed;
}

static void
try_my_rights(struct session *s, struct span name)
{
	unsigned rights = s->conf->acl ? rights_of(s, name) : 0;

	if (rights != 0)
		acl_put_my_rights(s, name, rights);
}

static void
list(struct session *s, const struct imap_list *asked, struct span args)
{
	struct listing l = { .s = s, .asked = asked };

	make_patterns(&l, asked);
	if (!fill(&l, asked->subscribed || asked->return_subscribed))
		return;
	for (size_t i = 0; i < l.count; i++) {
		const struct row *r = &l.rows[i];
		struct span name;

		if (!selected_by(&l, r) || !matches(&l, r->name))
			continue;
		/* with those below, by its owner */
		if (r->elsewhere && !asked->subscribed)
			continue;
		name = shown_name(&l, r->name);
		put_line(&l, "LIST", r, name);
		if (r->elsewhere)
			continue;
		if (asked->my_rights && r->exists && selected_itself(&l, r))
			try_my_rights(s, name);
		if (asked->status != 0 && r->exists)
			try_status(s, name, asked->status);
		if (asked->metadata_count > 0 && r->exists)
			metadata_put_listed(
			    s, name, asked->metadata, asked->metadata_count);
	}
	visit_list(s, asked, l.patterns, args);
	sync_tell(s, true);
	reply_ok(s, NULL, "List completed");
}

/* An empty pattern asks for the separator only. */
static void
list_root(struct session *s)
{
	stream_printf(s->io, "* LIST (\\Noselect) \"%c\" \"\"\r\n",
	    tree_conf(s->tree)->separator);
	reply_ok(s, NULL, "List completed");
}

void
cmd_list(struct session *s, struct span args)
{
	struct imap_list asked;

	if (!imap_list_parse(s->a, args, &asked))
		reply_bad(s, "LIST wants a reference and a pattern");
	else if (!asked.extended && asked.patterns[0].n == 0)
		list_root(s);
	else
		list(s, &asked, args);
}

/* A name that is not subscribed, but has one below it, is shown as \Noselect
 * when the pattern does not reach that (RFC 3501, 6.3.9). */
void
cmd_lsub(struct session *s, struct span args)
{
	struct listing l = { .s = s };
	struct imap_list asked;

	if (!imap_list_parse(s->a, args, &asked) || asked.extended) {
		reply_bad(s, "LSUB wants a reference and a pattern");
		return;
	}
	l.asked = &asked;
	make_patterns(&l, &asked);
	if (!fill(&l, true))
		return;
	for (size_t i = 0; i < l.count; i++) {
		struct row r = l.rows[i];
		bool ends_percent = asked.patterns[0].n > 0 &&
		    asked.patterns[0].p[asked.patterns[0].n - 1] == '%';

		if (!r.subscribed && !(r.below && ends_percent))
			continue;
		/* a subscribed name that is gone is no \Noselect (6.3.9) */
		r.exists = r.subscribed;
		if (matches(&l, r.name))
			put_line(&l, "LSUB", &r, shown_name(&l, r.name));
	}
	sync_tell(s, true);
	reply_ok(s, NULL, "Lsub completed");
}

void
cmd_status(struct session *s, struct span args)
{
	enum tree_result got;
	struct span name;
	struct why why;
	unsigned items;

	if (!reply_take_mailbox(s, &args, &name))
		return;
	if (!imap_space(&args) || !imap_status_items(&args, &items) ||
	    !imap_end(args)) {
		reply_bad(s, "STATUS wants a list of items");
		return;
	}
	if ((items & STATUS_HIGHESTMODSEQ) != 0)
		sync_condstore(s);
	why_init(&why);
	got = status_of(s, name, items, &why);
	sync_tell(s, true);
	if (got == TREE_DONE)
		reply_ok(s, NULL, "Status completed");
	else
		reply_tree(s, got, &why);
	why_free(&why);
}
