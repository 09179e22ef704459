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
#include "base/why.h"
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
	index_done(&v->x);
	index_init(&v->x);
	v->lost = true;
	for (uint32_t i = 0; i < v->shown; i++) {
		struct msg *m = index_add(&v->x, i + 1, SPAN("gone"));

		if (m != NULL)
			m->bits = MSG_GONE;
	}
	v->shown = v->gone = v->x.count;
}

/* The same messages from facteur.uids, which was read up to this place. */
static void
make_again(struct view *v)
{
	struct uidlist_place place = uidlist_place(v->uids);
	struct uidlist_head head = v->x.head;
	struct why why;
	int got = -1;

	log_warning("%s/" VIEW_INDEX ": damaged", maildir_path(v->m));
	(void)file_unlink(maildir_dir(v->m), VIEW_INDEX);
	index_done(&v->x);
	index_init(&v->x);
	v->x.head = head;
	v->loaded = false;
	v->changed = true;
	why_init(&why);
	if (uidlist_lock(v->uids, &why) == 0) {
		if (uidlist_place(v->uids).ino == place.ino)
			got = view_reload(v, place.at, &why);
		uidlist_unlock(v->uids);
	}
	v->loaded = true;
	if (got == -1)
		lose(v);
	why_free(&why);
}

void
view_wake(struct view *v)
{
	struct dir_stamp stamps[2];
	struct uidlist_head head;
	bool good;

	if (!v->asleep)
		return;
	v->asleep = false;
	memcpy(stamps, v->x.stamps, sizeof(stamps));
	head = v->x.head;
	good = index_load_body(&v->x, v->sleeping);
	v->x.head = head;
	if (good && v->x.count == v->shown)
		memcpy(v->x.stamps, stamps, sizeof(stamps));
	else
		make_again(v);
	file_close(&v->sleeping);
}
