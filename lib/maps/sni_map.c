/*
 * sni_map.c - tls_server_sni_maps
 *
 * Read whole by each program that wants it while it is still root: the files
 * are opened then, and never by a name that a client has said.
 */

#include "maps/sni_map.h"

#include <string.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/why.h"
#include "maps/items.h"
#include "maps/map.h"

struct walk {
	struct arena *arena;
	struct sni_row *rows;
	size_t count, room;
	const char *table;
	struct why *why;
	bool good;
};

static bool
are_files(struct span files)
{
	struct span one;
	bool any = false;

	if (span_has_break(files))
		return false;
	while (span_word(&files, " \t,", &one)) {
		if (one.p[0] != '/')
			return false;
		any = true;
	}
	return any;
}

static void
row_add(struct walk *w, struct span name, struct span files)
{
	if (w->count == w->room) {
		struct sni_row *more =
		    arena_array(w->arena, w->room * 2 + 16, sizeof(*more));

		if (w->count > 0)
			memcpy(more, w->rows, w->count * sizeof(*more));
		w->rows = more;
		w->room = w->room * 2 + 16;
	}
	w->rows[w->count++] = (struct sni_row){ arena_span_str(w->arena, name),
		arena_span_str(w->arena, files) };
}

static void
entry(void *arg, struct span name, struct span files)
{
	struct walk *w = arg;

	if (!w->good)
		return;
	w->good = false;
	if (w->count == SNI_ROWS_MAX) {
		why_set(w->why, "4.3.5", "%s: more than %d names", w->table,
		    SNI_ROWS_MAX);
	} else if (!are_files(files) || span_has_break(name)) {
		why_set(w->why, "4.3.5",
		    "%s: %.*s: absolute names of files are wanted; the table "
		    "is made by postmap without -F",
		    w->table, (int)span_head(name, 255).n, name.p);
	} else {
		row_add(w, name, files);
		w->good = true;
	}
}

bool
sni_map_read(const char *tables, struct arena *a, struct sni_row **rows,
    size_t *count, struct why *why)
{
	struct walk w = { .arena = a, .why = why, .good = true };
	struct span rest = span_str(tables), spec;

	while (w.good && items_next(&rest, &spec)) {
		struct map *m = map_open(spec, "hash", 0, why);

		if (m == NULL)
			return false;
		w.table = map_spec(m);
		if (map_each(m, entry, &w, why) == MAP_ERROR)
			w.good = false;
		map_close(&m);
	}
	*rows = w.rows;
	*count = w.count;
	return w.good;
}
