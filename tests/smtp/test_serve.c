/* qmgr's side of the call; and all of it from inside the sandbox. */

#include "smtp/serve.h"

#include <poll.h>
#include <sys/wait.h>

#include "os/sandbox.h"
#include "tests/smtp/script.h"
#include "tests/tls/keys.h"

static const char *const rcpts[] = { THREE_RCPT };

static struct {
	char path[96];
	int fd;
	struct smtp *smtp;
	struct channel *channel;
	struct delivery_results answer;
	struct delivery_result *results;
	size_t count;
	bool gone;
} q;

static void
begin(void)
{
	world_begin();
	memset(&q, 0, sizeof(q));
	snprintf(q.path, sizeof(q.path), "%s/q", w.folder);
	q.fd = sock_listen_unix(q.path, SOCK_SEQPACKET, 0600, 5);
	ck_assert_int_ne(q.fd, -1);
	q.smtp = smtp_new(&w.env, &w.lmtp_env);
	smtp_serve(q.smtp, q.fd, "qmgr");
	q.channel = channel_new(w.loop, q.path, 20000);
	delivery_results_init(&q.answer, 3);
	w.names = names;
}

static void
end(void)
{
	channel_free(&q.channel);
	smtp_free(&q.smtp);
	if (!q.gone)
		delivery_results_done(&q.answer);
	close(q.fd);
	unlink(q.path);
	world_end();
}

static void
came(void *arg, struct packet_in *in)
{
	(void)arg;
	q.gone =
	    in == NULL || delivery_results_take(&q.answer, in) != DELIVERY_END;
	q.results = q.answer.results;
	q.count = q.answer.count;
	loop_stop(w.loop);
}

static void
ask_smtp(const struct delivery_request *r)
{
	struct packet_out o = { .id = 0 };

	delivery_put(&o, r);
	channel_ask(q.channel, &o, came, NULL);
	loop_run(w.loop);
	packet_done(&o);
}

START_TEST(answers)
{
	struct delivery_rcpt list[3];
	struct delivery_request r =
	    world_request(letter, "lone.example", list, rcpts);

	world_script(1,
	    SCRIPT{ PIPE, MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK,
		"S 550 5.1.1 no", "S 450 4.2.0 later", GO, "M",
		"S 250 2.0.0 fine", QUIT, NULL });
	ask_smtp(&r);
	close(r.fd);
	ck_assert(!q.gone);
	ck_assert_uint_eq(q.count, 3);
	ck_assert_int_eq(q.results[0].why.outcome, DONE);
	ck_assert_int_eq(q.results[0].told, TOLD_RELAYED);
	ck_assert(!q.results[2].unreachable);
	ck_assert_int_eq(q.results[1].why.outcome, BOUNCE);
	ck_assert_str_eq(q.results[1].why.status, "5.1.1");
	ck_assert_int_eq(q.results[2].why.outcome, DEFER);
	check_scripts();
}
END_TEST

/* The transport's name alone makes it LMTP. */
START_TEST(transport_lmtp)
{
	static const char *const one[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r =
	    world_request(letter, "mx1.x.example", list, one);

	r.transport = SPAN("lmtp");
	world_conf("lmtp_skip_quit_response = yes\n");
	world_script(1,
	    SCRIPT{ "S 220 x", "C LHLO client.example\r\n", "S 250 x", TAKES,
		QUIT, NULL });
	ask_smtp(&r);
	close(r.fd);
	ck_assert_uint_eq(q.count, 1);
	ck_assert_int_eq(q.results[0].why.outcome, DONE);
	ck_assert_int_eq(q.results[0].told, TOLD_BY_US);
	check_scripts();
}
END_TEST

/* It offers DSN: it tells the sender, not we. */
START_TEST(next_tells)
{
	static const char *const one[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r =
	    world_request(letter, "lone.example", list, one);

	world_script(1,
	    SCRIPT{ "S 220 x", "C EHLO client.example\r\n", "S 250-x",
		"S 250 DSN", TAKES, QUIT, NULL });
	ask_smtp(&r);
	close(r.fd);
	ck_assert_uint_eq(q.count, 1);
	ck_assert_int_eq(q.results[0].told, TOLD_BY_NEXT);
	check_scripts();
}
END_TEST

START_TEST(nobody_there)
{
	static const char *const one[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r =
	    world_request(letter, "lone.example", list, one);

	world_script(1, SCRIPT{ "S 421 4.3.2 not now", "CLOSE", NULL });
	ask_smtp(&r);
	close(r.fd);
	ck_assert_uint_eq(q.count, 1);
	ck_assert_int_eq(q.results[0].why.outcome, DEFER);
	ck_assert(q.results[0].unreachable);
}
END_TEST

START_TEST(malformed)
{
	struct packet_out o = { .id = 0 };

	packet_begin(&o, "delivery", 0);
	packet_num(&o, "qid", 1);
	q.gone = true;
	channel_ask(q.channel, &o, came, NULL);
	loop_run(w.loop);
	packet_done(&o);
	/* an answer without results, and the connection stays for others */
	ck_assert(!q.gone);
	ck_assert_uint_eq(q.count, 0);
	ck_assert_uint_eq(channel_losses(q.channel), 0);
}
END_TEST

/* What is under way is brought to its end. */
START_TEST(drain)
{
	static const char *const one[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r =
	    world_request(letter, "lone.example", list, one);
	struct loop_timer *t = loop_timer_new(w.loop, stop, w.loop);
	struct packet_out o = { .id = 0 };
	struct pollfd knock = { w.hosts[0].fd, POLLIN, 0 };

	delivery_put(&o, &r);
	channel_ask(q.channel, &o, came, NULL);
	packet_done(&o);
	/* until it knocks at the server, who does not open yet */
	while (poll(&knock, 1, 0) == 0) {
		loop_timer_set(t, 1);
		loop_run(w.loop);
	}
	loop_timer_free(&t);
	smtp_drain(q.smtp);
	ck_assert(!smtp_idle(q.smtp));
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	while (q.count == 0)
		loop_run(w.loop);
	close(r.fd);
	ck_assert(smtp_idle(q.smtp));
	ck_assert_int_eq(q.results[0].why.outcome, DONE);
}
END_TEST

static int
within(const struct delivery_request *r)
{
	if (chroot(w.folder) == -1)
		return 2;
	w.env.resolver = channel_new(w.loop, "/d", 5000);
	w.env.lookup = channel_new(w.loop, "/l", 5000);
	channel_free(&q.channel);
	q.channel = channel_new(w.loop, "/q", 20000);
	if (sandbox_enter(SANDBOX_CLIENT, false) == -1)
		return 3;
	ask_smtp(r);
	if (q.gone || q.count != 3)
		return 4;
	for (size_t i = 0; i < q.count; i++)
		if (q.results[i].why.outcome != DONE)
			return 5;
	return 0;
}

/* Two connections, TLS, tables, names: nothing that the profile forbids. */
START_TEST(in_the_sandbox)
{
	static const char *const tables[] = { "smtp_tls_policy_maps",
		"x.example", "encrypt", NULL };
	struct delivery_rcpt list[3];
	struct delivery_request r =
	    world_request(letter, "x.example", list, rcpts);
	struct keys keys;
	int status;
	pid_t pid;

	w.tls = keys_context(&keys, "ec");
	w.tables = tables;
	world_conf("smtp_tls_policy_maps = hash:/x\n");
	world_script(1, SCRIPT{ PLAIN, NULL });
	world_script(2,
	    SCRIPT{ GREET, "S 250-mx", "S 250 STARTTLS", "C STARTTLS\r\n",
		"S 220 go", "TLS", "C EHLO", "S 250-mx", "S 250 PIPELINING",
		MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK, OK, OK, GO, "M", OK,
		QUIT, NULL });
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		loop_after_fork(w.loop);
		_exit(within(&r));
	}
	close(r.fd);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0, "status %x", (unsigned)status);
	keys_free(&keys);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, answers);
	tcase_add_test(t, transport_lmtp);
	tcase_add_test(t, next_tells);
	tcase_add_test(t, nobody_there);
	tcase_add_test(t, malformed);
	tcase_add_test(t, drain);
	tcase_add_test(t, in_the_sandbox);
}

int
main(void)
{
	return unit_main("smtp/serve", fill);
}
