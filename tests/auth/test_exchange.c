/* test_exchange.c - auth/exchange.h */

#include "auth/exchange.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sasl/scram.h"
#include "tests/unit.h"

static char folder[64];

static struct exchanges *
begin(void)
{
	if (folder[0] == '\0') {
		snprintf(folder, sizeof(folder), "/tmp/facteur-test-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(folder));
	}
	return exchanges_new(folder);
}

static void
end(void)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/scram.key", folder);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	folder[0] = '\0';
}

START_TEST(seals)
{
	struct exchanges *x = begin(), *other = begin();
	const struct exchange_facts good = { SPAN("smtp"), SPAN("user"),
		SPAN("r=a,s=b,i=1") };
	const struct exchange_facts bad[] = {
		{ SPAN("imap"), SPAN("user"), SPAN("r=a,s=b,i=1") },
		{ SPAN("smtp"), SPAN("use"), SPAN("r=a,s=b,i=1") },
		{ SPAN("smtpu"), SPAN("ser"), SPAN("r=a,s=b,i=1") },
		{ SPAN("smtp"), SPAN("user"), SPAN("r=a,s=b,i=2") },
	};
	struct buf seal = BUF_EMPTY;
	struct span s;

	exchange_seal(x, &good, &seal);
	s = buf_span(&seal);
	ck_assert_int_eq(exchange_seal_check(x, &good, s), SEAL_GOOD);
	for (int i = 0; i < UNIT_COUNT(bad); i++)
		ck_assert_int_eq(
		    exchange_seal_check(x, &bad[i], s), SEAL_STALE);
	ck_assert_int_eq(exchange_seal_check(other, &good, s), SEAL_STALE);
	for (size_t i = 0; i < s.n; i++) {
		seal.p[i] ^= 1;
		ck_assert_int_eq(exchange_seal_check(x, &good, s), SEAL_STALE);
		seal.p[i] ^= 1;
		ck_assert_int_eq(
		    exchange_seal_check(x, &good, span_head(s, i)), SEAL_STALE);
	}
	ck_assert(exchange_seal_use(x, s));
	ck_assert(!exchange_seal_use(x, s));
	ck_assert_int_eq(exchange_seal_check(x, &good, s), SEAL_USED);
	buf_free(&seal);
	exchanges_free(&x);
	exchanges_free(&other);
	end();
}
END_TEST

/* The salt of one who is not there stays the same over a restart, and nothing
 * fits his verifier. */
START_TEST(nobody)
{
	struct exchanges *x = begin(), *later = begin();
	struct buf a = BUF_EMPTY, b = BUF_EMPTY, c = BUF_EMPTY;
	struct scram_verifier v, w;

	exchange_nobody(x, SPAN("user"), 4096, &a, &v);
	exchange_nobody(later, SPAN("user"), 4096, &b, &w);
	exchange_nobody(x, SPAN("user2"), 4096, &c, &w);
	ck_assert_uint_eq(a.n, 24);
	ck_assert(span_eq(buf_span(&a), buf_span(&b)));
	ck_assert(!span_eq(buf_span(&a), buf_span(&c)));
	ck_assert_uint_eq(v.iterations, 4096);
	ck_assert(!scram_verifier_fits(&v, SPAN("")));
	buf_free(&a);
	buf_free(&b);
	buf_free(&c);
	exchanges_free(&x);
	exchanges_free(&later);
	end();
}
END_TEST

START_TEST(challenge)
{
	struct scram_verifier v = { .iterations = 4096, .salt = SPAN("AAAA") };
	struct buf one = BUF_EMPTY, two = BUF_EMPTY;

	exchange_challenge(&one, SPAN("abc"), &v);
	exchange_challenge(&two, SPAN("abc"), &v);
	ck_assert(span_starts(buf_span(&one), "r=abc"));
	ck_assert(span_ends(buf_span(&one), ",s=AAAA,i=4096"));
	ck_assert(!span_eq(buf_span(&one), buf_span(&two)));
	buf_free(&one);
	buf_free(&two);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, seals);
	tcase_add_test(t, nobody);
	tcase_add_test(t, challenge);
}

int
main(void)
{
	return unit_main("auth/exchange", fill);
}
