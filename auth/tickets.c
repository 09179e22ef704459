/* tickets.c - a webmail user signs in once and shows a ticket for each page */

#include "auth/tickets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/number.h"
#include "calls/start_call.h"
#include "maps/store.h"
#include "os/clock.h"
#include "service/service.h"

enum { TICKET_BYTES = 32, TICKETS_MAX = 100000 };

struct tickets {
	struct store *store; /* key: digest; text: "end-of-life user" */
	int64_t idle, life;
};

struct tickets *
tickets_open(const char *data_directory, int64_t idle, int64_t life)
{
	struct tickets *t = mem_new(sizeof(*t));
	char *path = mem_printf("hash:%s/tickets", data_directory);

	t->store =
	    store_open(service_loop(), path, TICKETS_MAX, STORE_AFTER_MS);
	store_write_aside(t->store, FD_LOG);
	t->idle = idle;
	t->life = life;
	free(path);
	return t;
}

void
tickets_flush(struct tickets *t)
{
	store_flush(t->store);
}

/* Hexadecimal, since a key of a table holds no NUL. */
static void
digest_of(struct span ticket, struct buf *out)
{
	unsigned char digest[SHA256_BYTES];

	digest_sha256(ticket, digest);
	hex_encode(out, span_of((const char *)digest, sizeof(digest)));
}

static void
keep(struct tickets *t, struct span digest, int64_t end, struct span user)
{
	int64_t until = clock_wall() + t->idle;
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "%lld ", (long long)end);
	buf_add_span(&text, user);
	store_put(t->store, digest, until < end ? until : end, buf_span(&text));
	buf_free(&text);
}

void
tickets_make(struct tickets *t, struct span user, struct buf *out)
{
	unsigned char random[TICKET_BYTES];
	struct buf digest = BUF_EMPTY;
	size_t begun = out->n;

	must(getrandom(random, sizeof(random), 0) == sizeof(random));
	base64url_encode(out, span_of((const char *)random, sizeof(random)));
	explicit_bzero(random, sizeof(random));
	digest_of(span_of(out->p + begun, out->n - begun), &digest);
	keep(t, buf_span(&digest), clock_wall() + t->life, user);
	buf_free(&digest);
}

bool
tickets_check(struct tickets *t, struct span ticket, struct buf *user)
{
	struct buf digest = BUF_EMPTY;
	struct span text, number;
	int64_t until, end;
	size_t begun = user->n;
	bool good;

	digest_of(ticket, &digest);
	good = store_get(t->store, buf_span(&digest), &until, &text) &&
	    span_cut(&text, ' ', &number) &&
	    number_parse_signed(number, 0, INT64_MAX, &end);
	if (good) {
		buf_add_span(user, text);
		/* half of its unused life gone: it is used, so it lives on */
		if (until < end && until - clock_wall() < t->idle / 2)
			keep(t, buf_span(&digest), end,
			    span_of(user->p + begun, user->n - begun));
	}
	buf_free(&digest);
	return good;
}

void
tickets_end(struct tickets *t, struct span ticket)
{
	struct buf digest = BUF_EMPTY;

	digest_of(ticket, &digest);
	store_remove(t->store, buf_span(&digest));
	buf_free(&digest);
}
