/* parked.c - questions of callers that wait for other servers */

#include "lookup/parked.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "ipc/packet.h"
#include "ipc/server.h"

/* Answers of servers for one question. */
enum { KNOWN_MAX = 2000 };

struct parking {
	parked_run_fn *run;
	void *arg;
	struct parked *now; /* what is run, or NULL */
	struct parked *spare; /* for the next that comes */
	unsigned count;
};

/* What a server said. */
struct known {
	enum map_result got;
	struct buf value;
	struct why why;
};

struct parked {
	struct parking *parking;
	struct server_peer *peer;
	struct buf packet; /* as it came */
	struct table *known; /* by table and key; NULL: nothing yet */
	unsigned waits; /* for so many answers */
	bool again;
	bool counted;
};

/* An answer that a question waits for. */
struct wish {
	struct parked *of;
	char *name;
	size_t size;
};

static void
known_free(void *value)
{
	struct known *k = value;

	buf_free(&k->value);
	why_free(&k->why);
	free(k);
}

static void
parked_free(struct parked *q)
{
	q->parking->count -= q->counted;
	server_peer_drop(&q->peer);
	buf_free(&q->packet);
	if (q->known != NULL)
		table_free(&q->known, known_free);
	free(q);
}

static void
run(struct parked *q, struct packet_in *in)
{
	struct parking *p = q->parking;

	q->again = false;
	p->now = q;
	p->run(p->arg, q->peer, in);
	p->now = NULL;
}

static void
run_again(struct parked *q)
{
	struct packet_in in = { .bad = false };

	if (packet_parse(&in, buf_span(&q->packet)) == PACKET_OK)
		run(q, &in);
	packet_in_done(&in);
	if (!q->again)
		parked_free(q);
}

static void
answered(
    void *arg, enum map_result got, struct span value, const struct why *why)
{
	struct wish *w = arg;
	struct parked *q = w->of;
	struct known *k = mem_new(sizeof(*k));

	k->got = got;
	buf_add_span(&k->value, value);
	why_init(&k->why);
	why_copy(&k->why, why);
	k = table_put(q->known, span_of(w->name, w->size), k);
	if (k != NULL)
		known_free(k);
	free(w->name);
	free(w);
	if (--q->waits == 0)
		run_again(q);
}

void
parking_begin(struct parking *p, struct server_peer *peer, struct packet_in *in)
{
	struct parked *q = p->spare;

	if (q == NULL)
		q = mem_new(sizeof(*q));
	p->spare = NULL;
	q->parking = p;
	q->peer = peer;
	run(q, in);
	if (!q->again) {
		if (q->known != NULL)
			table_free(&q->known, known_free);
		p->spare = q;
		return;
	}
	q->peer = server_peer_hold(peer);
	buf_add_span(&q->packet, buf_span(&in->bytes));
	q->counted = true;
	p->count++;
}

/* Have it asked. */
static enum map_result
wish(struct parked *q, const struct parked_wish *what, struct why *why)
{
	struct parking *p = q->parking;
	struct wish *w;

	/* who has a place already may go on to its end */
	if ((!q->counted && p->count >= PARKED_MAX) ||
	    (q->known != NULL && table_count(q->known) >= KNOWN_MAX)) {
		why_set(why, "4.3.0", "too many questions wait for answers");
		return MAP_ERROR;
	}
	if (q->known == NULL)
		q->known = table_new();
	w = mem_new(sizeof(*w));
	w->of = q;
	w->size = what->name.n;
	w->name = mem_span(what->name);
	if (!what->ask(what->arg, (struct parked_to){ answered, w }, why)) {
		free(w->name);
		free(w);
		return MAP_ERROR;
	}
	q->waits++;
	q->again = true;
	why_set(why, "4.3.0", "it is being asked");
	return MAP_ERROR;
}

enum map_result
parking_ask(struct parking *p, const struct parked_wish *w, struct buf *out,
    struct why *why)
{
	struct known *k = NULL;

	if (p->now == NULL) {
		why_set(why, "4.3.0", "it cannot be asked now");
		return MAP_ERROR;
	}
	if (p->now->known != NULL)
		k = table_get(p->now->known, w->name);
	if (k == NULL)
		return wish(p->now, w, why);
	buf_add_span(out, buf_span(&k->value));
	why_copy(why, &k->why);
	return k->got;
}

bool
parking_again(const struct parking *p)
{
	return p->now != NULL && p->now->again;
}

unsigned
parking_count(const struct parking *p)
{
	return p->count;
}

struct parking *
parking_new(parked_run_fn *fn, void *arg)
{
	struct parking *p = mem_new(sizeof(*p));

	p->run = fn;
	p->arg = arg;
	return p;
}
