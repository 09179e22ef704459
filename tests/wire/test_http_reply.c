/* test_http_reply.c - wire/http_reply.h */

#include "wire/http_reply.h"

#include "base/buf.h"
#include "tests/unit.h"

#define OK200 "HTTP/1.1 200 OK\r\n"
#define B(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}

enum { BODY_MAX = 20 };

static const struct row {
	struct span in;
	enum http_reply_result result; /* once the server has closed */
	int status;
	const char *type, *body; /* or, of BAD, the error */
} rows[] = {
	{ B(OK200 "Content-Type: text/plain; charset=utf-8\r\n"
		  "Content-Length: 5\r\n\r\nhelloMORE"),
	    HTTP_REPLY_DONE, 200, "text/plain", "hello" },
	{ B("HTTP/1.0 200 OK\nContent-type:text/plain\n\nto the end"),
	    HTTP_REPLY_DONE, 200, "text/plain", "to the end" },
	{ B("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n"), HTTP_REPLY_DONE, 404,
	    "", "" },
	{ B("HTTP/1.1 204 No Content\r\n\r\n"), HTTP_REPLY_DONE, 204, "", "" },
	{ B(OK200 "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
		  "2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\nMORE"),
	    HTTP_REPLY_DONE, 200, "", "abcde" },
	{ B("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK200
	    "Content-Length: 2\r\n\r\nok"),
	    HTTP_REPLY_DONE, 200, "", "ok" },
	{ B(OK200 "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
	    HTTP_REPLY_DONE, 200, "", "ok" },

	{ B(""), HTTP_REPLY_BAD, 0, NULL, "in the middle" },
	{ B("HTTP/2 200\r\n\r\n"), HTTP_REPLY_BAD, 0, NULL, "not a reply" },
	{ B("SSH-2.0-x\r\n"), HTTP_REPLY_BAD, 0, NULL, "not a reply" },
	{ B("HTTP/1.1 20\r\n"), HTTP_REPLY_BAD, 0, NULL, "not a reply" },
	{ B("HTTP/1.1 2000\r\n"), HTTP_REPLY_BAD, 0, NULL, "not a reply" },
	{ B(OK200 "Content-Length: 9\r\n\r\nok"), HTTP_REPLY_BAD, 0, NULL,
	    "in the middle" },
	{ B(OK200 "Content-Length: 21\r\n\r\n"), HTTP_REPLY_BAD, 0, NULL,
	    "too large" },
	{ B(OK200 "Content-Length: +2\r\n\r\nok"), HTTP_REPLY_BAD, 0, NULL,
	    "no number" },
	{ B(OK200 "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"),
	    HTTP_REPLY_BAD, 0, NULL, "no number" },
	{ B(OK200 "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok"),
	    HTTP_REPLY_BAD, 0, NULL, "two lengths" },
	{ B(OK200 "Transfer-Encoding: gzip, chunked\r\n\r\n"), HTTP_REPLY_BAD,
	    0, NULL, "transfer coding" },
	{ B(OK200 "Content-Encoding: gzip\r\n\r\n"), HTTP_REPLY_BAD, 0, NULL,
	    "content coding" },
	{ B(OK200 " folded\r\n\r\n"), HTTP_REPLY_BAD, 0, NULL, "malformed" },
	{ B(OK200 "A B: c\r\n\r\n"), HTTP_REPLY_BAD, 0, NULL, "malformed" },
	{ B(OK200 "A: b\0c\r\n\r\n"), HTTP_REPLY_BAD, 0, NULL, "NUL" },
	{ B(OK200 "\r\n123456789012345678901"), HTTP_REPLY_BAD, 0, NULL,
	    "too large" },
	{ B(OK200 "Transfer-Encoding: chunked\r\n\r\nx\r\n"), HTTP_REPLY_BAD, 0,
	    NULL, "malformed chunk" },
	{ B(OK200 "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n"),
	    HTTP_REPLY_BAD, 0, NULL, "malformed chunk" },
	{ B(OK200 "Transfer-Encoding: chunked\r\n\r\n15\r\n"), HTTP_REPLY_BAD,
	    0, NULL, "too large" },
	{ B(OK200 "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"),
	    HTTP_REPLY_BAD, 0, NULL, "malformed chunk" },
	{ B("HTTP/1.1 101 Switching\r\n\r\n"), HTTP_REPLY_BAD, 0, NULL,
	    "before the reply" },
};

static void
check(int i, size_t cut)
{
	const struct row *row = &rows[i];
	struct http_reply *r = http_reply_new(BODY_MAX);
	enum http_reply_result got;

	(void)http_reply_feed(r, row->in.p, cut);
	(void)http_reply_feed(r, row->in.p + cut, row->in.n - cut);
	got = http_reply_close(r);
	ck_assert_msg(got == row->result, "row %d, cut %zu: %d %s", i, cut,
	    (int)got, http_reply_error(r));
	if (got == HTTP_REPLY_BAD) {
		ck_assert_msg(strstr(http_reply_error(r), row->body) != NULL,
		    "row %d: %s", i, http_reply_error(r));
	} else {
		ck_assert_int_eq(http_reply_status(r), row->status);
		ck_assert(span_is(http_reply_type(r), row->type));
		ck_assert(span_is(http_reply_body(r), row->body));
	}
	http_reply_free(&r);
	ck_assert_ptr_null(r);
}

START_TEST(cut_anywhere)
{
	for (size_t cut = 0; cut <= rows[_i].in.n; cut++)
		check(_i, cut);
}
END_TEST

/* More than is kept: lines, fields, replies before the reply. */
static const struct {
	const char *front, *again, *error;
	int times;
} floods[] = {
	{ OK200 "X: ", "xxxxxxxx", "line too long", 2000 },
	{ OK200, "X: y\r\n", "too many header fields", 200 },
	{ "", "HTTP/1.1 100 Continue\r\n\r\n", "before the reply", 10 },
	{ OK200 "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n",
	    "too many header fields", 200 },
};

START_TEST(flood)
{
	struct http_reply *r = http_reply_new(BODY_MAX);
	struct span again = span_str(floods[_i].again);
	enum http_reply_result got =
	    http_reply_feed(r, floods[_i].front, strlen(floods[_i].front));

	for (int i = 0; i < floods[_i].times; i++)
		got = http_reply_feed(r, again.p, again.n);
	ck_assert_int_eq(got, HTTP_REPLY_BAD);
	ck_assert_ptr_nonnull(strstr(http_reply_error(r), floods[_i].error));
	http_reply_free(&r);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, cut_anywhere, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, flood, 0, UNIT_COUNT(floods));
}

int
main(void)
{
	return unit_main("wire/http_reply", fill);
}
