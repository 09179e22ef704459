/*
 * gate.c - facteur trace --client: what smtpd says to a client
 *
 * An smtpd of our own, started as master would start it but with one socket
 * that nobody else can reach, is told by XCLIENT who the client is, gets MAIL
 * and RCPT, and is ended. It asks the running daemons as ever, and its log, at
 * -v, names each restriction and what that said. No message is begun: the
 * session ends behind RCPT.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "calls/dns_call.h"
#include "calls/start_call.h"
#include "config/master_cf.h"
#include "dns/name.h"
#include "ipc/packet.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sock.h"
#include "os/stream.h"
#include "os/users.h"
#include "service/tool.h"
#include "tools/facteur/trace.h"
#include "wire/smtp_reply.h"

enum { TALK_MS = 60000, LOG_MAX = 4 << 20, FD_FREE = 100, OVERRIDES = 9 };

struct gate {
	struct trace *t;
	int log, control, listener; /* or -1 */
	pid_t pid; /* 0: none */
	struct stream *io;
	int talk;
	struct smtp_reply_reader *reader;
	int64_t until;
	const char *name; /* of the client */
	const char *service;
};

/* ---- who the client is */

static bool
gate_dns(struct gate *g, struct span name, enum dns_type type,
    struct packet_in *in, struct dns_answer *out)
{
	struct packet_out o = { .fd_count = 0 };
	bool good;

	dns_ask_put(&o, name, type);
	good = trace_ask(g->t, "smtpd", "resolver", &o, in) &&
	    dns_answer_get(in, g->t->arena, type, out) &&
	    out->result == DNS_FOUND;
	packet_done(&o);
	return good;
}

static bool
name_has(struct gate *g, const char *name, struct span own)
{
	struct packet_in in = { .bad = false };
	struct dns_answer addresses = { .count = 0 };
	bool found = false;

	if (gate_dns(g, span_str(name), own.n == 4 ? DNS_A : DNS_AAAA, &in,
		&addresses))
		for (size_t i = 0; i < addresses.count; i++)
			found =
			    found || span_eq(addresses.records[i].data, own);
	packet_in_done(&in);
	return found;
}

/* The first name of the address, when that has the address in turn, as smtpd
 * takes it. */
static void
client_name(struct gate *g)
{
	struct packet_in in = { .bad = false };
	struct dns_answer names = { .count = 0 };
	struct buf reverse = BUF_EMPTY;
	struct address client;
	const char *first;

	g->name = "[UNAVAILABLE]";
	if (address_parse(span_str(g->t->client), 0, &client) &&
	    dns_name_reverse(&client, &reverse) &&
	    gate_dns(g, buf_span(&reverse), DNS_PTR, &in, &names) &&
	    names.count > 0 && names.records[0].data.n > 0) {
		first = arena_span_str(g->t->arena, names.records[0].data);
		if (name_has(g, first, address_bytes(&client)))
			g->name = first;
	}
	packet_in_done(&in);
	buf_free(&reverse);
}

/* ---- an smtpd of our own */

/* Nobody else can reach it: its folder is root's, and goes once we are
 * connected. */
static bool
socket_make(struct gate *g)
{
	char folder[] = "/tmp/facteur-trace.XXXXXX";
	char *path;

	if (mkdtemp(folder) == NULL)
		return false;
	path = mem_printf("%s/smtp", folder);
	g->listener = sock_listen_unix(path, SOCK_STREAM, 0600, 1);
	if (g->listener != -1)
		g->talk = sock_connect_unix(path, SOCK_STREAM, false);
	(void)unlink(path);
	(void)rmdir(folder);
	free(path);
	return g->talk != -1;
}

static void
start_send(
    struct gate *g, const struct master_row *row, const struct account *net)
{
	/* what the session needs to be one of that client, and nothing of ours
	 * may make it another */
	static const char *const always[OVERRIDES] = {
		"smtpd_authorized_xclient_hosts=127.0.0.1",
		"smtpd_tls_wrappermode=no",
		"smtpd_tls_security_level=may",
		"smtpd_enforce_tls=no",
		"smtpd_upstream_proxy_protocol=",
		"postscreen_greet_action=ignore",
		"postscreen_dnsbl_sites=",
		"smtpd_client_connection_rate_limit=0",
		"maillog_file=",
	};
	const struct tool *tool = g->t->tool;
	struct start_listener listener = { SPAN("trace"), false, true };
	size_t n = row == NULL ? 0 : row->n_options;
	struct span *overrides =
	    arena_array(g->t->arena, n + OVERRIDES, sizeof(*overrides));
	const char *queue = tool_value(tool, "queue_directory");
	struct packet_out o = { .fd_count = 0 };

	for (size_t i = 0; i < n; i++)
		overrides[i] = span_str(arena_printf(g->t->arena, "%s=%s",
		    row->options[i].name, row->options[i].value));
	for (size_t i = 0; i < OVERRIDES; i++)
		overrides[n + i] = span_str(always[i]);
	start_put(&o,
	    &(struct start_call){ .name = span_str(g->service),
		.transport = SPAN("inet"),
		.config_dir = span_str(tool->folder),
		.queue_dir = span_str(queue),
		.jail =
		    span_str(arena_printf(g->t->arena, "%s/jail/smtpd", queue)),
		.uid = net->uid,
		.gid = net->gid,
		.log_is_file = true,
		.metrics = -1, /* nobody came */
		.verbose = 1,
		.process_limit = 1,
		.listener_count = 1,
		.listeners = &listener,
		.override_count = n + OVERRIDES,
		.overrides = overrides });
	if (packet_send(g->control, &o) == -1)
		tool_warn(tool, "smtpd: %s", strerror(errno));
	packet_done(&o);
}

static void
run_smtpd(const struct gate *g, int control)
{
	static char path_env[] = "PATH=/usr/bin:/bin", label[] = "(trace)";
	char *path =
	    mem_printf("%s/smtpd", tool_value(g->t->tool, "daemon_directory"));
	const char *asan = getenv("ASAN_OPTIONS");
	char *env[] = { path_env,
		asan == NULL ? NULL : mem_printf("ASAN_OPTIONS=%s", asan),
		NULL };
	char *argv[] = { path, label, NULL };
	int fds[] = { control, g->log, g->listener };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < 3; i++)
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FD_FREE);
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], FD_CONTROL + i) == -1)
			_exit(EX_OSERR);
	if (dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(FD_LOG, STDERR_FILENO) == -1)
		_exit(EX_OSERR);
	setsid();
	execve(path, argv, env);
	_exit(EX_OSFILE);
}

static bool
gate_open(struct gate *g, const struct master_row *row)
{
	struct account net;
	int pair[2];

	if (users_find(g->t->arena, SPAN("_facteur-net"), &net) !=
		USERS_FOUND ||
	    !socket_make(g) || sock_pair(SOCK_SEQPACKET, false, pair) == -1)
		return false;
	g->control = pair[0];
	g->log = memfd_create("facteur-trace", MFD_CLOEXEC);
	if (g->log == -1 || fcntl(g->log, F_SETFL, O_APPEND) == -1) {
		file_close(&pair[1]);
		return false;
	}
	start_send(g, row, &net);
	g->pid = fork();
	if (g->pid == 0)
		run_smtpd(g, pair[1]);
	file_close(&pair[1]);
	file_close(&g->listener); /* its end is the end of the talk */
	return g->pid != -1;
}

static void
gate_close(struct gate *g)
{
	stream_free(&g->io);
	smtp_reply_free(&g->reader);
	file_close(&g->talk);
	file_close(&g->control);
	file_close(&g->listener);
	if (g->pid > 0) {
		(void)kill(g->pid, SIGKILL);
		(void)waitpid(g->pid, NULL, 0);
	}
	file_close(&g->log);
}

/* ---- the talk */

/* The next reply, or NULL: smtpd is gone, or too slow. */
static const struct smtp_reply *
reply_wait(struct gate *g)
{
	for (;;) {
		struct span s = stream_input(g->io);
		size_t used = 0;
		enum smtp_reply_result got =
		    smtp_reply_feed(g->reader, s.p, s.n, &used);

		stream_take(g->io, used);
		if (got == SMTP_REPLY_DONE)
			return smtp_reply(g->reader);
		if (got == SMTP_REPLY_BAD ||
		    stream_wait(g->io, -1, g->until) != STREAM_DATA)
			return NULL;
	}
}

/* RFC 1891 xtext, for the values of XCLIENT. */
static char *
xtext(struct gate *g, const char *value)
{
	struct buf out = BUF_EMPTY;
	char *kept;

	for (; *value != '\0'; value++)
		if (*value > ' ' && *value < 127 && *value != '+' &&
		    *value != '=')
			buf_add_byte(&out, *value);
		else
			buf_printf(&out, "+%02X", (unsigned char)*value);
	kept = arena_span_str(g->t->arena, buf_span(&out));
	buf_free(&out);
	return kept;
}

/* Greeting, EHLO, XCLIENT, greeting, EHLO, MAIL, RCPT: the last reply, or the
 * first that is no yes; NULL as above. */
static const struct smtp_reply *
talk(struct gate *g)
{
	const struct trace *t = g->t;
	const char *helo = t->helo[0] != '\0' ? t->helo
	    : g->name[0] != '['               ? g->name
				: arena_printf(t->arena, "[%s]", t->client);
	const char *login = t->user[0] == '\0'
	    ? ""
	    : arena_printf(t->arena, " LOGIN=%s", xtext(g, t->user));
	const char *lines[] = { "EHLO localhost",
		arena_printf(t->arena, "XCLIENT NAME=%s ADDR=%s%s%s",
		    xtext(g, g->name),
		    strchr(t->client, ':') != NULL ? "IPV6:" : "", t->client,
		    login),
		arena_printf(t->arena, "EHLO %s", helo),
		arena_printf(t->arena, "MAIL FROM:<%s>", t->sender),
		arena_printf(t->arena, "RCPT TO:<%s>", t->address) };
	const struct smtp_reply *r = reply_wait(g);

	for (size_t i = 0;
	     i < sizeof(lines) / sizeof(lines[0]) && r != NULL && r->code < 400;
	     i++) {
		stream_printf(g->io, "%s\r\n", lines[i]);
		r = reply_wait(g);
	}
	return r;
}

/* ---- what it says */

/* "... restriction LIST: RULE ARG: VERDICT" of the log. The last that permitted
 * or rejected is what decided. */
static void
restriction_show(struct gate *g, struct span line, struct span *decided)
{
	static const char mark[] = ": restriction ";
	size_t at = span_search(line, SPAN(": restriction "));
	struct span list, rule, verdict;
	size_t end;

	if (at == line.n)
		return;
	line = span_skip(line, at + sizeof(mark) - 1);
	end = span_search(line, SPAN(": "));
	list = span_head(line, end);
	line = span_skip(line, end + 2);
	for (end = line.n; end > 0 && line.p[end - 1] != ':'; end--)
		;
	if (end < 2)
		return;
	rule = span_head(line, end - 1);
	verdict = span_trim(span_skip(line, end));
	say_step(&g->t->say, "rule",
	    SAY_FIELDS({ "parameter", list }, { "restriction", rule },
		{ "verdict", verdict }),
	    "%.*s: %.*s: %.*s", (int)list.n, list.p, (int)rule.n, rule.p,
	    (int)verdict.n, verdict.p);
	if (span_is(verdict, "reject") ||
	    (span_is(verdict, "permit") &&
		(decided->n == 0 || !span_ends(*decided, ": reject"))))
		*decided = span_str(arena_printf(g->t->arena,
		    "%.*s: %.*s: %.*s", (int)list.n, list.p, (int)rule.n,
		    rule.p, (int)verdict.n, verdict.p));
}

/* Trouble that kept smtpd from its work stands in its log. */
static void
trouble_show(struct gate *g, struct span line)
{
	size_t at = span_search(line, SPAN(": fatal: "));

	if (at == line.n)
		at = span_search(line, SPAN(": warning: "));
	if (at == line.n)
		return;
	line = span_skip(line, at + 2);
	say_step(&g->t->say, "smtpd", SAY_FIELDS({ "log", line }), "%.*s",
	    (int)line.n, line.p);
}

static struct span
log_show(struct gate *g)
{
	struct buf log = BUF_EMPTY;
	struct span rest, line, decided = SPAN("");

	if (lseek(g->log, 0, SEEK_SET) == 0 &&
	    file_read_all(g->log, LOG_MAX, &log) == 0) {
		rest = buf_span(&log);
		while (span_line(&rest, &line)) {
			restriction_show(g, line, &decided);
			trouble_show(g, line);
		}
	}
	buf_free(&log);
	return decided;
}

static void
verdict_show(struct gate *g)
{
	const struct smtp_reply *r = talk(g);
	const char *text = r == NULL
	    ? "smtpd did not answer"
	    : arena_printf(g->t->arena, "%d %.*s", r->code, (int)r->raw.n,
		  r->raw.n == 0 ? "" : r->raw.p);
	struct span decided = log_show(g);

	say_step(&g->t->say, "verdict",
	    SAY_FIELDS({ "reply", span_str(text) }, { "decided", decided }),
	    "%s%s%.*s", text, decided.n > 0 ? ", by " : "", (int)decided.n,
	    decided.p);
}

/* The row that --service names, as master.cf does or by its port; without it
 * that of port 25, or the first. */
static const struct master_row *
row_of(const struct trace *t)
{
	const struct master_row *rows, *first = NULL;
	int port = master_port(
	    t->service[0] == '\0' ? SPAN("25") : span_str(t->service));
	size_t n = 0;

	if (t->services == NULL)
		return NULL;
	rows = master_cf_rows(t->services, &n);
	for (size_t i = 0; i < n; i++) {
		const struct master_row *r = &rows[i];

		if (r->type != MASTER_INET ||
		    strcmp(r->column[MASTER_COMMAND], "smtpd") != 0)
			continue;
		if (strcmp(r->column[MASTER_SERVICE], t->service) == 0 ||
		    r->port == port)
			return r;
		if (first == NULL)
			first = r;
	}
	return t->service[0] == '\0' ? first : NULL;
}

static void
gate_ask(struct gate *g)
{
	const struct master_row *row = row_of(g->t);

	if (row == NULL || strcmp(row->column[MASTER_COMMAND], "smtpd") != 0) {
		say_step(&g->t->say, "verdict",
		    SAY_FIELDS({ "reply", SPAN("") }),
		    "master.cf has no smtpd \"%s\"", g->t->service);
		return;
	}
	g->service = row->column[MASTER_SERVICE];
	if (g->t->name[0] == '\0')
		client_name(g);
	say_step(&g->t->say, "client",
	    SAY_FIELDS({ "address", span_str(g->t->client) },
		{ "name", span_str(g->name) }, { "user", span_str(g->t->user) },
		{ "service", span_str(g->service) }),
	    "%s[%s]%s%s at service %s, sender <%s>",
	    g->name[0] == '[' ? "unknown" : g->name, g->t->client,
	    g->t->user[0] == '\0' ? "" : ", logged in as ", g->t->user,
	    g->service, g->t->sender);
	if (!gate_open(g, row)) {
		say_step(&g->t->say, "verdict",
		    SAY_FIELDS({ "reply", SPAN("") }),
		    "smtpd cannot be started: %s", strerror(errno));
		return;
	}
	g->io =
	    stream_new(g->talk, g->talk, &(struct stream_control){ .fd = -1 });
	g->reader = smtp_reply_new();
	g->until = clock_ms() + TALK_MS;
	verdict_show(g);
}

void
gate_show(struct trace *t)
{
	struct gate g = { .t = t,
		.log = -1,
		.control = -1,
		.listener = -1,
		.talk = -1,
		.name = t->name };

	say_about(&t->say, span_str(t->address));
	if (!t->running || !t->root) {
		say_step(&t->say, "verdict", SAY_FIELDS({ "reply", SPAN("") }),
		    "smtpd was not asked: %s",
		    t->running ? "that is for root"
			       : "the mail system does not run");
		return;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	gate_ask(&g);
	gate_close(&g);
}
