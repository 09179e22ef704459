/*
 * view_sleep.c - a view that knows numbers only
 *
 * Clients open a folder to see whether there is something new, and mostly there
 * is not. So when facteur.index is newer than everything else its head answers
 * SELECT, and the list of messages, which may be long, waits in the open file.
 */

#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

/* The ends of facteur.uids and facteur.log are where the index says. */
static bool
is_newest(struct view *v)
{
	struct uidlist_head head;

	if (!uidlist_head(v->uids, &head) ||
	    head.validity != v->x.head.validity ||
	    !uidlist_seek(v->uids, v->x.uids) || uidlist_changed(v->uids))
		return false;
	changelog_saw(v->log, v->x.highest);
	(void)changelog_open(v->log, head.validity);
	if (!changelog_seek(v->log, v->x.log) || changelog_changed(v->log))
		return false;
	v->x.head = head;
	return true;
}

bool
view_doze(struct view *v)
{
	v->sleeping =
	    index_load_head(&v->x, &v->totals, maildir_dir(v->m), VIEW_INDEX);
	if (v->sleeping == -1)
		return false;
	v->asleep = is_newest(v) &&
	    (v->read_only || v->keep_new || v->totals.recent == 0);
	if (v->asleep) {
		view_look(v);
		v->asleep = !v->dirty[0] && !v->dirty[1];
	}
	return v->asleep;
}

/* What we told the client of is not to be had any more. */
static void
lose(struct view *v)
{
	log_warning(
	    "%s/" VIEW_INDEX ": damaged behind its head", maildir_path(v->m));
	(void)file_unlink(maildir_dir(v->m), VIEW_INDEX);
	v->lost = true;
	for (uint32_t i = 0; i < v->shown; i++) {
		struct msg *m = index_add(&v->x, i + 1, SPAN("gone"));

		if (m != NULL)
			m->bits = MSG_GONE;
	}
	v->shown = v->gone = v->x.count;
}

void
view_wake(struct view *v)
{
	struct dir_stamp stamps[2];
	struct uidlist_head head;

	if (!v->asleep)
		return;
	v->asleep = false;
	memcpy(stamps, v->x.stamps, sizeof(stamps));
	head = v->x.head;
	if (!index_load_body(&v->x, v->sleeping) || v->x.count != v->shown) {
		index_done(&v->x);
		index_init(&v->x);
		v->x.head = head;
		lose(v);
	}
	memcpy(v->x.stamps, stamps, sizeof(stamps));
	v->x.head = head;
	file_close(&v->sleeping);
}
