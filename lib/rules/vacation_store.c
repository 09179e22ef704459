/*
 * vacation_store.c - who was answered lately: once per sender and period
 *
 * The first record is a mark; the others are looked through one by one, since
 * there are few and an answer is rare. A record that is torn or has run out is
 * free; what is free at the end of the file is cut off.
 */

#include "rules/vacation_store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/number.h"
#include "os/file.h"

enum {
	STAMP = 16,
	WHO = 32,
	RECORD = STAMP + 1 + STAMP + 1 + WHO + 1,
	LOCK_TRIES = 100,
	LOCK_MS = 50
};

static const char mark[] = "facteur vacation 1";

struct record {
	uint64_t sent, until;
	struct span who;
};

struct found {
	size_t place; /* of the same who; else where a new record goes */
	size_t end; /* behind the last record that still matters */
	uint64_t sent, until; /* sent 0: not there */
};

static void
who_of(struct span key, char out[WHO + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_BYTES];

	digest_sha256(key, sum);
	for (size_t i = 0; i < WHO; i++)
		out[i] = digits[sum[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	out[WHO] = '\0';
}

static bool
record_read(struct span s, struct record *r)
{
	r->who = span_head(span_skip(s, STAMP + 1 + STAMP + 1), WHO);
	return s.n == RECORD && s.p[STAMP] == ' ' &&
	    s.p[STAMP + 1 + STAMP] == ' ' && s.p[RECORD - 1] == '\n' &&
	    number_parse_hex(span_head(s, STAMP), INT64_MAX, &r->sent) &&
	    number_parse_hex(span_head(span_skip(s, STAMP + 1), STAMP),
		INT64_MAX, &r->until);
}

/* Where who stands in all, or may stand. */
static struct found
look(struct span all, struct span who, uint64_t now)
{
	struct found f = { .place = 0, .end = RECORD };
	size_t oldest = 0, free_at = 0, count = all.n / RECORD;
	uint64_t oldest_sent = UINT64_MAX;
	struct record r;

	for (size_t i = 1; i < count && f.sent == 0; i++) {
		size_t at = i * RECORD;
		bool whole =
		    record_read(span_head(span_skip(all, at), RECORD), &r);

		if (whole && span_eq(r.who, who)) {
			f.place = at;
			f.sent = r.sent;
			f.until = r.until;
		} else if (!whole || r.until <= now) {
			free_at = free_at == 0 ? at : free_at;
			continue;
		} else if (r.sent < oldest_sent) {
			oldest_sent = r.sent;
			oldest = at;
		}
		f.end = at + RECORD;
	}
	if (f.sent == 0 && free_at > 0)
		f.place = free_at;
	else if (f.sent == 0)
		f.place = count > VACATION_RECORDS_MAX ? oldest
		    : count == 0                       ? RECORD
						       : count * RECORD;
	return f;
}

static int
lock(int fd)
{
	struct flock l = { .l_type = F_WRLCK };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (fcntl(fd, F_OFD_SETLK, &l) == 0)
			return 0;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return -1;
		(void)poll(NULL, 0, LOCK_MS);
	}
	errno = EAGAIN;
	return -1;
}

/* Empty but for the mark. */
static int
clear(int fd)
{
	struct buf b = BUF_EMPTY;
	int got;

	buf_printf(&b, "%-*s\n", RECORD - 1, mark);
	got = ftruncate(fd, 0) == -1 ? -1 : file_write_at(fd, buf_span(&b), 0);
	buf_free(&b);
	return got;
}

static int
opened(const struct vacation_note *n)
{
	struct stat st;
	int fd =
	    file_open(n->dir, n->name, O_RDWR | O_CREAT | O_NONBLOCK, 0600);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EINVAL;
	else if (lock(fd) == 0)
		return fd;
	file_close(&fd);
	return -1;
}

/* All of the file; made ours when it is empty, or its first record torn. */
static int
read_all(int fd, struct buf *all)
{
	struct span first;

	if (file_read_all(fd, (VACATION_RECORDS_MAX + 1) * RECORD, all) == -1)
		return -1;
	first = span_head(buf_span(all), RECORD);
	if (!span_eq(span_head(first, sizeof(mark) - 1),
		span_head(span_str(mark), first.n))) {
		errno = EINVAL;
		return -1;
	}
	if (first.n == RECORD)
		return 0;
	buf_clear(all);
	return clear(fd); /* the mark is no record: nothing to look at */
}

static int
write_record(int fd, const struct found *f, const struct vacation_note *n,
    const char *who)
{
	struct buf b = BUF_EMPTY;
	int64_t until =
	    n->period > INT64_MAX - n->now ? INT64_MAX : n->now + n->period;
	int got;

	buf_printf(&b, "%016" PRIx64 " %016" PRIx64 " %s\n", (uint64_t)n->now,
	    (uint64_t)until, who);
	got = file_write_at(fd, buf_span(&b), f->place);
	/* A tail of records that ran out need not be read for ever. */
	if (got == 0 && f->sent == 0)
		got = ftruncate(fd,
		    (off_t)(f->place + RECORD > f->end ? f->place + RECORD
						       : f->end));
	if (got == 0)
		got = file_sync_data(fd);
	buf_free(&b);
	return got;
}

static enum vacation_seen
note_opened(int fd, const struct vacation_note *n, const char *who)
{
	struct buf all = BUF_EMPTY;
	enum vacation_seen got = VACATION_TROUBLE;
	struct found f;

	if (read_all(fd, &all) == 0) {
		f = look(buf_span(&all), span_str(who), (uint64_t)n->now);
		/* A stamp of the future is a clock's that was wrong. */
		if (f.sent > 0 && f.sent <= (uint64_t)n->now &&
		    (uint64_t)n->now - f.sent < (uint64_t)n->period)
			got = VACATION_SEEN;
		else if (write_record(fd, &f, n, who) == 0)
			got = VACATION_FRESH;
	}
	buf_free(&all);
	return got;
}

enum vacation_seen
vacation_note(const struct vacation_note *n)
{
	char who[WHO + 1];
	int fd = opened(n), error;
	enum vacation_seen got;

	if (fd == -1)
		return VACATION_TROUBLE;
	who_of(n->key, who);
	got = note_opened(fd, n, who);
	error = errno;
	file_close(&fd);
	errno = error;
	return got;
}

bool
vacation_known(const struct vacation_note *n)
{
	struct buf all = BUF_EMPTY;
	struct found f = { .sent = 0 };
	char who[WHO + 1];
	int fd = file_open(n->dir, n->name, O_RDONLY | O_NONBLOCK, 0);

	if (fd == -1)
		return false;
	who_of(n->key, who);
	/* a record that is being written is whole, or none */
	if (file_read_all(fd, (VACATION_RECORDS_MAX + 1) * RECORD, &all) == 0)
		f = look(buf_span(&all), span_str(who), (uint64_t)n->now);
	buf_free(&all);
	file_close(&fd);
	return f.sent > 0 && f.sent <= (uint64_t)n->now &&
	    f.until > (uint64_t)n->now;
}

int
vacation_mark(const struct vacation_note *n)
{
	struct buf all = BUF_EMPTY;
	char who[WHO + 1];
	int fd = opened(n), got = -1, error;
	struct found f;

	if (fd == -1)
		return -1;
	who_of(n->key, who);
	if (read_all(fd, &all) == 0) {
		f = look(buf_span(&all), span_str(who), (uint64_t)n->now);
		got = write_record(fd, &f, n, who);
	}
	error = errno;
	buf_free(&all);
	file_close(&fd);
	errno = error;
	return got;
}

void
vacation_forget(const struct vacation_note *n)
{
	struct buf all = BUF_EMPTY;
	char who[WHO + 1];
	int fd = opened(n);
	struct found f = { .sent = 0 };

	if (fd == -1)
		return;
	who_of(n->key, who);
	if (read_all(fd, &all) == 0)
		f = look(buf_span(&all), span_str(who), (uint64_t)n->now);
	buf_clear(&all);
	buf_printf(&all, "%*s\n", RECORD - 1, "");
	/* If that fails the sender gets no answer this time. */
	if (f.sent > 0 && file_write_at(fd, buf_span(&all), f.place) == -1)
		errno = EIO;
	buf_free(&all);
	file_close(&fd);
}

int
vacation_store_init(int dir, const char *name)
{
	const struct vacation_note n = { .dir = dir, .name = name };
	int fd = opened(&n), got;

	if (fd == -1)
		return -1;
	got = clear(fd);
	if (file_close(&fd) == -1)
		got = -1;
	return got;
}
