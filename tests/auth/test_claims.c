/* test_claims.c - auth/claims.h */

#include "auth/claims.h"

#include "tests/unit.h"

static const struct {
	const char *body;
	enum claims_verdict got;
	const char *user;
	int64_t until;
} rows[] = {
	{ "{\"active\":true,\"username\":\"u\",\"scope\":\"a mail b\","
	  "\"aud\":\"imap\",\"exp\":1001}",
	    CLAIMS_GOOD, "u", 1001 },
	{ "{\"active\":true,\"username\":\"u\",\"scope\":[\"mail\",\"x\"],"
	  "\"aud\":[\"x\",\"imap\"],\"exp\":1001.5,\"o\":{\"active\":false}}",
	    CLAIMS_GOOD, "u", 1001 },
	{ "{\"aud\":\"imap\",\"username\":\"\\u00e9\",\"scope\":\"mail\","
	  "\"active\":true}",
	    CLAIMS_GOOD, "\xc3\xa9", 0 },
	{ "{\"active\":false}", CLAIMS_INACTIVE, NULL, 0 },
	{ "{\"active\":true,\"username\":\"u\",\"scope\":\"mail\"}",
	    CLAIMS_INACTIVE, NULL, 0 },
	{ "{\"active\":true,\"username\":\"u\",\"scope\":\"mail\","
	  "\"aud\":\"imap2\"}",
	    CLAIMS_INACTIVE, NULL, 0 },
	{ "{\"active\":true,\"username\":\"u\",\"scope\":\"mail\","
	  "\"aud\":\"imap\",\"exp\":1000}",
	    CLAIMS_INACTIVE, NULL, 0 },
	{ "{\"active\":true,\"username\":\"u\",\"scope\":\"mail\","
	  "\"aud\":\"imap\",\"nbf\":1001}",
	    CLAIMS_INACTIVE, NULL, 0 },
	{ "{\"active\":true,\"username\":\"u\",\"scope\":\"mailbox\","
	  "\"aud\":\"imap\"}",
	    CLAIMS_SCOPE, NULL, 0 },
	{ "{\"active\":true,\"username\":\"u\",\"aud\":\"imap\"}", CLAIMS_SCOPE,
	    NULL, 0 },
	{ "{\"active\":true,\"scope\":\"mail\",\"aud\":\"imap\"}",
	    CLAIMS_NOBODY, NULL, 0 },
	{ "{\"active\":true,\"scope\":\"mail\",\"aud\":\"imap\","
	  "\"username\":\"\"}",
	    CLAIMS_NOBODY, NULL, 0 },
	{ "{\"active\":true,\"scope\":\"mail\",\"aud\":\"imap\","
	  "\"username\":\"a\\u0000b\"}",
	    CLAIMS_NOBODY, NULL, 0 },
	{ "{\"active\":true,\"active\":true}", CLAIMS_BAD, NULL, 0 },
	{ "{\"active\":\"true\"}", CLAIMS_BAD, NULL, 0 },
	{ "{\"active\":true,\"exp\":\"1001\"}", CLAIMS_BAD, NULL, 0 },
	{ "{\"active\":true,\"exp\":-1}", CLAIMS_BAD, NULL, 0 },
	{ "{\"active\":true,\"exp\":99999999999999999999}", CLAIMS_BAD, NULL,
	    0 },
	{ "{\"active\":true,\"username\":[\"u\"]}", CLAIMS_BAD, NULL, 0 },
	{ "{\"active\":true,\"aud\":[1]}", CLAIMS_BAD, NULL, 0 },
	{ "{\"active\":true} x", CLAIMS_BAD, NULL, 0 },
	{ "{\"username\":\"u\"}", CLAIMS_BAD, NULL, 0 },
	{ "[]", CLAIMS_BAD, NULL, 0 },
	{ "", CLAIMS_BAD, NULL, 0 },
};

START_TEST(claims)
{
	const struct claims_rules rules = { "username", "mail", "pop imap",
		1000 };
	struct span body = span_str(rows[_i].body);
	struct claims c;

	ck_assert_msg(
	    claims_read(body, &rules, &c) == rows[_i].got, "%s", rows[_i].body);
	if (rows[_i].got == CLAIMS_GOOD) {
		ck_assert(span_is(buf_span(&c.user), rows[_i].user));
		ck_assert_int_eq(c.until, rows[_i].until);
	}
	claims_done(&c);
	for (size_t n = 0; n < body.n; n++) {
		ck_assert(
		    claims_read(span_head(body, n), &rules, &c) != CLAIMS_GOOD);
		claims_done(&c);
	}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, claims, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("auth/claims", fill);
}
