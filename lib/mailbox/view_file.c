/*
 * view_file.c - the files of messages, wherever other programs renamed them to
 *
 * A name that is not there any more is looked for in new/ and cur/ once for all
 * messages: a program that marks one of them read has often marked many.
 */

#include "mailbox/view.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

enum { LOOK_ROUNDS = 3 };

static int
open_named(struct view *v, const struct msg *m, struct stat *st)
{
	struct span name = index_name(&v->x, m);
	char path[256]; /* a name has 255 bytes at most, see index.c */
	int part = (m->bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW : MAILDIR_CUR;
	int fd, error;

	must(name.n < sizeof(path));
	memcpy(path, name.p, name.n);
	path[name.n] = '\0';
	fd = file_open(maildir_fd(v->m, (enum maildir_part)part), path,
	    O_RDONLY | O_NONBLOCK, 0);
	error = errno;
	if (fd != -1 && (fstat(fd, st) == -1 || !S_ISREG(st->st_mode))) {
		file_close(&fd);
		error = EACCES;
	}
	errno = error;
	return fd;
}

/* Another program may have renamed it since: look once. */
int
view_file_stat(struct view *v, size_t i, struct stat *st, struct why *why)
{
	int fd = open_named(v, view_at(v, i), st);

	if (fd == -1 && errno == ENOENT) {
		v->dirty[0] = v->dirty[1] = true;
		if (view_sync(v, why) == -1)
			return -1;
		if ((view_at(v, i)->bits & MSG_GONE) != 0) {
			why_set(why, "4.2.0", "the message was removed");
			errno = ENOENT;
			return -1;
		}
		fd = open_named(v, view_at(v, i), st);
	}
	if (fd == -1)
		return view_trouble(v, "open a message", why);
	return fd;
}

int
view_file(struct view *v, size_t i, struct why *why)
{
	struct stat st;

	return view_file_stat(v, i, &st, why);
}

static int
link_named(struct view *v, const struct msg *m, int to_dir, const char *to_name,
    bool move)
{
	char *name = mem_span(index_name(&v->x, m));
	int part = (m->bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW : MAILDIR_CUR;
	int dir = maildir_fd(v->m, (enum maildir_part)part), got;

	if (move)
		got = file_rename(dir, name, to_dir, to_name);
	else
		got = file_link(dir, name, to_dir, to_name);
	free(name);
	return got;
}

/* --- renamed by others --- */

int
view_each_file(
    struct view *v, enum maildir_part part, view_file_fn *fn, void *arg)
{
	int fd = file_open_dir(maildir_fd(v->m, part), ".", false);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		file_close(&fd);
		return -1;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' &&
		    (e->d_type == DT_REG || e->d_type == DT_UNKNOWN ||
			e->d_type == DT_LNK))
			fn(arg, part, e->d_name);
	closedir(d);
	return 0;
}

bool
view_lies_here(const struct view *v, const struct msg *m,
    enum maildir_part part, struct span name)
{
	return ((m->bits & MSG_IN_NEW) != 0) == (part == MAILDIR_NEW) &&
	    span_eq(index_name(&v->x, m), name);
}

struct other_name {
	struct msg *m;
	enum maildir_part part;
	struct span name;
};

struct looking {
	struct view *v;
	struct arena *a;
	struct other_name *list;
	size_t count, room;
};

/* A message that lies where we think it does stays there, also when another
 * file has its base. */
static void
look_at(void *arg, enum maildir_part part, const char *text)
{
	struct looking *l = arg;
	struct span name = span_str(text);
	struct msg *m = view_by_base(l->v, flags_base(name));

	if (m == NULL)
		return;
	if (view_lies_here(l->v, m, part, name)) {
		m->bits |= MSG_MARK;
		return;
	}
	if (l->count == l->room) {
		l->room = l->room == 0 ? 16 : l->room * 2;
		l->list = mem_resize(l->list, l->room, sizeof(*l->list));
	}
	l->list[l->count++] =
	    (struct other_name){ m, part, arena_span(l->a, name) };
}

/* Only the names: what has changed with them is found out by the next sync, as
 * changes must be. new/ first, so that what moves meanwhile is seen. */
static int
look_for_names(struct view *v)
{
	struct looking l = { .v = v };
	int got;

	v->dirty[0] = v->dirty[1] = true;
	for (size_t i = 0; i < v->x.count; i++)
		v->x.list[i].bits &= (uint8_t)~MSG_MARK;
	l.a = arena_new();
	got = view_each_file(v, MAILDIR_NEW, look_at, &l);
	if (got == 0)
		got = view_each_file(v, MAILDIR_CUR, look_at, &l);
	for (size_t i = 0; got == 0 && i < l.count; i++) {
		struct other_name *o = &l.list[i];

		if ((o->m->bits & MSG_MARK) != 0 ||
		    !index_rename(&v->x, o->m, o->name))
			continue;
		o->m->bits &= (uint8_t)~MSG_IN_NEW;
		if (o->part == MAILDIR_NEW)
			o->m->bits |= MSG_IN_NEW;
	}
	index_pack(&v->x);
	arena_free(&l.a);
	free(l.list);
	return got;
}

/* After ENOENT: 0 when it is worth another try. */
static int
look_for_name(struct view *v, const struct msg *m)
{
	char *had = mem_span(index_name(&v->x, m));
	bool in_new = (m->bits & MSG_IN_NEW) != 0, found;
	int got = look_for_names(v);

	found = (m->bits & MSG_MARK) != 0 ||
	    !span_is(index_name(&v->x, m), had) ||
	    ((m->bits & MSG_IN_NEW) != 0) != in_new;
	free(had);
	if (got == 0 && !found) {
		errno = ENOENT;
		got = -1;
	}
	return got;
}

int
view_file_unlocked(struct view *v, size_t i, struct why *why)
{
	const struct msg *m = view_at(v, i);
	struct stat st;
	int fd;

	for (int round = 0;; round++) {
		fd = open_named(v, m, &st);
		if (fd != -1)
			return fd;
		if (errno != ENOENT || round == LOOK_ROUNDS ||
		    look_for_name(v, m) == -1)
			return view_trouble(v, "open a message", why);
	}
}

int
view_link(struct view *v, size_t i, int to_dir, const char *to_name, bool move)
{
	const struct msg *m = view_at(v, i);

	for (int round = 0;; round++) {
		if (link_named(v, m, to_dir, to_name, move) == 0)
			return 0;
		if (errno != ENOENT || round == LOOK_ROUNDS ||
		    look_for_name(v, m) == -1)
			return -1;
	}
}
