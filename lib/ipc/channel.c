/*
 * channel.c - asking another of our services, without blocking
 *
 * Calls in flight stand in a table by id and in a list by age: since the limit
 * is the same for all, the oldest is always the first to time out and one
 * timer serves them.
 */

#include "ipc/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "ipc/link.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/sock.h"

struct channel_call {
	struct list in; /* by age; or in channel.failed */
	struct channel *channel;
	uint32_t id;
	int64_t deadline;
	channel_fn *fn;
	channel_parts_fn *parts; /* in place of fn */
	void *arg;
};

struct channel {
	struct loop *loop;
	char *path;
	int64_t limit;
	struct link *link;
	struct table *calls;
	struct list by_age, failed;
	struct loop_timer *timer; /* time limit of the oldest */
	struct loop_timer *fail; /* calls that could not be sent */
	uint32_t last_id;
	unsigned losses;
};

static struct span
key_of(const uint32_t *id)
{
	return span_of((const char *)id, sizeof(*id));
}

static void
call_forget(struct channel_call *call)
{
	list_remove(&call->in);
	table_remove(call->channel->calls, key_of(&call->id));
	free(call);
}

static void
call_end(struct channel_call *call, struct packet_in *in)
{
	channel_parts_fn *parts = call->parts;
	channel_fn *fn = call->fn;
	void *arg = call->arg;

	call_forget(call);
	if (parts != NULL)
		(void)parts(arg, in);
	else
		fn(arg, in);
}

static void
timer_set(struct channel *c)
{
	struct channel_call *oldest;

	if (list_empty(&c->by_age)) {
		loop_timer_stop(c->timer);
		return;
	}
	oldest = LIST_OF(c->by_age.next, struct channel_call, in);
	loop_timer_set(c->timer, oldest->deadline - clock_ms());
}

static void
timed_out(void *arg)
{
	struct channel *c = arg;
	int64_t now = clock_ms();

	while (!list_empty(&c->by_age)) {
		struct channel_call *call =
		    LIST_OF(c->by_age.next, struct channel_call, in);

		if (call->deadline > now)
			break;
		log_warning("%s: no answer within %lld ms", c->path,
		    (long long)c->limit);
		call_end(call, NULL);
	}
	timer_set(c);
}

static void
fail_waiting(void *arg)
{
	struct channel *c = arg;

	while (!list_empty(&c->failed))
		call_end(
		    LIST_OF(c->failed.next, struct channel_call, in), NULL);
}

static void
fail_all(struct channel *c)
{
	struct list batch;

	list_init(&batch);
	for (struct list *l; (l = list_pop(&c->by_age)) != NULL;)
		list_add_tail(&batch, l);
	while (!list_empty(&batch))
		call_end(LIST_OF(batch.next, struct channel_call, in), NULL);
}

/* The youngest again, unless that was all. */
static void
part_came(struct channel_call *call, struct packet_in *in)
{
	struct channel *c = call->channel;

	list_remove(&call->in);
	if (!call->parts(call->arg, in)) {
		call_forget(call);
		return;
	}
	call->deadline = clock_ms() + c->limit;
	list_add_tail(&c->by_age, &call->in);
	if (!loop_timer_is_set(c->timer))
		timer_set(c);
}

static void
came(void *arg, struct packet_in *in)
{
	struct channel *c = arg;
	struct channel_call *call;

	if (in == NULL) {
		c->losses++;
		link_free(&c->link);
		fail_all(c);
		return;
	}
	call = table_get(c->calls, key_of(&in->id));
	if (call == NULL)
		return; /* cancelled or timed out */
	if (call->parts == NULL)
		call_end(call, in);
	else
		part_came(call, in);
}

struct channel *
channel_new(struct loop *loop, const char *path, int64_t limit_ms)
{
	struct channel *c = mem_new(sizeof(*c));

	c->loop = loop;
	c->path = mem_str(path);
	c->limit = limit_ms;
	c->calls = table_new();
	list_init(&c->by_age);
	list_init(&c->failed);
	c->timer = loop_timer_new(loop, timed_out, c);
	c->fail = loop_timer_new(loop, fail_waiting, c);
	return c;
}

void
channel_free(struct channel **cp)
{
	struct channel *c = *cp;

	if (c == NULL)
		return;
	link_free(&c->link);
	fail_all(c);
	fail_waiting(c);
	loop_timer_free(&c->timer);
	loop_timer_free(&c->fail);
	table_free(&c->calls, NULL);
	free(c->path);
	free(c);
	*cp = NULL;
}

static bool
connected(struct channel *c)
{
	int fd;

	if (c->link != NULL)
		return true;
	fd = sock_connect_unix(c->path, SOCK_SEQPACKET, true);
	if (fd == -1) {
		log_warning("connect to %s: %s", c->path, strerror(errno));
		return false;
	}
	c->link = link_new(c->loop, fd, c->path, came, c);
	return true;
}

static struct channel_call *
call_begin(struct channel *c, struct packet_out *o, void *arg)
{
	struct channel_call *call = mem_new(sizeof(*call));

	do
		call->id = ++c->last_id;
	while (call->id == 0 || table_get(c->calls, key_of(&call->id)) != NULL);
	call->channel = c;
	call->deadline = clock_ms() + c->limit;
	call->arg = arg;
	list_init(&call->in);
	table_put(c->calls, key_of(&call->id), call);
	o->id = call->id;
	if (connected(c) && link_send(c->link, o) == 0) {
		list_add_tail(&c->by_age, &call->in);
		if (!loop_timer_is_set(c->timer))
			timer_set(c);
	} else {
		list_add_tail(&c->failed, &call->in);
		loop_timer_set(c->fail, 0);
	}
	return call;
}

struct channel_call *
channel_ask(struct channel *c, struct packet_out *o, channel_fn *fn, void *arg)
{
	struct channel_call *call = call_begin(c, o, arg);

	call->fn = fn; /* it is called from the loop, not before */
	return call;
}

struct channel_call *
channel_ask_parts(
    struct channel *c, struct packet_out *o, channel_parts_fn *fn, void *arg)
{
	struct channel_call *call = call_begin(c, o, arg);

	call->parts = fn;
	return call;
}

void
channel_cancel(struct channel_call **call)
{
	if (*call == NULL)
		return;
	call_forget(*call);
	*call = NULL;
}

void
channel_tell(struct channel *c, struct packet_out *o)
{
	o->id = 0;
	if (connected(c) && link_send(c->link, o) == -1)
		log_warning("%s: cannot tell: %s", c->path, strerror(errno));
}

unsigned
channel_pending(const struct channel *c)
{
	return (unsigned)table_count(c->calls);
}

unsigned
channel_losses(const struct channel *c)
{
	return c->losses;
}
