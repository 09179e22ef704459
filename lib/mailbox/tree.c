/*
 * tree.c - all folders of a user: find, list, make, remove, rename
 *
 * All folders are siblings in the top directory, so a rename of a folder
 * renames those below it too, and removing one is a rename to a name that is
 * no folder's ("..gone"), which is atomic, and then a sweep.
 */

#include "mailbox/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "base/why.h"
#include "mailbox/index_place.h"
#include "mailbox/maildir.h"
#include "mailbox/sweep.h"
#include "os/clock.h"
#include "os/file.h"

#define GONE_PREFIX      "..gone."
#define UIDVALIDITY_FILE "facteur.uidvalidity"

enum { SWEEP_DEPTH = 4, SPELLINGS = 3, UIDVALIDITY_MAX_BYTES = 64 };

struct tree {
	struct maildir *inbox;
	struct index_place *place; /* or NULL */
	mode_t more; /* bits of mode */
	struct folder_conf conf;
};

static enum tree_result
trouble(const char *what, struct span name, struct why *why)
{
	int error = errno;

	why_set(why, error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.3.0",
	    "cannot %s the folder %.*s: %s", what, (int)name.n, name.p,
	    strerror(error));
	errno = error;
	return error == EACCES || error == EPERM || error == EROFS
	    ? TREE_FORBIDDEN
	    : TREE_TROUBLE;
}

static enum tree_result
refuse(enum tree_result what, const char *text, struct why *why)
{
	why_set(why, "5.2.0", "%s", text);
	return what;
}

struct tree *
tree_open(
    int at, const char *path, const struct folder_conf *conf, struct why *why)
{
	struct maildir *inbox = maildir_open(at, path, MAILDIR_MAKE, why);
	struct tree *t;

	if (inbox == NULL)
		return NULL;
	t = mem_new(sizeof(*t));
	t->inbox = inbox;
	t->conf = *conf;
	return t;
}

void
tree_close(struct tree **t)
{
	if (*t == NULL)
		return;
	index_place_free(&(*t)->place);
	maildir_close(&(*t)->inbox);
	mem_free(t);
}

void
tree_allow(struct tree *t, mode_t more)
{
	t->more = more;
	maildir_allow(t->inbox, more);
}

void
tree_keep_indexes(struct tree *t, const char *root)
{
	if (root == NULL || *root == '\0' || t->place != NULL)
		return;
	t->place = index_place_new(
	    root, maildir_dir(t->inbox), maildir_path(t->inbox));
	maildir_keep_index(t->inbox, t->place, ".");
}

const struct folder_conf *
tree_conf(const struct tree *t)
{
	return &t->conf;
}

struct maildir *
tree_inbox(struct tree *t)
{
	return t->inbox;
}

static int
top(const struct tree *t)
{
	return maildir_dir(t->inbox);
}

/* The text for a name that cannot be. */
static enum tree_result
refuse_name(enum folder_result bad, struct why *why)
{
	switch (bad) {
	case FOLDER_OUTSIDE:
		return refuse(TREE_REFUSED,
		    "the name lies outside the namespace of your folders", why);
	case FOLDER_TOO_LONG:
		return refuse(TREE_REFUSED, "the name is too long", why);
	case FOLDER_INBOX:
		return refuse(TREE_REFUSED, "not possible for INBOX", why);
	case FOLDER_OK:
	case FOLDER_BAD:
		break;
	}
	return refuse(TREE_REFUSED,
	    "the name has an empty part or a character that cannot be", why);
}

/* Directory number which of the ways to spell name. */
static enum folder_result
spell(const struct tree *t, struct span name, int which, struct buf *dir)
{
	buf_clear(dir);
	if (which == 2)
		return folder_to_dir_raw(&t->conf, name, dir);
	return folder_to_dir(
	    &t->conf, name, which == 0 ? FOLDER_UTF8 : FOLDER_UTF7, dir);
}

static bool
dir_is_folder(const struct tree *t, const char *dir)
{
	char *cur = mem_printf("%s/cur", dir);
	struct stat st;
	bool is = fstatat(top(t), cur, &st, 0) == 0 && S_ISDIR(st.st_mode);

	free(cur);
	return is;
}

/* The directory of a folder that is there; else FOLDER_OK with dir empty. */
static enum folder_result
find_dir(const struct tree *t, struct span name, struct buf *dir)
{
	enum folder_result got = FOLDER_OK;

	for (int i = 0; i < SPELLINGS && got == FOLDER_OK; i++) {
		got = spell(t, name, i, dir);
		if (got == FOLDER_OK && dir_is_folder(t, buf_str(dir)))
			return FOLDER_OK;
	}
	buf_clear(dir);
	return got;
}

struct maildir *
tree_folder(
    struct tree *t, struct span name, enum tree_result *got, struct why *why)
{
	struct buf dir = BUF_EMPTY;
	struct maildir *m = NULL;
	enum folder_result named = find_dir(t, name, &dir);

	if (named == FOLDER_INBOX)
		buf_add_str(&dir, ".");
	if (named != FOLDER_OK && named != FOLDER_INBOX) {
		*got = refuse_name(named, why);
	} else if (dir.n == 0) {
		*got = refuse(TREE_MISSING, "there is no such folder", why);
	} else {
		m = maildir_open(top(t), buf_str(&dir), 0, why);
		if (m != NULL && t->place != NULL)
			maildir_keep_index(m, t->place, buf_str(&dir));
		if (m != NULL)
			maildir_allow(m, t->more);
		*got = m != NULL      ? TREE_DONE
		    : errno == ENOENT ? TREE_MISSING
		    : errno == EACCES ? TREE_FORBIDDEN
				      : TREE_TROUBLE;
	}
	buf_free(&dir);
	return m;
}

/* Names in the top directory that may be folders' directories; false: errno.
 * Copies, in the arena. */
struct dirs {
	struct arena *a;
	struct span *list;
	uint64_t *inodes; /* of each */
	size_t count, room;
	bool has_gone; /* a removal was cut short */
};

static void
dirs_add(struct dirs *d, const struct dirent *e)
{
	if (d->count == d->room) {
		d->room = d->room == 0 ? 64 : d->room * 2;
		d->list = mem_resize(d->list, d->room, sizeof(struct span));
		d->inodes = mem_resize(d->inodes, d->room, sizeof(uint64_t));
	}
	d->inodes[d->count] = e->d_ino;
	d->list[d->count++] = arena_span(d->a, span_str(e->d_name));
}

static void
dirs_free(struct dirs *d)
{
	free(d->list);
	free(d->inodes);
	arena_free(&d->a);
}

static bool
dirs_read(const struct tree *t, struct dirs *d)
{
	int fd = file_open_dir(top(t), ".", false);
	DIR *all = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (all == NULL) {
		file_close(&fd);
		return false;
	}
	while ((e = readdir(all)) != NULL) {
		if (e->d_name[0] != '.' || e->d_name[1] == '\0')
			continue;
		if (span_starts(span_str(e->d_name), GONE_PREFIX))
			d->has_gone = true;
		else if (e->d_name[1] != '.' && d->count < TREE_FOLDERS_MAX &&
		    dir_is_folder(t, e->d_name))
			dirs_add(d, e);
	}
	closedir(all);
	if (d->count == TREE_FOLDERS_MAX)
		log_warning("%s: only the first %d folders are listed",
		    maildir_path(t->inbox), TREE_FOLDERS_MAX);
	return true;
}

/* What new folders are written in. */
static enum folder_encoding
tree_encoding(const struct tree *t)
{
	struct dirs d = { .a = arena_new() };
	enum folder_encoding got = FOLDER_AUTO;

	if (t->conf.encoding != FOLDER_AUTO || !dirs_read(t, &d))
		got = t->conf.encoding;
	for (size_t i = 0; i < d.count && got != FOLDER_UTF8; i++) {
		enum folder_encoding one = folder_encoding_of(d.list[i]);

		got = one == FOLDER_AUTO ? got : one;
	}
	dirs_free(&d);
	return got == FOLDER_AUTO ? FOLDER_UTF8 : got;
}

/* The directory of a folder to be made. '#' is for namespaces (RFC 3501,
 * 5.1.2). */
static enum folder_result
fresh_dir(const struct tree *t, struct span name, struct buf *dir)
{
	if (t->conf.prefix[0] != '\0' && span_starts(name, "#"))
		return FOLDER_OUTSIDE;
	return folder_to_dir(&t->conf, name, tree_encoding(t), dir);
}

static enum tree_result
make_folder(struct tree *t, struct span name, const char *dir, struct why *why)
{
	struct maildir *m =
	    maildir_open(top(t), dir, MAILDIR_MAKE | MAILDIR_SUBFOLDER, why);

	if (m == NULL)
		return trouble("make", name, why);
	maildir_allow(m, t->more);
	/* without them the folder is its owner's alone */
	if (t->more != 0 && maildir_set_modes(m) == -1)
		log_warning(
		    "%s: cannot set its mode: %s", dir, strerror(errno));
	maildir_close(&m);
	return TREE_DONE;
}

enum tree_result
tree_make(struct tree *t, struct span name, struct why *why)
{
	struct buf dir = BUF_EMPTY;
	enum folder_result named = find_dir(t, name, &dir);
	enum tree_result got;

	if (named == FOLDER_INBOX || dir.n > 0) {
		got =
		    refuse(TREE_EXISTS, "there is a folder of that name", why);
	} else {
		buf_clear(&dir);
		named = fresh_dir(t, name, &dir);
		got = named == FOLDER_OK
		    ? make_folder(t, name, buf_str(&dir), why)
		    : refuse_name(named, why);
	}
	buf_free(&dir);
	return got;
}

/* What removals cut short by a crash have left. */
static void
sweep_gone(const struct tree *t)
{
	int fd = file_open_dir(top(t), ".", false);
	DIR *all = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (all == NULL) {
		file_close(&fd);
		return;
	}
	while ((e = readdir(all)) != NULL)
		if (span_starts(span_str(e->d_name), GONE_PREFIX))
			sweep_dir(top(t), e->d_name, SWEEP_DEPTH);
	closedir(all);
}

static enum tree_result
remove_dir(struct tree *t, struct span name, const char *dir, struct why *why)
{
	char *gone = mem_printf(
	    GONE_PREFIX "%d.%" PRId64, (int)getpid(), clock_wall_us());
	enum tree_result got = TREE_DONE;

	if (file_rename(top(t), dir, top(t), gone) == -1 ||
	    file_sync(top(t)) == -1)
		got = trouble("remove", name, why);
	else
		sweep_dir(top(t), gone, SWEEP_DEPTH);
	if (got == TREE_DONE && t->place != NULL)
		index_place_remove(t->place, dir);
	free(gone);
	return got;
}

static bool
is_below(struct span dir, struct span parent)
{
	return dir.n > parent.n && span_eq(span_head(dir, parent.n), parent) &&
	    dir.p[parent.n] == '.';
}

/* True when some folder lies below the one whose directory would be any of the
 * spellings of name. */
static bool
has_below(struct tree *t, struct span name)
{
	struct dirs d = { .a = arena_new() };
	struct buf dir = BUF_EMPTY;
	bool found = false;

	if (dirs_read(t, &d))
		for (int s = 0; s < SPELLINGS && !found; s++) {
			if (spell(t, name, s, &dir) != FOLDER_OK)
				break;
			for (size_t i = 0; i < d.count && !found; i++)
				found = is_below(d.list[i], buf_span(&dir));
		}
	buf_free(&dir);
	dirs_free(&d);
	return found;
}

enum tree_result
tree_remove(struct tree *t, struct span name, struct why *why)
{
	struct buf dir = BUF_EMPTY;
	enum folder_result named = find_dir(t, name, &dir);
	enum tree_result got;

	if (named != FOLDER_OK)
		got = refuse_name(named, why);
	else if (dir.n > 0)
		got = remove_dir(t, name, buf_str(&dir), why);
	else if (has_below(t, name))
		got = refuse(TREE_REFUSED,
		    "only folders below it are there: remove those", why);
	else
		got = refuse(TREE_MISSING, "there is no such folder", why);
	buf_free(&dir);
	return got;
}

struct renaming {
	struct tree *t;
	struct span from, to; /* directories */
	struct dirs dirs; /* those to be renamed, and what they become */
	char **fresh;
};

/* Keep the directories at and below from, and say what each becomes. */
static enum tree_result
plan_rename(struct renaming *r, struct why *why)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->dirs.count; i++) {
		struct span dir = r->dirs.list[i];

		if (span_eq(dir, r->from) || is_below(dir, r->from))
			r->dirs.list[kept++] = dir;
	}
	r->dirs.count = kept;
	r->fresh = arena_array(r->dirs.a, kept + 1, sizeof(char *));
	for (size_t i = 0; i < kept; i++) {
		struct span tail = span_skip(r->dirs.list[i], r->from.n);
		struct stat st;

		if (r->to.n + tail.n > NAME_MAX)
			return refuse_name(FOLDER_TOO_LONG, why);
		r->fresh[i] = arena_printf(r->dirs.a, "%.*s%.*s", (int)r->to.n,
		    r->to.p, (int)tail.n, tail.p);
		if (fstatat(top(r->t), r->fresh[i], &st, AT_SYMLINK_NOFOLLOW) ==
		    0)
			return refuse(
			    TREE_EXISTS, "there is a folder of that name", why);
	}
	return kept > 0 ? TREE_DONE
			: refuse(TREE_MISSING, "there is no such folder", why);
}

static void
rename_indexes(const struct renaming *r)
{
	for (size_t i = 0; r->t->place != NULL && i < r->dirs.count; i++)
		index_place_rename(r->t->place, r->dirs.list[i].p, r->fresh[i]);
}

static enum tree_result
do_rename(struct renaming *r, struct why *why)
{
	size_t done = 0;
	int error;

	while (done < r->dirs.count &&
	    file_rename(top(r->t), r->dirs.list[done].p, top(r->t),
		r->fresh[done]) == 0)
		done++;
	if (done == r->dirs.count && file_sync(top(r->t)) == 0) {
		rename_indexes(r);
		return TREE_DONE;
	}
	error = errno;
	while (done-- > 0)
		if (renameat(top(r->t), r->fresh[done], top(r->t),
			r->dirs.list[done].p) == -1)
			break; /* the rest was moved back as far as it goes */
	errno = error;
	return trouble("rename", r->from, why);
}

static enum tree_result
rename_dirs(struct tree *t, struct span from, struct span to, struct why *why)
{
	struct renaming r = { .t = t, .from = from, .to = to };
	enum tree_result got;

	r.dirs.a = arena_new();
	if (!dirs_read(t, &r.dirs))
		got = trouble("list", from, why);
	else
		got = plan_rename(&r, why);
	if (got == TREE_DONE)
		got = do_rename(&r, why);
	dirs_free(&r.dirs);
	return got;
}

enum tree_result
tree_rename(struct tree *t, struct span from, struct span to, struct why *why)
{
	struct buf from_dir = BUF_EMPTY, to_dir = BUF_EMPTY, taken = BUF_EMPTY;
	enum folder_result named = find_dir(t, from, &from_dir);
	enum tree_result got = TREE_DONE;

	if (named == FOLDER_OK && from_dir.n == 0) /* a parent only */
		named = fresh_dir(t, from, &from_dir);
	if (named == FOLDER_OK) {
		named = find_dir(t, to, &taken);
		if (named == FOLDER_INBOX || taken.n > 0)
			got = refuse(
			    TREE_EXISTS, "there is a folder of that name", why);
		else if (named == FOLDER_OK)
			named = fresh_dir(t, to, &to_dir);
	}
	if (got == TREE_DONE && named != FOLDER_OK)
		got = refuse_name(named, why);
	if (got == TREE_DONE)
		got =
		    rename_dirs(t, buf_span(&from_dir), buf_span(&to_dir), why);
	buf_free(&from_dir);
	buf_free(&to_dir);
	buf_free(&taken);
	return got;
}

static struct tree_entry *
entry_of(struct table *names, struct arena *a, struct span name)
{
	struct tree_entry *e = table_get(names, name);

	if (e != NULL)
		return e;
	e = arena_alloc(a, sizeof(*e));
	e->name = arena_span(a, name);
	(void)table_put(names, name, e);
	return e;
}

static void
add_with_parents(const struct tree *t, struct table *names, struct arena *a,
    const struct dirs *d, size_t i)
{
	struct buf name = BUF_EMPTY;
	struct tree_entry *e;
	struct span at;

	if (folder_from_dir(&t->conf, d->list[i], &name)) {
		e = entry_of(names, a, buf_span(&name));
		e->exists = true;
		e->inode = d->inodes[i];
		at = folder_parent(&t->conf, buf_span(&name));
		for (; at.n > 0; at = folder_parent(&t->conf, at))
			entry_of(names, a, at)->has_children = true;
	}
	buf_free(&name);
}

/* INBOX first, then by bytes. */
static int
entry_cmp(const void *x, const void *y)
{
	const struct tree_entry *a = x, *b = y;
	bool a_inbox = span_is(a->name, "INBOX");
	bool b_inbox = span_is(b->name, "INBOX");

	if (a_inbox != b_inbox)
		return a_inbox ? -1 : 1;
	return span_cmp(a->name, b->name);
}

static struct tree_entry *
sorted(struct table *names, struct arena *a, size_t *count)
{
	struct tree_entry *list;
	size_t at = 0, n = 0;
	struct span key;
	void *value;

	*count = table_count(names);
	list = arena_array(a, *count, sizeof(*list));
	while (table_next(names, &at, &key, &value))
		list[n++] = *(struct tree_entry *)value;
	qsort(list, n, sizeof(*list), entry_cmp);
	return list;
}

struct tree_entry *
tree_list(struct tree *t, struct arena *a, size_t *count, struct why *why)
{
	struct dirs d = { .a = arena_new() };
	struct table *names = table_new();
	struct tree_entry *list = NULL;

	entry_of(names, a, SPAN("INBOX"))->exists = true;
	if (dirs_read(t, &d)) {
		for (size_t i = 0; i < d.count; i++)
			add_with_parents(t, names, a, &d, i);
		list = sorted(names, a, count);
		if (d.has_gone)
			sweep_gone(t);
		if (t->place != NULL)
			index_place_sweep(t->place);
	} else {
		(void)trouble("list", SPAN("INBOX"), why);
	}
	table_free(&names, NULL);
	dirs_free(&d);
	return list;
}

/* The last value given, by us or by Dovecot; 0 when none is known. */
static uint64_t
last_uidvalidity(const struct tree *t, int fd)
{
	struct buf text = BUF_EMPTY;
	uint64_t ours = 0, theirs = 0;
	int other;

	if (file_read_all(fd, UIDVALIDITY_MAX_BYTES, &text) == 0)
		(void)number_parse(
		    span_trim(buf_span(&text)), 0, UINT32_MAX, &ours);
	buf_clear(&text);
	other = file_open(top(t), "dovecot-uidvalidity", O_RDONLY, 0);
	if (other != -1 &&
	    file_read_all(other, UIDVALIDITY_MAX_BYTES, &text) == 0)
		(void)number_parse_hex(
		    span_trim(buf_span(&text)), UINT32_MAX, &theirs);
	file_close(&other);
	buf_free(&text);
	return ours > theirs ? ours : theirs;
}

/* Ten digits in one sector: old or new, never a mixture. */
static int
write_uidvalidity(int fd, uint64_t value)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%010" PRIu64 "\n", value);

	if (file_write_at(fd, span_of(text, (size_t)n), 0) == -1)
		return -1;
	return file_sync_data(fd);
}

static uint32_t
next_uidvalidity(const struct tree *t, int fd)
{
	uint64_t last = last_uidvalidity(t, fd);
	uint64_t now = (uint64_t)clock_wall();
	uint64_t value = now > last ? now : last + 1;

	if (value > UINT32_MAX) {
		errno = ERANGE;
		return 0;
	}
	return write_uidvalidity(fd, value) == -1 ? 0 : (uint32_t)value;
}

/* The file, locked: held for a moment only, by whoever makes a folder. */
static int
uidvalidity_open(struct tree *t, struct why *why)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = file_open(top(t), UIDVALIDITY_FILE, O_RDWR | O_CREAT,
	    maildir_file_mode(t->inbox));

	if (fd != -1 && fcntl(fd, F_OFD_SETLKW, &l) == 0)
		return fd;
	(void)trouble("number", SPAN(UIDVALIDITY_FILE), why);
	file_close(&fd);
	return -1;
}

uint32_t
tree_uidvalidity(struct tree *t, struct why *why)
{
	int fd = uidvalidity_open(t, why);
	uint32_t value = 0;

	if (fd == -1)
		return 0;
	value = next_uidvalidity(t, fd);
	if (value == 0)
		(void)trouble("number", SPAN(UIDVALIDITY_FILE), why);
	file_close(&fd);
	return value;
}

int
tree_saw_uidvalidity(struct tree *t, uint32_t value, struct why *why)
{
	int fd = uidvalidity_open(t, why), got = 0;

	if (fd == -1)
		return -1;
	if (last_uidvalidity(t, fd) < value)
		got = write_uidvalidity(fd, value);
	if (got == -1)
		(void)trouble("number", SPAN(UIDVALIDITY_FILE), why);
	file_close(&fd);
	return got;
}
