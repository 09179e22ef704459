/*
 * view_recent.c - who is told first of a message, and the way from new/ to cur/
 */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

/* Messages that came with flags, by APPEND or COPY, lie in cur/ from the
 * beginning; they are recent for the first session that may say so. Those in
 * new/ are by being taken from there. */
static void
claim(struct view *v)
{
	for (size_t i = v->x.count;
	     i > 0 && v->x.list[i - 1].uid >= v->x.recent; i--)
		if ((v->x.list[i - 1].bits & (MSG_IN_NEW | MSG_GONE)) == 0)
			v->x.list[i - 1].bits |= MSG_RECENT;
}

/* What is in cur/ when a folder is seen for the first time was told by the
 * program that had it before. */
void
view_settle_recent(struct view *v)
{
	uint32_t next = uidlist_next(v->uids);

	next = next == 0 ? UINT32_MAX : next;
	if (v->x.recent >= next ||
	    (v->x.recent != 0 && (v->read_only || v->keep_new)))
		return;
	if (v->x.recent != 0)
		claim(v);
	v->x.recent = next;
	v->changed = true;
	uidlist_recent(v->uids, next);
}

/* When it cannot be written others may say it too: no harm. */
void
view_write_recent(struct view *v)
{
	struct why why;

	view_settle_recent(v);
	why_init(&why);
	if (uidlist_commit(v->uids, false, &why) == -1)
		log_warning("%s: %s", maildir_path(v->m), why_text(&why));
	why_free(&why);
}

static void
take_in(struct view *v, struct msg *m)
{
	char *from = mem_span(index_name(&v->x, m));
	struct buf to = BUF_EMPTY;

	flags_in_cur(&to, index_name(&v->x, m));
	if (file_rename(maildir_fd(v->m, MAILDIR_NEW), from,
		maildir_fd(v->m, MAILDIR_CUR), buf_str(&to)) == 0) {
		m->bits &= (uint8_t)~MSG_IN_NEW;
		m->bits |= MSG_RECENT;
		(void)index_rename(&v->x, m, buf_span(&to));
		v->changed = true;
	} else if (errno == ENOENT) {
		v->dirty[MAILDIR_NEW] = true;
	}
	free(from);
	buf_free(&to);
}

void
view_take_in(struct view *v)
{
	bool begun = false;

	for (size_t i = 0; i < v->x.count; i++) {
		struct msg *m = &v->x.list[i];

		if ((m->bits & (MSG_IN_NEW | MSG_GONE)) != MSG_IN_NEW)
			continue;
		if (!begun)
			view_own_begin(v);
		begun = true;
		take_in(v, m);
	}
	if (begun)
		view_own_end(v);
	v->took_in = begun;
}
