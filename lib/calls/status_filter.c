/*
 * status_filter.c - tables that change what a delivery is said to have ended
 * with
 *
 * RFC 3463 has the form of a status code: class "." subject "." detail.
 */

#include "calls/status_filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"

enum { KEY_MAX = 4096, TEXT_MAX = 2000 };

struct status_query {
	struct channel *lookup;
	char *parameter;
	struct why **whys;
	size_t count, at;
	struct channel_call *call;
	status_filter_fn *fn;
	void *arg;
};

/* Octets of a status code at the begin of s, or 0. */
static size_t
status_size(struct span s)
{
	size_t n = 1;

	if (s.n == 0 || span_find(SPAN("245"), s.p[0]) == 3)
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t digits = 0;

		if (span_at(s, n) != '.')
			return 0;
		for (n++; ascii_digit(span_at(s, n)); n++)
			digits++;
		if (digits == 0 || digits > 3)
			return 0;
	}
	return n == s.n || span_at(s, n) == ' ' ? n : 0;
}

bool
status_filter_take(struct span value, struct why *why)
{
	struct span s = span_trim(value), text;
	struct buf quoted = BUF_EMPTY;
	char status[sizeof(why->status)];
	size_t n = status_size(s);

	text = span_trim(span_skip(s, n));
	if (n == 0 || n >= sizeof(status) || text.n == 0 ||
	    s.p[0] != why->status[0])
		return false;
	memcpy(status, s.p, n);
	status[n] = '\0';
	log_quote(&quoted, text, TEXT_MAX);
	why_set(why, status, "%s", buf_str(&quoted));
	buf_free(&quoted);
	return true;
}

static void
query_free(struct status_query *q)
{
	free(q->parameter);
	free(q->whys);
	free(q);
}

static void answered(void *arg, struct packet_in *in);

static void
ask(struct status_query *q)
{
	const struct why *why = q->whys[q->at];
	struct packet_out o = { .fd_count = 0 };
	struct buf key = BUF_EMPTY;

	buf_printf(&key, "%s ", why->status);
	buf_add_span(&key, span_head(buf_span(&why->text), KEY_MAX));
	lookup_map_put(&o, span_str(q->parameter), buf_span(&key));
	q->call = channel_ask(q->lookup, &o, answered, q);
	packet_done(&o);
	buf_free(&key);
}

static void
take(struct status_query *q, struct packet_in *in)
{
	struct span value = SPAN("");
	struct why why;
	bool found = false, good;

	why_init(&why);
	good = in != NULL && lookup_value_get(in, &found, &value, &why) &&
	    why.outcome == DONE;
	if (!good) {
		log_warning("%s: table lookup error", q->parameter);
	} else if (found && !status_filter_take(value, q->whys[q->at])) {
		struct buf quoted = BUF_EMPTY;

		log_quote(&quoted, value, 200);
		log_warning("%s: \"%s\" in place of a status %s: not taken",
		    q->parameter, buf_str(&quoted), q->whys[q->at]->status);
		buf_free(&quoted);
	}
	why_free(&why);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct status_query *q = arg;
	status_filter_fn *fn = q->fn;

	q->call = NULL;
	take(q, in);
	/* where nobody answers, none is asked as often as there are words */
	if (++q->at < q->count && in != NULL) {
		ask(q);
		return;
	}
	arg = q->arg;
	query_free(q);
	fn(arg);
}

struct status_query *
status_filter_start(struct channel *lookup, const struct status_words *w,
    status_filter_fn *fn, void *arg)
{
	struct status_query *q = mem_new(sizeof(*q));

	q->lookup = lookup;
	q->parameter = mem_str(w->parameter);
	q->whys = mem_array(w->count, sizeof(*q->whys));
	memcpy(q->whys, w->whys, w->count * sizeof(*q->whys));
	q->count = w->count;
	q->fn = fn;
	q->arg = arg;
	ask(q);
	return q;
}

void
status_filter_cancel(struct status_query **q)
{
	if (*q == NULL)
		return;
	channel_cancel(&(*q)->call);
	query_free(*q);
	*q = NULL;
}
