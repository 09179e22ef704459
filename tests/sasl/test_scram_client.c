/* test_scram_client.c - sasl/scram_client.h; the vectors are those of RFC
 * 5802, 5 and RFC 7677, 3
 */

#include "sasl/scram_client.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	enum digest_kind digest;
	const char *nonce, *server, *final, *verifier;
} vectors[] = {
	{ DIGEST_SHA1, "fyko+d2lbbFgONRv9qkxdawL",
	    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	    "s=QSXCR+Q6sek8bf92,i=4096",
	    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	    "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	    "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ DIGEST_SHA256, "rOprNGfwEbeRWgbNEkqO",
	    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
};

static struct scram_client *
client_of(enum digest_kind digest, const char *nonce)
{
	struct scram_client_setup setup = {
		.digest = digest, .user = SPAN("user"), .nonce = span_str(nonce)
	};

	return scram_client_new(&setup);
}

START_TEST(vector)
{
	struct scram_client *c =
	    client_of(vectors[_i].digest, vectors[_i].nonce);
	struct span good = span_str(vectors[_i].verifier);
	struct buf out = BUF_EMPTY;

	scram_client_first(c, &out);
	ck_assert(span_starts(buf_span(&out), "n,,n=user,r="));
	ck_assert(span_ends(buf_span(&out), vectors[_i].nonce));
	buf_clear(&out);
	ck_assert(!scram_client_verify(c, good));
	ck_assert(scram_client_final(
	    c, span_str(vectors[_i].server), SPAN("pencil"), &out));
	ck_assert_str_eq(buf_str(&out), vectors[_i].final);
	ck_assert(scram_client_verify(c, good));
	ck_assert(!scram_client_verify(c, span_skip(good, 1)));
	ck_assert(!scram_client_verify(c, SPAN("e=invalid-proof")));
	ck_assert(!scram_client_verify(c, SPAN("v=AAAA")));
	ck_assert(!scram_client_verify(c, SPAN("")));
	/* a second time nothing is answered */
	ck_assert(!scram_client_final(
	    c, span_str(vectors[_i].server), SPAN("pencil"), &out));
	scram_client_free(&c);
	buf_free(&out);
}
END_TEST

static const char *const bad[] = {
	"",
	"r=nonce,s=AAAA,i=4096", /* nothing of the server's */
	"r=Nonce+,s=AAAA,i=4096",
	"r=other,s=AAAA,i=4096",
	"r=nonce\r+,s=AAAA,i=4096",
	"m=ext,r=nonce+,s=AAAA,i=4096",
	"r=nonce+,s=,i=4096",
	"r=nonce+,s=AAA,i=4096",
	"r=nonce+,s=AAAA,i=0",
	"r=nonce+,s=AAAA,i=1000001",
	"r=nonce+,s=AAAA,i=99999999999999999999",
	"r=nonce+,s=AAAA,i=",
	"r=nonce+,s=AAAA",
	"r=nonce+,i=4096,s=AAAA",
	"e=other-error",
};

START_TEST(refused)
{
	struct scram_client *c = client_of(DIGEST_SHA256, "nonce");
	struct buf out = BUF_EMPTY;

	ck_assert_msg(
	    !scram_client_final(c, span_str(bad[_i]), SPAN("p"), &out), "%s",
	    bad[_i]);
	ck_assert_uint_eq(out.n, 0);
	scram_client_free(&c);
}
END_TEST

START_TEST(bound)
{
	struct scram_client_setup setup = { .digest = DIGEST_SHA256,
		.user = SPAN("a,b=c"),
		.nonce = SPAN("n"),
		.binding = SCRAM_BOUND,
		.type = SPAN("tls-exporter"),
		.data = SPAN("xyz") };
	struct scram_client *c = scram_client_new(&setup);
	struct buf out = BUF_EMPTY;

	scram_client_first(c, &out);
	ck_assert_str_eq(buf_str(&out), "p=tls-exporter,,n=a=2Cb=3Dc,r=n");
	buf_clear(&out);
	ck_assert(scram_client_final(
	    c, SPAN("r=nm,s=AAAA,i=1,x=passed over"), SPAN("p"), &out));
	/* "p=tls-exporter,,xyz" */
	ck_assert(span_starts(
	    buf_span(&out), "c=cD10bHMtZXhwb3J0ZXIsLHh5eg==,r=nm,p="));
	scram_client_free(&c);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, vector, 0, UNIT_COUNT(vectors));
	tcase_add_loop_test(t, refused, 0, UNIT_COUNT(bad));
	tcase_add_test(t, bound);
}

int
main(void)
{
	return unit_main("sasl/scram_client", fill);
}
