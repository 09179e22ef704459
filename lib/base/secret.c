/* secret.c - bytes that are wiped and never logged */

#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "base/must.h"

struct secret {
	size_t n;
	char bytes[SECRET_MAX + 1];
};

struct secret *
secret_new(struct span from)
{
	struct secret *s;

	if (from.n > SECRET_MAX)
		return NULL;
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(s != MAP_FAILED);
	/* Both are help, not need: RLIMIT_MEMLOCK may be small. */
	(void)mlock(s, sizeof(*s));
	(void)madvise(s, sizeof(*s), MADV_DONTDUMP);
	if (from.n > 0)
		memcpy(s->bytes, from.p, from.n);
	s->n = from.n;
	return s;
}

void
secret_free(struct secret **s)
{
	if (*s == NULL)
		return;
	explicit_bzero(*s, sizeof(**s));
	munmap(*s, sizeof(**s));
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
