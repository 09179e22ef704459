/*
 * notify_folders.c - folders that come, go and change their names (RFC
 * 5465, 5.4 and 5.5)
 *
 * A name that is gone and a new one are one folder when both are the same
 * directory.
 */

#include "imapd/notify_inside.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/guest.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/sources.h"
#include "mailbox/tree.h"

static unsigned
events_of(
    const struct session *s, const struct sources *src, struct span folder)
{
	const struct notify *n = s->notify;
	unsigned events = 0;

	for (size_t i = 0; i < n->asked.count; i++)
		if (sources_match(s, src, &n->asked.groups[i].filter, folder))
			events |= n->asked.groups[i].events;
	return events;
}

static void
put_attribute(struct buf *out, const char *word)
{
	if (out->p[out->n - 1] != '(')
		buf_add_byte(out, ' ');
	buf_add_str(out, word);
}

/* old empty: none (5.4, 5.5). */
static void
put_list(struct session *s, const struct place *p, struct span old)
{
	struct buf line = BUF_EMPTY;

	buf_add_str(&line, "* LIST (");
	if (!p->exists)
		put_attribute(&line, "\\NonExistent");
	/* a guest may not see them all */
	if (!guest_is(s))
		put_attribute(&line,
		    p->has_children ? "\\HasChildren" : "\\HasNoChildren");
	if (p->subscribed)
		put_attribute(&line, "\\Subscribed");
	buf_printf(&line, ") \"%c\" ", tree_conf(s->tree)->separator);
	reply_put_mailbox(s, &line, p->name);
	if (old.n > 0) {
		buf_add_str(&line, " (\"OLDNAME\" (");
		reply_put_mailbox(s, &line, old);
		buf_add_str(&line, "))");
	}
	buf_add_str(&line, "\r\n");
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
}

/* INBOX first, then by bytes, as tree_list() has them. */
static int
name_cmp(struct span a, struct span b)
{
	bool a_inbox = span_is(a, "INBOX"), b_inbox = span_is(b, "INBOX");

	if (a_inbox != b_inbox)
		return a_inbox ? -1 : 1;
	return span_cmp(a, b);
}

struct place *
notify_places_find(struct place *list, size_t count, struct span name)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (name_cmp(list[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && span_eq(list[low].name, name) ? &list[low] : NULL;
}

/* What he may not look up is not there, and was never another folder; of what
 * he may not read nothing is told (RFC 5465, 5). */
static void
guest_sees(struct session *s, struct place *p)
{
	unsigned has = p->exists && p->asked != 0 ? rights_of(s, p->name) : 0;

	p->subscribed = false;
	if ((has & ACL_LOOKUP) == 0) {
		p->hidden = p->exists;
		p->exists = false;
		p->inode = 0;
	}
	if ((has & ACL_READ) == 0 || !p->exists)
		p->events = 0;
}

struct place *
notify_places_read(struct session *s, struct arena *names, size_t *count)
{
	struct span selected = reply_full_name(s, buf_span(&s->selected));
	struct place *list = NULL;
	struct tree_entry *e;
	struct sources src;
	struct why why;

	why_init(&why);
	e = tree_list(s->tree, s->a, count, &why);
	if (e == NULL || sources_read(s, &src, &why) == -1) {
		log_warning("%s", why_text(&why));
	} else {
		list = mem_array(*count + 1, sizeof(*list));
		for (size_t i = 0; i < *count; i++) {
			struct place *p = &list[i];

			p->name = arena_span(names, e[i].name);
			p->exists = e[i].exists;
			p->has_children = e[i].has_children;
			p->inode = e[i].inode;
			p->subscribed = sources_subscribed(&src, p->name);
			p->asked = p->events = events_of(s, &src, p->name);
			if (s->view != NULL && span_eq(p->name, selected))
				p->events &= ~(unsigned)MESSAGE_EVENTS;
			if (guest_is(s))
				guest_sees(s, p);
		}
	}
	why_free(&why);
	return list;
}

/* What is known of a folder goes along, also under another name. */
static void
take_over(struct place *to, struct place *from)
{
	to->has_status = from->has_status;
	to->status = from->status;
	to->notes = from->notes;
	to->messages_changed = from->messages_changed;
	to->metadata_changed = from->metadata_changed;
	from->notes.a = NULL;
}

static bool
has_gone(const struct both *b, const struct place *p)
{
	const struct place *now =
	    notify_places_find(b->now, b->now_count, p->name);

	return p->exists && (now == NULL || !now->exists);
}

/* The folder of before that this new one was, or NULL. */
static struct place *
old_of(const struct both *b, const struct place *p)
{
	for (size_t i = 0; p->inode != 0 && i < b->old_count; i++)
		if (b->old[i].inode == p->inode && has_gone(b, &b->old[i]))
			return &b->old[i];
	return NULL;
}

/* Of a folder that went along with one above it nothing is told (5.4). */
static bool
went_along(const struct both *b, const struct place *p, struct span old)
{
	const struct folder_conf *c = tree_conf(b->s->tree);
	struct span parent = folder_parent(c, p->name);
	struct span old_parent = folder_parent(c, old);
	const struct place *above;
	const struct place *before;

	if (parent.n == 0 || old_parent.n == 0)
		return false;
	above = notify_places_find(b->now, b->now_count, parent);
	before = notify_places_find(b->old, b->old_count, old_parent);
	return above != NULL && before != NULL && above->inode != 0 &&
	    above->inode == before->inode &&
	    !span_eq(above->name, before->name) &&
	    span_eq(span_skip(p->name, parent.n), span_skip(old, old_parent.n));
}

static void
tell_parent(const struct both *b, struct span name)
{
	struct span parent = folder_parent(tree_conf(b->s->tree), name);
	const struct place *p =
	    notify_places_find(b->now, b->now_count, parent);

	if (p != NULL && (p->events & EVENT_MAILBOX_NAME) != 0)
		put_list(b->s, p, SPAN(""));
}

static void
tell_made(const struct both *b, const struct place *p)
{
	const struct place *old = old_of(b, p);

	if ((p->events & EVENT_MAILBOX_NAME) == 0)
		return;
	if (old == NULL) {
		put_list(b->s, p, SPAN(""));
		tell_parent(b, p->name);
	} else if (!went_along(b, p, old->name)) {
		put_list(b->s, p, old->name);
	}
}

static bool
was_renamed(const struct both *b, const struct place *old)
{
	for (size_t i = 0; old->inode != 0 && i < b->now_count; i++)
		if (b->now[i].inode == old->inode)
			return true;
	return false;
}

static void
tell_removed(const struct both *b, const struct place *old)
{
	const struct place *now =
	    notify_places_find(b->now, b->now_count, old->name);
	struct place gone = *old;

	if ((old->events & EVENT_MAILBOX_NAME) == 0 || was_renamed(b, old))
		return;
	gone.exists = false;
	gone.has_children = now != NULL && now->has_children;
	put_list(b->s, &gone, SPAN(""));
	tell_parent(b, old->name);
}

void
notify_places_tell(const struct both *b)
{
	for (size_t i = 0; i < b->now_count; i++) {
		const struct place *p = &b->now[i];
		const struct place *old =
		    notify_places_find(b->old, b->old_count, p->name);

		if (p->exists && (old == NULL || !old->exists))
			tell_made(b, p);
		else if (old != NULL && old->subscribed != p->subscribed &&
		    (p->events & EVENT_SUBSCRIPTION) != 0)
			put_list(b->s, p, SPAN(""));
	}
	for (size_t i = 0; i < b->old_count; i++)
		if (has_gone(b, &b->old[i]))
			tell_removed(b, &b->old[i]);
}

void
notify_places_take_over(const struct both *b)
{
	for (size_t i = 0; i < b->now_count; i++) {
		struct place *p = &b->now[i];
		struct place *old =
		    notify_places_find(b->old, b->old_count, p->name);

		if (old == NULL || !old->exists)
			old = old_of(b, p);
		if (old != NULL)
			take_over(p, old);
		/* what is asked of it only now is not known yet */
		if ((p->events & MESSAGE_EVENTS) == 0)
			p->has_status = false;
		if (!p->has_status)
			p->messages_changed = true;
		if (p->notes.a == NULL)
			p->metadata_changed = true;
	}
}

bool
notify_places_same(const struct both *b)
{
	if (b->old_count != b->now_count)
		return false;
	for (size_t i = 0; i < b->now_count; i++)
		if (!span_eq(b->old[i].name, b->now[i].name) ||
		    b->old[i].exists != b->now[i].exists ||
		    b->old[i].inode != b->now[i].inode ||
		    b->old[i].asked != b->now[i].asked)
			return false;
	return true;
}
