/*
 * arrive.c - UIDs for messages that we put into a folder ourselves
 *
 * Between the moment a file gets its name and the moment we have the lock,
 * another session may have seen it and given it a UID. So the end of
 * facteur.uids is remembered before, and what was added since is read.
 */

#include "mailbox/arrive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "mailbox/changelog.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/uidlist.h"
#include "mailbox/view.h"
#include "mailbox/view_parts.h"

struct arrive {
	struct maildir *m;
	struct uidlist *uids;
	struct changelog *log;
	struct uidlist_head head;
	struct table *wanted; /* base: struct arrive_message */
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
	again = maildir_open(maildir_dir(a->m), ".", 0, why);
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
	int got = -1;

	for (int i = 0; i < 2; i++) {
		if (uidlist_lock(a->uids, why) == -1)
			return -1;
		has = uidlist_head(a->uids, &a->head);
		if (has)
			got = uidlist_seek_end(a->uids, why);
		uidlist_unlock(a->uids);
		if (has)
			return got;
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
	a->log = changelog_new(maildir_dir(m), VIEW_LOG, maildir_file_mode(m));
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
on_uid(void *arg, const struct uid_event *e)
{
	struct arrive *a = arg;
	struct arrive_message *m;

	if (e->kind != UID_ADD)
		return;
	m = table_get(a->wanted, e->text);
	if (m != NULL)
		m->uid = e->uid;
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
	uint64_t modseq = changelog_modseq(a->log);

	for (size_t i = 0; i < n; i++) {
		struct change c = { .kind = CHANGE_ADD,
			.flags = list[i].flags,
			.modseq = modseq };

		if (list[i].uid == 0)
			list[i].uid = uidlist_add(a->uids,
			    flags_base(list[i].name), span_of(NULL, 0));
		if (list[i].uid == 0)
			return -1;
		add_keywords(a, &list[i], &c.kw);
		c.uid = list[i].uid;
		changelog_add(a->log, &c);
	}
	return 0;
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
	if (uidlist_read(a->uids, on_uid, a, why) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		keywords = keywords || list[i].keyword_count > 0;
	if (keywords && uidlist_read_again(a->uids, on_keyword, a, why) == -1)
		return -1;
	(void)changelog_open(a->log, head.validity);
	changelog_seek_end(a->log);
	if (add_all(a, list, n) == -1) {
		why_set(why, "4.2.0", "the folder has used up its UIDs");
		return -1;
	}
	if (uidlist_commit(a->uids, true, why) == -1)
		return -1;
	changelog_commit(a->log);
	return 0;
}

int
arrive_number(
    struct arrive *a, struct arrive_message *list, size_t n, struct why *why)
{
	int got;

	if (uidlist_lock(a->uids, why) == -1)
		return -1;
	a->wanted = table_new();
	a->names = keywords_new();
	for (size_t i = 0; i < n; i++) {
		list[i].uid = 0;
		(void)table_put(a->wanted, flags_base(list[i].name), &list[i]);
	}
	got = number_locked(a, list, n, why);
	table_free(&a->wanted, NULL);
	keywords_free(&a->names);
	uidlist_unlock(a->uids);
	return got;
}
