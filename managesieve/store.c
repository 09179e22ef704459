/*
 * store.c - a user's Sieve scripts as files
 *
 * A script is a file NAME.sieve in sieve_dir. The active one is what the first
 * file of sieve_script that is there links to; a new link goes to the last of
 * them. A change is a rename or a link, so that delivery sees the old script or
 * the new one whole, and a crash leaves one of both.
 */

#include "managesieve/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "config/param.h"
#include "managesieve/conf.h"
#include "os/file.h"
#include "sieve/script.h"

enum {
	LINKS_MAX = 16,
	LINK_TEXT_MAX = 4096,
	LISTED_MAX = 10000 /* as managesieve_max_scripts */
};

#define SUFFIX ".sieve"

struct store {
	const struct managesieve_conf *conf;
	char *dir; /* path */
	char *links[LINKS_MAX]; /* what sieve_script names */
	size_t link_count;
};

/* "$home/x" with the names that are known here. */
static bool
expand(struct span text, const char *home, struct span user, struct buf *out)
{
	while (text.n > 0) {
		size_t at = span_find(text, '$'), n = 0;
		struct span name;
		bool braces;

		buf_add_span(out, span_head(text, at));
		text = span_skip(text, at);
		if (text.n == 0)
			break;
		braces = span_at(text, 1) == '{';
		text = span_skip(text, 1 + (size_t)braces);
		while (ascii_alnum(span_at(text, n)) || span_at(text, n) == '_')
			n++;
		name = span_head(text, n);
		text = span_skip(text, n + braces);
		if (span_is(name, "home"))
			buf_add_str(out, home);
		else if (span_is(name, "user"))
			buf_add_span(out, user);
		else
			return false;
	}
	return out->n > 0 && *out->p == '/' &&
	    span_find(buf_span(out), '\0') == out->n;
}

struct store *
store_open(const struct managesieve_conf *conf, const char *home,
    struct span user, const char **what)
{
	struct store *s = mem_new(sizeof(*s));
	struct span rest = span_str(conf->sieve_script), item;
	struct buf b = BUF_EMPTY;

	s->conf = conf;
	*what = conf->sieve_dir;
	if (expand(span_str(conf->sieve_dir), home, user, &b))
		s->dir = buf_take(&b);
	while (param_list_next(&rest, &item) && s->link_count < LINKS_MAX) {
		buf_clear(&b);
		if (expand(item, home, user, &b))
			s->links[s->link_count++] = buf_take(&b);
	}
	buf_free(&b);
	if (s->dir != NULL && s->link_count == 0)
		*what = conf->sieve_script;
	if (s->dir == NULL || s->link_count == 0)
		store_close(&s);
	return s;
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	for (size_t i = 0; i < (*s)->link_count; i++)
		free((*s)->links[i]);
	free((*s)->dir);
	mem_free(s);
}

static enum store_result
trouble(void)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return STORE_MISSING;
	return errno == EDQUOT ? STORE_QUOTA : STORE_TROUBLE;
}

static char *
file_of(struct span name)
{
	return mem_printf("%.*s" SUFFIX, (int)name.n, name.p);
}

static struct span
folder_of(struct span path)
{
	return span_head(path, span_rfind(path, '/'));
}

static int
sync_folder_of(const char *path)
{
	char *folder = mem_span(folder_of(span_str(path)));
	int fd = file_open_dir(AT_FDCWD, *folder == '\0' ? "/" : folder, true);
	int got = fd == -1 ? -1 : file_sync(fd);

	free(folder);
	file_close(&fd);
	return got;
}

/* The folder; made when make is set. */
static int
open_dir(const struct store *s, bool make)
{
	int fd = file_open_dir(AT_FDCWD, s->dir, true);

	if (fd != -1 || errno != ENOENT || !make)
		return fd;
	if (mkdir(s->dir, 0700) == -1 || sync_folder_of(s->dir) == -1)
		return -1;
	return file_open_dir(AT_FDCWD, s->dir, true);
}

/* ---- the active one */

/* The script that a link's text names; n 0: it names none of ours. */
static struct span
script_of(const struct store *s, const char *link, struct span text)
{
	struct span name = span_skip(text, folder_of(text).n + 1);
	struct buf b = BUF_EMPTY;
	bool ours;

	if (span_find(text, '/') == text.n)
		name = text;
	if (!span_starts(text, "/")) {
		buf_add_span(&b, folder_of(span_str(link)));
		buf_add_byte(&b, '/');
	}
	buf_add_span(&b, text);
	ours =
	    span_is(folder_of(buf_span(&b)), s->dir) && span_ends(name, SUFFIX);
	buf_free(&b);
	name.n -= ours ? sizeof(SUFFIX) - 1 : name.n;
	return sieve_name_valid(name) ? name : SPAN("");
}

/* What is at a path of sieve_script: *name, when it is a link to a script. */
static enum store_result
look(const struct store *s, const char *link, struct buf *name)
{
	char text[LINK_TEXT_MAX];
	ssize_t n = readlink(link, text, sizeof(text));
	struct span got;

	if (n == -1 && (errno == ENOENT || errno == ENOTDIR))
		return STORE_MISSING;
	if (n == -1 && errno != EINVAL)
		return STORE_TROUBLE;
	got = n == -1 ? SPAN("") : script_of(s, link, span_of(text, (size_t)n));
	if (got.n == 0)
		return STORE_FOREIGN;
	buf_add_span(name, got);
	return STORE_DONE;
}

/* The first link that is there: its path, else the one to be made. */
static enum store_result
effective(const struct store *s, const char **link, struct buf *name)
{
	enum store_result got = STORE_MISSING;

	for (size_t i = 0; i < s->link_count && got == STORE_MISSING; i++) {
		*link = s->links[i];
		got = look(s, *link, name);
	}
	return got;
}

void
store_active(struct store *s, struct buf *name)
{
	const char *link;

	(void)effective(s, &link, name);
}

static bool
is_active(struct store *s, struct span name)
{
	struct buf b = BUF_EMPTY;
	bool same;

	store_active(s, &b);
	same = span_eq(buf_span(&b), name);
	buf_free(&b);
	return same;
}

/* Put a link to the script in place, whole. */
static enum store_result
link_to(const struct store *s, const char *link, struct span name)
{
	struct span folder = folder_of(span_str(link));
	struct span dir = span_str(s->dir);
	char *fresh = mem_printf("%s.tmp.%d", link, (int)getpid());
	char *text;
	bool good;
	int error;

	/* below the link's own folder a home may be moved */
	if (dir.n > folder.n && span_eq(span_head(dir, folder.n), folder) &&
	    dir.p[folder.n] == '/')
		dir = span_skip(dir, folder.n + 1);
	text = mem_printf(
	    "%.*s/%.*s" SUFFIX, (int)dir.n, dir.p, (int)name.n, name.p);
	(void)file_unlink(AT_FDCWD, fresh);
	good = symlink(text, fresh) == 0 &&
	    file_rename(AT_FDCWD, fresh, AT_FDCWD, link) == 0 &&
	    sync_folder_of(link) == 0;
	error = errno;
	if (!good)
		(void)file_unlink(AT_FDCWD, fresh);
	free(fresh);
	free(text);
	errno = error;
	return good ? STORE_DONE : trouble();
}

/* Behind a link that goes another may come into its place. */
static enum store_result
deactivate(struct store *s)
{
	struct buf name = BUF_EMPTY;
	enum store_result got = STORE_DONE;
	const char *link;

	while (got == STORE_DONE) {
		buf_clear(&name);
		got = effective(s, &link, &name);
		if (got == STORE_DONE &&
		    (unlink(link) == -1 || sync_folder_of(link) == -1))
			got = trouble();
	}
	buf_free(&name);
	return got == STORE_MISSING ? STORE_DONE : got;
}

static bool
is_there(int dir, const char *file)
{
	struct stat st;

	return fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode);
}

enum store_result
store_activate(struct store *s, struct span name)
{
	struct buf old = BUF_EMPTY;
	const char *link = NULL;
	enum store_result got;
	char *file;
	int dir;

	if (name.n == 0)
		return deactivate(s);
	file = file_of(name);
	dir = open_dir(s, false);
	if (dir == -1 || !is_there(dir, file)) {
		got = STORE_MISSING;
	} else {
		got = effective(s, &link, &old);
		if (got == STORE_DONE || got == STORE_MISSING)
			got = link_to(s, link, name);
	}
	file_close(&dir);
	buf_free(&old);
	free(file);
	return got;
}

/* ---- files */

static int
by_name(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static enum store_result
list_open(DIR *d, struct arena *a, struct span **names, size_t *count)
{
	size_t room = 64;
	struct dirent *e;

	*names = arena_array(a, room, sizeof(**names));
	while (*count < LISTED_MAX && (e = readdir(d)) != NULL) {
		struct span name = span_str(e->d_name);

		if (!span_ends(name, SUFFIX) || !is_there(dirfd(d), e->d_name))
			continue;
		name.n -= sizeof(SUFFIX) - 1;
		if (!sieve_name_valid(name))
			continue;
		if (*count == room) {
			struct span *more =
			    arena_array(a, 2 * room, sizeof(*more));

			memcpy(more, *names, room * sizeof(*more));
			*names = more;
			room *= 2;
		}
		(*names)[(*count)++] = arena_span(a, name);
	}
	qsort(*names, *count, sizeof(**names), by_name);
	return STORE_DONE;
}

enum store_result
store_list(struct store *s, struct arena *a, struct span **names, size_t *count)
{
	int fd = open_dir(s, false);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	enum store_result got;

	*count = 0;
	*names = NULL;
	if (d == NULL) {
		got = fd == -1 && errno == ENOENT ? STORE_DONE : STORE_TROUBLE;
		file_close(&fd);
		return got;
	}
	got = list_open(d, a, names, count);
	(void)closedir(d);
	return got;
}

static enum store_result
room_in(struct store *s, int dir, struct span name)
{
	struct arena *a;
	struct span *names;
	char *file = file_of(name);
	size_t count;
	enum store_result got = STORE_DONE;

	if (!is_there(dir, file)) { /* one more: only then they are counted */
		a = arena_new();
		got = store_list(s, a, &names, &count);
		if (got == STORE_DONE &&
		    count >= (size_t)s->conf->managesieve_max_scripts)
			got = STORE_FULL;
		arena_free(&a);
	}
	free(file);
	return got;
}

enum store_result
store_room(struct store *s, struct span name)
{
	int dir = open_dir(s, false);
	enum store_result got = STORE_DONE;

	if (dir != -1)
		got = room_in(s, dir, name);
	else if (errno != ENOENT)
		got = STORE_TROUBLE;
	file_close(&dir);
	return got;
}

enum store_result
store_put(struct store *s, struct span name, struct span content)
{
	enum store_result got = store_room(s, name);
	char *file;
	int dir;

	if (got != STORE_DONE)
		return got;
	dir = open_dir(s, true);
	if (dir == -1)
		return errno == EDQUOT ? STORE_QUOTA : STORE_TROUBLE;
	file = file_of(name);
	if (file_replace(dir, file, content, 0600) == -1)
		got = errno == EDQUOT ? STORE_QUOTA : STORE_TROUBLE;
	free(file);
	file_close(&dir);
	return got;
}

enum store_result
store_get(struct store *s, struct span name, size_t most, struct buf *out)
{
	char *file = file_of(name);
	int dir = open_dir(s, false), fd = -1;
	enum store_result got = STORE_DONE;

	if (dir != -1 && is_there(dir, file))
		fd = file_open(dir, file, O_RDONLY | O_NONBLOCK, 0);
	else if (dir != -1)
		errno = ENOENT;
	if (fd == -1 || file_read_all(fd, most, out) == -1)
		got = trouble();
	file_close(&fd);
	file_close(&dir);
	free(file);
	return got;
}

enum store_result
store_delete(struct store *s, struct span name)
{
	char *file = file_of(name);
	int dir = open_dir(s, false);
	enum store_result got = STORE_DONE;

	if (dir == -1 || !is_there(dir, file))
		got = STORE_MISSING;
	else if (is_active(s, name))
		got = STORE_ACTIVE;
	else if (file_unlink(dir, file) == -1 || file_sync(dir) == -1)
		got = trouble();
	file_close(&dir);
	free(file);
	return got;
}

static enum store_result
rename_linked(struct store *s, int dir, struct span from, struct span to)
{
	if (file_sync(dir) == -1)
		return trouble();
	return is_active(s, from) ? store_activate(s, to) : STORE_DONE;
}

/* Both names first, so that an active script is there under the name that the
 * link has at any time. What fails leaves the old name alone, so that it can be
 * tried again. */
static enum store_result
rename_in(struct store *s, int dir, struct span from, struct span to)
{
	char *old = file_of(from), *fresh = file_of(to);
	enum store_result got;
	int error;

	if (!is_there(dir, old)) {
		got = STORE_MISSING;
	} else if (file_link(dir, old, dir, fresh) == -1) {
		got = errno == EEXIST ? STORE_EXISTS : trouble();
	} else {
		got = rename_linked(s, dir, from, to);
		error = errno;
		if (got != STORE_DONE && !is_active(s, to))
			(void)file_unlink(dir, fresh);
		errno = error;
		if (got == STORE_DONE &&
		    (file_unlink(dir, old) == -1 || file_sync(dir) == -1))
			got = trouble();
	}
	free(old);
	free(fresh);
	return got;
}

enum store_result
store_rename(struct store *s, struct span from, struct span to)
{
	int dir = open_dir(s, false);
	enum store_result got =
	    dir == -1 ? trouble() : rename_in(s, dir, from, to);

	file_close(&dir);
	return got;
}
