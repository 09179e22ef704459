/* penalty.c - refusals are told late, and later the more there were */

#include "auth/penalty.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "calls/start_call.h"
#include "maps/store.h"
#include "os/clock.h"
#include "os/sock.h"

enum { FREE_FAILURES = 3, DOUBLINGS = 4, ENTRIES_MAX = 20000 };
enum { FORGET_S = 600, KNOWN_MS = 24 * 3600 * 1000 };
enum { NAME_FREE_FAILURES = 20, FAILURES_MAX = 1000000, KEY_NAME_MAX = 255 };

struct known {
	int64_t last_ms;
};

struct penalty {
	int64_t base_ms;
	struct store *failures; /* "a" ADDRESS, "u" digest of USER: how many */
	struct table *known; /* ADDRESS NUL USER: when it was last */
};

struct penalty *
penalty_new(int64_t base_delay_s, struct loop *loop, const char *data_directory)
{
	struct penalty *p = mem_new(sizeof(*p));
	char *path = data_directory == NULL
	    ? mem_str("")
	    : mem_printf("hash:%s/failures", data_directory);

	p->base_ms = base_delay_s * 1000;
	p->failures = store_open(loop, path, ENTRIES_MAX, STORE_AFTER_MS);
	store_write_aside(p->failures, FD_LOG);
	p->known = table_new();
	free(path);
	return p;
}

void
penalty_flush(struct penalty *p)
{
	store_flush(p->failures);
}

void
penalty_free(struct penalty **p)
{
	if (*p == NULL)
		return;
	store_free(&(*p)->failures);
	table_free(&(*p)->known, free);
	mem_free(p);
}

/* The address bytes; of IPv6 the first 8. */
static void
address_put(struct buf *key, struct span client_addr)
{
	struct address a;
	struct span bytes = client_addr;

	if (address_parse(client_addr, 0, &a)) {
		bytes = address_bytes(&a);
		bytes = span_head(bytes, bytes.n == 16 ? 8 : bytes.n);
	}
	buf_add_span(key, bytes);
}

static void
name_put(struct buf *key, struct span user)
{
	buf_add_span(key, span_head(user, KEY_NAME_MAX));
}

/* The name is what somebody typed, his password perhaps: the file is not to
 * show it. */
static void
keys_make(const struct penalty_of *who, struct buf *address, struct buf *name,
    struct buf *both)
{
	unsigned char sum[SHA256_BYTES];

	buf_add_byte(address, 'a');
	address_put(address, who->client_addr);
	buf_add_byte(name, 'u');
	digest_sha256(span_head(who->user, KEY_NAME_MAX), sum);
	buf_add(name, sum, sizeof(sum));
	address_put(both, who->client_addr);
	buf_add_byte(both, '\0');
	name_put(both, who->user);
}

static void
forget_old(struct penalty *p)
{
	int64_t now = clock_ms();
	struct span key;
	void *value;
	size_t at = 0;

	while (table_next(p->known, &at, &key, &value)) {
		if (now - ((struct known *)value)->last_ms <= KNOWN_MS)
			continue;
		(void)table_remove(p->known, key);
		free(value);
	}
	if (table_count(p->known) < ENTRIES_MAX)
		return;
	/* a flood from everywhere: all begin again */
	table_free(&p->known, free);
	p->known = table_new();
}

static void
known_put(struct penalty *p, struct span key)
{
	struct known *k = table_get(p->known, key);

	if (k == NULL) {
		if (table_count(p->known) >= ENTRIES_MAX)
			forget_old(p);
		k = mem_new(sizeof(*k));
		table_put(p->known, key, k);
	}
	k->last_ms = clock_ms();
}

static bool
is_known(const struct penalty *p, struct span key)
{
	const struct known *k = table_get(p->known, key);

	return k != NULL && clock_ms() - k->last_ms <= KNOWN_MS;
}

static unsigned
failures_of(const struct penalty *p, struct span key)
{
	int64_t until;
	struct span text;
	uint64_t n;

	return store_get(p->failures, key, &until, &text) &&
		number_parse(text, 0, FAILURES_MAX, &n)
	    ? (unsigned)n
	    : 0;
}

/* One more; how many there are. */
static unsigned
failures_add(struct penalty *p, struct span key)
{
	unsigned n = failures_of(p, key);
	struct buf text = BUF_EMPTY;

	if (n < FAILURES_MAX)
		n++;
	buf_add_number(&text, n);
	store_put(p->failures, key, clock_wall() + FORGET_S, buf_span(&text));
	buf_free(&text);
	return n;
}

static int64_t
delay_of(const struct penalty *p, unsigned failures, unsigned free_of_charge)
{
	int64_t delay = p->base_ms;

	for (unsigned i = free_of_charge;
	     i < failures && i < free_of_charge + DOUBLINGS; i++)
		delay *= 2;
	return delay;
}

enum penalty_rank
penalty_rank(const struct penalty *p, const struct penalty_of *who)
{
	struct buf address = BUF_EMPTY, name = BUF_EMPTY, both = BUF_EMPTY;
	enum penalty_rank rank = RANK_FRESH;

	keys_make(who, &address, &name, &both);
	if (who->user.n > 0 && is_known(p, buf_span(&both)))
		rank = RANK_KNOWN;
	else if (failures_of(p, buf_span(&address)) > 0)
		rank = RANK_FAILING;
	buf_free(&address);
	buf_free(&name);
	buf_free(&both);
	return rank;
}

int64_t
penalty_failed(struct penalty *p, const struct penalty_of *who)
{
	struct buf address = BUF_EMPTY, name = BUF_EMPTY, both = BUF_EMPTY;
	int64_t delay, of_name = 0;
	unsigned failures;

	keys_make(who, &address, &name, &both);
	failures = failures_add(p, buf_span(&address));
	delay = delay_of(p, failures, FREE_FAILURES);
	if (who->user.n > 0)
		of_name = delay_of(
		    p, failures_add(p, buf_span(&name)), NAME_FREE_FAILURES);
	/* who guesses is not taken for one who is known any more */
	if (failures > FREE_FAILURES)
		free(table_remove(p->known, buf_span(&both)));
	buf_free(&address);
	buf_free(&name);
	buf_free(&both);
	return delay > of_name ? delay : of_name;
}

void
penalty_good(struct penalty *p, const struct penalty_of *who)
{
	struct buf address = BUF_EMPTY, name = BUF_EMPTY, both = BUF_EMPTY;

	keys_make(who, &address, &name, &both);
	store_remove(p->failures, buf_span(&address));
	if (who->user.n > 0)
		known_put(p, buf_span(&both));
	buf_free(&address);
	buf_free(&name);
	buf_free(&both);
}
