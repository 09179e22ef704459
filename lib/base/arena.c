/*
 * arena.c - memory of one lifetime, freed whole
 *
 * Blocks of 4 KiB (the first 1 KiB, since many arenas stay small) in a chain;
 * what is larger than a block gets a block of its own.
 */

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/must.h"

enum { FIRST = 1024, BLOCK = 4096, ALIGN = _Alignof(max_align_t) };

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *newest;
	size_t given;
};

static struct block *
block_new(size_t size, struct block *next)
{
	struct block *b = mem_new(sizeof(*b) + size);

	b->next = next;
	b->size = size;
	return b;
}

struct arena *
arena_new(void)
{
	struct arena *a = mem_new(sizeof(*a));

	a->newest = block_new(FIRST - sizeof(struct block), NULL);
	return a;
}

static void
free_down_to_first(struct arena *a)
{
	while (a->newest->next != NULL) {
		struct block *gone = a->newest;

		a->newest = gone->next;
		free(gone);
	}
}

void
arena_free(struct arena **a)
{
	if (*a == NULL)
		return;
	free_down_to_first(*a);
	free((*a)->newest);
	free(*a);
	*a = NULL;
}

void
arena_clear(struct arena *a)
{
	free_down_to_first(a);
	memset(a->newest->bytes, 0, a->newest->used);
	a->newest->used = 0;
	a->given = 0;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	size_t want;
	void *p;

	must(!__builtin_add_overflow(size, (size_t)ALIGN - 1, &want));
	want &= ~((size_t)ALIGN - 1);
	if (want == 0)
		want = ALIGN;
	if (a->newest->size - a->newest->used < want) {
		size_t room = BLOCK - sizeof(struct block);

		a->newest = block_new(want > room ? want : room, a->newest);
	}
	p = a->newest->bytes + a->newest->used;
	a->newest->used += want;
	a->given += want;
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t all;

	must(!__builtin_mul_overflow(n, size, &all));
	return arena_alloc(a, all);
}

char *
arena_str(struct arena *a, const char *s)
{
	return arena_span_str(a, span_str(s));
}

char *
arena_span_str(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

struct span
arena_span(struct arena *a, struct span s)
{
	return span_of(arena_span_str(a, s), s.n);
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	char *p;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	must(n >= 0);
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	va_end(args);
	return p;
}

size_t
arena_used(const struct arena *a)
{
	return a->given;
}
