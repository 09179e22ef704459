/*
 * store.c - a small table that outlives the process
 *
 * A file of 100,000 entries takes a third of a second to make, too long for a
 * loop that others wait for: a child may do it, whose copy of the memory costs
 * nothing but the pages that change meanwhile. The lock of the file is the
 * child's; when it dies, so does the lock, and the old file stands.
 */

#include "maps/store.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "base/why.h"
#include "maps/map.h"
#include "maps/map_build.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/sock.h"

/* A hundredth of the time goes into writing at most. */
enum { WRITE_SHARE = 100, AGAIN_MS = 30 * 1000, NOBODY = -1 };

struct entry {
	struct heap_node ends; /* of store.by_end, at until */
	int64_t until;
	char *text;
	size_t key_n;
	char key[];
};

struct store {
	char *spec;
	size_t limit;
	int64_t write_after_ms;
	struct table *entries;
	struct heap *by_end;
	struct loop_timer *timer;
	int64_t write_ms; /* how long it took the last time */
	bool changed;
	int keep_fd; /* NOBODY: it is written here */
	pid_t child; /* that writes; 0: none */
	int child_fd; /* ends with it */
	struct loop_io *child_io;
	int64_t forked_ms;
	struct loop *loop;
};

static void
entry_free(void *value)
{
	struct entry *e = value;

	free(e->text);
	free(e);
}

static void
entry_drop(struct store *s, struct entry *e)
{
	heap_remove(s->by_end, &e->ends);
	(void)table_remove(s->entries, span_of(e->key, e->key_n));
	entry_free(e);
	s->changed = true;
}

static struct entry *
first_to_end(const struct store *s)
{
	struct heap_node *first = heap_first(s->by_end);

	return first == NULL ? NULL : HEAP_OF(first, struct entry, ends);
}

static void
sweep(struct store *s)
{
	int64_t now = clock_wall();
	struct entry *e;

	while ((e = first_to_end(s)) != NULL && e->until <= now)
		entry_drop(s, e);
}

/* When all are good, the one that ends first goes. */
static void
make_room(struct store *s)
{
	sweep(s);
	if (table_count(s->entries) >= s->limit)
		entry_drop(s, first_to_end(s));
}

static struct entry *
entry_new(struct store *s, struct span key)
{
	struct entry *e = mem_new(sizeof(*e) + key.n);

	memcpy(e->key, key.p, key.n);
	e->key_n = key.n;
	table_put(s->entries, key, e);
	return e;
}

static void
put(struct store *s, struct span key, int64_t until, struct span text)
{
	struct entry *e = table_get(s->entries, key);

	if (e == NULL) {
		make_room(s);
		e = entry_new(s, key);
	}
	e->until = until;
	heap_put(s->by_end, &e->ends, until);
	free(e->text);
	e->text = mem_span(text);
}

static void
loaded(void *arg, struct span key, struct span value)
{
	struct span number, text = value;
	int64_t until;

	if (span_cut(&text, ' ', &number) &&
	    number_parse_signed(number, 0, INT64_MAX, &until) &&
	    until > clock_wall())
		put(arg, key, until, text);
}

/* False: the old file is as it was. */
static bool
write_file(struct store *s)
{
	struct map_build *b;
	struct span key;
	void *value;
	size_t at = 0;
	struct buf text = BUF_EMPTY;
	struct why why;
	bool good;

	why_init(&why);
	b = map_build_begin(span_str(s->spec), "hash", 0, 0600, &why);
	good = b != NULL;
	while (good && table_next(s->entries, &at, &key, &value)) {
		struct entry *e = value;

		buf_clear(&text);
		buf_printf(&text, "%lld ", (long long)e->until);
		buf_add_str(&text, e->text);
		good = map_build_put(b, key, buf_span(&text), true, &why) !=
		    MAP_ERROR;
	}
	good = good && map_build_commit(&b, &why);
	if (!good)
		log_error("%s: %s", s->spec, why_text(&why));
	map_build_abort(&b);
	buf_free(&text);
	why_free(&why);
	return good;
}

static void
write_now(struct store *s)
{
	int64_t begun = clock_ms();

	sweep(s);
	s->changed = false;
	if (s->spec[0] == '\0')
		return;
	(void)write_file(s);
	s->write_ms = clock_ms() - begun;
}

static void
write_soon(struct store *s)
{
	if (!loop_timer_is_set(s->timer))
		loop_timer_set(
		    s->timer, s->write_after_ms + s->write_ms * WRITE_SHARE);
}

static void
write_again(struct store *s)
{
	s->changed = true;
	loop_timer_set(s->timer, AGAIN_MS);
}

/* The child has ended, or is waited for. */
static void
child_reap(struct store *s)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(s->child, &status, 0);
	while (got == -1 && errno == EINTR);
	loop_io_free(&s->child_io);
	close(s->child_fd);
	s->child = 0;
	s->write_ms = clock_ms() - s->forked_ms;
	if (got != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		if (s->changed)
			write_soon(s);
		return;
	}
	if (got != -1 && WIFSIGNALED(status))
		log_warning("%s: its writer was killed by signal %d", s->spec,
		    WTERMSIG(status));
	write_again(s);
}

static void
child_ended(void *arg, unsigned ready)
{
	(void)ready;
	child_reap(arg);
}

/* The child: its parent's death is its own, and no client is held open. Its end
 * of the pair lives on as 0. */
static void
child_run(struct store *s, int fd)
{
	if (dup2(fd, 0) == -1 || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    close_range((unsigned)s->keep_fd + 1, ~0U, 0) == -1)
		_exit(71);
	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	_exit(write_file(s) ? 0 : 75);
}

static void
write_aside(struct store *s)
{
	int pair[2];

	sweep(s);
	s->changed = false;
	if (sock_pair(SOCK_STREAM, true, pair) == -1) {
		log_error("%s: %s", s->spec, strerror(errno));
		write_again(s);
		return;
	}
	s->forked_ms = clock_ms();
	s->child = fork();
	if (s->child == 0)
		child_run(s, pair[1]);
	close(pair[1]);
	if (s->child == -1) {
		log_error("%s: fork: %s", s->spec, strerror(errno));
		close(pair[0]);
		s->child = 0;
		write_again(s);
		return;
	}
	s->child_fd = pair[0];
	s->child_io =
	    loop_io_new(s->loop, s->child_fd, LOOP_READ, child_ended, s);
}

/* While a child writes, its end sets the timer anew. */
static void
write_due(void *arg)
{
	struct store *s = arg;

	if (!s->changed || s->child != 0)
		return;
	if (s->keep_fd == NOBODY || s->spec[0] == '\0')
		write_now(s);
	else
		write_aside(s);
}

void
store_flush(struct store *s)
{
	if (s->child != 0)
		child_reap(s);
	if (s->changed)
		write_now(s);
}

void
store_write_aside(struct store *s, int keep_fd)
{
	s->keep_fd = keep_fd;
}

bool
store_is_writing(const struct store *s)
{
	return s->child != 0;
}

/* A file that is there and cannot be read: what it held is lost, and all goes
 * on without it. */
static void
load(struct store *s)
{
	struct span path = span_str(s->spec);
	struct map *map;
	struct why why;
	char *file;
	bool there;

	path = span_skip(path, span_find(path, ':') + 1);
	file = mem_printf("%.*s.db", (int)path.n, path.p);
	there = access(file, F_OK) == 0;
	free(file);
	if (!there)
		return;
	why_init(&why);
	map = map_open(span_str(s->spec), "hash", 0, &why);
	if (map == NULL || map_each(map, loaded, s, &why) == MAP_ERROR)
		log_warning("%s: %s: begun anew", s->spec, why_text(&why));
	map_close(&map);
	why_free(&why);
}

struct store *
store_open(
    struct loop *loop, const char *spec, size_t limit, int64_t write_after_ms)
{
	struct store *s = mem_new(sizeof(*s));

	s->spec = mem_str(spec);
	s->limit = limit;
	s->write_after_ms = write_after_ms;
	s->keep_fd = NOBODY;
	s->loop = loop;
	s->entries = table_new();
	s->by_end = heap_new();
	s->timer = loop_timer_new(loop, write_due, s);
	if (spec[0] != '\0')
		load(s);
	s->changed = false;
	return s;
}

void
store_free(struct store **sp)
{
	struct store *s = *sp;

	if (s == NULL)
		return;
	if (s->child != 0)
		child_reap(s);
	loop_timer_free(&s->timer);
	table_free(&s->entries, entry_free);
	heap_free(&s->by_end);
	free(s->spec);
	mem_free(sp);
}

void
store_put(struct store *s, struct span key, int64_t until, struct span text)
{
	put(s, key, until, text);
	s->changed = true;
	write_soon(s);
}

void
store_remove(struct store *s, struct span key)
{
	struct entry *e = table_get(s->entries, key);

	if (e == NULL)
		return;
	entry_drop(s, e);
	write_soon(s);
}

void
store_sweep(struct store *s)
{
	size_t before = table_count(s->entries);

	sweep(s);
	if (table_count(s->entries) < before)
		write_soon(s);
}

bool
store_get(struct store *s, struct span key, int64_t *until, struct span *text)
{
	struct entry *e = table_get(s->entries, key);

	if (e == NULL)
		return false;
	if (e->until <= clock_wall()) {
		entry_drop(s, e);
		return false;
	}
	*until = e->until;
	if (text != NULL)
		*text = span_str(e->text);
	return true;
}

size_t
store_count(const struct store *s)
{
	return table_count(s->entries);
}
