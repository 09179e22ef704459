/*
 * view_build.c - facteur.uids made for the first time, or anew
 *
 * In order: what facteur.index and facteur.log still know, when both are whole
 * and so know every UID ever given; what Courier or Dovecot left; else a new
 * UIDVALIDITY.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "mailbox/tree.h"
#include "mailbox/view_parts.h"
#include "os/clock.h"
#include "os/file.h"

#define IMPORTED_FILE "facteur.imported"

static void
make_guid(struct uidlist_head *h)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[UIDLIST_GUID / 2];
	uint64_t clock = (uint64_t)clock_wall_us();

	if (getrandom(raw, sizeof(raw), 0) != sizeof(raw))
		for (size_t i = 0; i < sizeof(raw); i++)
			raw[i] = (unsigned char)(clock >> i * 4);
	for (size_t i = 0; i < sizeof(raw); i++) {
		h->guid[2 * i] = digits[raw[i] >> 4];
		h->guid[2 * i + 1] = digits[raw[i] & 15];
	}
	h->guid[UIDLIST_GUID] = '\0';
}

struct rewriting {
	struct view *v;
	struct arena *a;
	struct uid_entry *list;
	size_t count;
};

static void
keep_uidl(void *arg, const struct uid_event *e)
{
	struct rewriting *r = arg;
	size_t low = 0, high = r->count;

	if (e->kind != UID_ADD || e->uidl.n == 0)
		return;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->list[mid].uid < e->uid)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < r->count && r->list[low].uid == e->uid)
		r->list[low].uidl = arena_span(r->a, e->uidl);
}

static void
list_messages(struct rewriting *r)
{
	struct index *x = &r->v->x;

	r->list = mem_array(x->count + 1, sizeof(*r->list));
	for (size_t i = 0; i < x->count; i++) {
		const struct msg *m = &x->list[i];

		if ((m->bits & MSG_GONE) != 0)
			continue;
		r->list[r->count++] = (struct uid_entry){
			.uid = m->uid, .base = index_base(x, m), .kw = m->kw
		};
	}
}

static int
replace(struct rewriting *r, const struct uidlist_head *head, struct why *why)
{
	const struct uidlist_content c = { .head = *head,
		.names = r->v->x.keywords,
		.list = r->list,
		.count = r->count,
		.recent = r->v->x.recent };

	return uidlist_replace(r->v->uids, &c, why);
}

int
view_rewrite_uids(struct view *v, struct why *why)
{
	struct rewriting r = { .v = v, .a = arena_new() };
	struct uidlist_head head = v->x.head;
	int got;

	head.next = uidlist_next(v->uids);
	if (head.next == 0)
		head.next = UINT32_MAX;
	if (uidlist_damaged(v->uids) > 0)
		log_warning("%s: damaged lines in facteur.uids: written anew",
		    maildir_path(v->m));
	changelog_flush(v->log);
	list_messages(&r);
	got = uidlist_read_again(v->uids, keep_uidl, &r, why);
	if (got == 0)
		got = replace(&r, &head, why);
	free(r.list);
	arena_free(&r.a);
	v->changed = true;
	return got;
}

/* --- from facteur.index and facteur.log --- */

struct recall {
	struct view *v;
	uint32_t last; /* greatest UID that the log tells */
};

static void
recall_change(void *arg, const struct change *c)
{
	struct recall *r = arg;
	struct index *x = &r->v->x;
	size_t i = index_find(x, c->uid);
	struct msg *m;

	if (c->uid > r->last)
		r->last = c->uid;
	if (i == x->count || x->list[i].uid != c->uid)
		return;
	m = &x->list[i];
	if (c->modseq < m->modseq)
		return;
	m->modseq = c->modseq;
	m->kw = c->kw;
	if (c->kind == CHANGE_GONE)
		view_mark_gone(r->v, m);
}

/* The log goes on where the index ends: together they know each UID given. */
static bool
recall(struct view *v, struct uidlist_head *head)
{
	struct recall r = { .v = v };

	if (v->x.head.validity == 0)
		return false;
	changelog_saw(v->log, v->x.highest);
	(void)changelog_open(v->log, v->x.head.validity);
	if (!changelog_seek(v->log, v->x.log))
		return false;
	changelog_read(v->log, recall_change, &r);
	*head = v->x.head;
	if (head->next <= r.last)
		head->next = r.last + 1;
	return true;
}

/* --- from another program --- */

struct files {
	struct arena *a;
	struct span *list;
	size_t count, room;
};

static void
list_files(struct view *v, enum maildir_part part, struct files *f)
{
	int fd = file_open_dir(maildir_fd(v->m, part), ".", false);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		file_close(&fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (f->count == f->room) {
			f->room = f->room == 0 ? 64 : f->room * 2;
			f->list =
			    mem_resize(f->list, f->room, sizeof(*f->list));
		}
		f->list[f->count++] = arena_span(f->a, span_str(e->d_name));
	}
	closedir(d);
}

static void
take_imported(struct view *v, struct rewriting *r)
{
	struct import *im = v->imported;

	for (size_t i = 0; i < keywords_count(im->names); i++)
		(void)keywords_put(
		    v->x.keywords, i, keywords_name(im->names, i));
	r->list = mem_array(im->count + 1, sizeof(*r->list));
	for (size_t i = 0; i < im->count; i++) {
		struct msg *m =
		    index_add(&v->x, im->list[i].uid, im->list[i].base);

		if (m == NULL)
			continue;
		m->kw = im->list[i].kw;
		view_saved_of_name(v, m);
		view_sizes_of_name(v, m);
		r->list[r->count++] = im->list[i];
	}
}

/* UIDs given since the import must not be given again: it is done once. */
static bool
imported_before(const struct view *v)
{
	struct stat st;

	return fstatat(maildir_dir(v->m), IMPORTED_FILE, &st,
		   AT_SYMLINK_NOFOLLOW) == 0;
}

static int
note_import(struct view *v, struct why *why)
{
	if (tree_saw_uidvalidity(v->tree, v->x.head.validity, why) == -1)
		return -1;
	if (file_replace(maildir_dir(v->m), IMPORTED_FILE, SPAN(""),
		maildir_file_mode(v->m)) == -1)
		return view_trouble(v, "write " IMPORTED_FILE, why);
	return 0;
}

static void
read_import(struct view *v, struct arena *a)
{
	struct files f = { .a = a };

	/* a large folder is not read for nothing */
	if (import_wants_files(maildir_dir(v->m))) {
		list_files(v, MAILDIR_NEW, &f);
		list_files(v, MAILDIR_CUR, &f);
	}
	v->imported = mem_new(sizeof(*v->imported));
	import_read(maildir_dir(v->m), f.list, f.count, a, v->imported);
	free(f.list);
	if (v->imported->source != IMPORT_NONE)
		log_info("%s: took over %zu UIDs from %s", maildir_path(v->m),
		    v->imported->count,
		    v->imported->source == IMPORT_COURIER ? "Courier"
							  : "Dovecot");
	if (v->imported->lost > 0)
		log_warning("%s: no room for some keywords: %zu uses lost",
		    maildir_path(v->m), v->imported->lost);
}

static int
build_other(struct view *v, struct rewriting *r, struct why *why)
{
	struct uidlist_head head = { .next = 1 };

	index_done(&v->x);
	index_init(&v->x);
	if (!imported_before(v))
		read_import(v, v->import_arena);
	if (v->imported != NULL && v->imported->source != IMPORT_NONE) {
		head = v->x.head = v->imported->head;
		take_imported(v, r);
		if (note_import(v, why) == -1)
			return -1;
	}
	if (head.validity == 0)
		head.validity = tree_uidvalidity(v->tree, why);
	if (head.validity == 0)
		return -1;
	if (head.guid[0] == '\0')
		make_guid(&head);
	v->x.head = head;
	return replace(r, &head, why);
}

int
view_rebuild(struct view *v, struct why *why)
{
	struct rewriting r = { .v = v };
	struct uidlist_head head;
	int got;

	if (recall(v, &head)) {
		log_warning("%s: facteur.uids was lost: made from the index",
		    maildir_path(v->m));
		list_messages(&r);
		v->x.head = head;
		got = replace(&r, &head, why);
	} else {
		v->import_arena = arena_new();
		got = build_other(v, &r, why);
	}
	free(r.list);
	v->changed = true;
	v->dirty[0] = v->dirty[1] = true;
	if (got == -1)
		v->x.head.validity = 0;
	return got;
}
