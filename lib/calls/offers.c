/*
 * offers.c - what auth lets be offered, as a front remembers it
 *
 * A client that says EHLO does not wait for auth: it gets what was true a few
 * seconds ago.
 */

#include "calls/offers.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "calls/auth_call.h"
#include "ipc/channel.h"
#include "os/clock.h"

enum { FRESH_MS = 5000 };

struct offers {
	struct channel *channel;
	struct channel_call *asking;
	int64_t asked_ms;
	bool scram;
};

static void
answered(void *arg, struct packet_in *in)
{
	struct offers *o = arg;
	bool scram;

	o->asking = NULL;
	if (in != NULL && auth_offers_answer_get(in, &scram))
		o->scram = scram;
}

static void
ask(struct offers *o)
{
	struct packet_out out = { .fd_count = 0 };

	o->asked_ms = clock_ms();
	auth_offers_put(&out);
	o->asking = channel_ask(o->channel, &out, answered, o);
	packet_done(&out);
}

struct offers *
offers_new(struct channel *channel)
{
	struct offers *o = mem_new(sizeof(*o));

	o->channel = channel;
	ask(o);
	return o;
}

void
offers_free(struct offers **o)
{
	if (*o == NULL)
		return;
	channel_cancel(&(*o)->asking);
	mem_free(o);
}

bool
offers_scram(struct offers *o)
{
	if (o == NULL)
		return false;
	if (o->asking == NULL && clock_ms() - o->asked_ms > FRESH_MS)
		ask(o);
	return o->scram;
}
