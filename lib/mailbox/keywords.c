/*
 * keywords.c - the keywords of a folder and the set that a message has
 *
 * A folder numbers its keywords once and for ever; a message has a bit for
 * each. The list is short, so it is searched from the front.
 */

#include "mailbox/keywords.h"

#include <stdlib.h>

#include "base/mem.h"

struct keywords {
	char *names[KEYWORDS_MAX];
	size_t count;
};

struct keywords *
keywords_new(void)
{
	return mem_new(sizeof(struct keywords));
}

void
keywords_free(struct keywords **k)
{
	if (*k == NULL)
		return;
	for (size_t i = 0; i < (*k)->count; i++)
		free((*k)->names[i]);
	mem_free(k);
}

size_t
keywords_count(const struct keywords *k)
{
	return k->count;
}

struct span
keywords_name(const struct keywords *k, size_t i)
{
	return span_str(i < k->count ? k->names[i] : NULL);
}

int
keywords_find(const struct keywords *k, struct span name)
{
	for (size_t i = 0; i < k->count; i++)
		if (k->names[i] != NULL && span_iis(name, k->names[i]))
			return (int)i;
	return -1;
}

bool
keywords_put(struct keywords *k, size_t i, struct span name)
{
	if (i >= KEYWORDS_MAX || name.n == 0 || name.n > KEYWORD_BYTES_MAX ||
	    span_find(name, '\0') < name.n)
		return false;
	if (i >= k->count)
		k->count = i + 1;
	free(k->names[i]);
	k->names[i] = mem_span(name);
	return true;
}

int
keywords_add(struct keywords *k, struct span name)
{
	int at = keywords_find(k, name);

	if (at != -1)
		return at;
	at = (int)k->count;
	return keywords_put(k, k->count, name) ? at : -1;
}

void
keywords_cut(struct keywords *k, size_t count)
{
	while (k->count > count) {
		k->count--;
		mem_free(&k->names[k->count]);
	}
}
