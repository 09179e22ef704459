/*
 * view_sync.c - a view learns what others did
 *
 * Under the lock: first the ends of facteur.uids and facteur.log, which tell
 * what our own processes did, then new/ and cur/ when stamps or events show
 * something that those do not explain. A message counts as expunged only after
 * the folders were read and did not have it. UIDs are on disk before anybody
 * sees them.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/found.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

/* --- what facteur.uids and facteur.log say --- */

static void
uid_add(struct view *v, const struct uid_event *e)
{
	size_t i = index_find(&v->x, e->uid);
	struct msg *m;

	if (i < v->x.count && v->x.list[i].uid == e->uid) {
		v->x.list[i].bits &= (uint8_t)~MSG_MARK;
		return;
	}
	if (i < v->x.count) /* lines rise; this one was put in by hand */
		return;
	m = index_add(&v->x, e->uid, e->text);
	if (m == NULL)
		return;
	m->bits = MSG_IN_NEW; /* until the log or the folder says better */
	view_saved_of_name(v, m);
	view_hash_add(v, i);
	view_sizes_of_name(v, m);
	v->changed = true;
	if (!v->restarted) /* then the folders are read anyway */
		buf_add(&v->unexplained, &m->uid, sizeof(m->uid));
}

/* Each such change has a record in facteur.log; but a power cut may have taken
 * that, and clients that ask by sequence must be told all the same. */
static void
wants_record(struct view *v, struct msg *m)
{
	if (m->modseq == 0) /* nobody knows it by its sequence */
		return;
	m->modseq = 0;
	buf_add(&v->unexplained, &m->uid, sizeof(m->uid));
}

/* All lines follow. Where the file was written anew there is none for a message
 * that has no keywords any more; one that was damaged may lack some. */
static void
begin_again(struct view *v)
{
	bool anew = uidlist_place(v->uids).ino != v->list_ino;

	v->restarted = true;
	mem_free(&v->before);
	v->before = mem_array(v->x.count + 1, sizeof(*v->before));
	v->before_count = v->x.count;
	for (size_t i = 0; i < v->x.count; i++) {
		struct msg *m = &v->x.list[i];

		m->bits |= MSG_MARK;
		v->before[i] = m->kw;
		if (anew)
			memset(&m->kw, 0, sizeof(m->kw));
	}
}

static void
on_uid(void *arg, const struct uid_event *e)
{
	struct view *v = arg;
	size_t i = index_find(&v->x, e->uid);
	struct msg *m =
	    i < v->x.count && v->x.list[i].uid == e->uid ? &v->x.list[i] : NULL;

	switch (e->kind) {
	case UID_START:
		begin_again(v);
		break;
	case UID_ADD:
		uid_add(v, e);
		break;
	case UID_GONE:
		if (m != NULL) {
			view_mark_gone(v, m);
			wants_record(v, m);
		}
		break;
	case UID_KEYWORDS:
		if (m != NULL && v->restarted) {
			m->kw = e->kw;
		} else if (m != NULL && !kwset_eq(&m->kw, &e->kw)) {
			m->kw = e->kw;
			wants_record(v, m);
			view_mark_news(v, m);
		}
		break;
	case UID_KEYWORD:
		(void)keywords_put(v->x.keywords, e->uid, e->text);
		v->changed = true;
		break;
	case UID_RECENT:
		if (e->uid > v->x.recent) {
			v->x.recent = e->uid;
			v->changed = true;
		}
		break;
	}
}

/* The name that a file has after such a change, as our own code makes it. */
static void
guess_name(struct view *v, struct msg *m, unsigned flags)
{
	struct buf name = BUF_EMPTY;

	if ((m->bits & MSG_IN_NEW) != 0 && flags == 0)
		return;
	flags_rename(&name, index_name(&v->x, m), flags);
	if (index_rename(&v->x, m, buf_span(&name))) {
		m->flags = (uint8_t)flags;
		m->bits &= (uint8_t)~MSG_IN_NEW;
	}
	buf_free(&name);
}

static void
on_change(void *arg, const struct change *c)
{
	struct view *v = arg;
	size_t i = index_find(&v->x, c->uid);
	struct msg *m;

	v->changed = true;
	if (i == v->x.count || v->x.list[i].uid != c->uid ||
	    c->modseq < v->x.list[i].modseq)
		return;
	m = &v->x.list[i];
	m->modseq = c->modseq;
	if (c->kind == CHANGE_GONE) {
		view_mark_gone(v, m);
		return;
	}
	/* facteur.uids knows better: a later record has it too, or none */
	if ((m->bits & MSG_GONE) != 0 || !kwset_eq(&c->kw, &m->kw))
		wants_record(v, m);
	if (m->flags != c->flags) {
		guess_name(v, m, c->flags);
		view_mark_news(v, m);
	}
	if (c->kind == CHANGE_FLAGS) /* a keyword, or for MODSEQ's sake */
		view_mark_news(v, m);
}

static void
confirm(struct view *v)
{
	for (size_t i = 0; i < v->x.count; i++) {
		struct msg *m = &v->x.list[i];

		if ((m->bits & MSG_MARK) != 0) {
			m->bits &= (uint8_t)~MSG_MARK;
			view_mark_gone(v, m);
			wants_record(v, m);
		} else if (i < v->before_count &&
		    !kwset_eq(&m->kw, &v->before[i])) {
			wants_record(v, m);
			view_mark_news(v, m);
		}
	}
	mem_free(&v->before);
	v->before_count = 0;
	v->restarted = false;
	/* names and places of the files are as the list had them once */
	v->dirty[0] = v->dirty[1] = true;
}

static int
lose(struct view *v, const char *text, struct why *why)
{
	v->lost = true;
	why_set(why, "4.2.0", "%s", text);
	return -1;
}

/* Continue where the index stands, if its files are still the same. */
static void
use_index(struct view *v)
{
	bool fits = uidlist_seek(v->uids, v->x.uids);

	v->list_ino = v->x.uids.ino;
	changelog_saw(v->log, v->x.highest);
	(void)changelog_open(v->log, v->x.head.validity);
	if (v->index != maildir_dir(v->m) &&
	    changelog_place(v->log).id != v->x.log.id) {
		/* it has missed something, and nobody knows what */
		index_done(&v->x);
		index_init(&v->x);
		uidlist_rewind(v->uids);
		v->changed = true;
		return;
	}
	if (fits && changelog_seek(v->log, v->x.log))
		return;
	/* the list is right as far as UIDs go; all else is asked again */
	v->x.uids.at = 0;
	v->changed = true;
	v->dirty[0] = v->dirty[1] = true;
}

static int
read_head(struct view *v, struct why *why)
{
	struct uidlist_head head;

	if (!uidlist_head(v->uids, &head)) {
		if (v->loaded)
			return lose(v, "the list of UIDs was damaged", why);
		return view_rebuild(v, why);
	}
	if (v->x.head.validity == head.validity) {
		if (!v->loaded && v->x.uids.ino != 0)
			use_index(v);
	} else if (v->loaded) {
		return lose(v, "the folder was made anew", why);
	} else {
		index_done(&v->x);
		index_init(&v->x);
	}
	v->x.head = head;
	return 0;
}

/* For changes that have no record: messages that are gone get one; the others
 * are looked for, and get a sequence by that. */
static void
explain(struct view *v)
{
	uint64_t modseq = 0;
	uint32_t uid;

	for (size_t at = 0; at < v->unexplained.n; at += sizeof(uid)) {
		struct msg *m;
		size_t i;

		memcpy(&uid, v->unexplained.p + at, sizeof(uid));
		i = index_find(&v->x, uid);
		if (i == v->x.count || v->x.list[i].uid != uid)
			continue;
		m = &v->x.list[i];
		if (m->modseq == 0 && (m->bits & MSG_GONE) == 0)
			v->dirty[0] = v->dirty[1] = true;
		if (m->modseq != 0 || (m->bits & MSG_GONE) == 0)
			continue;
		if (modseq == 0)
			modseq = changelog_modseq(v->log);
		m->modseq = modseq;
		changelog_add(v->log,
		    &(struct change){
			.kind = CHANGE_GONE, .uid = uid, .modseq = modseq });
	}
	buf_free(&v->unexplained);
	changelog_commit(v->log);
}

static int
read_ends(struct view *v, struct why *why)
{
	bool same;

	if (uidlist_read(v->uids, on_uid, v, why) == -1) {
		buf_free(&v->unexplained);
		return -1;
	}
	if (v->restarted)
		confirm(v);
	v->list_ino = uidlist_place(v->uids).ino;
	same = changelog_open(v->log, v->x.head.validity);
	if (!same && v->loaded)
		v->dirty[0] = v->dirty[1] = true;
	changelog_read(v->log, on_change, v);
	explain(v);
	if (uidlist_damaged(v->uids) > 0 && view_rewrite_uids(v, why) == -1)
		return -1;
	return 0;
}

int
view_reload(struct view *v, uint64_t at, struct why *why)
{
	struct uidlist_head head;

	if (!uidlist_head(v->uids, &head) ||
	    head.validity != v->x.head.validity)
		return lose(v, "the folder was made anew", why);
	v->x.uids.ino = 0; /* what follows is not begun at the index's place */
	uidlist_rewind(v->uids);
	changelog_rewind(v->log);
	if (uidlist_read_to(v->uids, at, on_uid, v, why) == -1)
		return -1;
	v->restarted = false;
	view_forget_gone(v);
	if (v->x.count != v->shown)
		return lose(v, "the list of messages is damaged", why);
	v->dirty[0] = v->dirty[1] = true;
	if (view_catch_up(v, why) == -1)
		return -1;
	return view_scan(v, why);
}

static int
ready_for_lock(struct view *v, struct why *why)
{
	struct stat st;

	if (v->lost)
		return lose(v, "the folder is lost", why);
	if (fstat(maildir_dir(v->m), &st) == -1 || st.st_nlink == 0)
		return lose(v, "the folder was removed", why);
	view_wake(v);
	if (v->lost)
		return lose(v, "the index is damaged", why);
	return 0;
}

int
view_lock(struct view *v, struct why *why)
{
	return ready_for_lock(v, why) == -1 ? -1 : uidlist_lock(v->uids, why);
}

bool
view_lock_now(struct view *v)
{
	struct why why;
	bool got;

	if (v->asleep) /* waking may want to wait */
		return false;
	why_init(&why);
	got = ready_for_lock(v, &why) == 0 &&
	    uidlist_try_lock(v->uids, &why) == 0;
	why_free(&why);
	return got;
}

int
view_catch_up(struct view *v, struct why *why)
{
	if (read_head(v, why) == -1)
		return -1;
	return read_ends(v, why);
}

/* --- reading the folders --- */

struct scan {
	struct view *v;
	struct found_list fresh; /* of no known base */
	struct found_list twice; /* of a base that was seen already */
	uint64_t modseq; /* of all that this scan finds; 0: nothing as yet */
	bool full; /* a name found no room */
};

static void
keep(struct scan *s, struct found_list *l, enum maildir_part part,
    struct span name)
{
	struct found f = { .when = flags_arrival_key(name),
		.name_n = (uint8_t)name.n,
		.part = (uint8_t)part };

	if (index_keep_name(&s->v->x, name, &f.name_at))
		found_add(l, f);
	else
		s->full = true;
}

static uint64_t
scan_modseq(struct scan *s)
{
	if (s->modseq == 0)
		s->modseq = changelog_modseq(s->v->log);
	return s->modseq;
}

static void
log_change(struct scan *s, enum change_kind kind, struct msg *m)
{
	struct change c = { .kind = kind,
		.uid = m->uid,
		.flags = m->flags,
		.kw = m->kw,
		.modseq = scan_modseq(s) };

	m->modseq = c.modseq;
	changelog_add(s->v->log, &c);
	s->v->changed = true;
}

/* A known message lies here under this name. */
static void
found_known(
    struct scan *s, struct msg *m, enum maildir_part part, struct span name)
{
	struct view *v = s->v;
	uint8_t flags = (uint8_t)flags_of(name);

	m->bits |= MSG_MARK;
	if (((m->bits & MSG_IN_NEW) != 0) != (part == MAILDIR_NEW)) {
		m->bits ^= MSG_IN_NEW;
		v->changed = true;
	}
	if (!span_eq(index_name(&v->x, m), name)) {
		(void)index_rename(&v->x, m, name);
		v->changed = true;
	}
	if (m->flags == flags)
		return;
	m->flags = flags;
	if (m->modseq == 0) /* not known from before: no change */
		return;
	view_mark_news(v, m);
	log_change(s, CHANGE_FLAGS, m);
}

static int
stat_found(const struct view *v, enum maildir_part part, struct span name,
    struct stat *st)
{
	char *path = mem_span(name);
	int got =
	    fstatat(maildir_fd(v->m, part), path, st, AT_SYMLINK_NOFOLLOW);

	free(path);
	return got;
}

/* Its own file is there still, so that another one of its base is another
 * message: the UID stays with the file that had it. */
static bool
is_still_there(struct view *v, const struct msg *m)
{
	enum maildir_part part =
	    (m->bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW : MAILDIR_CUR;
	struct stat st;

	if (stat_found(v, part, index_name(&v->x, m), &st) == -1)
		return false;
	v->dirty[part] = true; /* it is to be seen as well */
	return true;
}

static void
found_file(void *arg, enum maildir_part part, const char *name)
{
	struct scan *s = arg;
	struct view *v = s->v;
	struct span n = span_str(name);
	/* without a list there is none to look for */
	struct msg *m = v->x.count == 0 ? NULL : view_by_base(v, flags_base(n));
	bool here = m != NULL && view_lies_here(v, m, part, n);

	if (m != NULL && (m->bits & MSG_MARK) == 0 &&
	    (here || !is_still_there(v, m)))
		found_known(s, m, part, n);
	else if (!here) /* not told twice, nor read a second time */
		keep(s, m == NULL ? &s->fresh : &s->twice, part, n);
}

/* How many messages should have been seen in what was read, and were not. */
static size_t
missing(const struct view *v, const bool read[2])
{
	size_t n = 0;

	for (size_t i = 0; i < v->x.count; i++) {
		unsigned bits = v->x.list[i].bits;

		n += (bits & (MSG_MARK | MSG_GONE)) == 0 &&
		    read[(bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW : MAILDIR_CUR];
	}
	return n;
}

/* new/ before cur/: what is moved meanwhile is seen twice rather than not at
 * all. */
static int
read_parts(struct scan *s)
{
	struct view *v = s->v;
	bool read[2] = { false, false };

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2; i++) {
			if (!v->dirty[i] && !(round == 1 && read[i]))
				continue;
			view_stamp_take(v, i);
			if (view_each_file(
				v, (enum maildir_part)i, found_file, s) == -1)
				return -1;
			v->dirty[i] = false;
			read[i] = true;
			if (i == MAILDIR_NEW && missing(v, read) > 0)
				v->dirty[MAILDIR_CUR] = true;
		}
		if (missing(v, read) == 0)
			break;
	}
	for (size_t i = 0; i < v->x.count; i++) {
		struct msg *m = &v->x.list[i];

		if ((m->bits & (MSG_MARK | MSG_GONE)) == 0 &&
		    read[(m->bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW
						     : MAILDIR_CUR]) {
			view_mark_gone(v, m);
			uidlist_gone(v->uids, m->uid);
			log_change(s, CHANGE_GONE, m);
		}
		m->bits &= (uint8_t)~MSG_MARK;
	}
	return 0;
}

/* --- two files of one base --- */

/* Give the file a base of its own; it is found as a new message. */
static void
rename_twin(struct scan *s, enum maildir_part part, struct span name)
{
	struct view *v = s->v;
	struct buf fresh = BUF_EMPTY;
	uint64_t size;
	char *old = mem_span(name);

	maildir_name_begin(v->m, &fresh);
	maildir_name_end(v->m, &fresh);
	if (flags_size(name, 'S', &size))
		buf_printf(&fresh, ",S=%llu", (unsigned long long)size);
	buf_add_span(&fresh, span_skip(name, flags_base(name).n));
	if (file_rename(maildir_fd(v->m, part), old, maildir_fd(v->m, part),
		buf_str(&fresh)) == 0) {
		keep(s, &s->fresh, part, buf_span(&fresh));
	}
	free(old);
	buf_free(&fresh);
}

/* A move during the scan, a crash between link and unlink, or a restored
 * backup. */
static void
settle_twin(
    struct scan *s, struct msg *m, enum maildir_part other, struct span name)
{
	struct view *v = s->v;
	enum maildir_part part =
	    (m->bits & MSG_IN_NEW) != 0 ? MAILDIR_NEW : MAILDIR_CUR;
	struct stat ours, theirs;
	char *path;

	if (view_lies_here(v, m, other, name))
		return; /* readdir told it twice */
	if (stat_found(v, other, name, &theirs) == -1)
		return;
	if (stat_found(v, part, index_name(&v->x, m), &ours) == -1) {
		m->bits &= (uint8_t)~MSG_MARK;
		found_known(s, m, other, name);
		m->bits &= (uint8_t)~MSG_MARK;
		return;
	}
	if (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev) {
		path = mem_span(name);
		(void)file_unlink(maildir_fd(v->m, other), path);
		free(path);
		return;
	}
	rename_twin(s, other, name);
}

/* Its name is copied: what follows may move those of the index. */
static void
settle_found(struct scan *s, struct msg *m, const struct found *f)
{
	char *name = mem_span(found_name(f, &s->v->x.names));

	settle_twin(s, m, (enum maildir_part)f->part, span_str(name));
	free(name);
}

static void
settle_twins(struct scan *s)
{
	for (size_t i = 0; i < s->twice.count; i++) {
		struct found f = s->twice.list[i];
		struct msg *m = view_by_base(
		    s->v, flags_base(found_name(&f, &s->v->x.names)));

		if (m != NULL)
			settle_found(s, m, &f);
	}
}

/* --- new messages --- */

static struct span
imported_uidl(const struct view *v, struct span base)
{
	const struct uid_entry *e =
	    v->imported == NULL ? NULL : table_get(v->imported->by_base, base);

	return e == NULL ? span_of(NULL, 0) : e->uidl;
}

static bool
give_uid(struct scan *s, const struct found *f)
{
	struct view *v = s->v;
	struct span base = flags_base(found_name(f, &v->x.names));
	uint32_t uid = uidlist_add(v->uids, base, imported_uidl(v, base));
	struct msg *m =
	    uid == 0 ? NULL : index_add_kept(&v->x, uid, f->name_at, f->name_n);

	if (m == NULL) {
		s->full = true;
		return false;
	}
	m->flags = (uint8_t)flags_of(index_name(&v->x, m));
	m->bits = f->part == MAILDIR_NEW ? MSG_IN_NEW : 0;
	m->saved = flags_arrival_sec(f->when);
	view_hash_add(v, v->x.count - 1);
	view_sizes_of_name(v, m);
	log_change(s, CHANGE_ADD, m);
	return true;
}

/* Another file of this base came right before it; what is left of it has a name
 * of its own then, or is the same message. */
static bool
give_uid_to_twin(struct scan *s, struct msg *m, const struct found *f)
{
	struct found_list all = s->fresh;
	bool given = true;

	s->fresh = (struct found_list){ NULL, 0, 0 };
	settle_found(s, m, f);
	if (s->fresh.count > 0)
		given = give_uid(s, &s->fresh.list[0]);
	found_free(&s->fresh);
	s->fresh = all;
	return given;
}

/* The same base in new/ and cur/, both unknown: cur/ comes first; the other is
 * settled against it. Sorted, they stand beside each other. */
static void
give_uids(struct scan *s)
{
	struct index *x = &s->v->x;
	size_t last = SIZE_MAX; /* the message before */
	bool given = true;

	found_sort(&s->fresh, &x->names);
	index_expect(x, s->fresh.count);
	for (size_t i = 0; given && i < s->fresh.count; i++) {
		const struct found *f = &s->fresh.list[i];

		if (last != SIZE_MAX &&
		    span_eq(index_base(x, &x->list[last]),
			flags_base(found_name(f, &x->names)))) {
			given = give_uid_to_twin(s, &x->list[last], f);
		} else {
			given = give_uid(s, f);
			last = x->count - 1;
		}
	}
	if (s->full)
		log_warning("%s: no further message fits into the folder",
		    maildir_path(s->v->m));
}

/* Messages of before get a sequence too, when the log was lost. */
static void
give_modseqs(struct scan *s)
{
	for (size_t i = 0; i < s->v->x.count; i++)
		if (s->v->x.list[i].modseq == 0) {
			s->v->x.list[i].modseq = scan_modseq(s);
			s->v->changed = true;
		}
}

/* Messages whose UID is not on disk do not exist. */
static int
commit(struct scan *s, size_t had, struct why *why)
{
	struct view *v = s->v;

	/* the log first, as in view_change.c */
	changelog_commit(v->log);
	if (uidlist_commit(v->uids, v->x.count > had, why) == 0)
		return 0;
	v->x.count = had;
	view_hash_drop(v);
	v->dirty[0] = v->dirty[1] = true;
	return -1;
}

static int
scan_dirty(struct scan *s, struct why *why)
{
	struct view *v = s->v;
	size_t had;

	for (size_t i = 0; i < v->x.count; i++)
		v->x.list[i].bits &= (uint8_t)~MSG_MARK;
	if (read_parts(s) == -1)
		return view_trouble(v, "read new and cur", why);
	settle_twins(s);
	had = v->x.count;
	give_uids(s);
	give_modseqs(s);
	view_settle_recent(v);
	return commit(s, had, why);
}

int
view_scan(struct view *v, struct why *why)
{
	struct scan s = { .v = v };
	int got = 0;

	if (v->dirty[0] || v->dirty[1])
		got = scan_dirty(&s, why);
	else
		view_write_recent(v);
	if (got == 0 && !v->read_only && !v->keep_new)
		view_take_in(v);
	found_free(&s.fresh);
	found_free(&s.twice);
	index_pack(&v->x); /* of names that got no message */
	return got;
}
