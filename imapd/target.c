/*
 * target.c - the folder that APPEND puts messages into
 *
 * What could make it another one, or give other rights to it, shows in the
 * stamps of the folder: it is renamed or removed, its new/ or cur/ is, its list
 * of UIDs is replaced, a list of rights comes. A list that is there may be
 * written in place by other programs, so such a folder is opened each time.
 */

#include "imapd/target.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "imapd/guest.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "mailbox/arrive.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"

struct target_kept {
	struct target t; /* first */
	struct buf name;
	bool lasts; /* it can be kept at all */
};

static void
kept_free(struct target_kept **k)
{
	arrive_end(&(*k)->t.arrive);
	maildir_close(&(*k)->t.m);
	buf_free(&(*k)->name);
	mem_free(k);
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
is_as_it_was(struct session *s, struct target_kept *k)
{
	const struct stat was = *maildir_seen(k->t.m), *now;

	if (!maildir_is_still(k->t.m, maildir_dir(tree_inbox(s->tree))))
		return false;
	now = maildir_seen(k->t.m);
	return same_time(&was.st_mtim, &now->st_mtim) &&
	    same_time(&was.st_ctim, &now->st_ctim);
}

static struct target *
open_anew(
    struct session *s, struct span name, struct rights *r, struct why *why)
{
	struct target_kept *k = mem_new(sizeof(*k));
	struct timespec clock;
	int error;

	clock_gettime(CLOCK_REALTIME_COARSE, &clock);
	k->t.m = rights_folder(s, name, r, why);
	if (k->t.m != NULL)
		k->t.arrive = arrive_begin(k->t.m, s->tree, why);
	if (k->t.arrive == NULL) {
		error = errno;
		kept_free(&k);
		errno = error;
		return NULL;
	}
	k->t.rights = r->has;
	k->lasts = !guest_is(s) && !r->listed && s->acl_names == -1 &&
	    maildir_is_settled(k->t.m, &clock);
	buf_add_span(&k->name, name);
	return &k->t;
}

struct target *
target_open(
    struct session *s, struct span name, struct rights *r, struct why *why)
{
	struct target_kept *k = s->target;

	s->target = NULL;
	if (k == NULL)
		return open_anew(s, name, r, why);
	if (span_eq(buf_span(&k->name), name) && is_as_it_was(s, k)) {
		r->has = k->t.rights;
		r->got = TREE_DONE;
		return &k->t;
	}
	kept_free(&k);
	return open_anew(s, name, r, why);
}

void
target_close(struct session *s, struct target **t, bool keep)
{
	struct target_kept *k = (struct target_kept *)*t;

	*t = NULL;
	if (k == NULL)
		return;
	if (keep && k->lasts)
		s->target = k;
	else
		kept_free(&k);
}

void
target_forget(struct session *s)
{
	if (s->target != NULL)
		kept_free(&s->target);
}
