/*
 * map.c - look-up tables: the part that all types share
 *
 * Finds the type, folds keys, keeps watch on files. A table that cannot be
 * opened becomes a map of the type "broken", so that callers meet the trouble
 * where they meet all other: at the look-up, as a temporary failure.
 */

#include "maps/map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/why.h"
#include "maps/items.h"
#include "maps/map_type.h"
#include "os/file.h"

static const struct map_type *const types[] = { &map_type_btree, &map_type_cdb,
	&map_type_cidr, &map_type_environ, &map_type_fail, &map_type_hash,
	&map_type_inline, &map_type_ldap, &map_type_lmdb, &map_type_mysql,
	&map_type_pcre, &map_type_pgsql, &map_type_pipe, &map_type_random,
	&map_type_regexp, &map_type_socketmap, &map_type_sqlite,
	&map_type_static, &map_type_tcp, &map_type_texthash, &map_type_union,
	&map_type_unix };

enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* broken: state is the reason, a string */
static enum map_result
broken_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	(void)key;
	(void)out;
	why_set(why, "4.3.0", "%s", (const char *)m->state);
	return MAP_ERROR;
}

static void
broken_close(struct map *m)
{
	free(m->state);
}

static const struct map_type broken = {
	.name = "broken",
	.get = broken_get,
	.close = broken_close,
};

static const struct map_type *
type_find(struct span name)
{
	for (size_t i = 0; i < TYPES; i++)
		if (span_is(name, types[i]->name))
			return types[i];
	return NULL;
}

bool
map_type_known(struct span name)
{
	return type_find(name) != NULL || span_is(name, "proxy");
}

const char *
map_type_name(size_t i)
{
	return i < TYPES ? types[i]->name : NULL;
}

/* A type is letters, digits and '-' before the first ':'. */
void
map_spec_split(struct span spec, struct span *type, struct span *name)
{
	size_t n;

	if (span_starts(spec, "proxy:"))
		spec = span_skip(spec, strlen("proxy:"));
	n = 0;
	while (ascii_alnum(span_at(spec, n)) || span_at(spec, n) == '-')
		n++;
	if (n > 0 && span_at(spec, n) == ':') {
		*type = span_head(spec, n);
		*name = span_skip(spec, n + 1);
	} else {
		*type = span_head(spec, 0);
		*name = spec;
	}
}

enum map_result
map_trouble(const struct map *m, struct why *why, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	why_set(why, "4.3.0", "table %s: %s", m->spec, buf_str(&text));
	buf_free(&text);
	return MAP_ERROR;
}

void
map_warn_line(const struct map *m, size_t line, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	log_warning("%s map %s, line %zu: %s", m->type->name, m->name, line,
	    buf_str(&text));
	buf_free(&text);
}

static void
file_note(struct map_file *f, const struct stat *st)
{
	f->there = true;
	f->dev = st->st_dev;
	f->ino = st->st_ino;
	f->size = st->st_size;
	f->mtime = st->st_mtim;
}

void
map_watch(struct map *m, const char *path, int fd)
{
	struct map_file *f;
	struct stat st;

	m->files = mem_resize(m->files, m->file_count + 1, sizeof(*m->files));
	f = &m->files[m->file_count++];
	*f = (struct map_file){ .path = mem_str(path) };
	if (fd == -1 ? stat(path, &st) == -1 : fstat(fd, &st) == -1)
		return;
	file_note(f, &st);
	m->owner = st.st_uid;
}

static bool
file_same(const struct map_file *f)
{
	struct map_file now = { .there = false };
	struct stat st;

	if (stat(f->path, &st) == 0)
		file_note(&now, &st);
	return f->there == now.there && f->dev == now.dev &&
	    f->ino == now.ino && f->size == now.size &&
	    f->mtime.tv_sec == now.mtime.tv_sec &&
	    f->mtime.tv_nsec == now.mtime.tv_nsec;
}

bool
map_changed(const struct map *m)
{
	for (size_t i = 0; i < m->file_count; i++)
		if (!file_same(&m->files[i]))
			return true;
	return m->type != NULL && m->type->changed != NULL &&
	    m->type->changed(m);
}

/* Rules in braces, each in braces of its own, one on a line. */
static void
braced_text(struct span rules, struct buf *out)
{
	struct span item;

	while (items_next(&rules, &item)) {
		items_unbrace(&item);
		buf_add_span(out, item);
		buf_add_byte(out, '\n');
	}
}

bool
map_text(struct map *m, struct buf *out, struct why *why)
{
	struct span inside = span_str(m->name);
	struct stat st;
	int fd, got;

	if (items_unbrace(&inside)) {
		braced_text(inside, out);
		return true;
	}
	/* a FIFO must not hang us */
	fd = open(m->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	map_watch(m, m->name, fd);
	if (fd == -1) {
		map_trouble(m, why, "open %s: %s", m->name, strerror(errno));
		return false;
	}
	errno = EISDIR;
	got = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
	    ? file_read_all(fd, MAP_TEXT_MAX, out)
	    : -1;
	if (got == -1)
		map_trouble(m, why, "read %s: %s", m->name, strerror(errno));
	(void)file_close(&fd);
	return got == 0;
}

static struct map *
map_new(struct span spec, const char *default_type, unsigned flags)
{
	struct map *m = mem_new(sizeof(*m));
	struct span type, name;

	map_spec_split(spec, &type, &name);
	if (type.n == 0)
		type = span_str(default_type);
	m->spec =
	    mem_printf("%.*s:%.*s", (int)type.n, type.p, (int)name.n, name.p);
	m->name = mem_span(name);
	m->default_type = default_type;
	m->flags = flags;
	m->type = type_find(type);
	m->folded = mem_new(sizeof(*m->folded));
	return m;
}

static bool
open_state(struct map *m, struct why *why)
{
	struct span spec = span_str(m->spec);

	if (m->type == NULL) {
		m->type = &broken;
		map_trouble(m, why, "unsupported dictionary type: %.*s",
		    (int)span_find(spec, ':'), spec.p);
		return false;
	}
	if (m->name[0] == '\0') {
		map_trouble(
		    m, why, "open dictionary: expecting \"type:name\" form");
		return false;
	}
	m->pattern = m->type->pattern;
	return m->type->open(m, why);
}

static bool
spec_fits(struct span spec, struct why *why)
{
	if (spec.n <= 65536 && !span_has_break(spec))
		return true;
	why_set(why, "4.3.0", "table name: too long, or with a line end");
	return false;
}

struct map *
map_open(
    struct span spec, const char *default_type, unsigned flags, struct why *why)
{
	struct map *m;

	if (!spec_fits(spec, why))
		return NULL;
	m = map_new(spec, default_type, flags);
	if (!open_state(m, why))
		map_close(&m);
	return m;
}

struct map *
map_open_or_broken(
    struct span spec, const char *default_type, unsigned flags, struct why *why)
{
	bool fits = spec_fits(spec, why);
	struct map *m =
	    map_new(fits ? spec : SPAN("fail:table"), default_type, flags);

	if (fits && open_state(m, why))
		return m;
	if (m->type->close != NULL)
		m->type->close(m);
	m->type = &broken;
	m->state = mem_str(why_text(why));
	return m;
}

void
map_close(struct map **m)
{
	if (*m == NULL)
		return;
	if ((*m)->type->close != NULL)
		(*m)->type->close(*m);
	for (size_t i = 0; i < (*m)->file_count; i++)
		free((*m)->files[i].path);
	free((*m)->files);
	buf_free((*m)->folded);
	free((*m)->folded);
	free((*m)->spec);
	free((*m)->name);
	mem_free(m);
}

struct span
map_fold(struct map *m, struct span key)
{
	if (!m->type->fixed || !(m->flags & MAP_FOLD))
		return key;
	buf_clear(m->folded);
	utf8_add_folded(m->folded, key);
	return buf_span(m->folded);
}

enum map_result
map_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	buf_clear(out);
	if (key.n == 0 || memchr(key.p, '\0', key.n) != NULL)
		return m->type == &broken ? broken_get(m, key, out, why)
					  : MAP_NONE;
	if (key.n > MAP_KEY_MAX)
		return map_trouble(m, why, "a key of %zu bytes", key.n);
	return m->type->get(m, map_fold(m, key), out, why);
}

enum map_result
map_each(struct map *m, map_each_fn *fn, void *arg, struct why *why)
{
	if (m->type->each == NULL)
		return map_trouble(m, why, "this type cannot list its entries");
	return m->type->each(m, fn, arg, why);
}

const char *
map_spec(const struct map *m)
{
	return m->spec;
}

bool
map_is_pattern(const struct map *m)
{
	return m->pattern;
}

bool
map_is_broken(const struct map *m)
{
	return m->type == &broken;
}

uid_t
map_owner(const struct map *m)
{
	return m->owner;
}
