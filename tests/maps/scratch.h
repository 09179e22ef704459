/* scratch.h - a folder for one test, and short ways to ask tables */

#ifndef TESTS_MAPS_SCRATCH_H
#define TESTS_MAPS_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/why.h"
#include "maps/map.h"
#include "maps/map_build.h"
#include "tests/unit.h"

static char scratch[64];

static inline void
scratch_make(void)
{
	snprintf(scratch, sizeof(scratch), "/tmp/facteur-maps-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
}

static inline void
scratch_remove(void)
{
	DIR *d = opendir(scratch);
	struct dirent *e;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(scratch);
}

/* SCRATCH/name, in one of four places in turn. */
static inline const char *
scratch_path(const char *name)
{
	static char paths[4][256];
	static unsigned turn;
	char *p = paths[turn++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", scratch, name);
	return p;
}

static inline void
scratch_write(const char *name, const void *text, size_t n)
{
	int fd = open(
	    scratch_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
	close(fd);
}

/* What an open table says of key: "=value", "-" for none, "!why". */
static inline const char *
ask_map(struct map *m, struct span key)
{
	static struct buf out, line;
	struct why why;

	why_init(&why);
	buf_clear(&line);
	switch (map_get(m, key, &out, &why)) {
	case MAP_FOUND:
		buf_printf(&line, "=%s", buf_str(&out));
		break;
	case MAP_NONE:
		buf_add_byte(&line, '-');
		break;
	case MAP_ERROR:
		ck_assert_int_eq(why.outcome, DEFER);
		buf_printf(&line, "!%s", why_text(&why));
		break;
	}
	why_free(&why);
	return buf_str(&line);
}

/* The same, opened for this question; "?why" when it does not open. */
static inline const char *
ask(const char *spec, const char *key)
{
	static struct buf line;
	struct why why;
	struct map *m;
	const char *answer;

	why_init(&why);
	m = map_open(span_str(spec), "hash", MAP_FOLD, &why);
	if (m != NULL) {
		answer = ask_map(m, span_str(key));
	} else {
		buf_clear(&line);
		buf_printf(&line, "?%s", why_text(&why));
		answer = buf_str(&line);
	}
	map_close(&m);
	why_free(&why);
	return answer;
}

/* TYPE:SCRATCH/name from pairs, the last NULL. */
static inline void
build(const char *type, const char *name, const char *const *pairs)
{
	char spec[256];
	struct map_build *b;
	struct why why;

	why_init(&why);
	snprintf(spec, sizeof(spec), "%s:%s", type, scratch_path(name));
	b = map_build_begin(span_str(spec), "hash", MAP_BUILD_FOLD, 0644, &why);
	ck_assert_msg(b != NULL, "%s", why_text(&why));
	for (; pairs[0] != NULL; pairs += 2)
		ck_assert_int_eq(map_build_put(b, span_str(pairs[0]),
				     span_str(pairs[1]), false, &why),
		    MAP_NONE);
	ck_assert_msg(map_build_commit(&b, &why), "%s", why_text(&why));
	why_free(&why);
}

#endif
