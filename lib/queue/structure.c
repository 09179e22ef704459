/*
 * structure.c - names, places and modes in the folders of the queue
 *
 * Everything is done through descriptors of folders that were opened without
 * following links, as the owner of the queue: whoever could trick us here could
 * as well do it himself.
 */

#include "queue/structure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "os/file.h"
#include "queue/qread.h"

/* Deeper than a hashed queue ever was (hash_queue_depth). */
enum { DEPTH = 16, NAME_SHOWN = 255 };

__attribute__((format(printf, 3, 4))) static void
say(struct structure *s, bool trouble, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	s->say(s->arg, trouble, buf_str(&text));
	buf_free(&text);
}

bool
structure_is_hash(const char *name)
{
	return name[0] != '\0' && name[1] == '\0' &&
	    ascii_alnum((unsigned char)name[0]);
}

/* A path of folders that are open, one in the other. */
struct walk {
	struct structure *s;
	int folder;
	const char *name;
	struct buf path; /* below name: "A/B" */
	unsigned depth;
	DIR *dirs[DEPTH];
};

static DIR *
dir_open(int at, const char *name)
{
	int fd = file_open_dir(at, name, false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL)
		file_close(&fd);
	return dir;
}

static void
path_add(struct walk *w, const char *name)
{
	buf_printf(&w->path, "%s%s", w->path.n == 0 ? "" : "/", name);
}

static void
path_cut(struct walk *w)
{
	struct span s = buf_span(&w->path);
	size_t at = span_rfind(s, '/');

	buf_cut(&w->path, at == s.n ? 0 : at);
}

static bool
is_ours(int folder, const char *id)
{
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing first;
	uint64_t whole;
	int fd = file_open(folder, id, O_RDONLY | O_NONBLOCK, 0);
	bool ours = fd != -1 && qread(fd, a, &e, &first, &whole) == 0;

	file_close(&fd);
	arena_free(&a);
	return ours;
}

/* renameat2() would say at once that the name is taken; not all file systems
 * can. Nobody else makes names there: the caller has the queue's lock. */
static void
file_up(struct walk *w, const char *id)
{
	struct structure *s = w->s;
	int from = dirfd(w->dirs[w->depth - 1]);
	struct stat st;

	if (!is_ours(from, id)) {
		say(s, true, "%s/%s/%s: no queue file of ours, left alone",
		    w->name, buf_str(&w->path), id);
	} else if (fstatat(w->folder, id, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		say(s, true, "%s/%s/%s: there is %s/%s as well, left alone",
		    w->name, buf_str(&w->path), id, w->name, id);
	} else if (file_rename(from, id, w->folder, id) == -1) {
		say(s, true, "%s/%s/%s: move to %s/: %s", w->name,
		    buf_str(&w->path), id, w->name, strerror(errno));
	} else {
		s->moved++;
		say(s, false, "%s: moved from %s/%s/ to %s/", id, w->name,
		    buf_str(&w->path), w->name);
	}
}

static void
enter(struct walk *w, const char *name)
{
	DIR *dir = w->depth == DEPTH
	    ? NULL
	    : dir_open(dirfd(w->dirs[w->depth - 1]), name);

	if (dir == NULL)
		return; /* no folder, or one that nobody hashed */
	path_add(w, name);
	w->dirs[w->depth++] = dir;
}

static void
leave(struct walk *w)
{
	const char *path = buf_str(&w->path);

	closedir(w->dirs[--w->depth]);
	if (w->depth > 0 && unlinkat(w->folder, path, AT_REMOVEDIR) == -1)
		say(w->s, true,
		    "%s/%s/: not a folder of the queue, left alone: "
		    "%s",
		    w->name, path, strerror(errno));
	path_cut(w);
}

static void
entry(struct walk *w, const char *name)
{
	if (structure_is_hash(name))
		enter(w, name);
	else if (w->depth > 1 && qread_id_ok(span_str(name)))
		file_up(w, name);
}

int
structure_flatten(struct structure *s, int folder, const char *name)
{
	struct walk w = { .s = s, .folder = folder, .name = name };

	w.dirs[0] = dir_open(folder, ".");
	if (w.dirs[0] == NULL)
		return -1;
	for (w.depth = 1; w.depth > 0;) {
		struct dirent *e = readdir(w.dirs[w.depth - 1]);

		if (e == NULL)
			leave(&w);
		else
			entry(&w, e->d_name);
	}
	buf_free(&w.path);
	return 0;
}

bool
structure_mode(
    struct structure *s, int folder, const char *name, const char *id)
{
	struct stat st;
	mode_t mode;

	if (fstatat(folder, id, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return false;
	if (!S_ISREG(st.st_mode)) {
		say(s, true, "%s/%s: not a plain file", name, id);
		return false;
	}
	if (st.st_uid != geteuid()) {
		say(s, true,
		    "%s/%s: owned by uid %ld instead of uid %ld (chown it)",
		    name, id, (long)st.st_uid, (long)geteuid());
		return false;
	}
	mode = (st.st_mode & S_IXUSR) != 0 ? 0700 : 0600;
	if ((st.st_mode & 07777) == mode)
		return true;
	if (fchmodat(folder, id, mode, 0) == -1) {
		say(s, true, "%s/%s: mode: %s", name, id, strerror(errno));
		return false;
	}
	s->modes++;
	say(s, false, "%s/%s: mode %04o made %04o", name, id,
	    (unsigned)(st.st_mode & 07777), (unsigned)mode);
	return true;
}
