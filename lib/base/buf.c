/* buf.c - bytes that grow */

#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_EMPTY;
}

void
buf_wipe(struct buf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	buf_free(b);
}

char *
buf_room(struct buf *b, size_t more)
{
	size_t want;

	must(!__builtin_add_overflow(b->n, more, &want) && want < SIZE_MAX / 2);
	if (want > b->cap || b->p == NULL) {
		size_t cap = b->cap < 64 ? 64 : b->cap + b->cap / 2;

		if (cap < want)
			cap = want;
		b->p = mem_resize(b->p, cap, 1);
		b->cap = cap;
	}
	return b->p + b->n;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_room(b, n), p, n);
	b->n += n;
}

void
buf_add_span(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

void
buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_add_number(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	buf_add(b, digits + at, sizeof(digits) - at);
}

void
buf_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	buf_room(b, 64);
	n = vsnprintf(b->p + b->n, b->cap - b->n, format, args);
	must(n >= 0);
	if ((size_t)n >= b->cap - b->n) {
		buf_room(b, (size_t)n + 1);
		n = vsnprintf(b->p + b->n, b->cap - b->n, format, again);
		must(n >= 0);
	}
	va_end(again);
	b->n += (size_t)n;
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->n) {
		b->n = 0;
		return;
	}
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n < b->n)
		b->n = n;
}

const char *
buf_str(struct buf *b)
{
	*buf_room(b, 1) = '\0';
	return b->p;
}

char *
buf_take(struct buf *b)
{
	char *p;

	*buf_room(b, 1) = '\0';
	p = b->p;
	*b = (struct buf)BUF_EMPTY;
	return p;
}
