/* test_via.c - queue/via.h */

#include "queue/via.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "queue/edits.h"
#include "tests/unit.h"

static const struct {
	const char *address, *above, *own, *want;
} made[] = {
	{ "a@x", "", "b@y", "a@x\n" },
	{ "b@y", "a@x\n", "c@z", "b@y\na@x\n" },
	/* a list that has itself as a member, and a user who keeps a copy */
	{ "a@x", "", "A@X", "" },
	{ "a@x", "l@x\n", "a@x", "l@x\n" },
	{ "b@x", "a@x\nl@x\n", "a@x", "b@x\nl@x\n" },
	/* what cannot stand in a line */
	{ "a\x01@x", "l@x\n", "b@y", "l@x\n" },
	{ "", "l@x\n", "b@y", "l@x\n" },
	{ "\xc3\xbc@x", "", "b@y", "\xc3\xbc@x\n" },
};

START_TEST(make)
{
	struct arena *a = arena_new();
	struct span got = via_make(a, span_str(made[_i].address),
	    span_str(made[_i].above), span_str(made[_i].own));

	ck_assert_msg(span_is(got, made[_i].want), "%s, %s for %s: %.*s",
	    made[_i].address, made[_i].above, made[_i].own, (int)got.n, got.p);
	arena_free(&a);
}
END_TEST

/* The oldest step goes, whole, when there are too many. */
START_TEST(long_ways)
{
	struct arena *a = arena_new();
	struct span via = SPAN("");
	char address[400];

	for (int i = 0; i < 20; i++) {
		memset(address, 'a' + i, sizeof(address));
		via = via_make(
		    a, span_of(address, sizeof(address)), via, SPAN("own@x"));
		ck_assert_uint_le(via.n, VIA_MAX);
		ck_assert_int_eq(via.p[0], 'a' + i);
		ck_assert_uint_eq(via.n % (sizeof(address) + 1), 0);
	}
	memset(address, 'x', sizeof(address));
	via = via_make(a, span_of(address, sizeof(address)), SPAN(""),
	    span_of(address, sizeof(address)));
	ck_assert_uint_eq(via.n, 0);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *via;
	bool utf8;
	const char *want;
	size_t count;
} told[] = {
	{ "", false, NULL, 0 },
	{ "b@y\na@x\n", false, "Delivered-To: b@y\nDelivered-To: a@x\n", 2 },
	{ "\xc3\xbc@y\na@x\n", false, "Delivered-To: a@x\n", 1 },
	{ "\xc3\xbc@y\n", true, "Delivered-To: \xc3\xbc@y\n", 1 },
	{ "\xc3\xbc@y\n", false, NULL, 0 },
};

START_TEST(edit)
{
	struct buf edits = BUF_EMPTY;
	struct span list, text;
	enum edit_kind kind;
	uint32_t field;

	ck_assert_uint_eq(
	    via_edit(&edits, span_str(told[_i].via), told[_i].utf8),
	    told[_i].count);
	list = buf_span(&edits);
	if (told[_i].want == NULL) {
		ck_assert_uint_eq(list.n, 0);
	} else {
		ck_assert(edits_next(&list, &kind, &field, &text));
		ck_assert_int_eq(kind, EDIT_PREPEND);
		ck_assert_msg(
		    span_is(text, told[_i].want), "%.*s", (int)text.n, text.p);
		ck_assert_uint_eq(list.n, 0);
	}
	buf_free(&edits);
}
END_TEST

START_TEST(has)
{
	ck_assert(via_has(SPAN("b@y\na@x\n"), SPAN("A@x")));
	ck_assert(via_has(SPAN("b@y\na@x\n"), SPAN("b@y")));
	ck_assert(!via_has(SPAN("b@y\na@x\n"), SPAN("b@y\na@x")));
	ck_assert(!via_has(SPAN("b@y\na@x\n"), SPAN("")));
	ck_assert(!via_has(SPAN(""), SPAN("b@y")));
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, make, 0, UNIT_COUNT(made));
	tcase_add_test(c, long_ways);
	tcase_add_test(c, has);
	tcase_add_loop_test(c, edit, 0, UNIT_COUNT(told));
}

int
main(void)
{
	return unit_main("queue/via", fill);
}
