/* A caller, a resolver and servers of ours around connector's own code. */

#include "connector/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "calls/dns_call.h"
#include "config/param.h"
#include "connector/targets.h"
#include "ipc/channel.h"
#include "ipc/server.h"
#include "os/loop.h"
#include "os/sandbox.h"
#include "os/sock.h"
#include "tests/unit.h"

static struct {
	char folder[64], asks[96], dns[96], service[96];
	int ask_fd, dns_fd, tcp_fd, unix_fd;
	unsigned port;
	struct loop *loop;
	struct server *dns_server;
	struct channel *resolver, *channel;
	struct targets *targets;
	struct connector *connector;

	bool answered, good;
	int fd;
	struct why why;
} t;

/* host.example has a dead address and a live one, six.example only an IPv6
 * one, none.example nothing. */
static void
dns_request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct dns_record records[] = { { 0, SPAN("\177\0\0\2") },
		{ 0, SPAN("\177\0\0\1") } };
	struct dns_record six = { 0, SPAN("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1") };
	struct dns_answer answer = { .result = DNS_NODATA };
	struct packet_out o = { .id = 0 };
	enum dns_type type;
	struct span name;

	(void)arg;
	ck_assert(dns_ask_get(in, &name, &type, NULL));
	if (span_is(name, "host.example") && type == DNS_A)
		answer = (struct dns_answer){
			.result = DNS_FOUND, .count = 2, .records = records
		};
	if (span_is(name, "six.example") && type == DNS_AAAA)
		answer = (struct dns_answer){
			.result = DNS_FOUND, .count = 1, .records = &six
		};
	dns_answer_put(&o, in->id, type, &answer);
	server_reply(peer, &o);
	packet_done(&o);
}

static void
listeners_make(void)
{
	struct address a;

	snprintf(t.folder, sizeof(t.folder), "/tmp/connector.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(t.folder));
	snprintf(t.asks, sizeof(t.asks), "%s/a", t.folder);
	snprintf(t.dns, sizeof(t.dns), "%s/d", t.folder);
	snprintf(t.service, sizeof(t.service), "%s/s", t.folder);
	t.ask_fd = sock_listen_unix(t.asks, SOCK_SEQPACKET, 0600, 5);
	t.dns_fd = sock_listen_unix(t.dns, SOCK_SEQPACKET, 0600, 5);
	t.unix_fd = sock_listen_unix(t.service, SOCK_STREAM, 0600, 5);
	ck_assert(address_parse(SPAN("127.0.0.1"), 0, &a));
	t.tcp_fd = sock_listen_inet(&a, 5);
	ck_assert(sock_local(t.tcp_fd, &a));
	t.port = address_port(&a);
}

static void
targets_make(void)
{
	char *text =
	    mem_printf("smtpd_milters = inet:host.example:%u, "
		       "inet:127.0.0.1:%u, inet:127.0.0.2:%u,\n"
		       " inet:none.example:1, unix:%s, unix:/no/such\n",
		t.port, t.port, t.port, t.service);
	struct main_cf *m;

	m = main_cf_parse(span_str(text), "main.cf", &t.why);
	ck_assert_ptr_nonnull(m);
	t.targets = targets_new();
	ck_assert(targets_add(t.targets, m, &t.why));
	main_cf_free(&m);
	free(text);
}

static void
begin(void)
{
	static const struct server_calls calls = { .request = dns_request };

	memset(&t, 0, sizeof(t));
	signal(SIGPIPE, SIG_IGN);
	why_init(&t.why);
	listeners_make();
	targets_make();
	t.loop = loop_new();
	t.dns_server = server_new(t.loop, t.dns_fd, "connector", &calls, NULL);
	t.resolver = channel_new(t.loop, t.dns, 5000);
	t.connector = connector_new(t.loop, t.targets, t.resolver);
	connector_serve(t.connector, t.ask_fd, "smtpd");
	t.channel = channel_new(t.loop, t.asks, 20000);
}

static void
end(void)
{
	channel_free(&t.channel);
	connector_free(&t.connector);
	channel_free(&t.resolver);
	server_free(&t.dns_server);
	targets_free(&t.targets);
	loop_free(&t.loop);
	why_free(&t.why);
	close(t.ask_fd);
	close(t.dns_fd);
	close(t.tcp_fd);
	close(t.unix_fd);
	unlink(t.asks);
	unlink(t.dns);
	unlink(t.service);
	rmdir(t.folder);
}

static void
came(void *arg, struct packet_in *in)
{
	(void)arg;
	t.answered = true;
	t.good = in != NULL && dial_answer_get(in, &t.fd, &t.why);
	loop_stop(t.loop);
}

static void
dial_for(const char *target)
{
	struct packet_out o = { .id = 0 };

	dial_put(&o, span_str(target));
	channel_ask(t.channel, &o, came, NULL);
	loop_run(t.loop);
	packet_done(&o);
	ck_assert(t.answered && t.good);
}

/* The descriptor leads to the server behind listener. */
static void
check_connected(int listener)
{
	char c = 0;
	int peer;

	ck_assert_msg(t.fd != -1, "%s", why_text(&t.why));
	peer = sock_accept(listener, NULL);
	ck_assert_int_ne(peer, -1);
	ck_assert_int_eq(write(peer, "x", 1), 1);
	ck_assert_int_eq(sock_nonblock(t.fd, false), 0);
	ck_assert_int_eq(read(t.fd, &c, 1), 1);
	ck_assert_int_eq(c, 'x');
	close(peer);
	close(t.fd);
}

START_TEST(by_name)
{
	char *target = mem_printf("inet:host.example:%u", t.port);

	dial_for(target);
	check_connected(t.tcp_fd);
	free(target);
}
END_TEST

START_TEST(by_address)
{
	char *target = mem_printf("inet:127.0.0.1:%u", t.port);

	dial_for(target);
	check_connected(t.tcp_fd);
	free(target);
}
END_TEST

START_TEST(by_path)
{
	char *target = mem_printf("unix:%s", t.service);

	dial_for(target);
	check_connected(t.unix_fd);
	free(target);
}
END_TEST

static const struct {
	const char *target; /* %u is the port */
	const char *status, *text;
} failures[] = {
	{ "inet:127.0.0.2:%u", "4.4.1", "Connection refused" },
	{ "inet:none.example:1", "4.4.3", "host not found" },
	{ "unix:/no/such", "4.4.1", "No such file" },
	{ "inet:192.0.2.1:25", "4.3.5", "nothing that main.cf names" },
	{ "unix:/etc/passwd", "4.3.5", "nothing that main.cf names" },
	{ "host.example", "4.3.5", "nothing that main.cf names" },
};

static void
substitute(char *out, size_t size, const char *text)
{
	size_t at = span_search(span_str(text), SPAN("%u"));

	if (text[at] == '\0')
		snprintf(out, size, "%s", text);
	else
		snprintf(out, size, "%.*s%u", (int)at, text, t.port);
}

START_TEST(fails)
{
	char target[64];

	substitute(target, sizeof(target), failures[_i].target);
	dial_for(target);
	ck_assert_int_eq(t.fd, -1);
	ck_assert_str_eq(t.why.status, failures[_i].status);
	ck_assert_msg(strstr(why_text(&t.why), failures[_i].text) != NULL,
	    "%s: %s", target, why_text(&t.why));
}
END_TEST

START_TEST(malformed)
{
	struct packet_out o = { .id = 0 };

	packet_begin(&o, "dial", 0);
	channel_ask(t.channel, &o, came, NULL);
	loop_run(t.loop);
	packet_done(&o);
	ck_assert(t.answered && !t.good);
}
END_TEST

START_TEST(drains)
{
	connector_drain(t.connector);
	ck_assert(connector_idle(t.connector));
}
END_TEST

START_TEST(in_the_sandbox)
{
	char *target = mem_printf("inet:host.example:%u", t.port);
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		loop_after_fork(t.loop);
		if (sandbox_enter(SANDBOX_CONNECTOR, false) == -1)
			_exit(1);
		dial_for(target);
		_exit(t.fd == -1 ? 2 : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	free(target);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, begin, end);
	tcase_add_test(c, by_name);
	tcase_add_test(c, by_address);
	tcase_add_test(c, by_path);
	tcase_add_loop_test(c, fails, 0, UNIT_COUNT(failures));
	tcase_add_test(c, malformed);
	tcase_add_test(c, drains);
	tcase_add_test(c, in_the_sandbox);
}

int
main(void)
{
	return unit_main("connector/serve", fill);
}
