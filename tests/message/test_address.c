/* test_address.c - message/address.h */

#include "message/address.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *in;
	unsigned flags;
	enum address_result result;
	const char *local, *domain;
} paths[] = {
	{ "", 0, ADDRESS_NULL, "", "" },
	{ "a@b", 0, ADDRESS_OK, "a", "b" },
	{ "a.b+c=d@x-y.example", 0, ADDRESS_OK, "a.b+c=d", "x-y.example" },
	{ "!#$%&'*+-/=?^_`{|}~@b", 0, ADDRESS_OK, "!#$%&'*+-/=?^_`{|}~", "b" },
	{ "\"a b\"@c", 0, ADDRESS_OK, "\"a b\"", "c" },
	{ "\"a\\\"@b\"@c", 0, ADDRESS_OK, "\"a\\\"@b\"", "c" },
	{ "\"\"@c", 0, ADDRESS_OK, "\"\"", "c" },
	{ "a@[1.2.3.4]", 0, ADDRESS_OK, "a", "[1.2.3.4]" },
	{ "a@[IPv6:::1]", 0, ADDRESS_OK, "a", "[IPv6:::1]" },
	{ "a@[ipv6:1:2:3:4:5:6:1.2.3.4]", 0, ADDRESS_OK, "a",
	    "[ipv6:1:2:3:4:5:6:1.2.3.4]" },
	{ "a@[IPv6:1:2:3:4:5:6::]", 0, ADDRESS_OK, "a",
	    "[IPv6:1:2:3:4:5:6::]" },
	{ "a@[IPv6:1:2:3:4:5:6:7::]", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@[IPv6:::1", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@[1.2.3]", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@[1.2.3.256]", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@[01.2.3.4]", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@[::1]", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@[]", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@[1.2.3.4]x", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@[x:y]", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "@r.example,@s:a@b", 0, ADDRESS_OK, "a", "b" },
	{ "@r.example", 0, ADDRESS_SYNTAX, "", "" },
	{ "@r.example,s:a@b", 0, ADDRESS_SYNTAX, "", "" },
	{ "a", 0, ADDRESS_NO_DOMAIN, "", "" },
	{ "Postmaster", ADDRESS_BARE, ADDRESS_OK, "Postmaster", "" },
	{ "a@", ADDRESS_BARE, ADDRESS_BAD_DOMAIN, "", "" },
	{ "@b", 0, ADDRESS_SYNTAX, "", "" },
	{ "a@b@c", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a b@c", 0, ADDRESS_SYNTAX, "", "" },
	{ "a@b c", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@b.", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@.b", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@b..c", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@-b", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@b-", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@b_c", 0, ADDRESS_BAD_DOMAIN, "", "" },
	{ "a@b_c", ADDRESS_LOOSE, ADDRESS_OK, "a", "b_c" },
	{ ".a@b", 0, ADDRESS_SYNTAX, "", "" },
	{ "a.@b", 0, ADDRESS_SYNTAX, "", "" },
	{ "a..b@c", 0, ADDRESS_SYNTAX, "", "" },
	{ "a..b.@c", ADDRESS_LOOSE, ADDRESS_OK, "a..b.", "c" },
	{ "a(b)@c", 0, ADDRESS_SYNTAX, "", "" },
	{ "\"a@b", 0, ADDRESS_SYNTAX, "", "" },
	{ "\"a\"b@c", 0, ADDRESS_SYNTAX, "", "" },
	{ "\"a\\", 0, ADDRESS_SYNTAX, "", "" },
	{ "\"a\tb\"@c", 0, ADDRESS_SYNTAX, "", "" },
	{ "a\n@c", 0, ADDRESS_SYNTAX, "", "" },
	{ "\xc3\xa9@c", 0, ADDRESS_NOT_ASCII, "", "" },
	{ "\xc3\xa9@\xc3\xa9.fr", ADDRESS_UTF8, ADDRESS_OK, "\xc3\xa9",
	    "\xc3\xa9.fr" },
	{ "\"\\\\\xc3\xa9\"@c", ADDRESS_UTF8, ADDRESS_OK, "\"\\\\\xc3\xa9\"",
	    "c" },
	{ "\"\\\xc3\xa9\"@c", ADDRESS_UTF8, ADDRESS_SYNTAX, "", "" },
	{ "\xc3@c", ADDRESS_UTF8, ADDRESS_SYNTAX, "", "" },
	{ "a@b\xe3\x80\x82"
	  "c",
	    ADDRESS_UTF8, ADDRESS_BAD_DOMAIN, "", "" },
};

START_TEST(path)
{
	struct address_path p;
	enum address_result r;

	r = address_parse_path(span_str(paths[_i].in), paths[_i].flags, &p);
	ck_assert_msg(r == paths[_i].result &&
		span_is(p.local, paths[_i].local) &&
		span_is(p.domain, paths[_i].domain),
	    "\"%s\": %s", paths[_i].in, address_result_text(r));
}
END_TEST

/* n letters, '@', m letters in labels of 60. */
static void
long_path(struct buf *out, size_t n, size_t m)
{
	buf_clear(out);
	for (size_t i = 0; i < n; i++)
		buf_add_byte(out, 'a');
	buf_add_byte(out, '@');
	for (size_t i = 1; i <= m; i++)
		buf_add_byte(out, i % 61 == 0 && i < m ? '.' : 'b');
}

START_TEST(path_limits)
{
	static const struct {
		size_t local, domain;
		unsigned flags;
		enum address_result result;
	} rows[] = {
		{ 64, 189, 0, ADDRESS_OK },
		{ 65, 100, 0, ADDRESS_TOO_LONG },
		{ 65, 100, ADDRESS_LONG_LOCAL, ADDRESS_OK },
		{ 64, 190, 0, ADDRESS_TOO_LONG },
		{ 1, 252, 0, ADDRESS_OK },
		{ 1, 253, 0, ADDRESS_TOO_LONG },
		{ 1, 256, 0, ADDRESS_TOO_LONG },
		{ 253, 1, ADDRESS_LONG_LOCAL, ADDRESS_TOO_LONG },
		{ 252, 1, ADDRESS_LONG_LOCAL, ADDRESS_OK },
	};
	struct buf b = BUF_EMPTY;
	struct address_path p;

	for (int i = 0; i < UNIT_COUNT(rows); i++) {
		long_path(&b, rows[i].local, rows[i].domain);
		ck_assert_msg(address_parse_path(buf_span(&b), rows[i].flags,
				  &p) == rows[i].result,
		    "row %d", i);
	}
	buf_free(&b);
	ck_assert(!address_domain_valid(
	    SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaa.fr"),
	    0));
	ck_assert(address_parse_path(SPAN("a\0b@c"), 0, &p) == ADDRESS_SYNTAX);
}
END_TEST

/* Entries as "name|route|local|domain;"; a group is "{name" ... "}". */
static const struct {
	const char *in, *told;
	bool malformed;
} lists[] = {
	{ "", "", false },
	{ "a@b", "||a|b;", false },
	{ "a@b, c@d", "||a|b;||c|d;", false },
	{ ",, a@b ,,", "||a|b;", false },
	{ "John Doe <j@x>", "John Doe||j|x;", false },
	{ "\"Doe, John\" <j@x>", "Doe, John||j|x;", false },
	{ "\"a \\\"b\\\" c\" <j@x>", "a \"b\" c||j|x;", false },
	{ "j@x (John (Q) Doe)", "John (Q) Doe||j|x;", false },
	{ "John Q. Public <j@x>", "John Q. Public||j|x;", false },
	{ "=?utf-8?q?=C3=A9?= =?utf-8?q?b?= <j@x>",
	    "=?utf-8?q?=C3=A9?= =?utf-8?q?b?=||j|x;", false },
	{ "\xc3\xa9 <j@x>", "\xc3\xa9||j|x;", false },
	{ "<@r,@s:j@x>", "|@r,@s|j|x;", false },
	{ "<>", "|||;", false },
	{ "\"j d\"@x", "||j d|x;", false },
	{ "j . d (c) @ x . y", "c||j.d|x.y;", false },
	{ "j@[1.2.3.4]", "||j|[1.2.3.4];", false },
	{ "<j@[IPv6:::1]>", "||j|[IPv6:::1];", false },
	{ "g: a@b, C <c@d>;", "{g}{||a|b;C||c|d;}", false },
	{ "undisclosed-recipients:;", "{undisclosed-recipients}{}", false },
	{ "a@b, The Group:;, c@d", "||a|b;{The Group}{}||c|d;", false },
	{ "g: a@b", "{g}{||a|b;}", true },
	{ "root", "||root|;", false },
	{ "John Doe", "John Doe|||;", true },
	{ "John Doe j@x", "John Doe||j|x;", true },
	{ "j@x <j@x>", "j@x||j|x;", true },
	{ "a@b; c@d", "||a|b;||c|d;", true },
	{ "John <j@x, c@d", "John||j|x;||c|d;", true },
	{ "\"John <j@x>, c@d", "||John <j@x>, c@d|;", true },
	{ "(never ends a@b", "", true },
	{ "<J D>", "||J D|;", true },
	{ "a@b c@d", "||a|b;", true },
	{ "@", "", true },
	{ ">", "", true },
	{ "a\r\n b <c\r\n @d>", "a b||c|d;", false },
	{ "[List] x <l@x>", "[List] x||l|x;", false },
	{ "\"a\r\nBcc: x\" <c@d>", "aBcc: x||c|d;", false },
	{ "a\x01z <c@d>", "a z||c|d;", false },
};

static void
tell_list(struct buf *out, const struct address_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct address_entry *a = &l->list[i];

		if (a->kind == ADDRESS_GROUP_END) {
			buf_add_byte(out, '}');
			continue;
		}
		if (a->kind == ADDRESS_GROUP_START)
			buf_add_byte(out, '{');
		buf_add_span(out, a->name);
		if (a->kind == ADDRESS_GROUP_START) {
			buf_add_str(out, "}{");
			continue;
		}
		buf_add_byte(out, '|');
		buf_add_span(out, a->route);
		buf_add_byte(out, '|');
		buf_add_span(out, a->local);
		buf_add_byte(out, '|');
		buf_add_span(out, a->domain);
		buf_add_byte(out, ';');
	}
}

START_TEST(list)
{
	struct arena *a = arena_new();
	struct buf told = BUF_EMPTY;
	struct address_list l;

	address_list_parse(a, span_str(lists[_i].in), &l);
	tell_list(&told, &l);
	ck_assert_msg(span_is(buf_span(&told), lists[_i].told),
	    "\"%s\": %s, want %s", lists[_i].in, buf_str(&told),
	    lists[_i].told);
	ck_assert_msg(
	    l.malformed == lists[_i].malformed, "\"%s\"", lists[_i].in);
	buf_free(&told);
	arena_free(&a);
}
END_TEST

START_TEST(list_limits)
{
	struct arena *a = arena_new();
	struct buf b = BUF_EMPTY;
	struct address_list l;

	for (int i = 0; i < ADDRESS_COUNT_MAX; i++)
		buf_add_str(&b, "a@b,");
	address_list_parse(a, buf_span(&b), &l);
	ck_assert_uint_eq(l.count, ADDRESS_COUNT_MAX);
	ck_assert(!l.cut);
	buf_add_str(&b, "a@b");
	address_list_parse(a, buf_span(&b), &l);
	ck_assert_uint_eq(l.count, ADDRESS_COUNT_MAX);
	ck_assert(l.cut);
	buf_clear(&b);
	while (b.n <= ADDRESS_LIST_MAX)
		buf_add_str(&b, "(xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx),");
	buf_add_str(&b, "a@b");
	address_list_parse(a, buf_span(&b), &l);
	ck_assert_uint_eq(l.count, 0);
	ck_assert(l.cut);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

/* What might make a careless reader quadratic, once and twice as long. */
START_TEST(list_linear)
{
	static const char *const bits[] = { "(", "\"", "<", "a ", "a@", "@a,",
		"a:", ",", "\\", "a<", ";", ".", "\"a\" ", "(a)", "<@", "[" };
	struct arena *a = arena_new();

	for (int i = 0; i < UNIT_COUNT(bits); i++) {
		struct buf b = BUF_EMPTY;
		struct address_list once, twice;

		for (int k = 0; k < 20000; k++)
			buf_add_str(&b, bits[i]);
		address_list_parse(a, span_head(buf_span(&b), b.n / 2), &once);
		address_list_parse(a, buf_span(&b), &twice);
		ck_assert_msg(twice.work <= once.work * 5 / 2, "%s", bits[i]);
		ck_assert_msg(twice.work <= 12 * b.n + 100, "%s", bits[i]);
		buf_free(&b);
	}
	arena_free(&a);
}
END_TEST

static const struct {
	const char *in, *normal;
} normals[] = {
	{ "a@B", "a@b" },
	{ "\"a\"@B", "a@b" },
	{ "\"a.b\"@B", "a.b@b" },
	{ "\"a..b\"@B", "\"a..b\"@b" },
	{ "\"A b\"@c", "\"A b\"@c" },
	{ "\"A\\b\"@c", "Ab@c" },
	{ "\"a\\\"b\"@c", "\"a\\\"b\"@c" },
	{ "\"a@b\"@C", "\"a@b\"@c" },
	{ "\"\"@c", "\"\"@c" },
	{ "Root", "Root" },
	{ "", "" },
	{ "a@[IPv6:FE80::1]", "a@[ipv6:fe80::1]" },
};

START_TEST(normal)
{
	struct buf b = BUF_EMPTY;

	address_normalise(&b, span_str(normals[_i].in), true);
	ck_assert_str_eq(buf_str(&b), normals[_i].normal);
	buf_free(&b);
}
END_TEST

START_TEST(split)
{
	struct span local, domain;

	ck_assert(address_split(SPAN("\"a@b\"@c"), &local, &domain));
	ck_assert(span_is(local, "\"a@b\"") && span_is(domain, "c"));
	ck_assert(!address_split(SPAN("\"a@b\""), &local, &domain));
	ck_assert(span_is(local, "\"a@b\"") && domain.n == 0);
	ck_assert(address_split(SPAN("a@b@c"), &local, &domain));
	ck_assert(span_is(local, "a@b") && span_is(domain, "c"));
	ck_assert(!address_split(SPAN(""), &local, &domain));
}
END_TEST

START_TEST(quote_keeps_breaks_out)
{
	struct buf b = BUF_EMPTY;

	address_quote(&b, SPAN("a\r\nb\0c"));
	ck_assert_str_eq(buf_str(&b), "\"abc\"");
	buf_free(&b);
}
END_TEST

static const struct {
	const char *local, *delimiters, *user, *extension;
} extensions[] = {
	{ "user+ext", "+", "user", "ext" },
	{ "user-a+b", "+-", "user", "a+b" },
	{ "user", "+", "user", "" },
	{ "user+", "+", "user", "" },
	{ "+ext", "+", "+ext", "" },
	{ "user+ext", "", "user+ext", "" },
	{ "Mailer-Daemon", "-", "Mailer-Daemon", "" },
	{ "double-bounce", "-", "double-bounce", "" },
	{ "owner-list", "-", "owner-list", "" },
	{ "list-request", "-", "list-request", "" },
	{ "owner-list+x", "+", "owner-list", "x" },
	{ "-request", "-", "-request", "" },
};

START_TEST(extension)
{
	struct span user, ext;

	address_extension(span_str(extensions[_i].local),
	    extensions[_i].delimiters, &user, &ext);
	ck_assert_msg(span_is(user, extensions[_i].user) &&
		span_is(ext, extensions[_i].extension),
	    "%s", extensions[_i].local);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, path, 0, UNIT_COUNT(paths));
	tcase_add_test(t, path_limits);
	tcase_add_loop_test(t, list, 0, UNIT_COUNT(lists));
	tcase_add_test(t, list_limits);
	tcase_add_test(t, list_linear);
	tcase_add_loop_test(t, normal, 0, UNIT_COUNT(normals));
	tcase_add_test(t, split);
	tcase_add_test(t, quote_keeps_breaks_out);
	tcase_add_loop_test(t, extension, 0, UNIT_COUNT(extensions));
}

int
main(void)
{
	return unit_main("message/address", fill);
}
