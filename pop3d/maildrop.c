/*
 * maildrop.c - the messages of a POP3 session, as they were at its start
 *
 * A view that is never told of anything new, so that numbers stay. RFC 1939
 * wants the maildrop locked against others; here, as in Courier and Dovecot, it
 * is not: a message that another session removes is answered -ERR, and no
 * number ever means another message.
 */

#include "pop3d/maildrop.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "os/clock.h"

enum { DAY = 86400 };

struct message {
	bool deleted, fetched;
	struct span uidl; /* taken over; empty: ours */
};

struct maildrop {
	struct tree *tree;
	struct view *view;
	struct message *list;
	size_t count;
	struct arena *a;
	struct buf uidl;
};

static void
note_uidl(void *arg, uint32_t uid, struct span uidl)
{
	struct maildrop *d = arg;
	size_t i = view_find(d->view, uid);

	if (i < d->count && view_at(d->view, i)->uid == uid)
		d->list[i].uidl = arena_span(d->a, uidl);
}

static int
open_view(
    struct maildrop *d, const char *path, const char *indexes, struct why *why)
{
	static const struct folder_conf names = { "", '.', FOLDER_AUTO, false };
	struct view_conf conf = { .keep_new = true };
	struct maildir *m;

	d->tree = tree_open(AT_FDCWD, path, &names, why);
	if (d->tree == NULL)
		return -1;
	tree_keep_indexes(d->tree, indexes);
	conf.tree = d->tree;
	m = maildir_again(tree_inbox(d->tree), why);
	if (m == NULL)
		return -1;
	d->view = view_open(&m, &conf, why);
	if (d->view == NULL)
		return -1;
	d->count = view_count(d->view);
	d->list = mem_array(d->count + 1, sizeof(*d->list));
	return view_uidls(d->view, note_uidl, d, why);
}

static void
release(struct maildrop **at)
{
	struct maildrop *d = *at;

	view_close(&d->view);
	tree_close(&d->tree);
	free(d->list);
	arena_free(&d->a);
	buf_free(&d->uidl);
	mem_free(at);
}

struct maildrop *
maildrop_open(const char *path, const char *indexes, struct why *why)
{
	struct maildrop *d = mem_new(sizeof(*d));

	d->a = arena_new();
	if (open_view(d, path, indexes, why) == -1)
		release(&d);
	return d;
}

void
maildrop_tell_removals(
    struct maildrop *d, void (*fn)(void *arg, struct span path), void *arg)
{
	view_tell_removals(d->view, fn, arg);
}

static int
mark_fetched(struct maildrop *d, uint32_t *at, struct why *why)
{
	static const struct view_change seen = { .op = VIEW_ADD,
		.flags = FLAG_SEEN,
		.unchanged_since = UINT64_MAX };
	size_t n = 0;

	for (size_t i = 0; i < d->count; i++)
		if (d->list[i].fetched &&
		    (view_at(d->view, i)->flags & FLAG_SEEN) == 0)
			at[n++] = (uint32_t)i;
	return n == 0 ? 0 : view_store(d->view, at, n, &seen, why);
}

static int
remove_deleted(struct maildrop *d, uint32_t *at, struct why *why)
{
	size_t n = 0;

	for (size_t i = 0; i < d->count; i++)
		if (d->list[i].deleted)
			at[n++] = (uint32_t)i;
	return n == 0 ? 0 : view_expunge(d->view, at, n, VIEW_ANY, why);
}

int
maildrop_close(struct maildrop **at, bool remove, struct why *why)
{
	struct maildrop *d = *at;
	uint32_t *list;
	int got = 0;

	if (d == NULL)
		return 0;
	list = mem_array(d->count + 1, sizeof(*list));
	if (remove)
		got = remove_deleted(d, list, why);
	if (mark_fetched(d, list, why) == -1 && !remove)
		got = -1;
	free(list);
	release(at);
	return got;
}

int
maildrop_dir(const struct maildrop *d)
{
	return maildir_dir(tree_inbox(d->tree));
}

static bool
is_expired(const struct maildrop *d, size_t i, int days)
{
	const struct msg *m = view_at(d->view, i);

	if (days == 0)
		return d->list[i].fetched;
	return (m->flags & FLAG_SEEN) != 0 && m->saved != 0 &&
	    (int64_t)m->saved + (int64_t)days * DAY < clock_wall();
}

void
maildrop_expire(struct maildrop *d, int days)
{
	for (size_t i = 0; i < d->count; i++)
		if (is_expired(d, i, days))
			d->list[i].deleted = true;
}

size_t
maildrop_count(const struct maildrop *d)
{
	return d->count;
}

bool
maildrop_deleted(const struct maildrop *d, size_t i)
{
	return d->list[i].deleted;
}

void
maildrop_delete(struct maildrop *d, size_t i)
{
	d->list[i].deleted = true;
}

void
maildrop_undelete_all(struct maildrop *d)
{
	for (size_t i = 0; i < d->count; i++)
		d->list[i].deleted = false;
}

void
maildrop_fetched(struct maildrop *d, size_t i)
{
	d->list[i].fetched = true;
}

uint64_t
maildrop_size(struct maildrop *d, size_t i)
{
	uint64_t size = 0;
	struct why why;

	why_init(&why);
	if (view_wire_size(d->view, i, &size, &why) == -1)
		size = 0;
	why_free(&why);
	return size;
}

struct span
maildrop_uidl(struct maildrop *d, size_t i)
{
	if (d->list[i].uidl.n > 0)
		return d->list[i].uidl;
	buf_clear(&d->uidl);
	buf_printf(&d->uidl, "%08" PRIx32 "%08" PRIx32,
	    view_at(d->view, i)->uid, view_validity(d->view));
	return buf_span(&d->uidl);
}

int
maildrop_file(struct maildrop *d, size_t i, struct why *why)
{
	return view_file(d->view, i, why);
}
