/*
 * view_stamps.c - whether somebody was in new/ or cur/
 *
 * By the folders' stamps, or by what the kernel tells of names that came and
 * went. Our own doings show there too, and must explain themselves.
 */

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "mailbox/flags.h"
#include "mailbox/view_parts.h"
#include "os/clock.h"
#include "os/file.h"

enum { REST_MS = 61000 /* NFS believes what it knows for a minute */ };

static bool
stamp_same(const struct dir_stamp *a, const struct stat *st)
{
	return a->mtime.tv_sec == st->st_mtim.tv_sec &&
	    a->mtime.tv_nsec == st->st_mtim.tv_nsec &&
	    a->ctime.tv_sec == st->st_ctim.tv_sec &&
	    a->ctime.tv_nsec == st->st_ctim.tv_nsec;
}

static bool
later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
				      : a->tv_nsec > b->tv_nsec;
}

/* Whose clock stamps the folder's files. */
static bool
clock_is_ours(struct view *v, int fd)
{
	if (v->clock == CLOCK_UNKNOWN)
		v->clock = file_clock_is_ours(fd) ? CLOCK_OURS : CLOCK_OTHERS;
	return v->clock == CLOCK_OURS;
}

/* Another machine's clock is past the stamp for certain when that has not
 * changed for longer than its file system may keep it from us. */
static bool
has_rested(struct view *v, int part, const struct stat *st)
{
	struct dir_stamp *seen = &v->seen[part];

	if (v->seen_since[part] != 0 && stamp_same(seen, st))
		return clock_ms() - v->seen_since[part] > REST_MS;
	seen->mtime = st->st_mtim;
	seen->ctime = st->st_ctim;
	v->seen_since[part] = clock_ms();
	return false;
}

/* Note the stamp of a folder. It is settled when the file system's clock was
 * already past it, so that any later change gets another one. File systems
 * that count seconds, and those with another machine's clock, need more. */
static void
stamp_take(struct view *v, int part, struct dir_stamp *out)
{
	int fd = maildir_fd(v->m, (enum maildir_part)part);
	struct timespec now;
	struct stat st;

	memset(out, 0, sizeof(*out));
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (fstat(fd, &st) == -1)
		return;
	out->mtime = st.st_mtim;
	out->ctime = st.st_ctim;
	if (st.st_ctim.tv_nsec == 0)
		now.tv_sec -= 2;
	out->settled = clock_is_ours(v, fd)
	    ? later(&now, &st.st_ctim) && later(&now, &st.st_mtim)
	    : has_rested(v, part, &st);
}

void
view_stamp_take(struct view *v, int part)
{
	stamp_take(v, part, &v->x.stamps[part]);
}

static struct span
event_name(const struct view *v, const struct watch_event *e)
{
	return span_of(v->events.names.p + e->name_at, e->name_n);
}

static bool
is_here(const struct view *v, const struct msg *m, const struct watch_event *e)
{
	return ((m->bits & MSG_IN_NEW) != 0) == (e->part == MAILDIR_NEW) &&
	    span_eq(index_name(&v->x, m), event_name(v, e));
}

/* The event is the second half of a rename from where the message lay, with the
 * same flags: another session has taken it in. So it lies here now. */
static bool
moved_only(struct view *v, struct msg *m, const struct watch_event *e)
{
	struct span name = event_name(v, e);

	if (e == v->events.list || !e->there || e[-1].there ||
	    !is_here(v, m, &e[-1]) || flags_of(name) != m->flags ||
	    !index_rename(&v->x, m, name))
		return false;
	if ((m->bits & MSG_IN_NEW) != 0)
		m->bits ^= MSG_IN_NEW;
	if (e->part == MAILDIR_NEW)
		m->bits |= MSG_IN_NEW;
	v->changed = true;
	return true;
}

/* Events from the last to the first: for each name the last one counts, and it
 * must be what we know. */
static bool
explained(struct view *v, const struct watch_event *e)
{
	struct msg *m = view_by_base(v, flags_base(event_name(v, e)));

	if (m == NULL)
		return !e->there;
	if ((m->bits & MSG_MARK) != 0)
		return true;
	m->bits |= MSG_MARK;
	return is_here(v, m, e) == e->there || moved_only(v, m, e);
}

static void
judge_events(struct view *v)
{
	for (size_t i = v->events.count; i-- > 0;)
		if (!explained(v, &v->events.list[i]))
			v->dirty[v->events.list[i].part] = true;
	for (size_t i = 0; v->events.count > 0 && i < v->x.count; i++)
		v->x.list[i].bits &= (uint8_t)~MSG_MARK;
	if (v->events.lost)
		v->dirty[0] = v->dirty[1] = true;
	watch_events_free(&v->events);
	v->events.lost = false;
}

static void
compare_stamps(struct view *v)
{
	struct stat st;

	for (int i = 0; i < 2; i++)
		if (!v->x.stamps[i].settled ||
		    fstat(maildir_fd(v->m, (enum maildir_part)i), &st) == -1 ||
		    !stamp_same(&v->x.stamps[i], &st))
			v->dirty[i] = true;
}

bool
view_peek(struct view *v)
{
	if (v->watch == NULL)
		compare_stamps(v);
	else
		watch_drain(v->watch, &v->events);
	return v->dirty[0] || v->dirty[1] || v->events.count > 0 ||
	    v->events.lost || uidlist_changed(v->uids) ||
	    changelog_changed(v->log);
}

void
view_look(struct view *v)
{
	struct dir_stamp now[2];

	/* the index's stamps are of before the watch */
	if (v->watch == NULL || !v->loaded)
		compare_stamps(v);
	if (v->watch == NULL)
		return;
	/* what happened before the stamps is among the events behind them */
	for (int i = 0; i < 2; i++)
		stamp_take(v, i, &now[i]);
	watch_drain(v->watch, &v->events);
	if (!v->loaded)
		return;
	judge_events(v);
	for (int i = 0; i < 2; i++)
		if (!v->dirty[i])
			v->x.stamps[i] = now[i];
}

/* Without events, a change of ours hides one that others made at the same
 * time, unless the stamp tells. */
void
view_own_begin(struct view *v)
{
	if (v->watch == NULL)
		view_look(v);
}

void
view_own_end(struct view *v)
{
	if (v->watch != NULL)
		return; /* our own events explain themselves */
	for (int i = 0; i < 2; i++)
		if (!v->dirty[i])
			view_stamp_take(v, i);
}
