/* entries.c - the keys and values of a table that is being made, in memory */

#include "maps/entries.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/table.h"

struct entries {
	struct table *by_key; /* index + 1 */
	struct entry *all;
	size_t count, room;
};

struct entries *
entries_new(void)
{
	struct entries *e = mem_new(sizeof(*e));

	e->by_key = table_new();
	return e;
}

static struct span
copy(struct span s)
{
	return span_of(mem_span(s), s.n);
}

static void
drop(struct span *s)
{
	free((void *)(uintptr_t)s->p);
	*s = span_of(NULL, 0);
}

void
entries_free(struct entries **e)
{
	if (*e == NULL)
		return;
	for (size_t i = 0; i < (*e)->count; i++) {
		drop(&(*e)->all[i].key);
		drop(&(*e)->all[i].value);
	}
	free((*e)->all);
	table_free(&(*e)->by_key, NULL);
	mem_free(e);
}

bool
entries_put(struct entries *e, struct span key, struct span value, bool replace)
{
	void *found = table_get(e->by_key, key);

	if (found != NULL) {
		struct entry *old = &e->all[(uintptr_t)found - 1];

		if (replace) {
			drop(&old->value);
			old->value = copy(value);
		}
		return true;
	}
	if (e->count == e->room) {
		e->room = e->room == 0 ? 64 : e->room * 2;
		e->all = mem_resize(e->all, e->room, sizeof(*e->all));
	}
	e->all[e->count++] =
	    (struct entry){ .key = copy(key), .value = copy(value) };
	table_put(e->by_key, key, (void *)(uintptr_t)e->count);
	return false;
}

bool
entries_delete(struct entries *e, struct span key)
{
	void *found = table_remove(e->by_key, key);

	if (found != NULL)
		e->all[(uintptr_t)found - 1].gone = true;
	return found != NULL;
}

const struct entry *
entries_all(const struct entries *e, size_t *count)
{
	*count = e->count;
	return e->all;
}

static int
by_key(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return span_cmp((*x)->key, (*y)->key);
}

const struct entry **
entries_sorted(const struct entries *e, size_t *count)
{
	const struct entry **all =
	    mem_array(e->count + 1, sizeof(const struct entry *));

	*count = 0;
	for (size_t i = 0; i < e->count; i++)
		if (!e->all[i].gone)
			all[(*count)++] = &e->all[i];
	qsort(all, *count, sizeof(*all), by_key);
	return all;
}
