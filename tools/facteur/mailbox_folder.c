/* mailbox_folder.c - one folder taken over, or given back */

#include "tools/facteur/mailbox_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "mailbox/acl_file.h"
#include "mailbox/export.h"
#include "mailbox/flags.h"
#include "mailbox/import.h"
#include "mailbox/maildir.h"
#include "mailbox/view.h"
#include "os/file.h"

#define UIDS_FILE    "facteur.uids"
#define KEYWORDS_DIR "courierimapkeywords"

/* Ours, UIDs last: while it is there nothing is taken over. */
static const char *const ours[] = { "facteur.imported", "facteur.index",
	"facteur.log", "facteur.cache", "facteur.words", UIDS_FILE };

static bool
trouble(struct why *why, const char *what)
{
	why_set(why, "4.3.0", "%s: %s", what, strerror(errno));
	return false;
}

/* ---- what lies there */

struct names {
	struct arena *a;
	struct span *list;
	size_t count, room;
	size_t unknown;
};

static void
name_add(struct names *n, const struct dirent *e)
{
	if (e->d_name[0] == '.') {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			n->unknown++;
		return;
	}
	if (e->d_type == DT_DIR) {
		n->unknown++;
		return;
	}
	if (n->count == n->room) {
		n->room = n->room == 0 ? 256 : n->room * 2;
		n->list = mem_resize(n->list, n->room, sizeof(*n->list));
	}
	n->list[n->count++] = arena_span(n->a, span_str(e->d_name));
}

static bool
names_read(const struct maildir *m, enum maildir_part part, struct names *n)
{
	int fd = openat(
	    maildir_fd(m, part), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		(void)file_close(&fd);
		return false;
	}
	errno = 0;
	while ((e = readdir(d)) != NULL)
		name_add(n, e);
	(void)closedir(d);
	return errno == 0;
}

static bool
is_there(const struct maildir *m, const char *name)
{
	struct stat st;

	return fstatat(maildir_dir(m), name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static const char *
source_name(enum import_source source)
{
	switch (source) {
	case IMPORT_COURIER:
		return "Courier";
	case IMPORT_DOVECOT:
		return "Dovecot";
	case IMPORT_NONE:
		break;
	}
	return "none";
}

static void
count(const struct names *n, const struct import *im, struct folder_report *out)
{
	for (size_t i = 0; i < n->count; i++) {
		const struct uid_entry *e =
		    table_get(im->by_base, flags_base(n->list[i]));

		if (e != NULL && e->uid != 0)
			out->kept++;
		else
			out->fresh++;
		out->pop3 += e != NULL && e->uidl.n > 0;
		out->keywords += e != NULL && !kwset_empty(&e->kw);
	}
}

/* What taking over would find; *next is the UID that they would give next. */
static bool
look(const struct maildir *m, struct folder_report *out, uint32_t *next,
    struct why *why)
{
	struct names n = { .a = arena_new() };
	struct import im;
	bool ok =
	    names_read(m, MAILDIR_NEW, &n) && names_read(m, MAILDIR_CUR, &n);

	if (ok) {
		import_read(maildir_dir(m), n.list, n.count, n.a, &im);
		out->source = source_name(im.source);
		out->validity = im.head.validity;
		out->messages = n.count;
		out->lost = im.lost;
		out->skipped = im.skipped;
		out->unknown = n.unknown;
		count(&n, &im, out);
		*next = im.head.next;
		import_done(&im);
	} else {
		(void)trouble(why, "read the folder");
	}
	free(n.list);
	arena_free(&n.a);
	return ok;
}

/* ---- taking over */

static bool
take(struct maildir **m, struct tree *tree, struct folder_report *out,
    struct why *why)
{
	struct view_conf conf = { .tree = tree, .keep_new = true };
	struct view *v = view_open(m, &conf, why);

	if (v == NULL)
		return false;
	out->validity = view_validity(v);
	out->messages = view_count(v);
	view_close(&v);
	return true;
}

/* Where they begin no lower than we left off, no UID can come to mean another
 * message. */
static bool
may_forget(struct maildir *m, const struct folder_report *theirs, uint32_t next,
    struct why *why)
{
	struct uidlist *u = uidlist_new(maildir_dir(m), maildir_file_mode(m));
	struct uidlist_head head;
	bool locked = uidlist_lock(u, why) == 0, ok = locked;

	if (ok && uidlist_head(u, &head) &&
	    (theirs->validity < head.validity ||
		(theirs->validity == head.validity && next < head.next))) {
		why_set(why, "5.3.0",
		    "UIDs were given here that %s does not know of: export "
		    "first, or keep what is here",
		    theirs->source);
		ok = false;
	}
	for (size_t i = 0; ok && i < sizeof(ours) / sizeof(ours[0]); i++)
		if (unlinkat(maildir_dir(m), ours[i], 0) == -1 &&
		    errno != ENOENT)
			ok = trouble(why, ours[i]);
	/* what they made of the list since; if they have none, ours stays */
	if (ok &&
	    (is_there(m, ACL_COURIER_FILE) || is_there(m, ACL_DOVECOT_FILE)) &&
	    unlinkat(maildir_dir(m), ACL_FILE, 0) == -1 && errno != ENOENT)
		ok = trouble(why, ACL_FILE);
	if (ok && file_sync(maildir_dir(m)) == -1)
		ok = trouble(why, "flush the folder");
	if (locked)
		uidlist_unlock(u);
	uidlist_free(&u);
	return ok;
}

bool
folder_import(struct maildir **m, struct tree *tree, enum folder_wish wish,
    struct folder_report *out, struct why *why)
{
	bool done = is_there(*m, UIDS_FILE), ok;
	uint32_t next = 0;

	memset(out, 0, sizeof(*out));
	ok = look(*m, out, &next, why);
	if (ok && wish == FOLDER_TAKE_AGAIN && done &&
	    strcmp(out->source, "none") != 0) {
		ok = may_forget(*m, out, next, why);
		done = false;
	}
	if (done) {
		out->source = "done before";
		out->kept = out->messages;
		out->fresh = 0;
	}
	if (ok && wish != FOLDER_LOOK)
		ok = take(m, tree, out, why);
	if (*m != NULL)
		maildir_close(m);
	return ok;
}

/* ---- giving back */

struct giving {
	struct view *v;
	struct arena *a;
	struct export_message *list;
	struct export_folder folder;
	struct why *why;
};

static void
uidl_found(void *arg, uint32_t uid, struct span uidl)
{
	struct giving *g = arg;
	size_t i = view_find(g->v, uid);

	if (i < g->folder.count && g->list[i].uid == uid)
		g->list[i].uidl = arena_span(g->a, uidl);
}

static bool
gather(struct giving *g)
{
	size_t n = view_count(g->v);

	g->list = arena_array(g->a, n + 1, sizeof(*g->list));
	for (size_t i = 0; i < n; i++) {
		const struct msg *m = view_at(g->v, i);

		g->list[i].uid = m->uid;
		g->list[i].kw = m->kw;
		g->list[i].base =
		    arena_span(g->a, flags_base(view_name(g->v, i)));
	}
	g->folder = (struct export_folder){
		.validity = view_validity(g->v),
		.next = view_next_uid(g->v),
		.guid = view_guid(g->v),
		.list = g->list,
		.count = n,
		.names = view_keywords(g->v),
	};
	return view_uidls(g->v, uidl_found, g, g->why) == 0;
}

static bool
put(struct giving *g, int dir, const char *name, const struct buf *text)
{
	const struct maildir *m = view_maildir(g->v);

	return file_replace(dir, name, buf_span(text), maildir_file_mode(m)) ==
		0
	    ? true
	    : trouble(g->why, name);
}

/* A name that another program changed meanwhile is left to it. */
static bool
put_letters(struct giving *g, const char *letter_of)
{
	int cur = maildir_fd(view_maildir(g->v), MAILDIR_CUR);
	struct buf to = BUF_EMPTY;
	bool ok = true;

	for (size_t i = 0; ok && i < g->folder.count; i++) {
		char *from = mem_span(view_name(g->v, i));

		buf_clear(&to);
		export_letters(span_str(from), &g->list[i].kw, letter_of, &to);
		if (!span_is(buf_span(&to), from) &&
		    file_rename(cur, from, cur, buf_str(&to)) == -1 &&
		    errno != ENOENT)
			ok = trouble(g->why, from);
		free(from);
	}
	buf_free(&to);
	return ok && (file_sync(cur) == 0 || trouble(g->why, "flush cur"));
}

static bool
give_dovecot(struct giving *g, size_t *left)
{
	int dir = maildir_dir(view_maildir(g->v));
	struct buf text = BUF_EMPTY;
	char letter_of[KEYWORDS_MAX];
	bool ok;

	*left = export_dovecot_keywords(&g->folder, letter_of, &text);
	ok =
	    put(g, dir, "dovecot-keywords", &text) && put_letters(g, letter_of);
	buf_clear(&text);
	export_dovecot_uids(&g->folder, &text);
	ok = ok && put(g, dir, "dovecot-uidlist", &text);
	buf_free(&text);
	return ok;
}

/* Files of single messages are newer than the list to Courier: they go. */
static bool
sweep_keywords(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ":list") != 0) /* not . and .. either */
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	return true;
}

static bool
give_courier(struct giving *g)
{
	int dir = maildir_dir(view_maildir(g->v)), fd;
	struct buf text = BUF_EMPTY;
	bool ok;

	if (mkdirat(dir, KEYWORDS_DIR, maildir_dir_mode(view_maildir(g->v))) ==
		-1 &&
	    errno != EEXIST)
		return trouble(g->why, KEYWORDS_DIR);
	fd = file_open_dir(dir, KEYWORDS_DIR, false);
	if (fd == -1)
		return trouble(g->why, KEYWORDS_DIR);
	export_courier_keywords(&g->folder, &text);
	ok = put(g, fd, ":list", &text);
	buf_clear(&text);
	export_courier_uids(&g->folder, &text);
	ok = ok && put(g, dir, "courierimapuiddb", &text);
	buf_free(&text);
	if (!ok || !sweep_keywords(fd))
		(void)file_close(&fd);
	return ok;
}

static bool
put_acl(struct giving *g, bool dovecot)
{
	const struct maildir *m = view_maildir(g->v);
	struct buf text = BUF_EMPTY;
	int got = acl_file_export(m, dovecot, &text, g->why);
	bool ok = got != -1;

	if (got == 1)
		ok = put(g, maildir_dir(m),
		    dovecot ? ACL_DOVECOT_FILE : ACL_COURIER_FILE, &text);
	buf_free(&text);
	return ok;
}

/* The other program's, if it is there, must not say what it said long ago. */
static bool
give_acl(struct giving *g, bool dovecot)
{
	return put_acl(g, dovecot) &&
	    (!is_there(view_maildir(g->v),
		 dovecot ? ACL_COURIER_FILE : ACL_DOVECOT_FILE) ||
		put_acl(g, !dovecot));
}

bool
folder_export(struct maildir **m, struct tree *tree, bool dovecot,
    struct folder_given *out, struct why *why)
{
	/* all in cur/: names in new/ have no place for letters */
	struct view_conf conf = { .tree = tree };
	struct giving g = { .why = why };
	bool ok;

	memset(out, 0, sizeof(*out));
	g.v = view_open(m, &conf, why);
	if (g.v == NULL)
		return false;
	g.a = arena_new();
	ok = gather(&g) && give_acl(&g, dovecot) &&
	    (dovecot ? give_dovecot(&g, &out->left) : give_courier(&g));
	out->messages = g.folder.count;
	view_close(&g.v);
	arena_free(&g.a);
	return ok;
}
