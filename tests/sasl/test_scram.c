/* test_scram.c - sasl/scram.h; the vectors are those of RFC 7677, 3 */

#include "sasl/scram.h"

#include "base/base64.h"
#include "tests/unit.h"

#define NONCE  "rOprNGfwEbeRWgbNEkqO"
#define SERVER "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT   "W22ZaJ0SNY7soEsUEjb6gQ=="
#define PROOF  "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define SIGNED "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static void
verifier_of(struct buf *text, const char *password, const char *salt64,
    unsigned iterations)
{
	struct buf salt = BUF_EMPTY;

	ck_assert(base64_decode(&salt, span_str(salt64)));
	scram_verifier_make(
	    text, span_str(password), buf_span(&salt), iterations);
	buf_free(&salt);
}

START_TEST(vector)
{
	static const char first[] = "n=user,r=" NONCE;
	static const char final[] = "c=biws,r=" NONCE SERVER;
	struct buf text = BUF_EMPTY, server = BUF_EMPTY, proof = BUF_EMPTY,
		   encoded = BUF_EMPTY;
	unsigned char signature[SCRAM_KEY_BYTES];
	struct scram_verifier v;
	struct scram_messages m = { span_str(first), { "", 0 },
		span_str(final) };

	verifier_of(&text, "pencil", SALT, 4096);
	ck_assert(scram_verifier_parse(buf_span(&text), &v));
	ck_assert_uint_eq(v.iterations, 4096);
	ck_assert(span_is(v.salt, SALT));
	scram_server_first(&server, SPAN(NONCE), SPAN(SERVER), &v);
	ck_assert(
	    span_is(buf_span(&server), "r=" NONCE SERVER ",s=" SALT ",i=4096"));
	m.server_first = buf_span(&server);
	ck_assert(base64_decode(&proof, SPAN(PROOF)));
	ck_assert(scram_proof_check(&v, &m, buf_span(&proof), signature));
	base64_encode(
	    &encoded, span_of((const char *)signature, sizeof(signature)));
	ck_assert(span_is(buf_span(&encoded), SIGNED));
	/* one bit, one byte less, another message */
	proof.p[31] ^= 1;
	ck_assert(!scram_proof_check(&v, &m, buf_span(&proof), signature));
	proof.p[31] ^= 1;
	ck_assert(!scram_proof_check(
	    &v, &m, span_head(buf_span(&proof), 31), signature));
	m.client_final = SPAN("c=biws,r=" NONCE);
	ck_assert(!scram_proof_check(&v, &m, buf_span(&proof), signature));
	buf_free(&text);
	buf_free(&server);
	buf_free(&proof);
	buf_free(&encoded);
}
END_TEST

#define R(literal) \
	{ \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	struct span message;
	bool good;
	enum scram_binding binding;
	const char *type, *header, *user, *authzid, *nonce;
} firsts[] = {
	{ R("n,,n=user,r=abc"), true, SCRAM_NOT_BOUND, "", "n,,", "user", "",
	    "abc" },
	{ R("y,,n=user,r=abc"), true, SCRAM_WOULD_BIND, "", "y,,", "user", "",
	    "abc" },
	{ R("p=tls-exporter,,n=u,r=a"), true, SCRAM_BOUND, "tls-exporter",
	    "p=tls-exporter,,", "u", "", "a" },
	{ R("n,a=z=2Cz,n=a=3Db=2Cc,r=a,x=future"), true, SCRAM_NOT_BOUND, "",
	    "n,a=z=2Cz,", "a=b,c", "z,z", "a" },
	{ R("n,,n=\xc3\xa9,r=a"), true, SCRAM_NOT_BOUND, "", "n,,", "\xc3\xa9",
	    "", "a" },
	{ R(""), false, 0, 0, 0, 0, 0, 0 },
	{ R("n"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u,"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u,r="), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,r=a,n=u"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,m=x,n=u,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("x,,n=u,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("p,,n=u,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("p=,,n=u,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,b=z,n=u,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,a=,n=u,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u=,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u=2c,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u\0,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u\n,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=\xff,r=a"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u,r=a b"), false, 0, 0, 0, 0, 0, 0 },
	{ R("n,,n=u,r=\xc3\xa9"), false, 0, 0, 0, 0, 0, 0 },
};

START_TEST(first)
{
	struct scram_first f;
	bool got = scram_first_parse(firsts[_i].message, &f);

	ck_assert_msg(got == firsts[_i].good, "\"%s\"", firsts[_i].message.p);
	if (got) {
		ck_assert_int_eq(f.binding, firsts[_i].binding);
		ck_assert(span_is(f.type, firsts[_i].type));
		ck_assert(span_is(f.header, firsts[_i].header));
		ck_assert(span_is(buf_span(&f.user), firsts[_i].user));
		ck_assert(span_is(buf_span(&f.authzid), firsts[_i].authzid));
		ck_assert(span_is(f.nonce, firsts[_i].nonce));
		ck_assert_uint_eq(f.header.n + f.bare.n, firsts[_i].message.n);
	}
	scram_first_done(&f);
}
END_TEST

static const struct {
	const char *message;
	bool good;
} finals[] = {
	{ "c=biws,r=abc,p=" PROOF, true },
	{ "c=biws,r=abc,x=future,p=" PROOF, true },
	{ "c=biws,r=abc", false },
	{ "c=biws,r=abc,p=", false },
	{ "c=biws,r=abc,p=AAAA", false },
	{ "c=biws,r=abc,p=" PROOF "=", false },
	{ "c=biws,r=abc,p=" PROOF ",x=y", false },
	{ "c=,r=abc,p=" PROOF, false },
	{ "r=abc,c=biws,p=" PROOF, false },
	{ "c=biws,p=" PROOF, false },
	{ "c=biws,r=,p=" PROOF, false },
	{ "", false },
	{ ",", false },
};

START_TEST(final)
{
	struct scram_final f;

	ck_assert_msg(scram_final_parse(span_str(finals[_i].message), &f) ==
		finals[_i].good,
	    "\"%s\"", finals[_i].message);
	if (finals[_i].good)
		ck_assert(span_starts(f.without_proof, "c=biws,r=abc"));
}
END_TEST

#define K "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static const struct {
	const char *text;
	bool good;
} verifiers[] = {
	{ "SCRAM-SHA-256$4096:AAAA$" K ":" K, true },
	{ "SCRAM-SHA-256$1000000:AAAA$" K ":" K, true },
	{ "SCRAM-SHA-256$4095:AAAA$" K ":" K, false },
	{ "SCRAM-SHA-256$1000001:AAAA$" K ":" K, false },
	{ "SCRAM-SHA-1$4096:AAAA$" K ":" K, false },
	{ "SCRAM-SHA-256$4096:$" K ":" K, false },
	{ "SCRAM-SHA-256$4096:!!$" K ":" K, false },
	{ "SCRAM-SHA-256$4096:AAAA$" K, false },
	{ "SCRAM-SHA-256$4096:AAAA$" K ":", false },
	{ "SCRAM-SHA-256$4096:AAAA$AAAA:" K, false },
	{ "SCRAM-SHA-256$4096:AAAA$" K ":" K "x", false },
	{ "$6$abc$def", false },
	{ "", false },
};

START_TEST(verifier)
{
	struct scram_verifier v;

	ck_assert_msg(scram_verifier_parse(span_str(verifiers[_i].text), &v) ==
		verifiers[_i].good,
	    "\"%s\"", verifiers[_i].text);
}
END_TEST

START_TEST(fits)
{
	struct buf text = BUF_EMPTY;
	struct scram_verifier v;

	verifier_of(&text, "pencil", SALT, 4096);
	ck_assert(scram_verifier_parse(buf_span(&text), &v));
	ck_assert(scram_verifier_fits(&v, SPAN("pencil")));
	ck_assert(!scram_verifier_fits(&v, SPAN("Pencil")));
	ck_assert(!scram_verifier_fits(&v, SPAN("")));
	buf_free(&text);
}
END_TEST

static const struct {
	const char *password;
	bool prepared;
} passwords[] = {
	{ "correct horse", true },
	{ "\xc3\xa9t\xc3\xa9 \xe2\x82\xac", true },
	{ "\xc2\xa0", false }, /* no-break space becomes a space */
	{ "\xc2\xad", false }, /* soft hyphen becomes nothing */
	{ "\xc5\xbf", false }, /* long s becomes s */
	{ "e\xcc\x81", false }, /* e and an accent become one */
	{ "\xef\xac\x81", false }, /* fi, one letter, becomes two */
	{ "\xff", false },
	{ "a\tb", false },
};

START_TEST(prepared)
{
	ck_assert_msg(scram_password_prepared(span_str(
			  passwords[_i].password)) == passwords[_i].prepared,
	    "row %d", _i);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, vector);
	tcase_add_loop_test(t, first, 0, UNIT_COUNT(firsts));
	tcase_add_loop_test(t, final, 0, UNIT_COUNT(finals));
	tcase_add_loop_test(t, verifier, 0, UNIT_COUNT(verifiers));
	tcase_add_test(t, fits);
	tcase_add_loop_test(t, prepared, 0, UNIT_COUNT(passwords));
}

int
main(void)
{
	return unit_main("sasl/scram", fill);
}
