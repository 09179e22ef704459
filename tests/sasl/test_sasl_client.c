/* test_sasl_client.c - sasl/sasl_client.h, against our own server */

#include "sasl/sasl_client.h"

#include "base/buf.h"
#include "sasl/sasl_server.h"
#include "tests/unit.h"

static const struct {
	const char *offered; /* separated by blanks */
	bool plaintext;
	const char *chosen; /* or NULL */
} offers[] = {
	{ "CRAM-MD5 LOGIN PLAIN", true, "PLAIN" },
	{ "login", true, "LOGIN" },
	{ "CRAM-MD5", true, NULL },
	{ "PLAIN LOGIN", false, NULL },
	{ "", true, NULL },
};

static struct sasl_client *
client_of(const char *offered, bool plaintext)
{
	struct span names[8], rest = span_str(offered);
	size_t n = 0;

	while (n < 8 && span_word(&rest, " ", &names[n]))
		n++;
	return sasl_client_new(
	    names, n, plaintext, SPAN("user"), SPAN("pass word"));
}

/* The client's lines are what the server wants. */
static void
converse(struct sasl_client *c)
{
	struct sasl_server *s =
	    sasl_server_new(sasl_mechanism_find(span_str(sasl_client_name(c))));
	struct buf line = BUF_EMPTY, challenge = BUF_EMPTY;
	enum sasl_outcome got = SASL_CONTINUE;
	struct sasl_credentials said;

	if (sasl_client_first(c, &line))
		got = sasl_server_line(s, buf_span(&line), &challenge);
	else
		buf_add_str(&challenge, "VXNlcm5hbWU6");
	while (got == SASL_CONTINUE) {
		ck_assert(sasl_client_answer(c, buf_span(&challenge), &line));
		got = sasl_server_line(s, buf_span(&line), &challenge);
	}
	ck_assert_int_eq(got, SASL_CHECK);
	said = sasl_server_credentials(s);
	ck_assert(span_is(said.user, "user"));
	ck_assert(span_is(said.password, "pass word"));
	ck_assert(!sasl_client_answer(c, SPAN(""), &line));
	buf_wipe(&line);
	buf_free(&challenge);
	sasl_server_free(&s);
}

START_TEST(choice)
{
	struct sasl_client *c =
	    client_of(offers[_i].offered, offers[_i].plaintext);

	ck_assert_msg((c != NULL) == (offers[_i].chosen != NULL), "\"%s\"",
	    offers[_i].offered);
	if (c != NULL) {
		ck_assert_str_eq(sasl_client_name(c), offers[_i].chosen);
		converse(c);
	}
	sasl_client_free(&c);
}
END_TEST

START_TEST(refused)
{
	struct span plain = SPAN("PLAIN");
	struct sasl_client *c;
	struct buf out = BUF_EMPTY;
	char longer[1001];

	memset(longer, 'p', sizeof(longer));
	ck_assert_ptr_null(
	    sasl_client_new(&plain, 1, true, SPAN("a\0b"), SPAN("p")));
	ck_assert_ptr_null(
	    sasl_client_new(&plain, 1, true, SPAN("a"), SPAN("p\0")));
	ck_assert_ptr_null(sasl_client_new(
	    &plain, 1, true, SPAN("a"), span_of(longer, sizeof(longer))));
	c = sasl_client_new(&plain, 1, true, SPAN("a"), SPAN("p"));
	ck_assert(!sasl_client_answer(c, SPAN("not base64!"), &out));
	buf_free(&out);
	sasl_client_free(&c);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, choice, 0, UNIT_COUNT(offers));
	tcase_add_test(t, refused);
}

int
main(void)
{
	return unit_main("sasl/sasl_client", fill);
}
