/* users_recent.c - accounts that were found a moment ago */

#include "os/users_recent.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/table.h"
#include "os/clock.h"

/* How long, and how many: all go when there are more. */
enum { RECENT_MS = 1000, RECENT_MOST = 1000 };

struct found {
	int64_t until_ms;
	struct arena *arena;
	struct account account;
};

struct users_recent {
	struct table *found; /* by the name that was asked for */
};

static void
found_free(void *value)
{
	struct found *f = value;

	arena_free(&f->arena);
	free(f);
}

struct users_recent *
users_recent_new(void)
{
	struct users_recent *r = mem_new(sizeof(*r));

	r->found = table_new();
	return r;
}

void
users_recent_free(struct users_recent **r)
{
	if (*r == NULL)
		return;
	table_free(&(*r)->found, found_free);
	mem_free(r);
}

static void
copy(struct arena *a, const struct account *from, struct account *to)
{
	*to = *from;
	to->name = arena_str(a, from->name);
	to->home = arena_str(a, from->home);
	to->shell = arena_str(a, from->shell);
	to->gecos = arena_str(a, from->gecos);
}

static void
keep(struct users_recent *r, struct span name, const struct account *account)
{
	struct found *f = mem_new(sizeof(*f));
	struct found *old;

	if (table_count(r->found) >= RECENT_MOST) {
		table_free(&r->found, found_free);
		r->found = table_new();
	}
	f->until_ms = clock_ms() + RECENT_MS;
	f->arena = arena_new();
	copy(f->arena, account, &f->account);
	old = table_put(r->found, name, f);
	if (old != NULL)
		found_free(old);
}

enum users_result
users_recent_find(struct users_recent *r, struct arena *a, struct span name,
    struct account *out)
{
	const struct found *f = table_get(r->found, name);
	enum users_result got;

	if (f != NULL && clock_ms() < f->until_ms) {
		copy(a, &f->account, out);
		return USERS_FOUND;
	}
	got = users_find(a, name, out);
	if (got == USERS_FOUND)
		keep(r, name, out);
	return got;
}
