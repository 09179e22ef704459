/*
 * dns_filter.c - tables that have records passed over
 *
 * One question for each record, one after the other: there are few, and such a
 * table is rare.
 */

#include "calls/dns_filter.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"

enum { KEY_MAX = 4000 }; /* of a long TXT or TLSA record the front */

struct dns_filter {
	struct dns_filter_question q;
	struct dns_record *kept;
	size_t at, kept_count;
	bool broken;
	struct channel_call *call;
	dns_filter_fn *fn;
	void *arg;
};

static void
report(struct dns_filter *f)
{
	struct dns_answer left = *f->q.answer;
	dns_filter_fn *fn = f->fn;
	void *arg = f->arg;
	bool emptied;

	left.records = f->kept;
	left.count = f->kept_count;
	emptied = !f->broken && f->kept_count == 0;
	if (f->broken || emptied)
		left = (struct dns_answer){ .result = DNS_TROUBLE };
	free(f);
	fn(arg, &left, emptied);
}

static void
ignored(const struct dns_filter *f)
{
	struct buf text = BUF_EMPTY, clean = BUF_EMPTY;

	dns_record_print(&text, f->q.name, f->q.answer->ttl, f->q.type,
	    &f->q.answer->records[f->at]);
	log_quote(&clean, buf_span(&text), 300);
	log_info("ignoring DNS RR: %s", buf_str(&clean));
	buf_free(&text);
	buf_free(&clean);
}

/* False: the tables cannot be read. */
static bool
take(struct dns_filter *f, struct packet_in *in)
{
	struct span value = SPAN(""), name = span_str(f->q.tables);
	struct why why;
	bool found = false, good;

	name = span_head(name, span_find(name, ' '));
	why_init(&why);
	good = in != NULL && lookup_value_get(in, &found, &value, &why) &&
	    (found || why.outcome == DONE);
	why_free(&why);
	value = span_trim(value);
	if (!good) {
		log_warning("%.*s: table lookup error", (int)name.n, name.p);
	} else if (found && span_iis(value, "IGNORE")) {
		ignored(f);
	} else {
		if (found)
			log_warning("%.*s: \"%.*s\" is no action: only IGNORE "
				    "is",
			    (int)name.n, name.p, (int)span_head(value, 100).n,
			    value.p);
		f->kept[f->kept_count++] = f->q.answer->records[f->at];
	}
	return good;
}

static void ask(struct dns_filter *f);

static void
answered(void *arg, struct packet_in *in)
{
	struct dns_filter *f = arg;

	f->call = NULL;
	f->broken = !take(f, in);
	f->at++;
	if (f->broken || f->at == f->q.answer->count)
		report(f);
	else
		ask(f);
}

static void
ask(struct dns_filter *f)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf key = BUF_EMPTY;

	dns_record_print(&key, f->q.name, f->q.answer->ttl, f->q.type,
	    &f->q.answer->records[f->at]);
	lookup_map_put(
	    &o, span_str(f->q.tables), span_head(buf_span(&key), KEY_MAX));
	f->call = channel_ask(f->q.lookup, &o, answered, f);
	packet_done(&o);
	buf_free(&key);
}

struct dns_filter *
dns_filter_start(
    const struct dns_filter_question *q, dns_filter_fn *fn, void *arg)
{
	struct dns_filter *f = mem_new(sizeof(*f));

	must(q->answer->result == DNS_FOUND && q->answer->count > 0);
	f->q = *q;
	if (q->answer->name.n > 0)
		f->q.name = q->answer->name;
	f->kept = arena_array(q->arena, q->answer->count, sizeof(*f->kept));
	f->fn = fn;
	f->arg = arg;
	ask(f);
	return f;
}

void
dns_filter_cancel(struct dns_filter **f)
{
	if (*f == NULL)
		return;
	channel_cancel(&(*f)->call);
	mem_free(f);
}
