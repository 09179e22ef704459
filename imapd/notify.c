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
#include "imapd/metadata.h"
#include "imapd/notify_inside.h"
#include "imapd/notify_watch.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/sources.h"
#include "imapd/status.h"
#include "imapd/sync.h"
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
	arena_free(&n->a);
	mem_free(at);
}

void
notify_forget(struct session *s)
{
	notify_free(&s->notify);
}

/* --- one folder --- */

static int
read_status(struct session *s, const struct place *p, struct view_status *out)
{
	enum tree_result got;
	struct maildir *m;
	struct why why;
	int result = -1;

	*out = (struct view_status){ .want_bytes = false };
	why_init(&why);
	m = tree_folder(s->tree, p->name, &got, &why);
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
digests_of(const struct metadata *md, struct metadata *out)
{
	struct arena *a = arena_new();
	unsigned char digest[SHA256_BYTES];

	out->count = md->count;
	out->list = arena_array(a, md->count + 1, sizeof(*out->list));
	for (size_t i = 0; i < md->count; i++) {
		out->list[i].name = arena_span(a, md->list[i].name);
		if (md->list[i].value.p == NULL)
			continue;
		digest_sha256(md->list[i].value, digest);
		out->list[i].value = arena_span(
		    a, span_of((const char *)digest, sizeof(digest)));
	}
	return a;
}

/* Notes of a folder, their values as digests, in a fresh arena; NULL on
 * trouble. */
static struct arena *
read_notes(const struct maildir *m, const char *file, struct metadata *out)
{
	struct arena *a = arena_new(), *kept = NULL;
	struct metadata md;
	struct why why;

	why_init(&why);
	if (metadata_read(m, file, a, &md, &why) == -1)
		log_warning("%s", why_text(&why));
	else
		kept = digests_of(&md, out);
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
	m = tree_folder(s->tree, p->name, &got, &why);
	if (m != NULL)
		fresh = read_notes(m, METADATA_FILE, &now);
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
	fresh = read_notes(tree_inbox(s->tree), METADATA_SERVER, &now);
	if (fresh == NULL)
		return;
	if (tell && n->server.a != NULL)
		metadata_put_changes(s, SPAN(""), &n->server.md, &now);
	take_notes(&n->server, fresh, &now);
}

/* --- all folders --- */

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
			span_is(p->name, "INBOX") };
		enum tree_result result;
		struct maildir *m;

		if (!what.top &&
		    (!p->exists ||
			(p->asked &
			    (MESSAGE_EVENTS | EVENT_MAILBOX_METADATA)) == 0))
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
	return NULL;
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
