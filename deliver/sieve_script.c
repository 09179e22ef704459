/*
 * sieve_script.c - a user's Sieve scripts: found, read, and kept
 *
 * A child that delivers many messages reads a script once: a stat() tells that
 * it is the same still. A file younger than the clock's step might change
 * without showing it, and is read again.
 */

#include "deliver/sieve_script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "deliver/absent.h"
#include "deliver/conf.h"
#include "deliver/forward.h"
#include "deliver/mail.h"
#include "os/clock.h"
#include "os/file.h"
#include "sieve/script.h"

enum {
	KEPT = 300, /* more than a message can include */
	KEPT_LONG = 32, /* from one message to the next */
	KEPT_BYTES = 8 << 20,
	YOUNG_S = 2
};

struct kept {
	char *path;
	struct stat st;
	int64_t read_at;
	uint64_t message; /* for which it was looked at last */
	struct arena *arena;
	const struct sieve_script *script;
};

struct sieve_shelf {
	struct kept all[KEPT];
	size_t count;
	uint64_t message;
};

struct sieve_shelf *
sieve_shelf_new(void)
{
	return mem_new(sizeof(struct sieve_shelf));
}

static void
forget(struct sieve_shelf *s, size_t i)
{
	mem_free(&s->all[i].path);
	arena_free(&s->all[i].arena);
	s->all[i] = s->all[--s->count];
	s->all[s->count] = (struct kept){ .path = NULL };
}

/* Nothing of the message before is needed any more. */
static void
next_message(struct sieve_shelf *s)
{
	size_t bytes = 0;

	s->message++;
	for (size_t i = 0; i < s->count; i++)
		bytes += arena_used(s->all[i].arena);
	while (s->count > 0 && (bytes > KEPT_BYTES || s->count > KEPT_LONG)) {
		bytes -= arena_used(s->all[0].arena);
		forget(s, 0);
	}
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool
is_fresh(const struct sieve_shelf *s, const struct kept *k)
{
	struct stat st;

	return k->message == s->message ||
	    (stat(k->path, &st) == 0 && same_file(&st, &k->st) &&
		k->read_at - st.st_ctim.tv_sec > YOUNG_S);
}

static const struct sieve_script *
look(struct sieve_shelf *s, const char *path)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->all[i].path, path) != 0)
			continue;
		if (is_fresh(s, &s->all[i])) {
			s->all[i].message = s->message;
			return s->all[i].script;
		}
		forget(s, i);
		break;
	}
	return NULL;
}

static const struct sieve_script *
compile(const struct mail *m, struct arena *a, struct span text)
{
	const struct deliver_conf *c = m->place->conf;
	const struct sieve_limits limits = { .bytes =
						 c->sieve_max_script_size == 0
		    ? 1
		    : c->sieve_max_script_size,
		.actions = (size_t)c->sieve_max_actions,
		.redirects = (size_t)c->sieve_max_redirects,
		.variable_bytes = c->rules_variable_limit };
	struct sieve_script *s = sieve_script_new(a, text, &limits);

	/* 0 is a number here, not what is usual */
	s->limits.redirects = (size_t)c->sieve_max_redirects;
	return s;
}

/* NULL: it cannot be read, errno says why. */
static const struct sieve_script *
read_open(struct mail *m, const char *path, int fd)
{
	struct sieve_shelf *shelf = m->place->scripts;
	struct kept k = { .read_at = clock_wall(), .message = shelf->message };
	struct buf text = BUF_EMPTY;

	if (fstat(fd, &k.st) == -1 ||
	    (file_read_all(
		 fd, m->place->conf->sieve_max_script_size + 1, &text) == -1 &&
		errno != EFBIG)) {
		buf_free(&text);
		return NULL;
	}
	if (shelf->count == KEPT) {
		buf_free(&text);
		errno = EMFILE;
		return NULL;
	}
	k.path = mem_str(path);
	k.arena = arena_new();
	k.script = compile(m, k.arena, buf_span(&text));
	buf_free(&text);
	shelf->all[shelf->count++] = k;
	return k.script;
}

/* NULL with ENOENT: there is none; with another errno: trouble. EPERM: it is
 * not to be trusted. */
static const struct sieve_script *
script_at(struct mail *m, const char *path)
{
	const struct sieve_script *s = look(m->place->scripts, path);
	int fd, error;

	if (s != NULL)
		return s;
	if (absent_is(m->place->absent, path)) {
		errno = ENOENT;
		return NULL;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 && errno == ENOENT)
		absent_note(m->place->absent, path);
	if (fd == -1 && errno == ENOTDIR)
		errno = ENOENT;
	if (fd == -1)
		return NULL;
	if (!forward_trusted(m, path, fd)) {
		file_close(&fd);
		errno = EPERM;
		return NULL;
	}
	s = read_open(m, path, fd);
	error = errno;
	file_close(&fd);
	errno = error;
	return s;
}

static void
say_errors(const char *path, const struct sieve_script *s, const char *what)
{
	log_warning("%s:%d:%d: %s; %s", path, s->errors[0].line,
	    s->errors[0].column, s->errors[0].what, what);
}

enum sieve_found
sieve_script_find(struct mail *m, const struct sieve_script **out,
    const char **path, struct why *why)
{
	struct span rest = span_str(m->place->conf->sieve_script), item;
	const struct sieve_script *s = NULL;

	next_message(m->place->scripts);
	errno = ENOENT;
	while (s == NULL && errno == ENOENT && param_list_next(&rest, &item)) {
		struct buf b = BUF_EMPTY;
		bool good = forward_expand(m, item, &b);

		*path = arena_str(m->arena, buf_str(&b));
		buf_free(&b);
		errno = ENOENT;
		if (good)
			s = script_at(m, *path);
	}
	*out = s;
	if (s == NULL && (errno == ENOENT || errno == EPERM))
		return SIEVE_NO_SCRIPT;
	if (s == NULL) {
		why_set(
		    why, "4.3.0", "cannot read %s: %s", *path, strerror(errno));
		return SIEVE_UNREADABLE;
	}
	if (s->error_count == 0)
		return SIEVE_SCRIPT;
	say_errors(*path, s, "the script is not run, the message is kept");
	return SIEVE_WRONG;
}

enum sieve_included
sieve_script_include(struct mail *m, struct span name, bool global,
    const struct sieve_script **out)
{
	const struct deliver_conf *c = m->place->conf;
	struct buf b = BUF_EMPTY;
	const char *path;

	if (!sieve_name_valid(name) ||
	    !forward_expand(
		m, span_str(global ? c->sieve_global_dir : c->sieve_dir), &b) ||
	    b.n == 0) {
		buf_free(&b);
		return SIEVE_MISSING;
	}
	buf_add_byte(&b, '/');
	buf_add_span(&b, name);
	buf_add_str(&b, ".sieve");
	path = arena_str(m->arena, buf_str(&b));
	buf_free(&b);
	*out = script_at(m, path);
	if (*out == NULL)
		return errno == ENOENT ? SIEVE_MISSING
		    : errno == EPERM || errno == EACCES || errno == ELOOP ||
			errno == ENAMETOOLONG
		    ? SIEVE_BROKEN /* the user's own doing */
		    : SIEVE_TROUBLE;
	if ((*out)->error_count == 0)
		return SIEVE_INCLUDED;
	say_errors(path, *out, "it cannot be included");
	return SIEVE_BROKEN;
}
