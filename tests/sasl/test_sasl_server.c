/* test_sasl_server.c - sasl/sasl_server.h */

#include "sasl/sasl_server.h"

#include "base/base64.h"
#include "base/buf.h"
#include "tests/unit.h"

/* Responses as a server sees them, decoded; n of them. */
#define R(literal) \
	{ \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	const char *mechanism;
	struct span say[3];
	enum sasl_outcome got;
	const char *user, *authzid, *password;
} cases[] = {
	{ "PLAIN", { R("\0u\0p") }, SASL_CHECK, "u", "", "p" },
	{ "plain", { R("z\0u\0p w") }, SASL_CHECK, "u", "z", "p w" },
	{ "PLAIN", { R("\0\xc3\xa9\0\xff") }, SASL_CHECK, "\xc3\xa9", "",
	    "\xff" },
	{ "PLAIN", { R("") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "PLAIN", { R("u") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "PLAIN", { R("\0u") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "PLAIN", { R("\0\0p") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "PLAIN", { R("\0u\0") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "PLAIN", { R("\0u\0p\0") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "PLAIN", { R("\0u\n\0p") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "PLAIN", { R("\r\0u\0p") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "PLAIN", { R("\0\xff\0p") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "LOGIN", { R("u"), R("p") }, SASL_CHECK, "u", "", "p" },
	{ "LOGIN", { R(""), R("p") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "LOGIN", { R("u"), R("") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "LOGIN", { R("u"), R("a\0b") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "LOGIN", { R("u\0"), R("p") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "EXTERNAL", { R("") }, SASL_CHECK, "", "", "" },
	{ "EXTERNAL", { R("z") }, SASL_CHECK, "", "z", "" },
	{ "EXTERNAL", { R("a\0b") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "OAUTHBEARER",
	    { R("n,a=u@x,\1host=h\1port=143\1auth=Bearer vF9.-_~+/==\1\1") },
	    SASL_CHECK, "u@x", "", "vF9.-_~+/==" },
	{ "oauthbearer", { R("y,,\1auth=bearer t\1\1") }, SASL_CHECK, "", "",
	    "t" },
	{ "OAUTHBEARER", { R("n,a=a=2Cb=3D,\1auth=Bearer t\1\1") }, SASL_CHECK,
	    "a,b=", "", "t" },
	{ "OAUTHBEARER", { R("n,,\1auth=\1\1") }, SASL_CHECK, "", "", "" },
	{ "OAUTHBEARER", { R("\1") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1\1") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1auth=Bearer t\1") }, SASL_MALFORMED, NULL,
	    NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1auth=Bearer t\1\1\1") }, SASL_MALFORMED,
	    NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1auth=Bearer a\1auth=Bearer b\1\1") },
	    SASL_MALFORMED, NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1auth=Basic t\1\1") }, SASL_MALFORMED, NULL,
	    NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1auth=Bearer a b\1\1") }, SASL_MALFORMED,
	    NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1auth=Bearer a\0b\1\1") }, SASL_MALFORMED,
	    NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1auth=Bearer =\1\1") }, SASL_MALFORMED, NULL,
	    NULL, NULL },
	{ "OAUTHBEARER", { R("p=x,,\1auth=Bearer t\1\1") }, SASL_MALFORMED,
	    NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,u,\1auth=Bearer t\1\1") }, SASL_MALFORMED, NULL,
	    NULL, NULL },
	{ "OAUTHBEARER", { R("n,a=u=2D,\1auth=Bearer t\1\1") }, SASL_MALFORMED,
	    NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,a=u\0,\1auth=Bearer t\1\1") }, SASL_MALFORMED,
	    NULL, NULL, NULL },
	{ "OAUTHBEARER", { R("n,,x\1auth=Bearer t\1\1") }, SASL_MALFORMED, NULL,
	    NULL, NULL },
	{ "OAUTHBEARER", { R("n,,\1a1=x\1auth=Bearer t\1\1") }, SASL_MALFORMED,
	    NULL, NULL, NULL },
	{ "XOAUTH2", { R("user=u@x\1auth=Bearer t\1\1") }, SASL_CHECK, "u@x",
	    "", "t" },
	{ "XOAUTH2", { R("user=\1auth=Bearer t\1\1") }, SASL_MALFORMED, NULL,
	    NULL, NULL },
	{ "XOAUTH2", { R("user=u\1\1") }, SASL_MALFORMED, NULL, NULL, NULL },
	{ "XOAUTH2", { R("n,,\1auth=Bearer t\1\1") }, SASL_MALFORMED, NULL,
	    NULL, NULL },
};

static enum sasl_outcome
converse(struct sasl_server *s, const struct span *say, bool base64)
{
	struct buf challenge = BUF_EMPTY, line = BUF_EMPTY;
	enum sasl_outcome got = SASL_CONTINUE;

	for (size_t i = 0; got == SASL_CONTINUE && say[i].p != NULL; i++) {
		if (base64) {
			buf_clear(&line);
			base64_encode(&line, say[i]);
			got = sasl_server_line(s, buf_span(&line), &challenge);
		} else
			got = sasl_server_feed(s, say[i], &challenge);
	}
	buf_free(&challenge);
	buf_free(&line);
	return got;
}

START_TEST(exchanges)
{
	for (int base64 = 0; base64 < 2; base64++) {
		struct sasl_server *s = sasl_server_new(
		    sasl_mechanism_find(span_str(cases[_i].mechanism)));

		ck_assert_msg(
		    converse(s, cases[_i].say, base64) == cases[_i].got,
		    "case %d", _i);
		if (cases[_i].got == SASL_CHECK) {
			struct sasl_credentials c = sasl_server_credentials(s);

			ck_assert(span_is(c.user, cases[_i].user));
			ck_assert(span_is(c.authzid, cases[_i].authzid));
			ck_assert(span_is(c.password, cases[_i].password));
		}
		sasl_server_free(&s);
	}
}
END_TEST

static const struct {
	const char *line;
	enum sasl_outcome got;
} lines[] = {
	{ "*", SASL_CANCELLED },
	{ "=", SASL_MALFORMED }, /* an empty PLAIN response */
	{ "", SASL_MALFORMED },
	{ "AHU=", SASL_MALFORMED },
	{ "AHUAcA", SASL_MALFORMED }, /* padding is missing */
	{ "AHUAcA==x", SASL_MALFORMED },
	{ "AHUAcA== ", SASL_MALFORMED },
	{ "AHUA\tcA==", SASL_MALFORMED },
	{ "**", SASL_MALFORMED },
	{ "AHUAcA==", SASL_CHECK },
};

START_TEST(base64_lines)
{
	struct sasl_server *s =
	    sasl_server_new(sasl_mechanism_find(SPAN("PLAIN")));
	struct buf challenge = BUF_EMPTY;

	ck_assert_msg(sasl_server_line(s, span_str(lines[_i].line),
			  &challenge) == lines[_i].got,
	    "\"%s\"", lines[_i].line);
	buf_free(&challenge);
	sasl_server_free(&s);
}
END_TEST

START_TEST(challenges)
{
	struct sasl_server *s =
	    sasl_server_new(sasl_mechanism_find(SPAN("LOGIN")));
	struct buf challenge = BUF_EMPTY;

	sasl_server_begin(s, &challenge);
	ck_assert(span_is(buf_span(&challenge), "Username:"));
	ck_assert_int_eq(
	    sasl_server_line(s, SPAN("dQ=="), &challenge), SASL_CONTINUE);
	ck_assert(span_is(buf_span(&challenge), "UGFzc3dvcmQ6"));
	buf_free(&challenge);
	sasl_server_free(&s);
}
END_TEST

/* A token that is not good: the client hears why, answers, and is out. */
START_TEST(rejected)
{
	static const char *const last[] = { "AQ==", "", "*", "!", "=" };
	struct span good = SPAN("bixhPXUsAWF1dGg9QmVhcmVyIHQBAQ==");

	for (size_t i = 0; i < UNIT_COUNT(last); i++) {
		struct sasl_server *s =
		    sasl_server_new(sasl_mechanism_find(SPAN("OAUTHBEARER")));
		struct buf challenge = BUF_EMPTY;

		ck_assert(sasl_server_line(s, good, &challenge) == SASL_CHECK);
		ck_assert(sasl_server_rejected(s, SPAN("{}"), &challenge) ==
		    SASL_CONTINUE);
		ck_assert_str_eq(buf_str(&challenge), "e30=");
		ck_assert(sasl_server_line(s, span_str(last[i]), &challenge) ==
		    SASL_DENIED);
		buf_free(&challenge);
		sasl_server_free(&s);
	}
}
END_TEST

START_TEST(limits)
{
	static const struct {
		size_t name, password;
		enum sasl_outcome got;
	} sizes[] = {
		{ SASL_NAME_MAX, 1000, SASL_CHECK },
		{ SASL_NAME_MAX + 1, 1000, SASL_MALFORMED },
		{ SASL_NAME_MAX, 1001, SASL_MALFORMED },
		{ 10, SASL_RESPONSE_MAX, SASL_TOO_LONG },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct sasl_server *s =
		    sasl_server_new(sasl_mechanism_find(SPAN("PLAIN")));
		struct buf r = BUF_EMPTY, challenge = BUF_EMPTY;

		buf_add_byte(&r, '\0');
		memset(buf_room(&r, sizes[i].name), 'u', sizes[i].name);
		r.n += sizes[i].name;
		buf_add_byte(&r, '\0');
		memset(buf_room(&r, sizes[i].password), 'p', sizes[i].password);
		r.n += sizes[i].password;
		ck_assert_msg(sasl_server_feed(s, buf_span(&r), &challenge) ==
			sizes[i].got,
		    "%zu and %zu", sizes[i].name, sizes[i].password);
		buf_free(&r);
		buf_free(&challenge);
		sasl_server_free(&s);
	}
}
END_TEST

START_TEST(offered)
{
	size_t at = 0, count = 0;

	for (const struct sasl_mechanism *m;
	     (m = sasl_mechanism_next(&at)) != NULL; count++)
		ck_assert_ptr_eq(sasl_mechanism_find(span_str(m->name)), m);
	ck_assert_uint_eq(count, 7);
	ck_assert_ptr_null(sasl_mechanism_find(SPAN("PLAI")));
	ck_assert_ptr_null(sasl_mechanism_find(SPAN("")));
}
END_TEST

#define NONCE  "rOprNGfwEbeRWgbNEkqO"
#define SERVER "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define TOLD   "r=" NONCE SERVER ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define PROOF  ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

/* A channel that gives "data" for "tls-exporter". */
static bool
binding(void *arg, struct span type, struct span data)
{
	(void)arg;
	return span_is(type, "tls-exporter") && span_is(data, "data");
}

/* What the client says first; then, if it is asked, finally; with a channel
 * or without. */
static const struct {
	const char *mechanism;
	bool bound;
	const char *first;
	enum sasl_outcome got_first;
	const char *final;
	enum sasl_outcome got_final;
} scrams[] = {
	{ "SCRAM-SHA-256", false, "n,,n=user,r=" NONCE, SASL_ASK,
	    "c=biws,r=" NONCE SERVER PROOF, SASL_CHECK },
	{ "SCRAM-SHA-256", true, "n,,n=user,r=" NONCE, SASL_ASK,
	    "c=biws,r=" NONCE SERVER PROOF, SASL_CHECK },
	/* another nonce, another header, no header, data without binding */
	{ "SCRAM-SHA-256", false, "n,,n=user,r=" NONCE, SASL_ASK,
	    "c=biws,r=" NONCE PROOF, SASL_MALFORMED },
	{ "SCRAM-SHA-256", false, "n,,n=user,r=" NONCE, SASL_ASK,
	    "c=eSws,r=" NONCE SERVER PROOF, SASL_MALFORMED },
	{ "SCRAM-SHA-256", false, "n,,n=user,r=" NONCE, SASL_ASK,
	    "c=bg==,r=" NONCE SERVER PROOF, SASL_MALFORMED },
	{ "SCRAM-SHA-256", false, "n,,n=user,r=" NONCE, SASL_ASK,
	    "c=biwsZGF0YQ==,r=" NONCE SERVER PROOF, SASL_MALFORMED },
	/* somebody took -PLUS out of what was offered */
	{ "SCRAM-SHA-256", true, "y,,n=user,r=" NONCE, SASL_REFUSED, NULL,
	    SASL_DONE },
	{ "SCRAM-SHA-256", false, "y,,n=user,r=" NONCE, SASL_ASK,
	    "c=eSws,r=" NONCE SERVER PROOF, SASL_CHECK },
	{ "SCRAM-SHA-256", true, "p=tls-exporter,,n=user,r=" NONCE,
	    SASL_MALFORMED, NULL, SASL_DONE },
	{ "SCRAM-SHA-256-PLUS", true, "n,,n=user,r=" NONCE, SASL_MALFORMED,
	    NULL, SASL_DONE },
	{ "SCRAM-SHA-256-PLUS", true, "y,,n=user,r=" NONCE, SASL_MALFORMED,
	    NULL, SASL_DONE },
	{ "SCRAM-SHA-256-PLUS", false, "p=tls-exporter,,n=user,r=" NONCE,
	    SASL_REFUSED, NULL, SASL_DONE },
	{ "SCRAM-SHA-256-PLUS", true, "p=tls-exporter,,n=user,r=" NONCE,
	    SASL_ASK, "c=cD10bHMtZXhwb3J0ZXIsLGRhdGE=,r=" NONCE SERVER PROOF,
	    SASL_CHECK },
	{ "SCRAM-SHA-256-PLUS", true, "p=tls-exporter,,n=user,r=" NONCE,
	    SASL_ASK, "c=cD10bHMtZXhwb3J0ZXIsLGRhdGU=,r=" NONCE SERVER PROOF,
	    SASL_REFUSED },
	{ "SCRAM-SHA-256-PLUS", true, "p=tls-unique,,n=user,r=" NONCE, SASL_ASK,
	    "c=cD10bHMtdW5pcXVlLCxkYXRh,r=" NONCE SERVER PROOF, SASL_REFUSED },
};

START_TEST(scram)
{
	struct sasl_server *s = sasl_server_new(
	    sasl_mechanism_find(span_str(scrams[_i].mechanism)));
	struct buf challenge = BUF_EMPTY;
	enum sasl_outcome got;

	if (scrams[_i].bound)
		sasl_server_binding(s, binding, NULL);
	got = sasl_server_feed(s, span_str(scrams[_i].first), &challenge);
	ck_assert_msg(got == scrams[_i].got_first, "row %d: %d", _i, got);
	if (got == SASL_ASK) {
		struct sasl_question q = sasl_server_question(s);

		ck_assert(span_is(q.user, "user") && span_is(q.nonce, NONCE));
		ck_assert(!sasl_server_told(
		    s, SPAN("r=else,s=AAAA,i=4096"), SPAN("x"), &challenge));
		ck_assert(!sasl_server_told(
		    s, SPAN("r=" NONCE ",s=A"), SPAN("x"), &challenge));
		ck_assert(
		    sasl_server_told(s, SPAN(TOLD), SPAN("seal"), &challenge));
		got =
		    sasl_server_feed(s, span_str(scrams[_i].final), &challenge);
		ck_assert_msg(
		    got == scrams[_i].got_final, "row %d: %d", _i, got);
	}
	if (got == SASL_CHECK) {
		struct sasl_credentials c = sasl_server_credentials(s);

		ck_assert(span_is(c.user, "user"));
		ck_assert(span_is(c.server_first, TOLD));
		ck_assert(span_is(c.client_first, "n=user,r=" NONCE));
		ck_assert(span_starts(c.client_final, "c="));
		ck_assert_uint_eq(c.proof.n, 32);
		ck_assert(span_is(c.seal, "seal"));
		ck_assert_int_eq(
		    sasl_server_accepted(s, SPAN("sig"), &challenge),
		    SASL_CONTINUE);
		ck_assert(span_is(buf_span(&challenge), "dj1jMmxu"));
		ck_assert_int_eq(
		    sasl_server_line(s, SPAN(""), &challenge), SASL_DONE);
	}
	if (got == SASL_REFUSED)
		ck_assert(sasl_server_reason(s)[0] != '\0');
	buf_free(&challenge);
	sasl_server_free(&s);
}
END_TEST

static const struct {
	const char *text;
	bool good;
	const char *left; /* of what there is */
} securities[] = {
	{ "", true,
	    "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN EXTERNAL "
	    "OAUTHBEARER XOAUTH2 " },
	{ "noanonymous", true,
	    "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN EXTERNAL "
	    "OAUTHBEARER XOAUTH2 " },
	{ "noplaintext, noanonymous", true,
	    "SCRAM-SHA-256-PLUS SCRAM-SHA-256 EXTERNAL " },
	{ "noactive", true, "SCRAM-SHA-256-PLUS SCRAM-SHA-256 " },
	{ "nodictionary", true, "EXTERNAL OAUTHBEARER XOAUTH2 " },
	{ "mutual_auth", true, "SCRAM-SHA-256-PLUS SCRAM-SHA-256 " },
	{ "forward_secrecy", true, "" },
	{ "noplaintext nosuch", false, "" },
};

START_TEST(security)
{
	struct buf left = BUF_EMPTY;
	struct span bad = SPAN("");
	const struct sasl_mechanism *m;
	unsigned barred;
	size_t at = 0;

	ck_assert(sasl_security_parse(span_str(securities[_i].text), &barred,
		      &bad) == securities[_i].good);
	if (!securities[_i].good) {
		ck_assert(span_is(bad, "nosuch"));
		return;
	}
	while ((m = sasl_mechanism_next(&at)) != NULL)
		if ((m->flags & barred) == 0)
			buf_printf(&left, "%s ", m->name);
	ck_assert_str_eq(buf_str(&left), securities[_i].left);
	buf_free(&left);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, exchanges, 0, UNIT_COUNT(cases));
	tcase_add_loop_test(t, base64_lines, 0, UNIT_COUNT(lines));
	tcase_add_test(t, challenges);
	tcase_add_test(t, limits);
	tcase_add_test(t, rejected);
	tcase_add_test(t, offered);
	tcase_add_loop_test(t, scram, 0, UNIT_COUNT(scrams));
	tcase_add_loop_test(t, security, 0, UNIT_COUNT(securities));
}

int
main(void)
{
	return unit_main("sasl/sasl_server", fill);
}
