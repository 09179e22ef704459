/*
 * quota.c - maildirsize: how much a user's mail takes, and may take
 *
 * The file is shared with Courier and Dovecot: a line with the limit, then
 * lines of differences, each one append. It is a cache: whoever doubts it
 * counts the folders and writes it anew by rename.
 */

#include "mailbox/quota.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "os/clock.h"
#include "os/file.h"

enum {
	FILE_MOST = 5120, /* count anew from there on */
	LINE_BYTES = 14, /* Courier pads to it */
	OLD_AFTER = 15 * 60 /* seconds: over quota and older means doubt */
};

bool
quota_parse(struct span text, struct quota_limit *out)
{
	struct quota_limit got = { 0, 0, out->trash_free };
	struct span part;

	while (span_cut(&text, ',', &part)) {
		struct span number = span_head(part, part.n - (part.n > 0));
		uint64_t *to;

		if (part.n == 0)
			continue;
		to = part.p[part.n - 1] == 'S'  ? &got.bytes
		    : part.p[part.n - 1] == 'C' ? &got.count
						: NULL;
		if (to == NULL || !number_parse(number, 0, INT64_MAX, to))
			return false;
	}
	*out = got;
	return true;
}

/* What maildirsize said. */
struct sizes {
	struct quota_limit limit;
	int64_t bytes, count;
	size_t lines;
	bool there, good;
	int64_t age; /* seconds since it was written to */
};

static void
take_line(struct sizes *s, struct span line)
{
	struct span number;
	int64_t bytes, count;

	if (!span_word(&line, " \t", &number) ||
	    !number_parse_signed(number, INT64_MIN / 4, INT64_MAX / 4, &bytes))
		return;
	if (!span_word(&line, " \t", &number) ||
	    !number_parse_signed(number, INT32_MIN, INT32_MAX, &count))
		return;
	s->lines++;
	if (__builtin_add_overflow(s->bytes, bytes, &s->bytes) ||
	    __builtin_add_overflow(s->count, count, &s->count))
		s->good = false;
}

static void
read_sizes(int dir, struct sizes *s)
{
	struct buf text = BUF_EMPTY;
	int fd = file_open(dir, QUOTA_FILE, O_RDONLY, 0);
	struct span rest, line;
	struct stat st;

	s->there = fd != -1 || errno != ENOENT;
	if (fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    file_read_all(fd, FILE_MOST, &text) == 0) {
		rest = buf_span(&text);
		s->age = clock_wall() - st.st_mtime;
		s->good = text.n < FILE_MOST && span_line(&rest, &line) &&
		    quota_parse(line, &s->limit);
		while (s->good && span_line(&rest, &line))
			take_line(s, line);
		s->good = s->good && s->bytes >= 0 && s->count >= 0;
	}
	file_close(&fd);
	buf_free(&text);
}

bool
quota_found(int dir, struct quota_limit *out)
{
	struct sizes s = { .good = false };

	read_sizes(dir, &s);
	out->bytes = s.limit.bytes;
	out->count = s.limit.count;
	return s.there;
}

static bool
fits(uint64_t limit, uint64_t used, uint64_t more)
{
	return limit == 0 || (used <= limit && more <= limit - used);
}

static bool
within(const struct quota_limit *limit, const struct quota_usage *used,
    const struct quota_usage *more)
{
	return fits(limit->bytes, used->bytes, more->bytes) &&
	    fits(limit->count, used->count, more->count);
}

/* more is what shall come in. */
static bool
in_doubt(const struct sizes *s, const struct quota_limit *limit,
    const struct quota_usage *more)
{
	const struct quota_usage all = { (uint64_t)s->bytes,
		(uint64_t)s->count };

	if (!s->good || s->limit.bytes != limit->bytes ||
	    s->limit.count != limit->count)
		return true;
	return !within(limit, &all, more) &&
	    (s->lines > 1 || s->age > OLD_AFTER);
}

struct counting {
	struct quota_usage sum;
	struct timespec newest; /* change of any folder looked at */
	bool trash_free, in_trash;
	bool stamps_only;
};

static bool
later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
				      : a->tv_nsec > b->tv_nsec;
}

static void
count_file(struct counting *c, int fd, struct span name)
{
	uint64_t size;
	struct stat st;

	if (c->trash_free &&
	    (c->in_trash || (flags_of(name) & FLAG_DELETED) != 0))
		return;
	if (!flags_size(name, 'S', &size)) {
		if (fstatat(fd, name.p, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
		    !S_ISREG(st.st_mode))
			return;
		size = (uint64_t)st.st_size;
	}
	if (__builtin_add_overflow(c->sum.bytes, size, &c->sum.bytes))
		c->sum.bytes = UINT64_MAX / 2;
	c->sum.count++;
}

/* One of new and cur. */
static void
count_part(struct counting *c, int dir, const char *name)
{
	int fd = maildir_open_dir(dir, name);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;
	struct stat st;

	if (d == NULL) {
		file_close(&fd);
		return;
	}
	if (fstat(fd, &st) == 0 && later(&st.st_mtim, &c->newest))
		c->newest = st.st_mtim;
	while (!c->stamps_only && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			count_file(c, fd, span_str(e->d_name));
	closedir(d);
}

static void
count_folder(struct counting *c, int top, const char *name)
{
	int dir = maildir_open_dir(top, name);

	c->in_trash = strcmp(name, ".Trash") == 0;
	if (dir != -1) {
		count_part(c, dir, "new");
		count_part(c, dir, "cur");
	}
	file_close(&dir);
}

static int
count_all(struct counting *c, int top)
{
	int fd = file_open_dir(top, ".", false);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		file_close(&fd);
		return -1;
	}
	count_folder(c, top, ".");
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] == '.' && e->d_name[1] != '\0' &&
		    e->d_name[1] != '.')
			count_folder(c, top, e->d_name);
	closedir(d);
	return 0;
}

static void
add_line(struct buf *out, int64_t bytes, int64_t count)
{
	size_t before = out->n;

	buf_printf(out, "%" PRId64 " %" PRId64, bytes, count);
	while (out->n - before < LINE_BYTES - 1)
		buf_add_byte(out, ' ');
	buf_add_byte(out, '\n');
}

/* A folder that changed meanwhile makes the numbers good for once only. */
static void
write_sizes(int top, const struct quota_limit *limit, struct counting *c)
{
	struct counting again = { .stamps_only = true };
	struct buf out = BUF_EMPTY;

	if (limit->bytes > 0 || limit->count == 0)
		buf_printf(&out, "%" PRIu64 "S", limit->bytes);
	if (limit->count > 0)
		buf_printf(
		    &out, "%s%" PRIu64 "C", out.n > 0 ? "," : "", limit->count);
	buf_add_byte(&out, '\n');
	add_line(&out, (int64_t)c->sum.bytes, (int64_t)c->sum.count);
	if (file_replace(top, QUOTA_FILE, buf_span(&out), 0600) == 0 &&
	    (count_all(&again, top) == -1 || later(&again.newest, &c->newest)))
		(void)file_unlink(top, QUOTA_FILE);
	buf_free(&out);
}

static int
usage(int dir, const struct quota_limit *limit, const struct quota_usage *more,
    struct quota_usage *out)
{
	struct counting c = { .trash_free = limit->trash_free };
	struct sizes s = { .good = false };

	read_sizes(dir, &s);
	if (!in_doubt(&s, limit, more)) {
		out->bytes = (uint64_t)s.bytes;
		out->count = (uint64_t)s.count;
		return 0;
	}
	if (count_all(&c, dir) == -1)
		return -1;
	write_sizes(dir, limit, &c);
	*out = c.sum;
	return 0;
}

int
quota_read(int dir, const struct quota_limit *limit, struct quota_usage *out,
    struct why *why)
{
	static const struct quota_usage nothing = { 0, 0 };

	if (usage(dir, limit, &nothing, out) == 0)
		return 0;
	why_set(why, "4.3.0", "cannot count the mail: %s", strerror(errno));
	return -1;
}

bool
quota_allows(
    int dir, const struct quota_limit *limit, uint64_t bytes, uint64_t count)
{
	const struct quota_usage more = { bytes, count };
	struct quota_usage used;

	if (limit->bytes == 0 && limit->count == 0)
		return true;
	return usage(dir, limit, &more, &used) == -1 ||
	    within(limit, &used, &more);
}

bool
quota_is_counted(int dir)
{
	struct stat st;

	return fstatat(dir, QUOTA_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void
quota_add(int dir, int64_t bytes, int64_t count)
{
	int fd = file_open(dir, QUOTA_FILE, O_WRONLY | O_APPEND, 0);
	struct buf line = BUF_EMPTY;

	if (fd == -1)
		return;
	add_line(&line, bytes, count);
	/* a line that is missing is found by the next count */
	if (file_write(fd, buf_span(&line)) == -1)
		(void)file_unlink(dir, QUOTA_FILE);
	file_close(&fd);
	buf_free(&line);
}
