#include "qmgr/limits.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/why.h"
#include "config/param.h"
#include "tests/unit.h"

static void
read_from(struct limits *l, const char *config, const char *transport)
{
	struct why why;
	struct main_cf *m;

	why_init(&why);
	m = main_cf_parse(span_str(config), "test", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	limits_read(l, m, transport);
	main_cf_free(&m);
	why_free(&why);
}

START_TEST(defaults)
{
	struct limits l;

	read_from(&l, "", "smtp");
	ck_assert_uint_eq(l.concurrency, 20);
	ck_assert_uint_eq(l.recipients, 50);
	ck_assert_uint_eq(l.initial, 5);
	ck_assert_uint_eq(l.cohorts, 1);
	ck_assert_int_eq(l.rate_delay, 0);
	read_from(&l, "", "local");
	ck_assert_uint_eq(l.concurrency, 2);
	ck_assert_uint_eq(l.recipients, 1);
}
END_TEST

static const struct {
	const char *config, *transport;
	unsigned concurrency, recipients, initial, cohorts;
	int64_t delay;
} settings[] = {
	{ "default_destination_concurrency_limit = 7\n", "smtp", 7, 50, 5, 1,
	    0 },
	{ "default_destination_concurrency_limit = 7\n"
	  "relay_destination_concurrency_limit = 3\n",
	    "relay", 3, 50, 5, 1, 0 },
	{ "default_destination_concurrency_limit = 7\n"
	  "relay_destination_concurrency_limit = 3\n",
	    "smtp", 7, 50, 5, 1, 0 },
	{ "relay_destination_recipient_limit = 1\n"
	  "relay_initial_destination_concurrency = 2\n"
	  "relay_destination_concurrency_failed_cohort_limit = 4\n"
	  "relay_destination_rate_delay = 2m\n",
	    "relay", 20, 1, 2, 4, 120 },
	{ "smtp_destination_recipient_limit = 0\n", "smtp", 20, 0, 5, 1, 0 },
	/* those of all transports, and of some by name */
	{ "default_destination_recipient_limit = 9\n"
	  "default_destination_concurrency_failed_cohort_limit = 3\n"
	  "default_destination_rate_delay = 5s\n",
	    "smtp", 20, 9, 5, 3, 5 },
	{ "default_destination_recipient_limit = 9\n"
	  "default_destination_concurrency_limit = 9\n",
	    "local", 2, 1, 5, 1, 0 },
	{ "local_destination_concurrency_limit = 9\n", "local", 9, 1, 5, 1, 0 },
	{ "lmtp_destination_concurrency_limit = 9\n"
	  "lmtp_destination_recipient_limit = 8\n",
	    "lmtp", 9, 8, 5, 1, 0 },
	{ "initial_destination_concurrency = 0\n", "smtp", 20, 50, 1, 1, 0 },
	{ "smtp_destination_concurrency_limit = many\n", "smtp", 20, 50, 5, 1,
	    0 },
	{ "smtp_destination_rate_delay = -1s\n", "smtp", 20, 50, 5, 1, 0 },
};

/* Those of all transports that have one of their own in the middle. */
START_TEST(of_all)
{
	static const char config[] = "default_host_concurrency_limit = 7\n"
				     "default_transport_rate_delay = 9s\n"
				     "default_delivery_slot_cost = 0\n"
				     "own_host_concurrency_limit = 6\n"
				     "own_transport_rate_delay = 8s\n"
				     "own_delivery_slot_cost = 3\n";
	struct limits l;

	read_from(&l, "", "smtp");
	ck_assert_uint_eq(l.hosts, 20);
	ck_assert_int_eq(l.transport_delay, 0);
	ck_assert_uint_eq(l.slot_cost, 5);
	read_from(&l, config, "smtp");
	ck_assert_uint_eq(l.hosts, 7);
	ck_assert_int_eq(l.transport_delay, 9);
	ck_assert_uint_eq(l.slot_cost, 0);
	read_from(&l, config, "own");
	ck_assert_uint_eq(l.hosts, 6);
	ck_assert_int_eq(l.transport_delay, 8);
	ck_assert_uint_eq(l.slot_cost, 3);
}
END_TEST

START_TEST(set)
{
	struct limits l;

	read_from(&l, settings[_i].config, settings[_i].transport);
	ck_assert_uint_eq(l.concurrency, settings[_i].concurrency);
	ck_assert_uint_eq(l.recipients, settings[_i].recipients);
	ck_assert_uint_eq(l.initial, settings[_i].initial);
	ck_assert_uint_eq(l.cohorts, settings[_i].cohorts);
	ck_assert_int_eq(l.rate_delay, settings[_i].delay);
}
END_TEST

static const struct {
	const char *text;
	double number;
	int by;
} feedbacks[] = {
	{ "1", 1, FEEDBACK_PLAIN },
	{ "0", 0, FEEDBACK_PLAIN },
	{ "0.25", 0.25, FEEDBACK_PLAIN },
	{ ".5", 0.5, FEEDBACK_PLAIN },
	{ "1/concurrency", 1, FEEDBACK_PER },
	{ "0.5 / sqrt_concurrency", 0.5, FEEDBACK_PER_SQRT },
	/* as if it were not set */
	{ "1.5", 1, FEEDBACK_PLAIN },
	{ "2", 1, FEEDBACK_PLAIN },
	{ "-1", 1, FEEDBACK_PLAIN },
	{ ".", 1, FEEDBACK_PLAIN },
	{ "0.5.5", 1, FEEDBACK_PLAIN },
	{ "0.0000001", 1, FEEDBACK_PLAIN },
	{ "1/congestion", 1, FEEDBACK_PLAIN },
	{ "1/", 1, FEEDBACK_PLAIN },
};

START_TEST(feedback)
{
	struct limits l;
	char config[200];

	snprintf(config, sizeof(config),
	    "smtp_destination_concurrency_positive_feedback = %s\n",
	    feedbacks[_i].text);
	read_from(&l, config, "smtp");
	ck_assert_msg(l.positive.number == feedbacks[_i].number, "%s",
	    feedbacks[_i].text);
	ck_assert_int_eq((int)l.positive.by, feedbacks[_i].by);
}
END_TEST

/* What comes of a run of deliveries: '+' went through while the window was
 * full, '-' could not be reached, 'o' went through and nothing else was under
 * way; '!' after a failure: that made the site dead. */
static const struct {
	const char *config, *run;
	unsigned end;
} runs[] = {
	{ "", "", 5 },
	{ "", "+++", 8 },
	{ "", "++++++++++++++++++++++++", 20 },
	{ "", "oo", 6 },
	{ "", "-+-+-+-+", 5 },
	{ "", "----!", 1 },
	{ "", "+-----!", 1 },
	{ "smtp_destination_concurrency_limit = 3\n", "+", 3 },
	{ "smtp_destination_concurrency_limit = 0\n",
	    "+++++++++++++++++++++++++", 30 },
	{ "smtp_destination_rate_delay = 1\n", "+", 1 },
	{ "smtp_destination_rate_delay = 1\n", "-!", 1 },
	{ "smtp_destination_concurrency_positive_feedback = 0\n", "+++", 5 },
	/* at the front of a run of four */
	{ "smtp_destination_concurrency_positive_feedback = 0.25\n", "+", 6 },
	{ "smtp_destination_concurrency_positive_feedback = 0.25\n", "++++",
	    6 },
	{ "smtp_destination_concurrency_positive_feedback = 0.25\n", "+++++",
	    7 },
	{ "smtp_destination_concurrency_positive_feedback = 1/concurrency\n",
	    "++++++", 6 },
	{ "default_destination_concurrency_positive_feedback = 0\n", "+++", 5 },
	{ "default_destination_concurrency_negative_feedback = 0.5\n", "--",
	    4 },
	/* at the end of one */
	{ "smtp_destination_concurrency_negative_feedback = 0.5\n", "-", 5 },
	{ "smtp_destination_concurrency_negative_feedback = 0.5\n", "--", 4 },
	{ "smtp_destination_concurrency_negative_feedback = 0\n", "-----!", 5 },
	{ "smtp_destination_concurrency_failed_cohort_limit = 0\n",
	    "--------------------", 1 },
	{ "smtp_destination_concurrency_failed_cohort_limit = 2\n"
	  "smtp_destination_concurrency_negative_feedback = 0\n",
	    "----------!", 5 },
	{ "smtp_initial_destination_concurrency = 1\n", "-!", 1 },
};

START_TEST(window)
{
	struct limits l;
	struct window w;

	read_from(&l, runs[_i].config, "smtp");
	window_init(&w, &l);
	for (const char *at = runs[_i].run; *at != '\0'; at++) {
		if (*at == '-')
			ck_assert_msg(window_failure(&w, &l) == (at[1] == '!'),
			    "%s: %d", runs[_i].run, (int)(at - runs[_i].run));
		else if (*at != '!')
			window_success(&w, &l, *at == 'o' ? 0 : w.now - 1);
	}
	ck_assert_msg(w.now == runs[_i].end, "%s \"%s\": %u, not %u",
	    runs[_i].config, runs[_i].run, w.now, runs[_i].end);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, defaults);
	tcase_add_loop_test(t, set, 0, UNIT_COUNT(settings));
	tcase_add_test(t, of_all);
	tcase_add_loop_test(t, feedback, 0, UNIT_COUNT(feedbacks));
	tcase_add_loop_test(t, window, 0, UNIT_COUNT(runs));
}

int
main(void)
{
	return unit_main("qmgr/limits", fill);
}
