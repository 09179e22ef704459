/* fuzz_smtpd.c - a client's bytes to a whole session, its services played by
 * fakes that say yes, no or nothing
 *
 * The first byte chooses how the fakes behave. A byte 0xFF in the input is no
 * byte but a pause: what was sent so far is worked off.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/auth_call.h"
#include "calls/checks_call.h"
#include "calls/lookup_call.h"
#include "calls/queue_call.h"
#include "calls/showq_call.h"
#include "ipc/channel.h"
#include "ipc/server.h"
#include "os/loop.h"
#include "os/sock.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct {
	struct loop *loop;
	struct loop_timer *tick;
	struct smtpd_conf conf;
	struct main_cf *main_cf;
	struct arena *arena;
	struct smtpd *smtpd;
	struct channel *all;
	uint8_t mode;
} it;

static const char config[] =
    "myhostname = h.test\n"
    "mynetworks = 127.0.0.0/8\n"
    "inet_interfaces = 127.0.0.1\n"
    "smtpd_peername_lookup = no\n"
    "smtpd_error_sleep_time = 0\n"
    "message_size_limit = 20000\n"
    "recipient_delimiter = +\n"
    "smtpd_client_restrictions = check_client_access hash:/t\n"
    "smtpd_helo_restrictions = reject_invalid_helo_hostname,"
    " reject_non_fqdn_helo_hostname, check_helo_access hash:/t\n"
    "smtpd_sender_restrictions = reject_non_fqdn_sender,"
    " reject_sender_login_mismatch, check_sender_access hash:/t\n"
    "smtpd_recipient_restrictions = check_recipient_access hash:/t,"
    " warn_if_reject reject_non_fqdn_recipient\n"
    "smtpd_authorized_xclient_hosts = 127.0.0.1\n"
    "smtpd_authorized_xforward_hosts = 127.0.0.1\n"
    "fast_flush_domains = x.test\n"
    "header_checks = hash:/h\n"
    "body_checks = hash:/b\n"
    "smtpd_end_of_data_restrictions = reject_multi_recipient_bounce\n";

static void
queue_new(struct server_peer *peer, struct packet_in *in)
{
	int fd = memfd_create("message", MFD_CLOEXEC);
	struct packet_out o = { .fd_count = 0 };
	struct why why;

	why_init(&why);
	if ((it.mode & 1) != 0)
		why_set(&why, "4.3.1", "full");
	queue_file_put(
	    &o, in->id, (it.mode & 1) != 0 ? SPAN("") : SPAN("F00"), fd, &why);
	server_reply(peer, &o);
	packet_done(&o);
	why_free(&why);
	close(fd);
}

static void
queue_commit(struct server_peer *peer, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct packet_out o = { .fd_count = 0 };
	struct queue_envelope e;
	struct why why;

	why_init(&why);
	must(queue_commit_get(in, a, &e));
	must(e.rcpt_count > 0 && !span_has_break(e.sender));
	for (size_t i = 0; i < e.rcpt_count; i++)
		must(e.rcpts[i].address.n > 0 &&
		    !span_has_break(e.rcpts[i].address));
	must(!span_has_break(e.helo) && !span_has_break(e.message_id));
	queue_done_put(&o, in->id, &why);
	server_reply(peer, &o);
	packet_done(&o);
	why_free(&why);
	arena_free(&a);
}

/* What a table says depends on the length of the key. */
static void
map_asked(struct server_peer *peer, struct packet_in *in)
{
	static const char *const values[] = { "OK", "DUNNO", "REJECT 5.7.9 x",
		"421 4.7.0 x", "HOLD", "DISCARD", "PREPEND X-Y: z",
		"reject_non_fqdn_sender, check_sender_access hash:/t, permit",
		"DEFER_IF_PERMIT x", "FILTER x", "WARN x", "450" };
	enum { VALUES = sizeof(values) / sizeof(values[0]) };
	struct packet_out o = { .fd_count = 0 };
	struct span table, key;
	struct why why;

	why_init(&why);
	must(lookup_map_get(in, &table, &key));
	lookup_value_put(&o, in->id, (it.mode & 16) != 0 && key.n % 3 == 0,
	    span_str(values[key.n / 3 % VALUES]), &why);
	server_reply(peer, &o);
	packet_done(&o);
	why_free(&why);
}

/* The same of lines. */
static void
lines_asked(struct server_peer *peer, struct packet_in *in)
{
	static const char *const values[] = { "REJECT 5.7.9 x", "DISCARD",
		"IGNORE", "STRIP x", "PREPEND X-Y: z", "REPLACE X-Y: zz",
		"WARN x", "REDIRECT a@b", "BCC b@c", "HOLD", "odd" };
	enum { VALUES = sizeof(values) / sizeof(values[0]) };
	struct packet_out o = { .fd_count = 0 };
	struct span table, lines, line;
	uint32_t done = 0;
	struct why why;

	why_init(&why);
	must(checks_lines_get(in, &table, &lines));
	checks_hits_begin(&o, in->id);
	lines = span_head(lines, lines.n - 1);
	for (; span_cut(&lines, '\0', &line); done++)
		if ((it.mode & 32) != 0 && line.n % 4 == 0)
			must(checks_hit_add(
			    &o, done, span_str(values[line.n / 4 % VALUES])));
	checks_hits_end(&o, done, &why);
	server_reply(peer, &o);
	packet_done(&o);
	why_free(&why);
}

static void
rcpt_asked(struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct lookup_route r = { .class = CLASS_OTHER };
	struct lookup_rcpt_request q;

	why_init(&r.why);
	must(lookup_rcpt_get(in, &q));
	must(q.address.n > 0 && !span_has_break(q.address));
	if (q.address.n % 2 == 0)
		r.class = CLASS_LOCAL;
	if ((it.mode & 2) != 0)
		why_set(&r.why, "4.3.0", "trouble");
	else if (q.address.n % 5 == 0)
		why_set(&r.why, "5.1.1", "unknown");
	lookup_route_put(&o, in->id, &r);
	server_reply(peer, &o);
	packet_done(&o);
	why_free(&r.why);
}

static void
auth_asked(struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct auth_user u = { .verdict = AUTH_DENIED };
	struct auth_check c;

	must(auth_check_get(in, &c));
	if ((it.mode & 4) != 0) {
		u.verdict = AUTH_OK;
		u.user = c.user;
	}
	auth_user_put(&o, in->id, &u);
	server_reply(peer, &o);
	packet_done(&o);
}

static void
asked(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct why why;

	(void)arg;
	if (span_is(in->call, "queue_new")) {
		queue_new(peer, in);
	} else if (span_is(in->call, "queue_commit")) {
		queue_commit(peer, in);
	} else if (span_is(in->call, "lookup_map")) {
		map_asked(peer, in);
	} else if (span_is(in->call, "lookup_lines")) {
		lines_asked(peer, in);
	} else if (span_is(in->call, "lookup_rcpt")) {
		rcpt_asked(peer, in);
	} else if (span_is(in->call, "auth_check")) {
		auth_asked(peer, in);
	} else if (span_is(in->call, "auth_pbs")) {
		auth_pbs_answer_put(&o, in->id, false);
		server_reply(peer, &o);
		packet_done(&o);
	} else if (span_is(in->call, "flush")) {
		why_init(&why);
		showq_done_put(&o, in->id, 0, &why);
		server_reply(peer, &o);
		packet_done(&o);
		why_free(&why);
	} else {
		must(span_is(in->call, "queue_abort"));
	}
}

static void
tick(void *arg)
{
	(void)arg;
	loop_stop(it.loop);
}

static void
conf_read(void)
{
	struct why why;

	why_init(&why);
	it.arena = arena_new();
	it.main_cf = main_cf_parse(span_str(config), "main.cf", &why);
	must(it.main_cf != NULL &&
	    param_fill(smtpd_params, it.main_cf, it.arena, &it.conf, &why));
	it.smtpd = smtpd_new(&it.conf, it.loop, it.main_cf, NULL, &why);
	must(it.smtpd != NULL);
	why_free(&why);
}

static void
begin(void)
{
	static const struct server_calls calls = { asked, NULL };
	char *path = mem_printf("/tmp/facteur-fuzz-%d", (int)getpid());
	struct packet_out o = { .fd_count = 0 };
	int fd;

	signal(SIGPIPE, SIG_IGN);
	log_to(open("/dev/null", O_WRONLY | O_CLOEXEC), true, "fuzz/smtpd");
	it.loop = loop_new();
	it.tick = loop_timer_new(it.loop, tick, NULL);
	conf_read();
	fd = sock_listen_unix(path, SOCK_SEQPACKET, 0600, 8);
	must(fd != -1);
	(void)server_new(it.loop, fd, "smtpd", &calls, NULL);
	it.all = channel_new(it.loop, path, 5000);
	it.smtpd->qmgr = it.smtpd->lookup = it.smtpd->auth = it.all;
	/* connect once: then the socket needs no name any more */
	queue_abort_put(&o, SPAN("F00"));
	channel_tell(it.all, &o);
	packet_done(&o);
	loop_timer_set(it.tick, 1);
	loop_run(it.loop);
	must(unlink(path) == 0);
	free(path);
}

/* Run until nothing is under way. */
static void
settle(int client)
{
	char replies[65536];

	for (int quiet = 0; quiet < 3;) {
		bool busy = channel_pending(it.all) > 0;

		loop_timer_set(it.tick, 0);
		loop_run(it.loop);
		if (client != -1 && read(client, replies, sizeof(replies)) > 0)
			busy = true;
		quiet = busy ? 0 : quiet + 1;
	}
}

static void
feed(int client, struct span bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(client, bytes.p, bytes.n);

		if (n <= 0 && errno != EAGAIN)
			break;
		if (n > 0)
			bytes = span_skip(bytes, (size_t)n);
		settle(client);
	}
	settle(client);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n), part;
	struct address from;
	int fds[2];

	if (it.loop == NULL)
		begin();
	it.mode = n > 0 ? p[0] : 0;
	rest = span_skip(rest, 1);
	must(sock_pair(SOCK_STREAM, true, fds) == 0);
	must(address_parse(
	    (it.mode & 8) != 0 ? SPAN("127.0.0.1") : SPAN("192.0.2.9"), 1,
	    &from));
	session_start(it.smtpd, fds[1], &from);
	settle(fds[0]);
	if (rest.n > 0)
		while (span_cut(&rest, '\xff', &part))
			feed(fds[0], part);
	close(fds[0]);
	for (int i = 0; i < 1000 && it.smtpd->session_count > 0; i++)
		settle(-1);
	must(it.smtpd->session_count == 0);
	return 0;
}
