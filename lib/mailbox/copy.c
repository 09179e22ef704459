/*
 * copy.c - messages from one folder into another: COPY and MOVE
 *
 * A message's file never changes, so a copy is a second name for it, made in
 * tmp/ and renamed like any other arrival. A move is one rename: at any moment
 * the message is in one of both folders. UIDs and keywords are given before, so
 * that a crash behind the rename takes none of them. What was done is undone
 * when a later message fails.
 */

#include "mailbox/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "mailbox/arrive.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/quota.h"
#include "mailbox/store.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "os/file.h"

struct item {
	uint32_t at;
	char *name; /* in the target */
	char *tmp; /* while it lies in tmp/ */
	enum maildir_part part; /* of the target */
	bool shown; /* it lies there */
	bool moved; /* and came from: */
	enum maildir_part from_part;
	char *from_name;
	uint64_t size;
};

struct copying {
	const struct copy_job *job;
	struct arena *a;
	struct item *items;
	struct arrive_message *list; /* as arrive.h wants them */
	struct why *why;
};

static int
trouble(struct copying *c)
{
	int error = errno;

	if (error == ENOENT)
		why_set(c->why, "4.2.0", "a message no longer exists");
	else
		why_set(c->why,
		    error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.3.0",
		    "cannot put a message into the folder %s: %s",
		    maildir_path(c->job->to), strerror(error));
	errno = error;
	return -1;
}

/* A name of its own, with the sizes and flags of the message. */
static int
name_item(struct copying *c, struct item *it)
{
	const struct msg *m = view_at(c->job->from, it->at);
	struct buf name = BUF_EMPTY, flagged = BUF_EMPTY;
	unsigned flags = m->flags & ~c->job->drop_flags;
	struct stat st;
	int fd;

	it->size = m->size;
	if ((m->bits & MSG_SIZED) == 0) {
		fd = view_file(c->job->from, it->at, c->why);
		if (fd == -1)
			return -1;
		it->size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
		file_close(&fd);
		m = view_at(c->job->from, it->at);
	}
	maildir_name_begin(c->job->to, &name);
	maildir_name_end(c->job->to, &name);
	it->tmp = arena_str(c->a, buf_str(&name));
	buf_printf(&name, ",S=%" PRIu64, it->size);
	if ((m->bits & MSG_WIRE_SIZED) != 0)
		buf_printf(&name, ",W=%" PRIu64, m->wire_size);
	if (flags != 0)
		flags_rename(&flagged, buf_span(&name), flags);
	else
		buf_add_span(&flagged, buf_span(&name));
	it->name = arena_str(c->a, buf_str(&flagged));
	it->part = flags != 0 ? MAILDIR_CUR : MAILDIR_NEW;
	buf_free(&name);
	buf_free(&flagged);
	return 0;
}

static int
rename_stored(struct copying *c, struct item *it, const struct store_file *f)
{
	int part = maildir_fd(c->job->to, it->part);
	char *name = mem_span(store_name(f));
	int got = file_rename(part, name, part, it->name);

	it->shown = got == 0;
	free(name);
	return got == 0 ? 0 : trouble(c);
}

/* Where second names are not to be had. Shown at once, and then given the name
 * that was numbered. */
static int
copy_bytes(struct copying *c, struct item *it)
{
	struct store_how how = { .flags = view_at(c->job->from, it->at)->flags &
		    ~c->job->drop_flags };
	int fd = view_file_unlocked(c->job->from, it->at, c->why);
	struct store_file *f;
	struct stat st;
	int got = -1;

	if (fd == -1)
		return -1;
	f = store_begin(c->job->to, c->why);
	if (f != NULL && fstat(fd, &st) == 0) {
		how.date = st.st_mtime;
		if (store_add_file(f, fd, 0, (uint64_t)st.st_size, c->why) ==
			0 &&
		    store_finish(&f, &how, 1, c->why) == DONE) {
			got = rename_stored(c, it, f);
			if (got == -1)
				store_take_back(f);
		}
	}
	store_drop(&f);
	file_close(&fd);
	return got;
}

static bool
needs_bytes(int error)
{
	return error == EXDEV || error == EMLINK || error == EPERM ||
	    error == EOPNOTSUPP;
}

/* Its file is for the same people there: another one would have another mode,
 * and another group where the folder gives that. */
static bool
stays_as_it_is(const struct copying *c)
{
	return maildir_file_mode(c->job->to) ==
	    maildir_file_mode(view_maildir(c->job->from));
}

static int
link_item(struct copying *c, struct item *it)
{
	int tmp = maildir_fd(c->job->to, MAILDIR_TMP);
	int part = maildir_fd(c->job->to, it->part);

	if (!stays_as_it_is(c))
		return copy_bytes(c, it);
	if (view_link(c->job->from, it->at, tmp, it->tmp, false) == -1)
		return needs_bytes(errno) ? copy_bytes(c, it) : trouble(c);
	if (file_rename(tmp, it->tmp, part, it->name) == -1) {
		(void)trouble(c);
		(void)file_unlink(tmp, it->tmp);
		return -1;
	}
	it->shown = true;
	return 0;
}

static int
move_item(struct copying *c, struct item *it)
{
	int part = maildir_fd(c->job->to, it->part);
	const struct msg *m;

	if (!stays_as_it_is(c))
		return copy_bytes(c, it);
	if (view_link(c->job->from, it->at, part, it->name, true) == -1)
		return needs_bytes(errno) ? copy_bytes(c, it) : trouble(c);
	m = view_at(c->job->from, it->at);
	it->from_part = (m->bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW : MAILDIR_CUR;
	it->from_name = arena_span_str(c->a, view_name(c->job->from, it->at));
	it->shown = it->moved = true;
	return 0;
}

static int
name_all(struct copying *c)
{
	for (size_t i = 0; i < c->job->count; i++) {
		struct item *it = &c->items[i];

		it->at = c->job->at[i];
		if ((view_at(c->job->from, it->at)->bits & MSG_GONE) != 0) {
			errno = ENOENT;
			return trouble(c);
		}
		if (name_item(c, it) == -1)
			return -1;
	}
	return 0;
}

static int
put_all(struct copying *c)
{
	for (size_t i = 0; i < c->job->count; i++) {
		struct item *it = &c->items[i];

		if ((c->job->move ? move_item(c, it) : link_item(c, it)) == -1)
			return -1;
	}
	if (file_sync(maildir_fd(c->job->to, MAILDIR_NEW)) == -1 ||
	    file_sync(maildir_fd(c->job->to, MAILDIR_CUR)) == -1)
		return trouble(c);
	return 0;
}

/* What cannot be moved back stays where it is: in the target, whole. */
static void
undo(struct copying *c)
{
	struct maildir *from = view_maildir(c->job->from);

	for (size_t i = 0; i < c->job->count; i++) {
		struct item *it = &c->items[i];
		int part = maildir_fd(c->job->to, it->part);

		if (!it->shown)
			continue;
		if (!it->moved)
			(void)file_unlink(part, it->name);
		else if (file_rename(part, it->name,
			     maildir_fd(from, it->from_part),
			     it->from_name) == -1)
			log_warning("%s/%s: cannot be moved back: %s",
			    maildir_path(c->job->to), it->name,
			    strerror(errno));
	}
}

static void
keywords_of(struct copying *c, const struct item *it, struct arrive_message *m)
{
	const struct keywords *names = view_keywords(c->job->from);
	const struct kwset *kw = &view_at(c->job->from, it->at)->kw;
	struct span *list;

	if (kwset_empty(kw) || c->job->drop_keywords)
		return;
	list = arena_array(c->a, keywords_count(names), sizeof(*list));
	for (size_t k = 0; k < keywords_count(names); k++)
		if (kwset_has(kw, k) && keywords_name(names, k).p != NULL)
			list[m->keyword_count++] =
			    arena_span(c->a, keywords_name(names, k));
	m->keywords = list;
}

static int
number(struct copying *c, struct arrive *arrive)
{
	for (size_t i = 0; i < c->job->count; i++) {
		struct arrive_message *m = &c->list[i];

		m->name = span_str(c->items[i].name);
		m->flags = flags_of(m->name);
		keywords_of(c, &c->items[i], m);
	}
	return arrive_number(arrive, c->list, c->job->count, c->why);
}

static void
tell(
    const struct copying *c, const struct arrive *arrive, struct copy_result *r)
{
	r->validity = arrive_validity(arrive);
	r->uids = mem_array(c->job->count, sizeof(uint32_t));
	for (size_t i = 0; i < c->job->count; i++) {
		r->uids[i] = c->list[i].uid;
		r->bytes += c->items[i].size;
	}
}

/* The source is told; when that fails it finds out by itself. */
static void
let_go(const struct copy_job *job)
{
	struct why why;

	why_init(&why);
	if (view_expunge(job->from, job->at, job->count, VIEW_MOVED, &why) ==
	    -1)
		log_warning("%s", why_text(&why));
	why_free(&why);
}

/* From number() on the target's lock is held. The source's is not taken then:
 * two who copy crosswise would wait for each other, and a folder that is copied
 * into itself for itself. */
static int
copy_all(struct copying *c, struct copy_result *out)
{
	struct arrive *arrive = arrive_begin(c->job->to, c->job->tree, c->why);
	int got, error;

	if (arrive == NULL)
		return -1;
	got = name_all(c);
	if (got == 0)
		got = number(c, arrive);
	if (got == 0) {
		got = put_all(c);
		error = errno;
		if (got == -1)
			undo(c);
		else
			tell(c, arrive, out);
		arrive_done(arrive, c->list, c->job->count, got == 0);
		errno = error;
	}
	error = errno;
	arrive_end(&arrive);
	errno = error;
	return got;
}

int
copy_messages(
    const struct copy_job *job, struct copy_result *out, struct why *why)
{
	struct copying c = { .job = job, .why = why };
	int got, error;

	memset(out, 0, sizeof(*out));
	if (job->count == 0)
		return 0;
	c.a = arena_new();
	c.items = mem_array(job->count, sizeof(*c.items));
	c.list = mem_array(job->count, sizeof(*c.list));
	got = copy_all(&c, out);
	error = errno;
	if (got == 0 && job->move)
		let_go(job);
	if (got == 0)
		quota_add(maildir_dir(tree_inbox(job->tree)),
		    (int64_t)out->bytes, (int64_t)job->count);
	free(c.items);
	free(c.list);
	arena_free(&c.a);
	errno = error;
	return got;
}
