/* world.c - an smtpd in the process of the test, its services played by fakes
 */

#include "tests/smtpd/world.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "ipc/channel.h"
#include "ipc/server.h"
#include "os/loop.h"
#include "os/sock.h"
#include "queue/edits.h"
#include "smtpd/policy_server.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/fakes.h"
#include "tests/tls/keys.h"
#include "tls/conn.h"
#include "tls/tls_client.h"

static struct {
	struct world *w;
	struct loop *loop;
	struct loop_timer *tick;
	struct arena *arena;
	struct main_cf *main_cf;
	struct keys keys;
	bool tls;
	struct server *servers[FAKES];
	int listeners[FAKES];
	char *paths[FAKES];
	struct channel *dialler;
	struct buf line;
	struct conn *conn; /* of the client, in TLS */
	struct tls_context *client_tls;
	bool secured, lost;
} it;

static const char base_config[] = "myhostname = mail.here.test\n"
				  "mydestination = here.test\n"
				  "mynetworks = 127.0.0.0/8\n"
				  "smtpd_error_sleep_time = 0\n"
				  "inet_interfaces = 127.0.0.1\n";

static void
serve(unsigned i)
{
	unlink(it.paths[i]);
	it.listeners[i] =
	    sock_listen_unix(it.paths[i], SOCK_SEQPACKET, 0600, 8);
	ck_assert_int_ne(it.listeners[i], -1);
	it.servers[i] =
	    server_new(it.loop, it.listeners[i], "smtpd", &fakes[i], NULL);
}

static void
unserve(unsigned i)
{
	server_free(&it.servers[i]);
	close(it.listeners[i]);
	unlink(it.paths[i]);
}

static void
tick(void *arg)
{
	(void)arg;
	loop_stop(it.loop);
}

static struct channel *
channel(unsigned i)
{
	return channel_new(it.loop, it.paths[i], 3000);
}

static void
conf_fill(struct world *w, const char *config)
{
	struct buf text = BUF_EMPTY;
	struct why why;

	why_init(&why);
	buf_add_str(&text, base_config);
	buf_add_str(&text, config);
	it.main_cf = main_cf_parse(buf_span(&text), "main.cf", &why);
	ck_assert_msg(it.main_cf != NULL, "%s", why_text(&why));
	ck_assert_msg(
	    param_fill(smtpd_params, it.main_cf, it.arena, &w->conf, &why),
	    "%s", why_text(&why));
	buf_free(&text);
	why_free(&why);
}

static bool
sign(void *arg, struct span name, struct span scheme, struct span data,
    struct buf *signature)
{
	(void)arg;
	return keys_sign(&it.keys, name, scheme, data, signature);
}

static void
smtpd_make(struct world *w)
{
	struct tls_signer signer = { sign, NULL };
	struct tls_context *t = keys_context(&it.keys, "ec");
	struct why why;

	tls_context_free(&t); /* only the key is wanted */
	why_init(&why);
	w->smtpd = smtpd_new(&w->conf, it.loop, it.main_cf, &signer, &why);
	ck_assert_msg(w->smtpd != NULL, "%s", why_text(&why));
	why_free(&why);
	w->smtpd->qmgr = channel(0);
	w->smtpd->lookup = channel(1);
	w->smtpd->auth = channel(2);
	w->smtpd->resolver = channel(3);
	it.dialler = channel(4);
	policy_servers_dialler(w->smtpd->policy_servers, it.dialler);
	w->smtpd->connector = it.dialler;
}

void
world_begin(struct world *w, const char *config)
{
	signal(SIGPIPE, SIG_IGN);
	memset(w, 0, sizeof(*w));
	memset(&it, 0, sizeof(it));
	it.w = w;
	fakes_begin(w);
	w->client = -1;
	w->log = memfd_create("log", MFD_CLOEXEC);
	log_to(dup(w->log), true, "postfix/smtpd");
	it.loop = loop_new();
	it.tick = loop_timer_new(it.loop, tick, NULL);
	it.arena = arena_new();
	for (unsigned i = 0; i < FAKES; i++) {
		it.paths[i] =
		    mem_printf("/tmp/facteur-test-%d-%u", (int)getpid(), i);
		serve(i);
	}
	conf_fill(w, config);
	smtpd_make(w);
}

static void
client_close(struct world *w)
{
	if (it.conn != NULL)
		conn_free(&it.conn);
	else if (w->client != -1)
		close(w->client);
	w->client = -1;
}

void
world_end(struct world *w)
{
	struct channel *channels[FAKES] = { w->smtpd->qmgr, w->smtpd->lookup,
		w->smtpd->auth, w->smtpd->resolver, it.dialler };

	client_close(w);
	world_settle(w);
	smtpd_free(&w->smtpd);
	fakes_end();
	for (unsigned i = 0; i < FAKES; i++) {
		channel_free(&channels[i]);
		unserve(i);
		free(it.paths[i]);
	}
	for (size_t i = 0; i < w->message_count; i++) {
		close(w->messages[i].fd);
		buf_free(&w->messages[i].envelope);
		buf_free(&w->messages[i].edits);
	}
	tls_context_free(&it.client_tls);
	keys_free(&it.keys);
	main_cf_free(&it.main_cf);
	arena_free(&it.arena);
	loop_timer_free(&it.tick);
	loop_free(&it.loop);
	log_to(-1, false, "test");
	close(w->log);
	buf_free(&w->got);
	buf_free(&w->flushed);
	buf_free(&it.line);
}

static void
tls_input(void *arg)
{
	(void)arg;
	buf_add_span(&it.w->got, conn_input(it.conn));
	conn_take(it.conn, conn_input(it.conn).n);
}

static void
tls_secured(void *arg)
{
	(void)arg;
	it.secured = true;
}

static void
tls_ended(void *arg, enum conn_end how)
{
	(void)arg;
	(void)how;
	it.lost = true;
	it.w->ended = true;
	conn_free(&it.conn);
	it.w->client = -1;
}

bool
world_starttls(struct world *w)
{
	static const struct conn_calls calls = { tls_input, tls_secured, NULL,
		tls_ended };
	struct tls_client_conf conf = {
		.protocols = "", .ciphers = "", .exclude_ciphers = ""
	};
	struct tls_want any = { .server_name = { "", 0 } };
	struct tls_signer signer = { sign, NULL };
	struct why why;

	why_init(&why);
	if (w->shows_certificate)
		conf.own[0] =
		    (struct tls_certificate){ it.keys.chain, it.keys.file };
	tls_context_free(&it.client_tls);
	it.client_tls = tls_client_new(&conf, &signer, &why);
	ck_assert_msg(it.client_tls != NULL, "%s", why_text(&why));
	why_free(&why);
	it.secured = it.lost = false;
	it.conn = conn_new(it.loop, w->client, &calls, NULL);
	ck_assert(conn_tls_connect(it.conn, it.client_tls, &any));
	for (int i = 0; i < 1000 && !it.secured && !it.lost; i++)
		world_run(w, 1);
	return it.secured;
}

static void
receive(struct world *w)
{
	while (it.conn == NULL) {
		ssize_t n = w->client == -1
		    ? -1
		    : read(w->client, buf_room(&w->got, 65536), 65536);

		if (n == 0) {
			w->ended = true;
			client_close(w);
		}
		if (n <= 0)
			return;
		w->got.n += (size_t)n;
	}
}

void
world_run(struct world *w, unsigned ms)
{
	loop_timer_set(it.tick, ms);
	loop_run(it.loop);
	receive(w);
}

static bool
asking(const struct world *w)
{
	return channel_pending(w->smtpd->qmgr) +
	    channel_pending(w->smtpd->lookup) +
	    channel_pending(w->smtpd->auth) +
	    channel_pending(w->smtpd->resolver) + channel_pending(it.dialler) >
	    0;
}

void
world_settle(struct world *w)
{
	for (unsigned quiet = 0, i = 0; quiet < 3 && i < 3000; i++) {
		size_t before = w->got.n;

		world_run(w, quiet == 0 ? 0 : 1);
		quiet = (asking(w) && !fakes_hold()) || w->got.n != before
		    ? 0
		    : quiet + 1;
	}
}

void
world_connect(struct world *w, const char *address)
{
	struct address from;
	int fds[2];

	client_close(w);
	buf_clear(&w->got);
	w->ended = false;
	ck_assert_int_eq(sock_pair(SOCK_STREAM, true, fds), 0);
	ck_assert(address_parse(span_str(address), 1234, &from));
	w->client = fds[0];
	session_start(w->smtpd, fds[1], &from);
	world_settle(w);
}

void
world_send(struct world *w, struct span bytes)
{
	if (it.conn != NULL) {
		conn_write(it.conn, bytes);
		conn_flush(it.conn);
		return;
	}
	while (bytes.n > 0 && w->client != -1) {
		ssize_t n = write(w->client, bytes.p, bytes.n);

		if (n > 0)
			bytes = span_skip(bytes, (size_t)n);
		else if (errno != EAGAIN)
			return;
		else
			world_run(w, 1);
	}
}

const char *
world_line(struct world *w)
{
	struct span rest = buf_span(&w->got), line;

	buf_clear(&it.line);
	if (span_line(&rest, &line)) {
		buf_add_span(&it.line, line);
		buf_drop(&w->got, w->got.n - rest.n);
	}
	return buf_str(&it.line);
}

static void
expect(struct span got, struct span want)
{
	ck_assert_msg(span_eq(span_head(got, want.n), want),
	    "expected \"%.*s\", got \"%.*s\"", (int)want.n, want.p, (int)got.n,
	    got.p);
}

/* "250-..." up to "250 ...". */
static void
expect_many(struct world *w, struct span code)
{
	struct span got;

	do {
		got = span_str(world_line(w));
		expect(got, code);
	} while (span_at(got, code.n) == '-');
}

static void
expect_message(struct world *w, struct span text, bool there)
{
	struct buf all = BUF_EMPTY;
	bool found;

	ck_assert_uint_gt(w->message_count, 0);
	world_read(&w->messages[w->message_count - 1], &all);
	found = span_search(buf_span(&all), text) < all.n;
	ck_assert_msg(found == there, "\"%.*s\" %s in:\n%.*s", (int)text.n,
	    text.p, there ? "is not" : "is", (int)all.n, all.p);
	buf_free(&all);
}

/* A line of a script, but for what the client says. */
static void
step(struct world *w, struct span line)
{
	struct span rest = span_skip(line, 2);
	struct buf address = BUF_EMPTY;
	uint64_t ms;

	switch (line.p[0]) {
	case '@':
		buf_add_span(&address, rest);
		world_connect(w, buf_str(&address));
		(void)world_line(w);
		buf_free(&address);
		break;
	case '~':
		ck_assert(number_parse(rest, 0, 100000, &ms));
		world_run(w, (unsigned)ms);
		break;
	case 'T':
		ck_assert(world_starttls(w));
		break;
	case '*':
	case '-':
		expect_message(w, rest, line.p[0] == '*');
		break;
	default:
		if (span_starts(line, "<+"))
			expect_many(w, span_skip(line, 3));
		else
			expect(span_str(world_line(w)), rest);
	}
}

void
world_talk(struct world *w, const char *script)
{
	struct span rest = span_str(script), line;
	struct buf out = BUF_EMPTY;

	while (span_line(&rest, &line)) {
		if (span_starts(line, ">")) {
			buf_add_span(&out, span_skip(line, 2));
			buf_add_str(&out, "\r\n");
			continue;
		}
		if (out.n > 0)
			world_send(w, buf_span(&out));
		buf_clear(&out);
		world_settle(w);
		step(w, line);
	}
	world_send(w, buf_span(&out));
	world_settle(w);
	ck_assert_msg(w->got.n == 0, "more: %.*s", (int)w->got.n, w->got.p);
	buf_free(&out);
}

static void
log_read(struct world *w, struct buf *all)
{
	off_t size = lseek(w->log, 0, SEEK_END);
	ssize_t n = pread(w->log, buf_room(all, (size_t)size), (size_t)size, 0);

	ck_assert_int_eq(n, size);
	all->n = (size_t)n;
}

bool
world_logged(struct world *w, const char *text)
{
	struct buf all = BUF_EMPTY;
	bool found;

	log_read(w, &all);
	found = span_search(buf_span(&all), span_str(text)) < all.n;
	buf_free(&all);
	return found;
}

void
world_expect_log(struct world *w, const char *text)
{
	struct buf all = BUF_EMPTY;

	log_read(w, &all);
	ck_assert_msg(span_search(buf_span(&all), span_str(text)) < all.n,
	    "not logged: %s\nin:\n%.*s", text, (int)all.n, all.p);
	buf_free(&all);
}

void
world_release(struct world *w)
{
	fakes_release();
	world_settle(w);
}

void
world_content(const struct world_message *m, struct buf *out)
{
	off_t size = lseek(m->fd, 0, SEEK_END);
	ssize_t n = pread(m->fd, buf_room(out, (size_t)size), (size_t)size, 0);

	ck_assert_int_eq(n, size);
	out->n += (size_t)n;
}

void
world_read(const struct world_message *m, struct buf *out)
{
	struct buf content = BUF_EMPTY;
	struct edited *e;
	ssize_t n;

	world_content(m, &content);
	e = edited_open(m->fd, content.n, buf_span(&m->edits));
	ck_assert_ptr_nonnull(e);
	buf_clear(out);
	do {
		n = edited_read(e, buf_room(out, 4096), 4096, out->n);
		ck_assert_int_ge(n, 0);
		out->n += (size_t)n;
	} while (n > 0);
	ck_assert_uint_eq(out->n, edited_size(e));
	edited_free(&e);
	buf_free(&content);
}

void
world_qmgr_restart(struct world *w)
{
	unserve(0);
	serve(0);
	world_settle(w);
}

void
world_play(struct world *w, const struct world_session *s,
    const struct world_row *tables, const struct world_row *names)
{
	world_begin(w, s->config);
	w->tables = tables;
	w->names = names;
	world_connect(w, s->from);
	if (s->script[0] != '<')
		(void)world_line(w);
	world_talk(w, s->script);
	if (s->logged != NULL)
		world_expect_log(w, s->logged);
	world_end(w);
}
