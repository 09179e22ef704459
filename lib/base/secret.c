/* secret.c - bytes that are wiped and never logged */

#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "base/must.h"

struct secret {
	size_t n, size; /* of bytes, of all */
	char bytes[];
};

struct secret *
secret_new(struct span from)
{
	return from.n > SECRET_MAX ? NULL : secret_new_long(from);
}

struct secret *
secret_new_long(struct span from)
{
	size_t size = sizeof(struct secret) + from.n + 1;
	struct secret *s;

	if (from.n > SECRET_LONG_MAX)
		return NULL;
	s = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(s != MAP_FAILED);
	s->size = size;
	/* Both are help, not need: RLIMIT_MEMLOCK may be small. */
	(void)mlock(s, size);
	(void)madvise(s, size, MADV_DONTDUMP);
	if (from.n > 0)
		memcpy(s->bytes, from.p, from.n);
	s->n = from.n;
	return s;
}

void
secret_free(struct secret **s)
{
	size_t size;

	if (*s == NULL)
		return;
	size = (*s)->size;
	explicit_bzero(*s, size);
	munmap(*s, size);
	*s = NULL;
}

struct span
secret_span(const struct secret *s)
{
	return span_of(s->bytes, s->n);
}

bool
secret_equal(struct span a, struct span b)
{
	unsigned char differ = 0;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		differ = (unsigned char)(differ | (a.p[i] ^ b.p[i]));
	return differ == 0;
}
