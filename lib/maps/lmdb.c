/* lmdb.c - the files of LMDB, read: a page at a time, each number checked */

#include "maps/lmdb.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "maps/lmdb_page.h"
#include "os/file.h"

enum { PAGE_MOST = 65536, PAGE_LEAST = 512, TRIES = 20 };

/* The state that holds. */
struct state {
	int fd;
	uint64_t size; /* of the file */
	uint64_t txnid, root, last;
	uint32_t page_size;
	unsigned depth;
};

struct page {
	unsigned char *p;
	size_t size;
	unsigned flags, count; /* of nodes */
};

struct node {
	struct span key;
	struct span value; /* of a leaf; what stands in the page */
	uint64_t child; /* of a branch */
	uint32_t size; /* of the value */
	unsigned flags;
};

static uint64_t
number(const unsigned char *p, unsigned n)
{
	uint64_t value = 0;

	while (n-- > 0)
		value = value << 8 | p[n];
	return value;
}

/* ---- the state */

/* False: it is none, which the other one may make good. */
static bool
meta_read(const unsigned char *p, struct state *s)
{
	uint64_t size = number(p + META_FREE + TREE_PAD, 4);

	if (number(p + META_MAGIC, 4) != LMDB_MAGIC ||
	    number(p + META_VERSION, 4) != LMDB_VERSION ||
	    (number(p + PAGE_FLAGS, 2) & P_META) == 0 || size < PAGE_LEAST ||
	    size > PAGE_MOST || (size & (size - 1)) != 0)
		return false;
	s->page_size = (uint32_t)size;
	s->txnid = number(p + META_TXNID, 8);
	s->last = number(p + META_LAST, 8);
	s->root = number(p + META_MAIN + TREE_ROOT, 8);
	s->depth = (unsigned)number(p + META_MAIN + TREE_DEPTH, 2);
	/* keys in another order, or several values of one key */
	return number(p + META_MAIN + TREE_FLAGS, 2) == 0;
}

static int
meta_at(struct state *s, uint64_t where)
{
	unsigned char p[META_END];

	if (file_read_at(s->fd, p, sizeof(p), where) == -1)
		return errno == 0 ? EBADMSG : errno;
	return meta_read(p, s) ? 0 : EBADMSG;
}

/* The younger of the two. 0 or an errno. */
static int
state_read(int fd, struct state *s)
{
	struct state second;
	struct stat st;
	int error;

	*s = (struct state){ .fd = fd };
	error = fstat(fd, &st) == -1 ? errno : meta_at(s, 0);
	if (error != 0)
		return error;
	second = *s;
	error = meta_at(&second, s->page_size);
	if (error == EBADMSG)
		return error;
	if (error == 0 && second.txnid > s->txnid)
		*s = second;
	s->size = (uint64_t)st.st_size;
	if (error == 0 && s->root != LMDB_NONE &&
	    (s->depth == 0 || s->depth > LMDB_DEPTH_MAX))
		error = EBADMSG;
	return error;
}

int
lmdb_check(int fd)
{
	struct state s;

	return state_read(fd, &s);
}

/* ---- pages and their nodes */

/* One state's pages stay as they are until the next but one: see lmdb.h. */
static int
page_read(const struct state *s, uint64_t number_, struct page *page)
{
	uint64_t where;

	if (number_ > s->last || number_ > s->size / s->page_size)
		return EBADMSG;
	where = number_ * s->page_size;
	page->size = s->page_size;
	if (file_read_at(s->fd, page->p, page->size, where) == -1)
		return errno == 0 ? EBADMSG : errno;
	page->flags = (unsigned)number(page->p + PAGE_FLAGS, 2);
	if (number(page->p + PAGE_NUMBER, 8) != number_ ||
	    (page->flags & (P_BRANCH | P_LEAF)) == 0)
		return EBADMSG;
	page->count = (unsigned)number(page->p + PAGE_LOWER, 2);
	if (page->count < PAGE_HEAD || page->count > page->size)
		return EBADMSG;
	page->count = (page->count - PAGE_HEAD) / 2;
	return 0;
}

static int
node_at(const struct page *page, unsigned i, struct node *n)
{
	size_t at = (size_t)number(page->p + PAGE_HEAD + i * 2, 2), key_size;
	const unsigned char *p = page->p + at;
	struct span rest;

	if (at < PAGE_HEAD || at + NODE_HEAD > page->size)
		return EBADMSG;
	rest = span_of((const char *)p, page->size - at);
	rest = span_skip(rest, NODE_HEAD);
	n->flags = (unsigned)number(p + NODE_FLAGS, 2);
	n->size = (uint32_t)number(p, 4);
	n->child = number(p, 6);
	key_size = (size_t)number(p + NODE_KEY_SIZE, 2);
	if (key_size > rest.n)
		return EBADMSG;
	n->key = span_head(rest, key_size);
	n->value = span_skip(rest, key_size);
	if ((page->flags & P_BRANCH) != 0)
		return 0;
	if ((n->flags & (F_SUBDATA | F_DUPDATA)) != 0 ||
	    n->value.n < ((n->flags & F_BIGDATA) != 0 ? 8 : n->size))
		return EBADMSG;
	n->value = span_head(n->value, (n->flags & F_BIGDATA) ? 8 : n->size);
	return 0;
}

/* The value of a leaf's node, appended. */
static int
value_read(const struct state *s, const struct node *n, struct buf *out)
{
	unsigned char head[PAGE_HEAD];
	uint64_t page, where;

	if ((n->flags & F_BIGDATA) == 0) {
		buf_add_span(out, n->value);
		return 0;
	}
	page = number((const unsigned char *)n->value.p, 8);
	if (page > s->last || page > s->size / s->page_size ||
	    n->size > s->size || n->size > MAP_TEXT_MAX)
		return EBADMSG;
	where = page * s->page_size;
	if (file_read_at(s->fd, head, sizeof(head), where) == -1 ||
	    file_read_at(s->fd, buf_room(out, n->size), n->size,
		where + PAGE_HEAD) == -1)
		return errno == 0 ? EBADMSG : errno;
	if ((number(head + PAGE_FLAGS, 2) & P_OVERFLOW) == 0)
		return EBADMSG;
	out->n += n->size;
	return 0;
}

/* The first node whose key is not below key; count when all are. */
static int
search(const struct page *page, struct span key, unsigned *at, struct node *n)
{
	unsigned low = (page->flags & P_BRANCH) != 0 ? 1 : 0;
	unsigned high = page->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		int error = node_at(page, middle, n);

		if (error != 0)
			return error;
		if (span_cmp(n->key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < page->count ? node_at(page, low, n) : 0;
}

/* In a branch: the child whose keys may include key. */
static int
descend(const struct page *page, struct span key, uint64_t *child)
{
	unsigned at;
	struct node n;
	int error = page->count == 0 ? EBADMSG : search(page, key, &at, &n);

	if (error != 0)
		return error;
	if (at == page->count || !span_eq(n.key, key)) {
		error = node_at(page, at - 1, &n);
		if (error != 0)
			return error;
	}
	*child = n.child;
	return 0;
}

static enum map_result
leaf_get(const struct state *s, const struct page *page, struct span key,
    struct buf *out, int *error)
{
	unsigned at;
	struct node n;

	*error = search(page, key, &at, &n);
	if (*error == 0 && (at == page->count || !span_eq(n.key, key)))
		return MAP_NONE;
	if (*error == 0)
		*error = value_read(s, &n, out);
	return *error == 0 ? MAP_FOUND : MAP_ERROR;
}

static enum map_result
tree_get(const struct state *s, struct span key, struct buf *out, int *error)
{
	struct page page = { .p = mem_new(s->page_size) };
	enum map_result got = MAP_ERROR;
	uint64_t at = s->root;

	for (unsigned level = 1; level <= s->depth; level++) {
		bool leaf;

		*error = page_read(s, at, &page);
		leaf = (page.flags & P_LEAF) != 0;
		if (*error == 0 && leaf != (level == s->depth))
			*error = EBADMSG;
		if (*error == 0 && leaf)
			got = leaf_get(s, &page, key, out, error);
		else if (*error == 0)
			*error = descend(&page, key, &at);
		if (*error != 0) {
			got = MAP_ERROR;
			break;
		}
	}
	free(page.p);
	return got;
}

/* Is it still the state that holds? */
static bool
same_state(const struct state *s)
{
	struct state now;

	return state_read(s->fd, &now) == 0 && now.txnid == s->txnid;
}

enum map_result
lmdb_get(int fd, struct span key, struct buf *out, int *error)
{
	for (int i = 0; i < TRIES; i++) {
		enum map_result got = MAP_NONE;
		struct state s;

		*error = state_read(fd, &s);
		if (*error != 0)
			return MAP_ERROR;
		buf_clear(out);
		if (s.root != LMDB_NONE)
			got = tree_get(&s, key, out, error);
		if (same_state(&s))
			return got;
	}
	*error = EBUSY;
	return MAP_ERROR;
}

/* ---- all entries */

struct walk {
	const struct state *state;
	struct page pages[LMDB_DEPTH_MAX]; /* from the root down */
	unsigned at[LMDB_DEPTH_MAX]; /* the next node of each */
	uint64_t left; /* pages that there may still be */
	map_each_fn *fn;
	void *arg;
};

static int
leaf_each(struct walk *w, const struct page *page)
{
	struct buf value = BUF_EMPTY;
	int error = 0;

	for (unsigned i = 0; i < page->count && error == 0; i++) {
		struct node n;

		buf_clear(&value);
		error = node_at(page, i, &n);
		if (error == 0)
			error = value_read(w->state, &n, &value);
		if (error == 0)
			w->fn(w->arg, n.key, buf_span(&value));
	}
	buf_free(&value);
	return error;
}

/* Take a page of that level in; a file that leads in a ring has more than it
 * has room for. */
static int
enter(struct walk *w, unsigned level, uint64_t number_)
{
	struct page *page = &w->pages[level];
	bool leaf;
	int error;

	if (w->left-- == 0)
		return EBADMSG;
	if (page->p == NULL)
		page->p = mem_new(w->state->page_size);
	w->at[level] = 0;
	error = page_read(w->state, number_, page);
	leaf = (page->flags & P_LEAF) != 0;
	if (error == 0 && leaf != (level + 1 == w->state->depth))
		error = EBADMSG;
	return error == 0 && leaf ? leaf_each(w, page) : error;
}

static int
walk(struct walk *w)
{
	unsigned level = 0;
	int error = enter(w, 0, w->state->root);

	if (w->state->depth == 1)
		return error;
	while (error == 0) {
		struct node n;

		if (w->at[level] == w->pages[level].count) {
			if (level == 0)
				break;
			level--;
			continue;
		}
		error = node_at(&w->pages[level], w->at[level]++, &n);
		if (error == 0)
			error = enter(w, level + 1, n.child);
		if (level + 2 < w->state->depth)
			level++;
	}
	return error;
}

enum map_result
lmdb_each(int fd, map_each_fn *fn, void *arg, int *error)
{
	struct state s;
	struct walk w = { .state = &s, .fn = fn, .arg = arg };

	*error = state_read(fd, &s);
	if (*error == 0 && s.root != LMDB_NONE) {
		w.left = s.size / s.page_size;
		*error = walk(&w);
	}
	for (unsigned i = 0; i < LMDB_DEPTH_MAX; i++)
		free(w.pages[i].p);
	if (*error == 0 && !same_state(&s))
		*error = EBUSY;
	return *error == 0 ? MAP_NONE : MAP_ERROR;
}
