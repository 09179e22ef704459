/*
 * notify.c - telling what happens in all mailboxes, at any time (RFC 5465)
 *
 * The folders as they were told last are kept, and compared with what they are
 * when the kernel says that something happened. What a command of this client
 * has done itself is taken for told.
 */

#include "imapd/notify.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/fetch.h"
#include "imapd/guest.h"
#include "imapd/metadata.h"
#include "imapd/notify_inside.h"
#include "imapd/notify_watch.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/sources.h"
#include "imapd/status.h"
#include "imapd/sync.h"
#include "imapd/visit_notify.h"
#include "mailbox/maildir.h"
#include "mailbox/metadata.h"
#include "mailbox/subs.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "os/clock.h"
#include "os/file.h"
#include "wire/imap_fetch.h"
#include "wire/imap_list.h"
#include "wire/imap_notify.h"
#include "wire/imap_parse.h"

enum {
	FOLDERS_MOST = 1000, /* watched at a time */
	SETTLE_MS = 20, /* without a change more */
	SETTLE_ROUNDS = 20,
	LOOK_MS = 10000 /* where the selected folder is not watched */
};

/* --- what is asked for --- */

unsigned
notify_wants(const struct session *s)
{
	return s->notify == NULL || s->acts ? MESSAGE_EVENTS
					    : s->notify->selected;
}

bool
notify_expunges(const struct session *s)
{
	return s->notify != NULL && s->notify->at_once;
}

void
notify_new(struct session *s, size_t first)
{
	if (s->notify == NULL || s->notify->fetch == NULL || s->acts)
		return;
	for (size_t i = first; i < view_count(s->view); i++)
		fetch_unasked(s, s->notify->fetch, i);
}

static void
forget_places(struct notify *n)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->list[i].notes.a != NULL)
			arena_free(&n->list[i].notes.a);
	free(n->list);
	n->list = NULL;
	n->count = 0;
	if (n->names != NULL)
		arena_free(&n->names);
	n->here = SPAN("");
}

static void
notify_free(struct notify **at)
{
	struct notify *n = *at;

	if (n == NULL)
		return;
	forget_places(n);
	if (n->server.a != NULL)
		arena_free(&n->server.a);
	notify_watch_free(&n->watch);
	notify_others_free(&n->others);
	arena_free(&n->a);
	mem_free(at);
}

void
notify_forget(struct session *s)
{
	notify_free(&s->notify);
}

/* --- one folder --- */

/* A guest's rights may have been taken away a moment ago. */
static struct maildir *
open_folder(struct session *s, const struct place *p, enum tree_result *got,
    struct why *why)
{
	struct rights r = { .need = ACL_LOOKUP | ACL_READ };
	struct maildir *m;

	if (!guest_is(s))
		return tree_folder(s->tree, p->name, got, why);
	m = rights_folder(s, p->name, &r, why);
	*got = r.got == TREE_FORBIDDEN ? TREE_MISSING : r.got;
	return m;
}

static int
read_status(struct session *s, const struct place *p, struct view_status *out)
{
	enum tree_result got;
	struct maildir *m;
	struct why why;
	int result = -1;

	*out = (struct view_status){ .want_bytes = false };
	why_init(&why);
	m = open_folder(s, p, &got, &why);
	if (m != NULL)
		result = view_status(&m, s->tree, out, &why);
	if (result == -1 && got != TREE_MISSING)
		log_warning("%s", why_text(&why));
	maildir_close(&m);
	why_free(&why);
	return result;
}

/* What has changed, and is asked for, as STATUS has it (5.1 to 5.3). */
static unsigned
changed_items(const struct session *s, const struct place *p,
    const struct view_status *now)
{
	const struct view_status *was = &p->status;
	bool condstore = (s->enabled & ENABLED_CONDSTORE) != 0;
	unsigned items = 0;

	if (was->head.validity != now->head.validity)
		items = STATUS_UIDVALIDITY | STATUS_UIDNEXT | STATUS_MESSAGES;
	if (was->totals.messages != now->totals.messages ||
	    was->head.next != now->head.next)
		items |= STATUS_MESSAGES | STATUS_UIDNEXT |
		    (condstore ? STATUS_HIGHESTMODSEQ : 0u);
	if ((p->events & EVENT_FLAG_CHANGE) == 0)
		return items;
	if (condstore && was->highest != now->highest)
		items |= STATUS_HIGHESTMODSEQ | STATUS_UIDVALIDITY;
	if (was->totals.unseen != now->totals.unseen)
		items |= STATUS_UNSEEN | STATUS_UIDVALIDITY;
	return items;
}

static void
look_at_messages(struct session *s, struct place *p, bool tell)
{
	struct view_status now;
	unsigned items;

	p->messages_changed = false;
	if ((p->events & MESSAGE_EVENTS) == 0 || read_status(s, p, &now) == -1)
		return;
	/* of one that was not known before when it has messages */
	if (!p->has_status && now.totals.messages == 0)
		tell = false;
	items = p->has_status
	    ? changed_items(s, p, &now)
	    : STATUS_MESSAGES | STATUS_UIDNEXT | STATUS_UIDVALIDITY;
	p->status = now;
	p->has_status = true;
	if (tell && items != 0)
		status_put(s, p->name, items, &now);
}

/* Values are compared and never told: of each a digest will do, so that a
 * thousand folders of long notes cost no memory. */
static struct arena *
digests_of(
    const struct session *s, const struct metadata *md, struct metadata *out)
{
	struct arena *a = arena_new();
	unsigned char digest[SHA256_BYTES];

	out->count = 0;
	out->list = arena_array(a, md->count + 1, sizeof(*out->list));
	for (size_t i = 0; i < md->count; i++) {
		/* private ones are the owner's */
		if (guest_is(s) && !span_istarts(md->list[i].name, "/shared/"))
			continue;
		out->list[out->count].name = arena_span(a, md->list[i].name);
		if (md->list[i].value.p != NULL) {
			digest_sha256(md->list[i].value, digest);
			out->list[out->count].value = arena_span(
			    a, span_of((const char *)digest, sizeof(digest)));
		}
		out->count++;
	}
	return a;
}

/* Notes of a folder, their values as digests, in a fresh arena; NULL on
 * trouble. */
static struct arena *
read_notes(const struct session *s, const struct maildir *m, const char *file,
    struct metadata *out)
{
	struct arena *a = arena_new(), *kept = NULL;
	struct metadata md;
	struct why why;

	why_init(&why);
	if (metadata_read(m, file, a, &md, &why) == -1)
		log_warning("%s", why_text(&why));
	else
		kept = digests_of(s, &md, out);
	why_free(&why);
	arena_free(&a);
	return kept;
}

/* Notes that were read take the place of those of before. */
static void
take_notes(struct noted *kept, struct arena *fresh, const struct metadata *now)
{
	if (kept->a != NULL)
		arena_free(&kept->a);
	kept->a = fresh;
	kept->md = *now;
}

static void
look_at_notes(struct session *s, struct place *p, bool tell)
{
	struct arena *fresh = NULL;
	struct metadata now;
	enum tree_result got;
	struct maildir *m;
	struct why why;

	p->metadata_changed = false;
	if ((p->events & EVENT_MAILBOX_METADATA) == 0)
		return;
	why_init(&why);
	m = open_folder(s, p, &got, &why);
	if (m != NULL)
		fresh = read_notes(s, m, METADATA_FILE, &now);
	if (fresh != NULL) {
		if (tell && p->notes.a != NULL)
			metadata_put_changes(s, p->name, &p->notes.md, &now);
		take_notes(&p->notes, fresh, &now);
	}
	maildir_close(&m);
	why_free(&why);
}

static void
look_at_server(struct session *s, bool tell)
{
	struct notify *n = s->notify;
	struct arena *fresh;
	struct metadata now;

	n->server_changed = false;
	if ((n->all & EVENT_SERVER_METADATA) == 0)
		return;
	fresh = read_notes(s, tree_inbox(s->tree), METADATA_SERVER, &now);
	if (fresh == NULL)
		return;
	if (tell && n->server.a != NULL)
		metadata_put_changes(s, SPAN(""), &n->server.md, &now);
	take_notes(&n->server, fresh, &now);
}

/* --- all folders --- */

/* Of a guest's any, since his rights may change. */
static bool
is_watched(const struct session *s, const struct place *p)
{
	const unsigned inside = MESSAGE_EVENTS | EVENT_MAILBOX_METADATA;

	return guest_is(s) ? p->asked != 0 && (p->exists || p->hidden)
			   : p->exists && (p->asked & inside) != 0;
}

/* Watch them all anew. -1: there are too many, or the system has no more. */
static int
watch_all(struct session *s)
{
	struct notify *n = s->notify;
	size_t watched = 0;
	int got = 0;
	struct why why;

	why_init(&why);
	notify_watch_clear(n->watch);
	for (size_t i = 0; i < n->count && got == 0; i++) {
		const struct place *p = &n->list[i];
		const struct notify_watched what = { i,
			(p->asked & MESSAGE_EVENTS) != 0,
			span_is(p->name, "INBOX"), guest_is(s) };
		enum tree_result result;
		struct maildir *m;

		if (!what.top && !is_watched(s, p))
			continue;
		m = tree_folder(s->tree, p->name, &result, &why);
		if (++watched > FOLDERS_MOST)
			got = -1;
		else if (m != NULL)
			got = notify_watch_add(n->watch, m, &what);
		maildir_close(&m);
	}
	why_free(&why);
	return got;
}

/* The watches come before the look, so that nothing falls between. */
static int
look_at_folders(struct session *s, bool tell)
{
	struct notify *n = s->notify;
	struct arena *names = arena_new();
	struct both b = { .s = s, .old = n->list, .old_count = n->count };
	bool same;

	n->folders_changed = n->subs_changed = false;
	b.now = notify_places_read(s, names, &b.now_count);
	if (b.now == NULL) {
		arena_free(&names);
		return 0;
	}
	if (tell)
		notify_places_tell(&b);
	same = notify_places_same(&b);
	notify_places_take_over(&b);
	forget_places(n);
	n->names = names;
	n->here = arena_span(names, buf_span(&s->selected));
	n->list = b.now;
	n->count = b.now_count;
	if (same)
		return 0;
	/* what happened while the watches were changed was told by none */
	for (size_t i = 0; i < n->count; i++)
		n->list[i].messages_changed = n->list[i].metadata_changed =
		    true;
	return watch_all(s);
}

static void
overflow(struct session *s)
{
	stream_put(
	    s->io, SPAN("* OK [NOTIFICATIONOVERFLOW] Too much to watch\r\n"));
	/* as NOTIFY NONE would (5.8) */
	forget_places(s->notify);
	notify_watch_clear(s->notify->watch);
	notify_others_free(&s->notify->others);
	s->notify->asked.count = 0;
	s->notify->selected = s->notify->all = 0;
	s->notify->at_once = false;
	s->notify->fetch = NULL;
}

static void
happened(void *arg, enum notify_happened what, size_t id)
{
	struct notify *n = arg;

	switch (what) {
	case HAPPENED_MESSAGES:
		if (id < n->count)
			n->list[id].messages_changed = true;
		break;
	case HAPPENED_METADATA:
		if (id < n->count)
			n->list[id].metadata_changed = true;
		break;
	case HAPPENED_FOLDERS:
		n->folders_changed = true;
		break;
	case HAPPENED_SUBSCRIPTIONS:
		n->subs_changed = true;
		break;
	case HAPPENED_SERVER:
		n->server_changed = true;
		break;
	case HAPPENED_LOST:
		n->folders_changed = n->server_changed = true;
		for (size_t i = 0; i < n->count; i++)
			n->list[i].messages_changed =
			    n->list[i].metadata_changed = true;
		break;
	}
}

/* A rename takes one folder after the other: see the end of it. */
static void
settle(struct notify *n)
{
	struct pollfd p = { .fd = notify_watch_fd(n->watch), .events = POLLIN };

	for (int i = 0; i < SETTLE_ROUNDS && poll(&p, 1, SETTLE_MS) == 1; i++)
		notify_watch_drain(n->watch, happened, n);
}

static void
look(struct session *s, bool tell)
{
	struct notify *n = s->notify;
	struct arena *kept = s->a;

	if (n == NULL)
		return;
	notify_watch_drain(n->watch, happened, n);
	if (n->all == 0)
		return;
	if (tell && n->folders_changed)
		settle(n);
	s->a = arena_new(); /* IDLE is one command, and long */
	if (!notify_others_tell(s, n->others))
		overflow(s);
	/* the selected one is told otherwise */
	if (!span_eq(n->here, buf_span(&s->selected)))
		n->folders_changed = true;
	if ((n->folders_changed || n->subs_changed) &&
	    look_at_folders(s, tell) == -1)
		overflow(s);
	for (size_t i = 0; i < n->count; i++) {
		struct place *p = &n->list[i];

		if (p->messages_changed)
			look_at_messages(s, p, tell);
		if (p->metadata_changed)
			look_at_notes(s, p, tell);
	}
	if (n->server_changed)
		look_at_server(s, tell);
	arena_free(&s->a);
	s->a = kept;
}

void
notify_tell(struct session *s)
{
	look(s, true);
}

void
notify_own(struct session *s)
{
	look(s, false);
}

/* --- waiting --- */

int
notify_wake_fd(struct session *s)
{
	struct epoll_event e = { .events = EPOLLIN };
	int fd, view = s->view == NULL ? -1 : view_watch_fd(s->view);

	if (s->notify == NULL)
		return -1;
	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd == -1)
		return -1;
	if (view != -1)
		(void)epoll_ctl(fd, EPOLL_CTL_ADD, view, &e);
	(void)epoll_ctl(
	    fd, EPOLL_CTL_ADD, notify_watch_fd(s->notify->watch), &e);
	notify_others_poll(s->notify->others, fd);
	return fd;
}

enum stream_result
notify_wait(struct session *s, int64_t until)
{
	bool listens = s->notify != NULL &&
	    (s->notify->selected != 0 || s->notify->all != 0);
	enum stream_result got;

	if (!listens)
		return session_wait(s, -1, until);
	s->acts = false;
	do {
		bool looks = s->view != NULL && view_watch_fd(s->view) == -1;
		int64_t look_at = looks ? clock_ms() + LOOK_MS : until;
		int fd = notify_wake_fd(s);

		got = session_wait(s, fd, look_at < until ? look_at : until);
		file_close(&fd);
		if (got == STREAM_TIMEOUT && clock_ms() < until)
			got = STREAM_WOKEN;
		if (got != STREAM_WOKEN)
			break;
		sync_tell(s, notify_expunges(s));
		notify_tell(s);
	} while (s->state != STATE_LOGOUT);
	return s->state == STATE_LOGOUT ? STREAM_END : got;
}

/* --- the command --- */

/* The state of now, before what is to come (3.1). */
static void
put_first_status(struct session *s)
{
	struct notify *n = s->notify;

	for (size_t i = 0; i < n->count; i++) {
		const struct place *p = &n->list[i];
		unsigned items =
		    STATUS_MESSAGES | STATUS_UIDNEXT | STATUS_UIDVALIDITY;

		if (!p->exists || !p->has_status ||
		    (p->events & MESSAGE_EVENTS) == 0)
			continue;
		if ((p->events & EVENT_FLAG_CHANGE) != 0)
			items |= STATUS_HIGHESTMODSEQ;
		status_put(s, p->name, items, &p->status);
	}
}

/* What a guest can look up and not read (3.1). */
static void
put_no_access(struct session *s)
{
	struct notify *n = s->notify;
	struct buf line = BUF_EMPTY;

	for (size_t i = 0; guest_is(s) && i < n->count; i++) {
		const struct place *p = &n->list[i];

		if (p->asked == 0 || !p->exists || p->events != 0)
			continue;
		buf_clear(&line);
		buf_printf(&line, "* LIST (\\NoAccess) \"%c\" ",
		    tree_conf(s->tree)->separator);
		reply_put_mailbox(s, &line, p->name);
		buf_add_str(&line, "\r\n");
		stream_put(s->io, buf_span(&line));
	}
	buf_free(&line);
}

/* False: a name is none. */
static bool
take_groups(struct session *s, const struct imap_notify *asked)
{
	struct notify *n = s->notify;

	n->asked = *asked;
	n->asked.groups =
	    arena_array(n->a, asked->count + 1, sizeof(*asked->groups));
	for (size_t i = 0; i < asked->count; i++) {
		struct imap_notify_group *g = &n->asked.groups[i];
		struct imap_fetch *fetch;

		*g = asked->groups[i];
		if (!sources_name(s, &g->filter))
			return false;
		g->filter.names =
		    arena_array(n->a, g->filter.count + 1, sizeof(struct span));
		for (size_t k = 0; k < g->filter.count; k++)
			g->filter.names[k] =
			    arena_span(n->a, asked->groups[i].filter.names[k]);
		if (guest_is(s))
			g->events &= GUEST_EVENTS;
		if (g->filter.kind != FILTER_SELECTED &&
		    g->filter.kind != FILTER_SELECTED_DELAYED) {
			n->all |= g->events;
			continue;
		}
		n->selected = g->events;
		n->at_once = g->filter.kind == FILTER_SELECTED &&
		    (g->events & EVENT_MESSAGE_EXPUNGE) != 0;
		if (g->fetch != NULL) {
			fetch = arena_alloc(n->a, sizeof(*fetch));
			imap_fetch_copy(n->a, g->fetch, fetch);
			n->fetch = fetch;
		}
	}
	return true;
}

static bool
asks_unknown(const struct imap_notify *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		if ((asked->groups[i].events & EVENT_OTHER) != 0)
			return true;
	return false;
}

/* NULL, or the code of what is wrong. */
static const char *
begin(struct session *s, const struct imap_notify *asked)
{
	struct notify *n = s->notify;

	n->watch = notify_watch_new();
	if (n->watch == NULL)
		return "NOTIFICATIONOVERFLOW";
	if (!take_groups(s, asked))
		return "CANNOT";
	n->server_changed = true;
	if (n->all != 0 && look_at_folders(s, false) == -1)
		return "NOTIFICATIONOVERFLOW";
	n->asked.status = asked->status;
	return notify_others_begin(s, &n->asked, &n->others);
}

static void
set(struct session *s, const struct imap_notify *asked)
{
	struct notify *before = s->notify;
	const char *trouble;

	/* what has gathered is told, whatever was asked for before (3.1) */
	s->acts = true;
	sync_tell(s, true);
	s->acts = false;
	s->notify = mem_new(sizeof(*s->notify));
	s->notify->a = arena_new();
	s->notify->here = SPAN("");
	trouble = begin(s, asked);
	if (trouble != NULL) {
		notify_forget(s);
		s->notify = before;
		reply_no(s, trouble, "That cannot be watched");
		return;
	}
	notify_free(&before);
	look(s, false);
	put_no_access(s);
	if (asked->status)
		put_first_status(s);
	reply_ok(s, NULL, "Notify completed");
}

void
cmd_notify(struct session *s, struct span args)
{
	struct imap_notify asked;

	if (!imap_notify_parse(s->a, args, &asked))
		reply_bad(s, "NOTIFY wants SET and events, or NONE");
	else if (asks_unknown(&asked))
		reply_no(s,
		    "BADEVENT (MessageNew MessageExpunge FlagChange "
		    "MailboxName SubscriptionChange MailboxMetadataChange "
		    "ServerMetadataChange)",
		    "An event is not known here");
	else
		set(s, &asked);
}
