/* world.h - what smtp needs around it, made by hand: name servers, tables, and
 * mail servers that follow a script
 *
 * A script is a list of lines. "S text" is sent (with CRLF), "R text" is sent
 * without; "C text" waits for a line that begins so; "M" takes a message up to
 * its dot; "TLS" begins TLS; "CLOSE" closes; "STALL" says no more, "DEAF" reads
 * no more either, "DRIP" a little now and then; "FLOOD" sends without end.
 * Whatever does not follow the script fails the test.
 */

#ifndef TESTS_SMTP_WORLD_H
#define TESTS_SMTP_WORLD_H

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "calls/dns_call.h"
#include "calls/lookup_call.h"
#include "calls/queue_call.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "ipc/server.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"
#include "smtp/conf.h"
#include "smtp/delivery.h"
#include "smtp/env.h"
#include "tests/unit.h"
#include "tls/conn.h"
#include "tls/context.h"

enum { WORLD_HOSTS = 3, WORLD_SCRIPTS = 8, WORLD_LINE = 512 };

/* The server at 127.0.0.(i+1). */
struct world_host {
	int fd;
	struct loop_io *io;
	const char *const *scripts[WORLD_SCRIPTS]; /* one per connection */
	unsigned script_count, connections;
};

struct world_session {
	struct list in;
	struct conn *conn;
	const char *const *at;
	bool stalled;
	struct loop_timer *drip; /* DRIP: the next bite */
};

struct world_name {
	const char *name;
	enum dns_type type;
	enum dns_result result;
	unsigned preference;
	const char *data; /* "127.0.0.1", or a name; TLSA: what w.tlsa holds */
	bool secure;
};

static struct world {
	struct loop *loop;
	char folder[64];
	char dns_path[96], lookup_path[96];
	int dns_fd, lookup_fd, log_fd;
	struct server *dns, *lookup;
	struct channel *dns_channel, *lookup_channel;
	struct world_host hosts[WORLD_HOSTS];
	struct list sessions;
	unsigned port;
	struct arena *arena;
	struct smtp_conf conf, lmtp_conf;
	struct smtp_env env, lmtp_env;
	struct buf heard; /* all that clients sent, messages too */
	struct buf message; /* the last one, as it came */
	struct buf tlsa;
	struct tls_context *tls;
	const struct tls_signer *signer; /* of clients */
	const struct world_name *names; /* ended by a NULL name */
	const char *const *tables; /* parameter, key, value, ..., NULL */
	bool lookup_broken;
	enum dns_hosts hosts_wanted; /* of the last question */

	/* what came of a delivery */
	size_t count;
	char host[200]; /* that was told of */
	struct delivery_result results[DELIVERY_RCPTS_MAX];
	bool done;
} w;

static inline void
world_dns_data(const struct world_name *n, struct arena *a,
    struct dns_record *out, enum dns_type type)
{
	struct address addr;

	if (type == DNS_A || type == DNS_AAAA) {
		ck_assert(address_parse(span_str(n->data), 0, &addr));
		out->data = arena_span(a, address_bytes(&addr));
	} else if (type == DNS_TLSA) {
		/* "211": a record of these three, with a digest of nothing */
		out->data = n->data[0] == '\0'
		    ? buf_span(&w.tlsa)
		    : span_str(arena_printf(a, "%c%c%c%s", n->data[0] - '0',
			  n->data[1] - '0', n->data[2] - '0',
			  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
	} else {
		out->preference = n->preference;
		out->data = span_str(n->data);
	}
}

static inline void
world_dns_request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct dns_record records[20];
	struct dns_answer answer = { .result = DNS_NXDOMAIN,
		.records = records };
	struct packet_out o = { .id = 0 };
	struct span name, behind = SPAN("");
	enum dns_type type;

	(void)arg;
	ck_assert(dns_ask_get(in, &name, &type, &w.hosts_wanted));
	memset(records, 0, sizeof(records));
	for (const struct world_name *n = w.names; n->name != NULL; n++) {
		if (!span_iis(name, n->name))
			continue;
		if (answer.result == DNS_NXDOMAIN)
			answer.result = DNS_NODATA;
		if (n->type == DNS_CNAME)
			behind = span_str(n->data);
		if (n->type != type)
			continue;
		answer.result = n->result;
		answer.name = name;
		answer.secure = n->secure;
		if (n->result == DNS_FOUND)
			world_dns_data(
			    n, w.arena, &records[answer.count++], type);
	}
	if (answer.count > 0 && behind.n > 0)
		answer.name = behind;
	dns_answer_put(&o, in->id, type, &answer);
	server_reply(peer, &o);
	packet_done(&o);
}

static inline void
world_lookup_request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .id = 0 };
	struct span parameter, key, value = SPAN("");
	struct why why;
	bool hit = false;

	(void)arg;
	ck_assert(lookup_map_get(in, &parameter, &key));
	why_init(&why);
	for (const char *const *t = w.tables; t != NULL && *t != NULL; t += 3)
		if (span_is(parameter, t[0]) && span_is(key, t[1])) {
			hit = true;
			value = span_str(t[2]);
		}
	if (w.lookup_broken)
		why_set(&why, "4.3.0", "table is broken");
	lookup_value_put(&o, in->id, hit, value, &why);
	server_reply(peer, &o);
	packet_done(&o);
	why_free(&why);
}

static inline void
world_session_end(struct world_session *s)
{
	conn_finish(&s->conn);
	loop_timer_free(&s->drip);
	list_remove(&s->in);
	free(s);
}

static inline void
world_flood(struct world_session *s)
{
	while (!conn_full(s->conn))
		conn_printf(s->conn, "250-%0500d\r\n", 7);
	conn_flush(s->conn);
}

/* 16 KiB each time, as often as it takes to be alive. */
static inline void
world_drip(void *arg)
{
	struct world_session *s = arg;

	conn_take(s->conn, conn_input(s->conn).n);
	if (s->drip == NULL)
		s->drip = loop_timer_new(w.loop, world_drip, s);
	loop_timer_set(s->drip, 50);
}

enum world_step { WORLD_MOVED, WORLD_WAITS, WORLD_GONE };

/* One step of the server's own. */
static inline enum world_step
world_speaks(struct world_session *s)
{
	const char *line = *s->at;

	if (line == NULL || strcmp(line, "STALL") == 0) {
		s->stalled = true;
		return WORLD_WAITS;
	}
	if (strcmp(line, "FLOOD") == 0) {
		s->stalled = true;
		world_flood(s);
		return WORLD_WAITS;
	}
	if (strcmp(line, "DEAF") == 0 || strcmp(line, "DRIP") == 0) {
		s->stalled = true;
		conn_input_max_set(s->conn, 16384);
		conn_pause(s->conn, line[1] == 'E');
		if (line[1] == 'R' && s->drip == NULL)
			world_drip(s);
		return WORLD_WAITS;
	}
	if (strcmp(line, "CLOSE") == 0) {
		world_session_end(s);
		return WORLD_GONE;
	}
	if (strcmp(line, "TLS") == 0) {
		s->at++;
		conn_flush(s->conn);
		conn_tls_accept(s->conn, w.tls);
		return WORLD_WAITS;
	}
	if (line[0] != 'S' && line[0] != 'R')
		return WORLD_WAITS;
	conn_printf(s->conn, "%s%s", line + 2, line[0] == 'S' ? "\r\n" : "");
	s->at++;
	return WORLD_MOVED;
}

/* The client's turn: false when more must come first. */
static inline bool
world_hears(struct world_session *s)
{
	struct span in = conn_input(s->conn);
	const char *line = *s->at;
	size_t upto;

	if (line != NULL && line[0] == 'M') {
		upto = span_search(in, SPAN("\r\n.\r\n"));
		if (upto == in.n)
			return false;
		upto += 5;
		buf_clear(&w.message);
		buf_add_span(&w.message, span_head(in, upto));
	} else {
		upto = span_search(in, SPAN("\r\n"));
		if (upto == in.n)
			return false;
		upto += 2;
		ck_assert_msg(
		    line != NULL && line[0] == 'C' && span_starts(in, line + 2),
		    "the client said \"%.*s\", the script has \"%s\"",
		    (int)upto - 2, in.p, line == NULL ? "nothing" : line);
	}
	buf_add_span(&w.heard, span_head(in, upto));
	conn_take(s->conn, upto);
	s->at++;
	return true;
}

static inline void
world_go_on(void *arg)
{
	struct world_session *s = arg;
	enum world_step step;

	do {
		while ((step = world_speaks(s)) == WORLD_MOVED)
			;
		if (step == WORLD_GONE)
			return;
	} while (!s->stalled && world_hears(s));
	conn_flush(s->conn);
}

static inline void
world_drained(void *arg)
{
	struct world_session *s = arg;

	if (*s->at != NULL && strcmp(*s->at, "FLOOD") == 0)
		world_flood(s);
}

/* The client may go only where the script is over. */
static inline void
world_ended(void *arg, enum conn_end how)
{
	struct world_session *s = arg;

	(void)how;
	ck_assert_msg(
	    *s->at == NULL || s->stalled || strcmp(*s->at, "TLS") == 0,
	    "the client has gone, the script has \"%s\"", *s->at);
	world_session_end(s);
}

static inline void
world_accept(void *arg, unsigned ready)
{
	static const struct conn_calls calls = { .input = world_go_on,
		.secured = world_go_on,
		.drained = world_drained,
		.ended = world_ended };
	struct world_host *h = arg;
	struct world_session *s = mem_new(sizeof(*s));
	int fd = sock_accept(h->fd, NULL);

	(void)ready;
	ck_assert_int_ne(fd, -1);
	ck_assert_msg(h->connections < h->script_count,
	    "host %d: a connection too many", (int)(h - w.hosts) + 1);
	s->conn = conn_new(w.loop, fd, &calls, s);
	conn_input_max_set(s->conn, 64 << 20); /* a whole message */
	s->at = h->scripts[h->connections++];
	list_init(&s->in);
	list_add_tail(&w.sessions, &s->in);
	world_go_on(s);
}

/* The next connection to 127.0.0.host goes like this. */
static inline void
world_script(unsigned host, const char *const *script)
{
	struct world_host *h = &w.hosts[host - 1];

	ck_assert_uint_lt(h->script_count, WORLD_SCRIPTS);
	h->scripts[h->script_count++] = script;
	if (h->io == NULL)
		h->io = loop_io_new(w.loop, h->fd, LOOP_READ, world_accept, h);
}

/* False: somebody has that port at one of the addresses. */
static inline bool
world_hosts_try(void)
{
	struct address a;
	char text[16];

	for (unsigned i = 0; i < WORLD_HOSTS; i++) {
		snprintf(text, sizeof(text), "127.0.0.%u", i + 1);
		ck_assert(address_parse(span_str(text), (uint16_t)w.port, &a));
		w.hosts[i].fd = sock_listen_inet(&a, 10);
		if (w.hosts[i].fd == -1)
			return false;
		ck_assert(sock_local(w.hosts[i].fd, &a));
		w.port = address_port(&a);
	}
	return true;
}

static inline void
world_hosts_make(void)
{
	int tries = 0;

	for (unsigned i = 0; i < WORLD_HOSTS; i++)
		w.hosts[i].fd = -1;
	while (!world_hosts_try()) {
		ck_assert_int_lt(++tries, 20);
		for (unsigned i = 0; i < WORLD_HOSTS; i++)
			file_close(&w.hosts[i].fd);
		w.port = 0;
	}
}

/* Nobody listens on 127.0.0.host. */
static inline void
world_host_down(unsigned host)
{
	close(w.hosts[host - 1].fd);
	w.hosts[host - 1].fd = -1;
}

/* main.cf's lines that matter to the test; the port of the servers is
 * smtp_tcp_port. */
static inline void
world_conf(const char *text)
{
	struct why why;
	struct main_cf *m;
	char *all = mem_printf("myhostname = client.example\n"
			       "mydomain = example\n"
			       "inet_interfaces = 192.0.2.99\n"
			       "proxy_interfaces = 192.0.2.99\n"
			       "inet_protocols = ipv4\n"
			       "smtp_randomize_addresses = no\n"
			       "smtp_tcp_port = %u\nlmtp_tcp_port = %u\n%s",
	    w.port, w.port, text);

	smtp_conf_done(&w.conf);
	smtp_conf_done(&w.lmtp_conf);
	w.conf = w.lmtp_conf = (struct smtp_conf){ .lmtp = false };
	why_init(&why);
	m = main_cf_parse(span_str(all), "main.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	ck_assert_msg(param_fill(smtp_params, m, w.arena, &w.conf, &why), "%s",
	    why_text(&why));
	ck_assert_msg(
	    smtp_conf_complete(&w.conf, w.signer, &why), "%s", why_text(&why));
	ck_assert_msg(smtp_conf_fill_lmtp(m, w.arena, &w.lmtp_conf, &why) &&
		smtp_conf_complete(&w.lmtp_conf, w.signer, &why),
	    "%s", why_text(&why));
	main_cf_free(&m);
	why_free(&why);
	free(all);
}

static inline void
world_begin(void)
{
	static const struct server_calls dns_calls = { .request =
							   world_dns_request };
	static const struct server_calls lookup_calls = {
		.request = world_lookup_request
	};
	static const struct world_name none[] = { { .name = NULL } };

	memset(&w, 0, sizeof(w));
	signal(SIGPIPE, SIG_IGN);
	w.arena = arena_new();
	w.loop = loop_new();
	w.names = none;
	list_init(&w.sessions);
	snprintf(w.folder, sizeof(w.folder), "/tmp/smtp.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w.folder));
	snprintf(w.dns_path, sizeof(w.dns_path), "%s/d", w.folder);
	snprintf(w.lookup_path, sizeof(w.lookup_path), "%s/l", w.folder);
	w.dns_fd = sock_listen_unix(w.dns_path, SOCK_SEQPACKET, 0600, 5);
	w.lookup_fd = sock_listen_unix(w.lookup_path, SOCK_SEQPACKET, 0600, 5);
	w.dns = server_new(w.loop, w.dns_fd, "smtp", &dns_calls, NULL);
	w.lookup = server_new(w.loop, w.lookup_fd, "smtp", &lookup_calls, NULL);
	w.dns_channel = channel_new(w.loop, w.dns_path, 5000);
	w.lookup_channel = channel_new(w.loop, w.lookup_path, 5000);
	w.env = (struct smtp_env){ .conf = &w.conf,
		.loop = w.loop,
		.resolver = w.dns_channel,
		.lookup = w.lookup_channel };
	w.lmtp_env = w.env;
	w.lmtp_env.conf = &w.lmtp_conf;
	w.log_fd = memfd_create("log", MFD_CLOEXEC);
	log_to(w.log_fd, true, "smtp");
	world_hosts_make();
	world_conf("");
}

static inline void
world_end(void)
{
	for (struct list *l = w.sessions.next; l != &w.sessions;) {
		struct world_session *s = LIST_OF(l, struct world_session, in);

		l = l->next;
		conn_free(&s->conn);
		loop_timer_free(&s->drip);
		free(s);
	}
	for (unsigned i = 0; i < WORLD_HOSTS; i++) {
		loop_io_free(&w.hosts[i].io);
		if (w.hosts[i].fd != -1)
			close(w.hosts[i].fd);
	}
	for (size_t i = 0; i < w.count; i++)
		why_free(&w.results[i].why);
	channel_free(&w.dns_channel);
	channel_free(&w.lookup_channel);
	server_free(&w.dns);
	server_free(&w.lookup);
	tls_context_free(&w.tls);
	smtp_conf_done(&w.conf);
	smtp_conf_done(&w.lmtp_conf);
	loop_free(&w.loop);
	arena_free(&w.arena);
	buf_free(&w.heard);
	buf_free(&w.message);
	buf_free(&w.tlsa);
	close(w.dns_fd);
	close(w.lookup_fd);
	unlink(w.dns_path);
	unlink(w.lookup_path);
	rmdir(w.folder);
	log_to(-1, false, "smtp");
	close(w.log_fd);
}

static inline void
world_delivered(void *arg, const struct delivery_result *results, size_t count,
    struct span host)
{
	(void)snprintf(w.host, sizeof(w.host), "%.*s", (int)host.n, host.p);
	(void)arg;
	w.count = count;
	for (size_t i = 0; i < count; i++) {
		why_init(&w.results[i].why);
		why_copy(&w.results[i].why, &results[i].why);
		w.results[i].told = results[i].told;
	}
	w.done = true;
	loop_stop(w.loop);
}

/* A delivery of content to nexthop; rcpts is ended by NULL. */
static inline struct delivery_request
world_request(const char *content, const char *nexthop,
    struct delivery_rcpt *list, const char *const *rcpts)
{
	struct delivery_request r = { .fd = memfd_create("m", MFD_CLOEXEC),
		.qid = SPAN("4F00D"),
		.content_size = strlen(content),
		.sender = SPAN("a@client.example"),
		.transport = SPAN("smtp"),
		.nexthop = span_str(nexthop),
		.arrival_us = clock_wall_us() - 1000000,
		.ready_us = clock_wall_us() };

	ck_assert_int_eq(
	    write(r.fd, content, strlen(content)), (ssize_t)strlen(content));
	for (; *rcpts != NULL; rcpts++)
		list[r.rcpt_count++] =
		    (struct delivery_rcpt){ .kind = TO_REMOTE,
			    .address = span_str(*rcpts) };
	r.rcpts = list;
	return r;
}

static inline void
world_deliver(const struct delivery_request *r, bool lmtp)
{
	delivery_start(
	    lmtp ? &w.lmtp_env : &w.env, r, lmtp, world_delivered, NULL);
	loop_run(w.loop);
	ck_assert(w.done);
}

static inline void
world_log(struct buf *out)
{
	char p[4096];
	ssize_t n;
	off_t at = 0;

	while ((n = pread(w.log_fd, p, sizeof(p), at)) > 0) {
		buf_add(out, p, (size_t)n);
		at += n;
	}
}

#endif
