/* test_sasl_client.c - sasl/sasl_client.h, against our own server */

#include "sasl/sasl_client.h"

#include "base/base64.h"
#include "base/buf.h"
#include "sasl/sasl_server.h"
#include "sasl/scram.h"
#include "tests/unit.h"

enum { LAX = 1, TLS = 2, CERT = 4, BIND = 8 };

#define ALL \
	"GSSAPI DIGEST-MD5 CRAM-MD5 LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-256 " \
	"SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS EXTERNAL XOAUTH2 OAUTHBEARER"

static const struct {
	const char *offered; /* separated by blanks */
	unsigned how;
	const char *filter; /* the one that may be used; NULL: any */
	const char *user, *password;
	const char *chosen; /* or NULL */
} offers[] = {
	{ "LOGIN PLAIN", LAX, NULL, "u", "p", "PLAIN" },
	{ "CRAM-MD5 LOGIN PLAIN", LAX, NULL, "u", "p", "CRAM-MD5" },
	{ "login", LAX, NULL, "u", "p", "LOGIN" },
	{ "GSSAPI DIGEST-MD5", LAX, NULL, "u", "p", NULL },
	{ "PLAIN LOGIN", 0, NULL, "u", "p", NULL },
	{ "PLAIN CRAM-MD5", 0, NULL, "u", "p", "CRAM-MD5" },
	{ "", LAX, NULL, "u", "p", NULL },
	{ ALL, LAX, NULL, "u", "p", "SCRAM-SHA-256" },
	{ ALL, LAX | TLS, NULL, "u", "p", "SCRAM-SHA-256" },
	{ ALL, LAX | TLS | BIND, NULL, "u", "p", "SCRAM-SHA-256-PLUS" },
	{ ALL, LAX | TLS | BIND | CERT, NULL, "u", "p", "SCRAM-SHA-256-PLUS" },
	{ ALL, LAX | TLS | BIND | CERT, NULL, "u", "", "EXTERNAL" },
	{ ALL, LAX | TLS | BIND | CERT, NULL, "", "", "EXTERNAL" },
	{ ALL, LAX | TLS | CERT, "EXTERNAL", "u", "p", "EXTERNAL" },
	{ ALL, LAX | TLS, "EXTERNAL", "u", "p", NULL },
	{ ALL, LAX | CERT, NULL, "u", "", NULL },
	{ ALL, LAX | TLS, NULL, "", "p", NULL },
	{ "SCRAM-SHA-1", 0, NULL, "u", "p", "SCRAM-SHA-1" },
	{ ALL, LAX | TLS, "XOAUTH2", "u", "p", "XOAUTH2" },
	{ ALL, LAX | TLS, "OAUTHBEARER", "u", "p", "OAUTHBEARER" },
	{ ALL, LAX, "XOAUTH2", "u", "p", NULL }, /* a token in clear */
	{ ALL, TLS, "XOAUTH2", "u", "p", NULL },
	{ "XOAUTH2 OAUTHBEARER", LAX | TLS, NULL, "u", "p", NULL },
	{ "PLAIN", LAX, NULL, "a\001b", "p", NULL },
};

static bool
allowed(void *arg, const char *name, bool named)
{
	return arg == NULL ? !named : strcmp(name, arg) == 0;
}

static struct sasl_client *
client_of(const char *offered, unsigned how, const char *filter,
    const char *user, const char *password)
{
	struct span names[16], rest = span_str(offered);
	struct sasl_client_setup s = { .offered = names,
		.barred = (how & LAX) != 0 ? 0 : SASL_PLAINTEXT,
		.secured = (how & TLS) != 0,
		.certificate = (how & CERT) != 0,
		.binding = (how & BIND) != 0 ? SPAN("bytes") : SPAN(""),
		.allowed = allowed,
		.arg = (void *)(uintptr_t)filter,
		.user = span_str(user),
		.password = span_str(password) };

	while (s.count < 16 && span_word(&rest, " ", &names[s.count]))
		s.count++;
	return sasl_client_new(&s);
}

START_TEST(choice)
{
	struct sasl_client *c = client_of(offers[_i].offered, offers[_i].how,
	    offers[_i].filter, offers[_i].user, offers[_i].password);

	ck_assert_msg((c != NULL) == (offers[_i].chosen != NULL), "row %d: %s",
	    _i, c == NULL ? "none" : sasl_client_name(c));
	if (c != NULL)
		ck_assert_str_eq(sasl_client_name(c), offers[_i].chosen);
	sasl_client_free(&c);
}
END_TEST

/* Whole conversations; the server's side in clear, ours too: "<" and ">". */
static const struct {
	const char *mechanism;
	unsigned how;
	const char *lines[8];
} talks[] = {
	{ "PLAIN", LAX, { ">*user*pencil", NULL } },
	{ "LOGIN", LAX, { "<Name", ">user", "<", ">pencil", NULL } },
	/* RFC 2195, 2 has other words; the sum is that of openssl(1) */
	{ "CRAM-MD5", LAX,
	    { "<<1896.697170952@postoffice.reston.mci.net>",
		">user 266f82bb2d1ace6729d2c573e4e004c6", NULL } },
	{ "EXTERNAL", LAX | TLS | CERT, { ">user", NULL } },
	{ "XOAUTH2", LAX | TLS,
	    { ">user=user^auth=Bearer pencil^^", "<{\"status\":\"401\"}", ">",
		NULL } },
	{ "OAUTHBEARER", LAX | TLS,
	    { ">n,a=user,^auth=Bearer pencil^^",
		"<{\"status\":\"invalid_token\"}", ">^", NULL } },
};

static void
plain_make(const char *text, struct buf *out)
{
	for (; *text != '\0'; text++)
		buf_add_byte(out,
		    *text == '*'       ? '\0'
			: *text == '^' ? '\001'
				       : *text);
}

START_TEST(talk)
{
	const char *name = talks[_i].mechanism;
	struct sasl_client *c =
	    client_of(name, talks[_i].how, name, "user", "pencil");
	const char *const *at = talks[_i].lines;
	struct buf out = BUF_EMPTY;

	ck_assert_ptr_nonnull(c);
	for (bool first = true; *at != NULL; at++, first = false) {
		struct buf want = BUF_EMPTY, challenge = BUF_EMPTY,
			   got = BUF_EMPTY;

		if (first && (*at)[0] == '>') {
			ck_assert(sasl_client_first(c, &out));
		} else {
			ck_assert(!first || !sasl_client_first(c, &out));
			ck_assert((*at)[0] == '<');
			base64_encode(&challenge, span_str(*at + 1));
			ck_assert(
			    sasl_client_answer(c, buf_span(&challenge), &out));
			at++;
		}
		plain_make(*at + 1, &want);
		ck_assert(base64_decode(&got, buf_span(&out)));
		ck_assert_msg(span_eq(buf_span(&got), buf_span(&want)),
		    "%s: \"%.*s\"", name, (int)got.n, got.p);
		buf_free(&want);
		buf_free(&got);
		buf_free(&challenge);
	}
	ck_assert(sasl_client_done(c));
	ck_assert(!sasl_client_answer(c, SPAN(""), &out));
	buf_free(&out);
	sasl_client_free(&c);
}
END_TEST

/* With the server's half of SCRAM. */
static void
scram_talk(const char *name, bool lies)
{
	struct sasl_client *c =
	    client_of(name, TLS | BIND, NULL, "user", "pencil");
	struct buf out = BUF_EMPTY, text = BUF_EMPTY, first = BUF_EMPTY,
		   verifier = BUF_EMPTY, server = BUF_EMPTY, last = BUF_EMPTY;
	struct scram_first f;
	struct scram_final l;
	struct scram_verifier v;
	unsigned char sign[SCRAM_KEY_BYTES];
	struct scram_messages m;

	ck_assert(sasl_client_first(c, &out));
	ck_assert(base64_decode(&first, buf_span(&out)));
	ck_assert(scram_first_parse(buf_span(&first), &f));
	ck_assert_int_eq(f.binding,
	    strstr(name, "PLUS") != NULL ? SCRAM_BOUND : SCRAM_WOULD_BIND);
	scram_verifier_make(&verifier, SPAN("pencil"), SPAN("salt"), 4096);
	ck_assert(scram_verifier_parse(buf_span(&verifier), &v));
	scram_server_first(&server, f.nonce, SPAN("more"), &v);
	base64_encode(&text, buf_span(&server));
	ck_assert(sasl_client_answer(c, buf_span(&text), &out));
	ck_assert(!sasl_client_done(c));
	ck_assert(base64_decode(&last, buf_span(&out)));
	ck_assert(scram_final_parse(buf_span(&last), &l));
	m = (struct scram_messages){ f.bare, buf_span(&server),
		l.without_proof };
	ck_assert(scram_proof_check(
	    &v, &m, span_of((const char *)l.proof, sizeof(l.proof)), sign));
	buf_clear(&server);
	buf_add_str(&server, "v=");
	sign[0] = (unsigned char)(sign[0] ^ (lies ? 1 : 0));
	base64_encode(&server, span_of((const char *)sign, sizeof(sign)));
	buf_clear(&text);
	base64_encode(&text, buf_span(&server));
	ck_assert_int_eq(sasl_client_answer(c, buf_span(&text), &out), !lies);
	ck_assert_int_eq(sasl_client_done(c), !lies);
	scram_first_done(&f);
	buf_free(&out);
	buf_free(&text);
	buf_free(&first);
	buf_free(&verifier);
	buf_free(&server);
	buf_free(&last);
	sasl_client_free(&c);
}

START_TEST(scram)
{
	scram_talk("SCRAM-SHA-256", false);
	scram_talk("SCRAM-SHA-256-PLUS", false);
	scram_talk("SCRAM-SHA-256", true);
}
END_TEST

/* The server has mechanisms that bind, and we may not use them. */
START_TEST(not_bound)
{
	struct sasl_client *c = client_of("SCRAM-SHA-256-PLUS SCRAM-SHA-256",
	    TLS | BIND, "SCRAM-SHA-256", "user", "pencil");
	struct buf out = BUF_EMPTY, text = BUF_EMPTY;

	ck_assert(sasl_client_first(c, &out));
	ck_assert(base64_decode(&text, buf_span(&out)));
	ck_assert(span_starts(buf_span(&text), "n,,"));
	sasl_client_free(&c);
	buf_free(&out);
	buf_free(&text);
}
END_TEST

START_TEST(next_one)
{
	struct span names[] = { SPAN("CRAM-MD5"), SPAN("PLAIN") };
	struct sasl_client_setup s = { .offered = names,
		.count = 2,
		.user = SPAN("u"),
		.password = SPAN("p") };
	struct sasl_client *c = sasl_client_new(&s);

	ck_assert_str_eq(sasl_client_name(c), "CRAM-MD5");
	s.tried |= sasl_client_bit(c);
	sasl_client_free(&c);
	c = sasl_client_new(&s);
	ck_assert_str_eq(sasl_client_name(c), "PLAIN");
	s.tried |= sasl_client_bit(c);
	sasl_client_free(&c);
	ck_assert_ptr_null(sasl_client_new(&s));
}
END_TEST

START_TEST(refused)
{
	struct sasl_client *c;
	struct buf out = BUF_EMPTY;
	static char longer[8194];

	memset(longer, 'p', sizeof(longer) - 1);
	ck_assert_ptr_null(client_of("PLAIN", LAX, NULL, "a", longer));
	longer[8192] = '\0';
	c = client_of("PLAIN", LAX, NULL, "a", longer);
	ck_assert(sasl_client_first(c, &out));
	sasl_client_free(&c);
	c = client_of("CRAM-MD5", LAX, NULL, "a", "p");
	ck_assert(!sasl_client_answer(c, SPAN("not base64!"), &out));
	ck_assert(!sasl_client_answer(c, SPAN(""), &out));
	sasl_client_free(&c);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, choice, 0, UNIT_COUNT(offers));
	tcase_add_loop_test(t, talk, 0, UNIT_COUNT(talks));
	tcase_add_test(t, scram);
	tcase_add_test(t, not_bound);
	tcase_add_test(t, next_one);
	tcase_add_test(t, refused);
}

int
main(void)
{
	return unit_main("sasl/sasl_client", fill);
}
