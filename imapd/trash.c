/*
 * trash.c - what Courier's imapd does with the trash
 *
 * A message that is expunged into the trash loses its mark first, so that it
 * does not lie there as deleted; should the move fail it gets the mark back.
 * How long a message lies in a folder is told by its file's change time, as
 * with Courier: any rename makes it younger, none makes it older.
 */

#include "imapd/trash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/deletions.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "mailbox/copy.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "os/clock.h"
#include "os/file.h"

static bool
goes_to_trash(const struct session *s)
{
	return s->conf->to_trash &&
	    !span_is(
		reply_full_name(s, buf_span(&s->selected)), s->conf->trash);
}

/* The folder, which is made when it is not there. */
static struct maildir *
trash_open(struct session *s, struct why *why)
{
	struct span name = span_str(s->conf->trash);
	enum tree_result got;
	struct maildir *m = tree_folder(s->tree, name, &got, why);

	if (m == NULL && got == TREE_MISSING &&
	    tree_make(s->tree, name, why) == TREE_DONE)
		m = tree_folder(s->tree, name, &got, why);
	return m;
}

static int
mark(struct session *s, const struct copy_job *job, enum view_op op,
    struct why *why)
{
	const struct view_change c = {
		.op = op, .flags = FLAG_DELETED, .unchanged_since = UINT64_MAX
	};

	return view_store(s->view, job->at, job->count, &c, why);
}

static int
move(struct session *s, const struct copy_job *job, struct why *why)
{
	struct copy_result result = { .uids = NULL };
	struct why again;
	int got = mark(s, job, VIEW_REMOVE, why), error;

	if (got == 0)
		got = copy_messages(job, &result, why);
	error = errno;
	free(result.uids);
	if (got == 0)
		return 0;
	why_init(&again);
	if (mark(s, job, VIEW_ADD, &again) == -1)
		log_warning("%s", why_text(&again));
	why_free(&again);
	errno = error;
	return -1;
}

int
trash_expunge(struct session *s, const uint32_t *at, size_t n, struct why *why)
{
	struct copy_job job = { .from = s->view,
		.at = at,
		.count = n,
		.tree = s->tree,
		.move = true };
	int got;

	if (!goes_to_trash(s))
		return view_expunge(s->view, at, n, VIEW_DELETED, why);
	job.to = trash_open(s, why);
	if (job.to == NULL)
		return -1;
	got = move(s, &job, why);
	if (got == 0)
		deletions_moved(s, s->view, at, n, maildir_path(job.to));
	maildir_close(&job.to);
	return got;
}

/* --- IMAP_EMPTYTRASH --- */

/* It has lain here since then or longer. */
static bool
is_old(struct view *v, size_t i, int64_t then)
{
	const struct msg *m = view_at(v, i);
	struct stat st;
	struct why why;
	bool old;
	int fd;

	if (m->saved != 0 && (int64_t)m->saved > then)
		return false;
	why_init(&why);
	fd = view_file(v, i, &why);
	old = fd != -1 && fstat(fd, &st) == 0 && (int64_t)st.st_ctime <= then;
	file_close(&fd);
	why_free(&why);
	return old;
}

static void
remove_old(struct session *s, struct view *v, const struct imap_purge *p)
{
	size_t count = view_count(v), n = 0;
	uint32_t *at = mem_array(count + 1, sizeof(*at));
	int64_t then = clock_wall() - p->seconds;
	struct why why;

	why_init(&why);
	for (size_t i = 0; i < count; i++)
		if (is_old(v, i, then))
			at[n++] = (uint32_t)i;
	if (n > 0 && view_expunge(v, at, n, VIEW_ANY, &why) == -1)
		log_warning("%s", why_text(&why));
	else if (n > 0)
		log_info("IMAP_EMPTYTRASH: %zu messages of %.*s, user=%.*s", n,
		    (int)p->name.n, p->name.p, (int)s->start->user.n,
		    s->start->user.p);
	why_free(&why);
	free(at);
}

static void
purge(struct session *s, const struct imap_purge *p)
{
	const struct view_conf conf = { .tree = s->tree, .keep_new = true };
	enum tree_result got;
	struct maildir *m;
	struct view *v = NULL;
	struct why why;

	why_init(&why);
	m = tree_folder(s->tree, p->name, &got, &why);
	if (m != NULL)
		v = view_open(&m, &conf, &why);
	deletions_tell(s, v);
	if (v != NULL)
		remove_old(s, v, p);
	else if (got != TREE_MISSING)
		log_warning("%s", why_text(&why));
	view_close(&v);
	why_free(&why);
}

void
trash_empty(struct session *s)
{
	for (size_t i = 0; i < s->conf->purge_count; i++)
		purge(s, &s->conf->purges[i]);
}
