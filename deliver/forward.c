/*
 * forward.c - ~/.forward and :include: files
 *
 * Read as the user. A file that others may write, or that belongs to somebody
 * else, is passed over with a warning; one that is there but cannot be read is
 * trouble, since going on without it would put mail where it does not belong.
 */

#include "deliver/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "deliver/absent.h"
#include "deliver/conf.h"
#include "deliver/mail.h"
#include "maps/list_path.h"
#include "maps/source.h"
#include "os/file.h"
#include "os/users.h"

enum { FIRST_ROOM = 16 }; /* a power of two */

/* ---- what stands in it */

static bool
is_self(struct span text, struct span self, struct span address)
{
	size_t at = span_rfind(text, '@');

	if (at == text.n)
		return span_ieq(text, self);
	if (span_ieq(text, address))
		return true;
	/* user@domain where mail came for user+extension@domain */
	return span_ieq(span_head(text, at), self) &&
	    span_ieq(span_skip(text, at + 1),
		span_skip(address, span_rfind(address, '@') + 1));
}

static struct forward_member
member_of(struct arena *a, enum alias_kind kind, struct span text,
    struct span self, struct span address)
{
	static const int kinds[] = { [ALIAS_ADDRESS] = FORWARD_ADDRESS,
		[ALIAS_COMMAND] = FORWARD_COMMAND,
		[ALIAS_FILE] = FORWARD_FILE,
		[ALIAS_INCLUDE] = FORWARD_INCLUDE };
	struct forward_member m = { .kind = kinds[kind],
		.text = arena_span(a, text) };

	if (kind != ALIAS_ADDRESS)
		return m;
	if (span_starts(m.text, "\\")) {
		m.text = span_skip(m.text, 1);
		if (is_self(m.text, self, address))
			m.kind = FORWARD_SELF;
	} else if (is_self(m.text, self, address)) {
		m.kind = FORWARD_SELF;
	}
	return m;
}

/* Room for one more, in twice as much of the arena when it is full. */
static struct forward_member *
room_for(struct arena *a, struct forward_member *all, size_t count)
{
	struct forward_member *more;

	if (count < FIRST_ROOM || (count & (count - 1)) != 0)
		return all;
	more = arena_array(a, count * 2, sizeof(*more));
	memcpy(more, all, count * sizeof(*more));
	return more;
}

bool
forward_parse(struct arena *a, struct span text, struct span self,
    struct span address, struct forward_list *out)
{
	struct forward_member *all = arena_array(a, FIRST_ROOM, sizeof(*all));
	struct buf member = BUF_EMPTY;
	enum alias_kind kind;
	struct span line;
	bool fits = true;

	out->count = 0;
	while (fits && span_line(&text, &line)) {
		line = span_trim(line);
		if (span_starts(line, "#"))
			continue;
		while (fits && source_member(&line, &kind, &member)) {
			fits = out->count < DELIVERY_NEW_MAX;
			if (!fits)
				break;
			all = room_for(a, all, out->count);
			all[out->count++] = member_of(
			    a, kind, buf_span(&member), self, address);
		}
	}
	buf_free(&member);
	out->members = all;
	return fits;
}

/* ---- where it is */

static void
add_filtered(const struct mail *m, struct span value, struct buf *out)
{
	const char *allowed = m->place->conf->forward_expansion_filter;

	for (size_t i = 0; i < value.n; i++)
		buf_add_byte(out,
		    value.p[i] != '\0' && strchr(allowed, value.p[i]) != NULL
			? value.p[i]
			: '_');
}

static bool
add_name(const void *arg, struct span name, struct buf *out)
{
	const struct mail *m = arg;
	struct span value;

	if (!mail_name(m, name, &value))
		return false;
	/* the home is the administrator's, the rest the sender's */
	if (span_is(name, "home"))
		buf_add_span(out, value);
	else
		add_filtered(m, value, out);
	return true;
}

bool
forward_expand(const struct mail *m, struct span item, struct buf *out)
{
	return list_path_expand(item, add_name, m, out);
}

static enum forward_found
trouble(const char *path, struct why *why)
{
	why_set(why, "4.3.0", "cannot read %s: %s", path, strerror(errno));
	return FORWARD_TROUBLE;
}

static bool
trusted(const struct mail *m, const char *path, const struct stat *st)
{
	const char *bad = NULL;

	if (!S_ISREG(st->st_mode))
		bad = "is not a regular file";
	else if (st->st_uid != m->place->user->uid && st->st_uid != 0)
		bad = "belongs to somebody else";
	else if (st->st_mode & S_IWOTH)
		bad = "may be written by everybody";
	if (bad != NULL)
		log_warning("%s %s: it is not used", path, bad);
	return bad == NULL;
}

bool
forward_trusted(const struct mail *m, const char *path, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && trusted(m, path, &st);
}

static enum forward_found
read_list(struct mail *m, const char *path, int fd, struct forward_list *out,
    struct why *why)
{
	struct buf text = BUF_EMPTY;
	enum forward_found got = FORWARD_NONE;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return trouble(path, why);
	if (!trusted(m, path, &st))
		return FORWARD_NONE;
	if (file_read_all(fd, FORWARD_BYTES_MAX, &text) == -1) {
		got = trouble(path, why);
	} else if (!forward_parse(m->arena, buf_span(&text),
		       span_str(m->place->user->name), m->to->address, out)) {
		why_set(why, "4.3.5", "%s names more than %d addresses", path,
		    DELIVERY_NEW_MAX);
		got = FORWARD_TROUBLE;
	} else if (out->count > 0) {
		got = FORWARD_LIST;
	}
	buf_free(&text);
	return got;
}

static enum forward_found
open_list(struct mail *m, const char *path, bool *there,
    struct forward_list *out, struct why *why)
{
	enum forward_found got;
	int fd;

	*there = false;
	if (absent_is(m->place->absent, path))
		return FORWARD_NONE;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 && errno == ENOENT)
		absent_note(m->place->absent, path);
	if (fd == -1)
		return errno == ENOENT || errno == ENOTDIR ? FORWARD_NONE
							   : trouble(path, why);
	*there = true;
	got = read_list(m, path, fd, out, why);
	file_close(&fd);
	return got;
}

enum forward_found
forward_find(struct mail *m, struct forward_list *out, struct why *why)
{
	struct span rest = span_str(m->place->conf->forward_path), item;
	enum forward_found got = FORWARD_NONE;
	bool there = false;

	while (!there && got == FORWARD_NONE && param_list_next(&rest, &item)) {
		struct buf path = BUF_EMPTY;

		if (forward_expand(m, item, &path))
			got = open_list(m, buf_str(&path), &there, out, why);
		buf_free(&path);
	}
	return got;
}

enum forward_found
forward_include(
    struct mail *m, struct span path, struct forward_list *out, struct why *why)
{
	char *name = mem_span(path);
	enum forward_found got = FORWARD_TROUBLE;
	bool there = true;

	if (name[0] != '/')
		why_set(why, "5.3.5", "%s is not an absolute path", name);
	else
		got = open_list(m, name, &there, out, why);
	if (!there && got == FORWARD_NONE) {
		errno = ENOENT;
		got = trouble(name, why);
	}
	free(name);
	return got;
}
