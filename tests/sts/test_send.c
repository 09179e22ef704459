/* test_send.c - sts/send.h: whose report goes out, and when */

#include "sts/send.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/dns_call.h"
#include "calls/queue_call.h"
#include "calls/submit_call.h"
#include "ipc/channel.h"
#include "ipc/server.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/slots.h"
#include "os/sock.h"
#include "sts/conf.h"
#include "sts/fetch.h"
#include "sts/report.h"
#include "tests/unit.h"
#include "tls/tls_client.h"
#include "wire/tlsrpt.h"

/* Many that cannot be reached, before those that can be and behind them. */
enum { AWAY = 300, MAILED = 60, LIMIT_MS = 20000 };

static struct loop *loop;
static char folder[64];
static struct server *dns, *pickup;
static int dns_fd, pickup_fd;
static struct channel *dns_channel, *pickup_channel;
static unsigned asked, mailed;
static char to[200];

/* No host has an address. */
static void
dns_request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct dns_answer none = { .result = DNS_NXDOMAIN };
	struct packet_out o = { .fd_count = 0 };
	struct span name;
	enum dns_type type;

	(void)arg;
	ck_assert(dns_ask_get(in, &name, &type, NULL));
	asked++;
	dns_answer_put(&o, in->id, type, &none);
	server_reply(peer, &o);
	packet_done(&o);
}

static void
pickup_request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct arena *a = arena_new();
	const struct queue_rcpt *rcpts;
	struct packet_out o = { .fd_count = 0 };
	struct why why;
	size_t count;

	(void)arg;
	if (span_is(in->call, "submit_rcpts")) {
		ck_assert(submit_rcpts_get(in, a, &rcpts, &count));
		snprintf(to, sizeof(to), "%.*s", (int)rcpts[0].address.n,
		    rcpts[0].address.p);
	} else if (span_is(in->call, "submit_end")) {
		why_init(&why);
		submit_done_put(&o, in->id, &why, SPAN("4F00D"));
		server_reply(peer, &o);
		packet_done(&o);
		why_free(&why);
		mailed++;
	}
	arena_free(&a);
	if (mailed == MAILED)
		loop_stop(loop);
}

static struct channel *
service(const char *name, int *fd, struct server **server,
    const struct server_calls *calls)
{
	char *path = mem_printf("%s/%s", folder, name);
	struct channel *c;

	*fd = sock_listen_unix(path, SOCK_SEQPACKET, 0600, 5);
	ck_assert_int_ne(*fd, -1);
	*server = server_new(loop, *fd, "sts", calls, NULL);
	c = channel_new(loop, path, 5000);
	free(path);
	return c;
}

static void
remove_file(const char *name)
{
	char *path = mem_printf("%s/%s", folder, name);

	unlink(path);
	free(path);
}

static void
begin(void)
{
	static const struct server_calls dns_calls = { .request = dns_request };
	static const struct server_calls pickup_calls = { .request =
							      pickup_request };

	signal(SIGPIPE, SIG_IGN);
	log_to(-1, false, "sts");
	snprintf(folder, sizeof(folder), "/tmp/sts.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	loop = loop_new();
	dns_channel = service("d", &dns_fd, &dns, &dns_calls);
	pickup_channel = service("p", &pickup_fd, &pickup, &pickup_calls);
}

static void
end(void)
{
	channel_free(&dns_channel);
	channel_free(&pickup_channel);
	server_free(&dns);
	server_free(&pickup);
	close(dns_fd);
	close(pickup_fd);
	loop_free(&loop);
	remove_file("d");
	remove_file("p");
	remove_file("tlsrpt.0");
	remove_file("tlsrpt.1");
	rmdir(folder);
}

static void
count(struct tlsrpt *counts, const char *day, unsigned i)
{
	char *domain = mem_printf("d%u.test", i);
	bool away = i < AWAY || i >= AWAY + MAILED;
	char *rua = away ? mem_printf("https://r.d%u.test/x", i)
			 : mem_printf("mailto:r@d%u.test", i);
	struct tlsrpt_event e = { .domain = span_str(domain),
		.type = TLSRPT_STS };

	ck_assert(tlsrpt_count(counts, span_str(day), &e));
	tlsrpt_rua_set(counts, span_str(day), span_str(domain), span_str(rua));
	free(domain);
	free(rua);
}

static void
late(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

/* Reports that nobody takes keep no other back. */
START_TEST(crowd)
{
	struct slots *slots = slots_open(folder, "tlsrpt");
	struct report *report = report_new(loop, dns_channel, slots);
	struct loop_timer *timer = loop_timer_new(loop, late, NULL);
	struct sts_conf conf = { .tlsrpt_sender = "tls@us.test" };
	struct tls_client_conf tls = {
		.protocols = "", .ciphers = "", .exclude_ciphers = ""
	};
	struct fetch_env env = { .loop = loop,
		.resolver = dns_channel,
		.limit_ms = 5000,
		.inet4 = true };
	char day[REPORT_DAY + 1];
	struct send *s;
	struct why why;

	why_init(&why);
	env.tls = tls_client_new(&tls, NULL, &why);
	ck_assert_ptr_nonnull(env.tls);
	report_day(clock_wall() - 86400, day);
	for (unsigned i = 0; i < AWAY + MAILED + AWAY; i++)
		count(report_counts(report), day, i);
	s = send_new(&conf, &env, report, pickup_channel);
	loop_timer_set(timer, LIMIT_MS);
	loop_run(loop);
	ck_assert_uint_eq(mailed, MAILED);
	ck_assert_uint_gt(asked, 0);
	ck_assert_msg(span_starts(span_str(to), "r@d"), "%s", to);
	loop_timer_free(&timer);
	send_free(&s);
	report_free(&report);
	tls_context_free(&env.tls);
	slots_close(&slots);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, crowd);
}

int
main(void)
{
	return unit_main("sts/send", fill);
}
