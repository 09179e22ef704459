/*
 * agent_cache.c - rc files parsed and regexes compiled, kept for next time
 *
 * A file is known by its bytes, a regex by its text: nothing here can be out of
 * date. Both are dropped whole when there are many. What a file's bytes are is
 * asked by stat() first: one whose times and size are those that it was read
 * with is not read again, if it had rested for a while by then, so that a
 * change within the clock's step cannot hide.
 */

#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/table.h"
#include "os/clock.h"
#include "os/file.h"
#include "rules/regex.h"
#include "rules/run.h"

enum { REGEXES_MAX = 500, FILES_KEPT_MAX = 50, RESTED_S = 2 };

struct agent_cache {
	struct table *regexes, *files;
	struct table *seen; /* by device and inode: a struct seen_file */
};

/* What a file was when it was read, and what stood in it. */
struct seen_file {
	struct timespec changed, written;
	off_t size;
	const struct rc *rc;
};

struct kept_regex {
	struct regex *re; /* NULL: too large */
	bool unbalanced;
	char *shown;
};

static void
kept_free(void *p)
{
	struct kept_regex *k = p;

	regex_free(&k->re);
	free(k->shown);
	free(k);
}

static void
file_free(void *p)
{
	struct rc *r = p;

	rc_free(&r);
}

struct agent_cache *
agent_cache_new(void)
{
	struct agent_cache *c = mem_new(sizeof(*c));

	c->regexes = table_new();
	c->files = table_new();
	c->seen = table_new();
	return c;
}

void
agent_cache_free(struct agent_cache **c)
{
	if (*c == NULL)
		return;
	table_free(&(*c)->regexes, kept_free);
	table_free(&(*c)->files, file_free);
	table_free(&(*c)->seen, free);
	mem_free(c);
}

/* Runs hold files while they run, so room is made between runs only. */
void
cache_trim(struct agent_cache *c)
{
	if (table_count(c->regexes) > REGEXES_MAX) {
		table_free(&c->regexes, kept_free);
		c->regexes = table_new();
	}
	if (table_count(c->files) > FILES_KEPT_MAX) {
		table_free(&c->files, file_free);
		table_free(&c->seen, free);
		c->files = table_new();
		c->seen = table_new();
	}
}

static const struct rc *
cache_rc(struct agent_cache *c, struct span bytes)
{
	struct rc *rc = table_get(c->files, bytes);

	if (rc == NULL) {
		rc = rc_parse(bytes);
		(void)table_put(c->files, bytes, rc);
	}
	return rc;
}

static bool
is_same(const struct seen_file *f, const struct stat *st)
{
	return f->changed.tv_sec == st->st_ctim.tv_sec &&
	    f->changed.tv_nsec == st->st_ctim.tv_nsec &&
	    f->written.tv_sec == st->st_mtim.tv_sec &&
	    f->written.tv_nsec == st->st_mtim.tv_nsec && f->size == st->st_size;
}

static const struct rc *
read_file(struct agent *a, const char *path)
{
	struct buf bytes = BUF_EMPTY;
	const struct rc *rc = NULL;
	int got = a->ops.read_rc != NULL
	    ? a->ops.read_rc(a->s.ctx, path, &bytes)
	    : file_read_path(path, RC_BYTES_MAX, &bytes);

	if (got == 0)
		rc = cache_rc(a->cache, buf_span(&bytes));
	buf_free(&bytes);
	return rc;
}

static void
remember(struct agent_cache *c, struct span key, const char *path,
    const struct stat *st, const struct rc *rc)
{
	struct seen_file *f;

	if (rc == NULL || !S_ISREG(st->st_mode) ||
	    st->st_ctim.tv_sec > clock_wall() - RESTED_S ||
	    !file_clock_is_ours_at(path))
		return;
	f = mem_new(sizeof(*f));
	*f = (struct seen_file){ .changed = st->st_ctim,
		.written = st->st_mtim,
		.size = st->st_size,
		.rc = rc };
	free(table_put(c->seen, key, f));
}

const struct rc *
cache_rc_of(struct agent *a, const char *path)
{
	uint64_t id[2];
	struct span key = span_of((const char *)id, sizeof(id));
	const struct seen_file *f;
	const struct rc *rc;
	struct stat st;

	if (a->own_cache || a->ops.read_rc != NULL)
		return read_file(a, path);
	if (stat(path, &st) == -1)
		return NULL;
	id[0] = (uint64_t)st.st_dev;
	id[1] = (uint64_t)st.st_ino;
	f = table_get(a->cache->seen, key);
	if (f != NULL && is_same(f, &st))
		return f->rc;
	rc = read_file(a, path);
	remember(a->cache, key, path, &st, rc);
	return rc;
}

/* plain: a backslash stood in front, which makes the first byte no macro's. */
static struct kept_regex *
compile(struct span pattern, bool fold, bool plain)
{
	struct kept_regex *k = mem_new(sizeof(*k));
	struct buf quoted = BUF_EMPTY, text = BUF_EMPTY;
	enum regex_error error;

	if (plain)
		buf_add_byte(&quoted, '\\');
	buf_add_span(&quoted, pattern);
	regex_macros(&text, buf_span(&quoted), &fold);
	buf_free(&quoted);
	k->re = regex_new(span_skip(buf_span(&text), plain), fold, &error);
	k->unbalanced = error == REGEX_UNBALANCED;
	k->shown = mem_span(span_skip(buf_span(&text), plain));
	buf_free(&text);
	return k;
}

struct regex *
cache_regex(struct agent *a, struct span pattern, bool fold, bool plain)
{
	struct buf key = BUF_EMPTY;
	struct kept_regex *k;

	buf_add_byte(&key, fold ? 'f' : 'c');
	buf_add_byte(&key, plain ? 'p' : 'm');
	buf_add_span(&key, pattern);
	k = table_get(a->cache->regexes, buf_span(&key));
	if (k == NULL) {
		k = compile(pattern, fold, plain);
		(void)table_put(a->cache->regexes, buf_span(&key), k);
	}
	buf_free(&key);
	if (k->re == NULL)
		agent_say(a, "Regexp too large");
	else if (k->unbalanced)
		run_say_name(a, "Invalid regexp", span_str(k->shown));
	return k->re;
}
