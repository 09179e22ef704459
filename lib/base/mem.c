/* mem.c - allocation that cannot fail */

#include "base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/span.h"

static void *
checked(void *p)
{
	if (p == NULL)
		log_fatal_exit(EX_TEMPFAIL, "out of memory");
	return p;
}

void *
mem_new(size_t size)
{
	return checked(calloc(1, size == 0 ? 1 : size));
}

void *
mem_array(size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		log_fatal_exit(EX_TEMPFAIL, "out of memory");
	return mem_new(all);
}

void *
mem_resize(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		log_fatal_exit(EX_TEMPFAIL, "out of memory");
	return checked(realloc(p, all == 0 ? 1 : all));
}

char *
mem_str(const char *s)
{
	return mem_span(span_str(s));
}

char *
mem_span(struct span s)
{
	char *p = mem_new(s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

char *
mem_printf(const char *format, ...)
{
	va_list args;
	char *p = NULL;

	va_start(args, format);
	if (vasprintf(&p, format, args) == -1)
		p = NULL;
	va_end(args);
	return checked(p);
}

void
mem_trim(void)
{
	(void)malloc_trim(0);
}
