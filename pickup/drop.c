/*
 * drop.c - messages that postdrop left in maildrop/ while the system was down
 *
 * The folder is writable to its group and holds strangers' files: each is
 * opened without following a link, must be a plain file with one name, and is
 * read by descriptor. One after another: nobody waits for these.
 */

#include "pickup/drop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/submit_call.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "pickup/conf.h"
#include "pickup/drop_file.h"
#include "pickup/intake.h"
#include "service/service.h"

enum { CHUNK = 65536, BATCH = 1000, STALE_SECONDS = 86400 };

struct name {
	struct list in;
	char *text;
};

struct drop {
	const struct pickup_conf *conf;
	struct channel *qmgr;
	int folder;
	bool stopped;
	bool looking; /* names of the last look are left */
	bool full; /* it found more than it took */
	size_t taken; /* messages since that look began */
	struct loop_timer *timer; /* the next look */
	struct loop_timer *step; /* the next file: from the loop, not deeper */
	struct list names; /* found in the last look */
	struct table *bad; /* names told of already */
	/* the file under way */
	char *name;
	int fd;
	struct arena *arena;
	struct buf front;
	struct drop_envelope envelope;
	struct intake *intake;
	off_t at; /* read so far of its file */
	bool over; /* there is no more of it */
};

static void
file_end(struct drop *d)
{
	intake_free(&d->intake);
	file_close(&d->fd);
	arena_free(&d->arena);
	buf_free(&d->front);
	mem_free(&d->name);
	loop_timer_set(d->step, 0);
}

/* As far as it can be taken now. False: why says what is wrong. */
static bool
content_copy(struct drop *d, struct why *why)
{
	char *chunk = mem_new(CHUNK);
	bool good = true;
	ssize_t n = 0;

	while (good && !intake_busy(d->intake) &&
	    (n = pread(d->fd, chunk, CHUNK, d->at)) > 0) {
		good = intake_data(d->intake, span_of(chunk, (size_t)n), why);
		d->at += n;
	}
	free(chunk);
	d->over = n == 0;
	if (n == -1)
		why_set(why, "4.3.0", "read maildrop/%s: %s", d->name,
		    strerror(errno));
	return good && n != -1;
}

/* Told once: the administrator must look. */
static void
refuse(struct drop *d, const char *text)
{
	static char mark;

	if (table_put(d->bad, span_str(d->name), &mark) == NULL) {
		struct buf name = BUF_EMPTY;

		log_quote(&name, span_str(d->name), 100);
		log_warning(
		    "maildrop/%s: %s: left alone", buf_str(&name), text);
		buf_free(&name);
	}
	file_end(d);
}

static void
ready(void *arg, const struct why *why)
{
	struct drop *d = arg;
	struct why trouble;

	why_init(&trouble);
	why_copy(&trouble, why);
	if (why->outcome == DONE && content_copy(d, &trouble)) {
		if (d->over)
			intake_end(d->intake);
	} else if (trouble.outcome == BOUNCE) {
		refuse(d, why_text(&trouble));
	} else {
		log_warning("maildrop/%s: %s", d->name, why_text(&trouble));
		file_end(d);
	}
	why_free(&trouble);
}

/* Only now, with the message in the queue, may the file go. */
static void
done(void *arg, const struct why *why, struct span qid)
{
	struct drop *d = arg;

	(void)qid;
	if (why->outcome == BOUNCE) {
		struct buf text = BUF_EMPTY;

		buf_add_span(&text, buf_span(&why->text));
		refuse(d, buf_str(&text));
		buf_free(&text);
		return;
	}
	if (why->outcome == DONE && file_unlink(d->folder, d->name) == -1)
		log_error("maildrop/%s: remove: %s", d->name, strerror(errno));
	else if (why->outcome == DONE)
		d->taken++;
	file_end(d);
}

static bool
front_read(struct drop *d, const struct stat *st)
{
	size_t n = st->st_size < DROP_ENVELOPE_MAX ? (size_t)st->st_size
						   : DROP_ENVELOPE_MAX;

	if (file_read_at(d->fd, buf_room(&d->front, n), n, 0) == -1)
		return false;
	d->front.n = n;
	return drop_envelope_parse(buf_span(&d->front), d->arena, &d->envelope);
}

static void
begin(struct drop *d)
{
	static const struct intake_calls calls = { ready, done };
	struct submit_begin b;
	struct stat st;

	d->arena = arena_new();
	d->fd = file_open(d->folder, d->name, O_RDONLY | O_NONBLOCK, 0);
	if (d->fd == -1 || fstat(d->fd, &st) == -1) {
		if (errno == ENOENT)
			file_end(d);
		else
			refuse(d, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		refuse(d, "not a plain file");
	} else if ((st.st_mode & S_IXUSR) == 0) {
		file_end(d); /* still being written */
	} else if (!front_read(d, &st)) {
		refuse(d, "not a message of postdrop");
	} else {
		b = (struct submit_begin){ .sender = d->envelope.sender,
			.full_name = d->envelope.full_name,
			.envid = d->envelope.envid,
			.verp = d->envelope.verp,
			.ret = d->envelope.ret,
			.flags = d->envelope.flags };
		d->at = (off_t)d->envelope.content_at;
		d->over = false;
		d->intake = intake_new(d->conf, d->qmgr, &calls, d);
		intake_begin(d->intake, &b, st.st_uid);
		intake_judge(d->intake, b.sender);
		(void)intake_rcpts(
		    d->intake, d->envelope.rcpts, d->envelope.rcpt_count);
	}
}

static void
next(void *arg)
{
	struct drop *d = arg;
	struct list *l;

	if (d->name != NULL || d->stopped)
		return;
	l = list_pop(&d->names);
	if (l == NULL) {
		d->looking = false;
		/* as long as looking leads anywhere */
		if (d->full && d->taken > 0)
			loop_timer_set(d->timer, 0);
		return;
	}
	d->name = LIST_OF(l, struct name, in)->text;
	free(LIST_OF(l, struct name, in));
	begin(d);
}

/* One that postdrop still writes takes no place from those that are complete;
 * one that it left when it was killed, whose caller was told so, goes after a
 * day. */
static bool
complete(const struct drop *d, const char *name)
{
	struct stat st;

	if (name[0] == '.')
		return false;
	if (fstatat(d->folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode) || (st.st_mode & S_IXUSR) != 0)
		return true;
	if (st.st_mtime + STALE_SECONDS < clock_wall()) {
		log_info("maildrop/: removed a file that was never completed");
		(void)file_unlink(d->folder, name);
	}
	return false;
}

static void
look(void *arg)
{
	struct drop *d = arg;
	int fd = file_open_dir(d->folder, ".", false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int count = 0;

	if (dir == NULL) {
		log_error("read maildrop/: %s", strerror(errno));
		file_close(&fd);
		return;
	}
	d->looking = true;
	d->taken = 0;
	while (count < BATCH && (entry = readdir(dir)) != NULL) {
		struct name *n;

		if (!complete(d, entry->d_name))
			continue;
		n = mem_new(sizeof(*n));
		n->text = mem_str(entry->d_name);
		list_add_tail(&d->names, &n->in);
		count += table_get(d->bad, span_str(n->text)) == NULL;
	}
	closedir(dir);
	d->full = count == BATCH;
	next(d);
}

void
drop_look(struct drop *d)
{
	if (!d->looking)
		loop_timer_set(d->timer, 0);
}

void
drop_stop(struct drop *d)
{
	d->stopped = true;
}

bool
drop_busy(const struct drop *d)
{
	return d->name != NULL;
}

struct drop *
drop_new(const struct pickup_conf *conf, struct channel *qmgr)
{
	struct drop *d = mem_new(sizeof(*d));

	d->conf = conf;
	d->qmgr = qmgr;
	d->fd = -1;
	list_init(&d->names);
	d->bad = table_new();
	d->folder = file_open_dir(AT_FDCWD, "/maildrop", false);
	if (d->folder == -1)
		log_fatal("open maildrop/: %s", strerror(errno));
	d->timer = loop_timer_new(service_loop(), look, d);
	d->step = loop_timer_new(service_loop(), next, d);
	loop_timer_set(d->timer, 0);
	return d;
}
