/* test_dkim.c - mauth/dkim.h: the examples of RFC 6376 and RFC 8463, messages
 * that opendkim signed, what must not pass, and our own signatures
 */

#include "mauth/dkim.h"

#include <string.h>

#include "base/base64.h"
#include "dns/answer.h"
#include "tests/mauth/sign.h"
#include "tests/mauth/stream.h"
#include "tests/unit.h"

static struct dkim dkim;

static void
begin(struct stream *s, const struct fields *f)
{
	dkim_begin(&dkim, f, s->bodies, s->arena);
}

static const struct {
	const char *name, *text;
} keys[] = {
	{ "brisbane._domainkey.example.com",
	    "v=DKIM1; p="
	    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/"
	    "DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+"
	    "v/RtdC2UzJ1lWT947qR+Rcac2gbto/"
	    "NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB" },
	{ "brisbane._domainkey.football.example.com",
	    "v=DKIM1; k=ed25519; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "test._domainkey.football.example.com",
	    "v=DKIM1; k=rsa; "
	    "p="
	    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6W"
	    "k08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"
	    "8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+"
	    "2kryOTIKT+l/K4w3QIDAQAB" },
};

static struct dns_record record;
static struct buf record_text;

static const char *
record_file(const char *name)
{
	buf_clear(&record_text);
	stream_file(name, &record_text);
	return buf_str(&record_text);
}

/* The answer to a question: what keys says, or text instead of it. */
static struct dns_answer
answer_of(struct buf *name, const char *text)
{
	for (size_t i = 0; text == NULL && i < sizeof(keys) / sizeof(keys[0]);
	     i++)
		if (strcmp(keys[i].name, buf_str(name)) == 0)
			text = keys[i].text;
	if (text == NULL && strncmp(buf_str(name), "s1._", 4) == 0)
		text = record_file("rsa.record");
	if (text == NULL && strncmp(buf_str(name), "s2._", 4) == 0)
		text = record_file("ed25519.record");
	if (text == NULL)
		return (struct dns_answer){ .result = DNS_NXDOMAIN };
	if (strcmp(text, "(trouble)") == 0)
		return (struct dns_answer){ .result = DNS_TROUBLE };
	record.data = span_str(text);
	return (struct dns_answer){
		.result = DNS_FOUND, .count = 1, .records = &record
	};
}

/* Judge the message; text answers for all keys, when it is set. */
static void
judge(struct span message, const char *text, int64_t now, struct stream *s)
{
	struct buf name = BUF_EMPTY;

	*s = (struct stream){ .header = begin };
	stream_run(s, message, 4096);
	dkim_body(&dkim, s->bodies, now);
	while (dkim_question(&dkim, &name)) {
		struct dns_answer answer = answer_of(&name, text);

		dkim_answer(
		    &dkim, passage_fields(s->passage), &answer, s->arena);
		buf_clear(&name);
	}
	buf_free(&name);
}

enum { THEN = 1528637910 };

static const struct {
	const char *file;
	size_t count;
} examples[] = {
	{ "rfc6376.eml", 1 },
	{ "rfc8463.eml", 2 },
	/* all canonical forms by both algorithms, signed by dkimpy 1.1.4 */
	{ "dkimpy.eml", 8 },
};

START_TEST(rfcs)
{
	struct buf message = BUF_EMPTY;
	struct stream s;

	stream_file(examples[_i].file, &message);
	judge(buf_span(&message), NULL, 2000000000, &s);
	ck_assert_uint_eq(dkim.count, examples[_i].count);
	for (size_t i = 0; i < dkim.count; i++) {
		ck_assert_msg(dkim.checks[i].result == DKIM_PASS, "%zu: %s", i,
		    dkim.checks[i].reason);
		ck_assert_uint_eq(dkim.checks[i].bits,
		    dkim.checks[i].sig.algorithm != MAUTH_RSA_SHA256 ? 256
			: examples[_i].count == 8                    ? 2048
								     : 1024);
	}
	stream_done(&s);
	buf_free(&message);
}
END_TEST

/* The first signature of RFC 8463's message when something is replaced. */
static const struct {
	const char *what, *by;
	const char *key;
	enum dkim_result want;
} changes[] = {
	{ "hungry", "hungry", NULL, DKIM_PASS },
	{ "Are you hungry", "Are   you  \thungry", NULL, DKIM_PASS },
	{ "Joe.\n", "Joe.\n\n\n", NULL, DKIM_PASS },
	{ "Subject: Is", "SUBJECT :  Is", NULL, DKIM_PASS },
	{ "hungry", "angry", NULL, DKIM_FAIL },
	{ "Subject: Is", "Subject: Was", NULL, DKIM_FAIL },
	{ "Subject: Is", "Subject: Spam\nSubject: Is", NULL, DKIM_FAIL },
	{ "To: Suzie", "From: me@example.net\nTo: Suzie", NULL, DKIM_FAIL },
	{ "Message-ID:", "X-Other: no matter\nMessage-ID:", NULL, DKIM_PASS },
	{ "t=1528637909; h=from : to",
	    "t=1528637909; x=1528637910; h=from : to", NULL, DKIM_FAIL },
	{ "t=1528637909; h=from : to",
	    "t=1528637900; x=1528637909; h=from : to", NULL, DKIM_PERMERROR },
	{ "t=1528637909; h=from : to", "t=1528639999; h=from : to", NULL,
	    DKIM_PERMERROR },
	{ "a=ed25519-sha256", "a=rsa-sha1", NULL, DKIM_NEUTRAL },
	{ "v=1; a=ed", "v=2; a=ed", NULL, DKIM_NEUTRAL },
	{ "v=1; a=ed", "v=1; v=1; a=ed", NULL, DKIM_NEUTRAL },
	{ "v=1; a=ed", "a=ed", NULL, DKIM_NEUTRAL },
	{ "i=@football.example.com", "i=@otherball.example.com", NULL,
	    DKIM_NEUTRAL },
	{ "i=@football.example.com", "i=@x.football.example.com", NULL,
	    DKIM_FAIL },
	{ "i=@football.example.com", "i=@xfootball.example.com", NULL,
	    DKIM_NEUTRAL },
	{ "q=dns/txt", "q=carrier/pigeon", NULL, DKIM_NEUTRAL },
	{ "c=relaxed/relaxed", "c=relaxed/tense", NULL, DKIM_NEUTRAL },
	{ "h=from : to", "h=to", NULL, DKIM_FAIL },
	{ "s=brisbane", "s=bris bane", NULL, DKIM_NEUTRAL },
	{ "d=football.example.com", "d=foot\\ball", NULL, DKIM_NEUTRAL },
	{ "s=brisbane", "s=brisbane; l=5", NULL, DKIM_FAIL },
	{ "s=brisbane", "s=brisbane; l=9999", NULL, DKIM_PERMERROR },
	{ "s=brisbane", "s=brisbane; l=-1", NULL, DKIM_NEUTRAL },
	{ "s=brisbane", "s=sydney", NULL, DKIM_PERMERROR },
	{ "x", "x", "(trouble)", DKIM_TEMPERROR },
	{ "x", "x", "v=DKIM1; k=ed25519; p=", DKIM_PERMERROR },
	{ "x", "x", "v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	    DKIM_PERMERROR },
	{ "x", "x", "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	    DKIM_PASS },
	{ "x", "x",
	    "k=ed25519; s=tlsrpt; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	    DKIM_PERMERROR },
	{ "x", "x",
	    "k=ed25519; h=sha1; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	    DKIM_PERMERROR },
	{ "x", "x", "k=ed25519; p=11qY", DKIM_PERMERROR },
	{ "x", "x", "v=spf1 -all", DKIM_PERMERROR },
	{ "x", "x", "k=ed25519; p=!!", DKIM_PERMERROR },
	{ "x", "x", "k=ed25519; v=DKIM1; p=aaaa", DKIM_PERMERROR },
};

START_TEST(changed)
{
	struct buf whole = BUF_EMPTY, message = BUF_EMPTY;
	struct span all, what = span_str(changes[_i].what);
	struct stream s;
	size_t at;

	stream_file("rfc8463.eml", &whole);
	all = buf_span(&whole);
	at = span_search(all, what);
	ck_assert_uint_lt(at, all.n);
	buf_add_span(&message, span_head(all, at));
	buf_add_str(&message, changes[_i].by);
	buf_add_span(&message, span_skip(all, at + what.n));
	judge(buf_span(&message), changes[_i].key, THEN, &s);
	ck_assert_msg(dkim.checks[0].result == changes[_i].want, "%s: %s, %s",
	    changes[_i].by, dkim_result_name(dkim.checks[0].result),
	    dkim.checks[0].reason);
	stream_done(&s);
	buf_free(&whole);
	buf_free(&message);
}
END_TEST

/* RFC 6376, 8.2: somebody has written below what was signed. */
START_TEST(longer_than_signed)
{
	static const char text[] =
	    "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=a.example;\n"
	    " s=s; h=from; l=4; b=AAAA; bh=";
	struct buf message = BUF_EMPTY;
	unsigned char digest[SHA256_BYTES];
	struct stream s;

	digest_sha256(SPAN("hi\r\n"), digest);
	buf_add_str(&message, text);
	base64_encode(&message, span_of((char *)digest, sizeof(digest)));
	buf_add_str(&message, "\nFrom: a@a.example\n\nhi\nspam\n");
	judge(buf_span(&message), NULL, THEN, &s);
	ck_assert_int_eq(dkim.checks[0].result, DKIM_POLICY);
	stream_done(&s);
	buf_free(&message);
}
END_TEST

START_TEST(too_many)
{
	struct buf message = BUF_EMPTY;
	struct stream s;

	for (int i = 0; i < 3 * DKIM_CHECKS_MAX; i++)
		buf_add_str(&message, "DKIM-Signature: v=1\n");
	buf_add_str(&message, "\n");
	judge(buf_span(&message), NULL, THEN, &s);
	ck_assert_uint_eq(dkim.count, DKIM_CHECKS_MAX);
	ck_assert_int_eq(dkim.checks[0].result, DKIM_NEUTRAL);
	stream_done(&s);
	buf_free(&message);
}
END_TEST

static int body_wanted;

static void
begin_sign(struct stream *s, const struct fields *f)
{
	(void)f;
	body_wanted = bodies_want(s->bodies, CANON_RELAXED, BODIES_WHOLE);
}

static const char plain[] = "Received: by somebody\n"
			    "From: Joe <joe@a.example>\n"
			    "To: you\n"
			    "Subject: a subject\n that is folded\n"
			    "References: <1@a.example>\n\t<2@a.example>\n"
			    "List-Id: x\n"
			    "\n"
			    "body \t text\n\n.\n\n";

static const struct {
	enum mauth_algorithm algorithm;
	const char *file;
} signers[] = {
	{ MAUTH_RSA_SHA256, "rsa.key" },
	{ MAUTH_ED25519_SHA256, "ed25519.key" },
};

/* Sign, verify; then with one more From. */
START_TEST(own)
{
	struct dkim_want want = { .kind = DKIM_SIGNATURE,
		.algorithm = signers[_i].algorithm,
		.domain = SPAN("a.example"),
		.selector = SPAN("s1"),
		.now = THEN };
	struct stream s = { .header = begin_sign };
	unsigned char digest[SHA256_BYTES];
	struct buf message = BUF_EMPTY, signature = BUF_EMPTY;
	struct buf key = BUF_EMPTY;

	stream_run(&s, span_str(plain), 7);
	dkim_sign_begin(&want, passage_fields(s.passage),
	    bodies_digest(s.bodies, body_wanted), &message, digest);
	sign_with(signers[_i].file, digest, &signature, &key);
	dkim_sign_end(&message, buf_span(&signature));
	stream_done(&s);
	for (struct span rest = buf_span(&message), line;
	     span_line(&rest, &line);)
		ck_assert_uint_le(line.n, 78);
	buf_add_str(&message, plain);
	judge(buf_span(&message), buf_str(&key), THEN, &s);
	ck_assert_uint_eq(dkim.count, 1);
	ck_assert_msg(
	    dkim.checks[0].result == DKIM_PASS, "%s", dkim.checks[0].reason);
	stream_done(&s);
	buf_clear(&signature);
	buf_add_str(&signature, "From: mallory@b.example\n");
	buf_add_span(&signature, buf_span(&message));
	judge(buf_span(&signature), buf_str(&key), THEN, &s);
	ck_assert_int_eq(dkim.checks[0].result, DKIM_FAIL);
	stream_done(&s);
	buf_free(&message);
	buf_free(&signature);
	buf_free(&key);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, rfcs, 0, UNIT_COUNT(examples));
	tcase_add_loop_test(t, changed, 0, UNIT_COUNT(changes));
	tcase_add_test(t, longer_than_signed);
	tcase_add_test(t, too_many);
	tcase_add_loop_test(t, own, 0, UNIT_COUNT(signers));
}

int
main(void)
{
	return unit_main("mauth/dkim", fill);
}
