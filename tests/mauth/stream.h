/* stream.h - a message's way through mauth/passage.h, for the tests of this
 * folder */

#ifndef TESTS_MAUTH_STREAM_H
#define TESTS_MAUTH_STREAM_H

#include <check.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mauth/canon.h"
#include "mauth/passage.h"
#include "os/file.h"

struct stream {
	struct arena *arena;
	struct passage *passage;
	struct bodies *bodies;
	struct buf body;
	/* what is to be done at the header's end */
	void (*header)(struct stream *s, const struct fields *f);
	void *arg;
};

static inline void
stream_header(void *arg, const struct fields *f)
{
	struct stream *s = arg;

	if (s->header != NULL)
		s->header(s, f);
}

static inline void
stream_body(void *arg, struct span bytes)
{
	struct stream *s = arg;

	bodies_feed(s->bodies, bytes);
	buf_add_span(&s->body, bytes);
}

/* Feed message in pieces of step bytes, to its end. */
static inline void
stream_run(struct stream *s, struct span message, size_t step)
{
	static const struct passage_calls calls = { stream_header,
		stream_body };

	s->arena = arena_new();
	s->bodies = bodies_new();
	s->passage = passage_new(&calls, s);
	for (; message.n > 0; message = span_skip(message, step))
		passage_feed(s->passage, span_head(message, step));
	passage_end(s->passage);
	bodies_end(s->bodies);
}

static inline void
stream_done(struct stream *s)
{
	passage_free(&s->passage);
	bodies_free(&s->bodies);
	arena_free(&s->arena);
	buf_free(&s->body);
}

/* A file of tests/data/mauth. */
static inline void
stream_file(const char *name, struct buf *out)
{
	struct buf path = BUF_EMPTY;

	buf_printf(&path, "tests/data/mauth/%s", name);
	ck_assert_int_eq(file_read_path(buf_str(&path), 1 << 20, out), 0);
	buf_free(&path);
}

#endif
