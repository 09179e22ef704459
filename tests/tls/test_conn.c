/* test_conn.c - tls/conn.h: two of them on a socket pair, plain and TLS */

#include "tls/conn.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tests/tls/keys.h"
#include "tests/unit.h"
#include "tls/tls_client.h"

struct side {
	struct conn *conn;
	struct buf got;
	bool secured, drained, ended, keep;
	enum conn_end how;
	void (*on_input)(struct side *side);
	struct side *other;
};

static struct loop *loop;

static void
side_input(void *arg)
{
	struct side *s = arg;

	if (s->on_input != NULL) {
		s->on_input(s);
		return;
	}
	if (s->keep)
		return;
	buf_add_span(&s->got, conn_input(s->conn));
	conn_take(s->conn, conn_input(s->conn).n);
}

static void
side_secured(void *arg)
{
	((struct side *)arg)->secured = true;
}

static void
side_drained(void *arg)
{
	((struct side *)arg)->drained = true;
}

static void
side_ended(void *arg, enum conn_end how)
{
	struct side *s = arg;

	ck_assert(!s->ended);
	s->ended = true;
	s->how = how;
}

static const struct conn_calls calls = {
	.input = side_input,
	.secured = side_secured,
	.drained = side_drained,
	.ended = side_ended,
};

/* Run the loop until *done, or until a second has gone by. */
static void
tick(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static bool
run_until(const bool *done)
{
	struct loop_timer *t = loop_timer_new(loop, tick, NULL);

	for (int i = 0; i < 500 && !*done; i++) {
		loop_timer_set(t, 2);
		loop_run(loop);
	}
	loop_timer_free(&t);
	return *done;
}

/* Let all that is on its way arrive. */
static void
settle(void)
{
	struct loop_timer *t = loop_timer_new(loop, tick, NULL);

	for (int i = 0; i < 10; i++) {
		loop_timer_set(t, 1);
		loop_run(loop);
	}
	loop_timer_free(&t);
}

static void
pair(struct side *a, struct side *b)
{
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	loop = loop_new();
	ck_assert_int_eq(sock_pair(SOCK_STREAM, true, fds), 0);
	*a = *b = (struct side){ .conn = NULL };
	a->conn = conn_new(loop, fds[0], &calls, a);
	b->conn = conn_new(loop, fds[1], &calls, b);
	a->other = b;
	b->other = a;
}

static void
unpair(struct side *a, struct side *b)
{
	conn_free(&a->conn);
	conn_free(&b->conn);
	settle(); /* what was let go ends too */
	buf_free(&a->got);
	buf_free(&b->got);
	loop_free(&loop);
}

START_TEST(plain)
{
	struct side a, b;

	pair(&a, &b);
	conn_printf(a.conn, "%s\r\n", "hello");
	settle();
	ck_assert_uint_eq(b.got.n, 0); /* not before the flush */
	ck_assert_uint_eq(conn_waiting(a.conn), 7);
	conn_flush(a.conn);
	settle();
	ck_assert(span_is(buf_span(&b.got), "hello\r\n"));
	conn_finish(&a.conn);
	ck_assert(run_until(&b.ended));
	ck_assert_int_eq(b.how, CONN_EOF);
	unpair(&a, &b);
}
END_TEST

static void
fill_up(struct side *s, size_t n)
{
	struct buf block = BUF_EMPTY;

	for (size_t i = 0; i < n; i++)
		buf_add_byte(&block, (char)(i * 7 + i / 251));
	conn_write(s->conn, buf_span(&block));
	conn_flush(s->conn);
	buf_free(&block);
}

static void
check_pattern(const struct buf *got, size_t n)
{
	size_t same = 0;

	ck_assert_uint_eq(got->n, n);
	/* one assertion for all: each is a message to the parent process */
	while (same < n && got->p[same] == (char)(same * 7 + same / 251))
		same++;
	ck_assert_uint_eq(same, n);
}

/* A reader that stops stops the writer; all comes when it goes on. */
START_TEST(back_pressure)
{
	enum { SIZE = 3000000 };
	struct side a, b;

	pair(&a, &b);
	b.keep = true;
	fill_up(&a, SIZE);
	settle();
	ck_assert(conn_full(a.conn));
	ck_assert(!a.drained);
	ck_assert_uint_ge(conn_input(b.conn).n, CONN_INPUT_MAX);
	ck_assert_uint_le(conn_input(b.conn).n, CONN_INPUT_MAX + 16384);
	b.keep = false;
	side_input(&b);
	ck_assert(run_until(&a.drained));
	settle();
	check_pattern(&b.got, SIZE);
	conn_pause(b.conn, true);
	fill_up(&a, 10);
	settle();
	ck_assert_uint_eq(b.got.n, SIZE);
	conn_pause(b.conn, false);
	settle();
	ck_assert_uint_eq(b.got.n, SIZE + 10);
	unpair(&a, &b);
}
END_TEST

/* Called when nothing can be written as yet: make room behind the loop's
 * back, and leave it to the connection to find out. */
static void
other_reads_all(struct side *s)
{
	char p[65536];
	int fd = tls_stream_fd(conn_stream(s->other->conn));

	conn_take(s->conn, conn_input(s->conn).n);
	while (recv(fd, p, sizeof(p), MSG_DONTWAIT) > 0)
		;
}

/* The rest may go out with whatever callback comes first; it is told all the
 * same. */
START_TEST(drained_by_another_event)
{
	struct side a, b;

	pair(&a, &b);
	b.keep = true;
	a.on_input = other_reads_all;
	conn_pause(b.conn, true);
	fill_up(&a, 1000);
	while (conn_waiting(a.conn) == 0)
		fill_up(&a, 1000);
	ck_assert(!a.drained);
	fill_up(&b, 1);
	ck_assert(run_until(&a.drained));
	ck_assert_uint_eq(conn_waiting(a.conn), 0);
	unpair(&a, &b);
}
END_TEST

/* What waits at conn_finish() still goes out, also against a peer that sends
 * without end. */
START_TEST(finish_sends_the_rest)
{
	enum { SIZE = 1000000 };
	struct side a, b;

	pair(&a, &b);
	fill_up(&b, SIZE);
	settle();
	conn_pause(a.conn, true);
	fill_up(&b, SIZE);
	fill_up(&a, SIZE);
	ck_assert(conn_waiting(a.conn) > 0);
	conn_finish(&a.conn);
	ck_assert_ptr_null(a.conn);
	ck_assert(run_until(&b.ended));
	check_pattern(&b.got, SIZE);
	unpair(&a, &b);
}
END_TEST

static void
free_in_callback(struct side *s)
{
	conn_free(&s->conn);
}

static void
free_other(struct side *s)
{
	conn_free(&s->other->conn);
	conn_take(s->conn, conn_input(s->conn).n);
}

static void
finish_in_callback(struct side *s)
{
	conn_take(s->conn, 1);
	conn_printf(s->conn, "bye");
	conn_finish(&s->conn);
}

START_TEST(callbacks_may_free)
{
	struct side a, b;

	pair(&a, &b);
	b.on_input = free_in_callback;
	fill_up(&a, 5);
	ck_assert(run_until(&a.ended));
	unpair(&a, &b);

	pair(&a, &b);
	b.on_input = free_other;
	fill_up(&a, 5);
	ck_assert(run_until(&b.ended));
	ck_assert_ptr_null(a.conn);
	unpair(&a, &b);

	pair(&a, &b);
	b.on_input = finish_in_callback;
	fill_up(&a, 5);
	ck_assert(run_until(&a.ended));
	ck_assert(span_is(buf_span(&a.got), "bye"));
	unpair(&a, &b);
}
END_TEST

START_TEST(write_to_a_closed_peer)
{
	struct side a, b;

	pair(&a, &b);
	conn_free(&b.conn);
	fill_up(&a, 10);
	ck_assert(!a.ended); /* never at once */
	ck_assert(run_until(&a.ended));
	fill_up(&a, 10);
	unpair(&a, &b);
}
END_TEST

START_TEST(detach)
{
	struct side a, b;
	int fd;

	pair(&a, &b);
	fd = conn_detach(&a.conn);
	ck_assert_ptr_null(a.conn);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	settle();
	ck_assert(span_is(buf_span(&b.got), "x"));
	close(fd);
	unpair(&a, &b);
}
END_TEST

static const struct {
	const char *kind;
	const char *client_protocols;
	const char *name; /* asked for */
	bool authority;
	const char *info;
	enum tls_trust trust;
} handshakes[] = {
	{ "rsa", "", "", false, "TLSv1.3 with cipher ", TLS_UNTRUSTED },
	{ "ec", "", "", false, "TLSv1.3 with cipher ", TLS_UNTRUSTED },
	{ "rsa", "<=TLSv1.2", "", false, "TLSv1.2 with cipher ECDHE-RSA",
	    TLS_UNTRUSTED },
	{ "ec", "!TLSv1.3", "", false, "TLSv1.2 with cipher ECDHE-ECDSA",
	    TLS_UNTRUSTED },
	{ "rsa", "TLSv1.2 TLSv1.3", "", true, "TLSv1.3", TLS_TRUSTED },
	{ "ec", "", "mail.test", true, "TLSv1.3", TLS_VERIFIED },
	{ "ec", "", "other.test", true, "TLSv1.3", TLS_UNTRUSTED },
};

static struct tls_context *
client_context(const char *kind, const char *protocols, bool authority)
{
	char *ca = authority ? mem_printf("tests/data/tls/%s.crt", kind) : NULL;
	struct tls_client_conf conf = { .protocols = protocols,
		.ciphers = "medium",
		.exclude_ciphers = "",
		.ca_file = ca,
		.ca_path = "" };
	struct why why;
	struct tls_context *t;

	why_init(&why);
	t = tls_client_new(&conf, NULL, &why);
	ck_assert_msg(t != NULL, "%s", why_text(&why));
	why_free(&why);
	free(ca);
	return t;
}

START_TEST(handshake)
{
	struct keys keys;
	struct tls_context *server, *client;
	struct span name = span_str(handshakes[_i].name);
	struct tls_want names = {
		.server_name = name, .names = &name, .name_count = name.n > 0
	};
	struct buf info = BUF_EMPTY;
	struct side a, b;

	pair(&a, &b);
	server = keys_context(&keys, handshakes[_i].kind);
	client = client_context(handshakes[_i].kind,
	    handshakes[_i].client_protocols, handshakes[_i].authority);
	/* plaintext behind the command is dropped, before and after */
	b.keep = true;
	fill_up(&a, 20);
	settle();
	ck_assert_uint_eq(conn_input(b.conn).n, 20);
	conn_write(b.conn, SPAN("220 go\r\n"));
	conn_tls_accept(b.conn, server);
	ck_assert_uint_eq(conn_input(b.conn).n, 0);
	tls_context_free(&server); /* the connection holds it */
	settle();
	ck_assert(span_is(buf_span(&a.got), "220 go\r\n"));
	buf_clear(&a.got);
	ck_assert(conn_tls_connect(a.conn, client, &names));
	ck_assert(run_until(&a.secured));
	ck_assert(run_until(&b.secured));
	ck_assert(conn_is_tls(a.conn) && conn_is_tls(b.conn));
	ck_assert_uint_eq(conn_input(b.conn).n, 0);
	tls_stream_info(conn_stream(b.conn), &info);
	ck_assert_msg(span_starts(buf_span(&info), handshakes[_i].info), "%s",
	    buf_str(&info));
	ck_assert_int_eq(
	    tls_stream_trust(conn_stream(a.conn)), handshakes[_i].trust);
	ck_assert_int_eq(tls_stream_trust(conn_stream(b.conn)), TLS_ANONYMOUS);
	ck_assert(span_eq(tls_stream_server_name(conn_stream(b.conn)), name));
	b.keep = false;
	fill_up(&a, 200000);
	settle();
	check_pattern(&b.got, 200000);
	conn_write(b.conn, SPAN("bye"));
	conn_finish(&b.conn);
	ck_assert(run_until(&a.ended));
	ck_assert_int_eq(a.how, CONN_EOF);
	ck_assert(span_is(buf_span(&a.got), "bye"));
	buf_free(&info);
	tls_context_free(&client);
	unpair(&a, &b);
	keys_free(&keys);
}
END_TEST

/* Bytes that came in plain and were still in the kernel are no TLS. */
START_TEST(injected_before_handshake)
{
	struct keys keys;
	struct tls_context *server;
	struct side a, b;

	pair(&a, &b);
	server = keys_context(&keys, "ec");
	conn_write(a.conn, SPAN("RCPT TO:<x@y>\r\n"));
	conn_flush(a.conn);
	conn_tls_accept(b.conn, server);
	ck_assert(run_until(&b.ended));
	ck_assert_int_eq(b.how, CONN_NO_TLS);
	ck_assert_uint_eq(conn_input(b.conn).n, 0);
	ck_assert_uint_gt(strlen(conn_error(b.conn)), 0);
	tls_context_free(&server);
	unpair(&a, &b);
	keys_free(&keys);
}
END_TEST

/* `keys` is away, or refuses. */
START_TEST(no_signature)
{
	struct keys keys;
	struct tls_context *server, *client;
	struct tls_want any = { .server_name = SPAN("") };
	struct side a, b;

	pair(&a, &b);
	server = keys_context(&keys, _i == 0 ? "rsa" : "ec");
	client = client_context("ec", "", false);
	keys.refuse = true;
	conn_tls_accept(b.conn, server);
	ck_assert(conn_tls_connect(a.conn, client, &any));
	ck_assert(run_until(&b.ended));
	ck_assert_int_eq(b.how, CONN_NO_TLS);
	ck_assert(run_until(&a.ended));
	tls_context_free(&server);
	tls_context_free(&client);
	unpair(&a, &b);
	keys_free(&keys);
}
END_TEST

/* What cannot be begun is no plain connection either. */
START_TEST(cannot_begin)
{
	static const struct tls_tlsa unknown = { 9, 9, 9,
		{ "0123456789", 10 } };
	struct tls_context *client = client_context("ec", "", false);
	struct tls_want want = { .server_name = SPAN("mail.test"),
		.tlsa = &unknown,
		.tlsa_count = 1 };
	struct side a, b;

	pair(&a, &b);
	ck_assert(!conn_tls_connect(a.conn, client, &want));
	ck_assert_str_ne(conn_error(a.conn), "");
	conn_write(a.conn, SPAN("AUTH PLAIN secret"));
	conn_write(b.conn, SPAN("235 in\r\n"));
	conn_flush(a.conn);
	conn_flush(b.conn);
	ck_assert(run_until(&a.ended));
	ck_assert_uint_eq(a.got.n + b.got.n, 0);
	tls_context_free(&client);
	unpair(&a, &b);
}
END_TEST

/* A connection, its data and its orderly end; was it resumed? */
static bool
once_for(struct tls_context *server, struct tls_context *client,
    const struct tls_want *want)
{
	struct side a, b;
	bool resumed;

	pair(&a, &b);
	conn_tls_accept(b.conn, server);
	ck_assert(conn_tls_connect(a.conn, client, want));
	ck_assert(run_until(&a.secured));
	ck_assert(run_until(&b.secured));
	resumed = tls_stream_resumed(conn_stream(a.conn));
	ck_assert(tls_stream_resumed(conn_stream(b.conn)) == resumed);
	conn_write(b.conn, SPAN("220"));
	conn_flush(b.conn);
	settle();
	ck_assert(span_is(buf_span(&a.got), "220"));
	conn_finish(&a.conn);
	ck_assert(run_until(&b.ended));
	unpair(&a, &b);
	return resumed;
}

static bool
once(struct tls_context *server, struct tls_context *client, const char *name)
{
	struct tls_want want = { .server_name = span_str(name) };

	return once_for(server, client, &want);
}

static const struct {
	const char *protocols, *options;
	int64_t resume_s;
	bool resumed;
} resumptions[] = {
	{ "TLSv1.3", "", 100, true },
	{ "TLSv1.2", "", 100, true },
	{ "TLSv1.3", "", 0, false },
	{ "TLSv1.2", "NO_TICKET", 100, false },
};

/* What cannot be is told in the words of main.cf. */
START_TEST(no_cipher_left)
{
	const struct tls_client_conf client = { .protocols = "",
		.ciphers = "medium",
		.exclude_ciphers = _i == 0 ? "ALL" : NULL,
		.tuning = { .medium = _i == 0 ? NULL : "NONSENSE" } };
	const struct tls_server_conf server = { .protocols = "",
		.ciphers = client.ciphers,
		.exclude_ciphers = client.exclude_ciphers,
		.tuning = client.tuning };
	const char *want = _i == 0
	    ? "no TLS cipher is left of \"medium\" without \"ALL\""
	    : "no TLS cipher is left of \"medium\" without \"\"";
	struct why why;

	why_init(&why);
	ck_assert_ptr_null(tls_client_new(&client, NULL, &why));
	ck_assert_str_eq(why_text(&why), want);
	why_free(&why);
	why_init(&why);
	ck_assert_ptr_null(tls_server_new(&server, NULL, &why));
	ck_assert_str_eq(why_text(&why), want);
	why_free(&why);
}
END_TEST

START_TEST(resumption)
{
	struct keys keys;
	struct tls_context *server = keys_context(&keys, "ec");
	struct tls_client_conf conf = { .protocols = resumptions[_i].protocols,
		.ciphers = "medium",
		.exclude_ciphers = "",
		.tuning = { .options = resumptions[_i].options },
		.resume_s = resumptions[_i].resume_s };
	struct tls_context *client;
	struct why why;
	bool want = resumptions[_i].resumed;

	why_init(&why);
	client = tls_client_new(&conf, NULL, &why);
	ck_assert(client != NULL);
	ck_assert(!once(server, client, "mail.test"));
	ck_assert_uint_eq(keys.asked, 1);
	ck_assert(once(server, client, "mail.test") == want);
	ck_assert(once(server, client, "mail.test") == want);
	ck_assert_uint_eq(keys.asked, want ? 1 : 3);
	/* another server's */
	ck_assert(!once(server, client, "other.test"));
	tls_context_free(&client);
	tls_context_free(&server);
	keys_free(&keys);
	why_free(&why);
}
END_TEST

/* What was not proved is not resumed, nor what was proved of less. */
static const struct {
	const char *protocols;
	bool authority;
	const char *names[2]; /* that the certificate is held against */
	bool san_only[2];
	bool resumed;
} proofs[] = {
	{ "TLSv1.3", true, { "mail.test", "mail.test" }, { 0, 0 }, true },
	{ "TLSv1.2", true, { "mail.test", "mail.test" }, { 0, 0 }, true },
	{ "TLSv1.3", true, { "other.test", "other.test" }, { 0, 0 }, false },
	{ "TLSv1.2", true, { "other.test", "other.test" }, { 0, 0 }, false },
	{ "TLSv1.3", false, { "mail.test", "mail.test" }, { 0, 0 }, false },
	{ "TLSv1.3", true, { NULL, "mail.test" }, { 0, 0 }, false },
	{ "TLSv1.2", true, { NULL, "mail.test" }, { 0, 0 }, false },
	{ "TLSv1.3", true, { "mail.test", "mail.test" }, { 0, 1 }, false },
	{ "TLSv1.2", true, { "mail.test", "other.test" }, { 0, 0 }, false },
};

START_TEST(resumption_by_proof)
{
	struct keys keys;
	struct tls_context *server = keys_context(&keys, "ec"), *client;
	struct tls_client_conf conf = { .protocols = proofs[_i].protocols,
		.ciphers = "medium",
		.exclude_ciphers = "",
		.ca_file = proofs[_i].authority ? keys.chain : "",
		.resume_s = 100 };
	struct why why;

	why_init(&why);
	client = tls_client_new(&conf, NULL, &why);
	ck_assert(client != NULL);
	why_free(&why);
	for (int i = 0; i < 2; i++) {
		const char *name = proofs[_i].names[i];
		struct span names[1] = { span_str(name) };
		struct tls_want want = { .server_name = SPAN("mail.test"),
			.names = names,
			.name_count = name == NULL ? 0 : 1,
			.san_only = proofs[_i].san_only[i] };

		ck_assert(once_for(server, client, &want) ==
		    (i == 1 && proofs[_i].resumed));
	}
	tls_context_free(&client);
	tls_context_free(&server);
	keys_free(&keys);
}
END_TEST

static const struct {
	const char *grade;
	struct tls_tuning tuning;
	bool good;
	const char *info; /* of TLS 1.2 with a server that has all */
} tunings[] = {
	{ "high", { NULL, NULL, NULL }, true, "TLSv1.2" },
	{ "high", { "ECDHE-ECDSA-AES128-SHA", "HIGH", "" }, true,
	    "TLSv1.2 with cipher ECDHE-ECDSA-AES128-SHA " },
	{ "medium", { "HIGH", "ECDHE-ECDSA-AES256-SHA", "" }, true,
	    "TLSv1.2 with cipher ECDHE-ECDSA-AES256-SHA " },
	{ "export", { "HIGH", "ECDHE-ECDSA-AES256-SHA", "" }, true,
	    "TLSv1.2 with cipher ECDHE-ECDSA-AES256-SHA " },
	{ "high", { "aNULL:eNULL", "HIGH", "" }, false, "" },
	{ "high", { "HIGH", "HIGH", "NO_TICKET, prioritize_chacha" }, true,
	    "TLSv1.2" },
	{ "high", { "HIGH", "HIGH", "0x4000" }, true, "TLSv1.2" },
	{ "high", { "HIGH", "HIGH", "0x8" }, false, "" },
	{ "high", { "HIGH", "HIGH", "0xzz" }, false, "" },
	{ "high", { "HIGH", "HIGH", "NO_SUCH" }, false, "" },
};

START_TEST(tuning)
{
	struct tls_client_conf conf = { .protocols = "TLSv1.2",
		.ciphers = tunings[_i].grade,
		.exclude_ciphers = "",
		.tuning = tunings[_i].tuning };
	struct tls_want any = { .server_name = SPAN("") };
	struct tls_context *server, *client;
	struct buf info = BUF_EMPTY;
	struct keys keys;
	struct side a, b;
	struct why why;

	why_init(&why);
	client = tls_client_new(&conf, NULL, &why);
	ck_assert_msg((client != NULL) == tunings[_i].good, "row %d", _i);
	why_free(&why);
	if (client == NULL)
		return;
	pair(&a, &b);
	server = keys_context(&keys, "ec");
	conn_tls_accept(b.conn, server);
	ck_assert(conn_tls_connect(a.conn, client, &any));
	ck_assert(run_until(&a.secured));
	tls_stream_info(conn_stream(a.conn), &info);
	ck_assert_msg(span_starts(buf_span(&info), tunings[_i].info), "%s",
	    buf_str(&info));
	buf_free(&info);
	tls_context_free(&client);
	tls_context_free(&server);
	unpair(&a, &b);
	keys_free(&keys);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, no_cipher_left, 0, 2);
	tcase_add_loop_test(t, resumption, 0, UNIT_COUNT(resumptions));
	tcase_add_loop_test(t, resumption_by_proof, 0, UNIT_COUNT(proofs));
	tcase_add_loop_test(t, tuning, 0, UNIT_COUNT(tunings));
	tcase_add_test(t, plain);
	tcase_add_test(t, back_pressure);
	tcase_add_test(t, drained_by_another_event);
	tcase_add_test(t, finish_sends_the_rest);
	tcase_add_test(t, callbacks_may_free);
	tcase_add_test(t, write_to_a_closed_peer);
	tcase_add_test(t, detach);
	tcase_add_test(t, cannot_begin);
	tcase_add_loop_test(t, handshake, 0, UNIT_COUNT(handshakes));
	tcase_add_test(t, injected_before_handshake);
	tcase_add_loop_test(t, no_signature, 0, 2);
}

int
main(void)
{
	return unit_main("tls/conn", fill);
}
