/*
 * lmdb_write.c - the files of LMDB, written whole
 *
 * Sorted entries fill leaf after leaf; the first key of each page goes up into
 * a branch, until one page is left: the root. Page 1 describes it, page 0 an
 * empty file, as if it had been filled by the first change ever.
 */

#include "maps/lmdb.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "maps/entries.h"
#include "maps/lmdb_page.h"
#include "os/file.h"

enum {
	PAGE = 4096,
	/* a node that is larger has its value in pages of its own */
	NODE_MOST = ((PAGE - PAGE_HEAD) / 2 & -2) - 2,
	STEP = 1 << 20,
	MAP_LEAST = 1 << 20
};

/* A page that is done, for the level above. */
struct done {
	struct span first; /* its least key */
	uint64_t page;
};

struct writer {
	int fd;
	uint64_t next; /* number of the page that comes next */
	uint64_t leaves, branches, overflows;
	struct buf out;
	int error;
};

/* One being filled: offsets grow from the head, nodes from the end. */
struct filling {
	unsigned char p[PAGE];
	size_t lower, upper;
};

static void
put(unsigned char *p, uint64_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (unsigned char)(value >> (8 * i));
}

static void
flush(struct writer *w, bool all)
{
	uint64_t begin = w->next * PAGE - w->out.n;

	if (w->error != 0 || (!all && w->out.n < STEP))
		return;
	if (file_write_at(w->fd, buf_span(&w->out), begin) == -1)
		w->error = errno;
	buf_clear(&w->out);
}

static void
page_put(struct writer *w, const unsigned char *p)
{
	buf_add(&w->out, p, PAGE);
	w->next++;
	flush(w, false);
}

static void
filling_init(struct filling *f)
{
	memset(f->p, 0, sizeof(f->p));
	f->lower = PAGE_HEAD;
	f->upper = PAGE;
}

static bool
fits(const struct filling *f, size_t node)
{
	return f->lower + 2 + node <= f->upper;
}

/* Room for a node; its head and key are filled in. */
static unsigned char *
node_add(struct filling *f, struct span key, size_t value)
{
	size_t size = (NODE_HEAD + key.n + value + 1) & ~(size_t)1;
	unsigned char *p;

	f->upper -= size;
	p = f->p + f->upper;
	put(f->p + f->lower, f->upper, 2);
	f->lower += 2;
	put(p + NODE_KEY_SIZE, key.n, 2);
	if (key.n > 0)
		memcpy(p + NODE_HEAD, key.p, key.n);
	return p;
}

/* Write the page out; its number. */
static uint64_t
filling_end(struct writer *w, struct filling *f, unsigned flags)
{
	uint64_t number = w->next;

	put(f->p + PAGE_NUMBER, number, 8);
	put(f->p + PAGE_FLAGS, flags, 2);
	put(f->p + PAGE_LOWER, f->lower, 2);
	put(f->p + PAGE_UPPER, f->upper, 2);
	page_put(w, f->p);
	filling_init(f);
	return number;
}

/* A large value, in pages of its own; the number of the first. */
static uint64_t
overflow_put(struct writer *w, struct span value)
{
	uint64_t number = w->next;
	size_t pages = (PAGE_HEAD - 1 + value.n) / PAGE + 1;
	unsigned char head[PAGE_HEAD] = { 0 };

	put(head + PAGE_NUMBER, number, 8);
	put(head + PAGE_FLAGS, P_OVERFLOW, 2);
	put(head + PAGE_PAGES, pages, 4);
	buf_add(&w->out, head, sizeof(head));
	buf_add_span(&w->out, value);
	for (size_t n = PAGE_HEAD + value.n; n < pages * PAGE; n++)
		buf_add_byte(&w->out, 0);
	w->next += pages;
	w->overflows += pages;
	flush(w, false);
	return number;
}

static void
done_add(struct done **all, size_t *n, struct span first, uint64_t page)
{
	if ((*n & (*n - 1)) == 0) /* room doubles at each power of two */
		*all = mem_resize(*all, *n == 0 ? 1 : *n * 2, sizeof(**all));
	(*all)[(*n)++] = (struct done){ first, page };
}

/* The leaves. */
static struct done *
leaves_put(struct writer *w, const struct entry **e, size_t count, size_t *n)
{
	struct filling *f = mem_new(sizeof(*f));
	struct span first = span_of(NULL, 0);
	struct done *all = NULL;

	filling_init(f);
	for (size_t i = 0; i < count && w->error == 0; i++) {
		struct span key = e[i]->key, value = e[i]->value;
		bool big = NODE_HEAD + key.n + value.n > NODE_MOST;
		size_t room = NODE_HEAD + key.n + (big ? 8 : value.n);
		uint64_t page = big ? overflow_put(w, value) : 0;
		unsigned char *p;

		if (!fits(f, (room + 1) & ~(size_t)1))
			done_add(&all, n, first, filling_end(w, f, P_LEAF));
		if (f->lower == PAGE_HEAD)
			first = key;
		p = node_add(f, key, big ? 8 : value.n);
		put(p, value.n, 4);
		put(p + NODE_FLAGS, big ? F_BIGDATA : 0, 2);
		p += NODE_HEAD + key.n;
		if (big)
			put(p, page, 8);
		else if (value.n > 0)
			memcpy(p, value.p, value.n);
	}
	if (f->lower > PAGE_HEAD)
		done_add(&all, n, first, filling_end(w, f, P_LEAF));
	w->leaves = *n;
	free(f);
	return all;
}

/* One level above. The first node of a page has no key. The last page of a
 * level must not be alone with one node: it takes one from the page before. */
static struct done *
branches_put(
    struct writer *w, const struct done *below, size_t count, size_t *n)
{
	struct filling *f = mem_new(sizeof(*f));
	struct span first = span_of(NULL, 0);
	struct done *all = NULL;

	*n = 0;
	filling_init(f);
	for (size_t i = 0; i < count; i++) {
		struct span key = below[i].first;
		unsigned nodes = (unsigned)(f->lower - PAGE_HEAD) / 2;
		unsigned char *p;

		if (!fits(f, (NODE_HEAD + key.n + 1) & ~(size_t)1) ||
		    (i + 2 == count && nodes > 2 &&
			!fits(f, 2 * (NODE_HEAD + LMDB_KEY_MAX + 1) + 2)))
			done_add(&all, n, first, filling_end(w, f, P_BRANCH));
		if (f->lower == PAGE_HEAD) {
			first = key;
			key = span_of(NULL, 0);
		}
		p = node_add(f, key, 0);
		put(p, below[i].page, 6);
	}
	done_add(&all, n, first, filling_end(w, f, P_BRANCH));
	w->branches += *n;
	free(f);
	return all;
}

/* The tree; its root and depth. */
static uint64_t
tree_put(
    struct writer *w, const struct entry **e, size_t count, unsigned *depth)
{
	size_t n = 0;
	struct done *level = leaves_put(w, e, count, &n);
	uint64_t root;

	*depth = n > 0;
	while (n > 1 && w->error == 0) {
		struct done *above = branches_put(w, level, n, &n);

		free(level);
		level = above;
		++*depth;
	}
	root = n > 0 ? level[0].page : LMDB_NONE;
	free(level);
	return root;
}

static void
meta_fill(unsigned char *p, unsigned page, uint64_t map_size)
{
	memset(p, 0, PAGE);
	put(p + PAGE_NUMBER, page, 8);
	put(p + PAGE_FLAGS, P_META, 2);
	put(p + META_MAGIC, LMDB_MAGIC, 4);
	put(p + META_VERSION, LMDB_VERSION, 4);
	put(p + META_MAPSIZE, map_size, 8);
	put(p + META_FREE + TREE_PAD, PAGE, 4);
	put(p + META_FREE + TREE_FLAGS, LMDB_INTEGER_KEYS, 2);
	put(p + META_FREE + TREE_ROOT, LMDB_NONE, 8);
	put(p + META_MAIN + TREE_ROOT, LMDB_NONE, 8);
	put(p + META_LAST, 1, 8);
}

static void
metas_put(struct writer *w, size_t entries, uint64_t root, unsigned depth)
{
	uint64_t size = w->next * PAGE < MAP_LEAST ? MAP_LEAST : w->next * PAGE;
	unsigned char both[2 * PAGE], *p = both + PAGE;

	meta_fill(both, 0, size);
	meta_fill(p, 1, size);
	put(p + META_MAIN + TREE_DEPTH, depth, 2);
	put(p + META_MAIN + TREE_BRANCHES, w->branches, 8);
	put(p + META_MAIN + TREE_LEAVES, w->leaves, 8);
	put(p + META_MAIN + TREE_OVERFLOWS, w->overflows, 8);
	put(p + META_MAIN + TREE_ENTRIES, entries, 8);
	put(p + META_MAIN + TREE_ROOT, root, 8);
	put(p + META_LAST, w->next - 1, 8);
	put(p + META_TXNID, 1, 8);
	if (w->error == 0 &&
	    file_write_at(
		w->fd, span_of((const char *)both, sizeof(both)), 0) == -1)
		w->error = errno;
}

static int
keys_check(const struct entry **e, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (e[i]->key.n > LMDB_KEY_MAX)
			return ENAMETOOLONG;
		else if (e[i]->key.n == 0)
			return EINVAL;
	return 0;
}

int
lmdb_write(int fd, const struct entries *e)
{
	struct writer w = { .fd = fd, .next = 2 };
	unsigned depth = 0;
	size_t count;
	const struct entry **sorted = entries_sorted(e, &count);
	uint64_t root = LMDB_NONE;

	w.error = keys_check(sorted, count);
	if (w.error == 0)
		root = tree_put(&w, sorted, count, &depth);
	flush(&w, true);
	metas_put(&w, count, root, depth);
	free(sorted);
	buf_free(&w.out);
	return w.error;
}
