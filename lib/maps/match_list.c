/*
 * match_list.c - lists of domains, hosts and addresses
 *
 * The text is read once into patterns; files that it names are read then too.
 * An item that cannot be understood may not be passed over, since what follows
 * it decides who may relay: it becomes a pattern that fails.
 */

#include "maps/match_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "maps/cidr.h"
#include "maps/items.h"
#include "maps/map_pool.h"
#include "maps/source.h"
#include "os/file.h"

enum { FILES_MAX = 10, FILE_MAX_BYTES = 16 << 20 };

enum pattern_kind { PATTERN_TEXT, PATTERN_NET, PATTERN_TABLE, PATTERN_BROKEN };

struct pattern {
	enum pattern_kind kind;
	bool negate;
	char *text; /* as written; PATTERN_BROKEN: what is wrong */
	struct cidr_block net;
	struct map *table; /* the pool's */
};

struct match_list {
	char *name;
	enum match_kind kind;
	bool parents;
	struct pattern *patterns;
	size_t n, cap;
	struct map_pool *pool;
	unsigned files; /* read so far: a file that names itself ends */
};

static struct pattern *
pattern_add(struct match_list *l, enum pattern_kind kind, bool negate)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 8 : l->cap * 2;
		l->patterns =
		    mem_resize(l->patterns, l->cap, sizeof(*l->patterns));
	}
	l->patterns[l->n] = (struct pattern){ .kind = kind, .negate = negate };
	return &l->patterns[l->n++];
}

static void
add_broken(struct match_list *l, struct span item, const char *what)
{
	struct pattern *p = pattern_add(l, PATTERN_BROKEN, false);

	p->text =
	    mem_printf("%s: %.*s: %s", l->name, (int)item.n, item.p, what);
	log_error("%s", p->text);
}

/* Only digits, dots, colons, brackets and a slash: meant as an address. */
static bool
looks_like_net(struct span item)
{
	bool digit = false;

	for (size_t i = 0; i < item.n; i++) {
		int c = span_at(item, i);

		digit = digit || ascii_digit(c) || c == ':';
		if (!ascii_digit(c) && strchr("abcdefABCDEF.:[]/", c) == NULL)
			return false;
	}
	return digit &&
	    (span_find_any(item, ":[/") < item.n ||
		span_find_any(item, "abcdefABCDEF") == item.n);
}

static bool
is_table(struct span item)
{
	struct span type, name;

	map_spec_split(item, &type, &name);
	return span_at(item, 0) != '[' && type.n > 0;
}

static void
add_text(struct match_list *l, struct span item, bool negate)
{
	struct cidr_block net;
	struct pattern *p;
	enum cidr_result got;

	if (l->kind == MATCH_HOSTS && looks_like_net(item)) {
		got = cidr_block_parse(item, &net);
		if (got != CIDR_OK) {
			add_broken(l, item, cidr_result_text(got));
			return;
		}
		p = pattern_add(l, PATTERN_NET, negate);
		p->net = net;
	} else {
		p = pattern_add(l, PATTERN_TEXT, negate);
	}
	p->text = mem_span(item);
}

/* The '!' of an item, taken off. */
static bool
negated(struct span *item)
{
	bool negate = false;

	while (span_at(*item, 0) == '!') {
		negate = !negate;
		*item = span_skip(*item, 1);
	}
	return negate;
}

/* An item that is not a file. */
static void
add_item(struct match_list *l, struct span item, bool negate)
{
	/* "[::1]" and "::1" have colons, but are no tables */
	if ((l->kind != MATCH_HOSTS || !looks_like_net(item)) &&
	    is_table(item)) {
		struct pattern *p = pattern_add(l, PATTERN_TABLE, negate);

		p->table = map_pool_open(l->pool, item, MAP_FOLD);
		p->text = mem_span(item);
	} else {
		add_text(l, item, negate);
	}
}

static bool
read_list(struct match_list *l, struct span path, struct buf *out)
{
	char *copy = mem_span(path);
	int fd = open(copy, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int got = -1;

	map_pool_watch(l->pool, copy, fd);
	free(copy);
	if (fd == -1)
		return false;
	errno = EISDIR;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		got = file_read_all(fd, FILE_MAX_BYTES, out);
	if (got == -1) {
		got = errno;
		(void)file_close(&fd);
		errno = got;
		return false;
	}
	return file_close(&fd) == 0;
}

/* A text under way. A file's items stand where its name stood, so texts are
 * read depth first, on a stack of bounded height. */
struct reading {
	struct buf text; /* of a file */
	struct span rest;
	bool negate;
};

static void
push_file(struct match_list *l, struct span path, bool negate,
    struct reading *stack, unsigned *depth)
{
	struct reading *r = &stack[*depth];
	struct span line;
	struct source s;
	struct buf raw = BUF_EMPTY;

	if (*depth == FILES_MAX || l->files++ == 100 * FILES_MAX) {
		add_broken(l, path, "too many files within files");
		return;
	}
	if (!read_list(l, path, &raw)) {
		add_broken(l, path, strerror(errno));
		buf_free(&raw);
		return;
	}
	*r = (struct reading){ .negate = negate };
	source_init(&s, buf_span(&raw));
	while (source_next(&s, &line)) {
		buf_add_span(&r->text, line);
		buf_add_byte(&r->text, '\n');
	}
	source_done(&s);
	buf_free(&raw);
	r->rest = buf_span(&r->text);
	++*depth;
}

static void
read_text(struct match_list *l, struct span text)
{
	struct reading stack[FILES_MAX + 1] = { { .rest = text } };
	unsigned depth = 1;
	struct span item;

	while (depth > 0) {
		struct reading *r = &stack[depth - 1];
		bool negate;

		if (!items_next(&r->rest, &item)) {
			buf_free(&r->text);
			depth--;
			continue;
		}
		negate = negated(&item) != r->negate;
		if (span_at(item, 0) == '/')
			push_file(l, item, negate, stack, &depth);
		else if (item.n > 0)
			add_item(l, item, negate);
	}
}

struct match_list *
match_list_new(struct map_pool *pool, const char *name, struct span text,
    enum match_kind kind, bool parents)
{
	struct match_list *l = mem_new(sizeof(*l));

	l->pool = pool;
	l->name = mem_str(name);
	l->kind = kind;
	l->parents = parents;
	read_text(l, text);
	return l;
}

void
match_list_free(struct match_list **l)
{
	if (*l == NULL)
		return;
	for (size_t i = 0; i < (*l)->n; i++)
		free((*l)->patterns[i].text);
	free((*l)->patterns);
	free((*l)->name);
	mem_free(l);
}

bool
match_list_empty(const struct match_list *l)
{
	return l->n == 0;
}

/* Is name below the domain (with or without a dot before it)? */
static bool
is_below(struct span name, struct span domain)
{
	struct span tail;

	if (name.n <= domain.n)
		return false;
	tail = span_skip(name, name.n - domain.n);
	return span_ieq(tail, domain) &&
	    (domain.p[0] == '.' || tail.p[-1] == '.');
}

static enum match_result
test_text(const struct match_list *l, struct span name, struct span pattern)
{
	if (span_ieq(name, pattern))
		return MATCH_YES;
	if (l->kind == MATCH_STRINGS || pattern.n == 0)
		return MATCH_NO;
	if (l->parents || pattern.p[0] == '.')
		return is_below(name, pattern) ? MATCH_YES : MATCH_NO;
	return MATCH_NO;
}

static enum match_result
of_map(enum map_result got)
{
	switch (got) {
	case MAP_FOUND:
		return MATCH_YES;
	case MAP_NONE:
		return MATCH_NO;
	case MAP_ERROR:
		break;
	}
	return MATCH_ERROR;
}

/* The name, then its parents: with their dot, or without when parents hold. */
static enum match_result
test_table(const struct match_list *l, struct span name, struct map *table,
    struct why *why)
{
	struct buf out = BUF_EMPTY;
	enum match_result got = MATCH_NO;

	while (name.n > 0) {
		size_t dot;

		got = of_map(map_get(table, name, &out, why));
		if (got != MATCH_NO || l->kind == MATCH_STRINGS)
			break;
		dot = 1 + span_find(span_skip(name, 1), '.');
		name = span_skip(name, dot + (l->parents ? 1 : 0));
	}
	buf_free(&out);
	return got;
}

static enum match_result
broken(const struct pattern *p, struct why *why)
{
	why_set(why, "4.3.0", "%s", p->text);
	return MATCH_ERROR;
}

static enum match_result
test_pattern(const struct match_list *l, const struct pattern *p,
    struct span name, struct why *why)
{
	switch (p->kind) {
	case PATTERN_TEXT:
		return test_text(l, name, span_str(p->text));
	case PATTERN_TABLE:
		return test_table(l, name, p->table, why);
	case PATTERN_NET:
		return MATCH_NO;
	case PATTERN_BROKEN:
		break;
	}
	return broken(p, why);
}

enum match_result
match_list_test(const struct match_list *l, struct span name, struct why *why)
{
	return match_list_test_either(l, name, SPAN(""), why);
}

enum match_result
match_list_test_either(const struct match_list *l, struct span name,
    struct span other, struct why *why)
{
	for (size_t i = 0; i < l->n; i++) {
		enum match_result got =
		    test_pattern(l, &l->patterns[i], name, why);

		if (got == MATCH_NO && other.n > 0)
			got = test_pattern(l, &l->patterns[i], other, why);
		if (got == MATCH_ERROR)
			return got;
		if (got == MATCH_YES)
			return l->patterns[i].negate ? MATCH_NO : MATCH_YES;
	}
	return MATCH_NO;
}

static enum match_result
test_address(const struct pattern *p, struct span text, struct why *why)
{
	struct cidr_address address;
	struct buf out = BUF_EMPTY;
	enum match_result got = MATCH_NO;

	if (!cidr_address_parse(text, &address))
		return MATCH_NO;
	if (p->kind == PATTERN_NET && cidr_contains(&p->net, &address))
		return MATCH_YES;
	if (p->kind == PATTERN_TABLE)
		got = of_map(map_get(p->table, text, &out, why));
	buf_free(&out);
	return got;
}

enum match_result
match_list_host(const struct match_list *l, struct span name,
    struct span address, struct why *why)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct pattern *p = &l->patterns[i];
		enum match_result got = p->kind == PATTERN_BROKEN
		    ? broken(p, why)
		    : test_address(p, address, why);

		if (got == MATCH_NO && name.n > 0)
			got = test_pattern(l, p, name, why);
		if (got == MATCH_ERROR)
			return got;
		if (got == MATCH_YES)
			return p->negate ? MATCH_NO : MATCH_YES;
	}
	return MATCH_NO;
}
