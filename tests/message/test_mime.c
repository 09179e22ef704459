/* test_mime.c - message/mime.h */

#include "message/mime.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

/* The tree as text: "type/subtype[header|body]", children in (), of a message
 * in <>. Line ends are shown as '/'. */
static void
tell_bytes(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r')
			buf_add_byte(out, s.p[i] == '\n' ? '/' : s.p[i]);
}

static void
tell_tree(struct buf *out, const struct mime_part *p, struct span message)
{
	unsigned depth = 0;

	for (; p != NULL; p = mime_part_next(p)) {
		while (depth > p->depth) {
			buf_add_byte(out, ')');
			depth--;
		}
		if (depth < p->depth)
			buf_add_byte(out, '(');
		depth = p->depth;
		buf_add_span(out, p->type);
		buf_add_byte(out, '/');
		buf_add_span(out, p->subtype);
		if (p->kind == MIME_LEAF) {
			buf_add_byte(out, '[');
			tell_bytes(out, mime_part_body(p, message));
			buf_add_byte(out, ']');
		}
	}
	while (depth-- > 0)
		buf_add_byte(out, ')');
}

#define MULTI(boundary) "Content-Type: multipart/mixed; boundary=" boundary "\n"

static const struct {
	const char *in, *told;
} trees[] = {
	{ "", "text/plain[]" },
	{ "\n", "text/plain[]" },
	{ "A: b", "text/plain[]" },
	{ "A: b\n\nhello\n", "text/plain[hello/]" },
	{ "Content-Type: TEXT/HTML; x=y\n\nhi", "text/html[hi]" },
	{ "Content-Type: nonsense\n\nhi", "text/plain[hi]" },
	{ "Content-Type: (c) image (d) / (e) png (f)\n\nhi", "image/png[hi]" },
	{ MULTI("b") "\npre\n--b\n\none\n--b\n\ntwo\n--b--\npost\n",
	    "multipart/mixed(text/plain[one]text/plain[two])" },
	{ MULTI("\"b c\"") "\n--b c  \n\none\n\n--b c--",
	    "multipart/mixed(text/plain[one/])" },
	{ MULTI("b") "\n--b\n--b\n--b--\n",
	    "multipart/mixed(text/plain[]text/plain[])" },
	{ MULTI("b") "\n--b\nContent-Type: image/png\n--b--\n",
	    "multipart/mixed(image/png[])" },
	{ MULTI("b") "\n--b\nContent-Type: image/png\n\n--b--\n",
	    "multipart/mixed(image/png[])" },
	{ MULTI("b") "--b\n\none\n--b--\n", "multipart/mixed" },
	{ MULTI("b") "\nno parts\n", "multipart/mixed" },
	{ MULTI("b") "\n--b--\nx", "multipart/mixed" },
	{ MULTI("b") "\n--b\n\nnever ends",
	    "multipart/mixed(text/plain[never ends])" },
	{ "Content-Type: multipart/mixed\n\n--x\n", "text/plain[--x/]" },
	{ MULTI("") "\n--\n\nx\n----\n", "text/plain[--//x/----/]" },
	/* inner boundaries, and the outer one ending the inner multipart */
	{ MULTI("a") "\n--a\n" MULTI(
	      "b") "\n--b\n\nx\n--b--\n--a\n\ny\n--a--\n",
	    "multipart/mixed(multipart/mixed(text/plain[x])text/plain[y])" },
	{ MULTI("a") "\n--a\n" MULTI("b") "\n--b\n\nx\n--a\n\ny\n--a--\n",
	    "multipart/mixed(multipart/mixed(text/plain[x])text/plain[y])" },
	{ MULTI("a") "\n--a\n" MULTI("b") "\n--b\n\nx\n--b--\n--b\n\n\n--a--",
	    "multipart/mixed(multipart/mixed(text/plain[x]))" },
	/* one boundary the front of another */
	{ MULTI("a") "\n--a\n" MULTI(
	      "ab") "\n--ab\n\nx\n--a\n\ny\n--ab--\n--a--",
	    "multipart/mixed(multipart/mixed(text/plain[x])"
	    "text/plain[y/--ab--])" },
	{ MULTI("ab") "\n--ab\n" MULTI("a") "\n--a\n\nx\n--ab\n\ny\n--ab--\n",
	    "multipart/mixed(multipart/mixed(text/plain[x])text/plain[y])" },
	{ MULTI("b") "\n--bx\n\none\n--b--y\n", "multipart/mixed" },
	{ MULTI("b") "\n--b x\n\none\n--b-- y\n",
	    "multipart/mixed(text/plain[one])" },
	{ MULTI("\"b c\"") "\n--b c\n" MULTI("b") "\n--b\n\nx\n--b c--\n",
	    "multipart/mixed(multipart/mixed(text/plain[x]))" },
	{ MULTI("b") "\n-b\n--c\n --b\n--b\n\nx\n--b--",
	    "multipart/mixed(text/plain[x])" },
	/* messages in messages */
	{ "Content-Type: message/rfc822\n\nSubject: x\n\nbody\n",
	    "message/rfc822(text/plain[body/])" },
	{ "Content-Type: message/rfc822\n\n" MULTI("b") "\n--b\n\nx\n--b--\n",
	    "message/rfc822(multipart/mixed(text/plain[x]))" },
	{ MULTI("a") "\n--a\nContent-Type: message/rfc822\n\n" MULTI(
	      "b") "\n--b\n\nx\n--b\n\ny\n--a\n\nz\n--a--\n",
	    "multipart/mixed(message/rfc822(multipart/mixed(text/plain[x]"
	    "text/plain[y]))text/plain[z])" },
	{ MULTI("a") "\n--a\nContent-Type: message/rfc822\n\nSubject: x\n\n"
		     "--a--\n",
	    "multipart/mixed(message/rfc822(text/plain[]))" },
	{ MULTI("a") "\n--a\nContent-Type: message/rfc822\n--a--\n",
	    "multipart/mixed(message/rfc822(text/plain[]))" },
	{ MULTI("a") "\n--a\nContent-Type: message/rfc822\n\n--a\n\nz\n--a--\n",
	    "multipart/mixed(message/rfc822(text/plain[])text/plain[z])" },
	{ "Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: x\n\n"
	  "one\n--d\nContent-Type: text/plain\n\ntwo\n--d--\n",
	    "multipart/digest(message/rfc822(text/plain[one])"
	    "text/plain[two])" },
	{ "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
	  "QQ==\n",
	    "message/rfc822(text/plain[])" },
	{ MULTI("b") "Content-Type: text/plain\n\n--b\n\nx\n--b--\n",
	    "multipart/mixed(text/plain[x])" },
	{ "Content-Type: multipart/mixed;\n\tboundary*=us-ascii''b%20c\n\n"
	  "--b c\n\nx\n--b c--\n",
	    "multipart/mixed(text/plain[x])" },
};

static void
add_crlf(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			buf_add_byte(out, '\r');
		buf_add_byte(out, *s);
	}
}

static void
count(struct span s, struct mime_size *got)
{
	*got = (struct mime_size){ .raw = s.n };
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n') {
			bool cr = i > 0 && s.p[i - 1] == '\r';

			got->lines++;
			got->crlf += !cr;
			got->lf -= cr;
		}
	got->crlf += s.n;
	got->lf += s.n;
}

static bool
same_size(const struct mime_size *a, const struct mime_size *b)
{
	return a->raw == b->raw && a->crlf == b->crlf && a->lf == b->lf &&
	    a->lines == b->lines;
}

/* What holds for every tree of every message. */
static void
check_tree(const struct mime_tree *t, struct span message)
{
	size_t n = 0;

	for (const struct mime_part *p = t->root; p != NULL;
	     p = mime_part_next(p)) {
		const struct mime_part *q = p->parent;
		struct mime_size want;

		n++;
		ck_assert(p->header_at <= p->body_at);
		ck_assert(p->body_at <= p->end_at);
		ck_assert(p->end_at <= message.n);
		ck_assert(q == NULL ||
		    (p->header_at >= q->body_at && p->end_at <= q->end_at));
		ck_assert(p->next == NULL ||
		    (p->next->header_at >= p->end_at &&
			p->next->number == p->number + 1));
		ck_assert(p->kind != MIME_LEAF || p->child == NULL);
		ck_assert(p->kind != MIME_MESSAGE ||
		    (p->child != NULL && p->child->next == NULL));
		count(mime_part_body(p, message), &want);
		ck_assert(same_size(&p->body, &want));
		count(mime_part_header(p, message), &want);
		ck_assert(same_size(&p->header, &want));
	}
	ck_assert_uint_eq(n, t->count);
	ck_assert_uint_eq(t->root->end_at, message.n);
}

static void
check_told(struct span message, const char *want, size_t cut)
{
	struct arena *a = arena_new();
	struct mime_parser *p = mime_new(a);
	struct buf told = BUF_EMPTY;
	struct mime_tree t;

	mime_feed(p, span_head(message, cut));
	mime_feed(p, span_skip(message, cut));
	mime_finish(p, &t);
	mime_free(&p);
	check_tree(&t, message);
	tell_tree(&told, t.root, message);
	ck_assert_msg(span_is(buf_span(&told), want),
	    "\"%.*s\" cut at %zu: %s, want %s", (int)message.n, message.p, cut,
	    buf_str(&told), want);
	buf_free(&told);
	arena_free(&a);
}

START_TEST(tree_cut)
{
	struct span in = span_str(trees[_i].in);
	struct buf crlf = BUF_EMPTY;

	for (size_t cut = 0; cut <= in.n; cut++)
		check_told(in, trees[_i].told, cut);
	add_crlf(&crlf, trees[_i].in);
	for (size_t cut = 0; cut <= crlf.n; cut++)
		check_told(buf_span(&crlf), trees[_i].told, cut);
	buf_free(&crlf);
}
END_TEST

/* Random mixtures of pieces that matter. */
START_TEST(random_trees)
{
	static const char *const bits[] = { "\n", "\r\n", "--a\n", "--a--\n",
		"--b\r\n", "--b--\n", "text\n",
		"Content-Type: ", "message/rfc822",
		"multipart/mixed; boundary=a\n",
		"multipart/digest; boundary=b\n", "\n\n", "-", "\r", " x",
		"Content-ID: <x>\n", "A: b\n" };
	uint32_t seed = 11;

	for (int round = 0; round < 20000; round++) {
		struct arena *a = arena_new();
		struct buf m = BUF_EMPTY;
		struct mime_tree t;

		if (round % 2 == 0)
			buf_add_str(&m, MULTI("a"));
		for (int i = 0; i < round % 40; i++) {
			seed = seed * 1103515245 + 12345;
			buf_add_str(&m, bits[(seed >> 16) % UNIT_COUNT(bits)]);
		}
		mime_parse(a, buf_span(&m), &t);
		check_tree(&t, buf_span(&m));
		buf_free(&m);
		arena_free(&a);
	}
}
END_TEST

START_TEST(fields)
{
	struct arena *a = arena_new();
	struct mime_tree t;
	struct buf name = BUF_EMPTY;
	const struct mime_part *p;

	mime_parse(a,
	    SPAN("Content-Type: Text/Plain;\n charset=\"utf-8\"\n"
		 "Content-Transfer-Encoding: (x) Base64\n"
		 "Content-ID: <a@b>\nContent-Description: a\n b\n"
		 "Content-Disposition: Attachment; filename=\"../x\\\\y\"\n"
		 "Content-Language: de, fr\nContent-Location: http://x/\n"
		 "Content-MD5: abc==\nContent-ID: <c@d>\n\nbody"),
	    &t);
	p = t.root;
	ck_assert(p->has_type && span_is(p->type, "text"));
	ck_assert(
	    p->params.count == 1 && span_is(p->params.list[0].value, "utf-8"));
	ck_assert_int_eq(p->encoding, ENCODE_BASE64);
	ck_assert(span_is(p->encoding_name, "base64"));
	ck_assert(span_is(p->id, "<a@b>"));
	ck_assert(span_is(p->description, "a b"));
	ck_assert(span_is(p->disposition, "attachment"));
	ck_assert(span_is(p->language, "de, fr"));
	ck_assert(span_is(p->location, "http://x/"));
	ck_assert(span_is(p->md5, "abc=="));
	ck_assert(mime_part_filename(p, &name));
	ck_assert_str_eq(buf_str(&name), ".._x_y");
	buf_free(&name);
	arena_free(&a);
}
END_TEST

START_TEST(filename_tricks)
{
	struct arena *a = arena_new();
	struct buf name = BUF_EMPTY;
	struct mime_tree t;

	mime_parse(a,
	    SPAN("Content-Type: x/y; name*=utf-8''a%e2%80%aegpj.exe%0a%00\n\n"),
	    &t);
	ck_assert(mime_part_filename(t.root, &name));
	ck_assert_str_eq(buf_str(&name), "a_gpj.exe  ");
	buf_clear(&name);
	mime_parse(a, SPAN("Content-Type: x/y\n\n"), &t);
	ck_assert(!mime_part_filename(t.root, &name));
	buf_free(&name);
	arena_free(&a);
}
END_TEST

/* RFC 9051, 6.4.5.1: its example of part numbers, in small. */
static const struct {
	unsigned numbers[4];
	size_t n;
	const char *body; /* NULL: no such part */
} finds[] = {
	{ { 1 }, 1, "p1" },
	{ { 2 }, 1, "p2" },
	{ { 3, 1 }, 2, "p31" },
	{ { 3, 2 }, 2, "p32" },
	{ { 4, 1 }, 2, "p41" },
	{ { 4, 2, 1 }, 3, "p421" },
	{ { 4, 2, 2 }, 3, "p422" },
	{ { 5, 1 }, 2, "p51" },
	{ { 5 }, 1, "S: x\n\np51" },
	{ { 5, 2 }, 2, NULL },
	{ { 6 }, 1, NULL },
	{ { 0 }, 1, NULL },
	{ { 1, 1 }, 2, NULL },
	{ { 4, 2, 3 }, 3, NULL },
	{ { 3, 1, 1 }, 3, NULL },
};

START_TEST(find)
{
	struct span m = SPAN(
	    MULTI("a") "\n--a\n\np1\n--a\nContent-Type: x/y\n\np2"
		       "\n--a\nContent-Type: message/rfc822\n\n" MULTI(
			   "b") "\n--b\n\np31\n--b\n\np32\n--b--\n--"
				"a\n" MULTI("c") "\n--c\n\np41\n--"
						 "c\nContent-Type: "
						 "message/rfc822\n\n" MULTI(
						     "d") "\n--"
							  "d\n\np421\n-"
							  "-d\n\np422\n"
							  "--d--\n"
							  "--c--\n--"
							  "a\nContent-"
							  "Type: "
							  "message/"
							  "rfc822\n\nS:"
							  " x\n"
							  "\np51\n--a--"
							  "\n");
	struct arena *a = arena_new();
	struct mime_tree t;
	const struct mime_part *p;

	mime_parse(a, m, &t);
	p = mime_part_find(&t, finds[_i].numbers, finds[_i].n);
	if (finds[_i].body == NULL)
		ck_assert_ptr_null(p);
	else
		ck_assert(
		    p != NULL && span_is(mime_part_body(p, m), finds[_i].body));
	ck_assert_ptr_eq(mime_part_find(&t, NULL, 0), t.root);
	arena_free(&a);
}
END_TEST

START_TEST(find_single)
{
	static const unsigned one[] = { 1, 1 }, two[] = { 2 };
	struct arena *a = arena_new();
	struct mime_tree t;

	mime_parse(a, SPAN("A: b\n\nx"), &t);
	ck_assert_ptr_eq(mime_part_find(&t, one, 1), t.root);
	ck_assert_ptr_null(mime_part_find(&t, one, 2));
	ck_assert_ptr_null(mime_part_find(&t, two, 1));
	mime_parse(a, SPAN("Content-Type: message/rfc822\n\nA: b\n\nx"), &t);
	ck_assert_ptr_eq(mime_part_find(&t, one, 1), t.root);
	ck_assert_ptr_eq(mime_part_find(&t, one, 2), t.root->child);
	arena_free(&a);
}
END_TEST

/* As deep as allowed, and deeper: n multiparts in each other. */
static void
deep(struct buf *out, int n)
{
	for (int i = 0; i < n; i++)
		buf_printf(out,
		    "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i,
		    i);
	buf_add_str(out, "\nx\n");
	for (int i = n - 1; i >= 0; i--)
		buf_printf(out, "--b%d--\n", i);
}

START_TEST(depth)
{
	struct arena *a = arena_new();
	struct buf m = BUF_EMPTY;
	struct mime_tree t;

	deep(&m, MIME_DEPTH_MAX);
	mime_parse(a, buf_span(&m), &t);
	check_tree(&t, buf_span(&m));
	ck_assert(!t.cut);
	ck_assert_uint_eq(t.count, MIME_DEPTH_MAX + 1);
	buf_clear(&m);
	deep(&m, 3000);
	mime_parse(a, buf_span(&m), &t);
	check_tree(&t, buf_span(&m));
	ck_assert(t.cut);
	ck_assert_uint_eq(t.count, MIME_DEPTH_MAX + 1);
	buf_clear(&m);
	for (int i = 0; i < 3000; i++)
		buf_add_str(&m, "Content-Type: message/rfc822\n\n");
	mime_parse(a, buf_span(&m), &t);
	check_tree(&t, buf_span(&m));
	ck_assert(t.cut);
	ck_assert_uint_eq(t.count, MIME_DEPTH_MAX + 1);
	buf_free(&m);
	arena_free(&a);
}
END_TEST

START_TEST(many_parts)
{
	struct arena *a = arena_new();
	struct buf m = BUF_EMPTY;
	struct mime_tree t;

	buf_add_str(&m, MULTI("b") "\n");
	for (int i = 1; i < MIME_PARTS_MAX; i++)
		buf_add_str(&m, "--b\n\nx\n");
	mime_parse(a, buf_span(&m), &t);
	ck_assert(!t.cut && t.count == MIME_PARTS_MAX);
	buf_add_str(&m, "--b\n\nlast\n--b--\npost\n");
	mime_parse(a, buf_span(&m), &t);
	ck_assert(t.cut && t.count == MIME_PARTS_MAX);
	check_tree(&t, buf_span(&m));
	ck_assert(span_is(
	    mime_part_body(t.root->last, buf_span(&m)), "x\n--b\n\nlast"));
	ck_assert_uint_lt(arena_used(a), 40 << 20);
	buf_free(&m);
	arena_free(&a);
}
END_TEST

START_TEST(many_fields)
{
	struct arena *a = arena_new();
	struct buf m = BUF_EMPTY;
	struct mime_tree t;

	for (int i = 0; i < 100000; i++)
		buf_add_str(&m, "Content-Description: xxxxxxxxxxxxxxxxxxxxx\n");
	buf_add_str(&m, "Content-Type: image/png\n\nbody");
	mime_parse(a, buf_span(&m), &t);
	ck_assert(t.cut);
	ck_assert(span_is(t.root->type, "text"));
	ck_assert(span_is(mime_part_body(t.root, buf_span(&m)), "body"));
	buf_clear(&m);
	buf_add_str(&m, "Content-Type: image/png;\n");
	for (int i = 0; i < 100000; i++)
		buf_printf(&m, " a%d=b;\n", i);
	buf_add_str(&m, "\nbody");
	arena_clear(a);
	mime_parse(a, buf_span(&m), &t);
	ck_assert(span_is(t.root->subtype, "png"));
	ck_assert(t.root->params.cut);
	ck_assert_uint_lt(arena_used(a), 1 << 20);
	buf_free(&m);
	arena_free(&a);
}
END_TEST

/* Steps for what is meant to cost much, once and twice as long. */
START_TEST(linear)
{
	static const char *const bits[] = { "x\n", "--b\n", "--a\n", "\n",
		"--b--\n", "--bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n",
		"Content-Type: message/rfc822\n\n", "-", "Content-ID: x\n",
		" x\n", "--a\nContent-Type: multipart/mixed; boundary=a\n\n" };

	for (int i = 0; i < UNIT_COUNT(bits); i++) {
		uint64_t work[2];

		for (int twice = 0; twice < 2; twice++) {
			struct arena *a = arena_new();
			struct mime_parser *p = mime_new(a);
			struct buf m = BUF_EMPTY;
			struct mime_tree t;

			buf_add_str(&m, MULTI("b") "\n");
			for (int k = 0; k < 20000 * (twice + 1); k++)
				buf_add_str(&m, bits[i]);
			mime_feed(p, buf_span(&m));
			mime_finish(p, &t);
			work[twice] = mime_work(p);
			mime_free(&p);
			buf_free(&m);
			arena_free(&a);
		}
		ck_assert_msg(work[1] <= work[0] * 5 / 2 + 100, "%s", bits[i]);
	}
}
END_TEST

START_TEST(text)
{
	struct arena *a = arena_new();
	struct buf out = BUF_EMPTY;
	struct mime_tree t;
	struct span m = SPAN("Content-Type: text/plain; charset=iso-8859-1\n"
			     "Content-Transfer-Encoding: quoted-printable\n\n"
			     "h=E9=E9=\n=E9");

	mime_parse(a, m, &t);
	mime_part_text(t.root, m, 100, &out);
	ck_assert_str_eq(buf_str(&out), "h\xc3\xa9\xc3\xa9\xc3\xa9");
	buf_clear(&out);
	mime_part_text(t.root, m, 4, &out);
	ck_assert_str_eq(buf_str(&out), "h\xc3\xa9");
	/* a message other than was parsed */
	ck_assert_uint_eq(mime_part_body(t.root, span_head(m, 9)).n, 0);
	buf_free(&out);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, tree_cut, 0, UNIT_COUNT(trees));
	tcase_add_test(t, random_trees);
	tcase_add_test(t, fields);
	tcase_add_test(t, filename_tricks);
	tcase_add_loop_test(t, find, 0, UNIT_COUNT(finds));
	tcase_add_test(t, find_single);
	tcase_add_test(t, depth);
	tcase_add_test(t, many_parts);
	tcase_add_test(t, many_fields);
	tcase_add_test(t, linear);
	tcase_add_test(t, text);
}

int
main(void)
{
	return unit_main("message/mime", fill);
}
