/*
 * changelog.c - facteur.log: what changed in a folder, and when
 *
 * A head of 40 bytes, records of 40 bytes. Nothing is flushed: what a crash
 * takes from the end was told to no one as a promise, and sequences follow the
 * clock, so none is given twice.
 *
 * Where it lies elsewhere, it is believed as long as the note in the folder
 * (index_note.h) names it. Where it cannot be kept there, changes are made
 * without it: then the note goes first.
 */

#include "mailbox/changelog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/log.h"
#include "base/mem.h"
#include "mailbox/index_note.h"
#include "mailbox/pack.h"
#include "os/clock.h"
#include "os/file.h"

enum {
	RECORD = 40,
	BODY = RECORD - 4, /* before the checksum */
	READ_FIRST = 64,
	READ_RECORDS = 4096,
	TRIM_FROM = 40000, /* records, before trimming is thought of */
	KEEP_GONE = 10000
};

#define MAGIC   UINT64_C(0x31474f4c54434146) /* "FACTLOG1" */
#define YEAR_US (INT64_C(366) * 86400 * 1000000)

struct changelog {
	int home, dir, fd; /* dir is home, or another one, or -1: nowhere */
	struct stat note; /* in home, as it was when it named this file */
	bool off; /* it was tried, and cannot be kept elsewhere */
	char *name;
	mode_t mode;
	uint32_t validity;
	uint64_t id, ino, at;
	uint64_t floor; /* expunges up to this sequence are forgotten */
	uint64_t highest;
	struct buf queue;
};

struct changelog *
changelog_new(int home, int dir, const char *name, mode_t mode)
{
	struct changelog *l = mem_new(sizeof(*l));

	l->home = home;
	l->dir = dir;
	l->fd = -1;
	l->name = mem_str(name);
	l->mode = mode;
	return l;
}

void
changelog_free(struct changelog **l)
{
	if (*l == NULL)
		return;
	file_close(&(*l)->fd);
	free((*l)->name);
	buf_free(&(*l)->queue);
	mem_free(l);
}

static struct span
bytes(const unsigned char *p, size_t n)
{
	return span_of((const char *)p, n);
}

static void
seal(unsigned char record[RECORD])
{
	(void)pack(record + BODY, crc_add(0, bytes(record, BODY)), 4);
}

static bool
sealed(const unsigned char record[RECORD])
{
	const unsigned char *p = record + BODY;

	return unpack(&p, 4) == crc_add(0, bytes(record, BODY));
}

static void
head_print(const struct changelog *l, unsigned char head[RECORD])
{
	unsigned char *p = head;

	memset(head, 0, RECORD);
	p = pack(p, MAGIC, 8);
	p = pack(p, l->validity, 4);
	p = pack(p, l->floor, 8);
	(void)pack(p, l->id, 8);
	seal(head);
}

static bool
head_read(struct changelog *l, int fd, uint32_t validity)
{
	unsigned char head[RECORD];
	const unsigned char *p = head;

	if (file_read_at(fd, head, sizeof(head), 0) == -1 || !sealed(head) ||
	    unpack(&p, 8) != MAGIC || unpack(&p, 4) != validity)
		return false;
	l->floor = unpack(&p, 8);
	l->id = unpack(&p, 8);
	return true;
}

static void
record_print(const struct change *c, unsigned char r[RECORD])
{
	unsigned char *p = r;

	memset(r, 0, RECORD);
	p = pack(p, c->modseq, 8);
	p = pack(p, c->uid, 4);
	p = pack(p, c->kind, 1);
	p = pack(p, c->flags, 1);
	p = pack(p, c->kw.w[0], 8);
	(void)pack(p, c->kw.w[1], 8);
	seal(r);
}

static bool
record_read(const unsigned char r[RECORD], struct change *c)
{
	const unsigned char *p = r;

	if (!sealed(r))
		return false;
	c->modseq = unpack(&p, 8);
	c->uid = (uint32_t)unpack(&p, 4);
	c->kind = (enum change_kind)unpack(&p, 1);
	c->flags = (unsigned)unpack(&p, 1);
	c->kw.w[0] = unpack(&p, 8);
	c->kw.w[1] = unpack(&p, 8);
	return c->kind >= CHANGE_ADD && c->kind <= CHANGE_GONE;
}

static bool
is_elsewhere(const struct changelog *l)
{
	return l->home != l->dir;
}

static void
shut(struct changelog *l)
{
	file_close(&l->fd);
	l->id = l->ino = l->at = 0;
}

/* A log that cannot be kept is none at all. */
static void
give_up(struct changelog *l, const char *what)
{
	log_warning("%s%s: cannot %s: %s",
	    is_elsewhere(l) ? "index_directory: " : "", l->name, what,
	    strerror(errno));
	if (is_elsewhere(l)) {
		index_note_drop(l->home);
		l->off = true;
	}
	(void)file_unlink(l->dir, l->name);
	shut(l);
}

static uint64_t
random_id(void)
{
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id) || id == 0)
		id = (uint64_t)clock_wall_us();
	return id;
}

/* Whatever was expunged before cannot be told any more. */
static void
forget_before(struct changelog *l)
{
	uint64_t now = (uint64_t)clock_wall_us();

	l->floor = l->highest > now ? l->highest : now;
}

/* Under another name first, one for all: whoever holds the lock clears up what
 * a killed process left. So whoever has the old file open goes on with that,
 * and sees by its number that the new one is another. The descriptor, or -1. */
static int
write_fresh(struct changelog *l, struct span all, bool flush)
{
	char *fresh = mem_printf("%s.tmp", l->name);
	int fd, error;

	(void)file_unlink(l->dir, fresh);
	fd = file_open(l->dir, fresh, O_RDWR | O_CREAT | O_EXCL, l->mode);
	if (fd != -1 &&
	    (file_write(fd, all) == -1 || (flush && file_sync(fd) == -1) ||
		file_rename(l->dir, fresh, l->dir, l->name) == -1)) {
		error = errno;
		file_close(&fd);
		(void)file_unlink(l->dir, fresh);
		errno = error;
	}
	free(fresh);
	return fd;
}

static int
make_fresh(struct changelog *l, uint32_t validity)
{
	unsigned char head[RECORD];

	l->validity = validity;
	l->id = random_id();
	forget_before(l);
	head_print(l, head);
	return write_fresh(l, bytes(head, RECORD), false);
}

static bool
same_file(const struct changelog *l)
{
	struct stat st;

	return l->fd != -1 &&
	    fstatat(l->dir, l->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == l->ino && (uint64_t)st.st_size >= l->at &&
	    (!is_elsewhere(l) || index_note_is_still(l->home, &l->note));
}

/* Stand at the front of the file that was opened or made. */
static void
begin(struct changelog *l)
{
	struct stat st;

	if (l->fd == -1 || fstat(l->fd, &st) == -1) {
		give_up(l, "open");
		return;
	}
	l->ino = st.st_ino;
	l->at = RECORD;
}

/* --- in the folder itself --- */

/* What lies elsewhere is told of no change that is made here. */
static void
take_over(struct changelog *l)
{
	if (index_note_is(l->fd))
		index_note_drop(l->home);
	file_close(&l->fd);
}

static void
open_here(struct changelog *l, uint32_t validity)
{
	l->fd = file_open(l->dir, l->name, O_RDWR, 0);
	if (l->fd != -1 && !head_read(l, l->fd, validity))
		take_over(l);
	if (l->fd == -1)
		l->fd = make_fresh(l, validity);
	begin(l);
}

/* --- elsewhere --- */

static bool
is_named(const struct changelog *l, const struct index_note *n)
{
	struct stat st;

	return fstat(l->fd, &st) == 0 && st.st_ino == n->ino && l->id == n->id;
}

/* The one that the note names. */
static void
find_named(struct changelog *l, uint32_t validity)
{
	struct index_note n;

	if (l->dir == -1 || !index_note_read(l->home, &n, &l->note))
		return;
	l->fd = file_open(l->dir, l->name, O_RDWR, 0);
	if (l->fd != -1 && (!head_read(l, l->fd, validity) || !is_named(l, &n)))
		file_close(&l->fd);
}

/* The log before the note, so that a note never names one that is not whole. */
static int
note_it(struct changelog *l)
{
	struct stat st;

	if (fstat(l->fd, &st) == -1)
		return -1;
	return index_note_write(l->home,
	    &(struct index_note){ l->id, st.st_ino }, l->mode, &l->note);
}

static void
make_named(struct changelog *l, uint32_t validity)
{
	index_note_drop(l->home);
	index_drop(l->dir);
	l->fd = make_fresh(l, validity);
	if (l->fd == -1 || note_it(l) == -1)
		give_up(l, "make");
}

static void
open_elsewhere(struct changelog *l, uint32_t validity)
{
	find_named(l, validity);
	if (l->fd == -1 && l->dir != -1 && !l->off)
		make_named(l, validity);
	if (l->fd != -1) {
		l->off = false;
		begin(l);
		return;
	}
	index_note_drop(l->home);
	l->off = true;
	l->id = 0;
	forget_before(l);
}

/* What others did is in facteur.uids and in the names of the files. */
static bool
stays_off(const struct changelog *l)
{
	struct stat st;

	return l->off && l->fd == -1 &&
	    fstatat(l->home, INDEX_LOG, &st, AT_SYMLINK_NOFOLLOW) == -1;
}

bool
changelog_open(struct changelog *l, uint32_t validity)
{
	if (l->validity == validity && (same_file(l) || stays_off(l)))
		return true;
	shut(l);
	if (is_elsewhere(l))
		open_elsewhere(l, validity);
	else
		open_here(l, validity);
	l->validity = validity;
	return false;
}

bool
changelog_is_kept(const struct changelog *l)
{
	return l->fd != -1;
}

bool
changelog_changed(const struct changelog *l)
{
	struct stat st;

	if (l->fd == -1)
		return !stays_off(l);
	return fstatat(l->dir, l->name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_ino != l->ino || (uint64_t)st.st_size != l->at;
}

/* Tell the whole records from at on; returns where they end. */
static uint64_t
tell(struct changelog *l, uint64_t at, change_fn *fn, void *arg)
{
	size_t most = READ_FIRST; /* mostly there is one or none */
	unsigned char *room = mem_resize(NULL, most, RECORD);

	for (;;) {
		ssize_t n = pread(l->fd, room, most * RECORD, (off_t)at);
		size_t whole = n > 0 ? (size_t)n / RECORD : 0;
		struct change c;

		if (n == -1 && errno == EINTR)
			continue;
		if (whole == 0)
			break;
		for (size_t i = 0; i < whole; i++)
			if (record_read(room + i * RECORD, &c))
				fn(arg, &c);
		at += whole * RECORD;
		if (whole < most)
			break;
		most = READ_RECORDS;
		room = mem_resize(room, most, RECORD);
	}
	free(room);
	return at;
}

struct reading {
	struct changelog *l;
	change_fn *fn;
	void *arg;
};

static void
read_one(void *arg, const struct change *c)
{
	struct reading *r = arg;

	changelog_saw(r->l, c->modseq);
	r->fn(r->arg, c);
}

void
changelog_read(struct changelog *l, change_fn *fn, void *arg)
{
	struct reading r = { l, fn, arg };

	if (l->fd != -1)
		l->at = tell(l, l->at, read_one, &r);
}

struct since {
	uint64_t modseq;
	change_fn *fn;
	void *arg;
};

static void
gone_one(void *arg, const struct change *c)
{
	struct since *s = arg;

	if (c->kind == CHANGE_GONE && c->modseq > s->modseq)
		s->fn(s->arg, c);
}

bool
changelog_gone_since(
    struct changelog *l, uint64_t modseq, change_fn *fn, void *arg)
{
	struct since s = { modseq, fn, arg };

	if (l->fd == -1 || modseq < l->floor)
		return false;
	(void)tell(l, RECORD, gone_one, &s);
	return true;
}

uint64_t
changelog_modseq(struct changelog *l)
{
	uint64_t now = (uint64_t)clock_wall_us();

	l->highest = now > l->highest ? now : l->highest + 1;
	return l->highest;
}

uint64_t
changelog_highest(const struct changelog *l)
{
	return l->highest > l->floor ? l->highest : l->floor;
}

void
changelog_saw(struct changelog *l, uint64_t modseq)
{
	/* what damage makes of a number must not use up all that follow */
	if (modseq > l->highest && modseq < UINT64_C(1) << 62)
		l->highest = modseq;
}

void
changelog_add(struct changelog *l, const struct change *c)
{
	unsigned char r[RECORD];

	record_print(c, r);
	buf_add(&l->queue, r, RECORD);
}

void
changelog_commit(struct changelog *l)
{
	if (l->fd != -1 && l->queue.n > 0) {
		if (file_cut(l->fd, l->at) == -1 ||
		    file_write_at(l->fd, buf_span(&l->queue), l->at) == -1)
			give_up(l, "write");
		else
			l->at += l->queue.n;
	}
	buf_free(&l->queue);
}

void
changelog_flush(struct changelog *l)
{
	if (l->fd != -1 && file_sync_data(l->fd) == -1)
		give_up(l, "flush");
}

struct changelog_place
changelog_place(const struct changelog *l)
{
	return (struct changelog_place){ l->id, l->ino, l->at };
}

/* All up to there was written once, and its last record is there still. */
static bool
reaches(const struct changelog *l, uint64_t to)
{
	unsigned char r[RECORD];

	return file_read_at(l->fd, r, sizeof(r), to - RECORD) == 0 && sealed(r);
}

bool
changelog_seek(struct changelog *l, struct changelog_place to)
{
	if (l->fd == -1 || to.id != l->id || to.ino != l->ino ||
	    to.at < RECORD || to.at % RECORD != 0)
		return false;
	if (reaches(l, to.at)) {
		l->at = to.at;
		return true;
	}
	file_close(&l->fd);
	if (is_elsewhere(l)) {
		make_named(l, l->validity);
		if (l->fd == -1)
			return false;
	} else {
		l->fd = make_fresh(l, l->validity);
	}
	begin(l);
	return false;
}

void
changelog_rewind(struct changelog *l)
{
	if (l->fd != -1)
		l->at = RECORD;
}

static void
see_one(void *arg, const struct change *c)
{
	changelog_saw(arg, c->modseq);
}

void
changelog_seek_end(struct changelog *l)
{
	struct stat st;
	uint64_t end;

	if (l->fd == -1 || fstat(l->fd, &st) == -1)
		return;
	end = (uint64_t)st.st_size / RECORD * RECORD;
	/* one of the last records is whole, or the clock has gone on since */
	l->at = end > 9 * RECORD ? end - 8 * RECORD : RECORD;
	l->at = tell(l, l->at, see_one, l);
}

/* The sequence up to which records go. */
struct trimming {
	uint64_t gone, kept; /* expunges in all; to be dropped */
	uint64_t drop;
	uint64_t old; /* younger ones are kept in any case */
	uint64_t limit;
	struct buf out;
};

static void
count_gone(void *arg, const struct change *c)
{
	struct trimming *t = arg;

	t->gone += c->kind == CHANGE_GONE;
}

static void
find_limit(void *arg, const struct change *c)
{
	struct trimming *t = arg;

	if (c->kind != CHANGE_GONE || t->drop == 0 || c->modseq >= t->old)
		return;
	t->drop--;
	t->limit = c->modseq;
}

/* Only expunges are told from the log; the rest stands in the index. */
static void
keep_young(void *arg, const struct change *c)
{
	struct trimming *t = arg;
	unsigned char r[RECORD];

	if (c->kind != CHANGE_GONE || c->modseq <= t->limit)
		return;
	record_print(c, r);
	buf_add(&t->out, r, RECORD);
}

static void
write_trimmed(struct changelog *l, struct trimming *t)
{
	unsigned char head[RECORD];
	struct buf all = BUF_EMPTY;
	struct stat st;
	int fd;

	if (t->limit > l->floor)
		l->floor = t->limit;
	head_print(l, head);
	buf_add(&all, head, RECORD);
	buf_add_span(&all, buf_span(&t->out));
	fd = write_fresh(l, buf_span(&all), true);
	if (fd == -1) {
		give_up(l, "shorten");
	} else {
		file_close(&l->fd);
		l->fd = fd;
		l->at = all.n;
		l->ino = fstat(fd, &st) == 0 ? st.st_ino : 0;
		if (is_elsewhere(l) && note_it(l) == -1)
			give_up(l, "shorten");
	}
	buf_free(&all);
}

void
changelog_trim(struct changelog *l)
{
	struct trimming t = { .old = (uint64_t)(clock_wall_us() - YEAR_US) };

	if (l->fd == -1 || l->at < (uint64_t)TRIM_FROM * RECORD)
		return;
	(void)tell(l, RECORD, count_gone, &t);
	t.drop = t.gone > KEEP_GONE ? t.gone - KEEP_GONE : 0;
	(void)tell(l, RECORD, find_limit, &t);
	(void)tell(l, RECORD, keep_young, &t);
	write_trimmed(l, &t);
	buf_free(&t.out);
}
