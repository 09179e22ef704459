/* store.c - a small table that outlives the process */

#include "maps/store.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "base/why.h"
#include "maps/map.h"
#include "maps/map_build.h"
#include "os/clock.h"
#include "os/loop.h"

struct entry {
	int64_t until;
	struct buf text;
};

struct store {
	char *spec;
	size_t limit;
	int64_t write_after_ms;
	struct table *entries;
	struct loop_timer *timer;
	bool changed;
};

static void
entry_free(void *value)
{
	struct entry *e = value;

	buf_free(&e->text);
	free(e);
}

void
store_remove(struct store *s, struct span key)
{
	struct entry *e = table_remove(s->entries, key);

	if (e != NULL) {
		entry_free(e);
		s->changed = true;
	}
}

/* Drop what is over; when all are good, the one that ends first. */
static void
make_room(struct store *s)
{
	int64_t now = clock_wall(), first = INT64_MAX;
	struct span key, gone = SPAN("");
	char *copy;
	void *value;
	size_t at = 0;

	while (table_next(s->entries, &at, &key, &value)) {
		struct entry *e = value;

		if (e->until <= now) {
			store_remove(s, key);
		} else if (e->until < first) {
			first = e->until;
			gone = key;
		}
	}
	if (table_count(s->entries) < s->limit || gone.n == 0)
		return;
	copy = mem_span(gone);
	store_remove(s, span_of(copy, gone.n));
	free(copy);
}

static void
put(struct store *s, struct span key, int64_t until, struct span text)
{
	struct entry *e = table_get(s->entries, key);

	if (e == NULL) {
		if (table_count(s->entries) >= s->limit)
			make_room(s);
		e = mem_new(sizeof(*e));
		table_put(s->entries, key, e);
	}
	e->until = until;
	buf_clear(&e->text);
	buf_add_span(&e->text, text);
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

static void
write_now(struct store *s)
{
	struct map_build *b;
	struct span key;
	void *value;
	size_t at = 0;
	struct buf text = BUF_EMPTY;
	struct why why;
	bool good;

	s->changed = false;
	if (s->spec[0] == '\0')
		return;
	why_init(&why);
	b = map_build_begin(span_str(s->spec), "hash", 0, 0600, &why);
	good = b != NULL;
	while (good && table_next(s->entries, &at, &key, &value)) {
		struct entry *e = value;

		buf_clear(&text);
		buf_printf(&text, "%lld ", (long long)e->until);
		buf_add_span(&text, buf_span(&e->text));
		good = map_build_put(b, key, buf_span(&text), true, &why) !=
		    MAP_ERROR;
	}
	if (!good || !map_build_commit(&b, &why))
		log_error("%s: %s", s->spec, why_text(&why));
	map_build_abort(&b);
	buf_free(&text);
	why_free(&why);
}

static void
write_due(void *arg)
{
	store_flush(arg);
}

void
store_flush(struct store *s)
{
	if (s->changed)
		write_now(s);
}

static void
load(struct store *s)
{
	struct map *map;
	struct why why;

	why_init(&why);
	map = map_open(span_str(s->spec), "hash", 0, &why);
	if (map != NULL && map_each(map, loaded, s, &why) == MAP_ERROR)
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
	s->entries = table_new();
	s->timer = loop_timer_new(loop, write_due, s);
	if (spec[0] != '\0')
		load(s);
	return s;
}

void
store_put(struct store *s, struct span key, int64_t until, struct span text)
{
	put(s, key, until, text);
	s->changed = true;
	if (!loop_timer_is_set(s->timer))
		loop_timer_set(s->timer, s->write_after_ms);
}

bool
store_get(struct store *s, struct span key, int64_t *until, struct span *text)
{
	struct entry *e = table_get(s->entries, key);

	if (e == NULL)
		return false;
	if (e->until <= clock_wall()) {
		store_remove(s, key);
		return false;
	}
	*until = e->until;
	if (text != NULL)
		*text = buf_span(&e->text);
	return true;
}

size_t
store_count(const struct store *s)
{
	return table_count(s->entries);
}
