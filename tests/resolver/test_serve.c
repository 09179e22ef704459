/* resolver's own code between a caller and a name server of ours. */

#include "resolver/serve.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/why.h"
#include "calls/dns_call.h"
#include "ipc/channel.h"
#include "os/loop.h"
#include "os/sandbox.h"
#include "os/sock.h"
#include "resolver/conf.h"
#include "resolver/hosts.h"
#include "resolver/upstream.h"
#include "tests/dns/packets.h"
#include "tests/unit.h"

static const char hosts_text[] =
    "127.0.0.1 mail.sigui.ci sigui.ci\n127.0.0.1 localhost\n";

/* What the name server knows. */
static const struct {
	const char *name;
	enum dns_type type;
	unsigned rcode, preference;
	const char *data; /* a name; or an address's bytes */
} zone[] = {
	{ "a.example", DNS_MX, 0, 20, "mx2.a.example" },
	{ "a.example", DNS_MX, 0, 10, "mx1.a.example" },
	{ "a.example", DNS_MX, 0, 30, "not a name" },
	{ "null.example", DNS_MX, 0, 0, "" },
	{ "mx1.a.example", DNS_A, 0, 0, "\300\0\2\1" },
	{ "alias.example", DNS_CNAME, 0, 0, "mx1.a.example" },
	{ "nx.example", DNS_A, 3, 0, NULL },
	{ "sigui.ci", DNS_A, 3, 0, NULL },
	{ "sigui.ci", DNS_MX, 3, 0, NULL },
	{ "none.example", DNS_A, 0, 0, NULL },
	{ "sick.example", DNS_A, 2, 0, NULL },
	{ "unfit.example", DNS_MX, 0, 5, "un fit" },
	{ "sigui.ci", DNS_MX, 3, 0, NULL },
	{ "here.test", DNS_A, 0, 0, "\300\0\2\7" },
	{ "1.0.0.10.in-addr.arpa", DNS_PTR, 0, 0, "lan.example" },
};

static void
record_put(struct buf *p, int row, const char *owner)
{
	if (zone[row].type == DNS_A)
		dns_put_record(p, owner, DNS_A, 60, span_of(zone[row].data, 4));
	else
		dns_put_named(p, owner, zone[row].type, 60,
		    zone[row].preference, zone[row].data);
}

static void
zone_answer(struct buf *p, unsigned id, const char *name, unsigned type)
{
	struct buf records = BUF_EMPTY;
	unsigned count = 0, rcode = 0;

	for (int i = 0; i < UNIT_COUNT(zone); i++) {
		if (strcasecmp(zone[i].name, name) != 0)
			continue;
		if (zone[i].type != type && zone[i].type != DNS_CNAME)
			continue;
		rcode = zone[i].rcode;
		if (zone[i].data == NULL)
			continue;
		record_put(&records, i, name);
		count++;
	}
	dns_put_head(p, id, rcode, name, type, count);
	buf_add_span(p, buf_span(&records));
	buf_free(&records);
}

/* The name of a question as text; our own reader is not used here. */
static size_t
question_name(const unsigned char *p, size_t n, char *out)
{
	size_t at = 12, used = 0;

	while (at < n && p[at] != 0 && at + p[at] < n && used < 250) {
		memcpy(out + used, p + at + 1, p[at]);
		used += p[at];
		out[used++] = '.';
		at += p[at] + 1u;
	}
	out[used > 0 ? used - 1 : 0] = '\0';
	return at + 1;
}

static void
name_server(int fd)
{
	unsigned char q[1024];
	char name[256];
	struct sockaddr_storage from;
	struct buf p = BUF_EMPTY;

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(
		    fd, q, sizeof(q), 0, (struct sockaddr *)&from, &len);
		size_t at;

		if (n < 16)
			continue;
		at = question_name(q, (size_t)n, name);
		buf_clear(&p);
		zone_answer(&p, (unsigned)(q[0] << 8 | q[1]), name,
		    (unsigned)(q[at] << 8 | q[at + 1]));
		(void)sendto(fd, p.p, p.n, 0, (struct sockaddr *)&from, len);
	}
}

static struct {
	pid_t server;
	char nameserver[64], path[96], folder[64];
	int listener;
	struct loop *loop;
	struct hosts *hosts;
	struct upstream *upstream;
	struct resolver *resolver;
	struct channel *channel;
	struct arena *arena;
} t;

static void
server_start(void)
{
	struct address a;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert(address_parse(SPAN("127.0.0.1"), 0, &a));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a.storage, a.n), 0);
	ck_assert(sock_local(fd, &a));
	snprintf(t.nameserver, sizeof(t.nameserver), "127.0.0.1@%u",
	    address_port(&a));
	t.server = fork();
	ck_assert_int_ne(t.server, -1);
	if (t.server == 0)
		name_server(fd);
	close(fd);
}

static void
begin(void)
{
	struct upstream_conf conf = { .anchor = NULL };
	struct why why;

	why_init(&why);
	server_start();
	snprintf(t.folder, sizeof(t.folder), "/tmp/resolver.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(t.folder));
	snprintf(t.path, sizeof(t.path), "%s/s", t.folder);
	t.listener = sock_listen_unix(t.path, SOCK_SEQPACKET, 0600, 5);
	ck_assert_int_ne(t.listener, -1);
	t.loop = loop_new();
	t.hosts = hosts_parse(span_str(hosts_text));
	conf.nameservers = span_str(t.nameserver);
	t.upstream = upstream_new(t.loop, &conf, &why);
	ck_assert_msg(t.upstream != NULL, "%s", why_text(&why));
	t.resolver = resolver_new(t.loop, t.hosts, t.upstream);
	resolver_serve(t.resolver, t.listener, "smtp");
	t.channel = channel_new(t.loop, t.path, 20000);
	t.arena = arena_new();
	why_free(&why);
}

static void
end(void)
{
	channel_free(&t.channel);
	resolver_free(&t.resolver);
	upstream_free(&t.upstream);
	hosts_free(&t.hosts);
	loop_free(&t.loop);
	arena_free(&t.arena);
	close(t.listener);
	unlink(t.path);
	rmdir(t.folder);
	kill(t.server, SIGKILL);
	waitpid(t.server, NULL, 0);
}

struct asked {
	enum dns_type type;
	struct dns_answer answer;
	bool ok;
};

static void
came(void *arg, struct packet_in *in)
{
	struct asked *q = arg;

	q->ok = in != NULL && dns_answer_get(in, t.arena, q->type, &q->answer);
	loop_stop(t.loop);
}

static struct dns_answer
ask_resolver(const char *name, enum dns_type type)
{
	struct asked q = { .type = type };
	struct packet_out o = { .id = 0 };

	dns_ask_put(&o, span_str(name), type);
	channel_ask(t.channel, &o, came, &q);
	loop_run(t.loop);
	packet_done(&o);
	ck_assert_msg(q.ok, "%s", name);
	return q.answer;
}

static const struct {
	const char *name;
	enum dns_type type;
	enum dns_result want;
	unsigned count, dropped;
	struct span first; /* of any record */
	const char *canonical;
} cases[] = {
	{ "a.example", DNS_MX, DNS_FOUND, 2, 1, { "mx1.a.example", 13 },
	    "a.example" },
	{ "A.Example.", DNS_MX, DNS_FOUND, 2, 1, { "mx2.a.example", 13 },
	    "a.example" },
	{ "null.example", DNS_MX, DNS_FOUND, 1, 0, { "", 0 }, "null.example" },
	{ "alias.example", DNS_A, DNS_FOUND, 1, 0, { "\300\0\2\1", 4 },
	    "mx1.a.example" },
	{ "nx.example", DNS_A, DNS_NXDOMAIN, 0, 0, { 0 }, "" },
	{ "none.example", DNS_A, DNS_NODATA, 0, 0, { 0 }, "" },
	{ "sick.example", DNS_A, DNS_TROUBLE, 0, 0, { 0 }, "" },
	{ "unfit.example", DNS_MX, DNS_TROUBLE, 0, 1, { 0 }, "" },
	/* /etc/hosts goes first, and such a name exists */
	{ "sigui.ci", DNS_A, DNS_FOUND, 1, 0, { "\177\0\0\1", 4 }, "sigui.ci" },
	{ "sigui.ci", DNS_MX, DNS_NODATA, 0, 0, { 0 }, "" },
	{ "1.0.0.127.in-addr.arpa", DNS_PTR, DNS_FOUND, 1, 0,
	    { "mail.sigui.ci", 13 }, "1.0.0.127.in-addr.arpa" },
	/* not answered by libunbound itself */
	{ "here.test", DNS_A, DNS_FOUND, 1, 0, { "\300\0\2\7", 4 },
	    "here.test" },
	{ "1.0.0.10.in-addr.arpa", DNS_PTR, DNS_FOUND, 1, 0,
	    { "lan.example", 11 }, "1.0.0.10.in-addr.arpa" },
};

static void
case_check(int i)
{
	struct dns_answer got = ask_resolver(cases[i].name, cases[i].type);
	bool found = cases[i].count == 0;

	ck_assert_msg(got.result == cases[i].want, "%s: result %d",
	    cases[i].name, (int)got.result);
	ck_assert_uint_eq(got.count, cases[i].count);
	ck_assert_uint_eq(got.dropped, cases[i].dropped);
	ck_assert(!got.secure);
	ck_assert_msg(span_is(got.name, cases[i].canonical), "%s: %.*s",
	    cases[i].name, (int)got.name.n, got.name.p);
	for (size_t k = 0; k < got.count; k++)
		if (span_eq(got.records[k].data, cases[i].first))
			found = true;
	ck_assert_msg(found, "%s", cases[i].name);
}

START_TEST(ask)
{
	case_check(_i);
}
END_TEST

/* All of them in one process and from within the jail's rules. */
/* What /etc/hosts has to say, as the caller wants it. */
static const struct {
	const char *name;
	enum dns_type type;
	enum dns_hosts hosts;
	enum dns_result want;
} hosts_cases[] = {
	{ "sigui.ci", DNS_A, DNS_HOSTS_FIRST, DNS_FOUND },
	{ "sigui.ci", DNS_A, DNS_HOSTS_NEVER, DNS_NXDOMAIN },
	{ "sigui.ci", DNS_A, DNS_HOSTS_LAST, DNS_FOUND },
	{ "sigui.ci", DNS_MX, DNS_HOSTS_NEVER, DNS_NXDOMAIN },
	{ "sigui.ci", DNS_MX, DNS_HOSTS_LAST, DNS_NODATA },
	{ "localhost", DNS_A, DNS_HOSTS_NEVER, DNS_FOUND },
};

START_TEST(ask_hosts)
{
	struct asked q = { .type = hosts_cases[_i].type };
	struct packet_out o = { .id = 0 };

	dns_ask_put_hosts(&o, span_str(hosts_cases[_i].name),
	    hosts_cases[_i].type, hosts_cases[_i].hosts);
	channel_ask(t.channel, &o, came, &q);
	loop_run(t.loop);
	packet_done(&o);
	ck_assert(q.ok);
	ck_assert_msg(q.answer.result == hosts_cases[_i].want, "row %d: %d", _i,
	    (int)q.answer.result);
}
END_TEST

START_TEST(ask_in_the_sandbox)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		loop_after_fork(t.loop);
		(void)ask_resolver("sigui.ci", DNS_A); /* connects */
		if (chroot(t.folder) == -1 ||
		    sandbox_enter(SANDBOX_RESOLVER, false) == -1)
			_exit(1);
		for (int i = 0; i < UNIT_COUNT(cases); i++) {
			struct dns_answer got =
			    ask_resolver(cases[i].name, cases[i].type);

			if (got.result != cases[i].want)
				_exit(10 + i);
		}
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(drains)
{
	(void)ask_resolver("sigui.ci", DNS_A);
	resolver_drain(t.resolver);
	ck_assert(resolver_idle(t.resolver));
}
END_TEST

START_TEST(bad_request_closes)
{
	struct asked q = { .type = DNS_A };
	struct packet_out o = { .id = 0 };

	dns_ask_put(&o, SPAN("a..b"), DNS_A);
	channel_ask(t.channel, &o, came, &q);
	loop_run(t.loop);
	packet_done(&o);
	ck_assert(!q.ok);
}
END_TEST

static const struct {
	const char *level, *security;
	bool want;
} levels[] = { { "", "", false }, { "enabled", "may", false },
	{ "dnssec", "", true }, { "", "dane", true }, { "", "dane-only", true },
	{ "DNSSEC", "encrypt", true } };

START_TEST(dnssec)
{
	struct resolver_conf c = { .smtp_dns_support_level = levels[_i].level,
		.smtp_tls_security_level = levels[_i].security };

	ck_assert(resolver_wants_dnssec(&c) == levels[_i].want);
}
END_TEST

static const struct {
	const char *servers, *resolv_conf, *anchor;
	const char *says; /* or NULL: must work */
} confs[] = {
	{ "192.0.2.1, 2001:db8::1@5353", "", NULL, NULL },
	{ "ns.example.com", "", NULL, "not the address of a name server" },
	{ "", "nameserver 192.0.2.1\nsearch x\nnameserver ::1\n", NULL, NULL },
	{ "", "nameserver fe80::1%eth0\n", NULL, NULL },
	{ "", "", NULL, NULL },
	{ "", "", "/no/such/file", "/no/such/file" },
	{ "", "", "/usr/share/dns/root.key", NULL },
};

START_TEST(configure)
{
	struct upstream_conf conf = {
		.nameservers = span_str(confs[_i].servers),
		.resolv_conf = span_str(confs[_i].resolv_conf),
		.anchor = confs[_i].anchor,
	};
	struct loop *l = loop_new();
	struct upstream *u;
	struct why why;

	why_init(&why);
	u = upstream_new(l, &conf, &why);
	if (confs[_i].says == NULL)
		ck_assert_msg(u != NULL, "%s", why_text(&why));
	else
		ck_assert_msg(
		    u == NULL && strstr(why_text(&why), confs[_i].says) != NULL,
		    "%s", why_text(&why));
	upstream_free(&u);
	loop_free(&l);
	why_free(&why);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, begin, end);
	tcase_add_loop_test(c, ask, 0, UNIT_COUNT(cases));
	tcase_add_loop_test(c, ask_hosts, 0, UNIT_COUNT(hosts_cases));
	tcase_add_test(c, ask_in_the_sandbox);
	tcase_add_test(c, drains);
	tcase_add_test(c, bad_request_closes);
	tcase_add_loop_test(c, dnssec, 0, UNIT_COUNT(levels));
	tcase_add_loop_test(c, configure, 0, UNIT_COUNT(confs));
}

int
main(void)
{
	return unit_main("resolver/serve", fill);
}
