/*
 * view_status.c - STATUS: totals without opening more than must be
 *
 * The head of facteur.index has them; it is believed while nothing beside it
 * has changed. No lock is taken then.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "mailbox/flags.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

static bool
log_is_current(const struct index *x, struct maildir *m)
{
	int home = maildir_dir(m), dir = maildir_index(m);
	struct index_note note;
	struct stat st;

	if (fstatat(dir, INDEX_LOG, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_ino != x->log.ino || (uint64_t)st.st_size != x->log.at)
		return false;
	return dir == home ||
	    (index_note_read(home, &note, &st) && note.id == x->log.id &&
		note.ino == x->log.ino);
}

bool
view_index_is_current(const struct index *x, struct maildir *m)
{
	struct stat uids, part;

	if (fstatat(maildir_dir(m), "facteur.uids", &uids,
		AT_SYMLINK_NOFOLLOW) == -1 ||
	    uids.st_ino != x->uids.ino ||
	    (uint64_t)uids.st_size != x->uids.at || !log_is_current(x, m))
		return false;
	for (int i = 0; i < 2; i++) {
		const struct dir_stamp *s = &x->stamps[i];

		if (!s->settled ||
		    fstat(maildir_fd(m, (enum maildir_part)i), &part) == -1 ||
		    memcmp(&s->mtime, &part.st_mtim, sizeof(s->mtime)) != 0 ||
		    memcmp(&s->ctime, &part.st_ctim, sizeof(s->ctime)) != 0)
			return false;
	}
	return true;
}

static int
status_opened(struct maildir **m, struct tree *tree, struct view_status *out,
    struct why *why)
{
	const struct view_conf conf = { .tree = tree, .read_only = true };
	struct view *v = view_open(m, &conf, why);
	uint64_t size;

	if (v == NULL)
		return -1;
	for (size_t i = 0; out->want_bytes && i < v->shown; i++)
		if (view_wire_size(v, i, &size, why) == -1 && errno != ENOENT)
			break;
	out->head = v->x.head;
	out->head.next = uidlist_next(v->uids);
	out->highest = changelog_highest(v->log);
	view_wake(v);
	for (size_t i = 0; out->want_deleted && i < v->shown; i++)
		if ((view_at(v, i)->flags & FLAG_DELETED) != 0 &&
		    view_wire_size(v, i, &size, why) == 0)
			out->deleted_bytes += size;
	index_totals(&v->x, &out->totals);
	view_close(&v);
	return 0;
}

int
view_status(struct maildir **m, struct tree *tree, struct view_status *out,
    struct why *why)
{
	struct index x;
	bool current;
	int fd;

	index_init(&x);
	fd = index_load_head(&x, &out->totals, maildir_index(*m), INDEX_FILE);
	current = fd != -1 && (out->totals.has_bytes || !out->want_bytes) &&
	    (out->totals.deleted == 0 || !out->want_deleted) &&
	    view_index_is_current(&x, *m);
	out->head = x.head;
	out->highest = x.highest;
	file_close(&fd);
	index_done(&x);
	if (!current)
		return status_opened(m, tree, out, why);
	maildir_close(m);
	return 0;
}
