/*
 * anchors.c - the trust anchors that main.cf and TLS policies name
 *
 * Tables whose entries are known are walked; of those with patterns, and of
 * texts, the words of the file are looked at.
 */

#include "smtp/anchors.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "config/param.h"
#include "maps/map.h"
#include "os/file.h"
#include "smtp/conf.h"
#include "tls/tls_anchors.h"
#include "tls/tls_stream.h"

enum { FILES_MAX = 1000, TEXT_MAX = 16 << 20 };

struct anchors {
	struct arena *arena;
	struct table *files;
	struct anchor_file own;
};

void
anchors_free(struct anchors **a)
{
	if (*a == NULL)
		return;
	table_free(&(*a)->files, NULL);
	arena_free(&(*a)->arena);
	mem_free(a);
}

const struct anchor_file *
anchors_find(const struct anchors *a, struct span file)
{
	return table_get(a->files, file);
}

const struct anchor_file *
anchors_own(const struct anchors *a)
{
	return &a->own;
}

static bool
file_add(struct anchors *a, struct span file, struct why *why)
{
	const char *name = arena_span_str(a->arena, file);
	struct anchor_file *f;

	if (anchors_find(a, file) != NULL)
		return true;
	if (table_count(a->files) == FILES_MAX) {
		why_set(why, "4.3.5", "trust anchors %s: too many files", name);
		return false;
	}
	f = arena_alloc(a->arena, sizeof(*f));
	if (!tls_anchors_read(name, a->arena, &f->list, &f->count, why))
		return false;
	table_put(a->files, file, f);
	return true;
}

/* Words "tafile=/a/b" of a policy, or of a text with policies. */
static void
text_look(struct anchors *a, struct span text)
{
	struct span word;
	struct why why;

	why_init(&why);
	while (span_word(&text, " \t\r\n,{}", &word)) {
		if (!span_istarts(word, "tafile=") || word.n < 8)
			continue;
		if (!file_add(a, span_skip(word, 7), &why))
			log_warning("%s", why_text(&why));
	}
	why_free(&why);
}

static void
entry_look(void *arg, struct span key, struct span value)
{
	(void)key;
	text_look(arg, value);
}

static bool
is_text(struct span type)
{
	return span_is(type, "regexp") || span_is(type, "pcre") ||
	    span_is(type, "cidr") || span_is(type, "texthash");
}

static bool
is_walked(struct span type)
{
	return span_is(type, "hash") || span_is(type, "btree") ||
	    span_is(type, "cdb") || span_is(type, "lmdb") ||
	    span_is(type, "sdbm") || span_is(type, "dbm");
}

static void
walk(struct anchors *a, const struct smtp_conf *c, struct span spec)
{
	struct why why;
	struct map *m;

	why_init(&why);
	/* lookup tells of a table that is not there */
	m = map_open(spec, c->default_database_type, MAP_FOLD, &why);
	if (m != NULL) {
		(void)!map_each(m, entry_look, a, &why);
		map_close(&m);
	}
	why_free(&why);
}

static void
text_read(struct anchors *a, struct span name)
{
	struct buf text = BUF_EMPTY;
	char *path = mem_span(name);

	if (file_read_path(path, TEXT_MAX, &text) == 0)
		text_look(a, buf_span(&text));
	buf_free(&text);
	free(path);
}

static void
policies_look(struct anchors *a, const struct smtp_conf *c)
{
	struct span list = span_str(c->smtp_tls_policy_maps), spec;

	/* what stands in main.cf itself: inline:, static: */
	text_look(a, list);
	while (param_list_next(&list, &spec)) {
		struct span type, name;

		map_spec_split(spec, &type, &name);
		if (type.n == 0)
			type = span_str(c->default_database_type);
		if (is_text(type))
			text_read(a, name);
		else if (is_walked(type))
			walk(a, c, spec);
	}
}

static void
own_add(struct anchors *a, const struct anchor_file *f)
{
	struct tls_tlsa *all =
	    arena_array(a->arena, a->own.count + f->count, sizeof(*all));

	if (a->own.count > 0)
		memcpy(all, a->own.list, a->own.count * sizeof(*all));
	memcpy(all + a->own.count, f->list, f->count * sizeof(*all));
	a->own.list = all;
	a->own.count += f->count;
}

struct anchors *
anchors_new(const struct smtp_conf *c, struct why *why)
{
	struct anchors *a = mem_new(sizeof(*a));
	struct span own = span_str(c->smtp_tls_trust_anchor_file), file;
	bool good = true;

	a->arena = arena_new();
	a->files = table_new();
	while (good && span_word(&own, " \t\r\n,", &file)) {
		good = file_add(a, file, why);
		if (good)
			own_add(a, anchors_find(a, file));
	}
	if (good)
		policies_look(a, c);
	else
		anchors_free(&a);
	return a;
}
