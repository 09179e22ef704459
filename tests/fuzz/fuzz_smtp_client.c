/* A server that says anything at all, against a whole delivery. The client's
 * connection is one end of a socket pair: this file stands in for
 * os/dial.c. */

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "os/dial.h"
#include "os/loop.h"
#include "os/sock.h"
#include "smtp/conf.h"
#include "smtp/delivery.h"
#include "smtp/env.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct smtp_conf conf;
static struct smtp_env env = { .conf = &conf };
static struct span speech; /* what the server says, on each connection */
static struct arena *strings; /* of conf */
static int server = -1;

struct dial {
	struct loop_timer *timer;
	dial_fn *fn;
	void *arg;
};

void
dial_cancel(struct dial **d)
{
	if (*d == NULL)
		return;
	loop_timer_free(&(*d)->timer);
	mem_free(d);
}

static void
dialled(void *arg)
{
	struct dial *d = arg;
	dial_fn *fn = d->fn;
	void *to = d->arg;
	int fds[2];
	ssize_t sent;

	dial_cancel(&d);
	if (server != -1)
		close(server);
	must(sock_pair(SOCK_STREAM, true, fds) == 0);
	server = fds[1];
	sent = send(server, speech.p, speech.n, MSG_NOSIGNAL);
	must(sent == (ssize_t)speech.n);
	must(shutdown(server, SHUT_WR) == 0);
	fn(to, fds[0], 0);
}

struct dial *
dial_start(struct loop *loop, const struct address *to,
    const struct address *from, dial_fn *fn, void *arg)
{
	struct dial *d = mem_new(sizeof(*d));

	(void)to;
	(void)from;
	d->fn = fn;
	d->arg = arg;
	d->timer = loop_timer_new(loop, dialled, d);
	loop_timer_set(d->timer, 0);
	return d;
}

void
dial_limit(struct dial *d, int64_t ms)
{
	(void)d;
	(void)ms;
}

static void
delivered(void *arg, const struct delivery_result *results, size_t count,
    struct span host)
{
	(void)host;
	(void)arg;
	must(count == 2);
	for (size_t i = 0; i < count; i++) {
		static const char classes[] = {
			[DONE] = '2', [DEFER] = '4', [BOUNCE] = '5'
		};
		const struct why *why = &results[i].why;

		must(why->status[0] == classes[why->outcome]);
		must(why->text.n > 0);
		must(!span_has_break(buf_span(&why->text)));
	}
	loop_stop(env.loop);
}

static void
set_up(void)
{
	struct main_cf *m;
	struct why why;

	strings = arena_new();
	signal(SIGPIPE, SIG_IGN);
	why_init(&why);
	m = main_cf_parse(SPAN("myhostname = client.example\n"
			       "smtp_tls_security_level = may\n"),
	    "main.cf", &why);
	must(m != NULL && param_fill(smtp_params, m, strings, &conf, &why));
	must(smtp_conf_complete(&conf, NULL, &why));
	main_cf_free(&m);
	why_free(&why);
}

/* The first byte chooses between SMTP and LMTP. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char content[] = "Subject: x\n\n.\nhello\n";
	struct delivery_rcpt rcpts[] = {
		{ .kind = TO_REMOTE, .address = SPAN("b@x.example") },
		{ .kind = TO_REMOTE, .address = SPAN("c d@x.example") },
	};
	struct delivery_request r = { .content_size = sizeof(content) - 1,
		.qid = SPAN("4F00D"),
		.sender = SPAN("a@client.example"),
		.nexthop = SPAN("[192.0.2.1]"),
		.rcpt_count = 2,
		.rcpts = rcpts };

	if (n == 0 || n > 100000)
		return 0;
	if (conf.myhostname == NULL)
		set_up();
	env.loop = loop_new();
	speech = span_of((const char *)p + 1, n - 1);
	r.fd = memfd_create("m", MFD_CLOEXEC);
	must(write(r.fd, content, sizeof(content) - 1) ==
	    (ssize_t)sizeof(content) - 1);
	delivery_start(&env, &r, (p[0] & 1) != 0, delivered, NULL);
	loop_run(env.loop);
	/* connections that were let go read to their end */
	close(server);
	server = -1;
	loop_run(env.loop);
	loop_free(&env.loop);
	return 0;
}
