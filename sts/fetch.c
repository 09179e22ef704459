/*
 * fetch.c - one request to an HTTPS server
 *
 * RFC 8461, 3.3: https://mta-sts.DOMAIN/.well-known/mta-sts.txt, the
 * certificate good for that name, the answer 200 and text/plain; no redirection
 * is followed. Addresses are tried in turn; the certificate is looked at before
 * a byte of the question is sent.
 *
 * A report goes where a stranger's DNS says. So that he cannot have us speak to
 * servers of our own network, addresses there are passed over.
 */

#include "sts/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/dns_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "os/dial.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tls/conn.h"
#include "tls/tls_client.h"
#include "wire/http_reply.h"
#include "wire/sts.h"

enum { ADDRESSES_MAX = 8, DIAL_MS = 5000, REPLY_MAX = 65536 };

struct fetch {
	const struct fetch_env *env;
	char *host; /* "mta-sts.example" */
	struct buf request; /* of a report; empty: it is for a policy */
	bool anywhere;
	uint16_t port;
	enum dns_type asked;
	struct channel_call *call;
	struct address addresses[ADDRESSES_MAX];
	unsigned count, at;
	struct dial *dial;
	struct conn *conn;
	struct http_reply *reply;
	struct loop_timer *limit;
	bool secured;
	struct buf trouble; /* of the last address */
	fetch_fn *fn;
	void *arg;
};

void
fetch_cancel(struct fetch **fp)
{
	struct fetch *f = *fp;

	if (f == NULL)
		return;
	channel_cancel(&f->call);
	dial_cancel(&f->dial);
	conn_free(&f->conn);
	http_reply_free(&f->reply);
	loop_timer_free(&f->limit);
	buf_free(&f->trouble);
	buf_free(&f->request);
	free(f->host);
	mem_free(fp);
}

static void
report(struct fetch *f, enum fetch_result result, struct span text)
{
	f->fn(f->arg, result, text);
	fetch_cancel(&f);
}

/* What is wrong, in words fit for a log. */
static void
fail(struct fetch *f, enum fetch_result result, const char *what,
    struct span detail)
{
	struct buf text = BUF_EMPTY;

	buf_add_str(&text, what);
	if (detail.n > 0)
		buf_add_str(&text, ": ");
	log_quote(&text, detail, 200);
	report(f, result, buf_span(&text));
	buf_free(&text);
}

static void dial_next(struct fetch *f);

static void
answered(struct fetch *f)
{
	char number[16];
	int status = http_reply_status(f->reply);

	if (f->request.n > 0 && status / 100 == 2) {
		report(f, FETCH_DONE, SPAN(""));
	} else if (f->request.n > 0 || status != 200) {
		snprintf(number, sizeof(number), "%d", status);
		fail(f, FETCH_ODD, "HTTP status", span_str(number));
	} else if (!span_iis(http_reply_type(f->reply), "text/plain")) {
		fail(f, FETCH_ODD, "not of type text/plain",
		    http_reply_type(f->reply));
	} else {
		report(f, FETCH_DONE, http_reply_body(f->reply));
	}
}

static void
result_take(struct fetch *f, enum http_reply_result got)
{
	if (got == HTTP_REPLY_BAD)
		fail(f, FETCH_ODD, http_reply_error(f->reply), SPAN(""));
	else if (got == HTTP_REPLY_DONE)
		answered(f);
}

static void
input(void *arg)
{
	struct fetch *f = arg;
	struct span in = conn_input(f->conn);
	enum http_reply_result got = http_reply_feed(f->reply, in.p, in.n);

	conn_take(f->conn, in.n);
	result_take(f, got);
}

static void
secured(void *arg)
{
	struct fetch *f = arg;

	f->secured = true;
	if (f->request.n > 0) {
		f->reply = http_reply_new(REPLY_MAX);
		conn_write(f->conn, buf_span(&f->request));
		conn_flush(f->conn);
		return;
	}
	if (tls_stream_trust(conn_stream(f->conn)) != TLS_VERIFIED) {
		fail(f, FETCH_UNTRUSTED, "certificate",
		    span_str(tls_stream_doubt(conn_stream(f->conn))));
		return;
	}
	f->reply = http_reply_new(STS_POLICY_MAX);
	conn_printf(f->conn,
	    "GET /.well-known/mta-sts.txt HTTP/1.1\r\n"
	    "Host: %s\r\n"
	    "Accept: text/plain\r\n"
	    "User-Agent: Facteur\r\n"
	    "Connection: close\r\n\r\n",
	    f->host);
	conn_flush(f->conn);
}

static void
try_another(struct fetch *f, const char *what)
{
	buf_clear(&f->trouble);
	log_quote(&f->trouble, span_str(what), 200);
	conn_free(&f->conn);
	dial_next(f);
}

static void
ended(void *arg, enum conn_end how)
{
	struct fetch *f = arg;

	if (f->reply != NULL && how == CONN_EOF)
		result_take(f, http_reply_close(f->reply));
	else if (f->reply != NULL)
		fail(f, FETCH_UNREACHABLE, "connection lost", SPAN(""));
	else
		try_another(f,
		    how == CONN_EOF ? "connection closed"
				    : conn_error(f->conn));
}

static void
dialled(void *arg, int fd, int error)
{
	static const struct conn_calls calls = {
		.input = input, .secured = secured, .ended = ended
	};
	struct fetch *f = arg;
	struct span name = span_str(f->host);
	struct tls_want want = { .server_name = name,
		.names = &name,
		.name_count = f->request.n > 0 ? 0 : 1,
		.san_only = true };

	f->dial = NULL;
	if (fd == -1) {
		try_another(f, strerror(error));
		return;
	}
	f->conn = conn_new(f->env->loop, fd, &calls, f);
	if (!conn_tls_connect(f->conn, f->env->tls, &want))
		try_another(f, conn_error(f->conn));
}

static void
dial_next(struct fetch *f)
{
	if (f->at == f->count) {
		fail(f, FETCH_UNREACHABLE, f->host, buf_span(&f->trouble));
		return;
	}
	f->dial =
	    dial_start(f->env->loop, &f->addresses[f->at++], NULL, dialled, f);
	dial_limit(f->dial, DIAL_MS);
}

static void
address_add(struct fetch *f, struct span bytes)
{
	struct address *a = &f->addresses[f->count];

	if (f->count == ADDRESSES_MAX || !address_from_bytes(a, bytes) ||
	    (!f->anywhere && !address_is_global(a)))
		return;
	address_port_set(a, f->port);
	f->count++;
}

static void ask_name(struct fetch *f, enum dns_type type);

static void
named(void *arg, struct packet_in *in)
{
	struct fetch *f = arg;
	struct arena *a = arena_new();
	struct dns_answer answer = { .result = DNS_TROUBLE };

	f->call = NULL;
	if (in != NULL && dns_answer_get(in, a, f->asked, &answer))
		for (size_t i = 0; i < answer.count; i++)
			address_add(f, answer.records[i].data);
	arena_free(&a);
	if (f->asked == DNS_A && f->env->inet6)
		ask_name(f, DNS_AAAA);
	else
		dial_next(f);
}

static void
ask_name(struct fetch *f, enum dns_type type)
{
	struct packet_out o = { .id = 0 };

	f->asked = type;
	dns_ask_put_hosts(&o, span_str(f->host), type, DNS_HOSTS_NEVER);
	f->call = channel_ask(f->env->resolver, &o, named, f);
	packet_done(&o);
}

static void
too_late(void *arg)
{
	fail(arg, FETCH_UNREACHABLE, "timed out", SPAN(""));
}

static struct fetch *
begin(const struct fetch_env *env, char *host, fetch_fn *fn, void *arg)
{
	struct fetch *f = mem_new(sizeof(*f));

	f->env = env;
	f->host = host;
	f->port = env->port;
	f->fn = fn;
	f->arg = arg;
	buf_add_str(&f->trouble, "no address");
	f->limit = loop_timer_new(env->loop, too_late, f);
	loop_timer_set(f->limit, env->limit_ms);
	ask_name(f, env->inet4 ? DNS_A : DNS_AAAA);
	return f;
}

struct fetch *
fetch_start(
    const struct fetch_env *env, struct span domain, fetch_fn *fn, void *arg)
{
	struct fetch *f = begin(
	    env, mem_printf("mta-sts.%.*s", (int)domain.n, domain.p), fn, arg);

	f->anywhere = true;
	return f;
}

struct fetch *
fetch_post(const struct fetch_env *env, const struct fetch_post *post,
    fetch_fn *fn, void *arg)
{
	struct fetch *f = begin(env, mem_span(post->host), fn, arg);
	struct buf *r = &f->request;

	f->anywhere = post->anywhere;
	if (post->port != 0)
		f->port = post->port;
	buf_printf(r, "POST %.*s HTTP/1.1\r\nHost: %s", (int)post->target.n,
	    post->target.p, f->host);
	if (post->port != 0)
		buf_printf(r, ":%u", post->port);
	buf_printf(r,
	    "\r\nContent-Type: %.*s\r\nContent-Length: %zu\r\n"
	    "User-Agent: Facteur\r\nConnection: close\r\n\r\n",
	    (int)post->type.n, post->type.p, post->body.n);
	buf_add_span(r, post->body);
	return f;
}
