/* making.h - TYPE:SCRATCH/t made entry by entry */

#ifndef TESTS_MAPS_MAKING_H
#define TESTS_MAPS_MAKING_H

#include "tests/maps/scratch.h"

static inline const char *
spec_of(const char *type)
{
	static char spec[128];

	snprintf(spec, sizeof(spec), "%s:%s/t", type, scratch);
	return spec;
}

static inline struct map_build *
begin(const char *type, unsigned flags)
{
	struct map_build *b;
	struct why why;

	why_init(&why);
	b = map_build_begin(span_str(spec_of(type)), "hash", flags, 0640, &why);
	ck_assert_msg(b != NULL, "%s", why_text(&why));
	why_free(&why);
	return b;
}

static inline enum map_result
put_spans(struct map_build *b, struct span key, struct span value, bool replace)
{
	struct why why;
	enum map_result got;

	why_init(&why);
	got = map_build_put(b, key, value, replace, &why);
	why_free(&why);
	return got;
}

static inline enum map_result
put(struct map_build *b, const char *key, const char *value, bool replace)
{
	return put_spans(b, span_str(key), span_str(value), replace);
}

static inline bool
commit(struct map_build **b)
{
	struct why why;
	bool done;

	why_init(&why);
	done = map_build_commit(b, &why);
	ck_assert_int_eq(why.outcome, done ? DONE : DEFER);
	ck_assert_ptr_null(*b);
	why_free(&why);
	return done;
}

static inline void
count_entry(void *arg, struct span key, struct span value)
{
	(void)key;
	(void)value;
	++*(int *)arg;
}

/* How many entries; -1 when it cannot be told. */
static inline int
entries(const char *type)
{
	struct why why;
	struct map *m;
	int n = 0;

	why_init(&why);
	m = map_open(span_str(spec_of(type)), "hash", 0, &why);
	if (m == NULL || map_each(m, count_entry, &n, &why) == MAP_ERROR)
		n = -1;
	map_close(&m);
	why_free(&why);
	return n;
}

#endif
