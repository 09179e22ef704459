/* test_request_pack.c - webmail-cgi/request_pack.c, request_child.c */

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"
#include "webmail-cgi/request.h"

static const char body[] =
    "--XyZ\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\nfb01\r\n"
    "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; "
    "filename=\"\xc3\xa9.bin\"\r\nContent-Type: x/y\r\n\r\n"
    "\xff\x01,1:\r\n--XyZ--\r\n";

static const struct request_env env = { .method = "POST",
	.path_info = "/send",
	.query_string = "f=INBOX&u=7",
	.content_type = "multipart/form-data; boundary=XyZ",
	.cookie = "a=\xff; SQMSESSID=x.y",
	.language = "fr" };

static void
look(const struct request *r)
{
	ck_assert_int_eq(r->method, METHOD_POST);
	ck_assert(span_is(r->path, "/send") && span_is(r->language, "fr"));
	ck_assert_uint_eq(r->field_count, 4);
	ck_assert(span_is(request_get(r, "u"), "7"));
	ck_assert(span_is(request_get(r, "to"), "fb01"));
	ck_assert(r->fields[3].is_file && !r->fields[2].is_file);
	ck_assert(span_is(r->fields[3].filename, "\xc3\xa9.bin"));
	ck_assert(span_is(r->fields[3].type, "x/y"));
	ck_assert(span_is(r->fields[3].value, "\xff\x01,1:"));
	ck_assert_uint_eq(r->cookie_count, 2);
	ck_assert(span_is(request_cookie(r, "SQMSESSID"), "x.y"));
}

/* Whole it is the same; cut anywhere, it is refused. */
START_TEST(there_and_back)
{
	struct arena *a = arena_new();
	struct buf packed = BUF_EMPTY;
	enum request_result got = REQUEST_BAD;
	struct request r, other;

	ck_assert(request_parse(a, &env, span_str(body), &r) == REQUEST_OK);
	request_pack(&packed, REQUEST_OK, &r);
	ck_assert(request_unpack(a, buf_span(&packed), &got, &other));
	ck_assert_int_eq(got, REQUEST_OK);
	look(&other);
	for (size_t i = 0; i < packed.n; i++) {
		char *copy = malloc(i + 1);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, packed.p, i);
		ck_assert_msg(
		    !request_unpack(a, span_of(copy, i), &got, &other),
		    "cut at %zu", i);
		free(copy);
	}
	buf_free(&packed);
	arena_free(&a);
}
END_TEST

#define HEAD "1:0,1:2,1:/,0:,"

/* What a reader that was taken over might say. */
static const struct {
	const char *packed;
	bool good;
} hostile[] = {
	{ HEAD "1:0,1:0,", true },
	{ HEAD "1:1,1:a,1:b,1:0,0:,0:,1:0,", true },
	{ HEAD "1:1,1:a,2:\r\n,1:0,0:,0:,1:0,", true },
	{ HEAD "1:0,1:1,1:a,1:b,1:0,0:,0:,", true },
	{ HEAD "1:0,1:1,1:a,1:\xff,1:0,0:,0:,", true },
	{ "1:1,", true },
	{ "1:3,", true },
	{ "1:4,", false },
	{ "1:1,1:0,", false },
	{ "", false },
	{ "1:0,1:3,1:/,0:,1:0,1:0,", false },
	{ HEAD "1:0,1:0,x", false },
	{ HEAD "1:2,1:a,1:b,1:0,0:,0:,1:0,", false },
	{ HEAD "4:2001,1:0,", false },
	{ HEAD "1:0,4:9999,", false },
	{ HEAD "1:1,1:a,1:b,1:2,0:,0:,1:0,", false },
	{ HEAD "1:1,1:\xff,1:b,1:0,0:,0:,1:0,", false },
	{ HEAD "1:1,1:a,1:\xff,1:0,0:,0:,1:0,", false },
	{ HEAD "1:1,1:a,1:\xff,1:1,1:n,0:,1:0,", true },
	{ HEAD "1:1,1:a,1:b,1:1,3:a\nb,0:,1:0,", false },
	{ HEAD "1:1,1:a,1:b,1:1,1:n,3:a\rb,1:0,", false },
	{ HEAD "99999999:", false },
	{ HEAD "99999999999999999999:", false },
	{ "1 :0,", false },
	{ "-1:0,", false },
	{ "1:0;", false },
};

START_TEST(taken_over)
{
	struct arena *a = arena_new();
	enum request_result got;
	struct request r;

	ck_assert_msg(request_unpack(a, span_str(hostile[_i].packed), &got,
			  &r) == hostile[_i].good,
	    "\"%s\"", hostile[_i].packed);
	arena_free(&a);
}
END_TEST

START_TEST(by_child)
{
	struct request_env bad = { .method = "POST", .query_string = "%" };
	struct request_job job = { .env = &env, .body = span_str(body) };
	struct buf packed = BUF_EMPTY;
	struct request r;

	job.arena = arena_new();
	ck_assert_int_eq(request_by_child(&job, &packed, &r), REQUEST_OK);
	look(&r);
	buf_clear(&packed);
	job.env = &bad;
	ck_assert_int_eq(request_by_child(&job, &packed, &r), REQUEST_BAD);
	ck_assert_uint_eq(r.field_count, 0);
	buf_free(&packed);
	arena_free(&job.arena);
}
END_TEST

#ifndef FACTEUR_SANITIZED
/* The body is memory that cannot be read: as if the parser had crashed. */
START_TEST(child_that_dies)
{
	struct request_job job = { .env = &env,
		.body = { (const char *)16, 5 } };
	struct buf packed = BUF_EMPTY;
	struct request r;

	job.arena = arena_new();
	ck_assert_int_eq(request_by_child(&job, &packed, &r), REQUEST_BAD);
	ck_assert_uint_eq(packed.n, 0);
	ck_assert_uint_eq(r.field_count, 0);
	buf_free(&packed);
	arena_free(&job.arena);
}
END_TEST
#endif

static void
fill(TCase *t)
{
	tcase_add_test(t, there_and_back);
	tcase_add_loop_test(t, taken_over, 0, UNIT_COUNT(hostile));
	tcase_add_test(t, by_child);
#ifndef FACTEUR_SANITIZED
	tcase_add_test(t, child_that_dies);
#endif
}

int
main(void)
{
	return unit_main("webmail-cgi/request_pack", fill);
}
