/*
 * found.c - files that a reading of new/ and cur/ came upon
 *
 * A folder of many messages that is seen for the first time is read in the
 * order of its file system, which is none. The times in the names are numbers,
 * so they are sorted by their bytes, a pass for each byte in which any two
 * differ; only names of one time are compared themselves.
 */

#include "mailbox/found.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mailbox/flags.h"

enum { FEW = 64 }; /* below, passes cost more than comparing */

void
found_add(struct found_list *l, struct found f)
{
	if (l->count == l->room) {
		l->room = l->room == 0 ? 64 : l->room * 2;
		l->list = mem_resize(l->list, l->room, sizeof(*l->list));
	}
	l->list[l->count++] = f;
}

void
found_free(struct found_list *l)
{
	free(l->list);
	*l = (struct found_list){ NULL, 0, 0 };
}

struct span
found_name(const struct found *f, const struct buf *names)
{
	return span_of(names->p + f->name_at, f->name_n);
}

static int
compare(const void *a, const void *b, void *arg)
{
	const struct found *x = a, *y = b;
	struct flags_arrival one, other;
	int got;

	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	one = flags_arrival(found_name(x, arg));
	other = flags_arrival(found_name(y, arg));
	got = flags_arrival_cmp(&one, &other);
	return got != 0 ? got : (int)y->part - (int)x->part;
}

/* In which bits not all are the same. */
static uint64_t
differing(const struct found_list *l)
{
	uint64_t bits = 0;

	for (size_t i = 1; i < l->count; i++)
		bits |= l->list[i].when ^ l->list[0].when;
	return bits;
}

/* By one byte, those of the same in the order that they had. */
static void
pass(const struct found *from, struct found *to, size_t n, unsigned shift)
{
	size_t at[256] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		at[from[i].when >> shift & 255]++;
	for (size_t b = 0; b < 256; b++) {
		size_t many = at[b];

		at[b] = sum;
		sum += many;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].when >> shift & 255]++] = from[i];
}

static void
sort_by_time(struct found_list *l)
{
	struct found *other = mem_array(l->count, sizeof(*other));
	uint64_t bits = differing(l);

	for (unsigned shift = 0; shift < 64; shift += 8) {
		struct found *sorted = other;

		if ((bits >> shift & 255) == 0)
			continue;
		pass(l->list, sorted, l->count, shift);
		other = l->list;
		l->list = sorted;
	}
	l->room = l->count;
	free(other);
}

void
found_sort(struct found_list *l, const struct buf *names)
{
	if (l->count < 2)
		return;
	if (l->count < FEW) {
		qsort_r(l->list, l->count, sizeof(*l->list), compare,
		    (void *)(uintptr_t)names);
		return;
	}
	sort_by_time(l);
	for (size_t i = 0, n; i < l->count; i += n) {
		for (n = 1; i + n < l->count &&
		     l->list[i + n].when == l->list[i].when;)
			n++;
		if (n > 1)
			qsort_r(l->list + i, n, sizeof(*l->list), compare,
			    (void *)(uintptr_t)names);
	}
}
