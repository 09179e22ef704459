/*
 * view_change.c - a view changes its folder: flags, expunges
 *
 * Under the lock, and on what others did just before: a change of one keyword
 * by each of two sessions gives both. What is answered OK is on disk: renames
 * and removals by the folder's flush, keywords by that of facteur.uids.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/quota.h"
#include "mailbox/tree.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

struct changing {
	struct view *v;
	const struct view_change *c;
	struct kwset kw; /* of c */
	size_t had_names; /* keywords of the folder that are on disk */
	uint64_t modseq, before; /* given by this pass, and by the one before */
	bool renamed; /* some file was */
	bool took_new; /* some was removed from new/ */
	bool keyworded;
	enum view_which which; /* to be removed */
	size_t missing; /* files that were not where we thought */
	struct buf undo; /* struct had_kw of what was changed */
	bool counted; /* somebody wants to know how many octets go */
	int64_t bytes; /* removed */
	int64_t count;
};

struct had_kw {
	uint32_t at;
	struct kwset kw;
};

static void
log_change(struct changing *g, enum change_kind kind, struct msg *m)
{
	struct change c = {
		.kind = kind, .uid = m->uid, .flags = m->flags, .kw = m->kw
	};

	if (g->modseq == 0)
		g->modseq = changelog_modseq(g->v->log);
	c.modseq = m->modseq = g->modseq;
	changelog_add(g->v->log, &c);
	g->v->changed = true;
}

/* Numbers for the names, new ones written with the rest. -1: no room. */
static int
number_keywords(struct changing *g, struct why *why)
{
	struct keywords *names = g->v->x.keywords;

	g->had_names = keywords_count(names);
	for (size_t i = 0; i < g->c->keyword_count; i++) {
		struct span name = g->c->keywords[i];
		int at = keywords_find(names, name);

		if (at == -1 && g->c->op == VIEW_REMOVE)
			continue;
		if (at == -1) {
			at = keywords_add(names, name);
			if (at == -1) {
				why_set(why, "5.2.0",
				    "the folder has no room for more "
				    "keywords than its %d",
				    KEYWORDS_MAX);
				errno = E2BIG;
				return -1;
			}
			uidlist_keyword(g->v->uids, (size_t)at, name);
			g->keyworded = true;
		}
		kwset_set(&g->kw, (size_t)at, true);
	}
	return 0;
}

static unsigned
flags_after(const struct changing *g, unsigned had)
{
	switch (g->c->op) {
	case VIEW_SET:
		return (g->c->flags & ~g->c->keep_flags) |
		    (had & g->c->keep_flags);
	case VIEW_ADD:
		return had | g->c->flags;
	case VIEW_REMOVE:
		return had & ~g->c->flags;
	}
	return had;
}

static struct kwset
kw_after(const struct changing *g, const struct kwset *had)
{
	struct kwset out = g->kw;

	for (size_t i = 0; i < KEYWORDS_MAX / 64; i++) {
		if (g->c->op == VIEW_SET && g->c->keep_keywords)
			out.w[i] = had->w[i];
		else if (g->c->op == VIEW_ADD)
			out.w[i] = had->w[i] | g->kw.w[i];
		else if (g->c->op == VIEW_REMOVE)
			out.w[i] = had->w[i] & ~g->kw.w[i];
	}
	return out;
}

/* Flags are a name in cur/, wherever the file lay. */
static int
rename_flags(struct changing *g, struct msg *m, unsigned flags)
{
	struct view *v = g->v;
	struct buf to = BUF_EMPTY;
	char *from = mem_span(index_name(&v->x, m));
	int part = (m->bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW : MAILDIR_CUR;
	int got;

	flags_rename(&to, index_name(&v->x, m), flags);
	got = file_rename(maildir_fd(v->m, (enum maildir_part)part), from,
	    maildir_fd(v->m, MAILDIR_CUR), buf_str(&to));
	if (got == 0) {
		(void)index_rename(&v->x, m, buf_span(&to));
		m->bits &= (uint8_t)~MSG_IN_NEW;
		m->flags = (uint8_t)flags;
		g->renamed = true;
	}
	free(from);
	buf_free(&to);
	return got;
}

/* 0, or -1: errno ENOENT means that the file is elsewhere. */
static int
store_one(struct changing *g, struct msg *m)
{
	unsigned flags = flags_after(g, m->flags);
	struct kwset kw = kw_after(g, &m->kw);
	bool kw_changes = !kwset_eq(&kw, &m->kw);

	if (flags == m->flags && !kw_changes)
		return 0;
	if (flags != m->flags && rename_flags(g, m, flags) == -1)
		return -1;
	if (kw_changes) {
		const struct had_kw had = { (uint32_t)(m - g->v->x.list),
			m->kw };

		buf_add(&g->undo, &had, sizeof(had));
		m->kw = kw;
		uidlist_keywords(g->v->uids, m->uid, &kw);
		g->keyworded = true;
	}
	log_change(g, CHANGE_FLAGS, m);
	view_mark_news(g->v, m);
	return 0;
}

static bool
done_by_us(const struct changing *g, const struct msg *m)
{
	return m->modseq != 0 &&
	    (m->modseq == g->modseq || m->modseq == g->before);
}

/* One pass over the messages; those done already do not change again. */
static int
store_pass(struct changing *g, const uint32_t *at, size_t n, struct why *why)
{
	g->missing = 0;
	for (size_t i = 0; i < n; i++) {
		struct msg *m = &g->v->x.list[at[i]];

		must(at[i] < g->v->shown);
		if ((m->bits & (MSG_GONE | MSG_MARK)) != 0)
			continue;
		if (g->c->had != NULL && !done_by_us(g, m))
			g->c->had[i] = m->modseq;
		if (store_one(g, m) == 0)
			continue;
		if (errno != ENOENT)
			return view_trouble(g->v, "change flags", why);
		g->missing++;
	}
	return 0;
}

/* Keywords that could not be written are not there, nor are their names: a
 * number without a name on disk would be given to another one. */
static void
undo_keywords(struct changing *g)
{
	struct had_kw had;

	if (g->c != NULL)
		keywords_cut(g->v->x.keywords, g->had_names);

	for (size_t at = 0; at < g->undo.n; at += sizeof(had)) {
		memcpy(&had, g->undo.p + at, sizeof(had));
		g->v->x.list[had.at].kw = had.kw;
	}
}

static int
flush(struct changing *g, struct why *why)
{
	struct view *v = g->v;

	if ((g->renamed && file_sync(maildir_fd(v->m, MAILDIR_CUR)) == -1) ||
	    (g->took_new && file_sync(maildir_fd(v->m, MAILDIR_NEW)) == -1))
		return view_trouble(v, "flush a folder", why);
	return 0;
}

/* Files first: lines that say more than what is on disk would make of a message
 * that is there still another one. Then the log: a client is rather told of a
 * change that did not come to be than not told of one that did. */
static int
write_round(struct changing *g, struct why *why)
{
	struct view *v = g->v;
	int got = flush(g, why);

	changelog_commit(v->log);
	if (uidlist_commit(v->uids, g->keyworded, why) == -1) {
		undo_keywords(g);
		got = -1;
	}
	buf_free(&g->undo);
	g->keyworded = false;
	if (got == 0)
		g->had_names = keywords_count(v->x.keywords);
	return got;
}

/* Files were renamed by another program: look where they are, then again. What
 * that finds has a sequence of its own, and what we do behind it a later one.
 * What was done already is written first, for the scan writes what waits, and
 * knows not that it is to last. */
static int
look_again(struct changing *g, struct why *why)
{
	struct view *v = g->v;

	if (write_round(g, why) == -1)
		return -1;
	v->dirty[0] = v->dirty[1] = true;
	return view_scan(v, why);
}

static int
finish(struct changing *g, struct why *why)
{
	struct view *v = g->v;
	int got = write_round(g, why);

	if (g->renamed || g->took_new)
		view_own_end(v);
	index_pack(&v->x);
	return got;
}

static void
mark_newer(struct changing *g, const uint32_t *at, size_t n)
{
	for (size_t i = 0; i < g->v->x.count; i++)
		g->v->x.list[i].bits &= (uint8_t)~MSG_MARK;
	for (size_t i = 0; i < n; i++)
		if (g->v->x.list[at[i]].modseq > g->c->unchanged_since &&
		    !done_by_us(g, &g->v->x.list[at[i]]))
			g->v->x.list[at[i]].bits |= MSG_MARK;
}

static int
store_all(struct changing *g, const uint32_t *at, size_t n, struct why *why)
{
	int got = 0;

	view_own_begin(g->v);
	if (number_keywords(g, why) == -1)
		got = -1;
	if (got == 0) {
		mark_newer(g, at, n);
		got = store_pass(g, at, n, why);
	}
	if (got == 0 && g->missing > 0) {
		got = look_again(g, why);
		if (got == 0) {
			mark_newer(g, at, n);
			g->before = g->modseq;
			g->modseq = 0;
			got = store_pass(g, at, n, why);
		}
	}
	if (finish(g, why) == -1)
		got = -1;
	return got;
}

int
view_store(struct view *v, const uint32_t *at, size_t n,
    const struct view_change *c, struct why *why)
{
	struct changing g = { .v = v, .c = c };
	int got;

	must(!v->read_only);
	if (view_lock(v, why) == -1)
		return -1;
	got = view_catch_up(v, why);
	if (got == 0)
		got = store_all(&g, at, n, why);
	uidlist_unlock(v->uids);
	return got;
}

static void
path_add(const struct view *v, const struct msg *m, struct buf *out)
{
	struct span name = index_name(&v->x, m);

	buf_printf(out, "%s/%s/%.*s", maildir_path(v->m),
	    (m->bits & MSG_IN_NEW) != 0 ? "new" : "cur", (int)name.n, name.p);
}

void
view_path(struct view *v, size_t i, struct buf *out)
{
	path_add(v, view_at(v, i), out);
}

void
view_tell_removals(struct view *v, view_removed_fn *fn, void *arg)
{
	v->removed = fn;
	v->removed_arg = arg;
}

static void
tell_removed(const struct changing *g, const struct msg *m)
{
	struct buf path = BUF_EMPTY;

	if (g->v->removed == NULL || g->which == VIEW_MOVED)
		return;
	path_add(g->v, m, &path);
	g->v->removed(g->v->removed_arg, buf_span(&path));
	buf_free(&path);
}

static int
remove_one(struct changing *g, struct msg *m)
{
	struct view *v = g->v;
	char *name = mem_span(index_name(&v->x, m));
	int part = (m->bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW : MAILDIR_CUR;
	int dir = maildir_fd(v->m, (enum maildir_part)part), got;
	int64_t size = (int64_t)m->size;
	struct stat st;

	if (g->counted && (m->bits & MSG_SIZED) == 0)
		size = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0
		    ? st.st_size
		    : 0;
	got = file_unlink(dir, name);
	free(name);
	if (got == -1 && !(errno == ENOENT && g->which == VIEW_MOVED))
		return -1;
	if (part == MAILDIR_NEW)
		g->took_new = true;
	else
		g->renamed = true;
	g->bytes -= size;
	g->count--;
	tell_removed(g, m);
	view_mark_gone(v, m);
	uidlist_gone(v->uids, m->uid);
	log_change(g, CHANGE_GONE, m);
	return 0;
}

static int
remove_pass(struct changing *g, const uint32_t *at, size_t n, struct why *why)
{
	g->missing = 0;
	for (size_t i = 0; i < n; i++) {
		struct msg *m = &g->v->x.list[at[i]];

		must(at[i] < g->v->shown);
		if ((m->bits & MSG_GONE) != 0 ||
		    (g->which == VIEW_DELETED &&
			(m->flags & FLAG_DELETED) == 0))
			continue;
		if (remove_one(g, m) == 0)
			continue;
		if (errno != ENOENT)
			return view_trouble(g->v, "remove a message", why);
		g->missing++;
	}
	return 0;
}

static int
expunge_all(struct changing *g, const uint32_t *at, size_t n, struct why *why)
{
	const int top = maildir_dir(tree_inbox(g->v->tree));
	int got;

	g->counted = quota_is_counted(top);
	view_own_begin(g->v);
	got = remove_pass(g, at, n, why);
	if (got == 0 && g->missing > 0) {
		got = look_again(g, why);
		g->modseq = 0;
		if (got == 0)
			got = remove_pass(g, at, n, why);
	}
	if (finish(g, why) == -1)
		got = -1;
	if (g->counted && g->count < 0)
		quota_add(top, g->bytes, g->count);
	return got;
}

int
view_expunge(struct view *v, const uint32_t *at, size_t n,
    enum view_which which, struct why *why)
{
	struct changing g = { .v = v, .which = which };
	int got;

	must(!v->read_only);
	if (view_lock(v, why) == -1)
		return -1;
	got = view_catch_up(v, why);
	if (got == 0)
		got = expunge_all(&g, at, n, why);
	uidlist_unlock(v->uids);
	return got;
}
