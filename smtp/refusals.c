/*
 * refusals.c - logins that a server has refused
 *
 * A ring: entries stand in the order in which they came, so the oldest is
 * always the next to go.
 */

#include "smtp/refusals.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/must.h"
#include "os/clock.h"

enum { KEY_BYTES = 32 };

struct entry {
	unsigned char sum[SHA256_BYTES];
	int64_t until_ms;
	char *reply; /* NULL: free */
};

struct refusals {
	int64_t keep_ms;
	unsigned char key[KEY_BYTES]; /* of the sums; dies with the process */
	struct entry entries[REFUSALS_MAX];
	size_t next;
};

struct refusals *
refusals_new(int64_t keep_seconds)
{
	struct refusals *r = mem_new(sizeof(*r));

	r->keep_ms = keep_seconds * 1000;
	must(getrandom(r->key, sizeof(r->key), 0) == (ssize_t)sizeof(r->key));
	return r;
}

void
refusals_free(struct refusals **r)
{
	if (*r == NULL)
		return;
	for (size_t i = 0; i < REFUSALS_MAX; i++)
		free((*r)->entries[i].reply);
	explicit_bzero((*r)->key, sizeof((*r)->key));
	mem_free(r);
}

/* NUL stands in none of the three. */
static void
sum_make(const struct refusals *r, const struct refusals_key *key,
    unsigned char sum[SHA256_BYTES])
{
	struct buf all = BUF_EMPTY;

	buf_room(&all, key->server.n + key->user.n + key->password.n + 2);
	buf_add_span(&all, key->server);
	buf_add_byte(&all, '\0');
	buf_add_span(&all, key->user);
	buf_add_byte(&all, '\0');
	buf_add_span(&all, key->password);
	digest_hmac_sha256(
	    span_of((const char *)r->key, sizeof(r->key)), buf_span(&all), sum);
	buf_wipe(&all);
}

static struct entry *
find(struct refusals *r, const unsigned char sum[SHA256_BYTES])
{
	for (size_t i = 0; i < REFUSALS_MAX; i++) {
		struct entry *e = &r->entries[i];

		if (e->reply == NULL || memcmp(e->sum, sum, SHA256_BYTES) != 0)
			continue;
		if (e->until_ms > clock_ms())
			return e;
		mem_free(&e->reply);
	}
	return NULL;
}

void
refusals_put(
    struct refusals *r, const struct refusals_key *key, const char *reply)
{
	unsigned char sum[SHA256_BYTES];
	struct entry *e;

	sum_make(r, key, sum);
	e = find(r, sum);
	if (e == NULL) {
		e = &r->entries[r->next];
		r->next = (r->next + 1) % REFUSALS_MAX;
	}
	free(e->reply);
	memcpy(e->sum, sum, sizeof(sum));
	e->reply = mem_str(reply);
	e->until_ms = clock_ms() + r->keep_ms;
}

const char *
refusals_find(struct refusals *r, const struct refusals_key *key)
{
	unsigned char sum[SHA256_BYTES];
	struct entry *e;

	sum_make(r, key, sum);
	e = find(r, sum);
	return e == NULL ? NULL : e->reply;
}
