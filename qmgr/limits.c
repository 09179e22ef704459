/*
 * limits.c - how hard a transport may press its sites
 *
 * A success at the front of a run of 1/feedback widens the window by one, and
 * only while it is used; a failure at the end of such a run narrows it. What
 * makes a site dead is not the narrow window but failures that add up to whole
 * windows without a success between: with one letter at a time it takes as many
 * letters as the window is wide.
 */

#include "qmgr/limits.h"

#include <limits.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "base/why.h"
#include "config/param.h"

enum { NAME_MOST = 200 };

/* Sums of thirds and tenths come out short of a whole. */
static const double nearly = 1e-7;

/* The transport's own setting, or the default for all. */
static bool
value_of(const struct main_cf *m, const char *transport, const char *suffix,
    const char *fallback, struct buf *out)
{
	char name[NAME_MOST];
	struct why why;
	bool good;

	(void)snprintf(name, sizeof(name), "%s_%s", transport, suffix);
	buf_clear(out);
	why_init(&why);
	good = main_cf_value(
	    m, main_cf_raw(m, name) != NULL ? name : fallback, out, &why);
	if (!good)
		log_warning("%s: %s", name, why_text(&why));
	why_free(&why);
	return good;
}

static void
complain(const char *transport, const char *suffix, struct span value)
{
	struct buf quoted = BUF_EMPTY;

	log_quote(&quoted, value, NAME_MOST);
	log_warning("%s_%s: \"%s\" is not what is wanted here; the default is "
		    "taken",
	    transport, suffix, quoted.n == 0 ? "" : buf_str(&quoted));
	buf_free(&quoted);
}

/* 0.25: digits, and at most six behind a point. */
static bool
fraction_parse(struct span s, double *out)
{
	struct span whole, part = s;
	uint64_t number, scale = 1;

	(void)span_cut(&part, '.', &whole);
	if (!number_parse(whole.n == 0 ? SPAN("0") : whole, 0, 1, &number) ||
	    part.n > 6 || (whole.n == 0 && part.n == 0))
		return false;
	*out = (double)number;
	if (part.n == 0)
		return true;
	for (size_t i = 0; i < part.n; i++)
		scale *= 10;
	if (!number_parse(part, 0, scale, &number))
		return false;
	*out += (double)number / (double)scale;
	return *out <= 1;
}

static bool
feedback_parse(struct span s, struct feedback *out)
{
	size_t at = span_find(s, '/');
	struct span by = span_trim(span_skip(s, at + 1));

	if (!fraction_parse(span_trim(span_head(s, at)), &out->number))
		return false;
	if (at == s.n)
		out->by = FEEDBACK_PLAIN;
	else if (span_is(by, "concurrency"))
		out->by = FEEDBACK_PER;
	else if (span_is(by, "sqrt_concurrency"))
		out->by = FEEDBACK_PER_SQRT;
	else
		return false;
	return true;
}

static void
read_number(unsigned *out, const struct main_cf *m, const char *transport,
    const char *suffix, const char *fallback)
{
	struct buf value = BUF_EMPTY;
	int number;

	if (value_of(m, transport, suffix, fallback, &value)) {
		if (number_parse_int(
			span_trim(buf_span(&value)), 0, INT_MAX, &number))
			*out = (unsigned)number;
		else
			complain(transport, suffix, buf_span(&value));
	}
	buf_free(&value);
}

/* As many as for a site, unless told otherwise. */
static void
read_hosts(struct limits *out, const struct main_cf *m, const char *transport)
{
	static const char suffix[] = "host_concurrency_limit";
	struct buf value = BUF_EMPTY;
	int number;

	out->hosts = out->concurrency == 0 ? UINT_MAX : out->concurrency;
	if (value_of(m, transport, suffix, "default_host_concurrency_limit",
		&value) &&
	    span_trim(buf_span(&value)).n > 0) {
		if (number_parse_int(
			span_trim(buf_span(&value)), 0, INT_MAX, &number))
			out->hosts = (unsigned)number;
		else
			complain(transport, suffix, buf_span(&value));
	}
	buf_free(&value);
}

static void
read_feedback(struct feedback *out, const struct main_cf *m,
    const char *transport, const char *suffix, const char *fallback)
{
	struct buf value = BUF_EMPTY;
	struct feedback got;

	if (value_of(m, transport, suffix, fallback, &value)) {
		if (feedback_parse(span_trim(buf_span(&value)), &got))
			*out = got;
		else
			complain(transport, suffix, buf_span(&value));
	}
	buf_free(&value);
}

static void
read_delay(int64_t *out, const struct main_cf *m, const char *transport,
    const char *suffix, const char *fallback)
{
	struct buf value = BUF_EMPTY;
	int64_t seconds;

	if (value_of(m, transport, suffix, fallback, &value)) {
		if (param_parse_time(
			span_trim(buf_span(&value)), 's', &seconds) &&
		    seconds >= 0)
			*out = seconds;
		else
			complain(transport, suffix, buf_span(&value));
	}
	buf_free(&value);
}

void
limits_read(struct limits *out, const struct main_cf *m, const char *transport)
{
	*out = (struct limits){ .concurrency = 20,
		.recipients = 50,
		.initial = 5,
		.slot_cost = 5,
		.cohorts = 1,
		.positive = { 1, FEEDBACK_PLAIN },
		.negative = { 1, FEEDBACK_PLAIN } };
	read_number(&out->concurrency, m, transport,
	    "destination_concurrency_limit",
	    "default_destination_concurrency_limit");
	read_hosts(out, m, transport);
	read_number(&out->recipients, m, transport,
	    "destination_recipient_limit",
	    "default_destination_recipient_limit");
	read_number(&out->initial, m, transport,
	    "initial_destination_concurrency",
	    "initial_destination_concurrency");
	read_number(&out->slot_cost, m, transport, "delivery_slot_cost",
	    "default_delivery_slot_cost");
	read_number(&out->cohorts, m, transport,
	    "destination_concurrency_failed_cohort_limit",
	    "default_destination_concurrency_failed_cohort_limit");
	read_feedback(&out->positive, m, transport,
	    "destination_concurrency_positive_feedback",
	    "default_destination_concurrency_positive_feedback");
	read_feedback(&out->negative, m, transport,
	    "destination_concurrency_negative_feedback",
	    "default_destination_concurrency_negative_feedback");
	read_delay(&out->rate_delay, m, transport, "destination_rate_delay",
	    "default_destination_rate_delay");
	read_delay(&out->transport_delay, m, transport, "transport_rate_delay",
	    "default_transport_rate_delay");
	if (out->initial == 0)
		out->initial = 1;
}

struct limits
limits_of_host(const struct limits *l)
{
	struct limits host = *l;

	host.concurrency = l->hosts;
	host.rate_delay = 0; /* each site has its own */
	return host;
}

/* ---- the window */

/* The square root, near enough for a window. */
static double
root(unsigned n)
{
	double x = n;

	for (int i = 0; i < 20 && x > 0; i++)
		x = (x + (double)n / x) / 2;
	return x;
}

static double
step(const struct feedback *f, unsigned window)
{
	switch (f->by) {
	case FEEDBACK_PER:
		return f->number / (double)window;
	case FEEDBACK_PER_SQRT:
		return f->number / root(window);
	case FEEDBACK_PLAIN:
		break;
	}
	return f->number;
}

static unsigned
most(const struct limits *l)
{
	if (l->rate_delay > 0)
		return 1; /* a pause between deliveries: one after the other */
	return l->concurrency == 0 ? UINT_MAX : l->concurrency;
}

void
window_init(struct window *w, const struct limits *l)
{
	*w = (struct window){ .now =
				  l->initial < most(l) ? l->initial : most(l) };
}

void
window_success(struct window *w, const struct limits *l, unsigned busy)
{
	w->cohorts = 0;
	w->failure = 0;
	/* a window that is not used says nothing about a wider one */
	if (w->now >= most(l) || (uint64_t)busy + l->initial < w->now)
		return;
	if (l->positive.number == 0)
		return;
	if (w->success < nearly) {
		w->now++;
		w->success += 1;
	}
	w->success -= step(&l->positive, w->now);
}

bool
window_failure(struct window *w, const struct limits *l)
{
	w->success = 0;
	w->cohorts += 1.0 / (double)w->now;
	w->failure += step(&l->negative, w->now);
	if (w->failure + nearly >= 1) {
		if (w->now > 1)
			w->now--;
		w->failure -= 1;
	}
	return l->cohorts > 0 && w->cohorts + nearly >= (double)l->cohorts;
}
