/*
 * reply.c - every reply of smtpd
 *
 * Codes are RFC 5321's, enhanced codes RFC 3463's and 5248's, the words
 * Postfix's where it has the same reply.
 */

#include "smtpd/reply.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/must.h"
#include "base/utf8.h"
#include "os/loop.h"
#include "smtpd/conf.h"
#include "smtpd/debug_peer.h"
#include "smtpd/errors.h"
#include "smtpd/footer.h"
#include "smtpd/policy.h"
#include "smtpd/reply_text.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"

enum { TEXT_MAX = 900 };

static const struct {
	int code;
	const char *status; /* "" where none belongs: greeting, HELO, 3xx */
	const char *text;
} rows[] = {
	[REPLY_OK] = { 250, "2.0.0", "Ok" },
	[REPLY_SENDER_OK] = { 250, "2.1.0", "Ok" },
	[REPLY_RCPT_OK] = { 250, "2.1.5", "Ok" },
	[REPLY_CHUNK_OK] = { 250, "2.0.0", "Ok: %s bytes" },
	[REPLY_QUEUED] = { 250, "2.0.0", "Ok: queued as %s" },
	[REPLY_BYE] = { 221, "2.0.0", "Bye" },
	[REPLY_READY_TLS] = { 220, "2.0.0", "Ready to start TLS" },
	[REPLY_AUTH_OK] = { 235, "2.7.0", "Authentication successful" },
	[REPLY_VRFY] = { 252, "2.0.0", "%s" },
	[REPLY_HELP] = { 214, "2.0.0",
	    "HELO EHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP "
	    "ETRN QUIT" },
	[REPLY_ETRN_OK] = { 250, "2.0.0", "Queuing started" },
	[REPLY_HELLO] = { 250, "", "%s" },
	[REPLY_GO_AHEAD] = { 354, "", "End data with <CR><LF>.<CR><LF>" },
	[REPLY_CHALLENGE] = { 334, "", "%s" },
	[REPLY_NOT_SMTP] = { 221, "2.7.0",
	    "Error: I can break rules, too. Goodbye." },

	[REPLY_UNKNOWN_COMMAND] = { 500, "5.5.2",
	    "Error: command not recognized" },
	[REPLY_NOT_IMPLEMENTED] = { 502, "5.5.1",
	    "Error: command not implemented" },
	[REPLY_LINE_TOO_LONG] = { 500, "5.5.2", "Error: line too long" },
	[REPLY_BAD_BYTES] = { 501, "5.5.2", "Error: bad byte in command" },
	[REPLY_BAD_UTF8] = { 501, "5.6.7", "Error: bad UTF-8 syntax" },
	[REPLY_SENDER_NOT_ASCII] = { 550, "5.6.7",
	    "Non-ASCII sender address not permitted without SMTPUTF8" },
	[REPLY_RCPT_NOT_ASCII] = { 553, "5.6.7",
	    "Non-ASCII recipient address not permitted without SMTPUTF8" },
	[REPLY_VRFY_NOT_ASCII] = { 252, "2.6.8",
	    "UTF-8 string reply is required, but not permitted by the SMTP "
	    "client" },
	[REPLY_SYNTAX] = { 501, "5.5.4", "Syntax: %s" },
	[REPLY_BAD_SENDER] = { 501, "5.1.7", "Bad sender address syntax" },
	[REPLY_BAD_RCPT] = { 501, "5.1.3", "Bad recipient address syntax" },
	[REPLY_PARAM_UNKNOWN] = { 555, "5.5.4", "Unsupported option: %s" },
	[REPLY_PARAM_BAD] = { 501, "5.5.4", "Bad parameter: %s" },
	[REPLY_X_UNKNOWN] = { 501, "5.5.4", "Bad attribute name: %s" },
	[REPLY_X_BAD] = { 501, "5.5.4", "Bad %s syntax" },
	[REPLY_NOT_AUTHORIZED] = { 554, "5.7.0",
	    "Error: insufficient authorization" },
	[REPLY_ETRN_BAD] = { 501, "5.5.4", "Error: invalid parameter syntax" },
	[REPLY_ETRN_REFUSED] = { 459, "4.7.0", "<%s>: service unavailable" },
	[REPLY_ETRN_TROUBLE] = { 458, "4.3.0", "Unable to queue messages" },
	[REPLY_NEED_HELLO] = { 503, "5.5.1", "Error: send HELO/EHLO first" },
	[REPLY_NEED_MAIL] = { 503, "5.5.1", "Error: need MAIL command" },
	[REPLY_NEED_RCPT] = { 503, "5.5.1", "Error: need RCPT command" },
	[REPLY_NO_VALID_RCPT] = { 554, "5.5.1", "Error: no valid recipients" },
	[REPLY_NESTED_MAIL] = { 503, "5.5.1", "Error: nested MAIL command" },
	[REPLY_IN_MAIL] = { 503, "5.5.1",
	    "Error: MAIL transaction in progress" },
	[REPLY_IN_BDAT] = { 503, "5.5.1", "Error: need BDAT or RSET" },
	[REPLY_CHUNK_REFUSED] = { 554, "5.7.1", "Error: refused by policy" },
	[REPLY_PIPELINING] = { 554, "5.5.0",
	    "Error: SMTP protocol synchronization" },
	[REPLY_BARE_NEWLINE] = { 521, "5.5.2",
	    "%s Error: bare <CR> or <LF> received" },

	[REPLY_NEED_TLS] = { 530, "5.7.0",
	    "Must issue a STARTTLS command first" },
	[REPLY_NEED_CERTIFICATE] = { 421, "4.7.0",
	    "%s Error: a trusted client certificate is required" },
	[REPLY_TLS_ACTIVE] = { 554, "5.5.1", "Error: TLS already active" },
	[REPLY_NO_TLS_NOW] = { 454, "4.7.0",
	    "TLS not available due to local problem" },
	[REPLY_AUTH_OFF] = { 503, "5.5.1",
	    "Error: authentication not enabled" },
	[REPLY_AUTH_TWICE] = { 503, "5.5.1", "Error: already authenticated" },
	[REPLY_AUTH_NEEDS_TLS] = { 538, "5.7.11",
	    "Encryption required for requested authentication mechanism" },
	[REPLY_AUTH_MECHANISM] = { 504, "5.5.4",
	    "Error: unknown authentication mechanism" },
	[REPLY_AUTH_WEAK] = { 534, "5.7.9",
	    "Error: authentication mechanism is too weak" },
	[REPLY_AUTH_MALFORMED] = { 501, "5.5.2",
	    "Error: malformed authentication response" },
	[REPLY_AUTH_CANCELLED] = { 501, "5.7.0", "Authentication aborted" },
	[REPLY_AUTH_TOO_LONG] = { 500, "5.5.6",
	    "Error: authentication response too long" },
	[REPLY_AUTH_EXPIRED] = { 525, "5.7.13",
	    "Error: this account may not log in now" },
	[REPLY_AUTH_FAILED] = { 535, "5.7.8",
	    "Error: authentication failed: authentication failure" },
	[REPLY_AUTH_TROUBLE] = { 454, "4.7.0",
	    "Temporary authentication failure" },

	[REPLY_TOO_BIG] = { 552, "5.3.4", "Error: message file too big" },
	[REPLY_BAD_CONTENT] = { 550, "5.7.1", "disallowed character" },
	[REPLY_8BIT_HEADER] = { 550, "5.6.0",
	    "improper use of 8-bit data in message header" },
	[REPLY_8BIT_BODY] = { 550, "5.6.0",
	    "improper use of 8-bit data in message body" },
	[REPLY_ENCODING_DOMAIN] = { 550, "5.6.0",
	    "invalid message/* or multipart/* encoding domain" },
	[REPLY_TOO_BIG_DECLARED] = { 552, "5.3.4",
	    "Message size exceeds fixed limit" },
	[REPLY_TOO_MANY_RCPTS] = { 452, "4.5.3", "Error: too many recipients" },
	[REPLY_TOO_MANY_HOPS] = { 554, "5.4.6", "Error: too many hops" },
	[REPLY_TOO_MUCH_MAIL] = { 450, "4.7.1",
	    "Error: too much mail from %s" },
	[REPLY_TOO_MUCH_RCPT] = { 450, "4.7.1",
	    "Error: too many recipients from %s" },
	[REPLY_TOO_MUCH_AUTH] = { 450, "4.7.1",
	    "Error: too many AUTH commands from %s" },
	[REPLY_TOO_MUCH_TLS] = { 454, "4.7.0",
	    "Error: too many new TLS sessions from %s" },
	[REPLY_TOO_MUCH_CONNECT] = { 421, "4.7.0",
	    "%s Error: too many connections" },
	[REPLY_TOO_MANY_ERRORS] = { 421, "4.7.0", "%s Error: too many errors" },
	[REPLY_TIMEOUT] = { 421, "4.4.2", "%s Error: timeout exceeded" },
	[REPLY_ALL_BUSY] = { 421, "4.3.2", "%s All server ports are busy" },
	[REPLY_SHUTDOWN] = { 421, "4.3.2", "%s Service shutting down" },
	[REPLY_QUEUE_TROUBLE] = { 451, "4.3.0",
	    "Error: queue file write error" },
	[REPLY_CHECK_TROUBLE] = { 451, "4.3.0",
	    "Error: temporary lookup failure" },
	[REPLY_QUEUE_FULL] = { 452, "4.3.1", "Insufficient system storage" },
};

/* "%s" of text becomes with; no byte of it can end a line. */
static void
fill_in(struct buf *out, const char *text, struct span with)
{
	const char *at = strstr(text, "%s");

	if (at == NULL) {
		buf_add_str(out, text);
		return;
	}
	buf_add(out, text, (size_t)(at - text));
	log_quote(out, with, TEXT_MAX);
	buf_add_str(out, at + 2);
}

/* In ASCII, as RFC 6533, 3 writes such an address. text is well-formed. */
static void
text_put(struct buf *out, struct span text)
{
	while (text.n > 0) {
		uint32_t c;
		size_t n = utf8_next(text, &c);

		must(n > 0);
		if (c < 0x80)
			buf_add_byte(out, text.p[0]);
		else
			buf_printf(out, "\\x{%X}", (unsigned)c);
		text = span_skip(text, n);
	}
}

/* Each line of it, with nothing that could end one. */
static void
lines_clean(struct buf *out, struct span text)
{
	struct span line = { NULL, 0 };

	do {
		(void)span_cut(&text, '\n', &line);
		log_quote(out, line, TEXT_MAX);
		if (text.n > 0)
			buf_add_byte(out, '\n');
	} while (text.n > 0);
}

/* text: clean, and whole. */
static void
lines_put(struct session *s, struct buf *out, int code, const char *status,
    struct span text)
{
	struct buf ascii = BUF_EMPTY;
	bool rewrite = !s->wide_reply && utf8_wide(text);

	if (rewrite)
		text_put(&ascii, text);
	reply_text_put(out, code, status, rewrite ? buf_span(&ascii) : text);
	s->wide_reply = false;
	buf_free(&ascii);
}

/* The whole of it, with what main.cf adds to refusals. */
static void
reply_make(struct session *s, struct buf *out, int code, const char *status,
    struct span text)
{
	struct buf whole = BUF_EMPTY;

	lines_clean(&whole, text);
	if (code >= 400)
		footer_add(s, &whole);
	lines_put(s, out, code, status, buf_span(&whole));
	buf_free(&whole);
}

static void
say(struct session *s, struct span lines)
{
	debug_told(s, lines);
	errors_told(s, lines);
	conn_write(s->conn, lines);
}

/* Clients that make many errors wait for each reply. */
static void
sleep_first(struct session *s, struct buf line, int64_t seconds)
{
	s->sleeping = true;
	s->held = line;
	s->deadline_ms = 0;
	loop_timer_set(s->timer, seconds * 1000);
}

/* How long this reply is to wait, in seconds. */
static int64_t
pause_before(const struct session *s, int code)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	int64_t pause = 0;

	if (s->closing)
		return 0;
	if (s->errors >= (unsigned)conf->smtpd_soft_error_limit)
		pause = conf->smtpd_error_sleep_time;
	if (code >= 400 && !s->client.trusted && s->sasl_username == NULL &&
	    pause < conf->smtpd_tarpit_delay)
		pause = conf->smtpd_tarpit_delay;
	return pause;
}

/* The end of a message is answered once for each recipient that was taken. */
static void
repeat(struct session *s, struct buf *line)
{
	struct buf once = BUF_EMPTY;

	buf_add_span(&once, buf_span(line));
	for (; s->repeat > 1; s->repeat--)
		buf_add_span(line, buf_span(&once));
	s->repeat = 0;
	buf_free(&once);
}

static void
finish(struct session *s, int code, struct buf *line)
{
	/* the errors before this one count */
	int64_t pause = pause_before(s, code);

	must(s->busy);
	repeat(s, line);
	if (code < 400)
		s->success[s->command]++;
	else
		s->errors++;
	if (pause > 0) {
		sleep_first(s, *line, pause);
		return;
	}
	say(s, buf_span(line));
	buf_free(line);
	s->busy = false;
}

void
reply_finish(struct session *s, int code, const char *status, struct span text)
{
	struct buf lines = BUF_EMPTY;

	lines_put(s, &lines, code, status, text);
	finish(s, code, &lines);
}

/* At once, or when a table has told what else it is to say. */
static void
answer(struct session *s, int code, const char *status, struct span text)
{
	struct buf whole = BUF_EMPTY;

	lines_clean(&whole, text);
	if (!footer_ask(s, code, status, buf_span(&whole))) {
		if (code >= 400)
			footer_add(s, &whole);
		reply_finish(s, code, status, buf_span(&whole));
	}
	buf_free(&whole);
}

void
reply_text(struct session *s, int code, const char *status, struct span text)
{
	s->wrong |= errors_class_of(code, status);
	answer(s, code, status, text);
}

void
reply_refusal(struct session *s, const struct refusal *r)
{
	if (r->code == 421 || r->code == 521)
		session_close(s);
	reply_text(s, r->code, r->status, buf_span(&r->text));
}

void
reply_coded(struct session *s, enum reply which, int code, struct span with)
{
	struct buf text = BUF_EMPTY;

	fill_in(&text, rows[which].text, with);
	s->wrong |= errors_class(which);
	answer(s, code, rows[which].status, buf_span(&text));
	buf_free(&text);
}

void
reply_with(struct session *s, enum reply which, struct span with)
{
	reply_coded(s, which, rows[which].code, with);
}

void
reply(struct session *s, enum reply which)
{
	reply_with(s, which, span_of("", 0));
}

void
reply_say(struct session *s, enum reply which, struct span with)
{
	struct buf line = BUF_EMPTY, text = BUF_EMPTY;

	fill_in(&text, rows[which].text, with);
	reply_make(
	    s, &line, rows[which].code, rows[which].status, buf_span(&text));
	s->wrong |= errors_class(which);
	say(s, buf_span(&line));
	buf_free(&text);
	buf_free(&line);
}

void
reply_last(struct session *s, int code, const char *status, struct span text)
{
	session_close(s);
	reply_text(s, code, status, text);
}

void
reply_line(struct session *s, const char *format, ...)
{
	struct buf line = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	buf_add_str(&line, "\r\n");
	say(s, buf_span(&line));
	buf_free(&line);
}
