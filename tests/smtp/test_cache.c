/* Connections that serve more than one message. */

#include "smtp/cache.h"

#include "tests/smtp/script.h"
#include "tests/tls/keys.h"

static void
begin(void)
{
	world_begin();
	w.names = names;
	w.env.cache = cache_new(w.loop, &w.conf);
}

static void
end(void)
{
	cache_free(&w.env.cache);
	world_end();
}

/* One message to one recipient; its outcome. */
static struct why *
send_one(const char *nexthop)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r = world_request(letter, nexthop, list, rcpts);

	for (size_t i = 0; i < w.count; i++)
		why_free(&w.results[i].why);
	w.count = 0;
	w.done = false;
	world_deliver(&r, false);
	ck_assert_uint_eq(w.count, 1);
	return &w.results[0].why;
}

static void
check_sent(const char *nexthop)
{
	struct why *why = send_one(nexthop);

	ck_assert_msg(why->outcome == DONE, "%s", why_text(why));
}

START_TEST(used_again)
{
	world_script(1, SCRIPT{ PLAIN, TAKES, TAKES, TAKES, QUIT, NULL });
	check_sent("lone.example");
	check_sent("lone.example");
	check_sent("lone.example");
	cache_clear(w.env.cache);
	check_scripts();
	check_log(", conn_use=2, delay=");
	check_log(", conn_use=3, delay=");
}
END_TEST

/* What a refused message left behind is taken away first. */
START_TEST(reset_between)
{
	world_script(1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 550 no", "C RSET\r\n", OK, TAKES,
		QUIT, NULL });
	ck_assert_int_eq(send_one("lone.example")->outcome, BOUNCE);
	check_sent("lone.example");
	cache_clear(w.env.cache);
	check_scripts();
}
END_TEST

/* Not on demand, but for a next hop that is named. */
START_TEST(named)
{
	world_conf("smtp_connection_cache_on_demand = no\n"
		   "smtp_connection_cache_destinations = lone.example\n");
	world_script(1, SCRIPT{ PLAIN, TAKES, TAKES, QUIT, NULL });
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	check_sent("lone.example");
	check_sent("lone.example");
	check_sent("[mx1.x.example]");
	check_sent("[mx1.x.example]");
	cache_clear(w.env.cache);
	check_scripts();
}
END_TEST

/* Another next hop has its own, though the host is the same. */
START_TEST(not_for_others)
{
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	check_sent("lone.example");
	check_sent("[mx1.x.example]");
	cache_clear(w.env.cache);
	check_scripts();
}
END_TEST

/* The server has had enough just when the next message comes. */
static const struct {
	const char *what;
	const char *const *script;
} stales[] = {
	{ "closed", SCRIPT{ PLAIN, TAKES, MAIL, "CLOSE" } },
	{ "says so", SCRIPT{ PLAIN, TAKES, MAIL, "S 421 too late", NULL } },
	{ "closed at RSET",
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, "S 450 later",
		"C RSET\r\n", "CLOSE" } },
};

START_TEST(stale)
{
	world_script(1, stales[_i].script);
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	(void)send_one("lone.example");
	check_sent("lone.example");
	cache_clear(w.env.cache);
	check_scripts();
}
END_TEST

/* No answer to RSET for smtp_rset_timeout: another connection serves. */
START_TEST(silent_at_reset)
{
	world_conf("smtp_rset_timeout = 0\n");
	world_script(1,
	    SCRIPT{
		PLAIN, MAIL, OK, RCPT1, "S 550 no", "C RSET\r\n", "STALL" });
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	ck_assert_int_eq(send_one("lone.example")->outcome, BOUNCE);
	check_sent("lone.example");
	cache_clear(w.env.cache);
	check_scripts();
}
END_TEST

/* It broke later: that is a failure like any other. */
START_TEST(not_stale)
{
	world_script(1, SCRIPT{ PLAIN, TAKES, MAIL, OK, RCPT1, "CLOSE" });
	check_sent("lone.example");
	ck_assert_int_eq(send_one("lone.example")->outcome, DEFER);
	check_scripts();
}
END_TEST

/* Closed, or told off, while it waits: forgotten. */
static const struct {
	const char *const *script;
} idles[] = {
	{ SCRIPT{ PLAIN, TAKES, "CLOSE" } },
	{ SCRIPT{ PLAIN, TAKES, "S 421 idle", NULL } },
};

START_TEST(ended_while_idle)
{
	struct loop_timer *t = loop_timer_new(w.loop, stop, w.loop);

	world_script(1, idles[_i].script);
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	check_sent("lone.example");
	for (int i = 0; i < 20; i++) {
		loop_timer_set(t, 1);
		loop_run(w.loop);
	}
	loop_timer_free(&t);
	check_sent("lone.example");
	cache_clear(w.env.cache);
	check_scripts();
}
END_TEST

static const struct {
	const char *conf;
	const char *const *scripts[2];
} limits[] = {
	{ "smtp_connection_cache_time_limit = 0\n",
	    { SCRIPT{ PLAIN, TAKES, QUIT, NULL },
		SCRIPT{ PLAIN, TAKES, QUIT, NULL } } },
	{ "smtp_connection_reuse_count_limit = 1\n",
	    { SCRIPT{ PLAIN, TAKES, QUIT, NULL },
		SCRIPT{ PLAIN, TAKES, QUIT, NULL } } },
	{ "smtp_connection_reuse_count_limit = 2\n",
	    { SCRIPT{ PLAIN, TAKES, TAKES, QUIT, NULL }, NULL } },
	{ "smtp_connection_reuse_time_limit = 0\n",
	    { SCRIPT{ PLAIN, TAKES, QUIT, NULL },
		SCRIPT{ PLAIN, TAKES, QUIT, NULL } } },
	{ "smtp_tls_security_level = may\n",
	    { SCRIPT{ GREET, "S 250-mx", "S 250 STARTTLS", "C STARTTLS\r\n",
		  "S 220 go", "TLS", "C EHLO", "S 250 mx", TAKES, QUIT, NULL },
		SCRIPT{ PLAIN, TAKES, QUIT, NULL } } },
	{ "smtp_tls_security_level = may\n"
	  "smtp_tls_connection_reuse = yes\n",
	    { SCRIPT{ GREET, "S 250-mx", "S 250 STARTTLS", "C STARTTLS\r\n",
		  "S 220 go", "TLS", "C EHLO", "S 250 mx", TAKES, TAKES, QUIT,
		  NULL },
		NULL } },
};

START_TEST(limited)
{
	struct keys keys;

	w.tls = keys_context(&keys, "ec");
	world_conf(limits[_i].conf);
	for (int i = 0; i < 2 && limits[_i].scripts[i] != NULL; i++)
		world_script(1, limits[_i].scripts[i]);
	check_sent("lone.example");
	check_sent("lone.example");
	cache_clear(w.env.cache);
	check_scripts();
	keys_free(&keys);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, used_again);
	tcase_add_test(t, reset_between);
	tcase_add_test(t, named);
	tcase_add_test(t, not_for_others);
	tcase_add_loop_test(t, stale, 0, UNIT_COUNT(stales));
	tcase_add_test(t, silent_at_reset);
	tcase_add_test(t, not_stale);
	tcase_add_loop_test(t, ended_while_idle, 0, UNIT_COUNT(idles));
	tcase_add_loop_test(t, limited, 0, UNIT_COUNT(limits));
}

int
main(void)
{
	return unit_main("smtp/cache", fill);
}
