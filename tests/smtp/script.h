/* script.h - what the conversations of several tests have in common */

#ifndef TESTS_SMTP_SCRIPT_H
#define TESTS_SMTP_SCRIPT_H

#include "tests/smtp/world.h"

#define SCRIPT (const char *const[])
#define GREET  "S 220 mx.example ESMTP", "C EHLO client.example\r\n"
#define PLAIN  GREET, "S 250 mx.example"
#define PIPE   GREET, "S 250-mx.example", "S 250 PIPELINING"
#define MAIL   "C MAIL FROM:<a@client.example>\r\n"
#define RCPT1  "C RCPT TO:<b@x.example>\r\n"
#define RCPT2  "C RCPT TO:<c@x.example>\r\n"
#define RCPT3  "C RCPT TO:<d@x.example>\r\n"
#define DATA   "C DATA\r\n"
#define OK     "S 250 2.1.0 Ok"
#define GO     "S 354 End data with <CR><LF>.<CR><LF>"
#define QUIT   "C QUIT\r\n"
/* A transaction with one recipient that is taken. */
#define TAKES MAIL, OK, RCPT1, OK, DATA, GO, "M", "S 250 2.0.0 Ok: queued as 1"

#define ONE_RCPT   "b@x.example", NULL
#define THREE_RCPT "b@x.example", "c@x.example", "d@x.example", NULL

/* The usual message. */
static const char letter[] = "Subject: x\n\nhello\n";

/* Two hosts of one domain, and one alone. */
static const struct world_name names[] = {
	{ "x.example", DNS_MX, DNS_FOUND, 10, "mx1.x.example", false },
	{ "x.example", DNS_MX, DNS_FOUND, 20, "mx2.x.example", false },
	{ "mx1.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.1", false },
	{ "mx2.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.2", false },
	{ "mx3.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.3", false },
	{ "lone.example", DNS_MX, DNS_FOUND, 0, "mx1.x.example", false },
	{ "null.example", DNS_MX, DNS_FOUND, 0, "", false },
	{ "sick.example", DNS_MX, DNS_TROUBLE, 0, NULL, false },
	{ .name = NULL },
};

struct want {
	enum outcome outcome;
	const char *status, *text; /* text: part of it */
};

static inline void
check_results(const struct want *want, size_t count)
{
	ck_assert_uint_eq(w.count, count);
	for (size_t i = 0; i < count; i++) {
		struct why *why = &w.results[i].why;

		ck_assert_msg(why->outcome == want[i].outcome,
		    "recipient %zu: outcome %d, %s", i, (int)why->outcome,
		    why_text(why));
		ck_assert_str_eq(why->status, want[i].status);
		ck_assert_msg(strstr(why_text(why), want[i].text) != NULL,
		    "\"%s\" is not in \"%s\"", want[i].text, why_text(why));
	}
}

static inline void
stop(void *arg)
{
	loop_stop(arg);
}

/* Each script was followed to its end, each connection came. */
static inline void
check_scripts(void)
{
	struct loop_timer *t = loop_timer_new(w.loop, stop, w.loop);

	/* the last words of clients are still on their way */
	for (int i = 0; i < 200 && !list_empty(&w.sessions); i++) {
		loop_timer_set(t, 5);
		loop_run(w.loop);
	}
	loop_timer_free(&t);
	ck_assert_msg(list_empty(&w.sessions), "a server still waits for %s",
	    *LIST_OF(w.sessions.next, struct world_session, in)->at);
	for (unsigned i = 0; i < WORLD_HOSTS; i++)
		ck_assert_msg(w.hosts[i].connections == w.hosts[i].script_count,
		    "host %u had %u connections", i + 1,
		    w.hosts[i].connections);
}

static inline void
check_log(const char *part)
{
	struct buf log = BUF_EMPTY;

	world_log(&log);
	ck_assert_msg(strstr(buf_str(&log), part) != NULL,
	    "\"%s\" is not in\n%s", part, buf_str(&log));
	buf_free(&log);
}

#endif
