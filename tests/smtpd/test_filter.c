/* test_filter.c - smtpd_proxy_filter: conversations with a filter whose lines
 * all stand there before it is asked anything */

#include "smtpd/filter_mail.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/why.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;
static const char *says; /* NULL: nobody is there */
static bool goes; /* it hangs up behind its lines */
static int filters[8];
static unsigned dials;

static int
dial(struct span target)
{
	int fds[2];

	ck_assert(span_is(target, "inet:filter.test:10025"));
	if (says == NULL)
		return -1;
	ck_assert(dials < 8);
	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	ck_assert_int_eq(
	    write(fds[1], says, strlen(says)), (ssize_t)strlen(says));
	if (goes)
		ck_assert_int_eq(shutdown(fds[1], SHUT_WR), 0);
	filters[dials++] = fds[1];
	return fds[0];
}

/* All that a filter was told, CR left out. */
static void
heard(unsigned which, struct buf *out)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(filters[which], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] != '\r')
				buf_add_byte(out, bytes[i]);
}

#define ON    "smtpd_proxy_filter = filter.test:10025\n"
#define LATER ON "smtpd_proxy_options = speed_adjust\n"
#define FINE  "220 f\n250 f\n250 mail\n250 rcpt\n354 go\n250 2.0.0 mine\n221 b\n"
#define ASKED \
	"EHLO mail.here.test\nMAIL FROM:<a@b.test>\n" \
	"RCPT TO:<user@here.test>\nDATA\nReceived: from x "
#define MAIL "> MAIL FROM:<a@b.test>\n< 250 2.1.0\n"
#define RCPT "> RCPT TO:<user@here.test>\n"
#define OKAY "< 250 2.1.5\n"
#define DATA "> DATA\n< 354\n> Subject: s\n> \n> ..x\n> .\n"

static const struct row {
	const char *config, *from, *says, *script;
	const char *begins, *ends; /* what it hears; NULL: any */
} rows[] = {
	{ ON, "192.0.2.9", FINE,
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY DATA "< 250 2.0.0 mine\n",
	    ASKED, "\nSubject: s\n\n..x\n.\nQUIT\n" },
	{ LATER, "192.0.2.9", FINE,
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY DATA "< 250 2.0.0 mine\n",
	    ASKED, "\nSubject: s\n\n..x\n.\nQUIT\n" },
	/* what PREPEND adds */
	{ ON "smtpd_recipient_restrictions = check_recipient_access hash:/t\n",
	    "192.0.2.9", FINE,
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY DATA "< 250\n", NULL,
	    "\nX-Pre: 1\nSubject: s\n\n..x\n.\nQUIT\n" },
	/* who the client is, in as many lines as it takes */
	{ ON "smtpd_authorized_xforward_hosts = 127.0.0.1\n", "127.0.0.1",
	    "220 f\n250-f\n250-SIZE\n250-DSN\n250-8BITMIME\n"
	    "250 XFORWARD NAME ADDR PROTO HELO SOURCE IDENT\n250 ok\n250 m\n"
	    "250 r\n",
	    "> EHLO x\n<+ 250\n"
	    "> XFORWARD ADDR=2001:db8::1 HELO=q IDENT=ABC\n< 250\n"
	    "> MAIL FROM:<a@b.test> SIZE=7 BODY=8BITMIME RET=HDRS ENVID=e+2B\n"
	    "< 250\n"
	    "> RCPT TO:<user@here.test> NOTIFY=SUCCESS,DELAY "
	    "ORCPT=rfc822;o+2B@x.test\n< 250\n",
	    "EHLO mail.here.test\nXFORWARD NAME=localhost "
	    "ADDR=IPv6:2001:db8::1 PROTO=ESMTP HELO=q IDENT=ABC SOURCE=LOCAL\n"
	    "MAIL FROM:<a@b.test> SIZE=7 BODY=8BITMIME RET=HDRS ENVID=e+2B\n"
	    "RCPT TO:<user@here.test> NOTIFY=SUCCESS,DELAY "
	    "ORCPT=rfc822;o+2B@x.test\n",
	    NULL },
	/* a filter that offers nothing */
	{ ON "smtpd_proxy_ehlo = other.test\n", "192.0.2.9",
	    "220 f\n500 what\n250 f\n250 m\n250 r\n",
	    "> EHLO x\n<+ 250\n"
	    "> MAIL FROM:<a@b.test> SIZE=7 BODY=8BITMIME RET=HDRS SMTPUTF8\n"
	    "< 250\n> RCPT TO:<user@here.test> NOTIFY=NEVER\n< 250\n",
	    "EHLO other.test\nHELO other.test\n"
	    "MAIL FROM:<a@b.test> SMTPUTF8\nRCPT TO:<user@here.test>\n",
	    NULL },
	/* what it must not be asked for */
	{ ON "authorized_verp_clients = 127.0.0.1\n", "127.0.0.1", "",
	    "> EHLO x\n<+ 250\n> MAIL FROM:<a@b.test> XVERP\n< 555\n"
	    "> MAIL FROM:<a@b.test> REQUIRETLS\n< 555\n",
	    NULL, NULL },
	/* its refusals */
	{ ON, "192.0.2.9",
	    "220 f\n250 f\n250 m\n550 5.1.1 no\n450-4.2.1 not\n450 4.2.1 now\n"
	    "250 r\n421 4.3.2 bye\n554 5.3.0 no data\n",
	    "> EHLO x\n<+ 250\n" MAIL RCPT "< 550 5.1.1 no\n" RCPT
	    "< 450-4.2.1 not\n< 450 4.2.1 now\n" RCPT OKAY RCPT
	    "< 451 4.3.0 bye\n> NOOP\n< 250\n> DATA\n< 554 5.3.0 no data\n",
	    "EHLO mail.here.test\nMAIL FROM:<a@b.test>\n"
	    "RCPT TO:<user@here.test>\nRCPT TO:<user@here.test>\n"
	    "RCPT TO:<user@here.test>\nRCPT TO:<user@here.test>\nDATA\n",
	    NULL },
	{ ON, "192.0.2.9", "220 f\n250 f\n553 5.1.8 not you\n",
	    "> EHLO x\n<+ 250\n" MAIL RCPT "< 553 5.1.8 not you\n",
	    "EHLO mail.here.test\nMAIL FROM:<a@b.test>\nQUIT\n", NULL },
	/* no answers at all */
	{ ON, "192.0.2.9", NULL,
	    "> EHLO x\n<+ 250\n" MAIL RCPT "< 451 4.3.0 Error: queue\n" RCPT
	    "< 451\n> NOOP\n< 250\n",
	    NULL, NULL },
	{ LATER, "192.0.2.9", NULL,
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY DATA
	    "< 451 4.3.0 Error: queue\n",
	    NULL, NULL },
	{ ON, "192.0.2.9", "554 5.3.2 closed\n",
	    "> EHLO x\n<+ 250\n" MAIL RCPT "< 451 4.3.0 Error\n", NULL, NULL },
	{ ON, "192.0.2.9", "220 f\n250 f\n250 m\n250 r\n250 no 354\n",
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY "> DATA\n< 451 4.3.0\n", NULL,
	    NULL },
	{ ON, "192.0.2.9", "220 f\n250 f\n250 m\n250 r\n354 go\n354 again\n",
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY DATA "< 451 4.3.0\n", NULL,
	    NULL },
	{ ON, "192.0.2.9", "220 f\n250 f\n250 m\n250 r\n354 go\nHTTP/1.0 200\n",
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY DATA "< 451 4.3.0\n", NULL,
	    NULL },
	{ LATER, "192.0.2.9", "220 f\n250 f\n250 m\n250 r\n354 go\n199 what\n",
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY DATA "< 451 4.3.0\n", NULL,
	    NULL },
	/* one recipient of two */
	{ LATER, "192.0.2.9", "220 f\n250 f\n250 m\n250 r\n550 5.1.1 not her\n",
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY RCPT OKAY DATA
	    "< 550 5.1.1 not her\n",
	    "EHLO mail.here.test\nMAIL FROM:<a@b.test>\n"
	    "RCPT TO:<user@here.test>\nRCPT TO:<user@here.test>\nQUIT\n",
	    NULL },
	/* what is refused or dropped here has no end there */
	{ ON "smtpd_end_of_data_restrictions = reject\n", "192.0.2.9", FINE,
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY DATA "< 554 5.7.1\n", NULL,
	    "\nDATA\n" },
	{ ON "message_size_limit = 20\n", "192.0.2.9", FINE,
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY
	    "> DATA\n< 354\n> Subject: longer than that\n> .\n< 552 5.3.4\n",
	    NULL, "\nDATA\n" },
	{ ON, "192.0.2.9", FINE,
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY "> RSET\n< 250\n",
	    "EHLO mail.here.test\nMAIL FROM:<a@b.test>\n"
	    "RCPT TO:<user@here.test>\nQUIT\n",
	    NULL },
	/* in chunks */
	{ ON, "192.0.2.9", FINE,
	    "> EHLO x\n<+ 250\n" MAIL RCPT OKAY
	    "> BDAT 14\n> Subject: s\n> \n< 250 2.0.0\n"
	    "> BDAT 4 LAST\n> .y\n< 250 2.0.0 mine\n",
	    ASKED, "\nSubject: s\n\n..y\n.\nQUIT\n" },
};

static const struct world_row tables[] = {
	{ "hash:/t user@here.test", "PREPEND X-Pre: 1" }, { NULL, NULL }
};

static void
check_heard(const struct row *r)
{
	struct buf all = BUF_EMPTY;

	if (dials > 0)
		heard(0, &all);
	if (r->begins != NULL)
		ck_assert_msg(span_starts(buf_span(&all), r->begins),
		    "heard: %s", buf_str(&all));
	if (r->ends != NULL)
		ck_assert_msg(span_ends(buf_span(&all), r->ends), "heard: %s",
		    buf_str(&all));
	buf_free(&all);
}

static void
close_all(void)
{
	while (dials > 0)
		close(filters[--dials]);
}

static void
play(const struct row *r, bool hangs_up)
{
	dials = 0;
	says = r->says;
	goes = hangs_up;
	world_begin(&w, r->config);
	w.dial = dial;
	w.tables = tables;
	world_connect(&w, r->from);
	world_talk(&w, "< 220\n");
	world_talk(&w, r->script);
	world_settle(&w);
	check_heard(r);
	for (size_t i = 0; i < w.message_count; i++) /* none is in the queue */
		ck_assert(!w.messages[i].committed);
	close_all();
	world_end(&w);
}

START_TEST(talk)
{
	play(&rows[_i], false);
}
END_TEST

/* The same from one that has gone when its last line is read. */
START_TEST(gone)
{
	if (rows[_i].says != NULL)
		play(&rows[_i], true);
}
END_TEST

START_TEST(options)
{
	struct why why;
	struct smtpd_conf conf = { .smtpd_proxy_filter = " ",
		.smtpd_proxy_options = "speed_adjust, quick",
		.smtpd_milters = "" };
	struct smtpd s = { .conf = &conf };

	why_init(&why);
	ck_assert(!filter_conf(&s, &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "quick"));
	conf.smtpd_proxy_options = "Speed_Adjust";
	ck_assert(filter_conf(&s, &why));
	ck_assert(!s.filter);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, talk, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, gone, 0, UNIT_COUNT(rows));
	tcase_add_test(t, options);
}

int
main(void)
{
	return unit_main("smtpd/filter", fill);
}
