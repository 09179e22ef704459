/* test_smtp_command.c - wire/smtp_command.h */

#include "wire/smtp_command.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

static const char *const faults[] = { "fine", "bad-verb", "bad-syntax",
	"bad-bytes", "need-arg", "no-arg", "bad-path", "param-unknown",
	"param-bad", "param-twice", "param-many" };

static void
tell_span(struct buf *out, const char *name, struct span s)
{
	buf_printf(out, " %s=", name);
	buf_add_span(out, s);
}

static void
tell_params(struct buf *out, const struct smtp_command *c)
{
	if (c->has_size)
		buf_printf(out, " size=%" PRIu64, c->size);
	if (c->body != SMTP_BODY_NONE)
		buf_printf(out, " body=%d", (int)c->body);
	if (c->smtputf8)
		buf_add_str(out, " utf8");
	if (c->requiretls)
		buf_add_str(out, " requiretls");
	if (c->ret != SMTP_RET_NONE)
		buf_printf(out, " ret=%d", (int)c->ret);
	if (c->hold.n > 0)
		tell_span(out, "hold", c->hold);
	if (c->has_envid)
		tell_span(out, "envid", c->envid);
	if (c->has_verp)
		tell_span(out, "verp", c->verp);
	if (c->has_auth)
		tell_span(out, "auth", c->auth);
	if (c->notify != 0)
		buf_printf(out, " notify=%u", c->notify);
	if (c->has_orcpt) {
		tell_span(out, "type", c->orcpt_type);
		tell_span(out, "orcpt", c->orcpt);
	}
}

/* What was understood, as text. */
static void
tell(struct buf *out, const struct smtp_command *c, enum smtp_fault fault)
{
	if (fault != SMTP_FINE) {
		buf_add_str(out, faults[fault]);
		if (c->bad_param.n > 0)
			tell_span(out, "param", c->bad_param);
		return;
	}
	buf_add_str(out, smtp_verb_name(c->verb));
	if (c->verb == SMTP_MAIL || c->verb == SMTP_RCPT) {
		tell_span(out, "path", c->path);
		tell_params(out, c);
	} else if (c->verb == SMTP_BDAT) {
		buf_printf(
		    out, " %" PRIu64 "%s", c->chunk, c->last ? " last" : "");
	} else if (c->verb == SMTP_AUTH) {
		tell_span(out, "mech", c->mechanism);
		if (c->has_initial)
			tell_span(out, "initial", c->initial);
	} else if (c->attributes != NULL) {
		for (size_t i = 0; i < c->attribute_count; i++) {
			tell_span(out, "name", c->attributes[i].name);
			tell_span(out, "value", c->attributes[i].value);
		}
	} else {
		tell_span(out, "arg", c->arg);
		if (c->smtputf8)
			buf_add_str(out, " utf8");
	}
}

static const struct {
	unsigned flags;
	const char *line, *told;
} rows[] = {
	{ 0, "", "bad-verb" },
	{ 0, " QUIT", "bad-verb" },
	{ 0, "QUITE", "bad-verb" },
	{ 0, "quit", "QUIT arg=" },
	{ 0, "QUIT ", "QUIT arg=" },
	{ 0, "QUIT now", "no-arg" },
	{ 0, "DATA", "DATA arg=" },
	{ 0, "RSET x", "no-arg" },
	{ 0, "STARTTLS", "STARTTLS arg=" },
	{ 0, "NOOP a b", "NOOP arg=a b" },
	{ 0, "EHLO", "need-arg" },
	{ 0, "EHLO a.example", "EHLO arg=a.example" },
	{ 0, "EHLO [IPv6:::1]  ", "EHLO arg=[IPv6:::1]" },
	{ 0, "HELO a b", "bad-syntax" },
	{ SMTP_LENIENT, "HELO a b", "HELO arg=a b" },
	{ 0, "VRFY <a@b>", "VRFY arg=<a@b>" },
	{ 0, "VRFY", "need-arg" },
	{ 0, "VRFY \xc3\xa9@b SMTPUTF8", "VRFY arg=\xc3\xa9@b utf8" },
	{ 0, "VRFY <a@b> smtputf8 ", "VRFY arg=<a@b> utf8" },
	{ 0, "VRFY SMTPUTF8", "VRFY arg=SMTPUTF8" },
	{ 0, "VRFY aSMTPUTF8", "VRFY arg=aSMTPUTF8" },
	{ 0, "EXPN list SMTPUTF8", "EXPN arg=list utf8" },
	{ 0, "VRFY \xc0\xaf@b SMTPUTF8", "bad-bytes" },
	{ 0, "MAIL FROM:<>", "MAIL path=" },
	{ 0, "mail from:<a@b.example>", "MAIL path=a@b.example" },
	{ 0, "MAIL FROM:<a@b> SIZE=10 BODY=8BITMIME",
	    "MAIL path=a@b size=10 body=2" },
	{ 0, "MAIL FROM:<a@b> SMTPUTF8 body=binarymime requiretls",
	    "MAIL path=a@b body=3 utf8 requiretls" },
	{ 0, "MAIL FROM:<\"a>b\\\"\"@c> SIZE=0",
	    "MAIL path=\"a>b\\\"\"@c size=0" },
	{ 0, "MAIL FROM:<@x,@y:a@b>", "MAIL path=@x,@y:a@b" },
	{ 0, "MAIL FROM: <a@b>", "bad-path" },
	{ SMTP_LENIENT, "MAIL FROM:  <a@b>  SIZE=1 ", "MAIL path=a@b size=1" },
	{ 0, "MAIL  FROM:<a@b>", "bad-syntax" },
	{ SMTP_LENIENT, "MAIL  FROM:<a@b>", "MAIL path=a@b" },
	{ 0, "MAIL FROM:a@b", "bad-path" },
	{ SMTP_LENIENT, "MAIL FROM:a@b SIZE=2", "MAIL path=a@b size=2" },
	{ SMTP_LENIENT, "MAIL FROM:", "bad-path" },
	{ 0, "MAIL", "need-arg" },
	{ 0, "MAIL <a@b>", "bad-syntax" },
	{ 0, "MAIL FROM <a@b>", "bad-syntax" },
	{ 0, "MAIL FROM:<a@b", "bad-path" },
	{ 0, "MAIL FROM:<\"a@b>", "bad-path" },
	{ 0, "MAIL FROM:<a@b>SIZE=1", "bad-path" },
	{ 0, "MAIL FROM:<a@b> SIZE", "param-bad param=SIZE" },
	{ 0, "MAIL FROM:<a@b> SIZE=", "param-bad param=SIZE" },
	{ 0, "MAIL FROM:<a@b> SIZE=-1", "param-bad param=SIZE" },
	{ 0, "MAIL FROM:<a@b> SIZE=18446744073709551616",
	    "MAIL path=a@b size=18446744073709551615" },
	{ 0, "MAIL FROM:<a@b> SIZE=000000000000000000001",
	    "param-bad param=SIZE" },
	{ 0, "MAIL FROM:<a@b> SIZE=1 size=1", "param-twice param=size" },
	{ 0, "MAIL FROM:<a@b> BODY=9BIT", "param-bad param=BODY" },
	{ 0, "MAIL FROM:<\xc3\xa9@b> SMTPUTF8", "MAIL path=\xc3\xa9@b utf8" },
	{ 0, "MAIL FROM:<\xc3@b> SMTPUTF8", "bad-bytes" },
	{ 0, "MAIL FROM:<\xc0\xaf@b> SMTPUTF8", "bad-bytes" },
	{ 0, "MAIL FROM:<\xe0\x80\xaf@b> SMTPUTF8", "bad-bytes" },
	{ 0, "MAIL FROM:<\xed\xa0\x80@b> SMTPUTF8", "bad-bytes" },
	{ 0, "MAIL FROM:<\xf4\x90\x80\x80@b> SMTPUTF8", "bad-bytes" },
	{ 0, "MAIL FROM:<a@b> HOLDFOR=1", "MAIL path=a@b hold=for;1" },
	{ 0, "MAIL FROM:<a@b> HOLDFOR=999999999",
	    "MAIL path=a@b hold=for;999999999" },
	{ 0, "MAIL FROM:<a@b> XVERP", "MAIL path=a@b verp=" },
	{ 0, "MAIL FROM:<a@b> xverp=+=", "MAIL path=a@b verp=+=" },
	{ 0, "MAIL FROM:<a@b> XVERP=", "param-bad param=XVERP" },
	{ 0, "MAIL FROM:<a@b> XVERP XVERP=+=", "param-twice param=XVERP" },
	{ 0, "RCPT TO:<a@b> XVERP", "param-unknown param=XVERP" },
	{ 0, "MAIL FROM:<a@b> HOLDFOR=0", "param-bad param=HOLDFOR" },
	{ 0, "MAIL FROM:<a@b> HOLDFOR=01", "param-bad param=HOLDFOR" },
	{ 0, "MAIL FROM:<a@b> HOLDFOR=-1", "param-bad param=HOLDFOR" },
	{ 0, "MAIL FROM:<a@b> HOLDFOR=1000000000", "param-bad param=HOLDFOR" },
	{ 0, "MAIL FROM:<a@b> HOLDFOR", "param-bad param=HOLDFOR" },
	{ 0, "MAIL FROM:<a@b> HOLDUNTIL=2026-01-02T03:04:05Z",
	    "MAIL path=a@b hold=until;2026-01-02T03:04:05Z" },
	{ 0, "MAIL FROM:<a@b> HOLDUNTIL=a;b", "param-bad param=HOLDUNTIL" },
	{ 0, "MAIL FROM:<a@b> HOLDUNTIL=2026 HOLDFOR=1",
	    "param-twice param=HOLDFOR" },
	{ 0, "RCPT TO:<a@b> HOLDFOR=1", "param-unknown param=HOLDFOR" },
	{ 0, "MAIL FROM:<a@b> SMTPUTF8=1", "param-bad param=SMTPUTF8" },
	{ 0, "MAIL FROM:<a@b> NOTIFY=NEVER", "param-unknown param=NOTIFY" },
	{ 0, "MAIL FROM:<a@b> MT-PRIORITY=3",
	    "param-unknown param=MT-PRIORITY" },
	{ 0, "MAIL FROM:<a@b> =x", "param-unknown" },
	{ 0, "MAIL FROM:<a@b> RET=HDRS ENVID=QQ+3D1+2B",
	    "MAIL path=a@b ret=2 envid=QQ=1+" },
	{ 0, "MAIL FROM:<a@b> RET=ALL", "param-bad param=RET" },
	{ 0, "MAIL FROM:<a@b> ENVID=a+0Ab", "param-bad param=ENVID" },
	{ 0, "MAIL FROM:<a@b> ENVID=a+E9", "param-bad param=ENVID" },
	{ 0, "MAIL FROM:<a@b> ENVID=a+4", "param-bad param=ENVID" },
	{ 0, "MAIL FROM:<a@b> ENVID=a=b", "param-bad param=ENVID" },
	{ 0, "MAIL FROM:<a@b> AUTH=<>", "MAIL path=a@b auth=" },
	{ 0, "MAIL FROM:<a@b> AUTH=e+3Dmc2@example.com",
	    "MAIL path=a@b auth=e=mc2@example.com" },
	{ 0, "MAIL FROM:<a@b> AUTH=a+00", "param-bad param=AUTH" },
	{ 0, "RCPT TO:<a@b> NOTIFY=SUCCESS,DELAY", "RCPT path=a@b notify=10" },
	{ 0, "RCPT TO:<a@b> NOTIFY=NEVER", "RCPT path=a@b notify=1" },
	{ 0, "RCPT TO:<a@b> NOTIFY=NEVER,DELAY", "param-bad param=NOTIFY" },
	{ 0, "RCPT TO:<a@b> NOTIFY=DELAY,DELAY", "RCPT path=a@b notify=8" },
	{ 0, "RCPT TO:<a@b> NOTIFY=,", "param-bad param=NOTIFY" },
	{ 0, "RCPT TO:<a@b> ORCPT=rfc822;Bob+40x",
	    "RCPT path=a@b type=rfc822 orcpt=Bob@x" },
	{ 0, "RCPT TO:<a@b> ORCPT=utf-8;\\x{E9}@x",
	    "RCPT path=a@b type=utf-8 orcpt=\xc3\xa9@x" },
	{ 0, "RCPT TO:<a@b> ORCPT=utf-8;\\x{0A}@x", "param-bad param=ORCPT" },
	{ 0, "RCPT TO:<a@b> ORCPT=utf-8;\\x{D800}", "param-bad param=ORCPT" },
	{ 0, "RCPT TO:<a@b> ORCPT=utf-8;\\x{110000}", "param-bad param=ORCPT" },
	{ 0, "RCPT TO:<a@b> ORCPT=rfc822", "param-bad param=ORCPT" },
	{ 0, "RCPT TO:<a@b> ORCPT=;x", "param-bad param=ORCPT" },
	{ 0, "RCPT TO:<a@b> SIZE=1", "param-unknown param=SIZE" },
	{ 0, "RCPT TO:<>", "bad-path" },
	{ 0, "RCPT TO:<Postmaster>", "RCPT path=Postmaster" },
	{ 0, "RCPT FROM:<a@b>", "bad-syntax" },
	{ 0, "BDAT 86400 LAST", "BDAT 86400 last" },
	{ 0, "BDAT 0", "BDAT 0" },
	{ 0, "BDAT", "need-arg" },
	{ 0, "BDAT 1x", "bad-syntax" },
	{ 0, "BDAT -1", "bad-syntax" },
	{ 0, "BDAT 99999999999999999999", "bad-syntax" },
	{ 0, "BDAT 5 LAST x", "bad-syntax" },
	{ 0, "BDAT 5 FIRST", "bad-syntax" },
	{ 0, "AUTH PLAIN", "AUTH mech=PLAIN" },
	{ 0, "AUTH PLAIN AGEAYg==", "AUTH mech=PLAIN initial=AGEAYg==" },
	{ 0, "AUTH EXTERNAL =", "AUTH mech=EXTERNAL initial=" },
	{ 0, "AUTH X-TICKET abc", "AUTH mech=X-TICKET initial=abc" },
	{ 0, "AUTH PLAIN a b", "bad-syntax" },
	{ 0, "AUTH PL/AIN", "bad-syntax" },
	{ 0, "AUTH PLAIN a*b", "bad-syntax" },
	{ 0, "XCLIENT NAME=x ADDR=1.2.3.4 HELO=a+20b",
	    "XCLIENT name=NAME value=x name=ADDR value=1.2.3.4 name=HELO "
	    "value=a b" },
	{ 0, "XFORWARD NAME", "bad-syntax" },
	{ 0, "XCLIENT NAME=a+0D", "bad-syntax" },
	{ 0, "ETRN @example.com", "ETRN arg=@example.com" },
	{ 0, "MAIL FROM:<a\x01@b>", "bad-bytes" },
	{ 0, "MAIL FROM:<\xff@b>", "bad-bytes" },
	{ 0, "MAIL FROM:<\xc3\xa9@b>", "MAIL path=\xc3\xa9@b" },
	{ 0, "MAIL\tFROM:<a@b>", "bad-bytes" },
	{ SMTP_LENIENT, "MAIL\tFROM:<a@b>", "MAIL path=a@b" },
	{ SMTP_LENIENT, "MAIL FROM:<a@b> ENVID=a=b", "param-bad param=ENVID" },
};

START_TEST(parse)
{
	struct arena *a = arena_new();
	struct buf told = BUF_EMPTY;
	struct smtp_command c;
	enum smtp_fault fault;

	fault =
	    smtp_command_parse(&c, span_str(rows[_i].line), rows[_i].flags, a);
	tell(&told, &c, fault);
	ck_assert_msg(span_is(buf_span(&told), rows[_i].told),
	    "\"%s\": told %s, want %s", rows[_i].line, buf_str(&told),
	    rows[_i].told);
	buf_free(&told);
	arena_free(&a);
}
END_TEST

START_TEST(limits)
{
	struct arena *a = arena_new();
	struct smtp_command c;
	struct buf line = BUF_EMPTY;

	buf_add_str(&line, "MAIL FROM:<a@b> ENVID=");
	for (int i = 0; i < SMTP_ENVID_MAX; i++)
		buf_add_byte(&line, 'x');
	ck_assert_int_eq(
	    smtp_command_parse(&c, buf_span(&line), 0, a), SMTP_FINE);
	buf_add_byte(&line, 'x');
	ck_assert_int_eq(
	    smtp_command_parse(&c, buf_span(&line), 0, a), SMTP_PARAM_BAD);
	ck_assert_int_eq(
	    smtp_command_parse(&c, SPAN("MAIL FROM:<a\0b@c>"), 0, a),
	    SMTP_BAD_BYTES);
	buf_clear(&line);
	buf_add_str(&line, "XCLIENT");
	for (int i = 0; i < 20; i++)
		buf_printf(&line, " A%d=b", i);
	ck_assert_int_eq(
	    smtp_command_parse(&c, buf_span(&line), 0, a), SMTP_FINE);
	buf_add_str(&line, " B=c");
	ck_assert_int_eq(
	    smtp_command_parse(&c, buf_span(&line), 0, a), SMTP_BAD_SYNTAX);
	buf_free(&line);
	arena_free(&a);
}
END_TEST

START_TEST(xtext_all_bytes)
{
	struct buf in = BUF_EMPTY, coded = BUF_EMPTY, again = BUF_EMPTY;

	for (int c = 1; c < 256; c++)
		buf_add_byte(&in, (char)c);
	smtp_xtext_encode(&coded, buf_span(&in));
	ck_assert(span_search(buf_span(&coded), SPAN("=")) == coded.n);
	ck_assert(smtp_xtext_decode(&again, buf_span(&coded)));
	ck_assert(span_eq(buf_span(&again), buf_span(&in)));
	buf_clear(&again);
	buf_add_str(&again, "kept");
	ck_assert(!smtp_xtext_decode(&again, SPAN("ab+G0")));
	ck_assert(!smtp_xtext_decode(&again, SPAN("ab cd")));
	ck_assert(!smtp_unitext_decode(&again, SPAN("ab\\x{1}")));
	ck_assert(!smtp_unitext_decode(&again, SPAN("ab\\x{41")));
	ck_assert(!smtp_unitext_decode(&again, SPAN("a+b")));
	ck_assert(span_is(buf_span(&again), "kept"));
	buf_free(&in);
	buf_free(&coded);
	buf_free(&again);
}
END_TEST

START_TEST(verbs)
{
	for (int v = SMTP_HELO; v <= SMTP_XFORWARD; v++)
		ck_assert_int_eq(
		    smtp_verb_of(span_str(smtp_verb_name((enum smtp_verb)v))),
		    v);
	ck_assert_int_eq(smtp_verb_of(SPAN("UNKNOWN")), SMTP_UNKNOWN);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(rows));
	tcase_add_test(t, limits);
	tcase_add_test(t, xtext_all_bytes);
	tcase_add_test(t, verbs);
}

int
main(void)
{
	return unit_main("wire/smtp_command", fill);
}
