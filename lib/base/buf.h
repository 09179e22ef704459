/* buf.h - bytes that grow */

#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* n bytes at p, room for cap. { NULL, 0, 0 } is an empty buffer. The holder
 * ends it with buf_free(). Any call that adds may move p. */
struct buf {
	char *p;
	size_t n, cap;
};

#define BUF_EMPTY \
	{ \
		NULL, 0, 0 \
	}

void buf_free(struct buf *b);
/* As buf_free, the bytes wiped first. */
void buf_wipe(struct buf *b);
/* Empty it, keep the room. */
static inline void
buf_clear(struct buf *b)
{
	b->n = 0;
}

/* Make room for more bytes; returns where they go, n is unchanged. */
char *buf_room(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_span(struct buf *b, struct span s);
static inline void
buf_add_byte(struct buf *b, char c)
{
	if (b->n == b->cap)
		(void)buf_room(b, 1);
	b->p[b->n++] = c;
}

void buf_add_str(struct buf *b, const char *s);
/* In decimal; much quicker than buf_printf(). */
void buf_add_number(struct buf *b, uint64_t n);
void buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Drop n bytes from the front (all when there are fewer). */
void buf_drop(struct buf *b, size_t n);
/* Cut to n bytes when it is longer. */
void buf_cut(struct buf *b, size_t n);

static inline struct span
buf_span(const struct buf *b)
{
	return span_of(b->p, b->n);
}

/* The bytes NUL-ended (the NUL is not counted in n); good until the next call
 * on b. Only for bytes known to hold no NUL. */
const char *buf_str(struct buf *b);
/* The bytes as a NUL-ended allocation of the caller's; b is empty after. */
char *buf_take(struct buf *b);

#endif
