/* test_proxy.c - clients that others speak for: PROXY, XCLIENT, XFORWARD */

#include "smtpd/proxy.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/sock.h"
#include "service/balancer.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

/* A connection of a load balancer. */
static void
connect_proxy(const char *address)
{
	struct address from;
	int fds[2];

	ck_assert_int_eq(sock_pair(SOCK_STREAM, true, fds), 0);
	ck_assert(address_parse(span_str(address), 99, &from));
	ck_assert(proxy_expected(w.smtpd, &from));
	w.client = fds[0];
	balancer_start(w.smtpd->proxies, fds[1], &from);
	world_settle(&w);
}

#define PROXY "smtpd_upstream_proxy_protocol = haproxy\n"

START_TEST(line)
{
	world_begin(&w, PROXY);
	connect_proxy("127.0.0.1");
	ck_assert_uint_eq(w.got.n, 0);
	world_send(&w, SPAN("PROXY TCP4 192.0.2.77 198.51.100.1 1234 25\r"));
	world_settle(&w);
	ck_assert_uint_eq(w.got.n, 0);
	world_send(&w, SPAN("\n"));
	world_talk(&w,
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<x@elsewhere.test>\n"
	    "< 554 5.7.1 <x@elsewhere.test>: Relay access denied\n");
	world_expect_log(&w, ": connect from unknown[192.0.2.77]\n");
	world_end(&w);
}
END_TEST

/* The balancer looks whether we live. */
START_TEST(itself)
{
	world_begin(&w, PROXY);
	connect_proxy("127.0.0.1");
	world_send(&w, SPAN("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"));
	world_talk(&w, "< 220\n> QUIT\n< 221\n");
	world_expect_log(&w, ": connect from localhost[127.0.0.1]\n");
	world_end(&w);
}
END_TEST

static const struct {
	const char *config, *sent, *logged;
} bad[] = {
	{ "", "EHLO x\r\n", "warning: haproxy read: bad header from [" },
	{ "", "", "warning: haproxy read: lost connection from [" },
	{ "smtpd_upstream_proxy_timeout = 1s\n", "PROXY TCP4 ",
	    "warning: haproxy read: timeout from [" },
};

START_TEST(refused)
{
	char config[200];

	snprintf(config, sizeof(config), "%s%s", PROXY, bad[_i].config);
	world_begin(&w, config);
	connect_proxy("192.0.2.1");
	if (bad[_i].sent[0] == '\0')
		shutdown(w.client, SHUT_WR);
	else
		world_send(&w, span_str(bad[_i].sent));
	while (!w.ended)
		world_run(&w, 5);
	ck_assert_uint_eq(w.got.n, 0);
	world_expect_log(&w, bad[_i].logged);
	ck_assert(!world_logged(&w, ": connect from"));
	world_end(&w);
}
END_TEST

START_TEST(networks)
{
	struct address a;

	world_begin(&w,
	    PROXY "smtpd_upstream_proxy_networks = !10.1.0.0/16, 10.0.0.0/8\n");
	ck_assert(address_parse(SPAN("10.2.0.1"), 1, &a));
	ck_assert(proxy_expected(w.smtpd, &a));
	ck_assert(address_parse(SPAN("10.1.0.1"), 1, &a));
	ck_assert(!proxy_expected(w.smtpd, &a));
	ck_assert(address_parse(SPAN("192.0.2.1"), 1, &a));
	ck_assert(!proxy_expected(w.smtpd, &a));
	world_end(&w);
	world_begin(&w, "");
	ck_assert(!proxy_expected(w.smtpd, &a));
	world_end(&w);
}
END_TEST

#define XCLIENT \
	"smtpd_authorized_xclient_hosts = 127.0.0.1\n" \
	"smtpd_authorized_xforward_hosts = 127.0.0.0/8\n"

static const struct {
	const char *config, *from, *script, *logged;
} talks[] = {
	{ XCLIENT, "127.0.0.1",
	    "> EHLO x\n<+ 250\n"
	    "> XCLIENT NAME=spike.test ADDR=192.0.2.5 PORT=77\n< 220\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n> RCPT TO:<x@elsewhere.test>\n"
	    "< 554 5.7.1 <x@elsewhere.test>: Relay access denied\n",
	    "RCPT from spike.test[192.0.2.5]: 554" },
	{ XCLIENT, "127.0.0.1",
	    "> EHLO x\n<+ 250\n> XCLIENT ADDR=IPV6:2001:db8::1 HELO=h+2Btest "
	    "PROTO=ESMTP\n< 220\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<x@elsewhere.test>\n< 554\n",
	    "RCPT from unknown[2001:db8::1]: 554 5.7.1 <x@elsewhere.test>: "
	    "Relay access denied; from=<a@b.test> to=<x@elsewhere.test> "
	    "proto=ESMTP helo=<h+test>\n" },
	/* localhost has a reverse name, until somebody says otherwise */
	{ XCLIENT "smtpd_sender_restrictions = "
		  "reject_unknown_reverse_client_hostname\n",
	    "127.0.0.1",
	    "> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<x@elsewhere.test>\n< 250\n> RSET\n< 250\n"
	    "> XCLIENT NAME=[UNAVAILABLE]\n< 220\n> HELO x\n< 250\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n> RCPT TO:<x@elsewhere.test>\n"
	    "< 450 4.7.25 Client host rejected: cannot find your reverse "
	    "hostname, [127.0.0.1]\n",
	    "cannot find your reverse hostname" },
	/* the login is the other's */
	{ XCLIENT, "127.0.0.1",
	    "> XCLIENT ADDR=192.0.2.5 LOGIN=joe\n< 220\n> HELO x\n< 250\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n> RCPT TO:<x@elsewhere.test>\n"
	    "< 250\n> XCLIENT ADDR=192.0.2.6\n"
	    "< 503 5.5.1 Error: MAIL transaction in progress\n",
	    ": ABC1: client=unknown[192.0.2.5], sasl_method=XCLIENT, "
	    "sasl_username=joe\n" },
	{ XCLIENT, "127.0.0.1",
	    "> XCLIENT ADDR=192.0.2.300\n< 501 5.5.4 Bad ADDR syntax\n"
	    "> XCLIENT NAME=a+20b\n< 501 5.5.4 Bad NAME syntax\n"
	    "> XCLIENT PORT=x\n< 501 5.5.4 Bad PORT syntax\n"
	    "> XCLIENT PROTO=HTTP\n< 501 5.5.4 Bad PROTO syntax\n"
	    "> XCLIENT FOO=x\n< 501 5.5.4 Bad attribute name: FOO\n"
	    "> XCLIENT\n< 501 5.5.4\n"
	    "> XCLIENT NAME=[UNAVAILABLE] ADDR=[UNAVAILABLE]\n< 220\n",
	    NULL },
	/* a refusal at the door is the other client's too */
	{ XCLIENT "smtpd_client_restrictions = permit_mynetworks, reject\n"
		  "smtpd_delay_reject = no\n",
	    "127.0.0.1", "> XCLIENT ADDR=192.0.2.5\n< 554 5.7.1 ", NULL },
	{ XCLIENT, "192.0.2.9",
	    "> EHLO x\n<+ 250\n> XCLIENT ADDR=127.0.0.1\n"
	    "< 554 5.7.0 Error: insufficient authorization\n"
	    "> XFORWARD ADDR=127.0.0.1\n< 554 5.7.0\n",
	    NULL },
	{ XCLIENT, "127.0.0.2",
	    "> HELO x\n< 250\n> XCLIENT ADDR=1.2.3.4\n< 554\n"
	    "> XFORWARD NAME=spike.test ADDR=192.0.2.5 IDENT=A1B2\n< 250\n"
	    "> XFORWARD HELO=other PROTO=SMTP SOURCE=REMOTE\n< 250\n"
	    "> XFORWARD X=y\n< 501 5.5.4\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n> RCPT TO:<user@here.test>\n"
	    "< 250\n",
	    ": ABC1: client=localhost[127.0.0.2], orig_queue_id=A1B2, "
	    "orig_client=spike.test[192.0.2.5]\n" },
};

START_TEST(talk)
{
	world_begin(&w, talks[_i].config);
	world_connect(&w, talks[_i].from);
	(void)world_line(&w);
	world_talk(&w, talks[_i].script);
	if (talks[_i].logged != NULL)
		world_expect_log(&w, talks[_i].logged);
	world_end(&w);
}
END_TEST

/* What EHLO says, and what the queue is told; the next mail is our own. */
START_TEST(forwarded)
{
	static const char mail[] =
	    "> MAIL FROM:<a@b.test>\n< 250\n> RCPT TO:<user@here.test>\n< 250\n"
	    "> DATA\n< 354\n> x\n> .\n< 250\n";

	world_begin(&w, XCLIENT);
	world_connect(&w, "127.0.0.1");
	world_send(&w, SPAN("EHLO x\r\n"));
	world_settle(&w);
	ck_assert(span_search(buf_span(&w.got),
		      SPAN("-XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT "
			   "LOGIN DESTADDR DESTPORT\r\n250")) < w.got.n);
	ck_assert(span_search(buf_span(&w.got),
		      SPAN(" XFORWARD NAME ADDR PROTO HELO SOURCE PORT "
			   "IDENT\r\n")) < w.got.n);
	buf_clear(&w.got);
	world_talk(&w,
	    "> XFORWARD NAME=spike.test ADDR=192.0.2.5 HELO=h PROTO=SMTP\n"
	    "< 250\n");
	world_talk(&w, mail);
	world_talk(&w, mail);
	ck_assert(span_search(buf_span(&w.messages[0].envelope),
		      SPAN("client=spike.test[192.0.2.5]\nhelo=h\n"
			   "proto=SMTP\n")) < w.messages[0].envelope.n);
	ck_assert(span_search(buf_span(&w.messages[1].envelope),
		      SPAN("client=localhost[127.0.0.1]\nhelo=x\n"
			   "proto=ESMTP\n")) < w.messages[1].envelope.n);
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, line);
	tcase_add_test(t, itself);
	tcase_add_loop_test(t, refused, 0, UNIT_COUNT(bad));
	tcase_add_test(t, networks);
	tcase_add_loop_test(t, talk, 0, UNIT_COUNT(talks));
	tcase_add_test(t, forwarded);
}

int
main(void)
{
	return unit_main("smtpd/proxy", fill);
}
