/* test_service.c - check_policy_service: what is asked, and of whom */

#include "smtpd/policy_reply.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "os/sock.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const struct {
	const char *in;
	enum policy_reply_result result;
	const char *action; /* of OK */
} replies[] = {
	{ "action=DUNNO\n\n", POLICY_REPLY_OK, "DUNNO" },
	{ "action=450 4.2.0 greylisted, come back\n\n", POLICY_REPLY_OK,
	    "450 4.2.0 greylisted, come back" },
	{ "action = OK \r\n\r\n", POLICY_REPLY_OK, "OK" },
	{ "other=x\naction=REJECT\naction=OK\n\n", POLICY_REPLY_OK, "REJECT" },
	{ "action=PREPEND X: a=b\n\nmore", POLICY_REPLY_OK, "PREPEND X: a=b" },
	{ "", POLICY_REPLY_MORE, NULL },
	{ "action=DUNNO\n", POLICY_REPLY_MORE, NULL },
	{ "\n", POLICY_REPLY_BAD, NULL },
	{ "action=\n\n", POLICY_REPLY_BAD, NULL },
	{ "DUNNO\n\n", POLICY_REPLY_BAD, NULL },
	{ "result=OK\n\n", POLICY_REPLY_BAD, NULL },
};

START_TEST(reply)
{
	struct span in = span_str(replies[_i].in), action;
	size_t used;

	ck_assert_int_eq(
	    policy_reply_parse(in, &used, &action), replies[_i].result);
	if (replies[_i].result != POLICY_REPLY_OK)
		return;
	ck_assert(span_is(action, replies[_i].action));
	/* cut at any byte, it is not yet there */
	for (size_t n = 0; n < used; n++)
		ck_assert_int_eq(
		    policy_reply_parse(span_head(in, n), &used, &action),
		    POLICY_REPLY_MORE);
}
END_TEST

START_TEST(reply_endless)
{
	char *text = mem_new(POLICY_REPLY_MAX + 1);
	struct span action;
	size_t used;

	memset(text, 'a', POLICY_REPLY_MAX);
	ck_assert_int_eq(
	    policy_reply_parse(span_of(text, POLICY_REPLY_MAX), &used, &action),
	    POLICY_REPLY_BAD);
	text[10] = '\0';
	ck_assert_int_eq(
	    policy_reply_parse(SPAN("action=a\0b\n\n"), &used, &action),
	    POLICY_REPLY_BAD);
	free(text);
}
END_TEST

START_TEST(settings)
{
	struct arena *a = arena_new();
	struct smtpd_conf conf = { .smtpd_policy_service_timeout = 100,
		.smtpd_policy_service_default_action = "DUNNO",
		.smtpd_policy_service_try_limit = 2 };
	struct policy_spec spec;
	struct why why;

	why_init(&why);
	ck_assert(policy_spec_parse(
	    SPAN("unix:private/policy"), &conf, a, &spec, &why));
	ck_assert_str_eq(spec.target, "unix:private/policy");
	ck_assert_int_eq(spec.timeout_ms, 100000);
	ck_assert_uint_eq(spec.try_limit, 2);
	ck_assert(policy_spec_parse(
	    SPAN("{ inet:[::1]:9, timeout = 10s, {default_action = 450 a, b},"
		 " policy_context=in, max_idle=1m, max_ttl=2m, retry_delay=0,"
		 " try_limit=1, request_limit=7 }"),
	    &conf, a, &spec, &why));
	ck_assert_str_eq(spec.target, "inet:[::1]:9");
	ck_assert_str_eq(spec.default_action, "450 a, b");
	ck_assert_str_eq(spec.context, "in");
	ck_assert_int_eq(spec.timeout_ms, 10000);
	ck_assert_int_eq(spec.idle_ms, 60000);
	ck_assert_int_eq(spec.life_ms, 120000);
	ck_assert_int_eq(spec.retry_ms, 0);
	ck_assert_uint_eq(spec.try_limit, 1);
	ck_assert_uint_eq(spec.request_limit, 7);
	why_free(&why);
	arena_free(&a);
}
END_TEST

/* A policy server: what it was asked, what it says. */
enum { PEERS = 8 };

static struct {
	int fds[PEERS];
	unsigned dials, refuse; /* refuse so many at first */
	struct buf target;
} peer;

static int
dial(struct span target)
{
	int fds[2];

	buf_clear(&peer.target);
	buf_add_span(&peer.target, target);
	ck_assert_uint_lt(peer.dials, PEERS);
	peer.fds[peer.dials++] = -1;
	if (peer.refuse > 0) {
		peer.refuse--;
		return -1;
	}
	ck_assert_int_eq(sock_pair(SOCK_STREAM, true, fds), 0);
	peer.fds[peer.dials - 1] = fds[0];
	return fds[1];
}

/* What the server at that dial was asked; in out. */
static void
asked(unsigned at, struct buf *out)
{
	buf_clear(out);
	for (int i = 0; i < 3000; i++) {
		ssize_t n = -1;

		if (at < peer.dials && peer.fds[at] != -1)
			n = read(peer.fds[at], buf_room(out, 8192), 8192);
		if (n > 0)
			out->n += (size_t)n;
		if (span_ends(buf_span(out), "\n\n"))
			return;
		ck_assert_int_ne(n, 0);
		world_run(&w, 1);
	}
	ck_abort_msg("not asked");
}

static void
say(unsigned at, const char *text)
{
	ssize_t n = (ssize_t)strlen(text);

	ck_assert_int_eq(write(peer.fds[at], text, (size_t)n), n);
	world_settle(&w);
}

static void
hang_up(unsigned at)
{
	close(peer.fds[at]);
	peer.fds[at] = -1;
	world_settle(&w);
}

/* A reply comes, in the end. */
static void
expect(const char *line)
{
	for (int i = 0; i < 3000 && w.got.n == 0; i++)
		world_run(&w, 1);
	ck_assert_msg(span_starts(buf_span(&w.got), line), "not %s: %.*s", line,
	    (int)w.got.n, w.got.p);
	(void)world_line(&w);
}

static void
begin(const char *config)
{
	memset(&peer, 0, sizeof(peer));
	world_begin(&w, config);
	w.dial = dial;
	world_connect(&w, "192.0.2.9");
	world_talk(
	    &w, "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n");
}

static void
end(void)
{
	for (unsigned i = 0; i < peer.dials; i++)
		if (peer.fds[i] != -1)
			close(peer.fds[i]);
	buf_free(&peer.target);
	world_end(&w);
}

static void
rcpt(const char *address)
{
	char *line = mem_printf("RCPT TO:<%s>\r\n", address);

	world_send(&w, span_str(line));
	free(line);
}

#define SERVICE \
	"smtpd_recipient_restrictions = check_policy_service " \
	"inet:policy.test:10023\n"

static const char request_want[] =
    "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=SMTP\n"
    "client_address=192.0.2.9\nclient_name=unknown\nclient_port=1234\n"
    "reverse_client_name=unknown\nserver_address=\nserver_port=0\n"
    "helo_name=x\nsender=a@b.test\nrecipient=user@here.test\n"
    "recipient_count=0\nqueue_id=\ninstance=";
static const char request_end[] =
    "\nsize=0\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\n"
    "sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
    "ccert_pubkey_fingerprint=\nencryption_protocol=\nencryption_cipher=\n"
    "encryption_keysize=0\npolicy_context=outside\n\n";

/* One connection serves for all, as long as it may. */
START_TEST(asks)
{
	struct buf got = BUF_EMPTY;

	begin(SERVICE "smtpd_policy_service_policy_context = outside\n"
		      "smtpd_policy_service_request_limit = 2\n");
	rcpt("user@here.test");
	asked(0, &got);
	ck_assert(span_is(buf_span(&peer.target), "inet:policy.test:10023"));
	ck_assert_msg(span_starts(buf_span(&got), request_want), "%.*s",
	    (int)got.n, got.p);
	ck_assert_msg(
	    span_ends(buf_span(&got), request_end), "%.*s", (int)got.n, got.p);
	say(0, "action=DUNNO\n\n");
	expect("250 2.1.5");
	rcpt("user2@here.test");
	asked(0, &got);
	ck_assert(
	    span_search(buf_span(&got), SPAN("\nqueue_id=ABC1\n")) < got.n);
	say(0, "action=554 5.7.7 not today\n\n");
	expect("554 5.7.7 <user2@here.test>: Recipient address rejected: not "
	       "today\r\n");
	/* the connection has had its two */
	rcpt("user3@here.test");
	asked(1, &got);
	say(1, "action=DEFER_IF_PERMIT 4.2.0 greylisted\n\n");
	expect("450 4.2.0 <user3@here.test>: Recipient address rejected: "
	       "greylisted\r\n");
	buf_free(&got);
	end();
}
END_TEST

/* What stands in the DATA stage: how many there are, and which if it is one. */
START_TEST(asks_at_data)
{
	struct buf got = BUF_EMPTY;

	begin("smtpd_data_restrictions = check_policy_service unix:p\n"
	      "smtpd_end_of_data_restrictions = check_policy_service unix:p\n");
	rcpt("user@here.test");
	expect("250");
	world_send(&w, SPAN("DATA\r\n"));
	asked(0, &got);
	ck_assert(span_search(buf_span(&got), SPAN("\nprotocol_state=DATA\n")) <
	    got.n);
	ck_assert(span_search(buf_span(&got),
		      SPAN("\nrecipient=user@here.test\nrecipient_count=1\n")) <
	    got.n);
	say(0, "action=OK\n\n");
	expect("354");
	world_send(&w, SPAN("hello\r\n.\r\n"));
	asked(0, &got);
	ck_assert(span_search(buf_span(&got),
		      SPAN("\nprotocol_state=END-OF-MESSAGE\n")) < got.n);
	ck_assert(span_search(buf_span(&got), SPAN("\nsize=6\n")) < got.n);
	say(0, "action=PREPEND X-Seen: yes\n\n");
	expect("250 2.0.0 Ok: queued as ABC1");
	ck_assert(span_search(buf_span(&w.messages[0].edits),
		      SPAN("X-Seen: yes\n")) < w.messages[0].edits.n);
	buf_free(&got);
	end();
}
END_TEST

/* A server that closes an idle connection costs no try; one that fails is asked
 * again, and then the default action stands. */
START_TEST(retries)
{
	struct buf got = BUF_EMPTY;

	begin(SERVICE "smtpd_policy_service_retry_delay = 0\n"
		      "smtpd_policy_service_default_action = 451 4.3.5 down\n");
	rcpt("user@here.test");
	asked(0, &got);
	say(0, "action=DUNNO\n\n");
	expect("250");
	hang_up(0);
	rcpt("user1@here.test");
	asked(1, &got);
	hang_up(1);
	asked(2, &got);
	say(2, "nonsense\n\n");
	expect("451 4.3.5 <user1@here.test>: Recipient address rejected: "
	       "down\r\n");
	world_expect_log(&w,
	    "warning: problem talking to server inet:policy.test:10023: "
	    "malformed reply\n");
	peer.refuse = 2;
	rcpt("user2@here.test");
	expect("451 4.3.5");
	world_expect_log(&w,
	    "problem talking to server inet:policy.test:10023: connect to "
	    "inet:policy.test:10023: Connection refused\n");
	ck_assert_uint_eq(peer.dials, 5);
	buf_free(&got);
	end();
}
END_TEST

/* A slow server holds only its own session. */
START_TEST(slow)
{
	struct buf got = BUF_EMPTY;

	begin(SERVICE "smtpd_policy_service_timeout = 1s\n"
		      "smtpd_policy_service_try_limit = 1\n"
		      "smtpd_policy_service_default_action = DUNNO\n");
	rcpt("user@here.test");
	asked(0, &got);
	ck_assert_uint_eq(w.got.n, 0);
	world_connect(&w, "192.0.2.9");
	world_talk(
	    &w, "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n");
	rcpt("user@here.test");
	asked(1, &got);
	expect("250"); /* after a second, without the server */
	world_expect_log(&w, "10023: Connection timed out\n");
	buf_free(&got);
	end();
}
END_TEST

/* max_idle and max_ttl */
START_TEST(rests)
{
	struct buf got = BUF_EMPTY;

	begin("smtpd_recipient_restrictions = check_policy_service "
	      "{ inet:p:1, max_idle = 0 }, check_policy_service "
	      "{ inet:p:1, max_ttl = 0 }\n");
	rcpt("user@here.test");
	asked(0, &got);
	say(0, "action=DUNNO\n\n");
	asked(1, &got);
	say(1, "action=DUNNO\n\n");
	expect("250");
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(
		    read(peer.fds[i], buf_room(&got, 100), 100), 0);
	buf_free(&got);
	end();
}
END_TEST

/* The same of main.cf, for all servers; otherwise the connection stays. */
static const struct {
	const char *config;
	bool stays;
} rested[] = {
	{ "", true },
	{ "smtpd_policy_service_max_idle = 0\n", false },
	{ "smtpd_policy_service_max_ttl = 0\n", false },
};

START_TEST(rests_all)
{
	struct buf got = BUF_EMPTY;
	char *config = mem_printf("smtpd_recipient_restrictions = "
				  "check_policy_service inet:p:1\n%s",
	    rested[_i].config);

	begin(config);
	rcpt("user@here.test");
	asked(0, &got);
	say(0, "action=DUNNO\n\n");
	expect("250");
	ck_assert_int_eq(read(peer.fds[0], buf_room(&got, 100), 100),
	    rested[_i].stays ? -1 : 0);
	buf_free(&got);
	free(config);
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, reply, 0, UNIT_COUNT(replies));
	tcase_add_test(t, reply_endless);
	tcase_add_test(t, settings);
	tcase_add_test(t, asks);
	tcase_add_test(t, asks_at_data);
	tcase_add_test(t, retries);
	tcase_add_test(t, slow);
	tcase_add_test(t, rests);
	tcase_add_loop_test(t, rests_all, 0, UNIT_COUNT(rested));
}

int
main(void)
{
	return unit_main("smtpd/service", fill);
}
