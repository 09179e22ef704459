/* heap.h - the earliest first: timers and retries */

#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lies inside the member; set to zero before the first use. */
struct heap_node {
	int64_t when;
	size_t at; /* place in the heap plus one; 0: in none */
};

struct heap;

struct heap *heap_new(void);
void heap_free(struct heap **h);
size_t heap_count(const struct heap *h);
/* Put in at when, or move there when it is in already. */
void heap_put(struct heap *h, struct heap_node *n, int64_t when);
void heap_remove(struct heap *h, struct heap_node *n);
/* The earliest, left in; NULL when empty. */
struct heap_node *heap_first(const struct heap *h);

#define HEAP_OF(p, type, field) \
	((type *)(void *)((char *)(p)-offsetof(type, field)))

#endif
