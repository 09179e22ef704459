/* penalty.c - refusals are told late, and later the more there were */

#include "auth/penalty.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "os/clock.h"
#include "os/sock.h"

enum { FREE_FAILURES = 3, DOUBLINGS = 4, ENTRIES_MAX = 20000 };
enum { FORGET_MS = 600 * 1000, KNOWN_MS = 24 * 3600 * 1000 };
enum { NAME_FREE_FAILURES = 20, KEY_NAME_MAX = 255 };

/* Failures; of the known the time alone. */
struct count {
	unsigned failures;
	int64_t last_ms;
};

struct penalty {
	int64_t base_ms;
	struct table *counts; /* "a" ADDRESS, "u" USER */
	struct table *known; /* ADDRESS NUL USER: when it was last */
};

struct penalty *
penalty_new(int64_t base_delay_s)
{
	struct penalty *p = mem_new(sizeof(*p));

	p->base_ms = base_delay_s * 1000;
	p->counts = table_new();
	p->known = table_new();
	return p;
}

void
penalty_free(struct penalty **p)
{
	if (*p == NULL)
		return;
	table_free(&(*p)->counts, free);
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

static void
keys_make(const struct penalty_of *who, struct buf *address, struct buf *name,
    struct buf *both)
{
	buf_add_byte(address, 'a');
	address_put(address, who->client_addr);
	buf_add_byte(name, 'u');
	name_put(name, who->user);
	address_put(both, who->client_addr);
	buf_add_byte(both, '\0');
	name_put(both, who->user);
}

static void
forget_old(struct table **t, int64_t after_ms)
{
	int64_t now = clock_ms();
	struct span key;
	void *value;
	size_t at = 0;

	while (table_next(*t, &at, &key, &value)) {
		struct count *c = value;

		if (now - c->last_ms > after_ms) {
			(void)table_remove(*t, key);
			free(c);
		}
	}
	if (table_count(*t) < ENTRIES_MAX)
		return;
	/* a flood from everywhere: all begin again */
	table_free(t, free);
	*t = table_new();
}

/* The entry, made when it is not there; its time is now. */
static struct count *
entry(struct table **t, struct span key, int64_t after_ms)
{
	struct count *c = table_get(*t, key);
	int64_t now = clock_ms();

	if (c == NULL) {
		if (table_count(*t) >= ENTRIES_MAX)
			forget_old(t, after_ms);
		c = mem_new(sizeof(*c));
		table_put(*t, key, c);
	} else if (now - c->last_ms > after_ms) {
		c->failures = 0;
	}
	c->last_ms = now;
	return c;
}

/* Is there an entry that is not too old? */
static const struct count *
recent(const struct table *t, struct span key, int64_t after_ms)
{
	const struct count *c = table_get(t, key);

	return c != NULL && clock_ms() - c->last_ms <= after_ms ? c : NULL;
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
	const struct count *c;
	enum penalty_rank rank = RANK_FRESH;

	keys_make(who, &address, &name, &both);
	c = recent(p->counts, buf_span(&address), FORGET_MS);
	if (who->user.n > 0 && recent(p->known, buf_span(&both), KNOWN_MS))
		rank = RANK_KNOWN;
	else if (c != NULL && c->failures > 0)
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
	failures = ++entry(&p->counts, buf_span(&address), FORGET_MS)->failures;
	delay = delay_of(p, failures, FREE_FAILURES);
	if (who->user.n > 0)
		of_name = delay_of(p,
		    ++entry(&p->counts, buf_span(&name), FORGET_MS)->failures,
		    NAME_FREE_FAILURES);
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
	free(table_remove(p->counts, buf_span(&address)));
	if (who->user.n > 0)
		(void)entry(&p->known, buf_span(&both), KNOWN_MS);
	buf_free(&address);
	buf_free(&name);
	buf_free(&both);
}
