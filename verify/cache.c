/*
 * cache.c - what is known of addresses: one entry for each, for a while
 *
 * An entry is good until its expire_time; from its refresh_time on it is asked
 * about anew while it goes on to be good. So an address that is in use is
 * always known, and one whose fate changed is found out in time.
 */

#include "verify/cache.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "maps/store.h"
#include "os/clock.h"
#include "verify/conf.h"

/* A crash costs ten seconds' probes. */
enum { ENTRIES_MAX = 200000, WRITE_AFTER_MS = 10000 };

struct cache {
	const struct verify_conf *conf;
	struct store *store;
	struct buf key;
};

struct cache *
cache_open(struct loop *loop, const struct verify_conf *conf)
{
	struct cache *c = mem_new(sizeof(*c));

	c->conf = conf;
	c->store = store_open(
	    loop, conf->address_verify_map, ENTRIES_MAX, WRITE_AFTER_MS);
	return c;
}

void
cache_flush(struct cache *c)
{
	store_flush(c->store);
}

void
cache_clean(struct cache *c)
{
	store_sweep(c->store);
}

/* Domains are the same in any case; local parts are their owner's matter. */
static struct span
key_of(struct cache *c, struct span address)
{
	size_t at = span_rfind(address, '@');

	buf_clear(&c->key);
	for (size_t i = 0; i < address.n; i++)
		buf_add_byte(&c->key,
		    i < at ? address.p[i]
			   : (char)ascii_lower((unsigned char)address.p[i]));
	return buf_span(&c->key);
}

/* "TIME STATUS TEXT", the time that of the probe */
static bool
entry_parse(struct span entry, int64_t *probed, struct why *why)
{
	struct span word, status;
	char code[12];

	if (!span_cut(&entry, ' ', &word) ||
	    !number_parse_signed(word, 0, INT64_MAX, probed) ||
	    !span_cut(&entry, ' ', &status) || status.n < 5 ||
	    status.n >= sizeof(code) ||
	    span_find(SPAN("245"), status.p[0]) == 3)
		return false;
	memcpy(code, status.p, status.n);
	code[status.n] = '\0';
	why_set(why, code, "%.*s", (int)entry.n, entry.p);
	return true;
}

bool
cache_get(struct cache *c, struct span address, struct why *why, bool *stale)
{
	const struct verify_conf *conf = c->conf;
	int64_t until, probed, refresh;
	struct span entry;

	if (!store_get(c->store, key_of(c, address), &until, &entry) ||
	    !entry_parse(entry, &probed, why))
		return false;
	refresh = why->outcome == DONE
	    ? conf->address_verify_positive_refresh_time
	    : conf->address_verify_negative_refresh_time;
	*stale = clock_wall() - probed > refresh;
	return true;
}

void
cache_put(struct cache *c, struct span address, const struct why *why)
{
	const struct verify_conf *conf = c->conf;
	bool good = why->outcome == DONE;
	struct why was;
	int64_t now = clock_wall(),
		life = good ? conf->address_verify_positive_expire_time
			    : conf->address_verify_negative_expire_time;
	struct buf entry = BUF_EMPTY;
	struct span key = key_of(c, address);
	bool stale;

	why_init(&was);
	was.outcome = BOUNCE;
	(void)cache_get(c, address, &was, &stale);
	buf_printf(&entry, "%" PRId64 " %s ", now, why->status);
	buf_add_span(&entry, buf_span(&why->text));
	/* what was good stays so until it expires: one bad answer may be the
	 * fault of a day */
	if (good ||
	    (conf->address_verify_negative_cache && was.outcome != DONE))
		store_put(c->store, key, now + life, buf_span(&entry));
	why_free(&was);
	buf_free(&entry);
}
