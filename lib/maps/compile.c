/*
 * compile.c - text into a table's file: the work of postmap and postalias
 *
 * Lines, options, warnings and the entries that postalias adds are Postfix's,
 * so that either suite reads what the other wrote. Root works with the rights
 * of the text's owner: a table made of a user's text is the user's.
 */

#include "maps/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/why.h"
#include "maps/items.h"
#include "maps/map_build.h"
#include "maps/source.h"
#include "os/clock.h"
#include "os/file.h"

enum { VALUE_FILE_MAX = 16 << 20 };

/* One table being made. */
struct work {
	const struct compile *c;
	struct map_build *build;
	char *path; /* of the text; "stdin" */
	char *name; /* of the table, without type */
	const char *suffix; /* of its file */
	bool as_owner; /* our rights are not root's now */
	struct why *why;
};

static bool
trouble(struct work *w, const char *what, const char *path)
{
	int error = errno;

	why_set(w->why, "4.3.0", "%s %s: %s", what, path, strerror(error));
	return false;
}

/* Take the rights of a file's owner, or root's back. Only for root. */
static bool
become(struct work *w, uid_t uid, gid_t gid)
{
	if (seteuid(0) == -1 || setegid(gid) == -1 ||
	    setgroups(1, &gid) == -1 || seteuid(uid) == -1)
		return trouble(w, "take the rights of the owner of", w->name);
	w->as_owner = uid != 0;
	return true;
}

static bool
rights_of(struct work *w, const struct stat *st)
{
	if (geteuid() != 0 || (w->c->flags & COMPILE_AS_ROOT) ||
	    st->st_uid == 0)
		return true;
	return become(w, st->st_uid, st->st_gid);
}

static bool
work_begin(
    struct work *w, const struct compile *c, struct span spec, struct why *why)
{
	struct span type, name;

	*w = (struct work){ .c = c, .why = why };
	map_spec_split(spec, &type, &name);
	w->name = mem_span(name);
	w->suffix = map_build_suffix(spec, c->default_type);
	if (w->suffix == NULL)
		w->suffix = ".db"; /* map_build_begin() will refuse it */
	if (name.n > 0 && !span_has_break(name))
		return true;
	why_set(why, "4.3.0", "bad table name");
	return false;
}

static bool
work_end(struct work *w, bool good)
{
	if (good)
		good = map_build_commit(&w->build, w->why);
	else
		map_build_abort(&w->build);
	if (w->as_owner)
		good = become(w, 0, 0) && good;
	free(w->path);
	free(w->name);
	return good;
}

/* The text, its owner's rights, and the mode for a new table. */
static bool
read_text(struct work *w, struct buf *text, mode_t *mode)
{
	bool keep = w->c->flags & COMPILE_KEEP;
	struct stat st;
	int fd, got;

	w->path = mem_str(keep ? "stdin" : w->name);
	*mode = 0644;
	fd = keep ? fcntl(0, F_DUPFD_CLOEXEC, 3)
		  : open(w->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return trouble(w, "open", w->path);
	got = fstat(fd, &st);
	if (got == 0)
		got = file_read_all(fd, MAP_TEXT_MAX, text);
	if (got == -1)
		trouble(w, "read", w->path);
	(void)file_close(&fd);
	if (got == -1)
		return false;
	if (S_ISREG(st.st_mode) && !keep && !(w->c->flags & COMPILE_MODE_644))
		*mode = 0644 & (st.st_mode | 0700);
	return keep || rights_of(w, &st);
}

/* The file is there: its owner's rights. Missing is fine when it may be made.
 */
static bool
rights_of_table(struct work *w, bool must_be_there)
{
	char *path = mem_printf("%s%s", w->name, w->suffix);
	struct stat st;
	bool good = true;

	if (stat(path, &st) == 0)
		good = rights_of(w, &st);
	else if (must_be_there || errno != ENOENT)
		good = trouble(w, "open database", path);
	free(path);
	return good;
}

static unsigned
build_flags(const struct compile *c)
{
	unsigned flags = 0;

	if (c->flags & COMPILE_FOLD)
		flags |= MAP_BUILD_FOLD;
	if (c->flags & COMPILE_NO_NUL)
		flags |= MAP_BUILD_NO_NUL;
	if (c->flags & COMPILE_KEEP)
		flags |= MAP_BUILD_KEEP;
	return flags;
}

/* What stands in the files that value names, base64. */
static const char *
value_from_files(struct span value, struct buf *out)
{
	struct buf all = BUF_EMPTY;
	struct span item;
	const char *wrong = NULL;

	while (wrong == NULL && items_next(&value, &item)) {
		char *path = mem_span(item);

		if (all.n > 0)
			buf_add_byte(&all, '\n');
		if (file_read_path(path, VALUE_FILE_MAX, &all) == -1)
			wrong = strerror(errno);
		free(path);
	}
	base64_encode(out, buf_span(&all));
	buf_free(&all);
	return wrong;
}

static bool
put(struct work *w, struct span key, struct span value)
{
	bool replace = w->c->flags & COMPILE_REPLACE;
	enum map_result got =
	    map_build_put(w->build, key, value, replace, w->why);

	if (got == MAP_FOUND && !replace && !(w->c->flags & COMPILE_QUIET))
		log_warning("%s%s: duplicate entry: \"%.*s\"", w->name,
		    w->suffix, (int)key.n, key.p);
	return got != MAP_ERROR;
}

static bool
put_files(struct work *w, size_t at, struct span key, struct span value)
{
	struct buf content = BUF_EMPTY;
	const char *wrong = value_from_files(value, &content);
	bool good = true;

	if (wrong != NULL)
		log_warning("%s, line %zu: %.*s: %s: skipping this entry",
		    w->path, at, (int)value.n, value.p, wrong);
	else
		good = put(w, key, buf_span(&content));
	buf_free(&content);
	return good;
}

/* False only when the table cannot be written. */
static bool
put_pair(struct work *w, size_t at, struct span line)
{
	struct span key, value;
	const char *wrong = source_pair(line, &key, &value);

	if (wrong != NULL) {
		log_warning("%s, line %zu: %s -- ignoring this line", w->path,
		    at, wrong);
		return true;
	}
	if (key.p[key.n - 1] == ':')
		log_warning("%s, line %zu: record is in \"key: value\" format; "
			    "is this an alias file?",
		    w->path, at);
	return w->c->flags & COMPILE_FILES ? put_files(w, at, key, value)
					   : put(w, key, value);
}

static bool
put_alias(struct work *w, size_t at, struct span line)
{
	struct buf name = BUF_EMPTY;
	struct span value;
	const char *wrong = source_alias(line, &name, &value);
	bool good = true;

	if (wrong != NULL)
		log_warning("%s, line %zu: %s -- ignoring this line", w->path,
		    at, wrong);
	else
		good = put(w, buf_span(&name), value);
	buf_free(&name);
	return good;
}

static bool
put_line(struct work *w, size_t at, struct span line)
{
	if (!(w->c->flags & COMPILE_ANY_BYTES) && !utf8_valid(line)) {
		log_warning(
		    "%s, line %zu: non-UTF-8 input -- ignoring this line",
		    w->path, at);
		return true;
	}
	return w->c->flags & COMPILE_ALIASES ? put_alias(w, at, line)
					     : put_pair(w, at, line);
}

/* What sendmail and NIS look for in a table of aliases. */
static bool
put_marks(struct work *w)
{
	char *now = mem_printf("%lld", (long long)clock_wall());
	bool good;

	good = map_build_put(w->build, SPAN("@"), SPAN("@"), true, w->why) !=
		MAP_ERROR &&
	    map_build_put_plain(
		w->build, SPAN("YP_LAST_MODIFIED"), span_str(now), w->why) &&
	    map_build_put_plain(
		w->build, SPAN("YP_MASTER_NAME"), span_str(w->c->host), w->why);
	free(now);
	return good;
}

static bool
put_text(struct work *w, struct span text)
{
	struct source s;
	struct span line;
	bool good = true;

	source_init(&s, text);
	while (good && source_next(&s, &line))
		good = put_line(w, s.first, line);
	source_done(&s);
	if (good && (w->c->flags & COMPILE_ALIASES))
		good = put_marks(w);
	return good;
}

bool
compile_table(const struct compile *c, struct span spec, struct why *why)
{
	struct buf text = BUF_EMPTY;
	struct work w;
	mode_t mode;
	bool good = work_begin(&w, c, spec, why) && read_text(&w, &text, &mode);

	if (good && (c->flags & COMPILE_KEEP))
		good = rights_of_table(&w, false);
	if (good) {
		w.build = map_build_begin(
		    spec, c->default_type, build_flags(c), mode, why);
		if (w.build == NULL && w.as_owner)
			log_warning("%s: done with the rights of its owner; -o "
				    "keeps those of root",
			    w.path);
		good = w.build != NULL && put_text(&w, buf_span(&text));
	}
	buf_free(&text);
	return work_end(&w, good);
}

static bool
delete_one(struct work *w, struct span key, unsigned *found)
{
	enum map_result got = map_build_delete(w->build, key, w->why);

	*found += got == MAP_FOUND;
	return got != MAP_ERROR;
}

static bool
delete_lines(struct work *w, unsigned *found)
{
	struct buf text = BUF_EMPTY;
	struct span rest, line;
	bool good = file_read_all(0, MAP_TEXT_MAX, &text) == 0 ||
	    trouble(w, "read", "stdin");

	rest = buf_span(&text);
	while (good && span_line(&rest, &line))
		good = delete_one(w, line, found);
	buf_free(&text);
	return good;
}

bool
compile_delete(const struct compile *c, struct span spec, struct span key,
    unsigned *found, struct why *why)
{
	struct work w;
	bool good = work_begin(&w, c, spec, why) && rights_of_table(&w, true);

	*found = 0;
	if (good) {
		w.build = map_build_begin(spec, c->default_type,
		    build_flags(c) | MAP_BUILD_KEEP, 0644, why);
		good = w.build != NULL &&
		    (span_is(key, "-") ? delete_lines(&w, found)
				       : delete_one(&w, key, found));
	}
	if (good && *found == 0) { /* leave the file as it is */
		map_build_abort(&w.build);
		(void)work_end(&w, false);
		return true;
	}
	return work_end(&w, good);
}
