/* test_imap_fetch.c - wire/imap_fetch.h and wire/imap_search.h */

#include "wire/imap_fetch.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"
#include "wire/imap_search.h"

static struct arena *a;

static void
setup(void)
{
	a = arena_new();
}

static void
teardown(void)
{
	arena_free(&a);
}

/* What is asked, and how the answer would name it; NULL: refused. */
static const struct {
	const char *asked, *names;
} items[] = {
	{ "ALL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE" },
	{ "fast", "FLAGS INTERNALDATE RFC822.SIZE" },
	{ "FULL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY" },
	{ "BODY", "BODY" },
	{ "BODY[]", "BODY[]" },
	{ "(UID body.peek[1.2.mime])", "UID BODY[1.2.MIME]" },
	{ "BODY[HEADER]<10.20>", "BODY[HEADER]<10>" },
	{ "BODY[2.HEADER.FIELDS (From \"X Y\")]",
	    "BODY[2.HEADER.FIELDS (From \"X Y\")]" },
	{ "BODY[HEADER.FIELDS.NOT (To)]", "BODY[HEADER.FIELDS.NOT (To)]" },
	{ "BODY[3]", "BODY[3]" },
	{ "BODY[1.TEXT]", "BODY[1.TEXT]" },
	{ "(RFC822 RFC822.HEADER RFC822.TEXT)",
	    "RFC822 RFC822.HEADER RFC822.TEXT" },
	{ "BINARY.PEEK[1]<0.5>", "BINARY[1]<0>" },
	{ "BINARY.SIZE[1.2]", "BINARY.SIZE[1.2]" },
	{ "MODSEQ", "MODSEQ" },
	{ "(EMAILID threadid)", "EMAILID THREADID" },
	{ "PREVIEW", "PREVIEW" },
	{ "(preview (lazy) UID)", "PREVIEW UID" },
	{ "(PREVIEW UID)", "PREVIEW UID" },
	{ "PREVIEW ()", NULL },
	{ "PREVIEW (LAZY", NULL },
	{ "(PREVIEW(LAZY))", NULL },
	{ "(ALL)", NULL },
	{ "BODY[MIME]", NULL },
	{ "BODY[1.]", NULL },
	{ "BODY[.1]", NULL },
	{ "BODY[0]", NULL },
	{ "BODY[1", NULL },
	{ "BODY[]<1>", NULL },
	{ "BODY[]<1.0>", NULL },
	{ "BODY.PEEK", NULL },
	{ "BODYX", NULL },
	{ "(UID", NULL },
	{ "()", NULL },
	{ "", NULL },
};

START_TEST(fetch)
{
	struct span rest = span_str(items[_i].asked);
	struct buf names = BUF_EMPTY;
	struct imap_fetch f;
	bool ok = imap_fetch_items(a, &rest, &f) && rest.n == 0;

	ck_assert_msg(
	    ok == (items[_i].names != NULL), "\"%s\"", items[_i].asked);
	for (size_t i = 0; ok && i < f.count; i++) {
		if (i > 0)
			buf_add_byte(&names, ' ');
		imap_fetch_name(&names, &f.items[i]);
	}
	ck_assert_str_eq(buf_str(&names), ok ? items[_i].names : "");
	buf_free(&names);
}
END_TEST

START_TEST(fetch_limits)
{
	struct buf asked = BUF_EMPTY;
	struct imap_fetch f;
	struct span rest;

	buf_add_str(&asked, "BODY[1");
	for (int i = 0; i < 99; i++)
		buf_add_str(&asked, ".1");
	rest = buf_span(&asked);
	buf_add_str(&asked, "]");
	rest = buf_span(&asked);
	ck_assert(imap_fetch_items(a, &rest, &f));
	buf_cut(&asked, asked.n - 1);
	buf_add_str(&asked, ".1]");
	rest = buf_span(&asked);
	ck_assert(!imap_fetch_items(a, &rest, &f));
	buf_clear(&asked);
	buf_add_str(&asked, "(UID");
	for (int i = 0; i < FETCH_ITEMS_MAX; i++)
		buf_add_str(&asked, " UID");
	buf_add_byte(&asked, ')');
	rest = buf_span(&asked);
	ck_assert(!imap_fetch_items(a, &rest, &f));
	buf_free(&asked);
}
END_TEST

/* A leaf is true when its text is "t". */
static bool
truth(void *arg, const struct imap_search_step *step)
{
	unsigned *asked = arg;

	++*asked;
	return span_is(step->text, "t");
}

static bool
no_day(struct span text, int64_t *day)
{
	*day = 7;
	return span_is(text, "7-Jan-1970");
}

#define T "SUBJECT t"
#define F "SUBJECT f"

static const struct {
	const char *keys;
	int want; /* -1: refused */
	unsigned asked; /* leaves */
} programs[] = {
	{ T, 1, 1 },
	{ F, 0, 1 },
	{ T " " T, 1, 2 },
	{ T " " F, 0, 2 },
	{ F " " T, 0, 1 },
	{ "NOT " T, 0, 1 },
	{ "NOT NOT " T, 1, 1 },
	{ "OR " T " " F, 1, 1 },
	{ "OR " F " " T, 1, 2 },
	{ "OR " F " " F, 0, 2 },
	{ "NOT OR " F " " F, 1, 2 },
	{ "OR NOT " T " " T, 1, 2 },
	{ "OR (" T " " F ") " T, 1, 3 },
	{ "(" F " " T ") " T, 0, 1 },
	{ "NOT (" T " " F ") " T, 1, 3 },
	{ "OR OR " F " " F " OR " F " " T, 1, 4 },
	{ "OR " T " " F " " F, 0, 2 },
	{ "((((" T "))))", 1, 1 },
	{ "ALL", 1, 0 },
	{ "CHARSET UTF-8 " T, 1, 1 },
	{ "ON 7-Jan-1970", 0, 1 },
	{ "ON \"7-Jan-1970\"", 0, 1 },
	{ "ON 8-Jan-1970", -1, 0 },
	{ "NOT", -1, 0 },
	{ "OR " T, -1, 0 },
	{ "()", -1, 0 },
	{ "(" T, -1, 0 },
	{ T ")", -1, 0 },
	{ T "  " T, -1, 0 },
	{ "RETURN (NOPE) " T, -1, 0 },
	{ "RETURN (PARTIAL 1:2) " T, 1, 1 },
	{ "RETURN (PARTIAL 1:2 ALL) " T, -1, 0 },
	{ "RETURN (MIN) " T, 1, 1 },
	{ "MODSEQ \"/flags/\\\\Seen\" all 7", 0, 1 },
	{ "LARGER x", -1, 0 },
	{ "HEADER a", -1, 0 },
	{ "", -1, 0 },
};

START_TEST(search)
{
	struct span rest = span_str(programs[_i].keys);
	enum imap_search_result got;
	struct imap_search s;
	unsigned asked = 0;

	got = imap_search_parse(a, &rest, no_day, &s);
	ck_assert_msg((got == IMAP_SEARCH_OK) == (programs[_i].want != -1),
	    "\"%s\"", programs[_i].keys);
	if (got != IMAP_SEARCH_OK)
		return;
	ck_assert_msg(
	    imap_search_run(&s, truth, &asked) == (programs[_i].want == 1) &&
		asked == programs[_i].asked,
	    "\"%s\": asked %u", programs[_i].keys, asked);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, fetch, 0, UNIT_COUNT(items));
	tcase_add_test(c, fetch_limits);
	tcase_add_loop_test(c, search, 0, UNIT_COUNT(programs));
}

int
main(void)
{
	return unit_main("wire/imap_fetch", fill);
}
