/* test_served.c - config/served.h: the list made from the sources */

#include "config/served.h"

#include "config/param.h"
#include "tests/unit.h"

START_TEST(some)
{
	size_t n = 0;

	for (size_t i = 0; i < param_all_count; i++)
		n += param_served(span_str(param_all[i].name));
	ck_assert_uint_gt(n, 50);
	ck_assert(param_served(SPAN("myhostname")));
	ck_assert(param_served(SPAN("queue_directory")));
	ck_assert(param_served(SPAN("syslog_name")));
	ck_assert(param_served(SPAN("smtpd_greylist_delay")));
	ck_assert(param_served(SPAN("mynetworks_style")));
	ck_assert(param_served(SPAN("lmtp_mail_timeout")));
	ck_assert(param_served(SPAN("lmtp_lhlo_name")));
	ck_assert(param_served(SPAN("mail_version")));
	ck_assert(param_served(SPAN("compatibility_level")));
	ck_assert(param_served(SPAN("stress")));
	/* of LMTP, by what the client reads for SMTP */
	ck_assert(param_served(SPAN("lmtp_mail_timeout")));
	ck_assert(param_served(SPAN("lmtp_tls_CAfile")));
	ck_assert(!param_served(SPAN("")));
	ck_assert(!param_served(SPAN("myhostnam")));
	ck_assert(!param_served(SPAN("qmqpd_timeout")));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, some);
}

int
main(void)
{
	return unit_main("config/served", fill);
}
