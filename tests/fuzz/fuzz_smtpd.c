/* fuzz_smtpd.c - a client's bytes to a whole session, its services played by
 * fakes that say yes, no or nothing
 *
 * The first byte chooses how the fakes behave, and which of four
 * configurations it is. A byte 0xFF in the input is no byte but a pause: what
 * was sent so far is worked off. Behind the first 0xFE stand the packets of a
 * milter, each ended by one more; those that change something are no answer,
 * and the next one goes with them. When there are none left it goes on. Where
 * those begin with "220" they are the lines of a filter before the queue, which
 * hangs up behind them or waits for ever.
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
#include "calls/dial_call.h"
#include "calls/lookup_call.h"
#include "calls/queue_call.h"
#include "calls/showq_call.h"
#include "calls/verify_call.h"
#include "ipc/channel.h"
#include "ipc/server.h"
#include "milter/proto.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"
#include "queue/qread.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { WAYS = 6, FILTER_WAYS = 4, MILTER_ALL = 0x1ff };

static struct {
	struct loop *loop;
	struct loop_timer *tick;
	struct smtpd_conf conf[WAYS];
	struct arena *arena;
	struct main_cf *main_cf[WAYS];
	struct smtpd *smtpd[WAYS];
	struct channel *all;
	uint8_t mode;
	struct span script; /* what the milter still says */
	bool filter; /* it is one before the queue */
	bool mute; /* it does not answer to header fields */
	bool active; /* something was done for it */
	int file; /* of the message, once it was asked for */
} it = { .file = -1 };

/* A milter of one session. */
struct fake_milter {
	int fd;
	struct loop_io *io;
	struct buf in;
};

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
static const char *const added[WAYS] = {
	"",
	"smtpd_protocol = lmtp\n"
	"smtpd_reject_footer = \\c. see $client_name $recipient\\nor $sender\n"
	"smtpd_milters = inet:127.0.0.1:9\n",
	"smtpd_milters = inet:127.0.0.1:9 inet:127.0.0.1:9\n"
	"milter_header_checks = hash:/h\n"
	"smtpd_greylist = yes\n"
	"smtpd_sender_restrictions = reject_unverified_sender\n",
	"smtpd_greylist = yes\n"
	"smtputf8_autodetect_classes = all\n"
	"postscreen_pipelining_enable = yes\n"
	"postscreen_non_smtp_command_enable = yes\n"
	"postscreen_bare_newline_enable = yes\n"
	"postscreen_bare_newline_action = enforce\n"
	"postscreen_denylist_action = enforce\n"
	"postscreen_access_list = permit_mynetworks, hash:/t\n",
	"smtpd_proxy_filter = 127.0.0.1:9\n",
	("smtpd_proxy_filter = 127.0.0.1:9\n"
	 "smtpd_proxy_options = speed_adjust\n"),
};

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
	file_close(&it.file);
	it.file = fd;
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
	must(qread_check(it.file, e.size, e.crc) == 0);
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
greylist_asked(struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct auth_greylist ask;
	struct auth_greylist_answer answer = { .seconds = 7 };

	must(auth_greylist_get(in, &ask));
	must(ask.triple.n > 0 && !span_has_break(ask.triple));
	answer.verdict = (it.mode & 2) != 0 && ask.triple.n % 3 == 0
	    ? GREYLIST_NEW
	    : GREYLIST_PASSED;
	auth_greylist_answer_put(&o, in->id, &answer);
	server_reply(peer, &o);
	packet_done(&o);
}

static void
verify_asked(struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct span address;
	struct why why;

	why_init(&why);
	must(verify_ask_get(in, &address));
	must(address.n > 0 && !span_has_break(address));
	if (address.n % 5 == 0)
		why_set(&why, address.n % 2 == 0 ? "4.1.2" : "5.1.1", "x");
	verify_answer_put(&o, in->id, &why);
	server_reply(peer, &o);
	packet_done(&o);
	why_free(&why);
}

static void
milter_say(const struct fake_milter *m, struct span packet)
{
	struct buf out = BUF_EMPTY;

	milter_put_number(&out, (uint32_t)packet.n);
	buf_add_span(&out, packet);
	/* it may have gone */
	(void)!write(m->fd, out.p, out.n);
	buf_free(&out);
}

static void
milter_greet(const struct fake_milter *m)
{
	struct buf out = BUF_EMPTY;

	buf_add_byte(&out, (char)MILTER_NEGOTIATE);
	milter_put_number(&out, 6);
	milter_put_number(&out, MILTER_ALL);
	milter_put_number(&out, WITH_SKIP | (it.mute ? MUTE_HEADER : 0U));
	milter_say(m, buf_span(&out));
	buf_free(&out);
}

static void
milter_reply(const struct fake_milter *m)
{
	struct span packet;

	while (span_cut(&it.script, '\xfe', &packet)) {
		milter_say(m, packet);
		if (packet.n == 0 ||
		    span_find(SPAN("+-2behimpq"), packet.p[0]) == 10)
			return;
	}
	milter_say(m, SPAN("c"));
}

static void
milter_heard(const struct fake_milter *m, char command)
{
	if (command == (char)MILTER_OPTIONS)
		milter_greet(m);
	else if (command != (char)MILTER_MACRO &&
	    command != (char)MILTER_ABORT && command != (char)MILTER_QUIT &&
	    !(it.mute && command == (char)MILTER_HEADER))
		milter_reply(m);
}

static void
milter_input(void *arg, unsigned ready)
{
	struct fake_milter *m = arg;
	struct span packet;
	ssize_t n = read(m->fd, buf_room(&m->in, 65536), 65536);

	(void)ready;
	it.active = true;
	if (n > 0) {
		m->in.n += (size_t)n;
		if (it.filter)
			buf_clear(&m->in);
		while (
		    milter_next(buf_span(&m->in), &packet) == MILTER_PACKET) {
			milter_heard(m, packet.p[0]);
			buf_drop(&m->in, packet.n + 4);
		}
	} else if (n == 0 || errno != EAGAIN) {
		loop_io_free(&m->io);
		buf_free(&m->in);
		close(m->fd);
		free(m);
	}
}

static void
dial_asked(struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct fake_milter *m = mem_new(sizeof(*m));
	struct why why;
	int fds[2];

	why_init(&why);
	must(sock_pair(SOCK_STREAM, true, fds) == 0);
	m->fd = fds[0];
	m->io = loop_io_new(it.loop, m->fd, LOOP_READ, milter_input, m);
	if (it.filter)
		(void)!write(m->fd, it.script.p, it.script.n);
	if (it.filter && !it.mute)
		(void)shutdown(m->fd, SHUT_WR);
	dial_answer_put(&o, in->id, fds[1], &why);
	server_reply(peer, &o);
	packet_done(&o);
	why_free(&why);
	close(fds[1]);
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
	} else if (span_is(in->call, "auth_greylist")) {
		greylist_asked(peer, in);
	} else if (span_is(in->call, "verify_ask")) {
		verify_asked(peer, in);
	} else if (span_is(in->call, "dial")) {
		dial_asked(peer, in);
	} else if (span_is(in->call, "lookup_clean")) {
		server_refuse(peer, in);
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
conf_read(unsigned way)
{
	char *text = mem_printf("%s%s", config, added[way]);
	struct main_cf *m;
	struct smtpd *smtpd;
	struct why why;

	why_init(&why);
	m = main_cf_parse(span_str(text), "main.cf", &why);
	must(m != NULL &&
	    param_fill(smtpd_params, m, it.arena, &it.conf[way], &why));
	smtpd = smtpd_new(&it.conf[way], it.loop, m, NULL, &why);
	must(smtpd != NULL);
	smtpd->service = "submission";
	smtpd->qmgr = smtpd->lookup = smtpd->auth = smtpd->verify =
	    smtpd->connector = it.all;
	it.main_cf[way] = m;
	it.smtpd[way] = smtpd;
	why_free(&why);
	free(text);
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
	fd = sock_listen_unix(path, SOCK_SEQPACKET, 0600, 8);
	must(fd != -1);
	(void)server_new(it.loop, fd, "smtpd", &calls, NULL);
	it.all = channel_new(it.loop, path, 5000);
	it.arena = arena_new();
	for (unsigned i = 0; i < WAYS; i++)
		conf_read(i);
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

		it.active = false;
		loop_timer_set(it.tick, 0);
		loop_run(it.loop);
		busy = busy || it.active;
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

static void
client_play(struct smtpd *smtpd, struct span input)
{
	struct address from;
	struct span part;
	int fds[2];

	must(sock_pair(SOCK_STREAM, true, fds) == 0);
	must(address_parse(
	    (it.mode & 8) != 0 ? SPAN("127.0.0.1") : SPAN("192.0.2.9"), 1,
	    &from));
	session_start(smtpd, fds[1], &from);
	settle(fds[0]);
	if (input.n > 0)
		while (span_cut(&input, '\xff', &part))
			feed(fds[0], part);
	close(fds[0]);
	for (int i = 0; i < 1000 && smtpd->session_count > 0; i++)
		settle(-1);
	must(smtpd->session_count == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n), input;

	if (it.loop == NULL)
		begin();
	it.mode = n > 0 ? p[0] : 0;
	rest = span_skip(rest, 1);
	input = span_head(rest, span_find(rest, '\xfe'));
	it.script = span_skip(rest, input.n + 1);
	it.mute = it.script.n % 2 == 1;
	it.filter = span_starts(it.script, "220");
	client_play(
	    it.smtpd[it.filter ? FILTER_WAYS + (it.mode >> 7) : it.mode >> 6],
	    input);
	return 0;
}
