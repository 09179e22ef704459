/* test_request.c - webmail-cgi/request.h */

#include "webmail-cgi/request.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "tests/unit.h"

static const char urlencoded[] = "application/x-www-form-urlencoded";
static const char multipart[] = "multipart/form-data; boundary=XyZ";

static enum request_result
parse(struct arena *a, const char *type, struct span body, struct request *r)
{
	struct request_env env = {
		.method = "POST", .path_info = "/send", .content_type = type
	};

	return request_parse(a, &env, body, r);
}

static const struct {
	const char *query;
	enum request_result result;
	size_t count;
	const char *name, *value; /* of the first field */
} queries[] = {
	{ "", REQUEST_OK, 0, NULL, NULL },
	{ NULL, REQUEST_OK, 0, NULL, NULL },
	{ "f=INBOX&u=7", REQUEST_OK, 2, "f", "INBOX" },
	{ "&&f=x&&", REQUEST_OK, 1, "f", "x" },
	{ "f", REQUEST_OK, 1, "f", "" },
	{ "=v", REQUEST_OK, 1, "", "v" },
	{ "f=a+b%2Bc", REQUEST_OK, 1, "f", "a b+c" },
	{ "f=%C3%a9", REQUEST_OK, 1, "f", "\xc3\xa9" },
	{ "f=\xc3\xa9", REQUEST_OK, 1, "f", "\xc3\xa9" },
	{ "f=a=b", REQUEST_OK, 1, "f", "a=b" },
	{ "%66=%26%3D", REQUEST_OK, 1, "f", "&=" },
	{ "f=%0d%0aX:y", REQUEST_OK, 1, "f", "\r\nX:y" },
	{ "f=%", REQUEST_BAD, 0, NULL, NULL },
	{ "f=%4", REQUEST_BAD, 0, NULL, NULL },
	{ "f=%4&u=1", REQUEST_BAD, 0, NULL, NULL },
	{ "f=%zz", REQUEST_BAD, 0, NULL, NULL },
	{ "f=%00", REQUEST_BAD, 0, NULL, NULL },
	{ "%00=f", REQUEST_BAD, 0, NULL, NULL },
	{ "f=%E9", REQUEST_BAD, 0, NULL, NULL },
	{ "f=%C0%AF", REQUEST_BAD, 0, NULL, NULL },
	{ "f=\xff", REQUEST_BAD, 0, NULL, NULL },
};

START_TEST(query)
{
	struct request_env env = { .method = "GET",
		.query_string = queries[_i].query };
	struct arena *a = arena_new();
	struct request r;

	ck_assert_msg(
	    request_parse(a, &env, SPAN(""), &r) == queries[_i].result,
	    "\"%s\"", queries[_i].query);
	if (queries[_i].result == REQUEST_OK)
		ck_assert_msg(r.field_count == queries[_i].count,
		    "\"%s\": %zu fields", queries[_i].query, r.field_count);
	if (queries[_i].name != NULL)
		ck_assert_msg(span_is(r.fields[0].name, queries[_i].name) &&
			span_is(r.fields[0].value, queries[_i].value),
		    "\"%s\"", queries[_i].query);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *method;
	enum request_result result;
	enum request_method is;
} methods[] = {
	{ "GET", REQUEST_OK, METHOD_GET },
	{ "HEAD", REQUEST_OK, METHOD_HEAD },
	{ "POST", REQUEST_OK, METHOD_POST },
	{ "get", REQUEST_METHOD, METHOD_GET },
	{ "PUT", REQUEST_METHOD, METHOD_GET },
	{ "GETX", REQUEST_METHOD, METHOD_GET },
	{ "", REQUEST_METHOD, METHOD_GET },
	{ NULL, REQUEST_METHOD, METHOD_GET },
};

START_TEST(method)
{
	struct request_env env = { .method = methods[_i].method };
	struct arena *a = arena_new();
	struct request r;

	ck_assert_msg(
	    request_parse(a, &env, SPAN(""), &r) == methods[_i].result &&
		(methods[_i].result != REQUEST_OK ||
		    r.method == methods[_i].is),
	    "\"%s\"", methods[_i].method);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *script;
	bool good;
} scripts[] = {
	{ NULL, true },
	{ "", true },
	{ "/messagerie", true },
	{ "/cgi-bin/facteur/webmail.cgi", true },
	{ "//evil.test", false },
	{ "/a//b", false },
	{ "messagerie", false },
	{ "/a b", false },
	{ "/a;b", false },
	{ "/a\r\nX: y", false },
	{ "/a\"><script>", false },
	{ "/\\evil.test", false },
};

START_TEST(script)
{
	struct request_env env = { .script_name = scripts[_i].script };
	struct request r;

	ck_assert_msg(request_place(&env, &r) == scripts[_i].good, "\"%s\"",
	    scripts[_i].script);
	if (!scripts[_i].good)
		ck_assert_uint_eq(r.script.n, 0);
}
END_TEST

START_TEST(cookies)
{
	struct request_env env = { .method = "GET",
		.cookie = "a=1; SQMSESSID=x.y.z;b = 2 ;c; =;a=3" };
	struct arena *a = arena_new();
	struct request r;

	ck_assert(request_parse(a, &env, SPAN(""), &r) == REQUEST_OK);
	ck_assert(span_is(request_cookie(&r, "SQMSESSID"), "x.y.z"));
	ck_assert(span_is(request_cookie(&r, "a"), "1"));
	ck_assert(span_is(request_cookie(&r, "none"), ""));
	ck_assert(span_is(request_cookie(&r, "sqmsessid"), ""));
	arena_free(&a);
}
END_TEST

/* As many cookies as fit in the longest header that is read. */
START_TEST(many_cookies)
{
	struct buf text = BUF_EMPTY;
	struct request_env env = { .method = "GET" };
	struct arena *a = arena_new();
	struct request r;

	while (text.n < REQUEST_COOKIE_MAX)
		buf_add_str(&text, "=;");
	env.cookie = buf_str(&text);
	ck_assert(request_parse(a, &env, SPAN(""), &r) == REQUEST_OK);
	ck_assert_uint_le(r.cookie_count, REQUEST_COOKIE_MAX / 2);
	buf_add_str(&text, "=");
	env.cookie = buf_str(&text);
	ck_assert(request_parse(a, &env, SPAN(""), &r) == REQUEST_TOO_LARGE);
	buf_free(&text);
	arena_free(&a);
}
END_TEST

START_TEST(limits)
{
	struct buf text = BUF_EMPTY;
	struct request_env env = { .method = "GET" };
	struct arena *a = arena_new();
	struct request r;

	for (int i = 0; i < REQUEST_FIELDS_MAX; i++)
		buf_add_str(&text, "a&");
	ck_assert(parse(a, urlencoded, buf_span(&text), &r) == REQUEST_OK);
	ck_assert_uint_eq(r.field_count, REQUEST_FIELDS_MAX);
	buf_add_str(&text, "a");
	ck_assert(parse(a, urlencoded, buf_span(&text), &r) == REQUEST_BAD);
	buf_clear(&text);
	while (text.n < REQUEST_QUERY_MAX)
		buf_add_byte(&text, 'a');
	env.query_string = buf_str(&text);
	ck_assert(request_parse(a, &env, SPAN(""), &r) == REQUEST_OK);
	buf_add_byte(&text, 'a');
	env.query_string = buf_str(&text);
	ck_assert(request_parse(a, &env, SPAN(""), &r) == REQUEST_TOO_LARGE);
	buf_free(&text);
	arena_free(&a);
}
END_TEST

START_TEST(https)
{
	static const struct {
		const char *value;
		bool on;
	} rows[] = { { NULL, false }, { "", false }, { "off", false },
		{ "on", true }, { "ON", true }, { "1", true } };
	struct arena *a = arena_new();
	struct request r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request_env env = { .method = "GET",
			.https = rows[i].value };

		ck_assert(request_parse(a, &env, SPAN(""), &r) == REQUEST_OK);
		ck_assert(span_is(r.path, "/"));
		ck_assert(request_place(&env, &r));
		ck_assert_msg(r.https == rows[i].on, "%s", rows[i].value);
	}
	arena_free(&a);
}
END_TEST

#define TWO \
	"--XyZ\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n" \
	"a@b\r\n--XyZ\r\ncontent-disposition: form-data; name=\"file\"; " \
	"filename=\"\xc3\xa9.txt\"\r\nContent-Type: text/plain\r\n\r\n" \
	"x\0y\xff\r\n--XyZ--\r\n"

START_TEST(parts)
{
	struct span body = SPAN(TWO);
	struct arena *a = arena_new();
	const struct request_field *f;
	struct request r;
	size_t at = 0;

	ck_assert(parse(a, multipart, body, &r) == REQUEST_OK);
	ck_assert_uint_eq(r.field_count, 2);
	ck_assert(span_is(request_get(&r, "to"), "a@b"));
	ck_assert(request_has(&r, "file") && !request_has(&r, "cc"));
	f = request_next(&r, "file", &at);
	ck_assert(f->is_file && span_is(f->filename, "\xc3\xa9.txt") &&
	    span_is(f->type, "text/plain") &&
	    span_eq(f->value, SPAN("x\0y\xff")));
	ck_assert_ptr_null(request_next(&r, "file", &at));
	arena_free(&a);
}
END_TEST

/* A form that is cut anywhere before its last mark is refused whole. */
START_TEST(parts_cut)
{
	struct span body = SPAN(TWO);
	size_t whole = body.n - 2;
	struct arena *a = arena_new();
	struct request r;

	for (size_t n = 1; n <= body.n; n++) {
		char *copy = arena_alloc(a, n);

		memcpy(copy, body.p, n);
		ck_assert_msg((parse(a, multipart, span_of(copy, n), &r) ==
				  REQUEST_OK) == (n >= whole),
		    "cut at %zu", n);
	}
	arena_free(&a);
}
END_TEST

#define PART(head, body) "--XyZ\r\n" head "\r\n\r\n" body "\r\n--XyZ--\r\n"
#define NAMED            "Content-Disposition: form-data; name=\"a\""

static const struct {
	const char *type, *body;
	enum request_result result;
} forms[] = {
	{ multipart, PART(NAMED, "v"), REQUEST_OK },
	{ "Multipart/Form-Data; charset=utf-8; boundary=\"XyZ\"",
	    PART(NAMED, "v"), REQUEST_OK },
	{ multipart, PART(NAMED, "\r\n--Xy"), REQUEST_OK },
	{ multipart, "--XyZ--\r\n", REQUEST_OK },
	{ "multipart/form-data", PART(NAMED, "v"), REQUEST_BAD },
	{ "multipart/form-data; boundary=", PART(NAMED, "v"), REQUEST_BAD },
	{ "multipart/form-data; boundary=no", PART(NAMED, "v"), REQUEST_BAD },
	{ "multipart/mixed; boundary=XyZ", PART(NAMED, "v"), REQUEST_BAD },
	{ "text/plain", "a=b", REQUEST_BAD },
	{ "", "a=b", REQUEST_BAD },
	{ NULL, "a=b", REQUEST_BAD },
	{ multipart, PART("Content-Type: text/plain", "v"), REQUEST_BAD },
	{ multipart, PART("Content-Disposition: form-data", "v"), REQUEST_BAD },
	{ multipart, PART("Content-Disposition: file; name=a", "v"),
	    REQUEST_BAD },
	{ multipart, PART(NAMED, "\xff"), REQUEST_BAD },
	{ multipart, PART(NAMED "; filename=\"\xff\"", "v"), REQUEST_OK },
	{ multipart, "--XyZ\r\n\r\n\r\n--XyZ--", REQUEST_BAD },
	{ multipart, "--XyZ\n" NAMED "\n\nv\n--XyZ--\n", REQUEST_BAD },
	{ multipart, "x\r\n" PART(NAMED, "v"), REQUEST_BAD },
	{ multipart, "--XyZ", REQUEST_BAD },
	{ multipart, "--XyZx\r\n" NAMED "\r\n\r\nv\r\n--XyZ--", REQUEST_BAD },
	{ urlencoded, "a=b&c=d", REQUEST_OK },
	{ "application/x-www-form-urlencoded; charset=utf-8", "a=b",
	    REQUEST_OK },
	{ urlencoded, "a=%", REQUEST_BAD },
};

START_TEST(form)
{
	struct arena *a = arena_new();
	struct request r;

	ck_assert_msg(parse(a, forms[_i].type, span_str(forms[_i].body), &r) ==
		forms[_i].result,
	    "%s: %s", forms[_i].type, forms[_i].body);
	arena_free(&a);
}
END_TEST

/* Whatever a browser says, a file's name is one line of UTF-8. */
START_TEST(filename)
{
	static const char *const names[] = { "filename*=utf-8''a%0d%0aX:%20y",
		"filename*=utf-8''a%00b", "filename=\"a\r\n b\"",
		"filename=\"=?utf-8?q?a=0D=0Ab?=\"", "filename=\"\xff\"",
		"filename*=x''%ff", "filename*0=a; filename*1*=%0a" };
	struct arena *a = arena_new();
	struct request r;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *body =
		    arena_printf(a, PART("%s; %s", "v"), NAMED, names[i]);

		ck_assert_msg(
		    parse(a, multipart, span_str(body), &r) == REQUEST_OK &&
			r.fields[0].is_file && r.fields[0].filename.n > 0 &&
			!span_has_break(r.fields[0].filename) &&
			utf8_valid(r.fields[0].filename),
		    "%s", names[i]);
	}
	arena_free(&a);
}
END_TEST

/* Only a POST has a form, and the query's fields come first. */
START_TEST(order)
{
	struct request_env env = { .method = "POST",
		.query_string = "a=1",
		.content_type = urlencoded };
	struct arena *a = arena_new();
	struct request r;

	ck_assert(request_parse(a, &env, SPAN("a=2"), &r) == REQUEST_OK);
	ck_assert(span_is(request_get(&r, "a"), "1"));
	env.method = "GET";
	env.query_string = "";
	ck_assert(request_parse(a, &env, SPAN("a=2"), &r) == REQUEST_OK);
	ck_assert(!request_has(&r, "a"));
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, query, 0, UNIT_COUNT(queries));
	tcase_add_loop_test(t, method, 0, UNIT_COUNT(methods));
	tcase_add_loop_test(t, script, 0, UNIT_COUNT(scripts));
	tcase_add_test(t, cookies);
	tcase_add_test(t, many_cookies);
	tcase_add_test(t, limits);
	tcase_add_test(t, https);
	tcase_add_test(t, parts);
	tcase_add_test(t, parts_cut);
	tcase_add_loop_test(t, form, 0, UNIT_COUNT(forms));
	tcase_add_test(t, filename);
	tcase_add_test(t, order);
}

int
main(void)
{
	return unit_main("webmail-cgi/request", fill);
}
