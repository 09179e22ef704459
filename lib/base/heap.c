/* heap.c - a binary heap of nodes that know their place */

#include "base/heap.h"

#include <stdlib.h>

#include "base/mem.h"

struct heap {
	struct heap_node **nodes;
	size_t count, room;
};

struct heap *
heap_new(void)
{
	return mem_new(sizeof(struct heap));
}

void
heap_free(struct heap **h)
{
	if (*h == NULL)
		return;
	free((*h)->nodes);
	free(*h);
	*h = NULL;
}

size_t
heap_count(const struct heap *h)
{
	return h->count;
}

static void
place(struct heap *h, size_t i, struct heap_node *n)
{
	h->nodes[i] = n;
	n->at = i + 1;
}

static void
rise(struct heap *h, size_t i, struct heap_node *n)
{
	while (i > 0 && h->nodes[(i - 1) / 2]->when > n->when) {
		place(h, i, h->nodes[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(h, i, n);
}

static void
sink(struct heap *h, size_t i, struct heap_node *n)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->count)
			break;
		if (child + 1 < h->count &&
		    h->nodes[child + 1]->when < h->nodes[child]->when)
			child++;
		if (h->nodes[child]->when >= n->when)
			break;
		place(h, i, h->nodes[child]);
		i = child;
	}
	place(h, i, n);
}

void
heap_put(struct heap *h, struct heap_node *n, int64_t when)
{
	if (n->at != 0)
		heap_remove(h, n);
	if (h->count == h->room) {
		h->room = h->room == 0 ? 16 : h->room * 2;
		h->nodes =
		    mem_resize(h->nodes, h->room, sizeof(struct heap_node *));
	}
	n->when = when;
	rise(h, h->count++, n);
}

void
heap_remove(struct heap *h, struct heap_node *n)
{
	struct heap_node *last;
	size_t i = n->at;

	if (i == 0)
		return;
	n->at = 0;
	i--;
	last = h->nodes[--h->count];
	if (last == n)
		return;
	if (i > 0 && h->nodes[(i - 1) / 2]->when > last->when)
		rise(h, i, last);
	else
		sink(h, i, last);
}

struct heap_node *
heap_first(const struct heap *h)
{
	return h->count == 0 ? NULL : h->nodes[0];
}
