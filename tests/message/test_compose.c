/* test_compose.c - message/compose.h */

#include "message/compose.h"

#include "base/arena.h"
#include "base/buf.h"
#include "message/address.h"
#include "message/header.h"
#include "message/mime.h"
#include "tests/unit.h"

static const struct {
	const char *name, *text, *out; /* NULL: refused */
} fields[] = {
	{ "Subject", "hello", "Subject: hello\n" },
	{ "Subject", "h\xc3\xa9llo there",
	    "Subject: =?UTF-8?Q?h=C3=A9llo?= "
	    "there\n" },
	{ "Subject", "a\r\nBcc: victim@x\r\n\r\nbody",
	    "Subject: a  Bcc: victim@x    body\n" },
	{ "X:Y", "a", NULL },
	{ "X\nBcc", "a", NULL },
	{ "", "a", NULL },
};

START_TEST(field)
{
	struct buf b = BUF_EMPTY;
	struct compose *c = compose_new(&b);
	bool fine =
	    compose_field(c, fields[_i].name, span_str(fields[_i].text));

	ck_assert_int_eq(fine, fields[_i].out != NULL);
	ck_assert_str_eq(buf_str(&b), fine ? fields[_i].out : "");
	compose_free(&c);
	buf_free(&b);
}
END_TEST

START_TEST(field_raw)
{
	struct buf b = BUF_EMPTY;
	struct compose *c = compose_new(&b);

	ck_assert(!compose_field_raw(c, "X", SPAN("a\nb")));
	ck_assert(!compose_field_raw(c, "X", SPAN("a\rb")));
	ck_assert(!compose_field_raw(c, "X", SPAN("a\0b")));
	ck_assert(!compose_field_raw(c, "X", SPAN("a\tb")));
	ck_assert(!compose_field_raw(c, "X", SPAN("\xff")));
	ck_assert(!compose_field_raw(c, "X Y", SPAN("a")));
	ck_assert_uint_eq(b.n, 0);
	ck_assert(compose_field_raw(c, "References",
	    SPAN("<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.example> "
		 "<bbbbbbbbbbbbbbbbbbbbbbbbbbbbb@x.example> <c@x>")));
	ck_assert_str_eq(buf_str(&b),
	    "References: <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.example>\n"
	    " <bbbbbbbbbbbbbbbbbbbbbbbbbbbbb@x.example> <c@x>\n");
	compose_free(&c);
	buf_free(&b);
}
END_TEST

#define A(name, local, domain) \
	{ \
		{ "" name, sizeof(name) - 1 }, \
		    { "" local, sizeof(local) - 1 }, \
		{ \
			"" domain, sizeof(domain) - 1 \
		} \
	}

START_TEST(addresses)
{
	static const struct compose_address list[] = {
		A("John Doe", "john", "x.example"),
		A("Doe, \"J\"", "a b", "x.example"),
		A("H\xc3\xa9l\xc3\xa8ne", "h", "[1.2.3.4]"),
		A("", "root", ""),
		A("x\r\nBcc: y", "z", "x.example"),
	};
	struct buf b = BUF_EMPTY;
	struct compose *c = compose_new(&b);

	ck_assert(compose_field_addresses(c, "To", list, UNIT_COUNT(list)));
	ck_assert_str_eq(buf_str(&b),
	    "To: John Doe <john@x.example>, \"Doe, \\\"J\\\"\" "
	    "<\"a b\"@x.example>,\n =?UTF-8?B?SMOpbMOobmU=?= <h@[1.2.3.4]>, "
	    "root, \"x  Bcc: y\" <z@x.example>\n");
	compose_free(&c);
	buf_free(&b);
}
END_TEST

static const struct compose_address refused[] = { A("", "", "x"),
	A("", "a\nb", "x"), A("", "a\0b", "x"), A("", "a", "x\r\nBcc: y"),
	A("", "a", "x y"), A("", "a", "x>,<y"), A("", "a", "[1.2.3.4"),
	A("", "\xff", "x") };

START_TEST(addresses_refused)
{
	struct compose_address two[] = { A("", "fine", "x"), refused[_i] };
	struct buf b = BUF_EMPTY;
	struct compose *c = compose_new(&b);

	ck_assert(!compose_field_addresses(c, "To", two, 2));
	ck_assert_uint_eq(b.n, 0);
	ck_assert(compose_field_addresses(c, "To", two, 0));
	ck_assert_uint_eq(b.n, 0);
	ck_assert(!compose_field_addresses(c, "T o", two, 1));
	ck_assert_uint_eq(b.n, 0);
	compose_free(&c);
	buf_free(&b);
}
END_TEST

static void
check_lines(struct span s, size_t max)
{
	struct span line;

	while (span_line(&s, &line))
		ck_assert_msg(line.n <= max, "\"%.*s\"", (int)line.n, line.p);
}

static void
check_part(const struct mime_part *p, struct span message, const char *type,
    struct span want)
{
	struct buf b = BUF_EMPTY;

	ck_assert(p != NULL);
	buf_add_span(&b, p->type);
	buf_add_byte(&b, '/');
	buf_add_span(&b, p->subtype);
	ck_assert_str_eq(buf_str(&b), type);
	buf_clear(&b);
	ck_assert(decode_body(&b, mime_part_body(p, message), p->encoding));
	ck_assert_msg(
	    span_eq(buf_span(&b), want), "%s: \"%s\"", type, buf_str(&b));
	buf_free(&b);
}

static const struct compose_part image = {
	.type = { "image/png", 9 },
	.filename = { "caf\xc3\xa9 \"1\".png", 13 },
	.id = { "a>\r\nb@c", 7 },
	.is_inline = true,
};
static const struct compose_part letter = {
	.type = { "message/rfc822", 14 },
	.verbatim = true,
};

/* An alternative, an image fed in small pieces, a message. */
static void
write_all(struct buf *out, struct buf *id, struct span bytes)
{
	struct compose *c = compose_new(out);

	compose_field(c, "Subject", SPAN("x"));
	compose_date(c, 0, 60);
	compose_message_id(c, SPAN("x.example"), id);
	compose_multipart_begin(c, "mixed", NULL);
	compose_multipart_begin(c, "alternative", NULL);
	compose_text(c, "plain", SPAN("simple\r\ntext"));
	compose_text(c, "html", SPAN("<p>\xc3\xa9</p>\n.\nFrom x\n"));
	compose_multipart_end(c);
	compose_part_begin(c, &image);
	for (size_t i = 0; i < bytes.n; i += 7)
		compose_part_feed(c, span_head(span_skip(bytes, i), 7));
	compose_part_end(c);
	compose_part(c, &letter, SPAN("A: b\r\n\r\nx\ry\0z"));
	ck_assert(!compose_done(c));
	compose_multipart_end(c);
	ck_assert(compose_done(c));
	compose_free(&c);
}

static void
check_parts(const struct mime_part *p, struct span message, struct span bytes)
{
	struct buf name = BUF_EMPTY;

	check_part(p->child, message, "text/plain", SPAN("simple\ntext\n"));
	ck_assert_int_eq(p->child->encoding, ENCODE_7BIT);
	check_part(p->child->next, message, "text/html",
	    SPAN("<p>\xc3\xa9</p>\n.\nFrom x\n"));
	p = p->next;
	check_part(p, message, "image/png", bytes);
	ck_assert(span_is(p->id, "<ab@c>"));
	ck_assert(span_is(p->disposition, "inline"));
	ck_assert(mime_part_filename(p, &name));
	ck_assert_str_eq(buf_str(&name), "caf\xc3\xa9 \"1\".png");
	p = p->next;
	check_part(p, message, "message/rfc822", SPAN("A: b\n\nx y z\n"));
	ck_assert_ptr_null(p->next);
	buf_free(&name);
}

START_TEST(whole_message)
{
	struct buf b = BUF_EMPTY, id = BUF_EMPTY, bytes = BUF_EMPTY;
	struct arena *a = arena_new();
	struct mime_tree t;
	struct header_field f;

	for (int i = 0; i < 1000; i++)
		buf_add_byte(&bytes, (char)i);
	write_all(&b, &id, buf_span(&bytes));
	check_lines(buf_span(&b), 78);
	mime_parse(a, buf_span(&b), &t);
	ck_assert_uint_eq(t.count, 7);
	ck_assert(header_find(buf_span(&b), "Message-ID", &f));
	ck_assert(span_eq(span_trim(f.value), buf_span(&id)));
	ck_assert(header_find(buf_span(&b), "Date", &f));
	ck_assert(span_is(f.value, " Thu, 1 Jan 1970 01:00:00 +0100"));
	ck_assert_uint_eq(header_count(buf_span(&b), "MIME-Version"), 1);
	check_parts(t.root->child, buf_span(&b), buf_span(&bytes));
	buf_free(&b);
	buf_free(&id);
	buf_free(&bytes);
	arena_free(&a);
}
END_TEST

START_TEST(report)
{
	static const struct compose_part status = {
		.type = { "message/delivery-status", 23 },
		.verbatim = true,
		.ascii = true,
	};
	struct buf b = BUF_EMPTY, kind = BUF_EMPTY;
	struct compose *c = compose_new(&b);
	struct arena *a = arena_new();
	struct mime_tree t;

	compose_multipart_begin(c, "report", "delivery-status");
	compose_text(c, "plain", SPAN("sorry\n"));
	compose_part(c, &status, SPAN("Reporting-MTA: dns; x\n\n"));
	compose_multipart_end(c);
	mime_parse(a, buf_span(&b), &t);
	ck_assert(span_is(t.root->subtype, "report"));
	ck_assert(encode_param_get(&t.root->params, "report-type", &kind));
	ck_assert_str_eq(buf_str(&kind), "delivery-status");
	check_part(t.root->child->next, buf_span(&b), "message/delivery-status",
	    SPAN("Reporting-MTA: dns; x\n\n"));
	ck_assert_int_eq(t.root->child->next->encoding, ENCODE_7BIT);
	buf_free(&b);
	buf_free(&kind);
	arena_free(&a);
	compose_free(&c);
}
END_TEST

static const struct {
	const char *type;
	bool verbatim;
	const char *written;
} types[] = {
	{ "image/png", false, "image/png" },
	{ "", false, "application/octet-stream" },
	{ "image", false, "application/octet-stream" },
	{ "/png", false, "application/octet-stream" },
	{ "a/b/c", false, "application/octet-stream" },
	{ "a/b; x=y", false, "application/octet-stream" },
	{ "a/b\nX: y", false, "application/octet-stream" },
	{ "Multipart/mixed", true, "application/octet-stream" },
	{ "message/rfc822", false, "application/octet-stream" },
	{ "message/rfc822", true, "message/rfc822" },
};

START_TEST(part_type)
{
	struct compose_part part = { .type = span_str(types[_i].type),
		.verbatim = types[_i].verbatim };
	struct buf b = BUF_EMPTY;
	struct compose *c = compose_new(&b);
	struct header_field f;

	compose_part(c, &part, SPAN("x"));
	ck_assert(header_find(buf_span(&b), "Content-Type", &f));
	ck_assert_msg(span_is(span_trim(f.value), types[_i].written), "%s",
	    types[_i].type);
	compose_free(&c);
	buf_free(&b);
}
END_TEST

/* A text's charset is written, nothing else's. */
START_TEST(part_charset)
{
	static const char *const rows[][2] = {
		{ "text/plain", "text/plain; charset=iso-8859-1" },
		{ "image/png", "image/png" },
		{ "text/a;b", "application/octet-stream" },
	};
	struct compose_part part = { .type = span_str(rows[_i][0]),
		.charset = SPAN("iso-8859-1") };
	struct buf b = BUF_EMPTY;
	struct compose *c = compose_new(&b);
	struct header_field f;

	compose_part(c, &part, SPAN("x"));
	ck_assert(header_find(buf_span(&b), "Content-Type", &f));
	ck_assert_msg(
	    span_is(span_trim(f.value), rows[_i][1]), "%s", rows[_i][0]);
	compose_free(&c);
	buf_free(&b);
}
END_TEST

static const char *const asked[] = { "Subject", "To", "MIME-Version",
	"Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
	/* written or not, by what the value is */
	"Content-ID", "Content-Description", "Cc", "X" };

static void
check_header(struct span message, struct span value)
{
	struct header_field f;
	unsigned seen = 0;

	while (header_next(&message, &f)) {
		int i = 0;

		while (i < UNIT_COUNT(asked) && !span_is(f.name, asked[i]))
			i++;
		ck_assert_msg(i < UNIT_COUNT(asked) && (seen & 1U << i) == 0,
		    "\"%.*s\" of \"%.*s\"", (int)f.all.n, f.all.p, (int)value.n,
		    value.p);
		seen |= 1U << i;
	}
	ck_assert_uint_eq(seen & 63, 63);
}

/* Any bytes in any value: the header has the fields that were asked for, each
 * once, and nothing else. */
START_TEST(nothing_injected)
{
	static const char some[] = "\r\n\0\n:aB<>@,;\"\\ \t=?\xc3\xa9\xff.";
	uint32_t seed = 17;

	for (int round = 0; round < 3000; round++) {
		struct buf b = BUF_EMPTY, v = BUF_EMPTY;
		struct compose *c = compose_new(&b);
		struct compose_address one = A("", "x", "y.example");
		struct compose_part part = { .type = { "a/b", 3 } };

		for (int i = 0; i < round % 200; i++) {
			seed = seed * 1103515245 + 12345;
			buf_add_byte(&v, some[(seed >> 16) % sizeof(some)]);
		}
		one.name = part.filename = part.description = buf_span(&v);
		part.id = buf_span(&v);
		ck_assert(compose_field(c, "Subject", buf_span(&v)));
		ck_assert(compose_field_addresses(c, "To", &one, 1));
		one.local = buf_span(&v);
		compose_field_addresses(c, "Cc", &one, 1);
		compose_field_raw(c, "X", buf_span(&v));
		compose_part(c, &part, buf_span(&v));
		check_header(buf_span(&b), buf_span(&v));
		compose_free(&c);
		buf_free(&b);
		buf_free(&v);
	}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, field, 0, UNIT_COUNT(fields));
	tcase_add_test(t, field_raw);
	tcase_add_test(t, addresses);
	tcase_add_loop_test(t, addresses_refused, 0, UNIT_COUNT(refused));
	tcase_add_test(t, whole_message);
	tcase_add_test(t, report);
	tcase_add_loop_test(t, part_charset, 0, 3);
	tcase_add_loop_test(t, part_type, 0, UNIT_COUNT(types));
	tcase_add_test(t, nothing_injected);
}

int
main(void)
{
	return unit_main("message/compose", fill);
}
