/*
 * table.c - a hash table from bytes to a pointer
 *
 * Open addressing with linear probing; a removed entry leaves a grave, which
 * goes at the next growth. SipHash-1-3 under a random key.
 */

#include "base/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/mem.h"
#include "base/must.h"

struct entry {
	char *key; /* NULL: free. With value NULL: a grave */
	size_t n;
	uint64_t hash;
	void *value;
};

struct table {
	struct entry *entries;
	size_t size; /* a power of two */
	size_t count, graves;
};

static inline uint64_t
rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* On every lookup: not as a call. */
static inline __attribute__((always_inline)) void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static uint64_t
sip_hash(struct span s, const uint64_t key[2])
{
	uint64_t v[4] = { key[0] ^ 0x736f6d6570736575,
		key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
		key[1] ^ 0x7465646279746573 };
	uint64_t last = (uint64_t)s.n << 56;
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		uint64_t word;

		memcpy(&word, s.p + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	for (size_t shift = 0; i < s.n; i++, shift += 8)
		last |= (uint64_t)(unsigned char)s.p[i] << shift;
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static uint64_t
hash_of(struct span key)
{
	static uint64_t secret[2]; /* set once, never after */

	if (secret[0] == 0) {
		must(getrandom(secret, sizeof(secret), 0) == sizeof(secret));
		secret[0] |= 1;
	}
	return sip_hash(key, secret);
}

struct table *
table_new(void)
{
	struct table *t = mem_new(sizeof(*t));

	t->size = 8;
	t->entries = mem_array(t->size, sizeof(struct entry));
	return t;
}

void
table_free(struct table **t, void (*each)(void *value))
{
	if (*t == NULL)
		return;
	for (size_t i = 0; i < (*t)->size; i++) {
		struct entry *e = &(*t)->entries[i];

		if (each != NULL && e->value != NULL)
			each(e->value);
		free(e->key);
	}
	free((*t)->entries);
	free(*t);
	*t = NULL;
}

size_t
table_count(const struct table *t)
{
	return t->count;
}

static struct entry *
find(const struct table *t, struct span key, uint64_t hash)
{
	struct entry *grave = NULL;

	for (size_t i = hash & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
		struct entry *e = &t->entries[i];

		if (e->key == NULL)
			return grave == NULL ? e : grave;
		if (e->value == NULL) {
			if (grave == NULL)
				grave = e;
		} else if (e->hash == hash &&
		    span_eq(span_of(e->key, e->n), key)) {
			return e;
		}
	}
}

static void
rehash(struct table *t, size_t size)
{
	struct table fresh = { mem_array(size, sizeof(struct entry)), size,
		t->count, 0 };

	for (size_t i = 0; i < t->size; i++) {
		struct entry *e = &t->entries[i];

		if (e->value == NULL)
			free(e->key);
		else
			*find(&fresh, span_of(e->key, e->n), e->hash) = *e;
	}
	free(t->entries);
	*t = fresh;
}

void *
table_get(const struct table *t, struct span key)
{
	return t->count == 0 ? NULL : find(t, key, hash_of(key))->value;
}

void *
table_put(struct table *t, struct span key, void *value)
{
	uint64_t hash = hash_of(key);
	struct entry *e;
	void *old;

	must(value != NULL);
	if ((t->count + t->graves + 1) * 4 > t->size * 3)
		rehash(t, t->count * 2 >= t->size ? t->size * 2 : t->size);
	e = find(t, key, hash);
	old = e->value;
	if (old == NULL) {
		if (e->key != NULL)
			t->graves--;
		free(e->key);
		*e = (struct entry){ mem_span(key), key.n, hash, NULL };
		t->count++;
	}
	e->value = value;
	return old;
}

void *
table_remove(struct table *t, struct span key)
{
	struct entry *e = find(t, key, hash_of(key));
	void *old = e->value;

	if (old != NULL) {
		e->value = NULL;
		t->count--;
		t->graves++;
	}
	return old;
}

bool
table_next(const struct table *t, size_t *at, struct span *key, void **value)
{
	while (*at < t->size) {
		struct entry *e = &t->entries[(*at)++];

		if (e->value == NULL)
			continue;
		*key = span_of(e->key, e->n);
		*value = e->value;
		return true;
	}
	return false;
}
