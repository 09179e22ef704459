/*
 * arrive.c - UIDs for messages that we put into a folder ourselves
 *
 * First the lines of facteur.uids, then the file's name, then the record in
 * facteur.log, all under the lock: a message that is there has its keywords,
 * and one that has a line but no record is looked for.
 */

#include "mailbox/arrive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "mailbox/changelog.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/store.h"
#include "mailbox/tree.h"
#include "mailbox/uidlist.h"
#include "mailbox/view.h"
#include "mailbox/view_parts.h"

struct arrive {
	struct maildir *m;
	struct uidlist *uids;
	struct changelog *log;
	struct uidlist_head head;
	struct keywords *names;
};

/* A folder without a list gets one by being opened. */
static int
make_list(struct arrive *a, struct tree *tree, struct why *why)
{
	const struct view_conf conf = { .tree = tree, .read_only = true };
	struct maildir *again;
	struct view *v;

	if (tree == NULL) {
		why_set(why, "4.3.0", "the folder has no UIDs yet");
		errno = ENOENT;
		return -1;
	}
	again = maildir_again(a->m, why);
	if (again == NULL)
		return -1;
	v = view_open(&again, &conf, why);
	if (v == NULL)
		return -1;
	view_close(&v);
	return 0;
}

static int
begin(struct arrive *a, struct tree *tree, struct why *why)
{
	bool has;

	for (int i = 0; i < 2; i++) {
		if (uidlist_lock(a->uids, why) == -1)
			return -1;
		has = uidlist_head(a->uids, &a->head);
		uidlist_unlock(a->uids);
		if (has)
			return 0;
		if (i == 0 && make_list(a, tree, why) == -1)
			return -1;
	}
	why_set(why, "4.3.0", "the folder's list of UIDs cannot be made");
	return -1;
}

struct arrive *
arrive_begin(struct maildir *m, struct tree *tree, struct why *why)
{
	struct arrive *a = mem_new(sizeof(*a));

	a->m = m;
	a->uids = uidlist_new(maildir_dir(m), maildir_file_mode(m));
	a->log = changelog_new(
	    maildir_dir(m), maildir_index(m), INDEX_LOG, maildir_file_mode(m));
	if (begin(a, tree, why) == -1)
		arrive_end(&a);
	return a;
}

void
arrive_end(struct arrive **a)
{
	if (*a == NULL)
		return;
	uidlist_free(&(*a)->uids);
	changelog_free(&(*a)->log);
	mem_free(a);
}

uint32_t
arrive_validity(const struct arrive *a)
{
	return a->head.validity;
}

static void
on_keyword(void *arg, const struct uid_event *e)
{
	struct arrive *a = arg;

	if (e->kind == UID_KEYWORD)
		(void)keywords_put(a->names, e->uid, e->text);
}

static int
add_keyword(struct arrive *a, struct span name, struct kwset *kw)
{
	int at = keywords_find(a->names, name);

	if (at == -1) {
		at = keywords_add(a->names, name);
		if (at == -1)
			return -1;
		uidlist_keyword(a->uids, (size_t)at, name);
	}
	kwset_set(kw, (size_t)at, true);
	return 0;
}

/* Keywords for which the folder has no room are left out: the message counts
 * for more. */
static void
add_keywords(struct arrive *a, const struct arrive_message *m, struct kwset *kw)
{
	memset(kw, 0, sizeof(*kw));
	for (size_t i = 0; i < m->keyword_count; i++)
		(void)add_keyword(a, m->keywords[i], kw);
	if (!kwset_empty(kw))
		uidlist_keywords(a->uids, m->uid, kw);
}

static int
add_all(struct arrive *a, struct arrive_message *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		list[i].uid = uidlist_add(
		    a->uids, flags_base(list[i].name), span_of(NULL, 0));
		if (list[i].uid == 0)
			return -1;
		add_keywords(a, &list[i], &list[i].kw);
	}
	return 0;
}

static void
pass_over(void *arg, const struct uid_event *e)
{
	(void)arg;
	(void)e;
}

/* Who has added to the file before reads on from there. */
static int
stand_at_end(struct arrive *a, struct why *why)
{
	if (uidlist_place(a->uids).at == 0)
		return uidlist_seek_end(a->uids, why);
	return uidlist_read(a->uids, pass_over, a, why);
}

static int
number_locked(
    struct arrive *a, struct arrive_message *list, size_t n, struct why *why)
{
	struct uidlist_head head;
	bool keywords = false;

	if (!uidlist_head(a->uids, &head) ||
	    head.validity != a->head.validity) {
		why_set(why, "4.2.0", "the folder was made anew");
		return -1;
	}
	if (stand_at_end(a, why) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		keywords = keywords || list[i].keyword_count > 0;
	if (keywords && uidlist_read_again(a->uids, on_keyword, a, why) == -1)
		return -1;
	if (add_all(a, list, n) == -1) {
		why_set(why, "4.2.0", "the folder has used up its UIDs");
		return -1;
	}
	if (uidlist_commit(a->uids, false, why) == -1)
		return -1;
	uidlist_flush_begin(a->uids);
	return 0;
}

/* Written and not durable yet; the disk begins with it. */
static int
write_lines(
    struct arrive *a, struct arrive_message *list, size_t n, struct why *why)
{
	int got;

	if (uidlist_lock(a->uids, why) == -1)
		return -1;
	a->names = keywords_new();
	got = number_locked(a, list, n, why);
	keywords_free(&a->names);
	if (got == -1)
		uidlist_unlock(a->uids);
	return got;
}

/* On disk, or given back. */
static int
flush_lines(struct arrive *a, const struct arrive_message *list, size_t n,
    struct why *why)
{
	if (uidlist_flush(a->uids, why) == 0)
		return 0;
	arrive_done(a, list, n, false);
	return -1;
}

int
arrive_number(
    struct arrive *a, struct arrive_message *list, size_t n, struct why *why)
{
	if (write_lines(a, list, n, why) == -1)
		return -1;
	return flush_lines(a, list, n, why);
}

static void
log_all(struct arrive *a, enum change_kind kind,
    const struct arrive_message *list, size_t n)
{
	struct change c = { .kind = kind };

	(void)changelog_open(a->log, a->head.validity);
	changelog_seek_end(a->log);
	c.modseq = changelog_modseq(a->log);
	for (size_t i = 0; i < n; i++) {
		c.uid = list[i].uid;
		c.flags = list[i].flags;
		c.kw = list[i].kw;
		changelog_add(a->log, &c);
	}
	changelog_commit(a->log);
}

void
arrive_done(
    struct arrive *a, const struct arrive_message *list, size_t n, bool shown)
{
	struct why why;

	if (shown) {
		log_all(a, CHANGE_ADD, list, n);
	} else {
		why_init(&why);
		for (size_t i = 0; i < n; i++)
			uidlist_gone(a->uids, list[i].uid);
		if (uidlist_commit(a->uids, false, &why) == -1)
			log_warning("%s", why_text(&why));
		why_free(&why);
	}
	uidlist_unlock(a->uids);
}

static void
warn_unnumbered(const struct arrive *a, struct arrive_message *list, size_t n,
    struct why *why)
{
	log_warning("%s: messages have lost their keywords: %s",
	    maildir_path(a->m), why_text(why));
	for (size_t i = 0; i < n; i++)
		list[i].uid = 0;
}

/* One step of numbering; when it fails with anyway, only the log is told. */
static bool
number_step(struct arrive *a, const struct arrive_files *f,
    struct arrive_message *list, bool flush, struct why *why)
{
	struct why here;
	int got;

	why_init(&here);
	got = flush ? flush_lines(a, list, f->n, f->anyway ? &here : why)
		    : write_lines(a, list, f->n, f->anyway ? &here : why);
	if (got == -1 && f->anyway)
		warn_unnumbered(a, list, f->n, &here);
	why_free(&here);
	return got == 0;
}

static int
flush_and_show(struct arrive *a, const struct arrive_files *f,
    struct arrive_message *list, bool *numbered, struct why *why)
{
	if (store_sync(f->files, f->n, why) != DONE)
		return -1;
	if (*numbered)
		*numbered = number_step(a, f, list, true, why);
	if (!*numbered && !f->anyway)
		return -1;
	return store_show(f->files, f->how, f->n, why) == DONE ? 0 : -1;
}

int
arrive_store(struct arrive *a, const struct arrive_files *f,
    struct arrive_message *list, struct why *why)
{
	int got, error;
	bool numbered;

	if (store_write(f->files, f->how, f->n, why) != DONE)
		return -1;
	for (size_t i = 0; i < f->n; i++) {
		list[i].name = store_name(f->files[i]);
		list[i].flags = f->how[i].flags;
	}
	numbered = number_step(a, f, list, false, why);
	if (!numbered && !f->anyway)
		return -1;
	got = flush_and_show(a, f, list, &numbered, why);
	error = errno;
	if (numbered)
		arrive_done(a, list, f->n, got == 0);
	errno = error;
	return got;
}

int
arrive_touch(struct maildir *m, struct tree *tree, struct why *why)
{
	/* no message has this UID */
	static const struct arrive_message folder = { .uid = 0 };
	struct arrive *a = arrive_begin(m, tree, why);
	struct uidlist_head head;
	int got;

	if (a == NULL)
		return -1;
	got = uidlist_lock(a->uids, why);
	if (got == 0) {
		if (uidlist_head(a->uids, &head) &&
		    head.validity == a->head.validity)
			log_all(a, CHANGE_FLAGS, &folder, 1);
		uidlist_unlock(a->uids);
	}
	arrive_end(&a);
	return got;
}
