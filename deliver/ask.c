/*
 * ask.c - what the parent asks lookup before a child may begin
 *
 * Three tables one after the other for a virtual mailbox. What they say is an
 * administrator's word, but one that a stranger's address picked: a uid below
 * virtual_minimum_uid, or a path with ".." in it, is served to nobody.
 */

#include "deliver/ask.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "deliver/conf.h"
#include "ipc/channel.h"
#include "service/service.h"

enum { PATH_BYTES_MAX = 4000 };

static const char *const box_tables[ASK_BOX_TABLES] = { "virtual_mailbox_maps",
	"virtual_uid_maps", "virtual_gid_maps" };

/* An answer of lookup's; false: why is DEFER. */
static bool
value_get(
    struct packet_in *in, bool *found, struct span *value, struct why *why)
{
	*found = false;
	*value = SPAN("");
	if (in != NULL && lookup_value_get(in, found, value, why))
		return why->outcome == DONE;
	why_set(why, "4.3.0", "table lookup is not available");
	return false;
}

/* ---- virtual mailboxes */

struct box_asking {
	struct box_question question;
	struct arena *arena;
	size_t at;
	ask_box_fn *fn;
	void *arg;
};

static bool
path_make(const struct deliver_conf *conf, struct arena *a, struct span value,
    char **out, struct why *why)
{
	const char *base = conf->virtual_mailbox_base;
	struct span steps =
	    span_str(arena_printf(a, "/%.*s/", (int)value.n, value.p));

	*out = arena_printf(a, "%s%s%.*s", base, base[0] == '\0' ? "" : "/",
	    (int)value.n, value.p);
	if (value.n > 0 && value.n <= PATH_BYTES_MAX && **out == '/' &&
	    span_search(steps, SPAN("/../")) == steps.n)
		return true;
	why_set(why, "4.3.5", "virtual_mailbox_maps: \"%s\" is no path", *out);
	return false;
}

static bool
id_make(const char *table, struct span value, uint64_t least, uint64_t *out,
    struct why *why)
{
	if (number_parse(span_trim(value), least, UINT32_MAX - 1, out))
		return true;
	why_set(why, "4.3.5", "%s: bad value \"%.*s\"", table, (int)value.n,
	    value.p);
	return false;
}

bool
ask_box_make(const struct box_question *q, struct arena *a,
    struct virtual_box *out, struct why *why)
{
	const struct deliver_conf *conf = q->conf;
	const struct span *values = q->values, address = q->address;
	uint64_t least = conf->virtual_minimum_uid > 0
	    ? (uint64_t)conf->virtual_minimum_uid
	    : 1;
	uint64_t uid, gid;
	char *path;

	if (values[0].p == NULL) {
		why_set(why, "5.1.1", "unknown user: \"%.*s\"", (int)address.n,
		    address.p);
		return false;
	}
	for (size_t i = 1; i < ASK_BOX_TABLES; i++)
		if (values[i].p == NULL) {
			why_set(why, "4.3.5", "recipient %.*s: not found in %s",
			    (int)address.n, address.p, box_tables[i]);
			return false;
		}
	if (!id_make(box_tables[1], values[1], least, &uid, why) ||
	    !id_make(box_tables[2], values[2], 1, &gid, why) ||
	    !path_make(conf, a, values[0], &path, why))
		return false;
	*out = (struct virtual_box){
		.path = path, .uid = (uid_t)uid, .gid = (gid_t)gid
	};
	return true;
}

static void
box_report(struct box_asking *b, struct why *why)
{
	struct virtual_box box = { .path = NULL };
	bool good = why->outcome == DONE &&
	    ask_box_make(&b->question, b->arena, &box, why);

	b->fn(b->arg, good ? &box : NULL, why);
	arena_free(&b->arena);
	free(b);
}

static void box_next(struct box_asking *b);

static void
box_answered(void *arg, struct packet_in *in)
{
	struct box_asking *b = arg;
	struct span value;
	struct why why;
	bool found, good;

	why_init(&why);
	good = value_get(in, &found, &value, &why);
	if (found)
		b->question.values[b->at] = arena_span(b->arena, value);
	if (good && found && ++b->at < ASK_BOX_TABLES)
		box_next(b);
	else
		box_report(b, &why);
	why_free(&why);
}

static void
box_next(struct box_asking *b)
{
	struct packet_out o = { .fd_count = 0 };

	lookup_address_put(
	    &o, span_str(box_tables[b->at]), b->question.address);
	(void)channel_ask(service_channel("lookup"), &o, box_answered, b);
	packet_done(&o);
}

void
ask_box(const struct deliver_conf *conf, struct span address, ask_box_fn *fn,
    void *arg)
{
	struct box_asking *b = mem_new(sizeof(*b));

	b->question.conf = conf;
	b->arena = arena_new();
	b->question.address = arena_span(b->arena, address);
	b->fn = fn;
	b->arg = arg;
	box_next(b);
}

/* ---- mailbox_command_maps */

struct command_asking {
	ask_command_fn *fn;
	void *arg;
};

static void
command_answered(void *arg, struct packet_in *in)
{
	struct command_asking *c = arg;
	struct span value;
	struct why why;
	bool found;

	why_init(&why);
	(void)value_get(in, &found, &value, &why);
	c->fn(c->arg, value, &why);
	why_free(&why);
	free(c);
}

void
ask_command(struct span user, ask_command_fn *fn, void *arg)
{
	struct command_asking *c = mem_new(sizeof(*c));
	struct packet_out o = { .fd_count = 0 };

	c->fn = fn;
	c->arg = arg;
	lookup_map_put(&o, SPAN("mailbox_command_maps"), user);
	(void)channel_ask(service_channel("lookup"), &o, command_answered, c);
	packet_done(&o);
}
