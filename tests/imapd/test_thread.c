/* test_thread.c - imapd/thread.h and imapd/subject.h */

#include "imapd/thread.h"

#include "base/arena.h"
#include "base/buf.h"
#include "imapd/subject.h"
#include "tests/unit.h"

static const struct {
	const char *subject, *base;
	bool reply;
} subjects[] = {
	{ "", "", false },
	{ "Hello  World ", "HELLO WORLD", false },
	{ "Re: Hello", "HELLO", true },
	{ "RE : hello", "HELLO", true },
	{ "re: fwd: FW: a", "A", true },
	{ "Re[2]: a", "A", true },
	{ "[list] Re: a", "A", true },
	{ "[list] a", "A", false },
	{ "[a] [b]", "[B]", false },
	{ "[only]", "[ONLY]", false },
	{ "a (fwd) (FWD) ", "A", true },
	{ "[Fwd: Re: a]", "A", true },
	{ "[fwd: [x] a (fwd)]", "A", true },
	{ "Re:", "", true },
	{ "Report: a", "REPORT: A", false },
	{ "=?utf-8?q?Re:_caf=C3=89?=", "CAFE\xcc\x81", true },
	{ "[a", "[A", false },
	{ "[a[b] c", "[A[B] C", false },
	{ "re [x] : a", "A", true },
};

START_TEST(base_subject)
{
	struct buf out = BUF_EMPTY;
	bool reply = subject_base(&out, span_str(subjects[_i].subject));

	ck_assert_str_eq(buf_str(&out), subjects[_i].base);
	ck_assert_msg(
	    reply == subjects[_i].reply, "\"%s\"", subjects[_i].subject);
	buf_free(&out);
}
END_TEST

/* "date id>ref,ref subject" for each message, '-' for what is missing; a
 * subject that begins with '~' is a reply's. */
struct thread_case {
	const char *mail[12];
	const char *by_subject, *by_references;
};

static const struct thread_case cases[] = {
	{ { NULL }, "", "" },
	{ { "1 a>- s" }, "(1)", "(1)" },
	/* a chain, and a split */
	{ { "1 a>- s", "2 b>a ~s", "3 c>a,b ~s", "4 d>a ~s" }, "(1 (2)(3)(4))",
	    "(1 (2 3)(4))" },
	/* unknown parents: one child stands alone, two share a thread */
	{ { "1 a>x s", "2 b>y t", "3 c>y u" }, "(1)(2)(3)", "(1)((2)(3))" },
	/* a reference truncated in the middle */
	{ { "1 a>- s", "2 b>a -", "3 c>z,b -" }, "(1)(2 3)", "(1 2 3)" },
	/* loops are not made */
	{ { "1 a>b s", "2 b>a s" }, "(1 2)", "(2 1)" },
	{ { "1 a>a s" }, "(1)", "(1)" },
	/* two of one id: the second is its own */
	{ { "1 a>- s", "2 a>- t", "3 b>a u" }, "(1)(2)(3)", "(1 3)(2)" },
	/* the same subject without references */
	{ { "1 a>- s", "2 b>- ~s" }, "(1 2)", "(1 2)" },
	{ { "1 a>- ~s", "2 b>- s" }, "(1 2)", "(2 1)" },
	{ { "1 a>- s", "2 b>- s" }, "(1 2)", "((1)(2))" },
	{ { "1 a>- -", "2 b>- -" }, "(1 2)", "(1)(2)" },
	{ { "1 a>- s", "2 b>- s", "3 c>- s" }, "(1 (2)(3))", "((1)(2)(3))" },
	/* two threads without a head, of one subject, are one */
	{ { "1 a>x s", "3 b>x s", "2 c>y s", "4 d>y s" }, "(1 (3)(2)(4))",
	    "((1)(3)(2)(4))" },
	/* order by date, then by number */
	{ { "9 a>- s", "5 b>- t", "5 c>- u" }, "(2)(3)(1)", "(2)(3)(1)" },
	{ { "1 a>- s", "9 b>a -", "5 c>a -" }, "(1)(3 2)", "(1 (3)(2))" },
	/* a long way of dummies */
	{ { "1 a>p,q,r,s x", "2 b>p,q,r,t y" }, "(1)(2)", "((1)(2))" },
};

static struct span
or_nothing(struct span s)
{
	return span_is(s, "-") ? SPAN("") : s;
}

static void
parse(struct arena *a, const char *text, struct thread_message *m)
{
	struct span rest = span_str(text), word, ref;
	struct span *refs = arena_array(a, 10, sizeof(*refs));

	(void)span_cut(&rest, ' ', &word);
	m->date = word.p[0] - '0';
	(void)span_cut(&rest, '>', &m->id);
	(void)span_cut(&rest, ' ', &word);
	while (!span_is(word, "-") && span_cut(&word, ',', &ref))
		refs[m->ref_count++] = ref;
	m->refs = refs;
	m->reply = span_starts(rest, "~");
	m->subject = or_nothing(span_skip(rest, m->reply));
}

START_TEST(threads)
{
	struct arena *a = arena_new();
	struct thread_message list[12] = { { .number = 0 } };
	struct buf out = BUF_EMPTY;
	size_t n = 0;

	for (; n < 12 && cases[_i].mail[n] != NULL; n++) {
		list[n].number = (uint32_t)n + 1;
		parse(a, cases[_i].mail[n], &list[n]);
	}
	thread_by_subject(list, n, &out);
	ck_assert_msg(strcmp(buf_str(&out), cases[_i].by_subject) == 0,
	    "case %d by subject: %s", _i, buf_str(&out));
	buf_clear(&out);
	thread_by_references(list, n, &out);
	ck_assert_msg(strcmp(buf_str(&out), cases[_i].by_references) == 0,
	    "case %d by references: %s", _i, buf_str(&out));
	buf_free(&out);
	arena_free(&a);
}
END_TEST

/* A thread as deep as the limit, and one beyond: every message is told once. */
START_TEST(deep)
{
	enum { DEPTH = 3 * THREAD_CHAIN_MOST };
	struct thread_message *list = calloc(DEPTH, sizeof(*list));
	struct arena *a = arena_new();
	struct buf out = BUF_EMPTY;
	unsigned numbers = 0;

	for (uint32_t i = 0; i < DEPTH; i++) {
		struct span *ref = arena_alloc(a, sizeof(*ref));

		list[i].number = i + 1;
		list[i].date = i;
		list[i].id = span_str(arena_printf(a, "id%u", i));
		list[i].subject = SPAN("s");
		list[i].reply = i > 0;
		*ref = span_str(arena_printf(a, "id%u", i - 1));
		list[i].refs = ref;
		list[i].ref_count = i > 0;
	}
	thread_by_references(list, DEPTH, &out);
	for (size_t i = 0; i < out.n; i++)
		numbers += ascii_digit(out.p[i]) &&
		    !ascii_digit(span_at(buf_span(&out), i + 1));
	ck_assert_uint_eq(numbers, DEPTH);
	buf_free(&out);
	arena_free(&a);
	free(list);
}
END_TEST

START_TEST(ids)
{
	struct span rest = SPAN("text <a@b> <> <\"c d\"@e>\n\t<\"f\"@g> <open");
	struct buf out = BUF_EMPTY;

	ck_assert(thread_next_id(&rest, &out));
	ck_assert_str_eq(buf_str(&out), "a@b");
	buf_clear(&out);
	ck_assert(thread_next_id(&rest, &out));
	ck_assert_str_eq(buf_str(&out), "cd@e");
	buf_clear(&out);
	ck_assert(thread_next_id(&rest, &out));
	ck_assert_str_eq(buf_str(&out), "f@g");
	ck_assert(!thread_next_id(&rest, &out));
	buf_free(&out);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, base_subject, 0, UNIT_COUNT(subjects));
	tcase_add_loop_test(c, threads, 0, UNIT_COUNT(cases));
	tcase_add_test(c, deep);
	tcase_add_test(c, ids);
}

int
main(void)
{
	return unit_main("imapd/thread", fill);
}
