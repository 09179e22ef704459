/* test_arc.c - mauth/arc.h: chains of our own making and of others, and what
 * breaks them
 */

#include "mauth/arc.h"

#include "dns/answer.h"
#include "mauth/authres.h"
#include "tests/mauth/sign.h"
#include "tests/mauth/stream.h"
#include "tests/unit.h"

static struct arc arc;
static struct buf record;
static int body;

static void
begin(struct stream *s, const struct fields *f)
{
	arc_begin(&arc, f, s->bodies, s->arena);
	body = bodies_want(s->bodies, CANON_RELAXED, BODIES_WHOLE);
}

enum { THEN = 1528637910 };

static void
judge(struct span message, struct stream *s)
{
	struct dns_record one = { .data = buf_span(&record) };
	struct dns_answer answer = {
		.result = DNS_FOUND, .count = 1, .records = &one
	};
	struct buf name = BUF_EMPTY;

	*s = (struct stream){ .header = begin };
	stream_run(s, message, 1000);
	arc_body(&arc, s->bodies, THEN);
	while (arc_question(&arc, &name)) {
		arc_answer(&arc, passage_fields(s->passage), &answer, s->arena);
		buf_clear(&name);
	}
	buf_free(&name);
}

/* Add a set to message, with this key. */
static void
seal(struct buf *message, const char *key)
{
	struct dkim_want want = { .kind = ARC_MESSAGE_SIGNATURE,
		.algorithm = strstr(key, "rsa") != NULL ? MAUTH_RSA_SHA256
							: MAUTH_ED25519_SHA256,
		.domain = SPAN("a.example"),
		.selector = SPAN("s1"),
		.now = THEN };
	struct buf results = BUF_EMPTY, signed_one = BUF_EMPTY;
	struct buf sealed = BUF_EMPTY, signature = BUF_EMPTY;
	unsigned char digest[SHA256_BYTES];
	struct arc_seal s;
	struct stream stream;

	judge(buf_span(message), &stream);
	want.instance = arc_next(&arc);
	ck_assert_uint_gt(want.instance, 0);
	authres_begin_arc(&results, want.instance, SPAN("mx.a.example"));
	authres_method(&results, "arc", arc_result_name(arc.result), NULL);
	authres_end(&results, true);
	dkim_sign_begin(&want, passage_fields(stream.passage),
	    bodies_digest(stream.bodies, body), &signed_one, digest);
	sign_with(key, digest, &signature, &record);
	dkim_sign_end(&signed_one, buf_span(&signature));
	s = (struct arc_seal){ &want, buf_span(&results),
		buf_span(&signed_one) };
	arc_seal_begin(&arc, &s, &sealed, digest);
	buf_clear(&signature);
	sign_with(key, digest, &signature, &record);
	dkim_sign_end(&sealed, buf_span(&signature));
	buf_add_span(&sealed, buf_span(&signed_one));
	buf_add_span(&sealed, buf_span(&results));
	buf_add_span(&sealed, buf_span(message));
	stream_done(&stream);
	buf_free(message);
	*message = sealed;
	buf_free(&results);
	buf_free(&signed_one);
	buf_free(&signature);
}

static const char plain[] = "From: Joe <joe@a.example>\n"
			    "DKIM-Signature: v=1\n"
			    "Subject: x\n\nbody\n";

static const struct {
	const char *what, *by;
	enum arc_result want;
	bool closed; /* it takes no more seals */
} changes[] = {
	{ "Subject: x", "Subject:  x", ARC_PASS, false },
	{ "Subject: x", "Subject: y", ARC_FAIL, false },
	{ "body", "soul", ARC_FAIL, false },
	{ "DKIM-Signature: v=1", "DKIM-Signature: v=2", ARC_FAIL, false },
	/* of the older set: its signature may be broken, its seal not */
	{ "Results: i=1; mx.a.example", "Results: i=1; mx.b.example", ARC_FAIL,
	    false },
	{ "Results: i=1;", "Results: i=3;", ARC_FAIL, false },
	{ "Results: i=1;", "Results: i=99;", ARC_FAIL, false },
	{ "Results: i=1;", "Results: i=2;", ARC_FAIL, false },
	{ "Results: i=1;", "Results: j=1;", ARC_FAIL, false },
	{ "cv=none", "cv=pass", ARC_FAIL, false },
	{ "cv=none", "cv=fail", ARC_FAIL, false },
	{ "cv=pass", "cv=none", ARC_FAIL, false },
	{ "cv=pass", "cv=fail", ARC_FAIL, true },
	{ "cv=pass", "cv=pass; h=from", ARC_FAIL, false },
	{ "From: Joe", "ARC-Seal: i=2; cv=pass\nFrom: Joe", ARC_FAIL, false },
	{ "From: Joe", "From: Mallory", ARC_FAIL, false },
};

START_TEST(chain)
{
	struct buf message = BUF_EMPTY, changed = BUF_EMPTY;
	struct span what = span_str(changes[_i].what), all;
	struct stream s;
	size_t at;

	buf_add_str(&message, plain);
	judge(buf_span(&message), &s);
	ck_assert_int_eq(arc.result, ARC_NONE);
	stream_done(&s);
	seal(&message, "rsa.key");
	judge(buf_span(&message), &s);
	ck_assert_msg(arc.result == ARC_PASS, "%s", arc.reason);
	stream_done(&s);
	seal(&message, "rsa.key");
	judge(buf_span(&message), &s);
	ck_assert_msg(arc.result == ARC_PASS, "%s", arc.reason);
	ck_assert_uint_eq(arc.count, 2);
	stream_done(&s);
	all = buf_span(&message);
	at = span_search(all, what);
	ck_assert_uint_lt(at, all.n);
	buf_add_span(&changed, span_head(all, at));
	buf_add_str(&changed, changes[_i].by);
	buf_add_span(&changed, span_skip(all, at + what.n));
	judge(buf_span(&changed), &s);
	ck_assert_msg(arc.result == changes[_i].want, "%s: %s", changes[_i].by,
	    arc.reason);
	ck_assert((arc_next(&arc) == 0) == changes[_i].closed);
	stream_done(&s);
	/* a broken chain is sealed as one, once */
	if (arc.result == ARC_FAIL && !changes[_i].closed) {
		seal(&changed, "ed25519.key");
		judge(buf_span(&changed), &s);
		ck_assert_int_eq(arc.result, ARC_FAIL);
		ck_assert(arc.sealed_broken);
		ck_assert_uint_eq(arc_next(&arc), 0);
		stream_done(&s);
	}
	buf_free(&message);
	buf_free(&changed);
	buf_free(&record);
}
END_TEST

/* A set by dkimpy 1.1.4. */
START_TEST(foreign)
{
	struct buf message = BUF_EMPTY;
	struct stream s;

	stream_file("dkimpy-arc.eml", &message);
	stream_file("rsa.record", &record);
	judge(buf_span(&message), &s);
	ck_assert_msg(arc.result == ARC_PASS, "%s", arc.reason);
	ck_assert_uint_eq(arc.count, 1);
	stream_done(&s);
	buf_free(&message);
	buf_free(&record);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, chain, 0, UNIT_COUNT(changes));
	tcase_add_test(t, foreign);
}

int
main(void)
{
	return unit_main("mauth/arc", fill);
}
