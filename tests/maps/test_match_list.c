/* test_match_list.c - maps/match_list.h */

#include "maps/match_list.h"

#include "maps/map_pool.h"
#include "tests/maps/scratch.h"

static struct map_pool *pool;

static const char *const answers[] = { "yes", "no", "error" };

static const struct {
	const char *list;
	enum match_kind kind;
	bool parents;
	const char *name;
	enum match_result want;
} names[] = {
	{ "a.x, b.x", MATCH_STRINGS, false, "B.x", MATCH_YES },
	{ "a.x, , b.x", MATCH_STRINGS, false, "c.x", MATCH_NO },
	{ "x", MATCH_STRINGS, true, "a.x", MATCH_NO },
	{ "", MATCH_DOMAINS, true, "a.x", MATCH_NO },
	{ "x.org", MATCH_DOMAINS, false, "x.org", MATCH_YES },
	{ "x.org", MATCH_DOMAINS, false, "a.x.org", MATCH_NO },
	{ "x.org", MATCH_DOMAINS, true, "a.b.x.org", MATCH_YES },
	{ "x.org", MATCH_DOMAINS, true, "ax.org", MATCH_NO },
	{ ".x.org", MATCH_DOMAINS, false, "a.x.org", MATCH_YES },
	{ ".x.org", MATCH_DOMAINS, false, "x.org", MATCH_NO },
	{ ".x.org", MATCH_DOMAINS, false, "ax.org", MATCH_NO },
	{ "!a.x.org, x.org", MATCH_DOMAINS, true, "a.x.org", MATCH_NO },
	{ "!a.x.org, x.org", MATCH_DOMAINS, true, "b.x.org", MATCH_YES },
	{ "x.org, !a.x.org", MATCH_DOMAINS, true, "a.x.org", MATCH_YES },
	{ "!!x.org", MATCH_DOMAINS, false, "x.org", MATCH_YES },
	{ "inline:{x.org=1}", MATCH_DOMAINS, true, "a.x.org", MATCH_YES },
	{ "inline:{x.org=1}", MATCH_DOMAINS, false, "a.x.org", MATCH_NO },
	{ "inline:{.x.org=1}", MATCH_DOMAINS, false, "a.b.x.org", MATCH_YES },
	{ "inline:{.x.org=1}", MATCH_DOMAINS, true, "a.b.x.org", MATCH_NO },
	{ "inline:{x.org=1}", MATCH_STRINGS, true, "a.x.org", MATCH_NO },
	{ "!inline:{x.org=1}, x.org", MATCH_DOMAINS, true, "x.org", MATCH_NO },
	{ "fail:x, x.org", MATCH_DOMAINS, true, "x.org", MATCH_ERROR },
	{ "x.org, fail:x", MATCH_DOMAINS, true, "x.org", MATCH_YES },
	{ "nosuch:x", MATCH_DOMAINS, true, "x.org", MATCH_ERROR },
	{ "/nonexistent/list, x.org", MATCH_DOMAINS, true, "x.org",
	    MATCH_ERROR },
	{ "[1.2.3.4]", MATCH_DOMAINS, true, "[1.2.3.4]", MATCH_YES },
	{ "a", MATCH_DOMAINS, true, "", MATCH_NO },
};

START_TEST(by_name)
{
	struct match_list *l;
	struct why why;
	enum match_result got;

	why_init(&why);
	pool = map_pool_new("hash", false);
	l = match_list_new(pool, "test", span_str(names[_i].list),
	    names[_i].kind, names[_i].parents);
	got = match_list_test(l, span_str(names[_i].name), &why);
	ck_assert_msg(got == names[_i].want, "%s in \"%s\": %s", names[_i].name,
	    names[_i].list, answers[got]);
	ck_assert_int_eq(why.outcome, got == MATCH_ERROR ? DEFER : DONE);
	match_list_free(&l);
	map_pool_free(&pool);
	why_free(&why);
}
END_TEST

static const struct {
	const char *list, *name, *address;
	enum match_result want;
} hosts[] = {
	{ "127.0.0.0/8", "", "127.1.2.3", MATCH_YES },
	{ "127.0.0.0/8 10.0.0.1", "", "10.0.0.1", MATCH_YES },
	{ "127.0.0.0/8 10.0.0.1", "", "10.0.0.2", MATCH_NO },
	{ "[::1]/128 [fe80::]/64", "", "fe80::1", MATCH_YES },
	{ "[::1]", "", "::1", MATCH_YES },
	{ "::1", "", "::1", MATCH_YES },
	{ "!10.0.0.1, 10.0.0.0/8", "", "10.0.0.1", MATCH_NO },
	{ "!10.0.0.1, 10.0.0.0/8", "", "10.0.0.2", MATCH_YES },
	{ "10.0.0.0/8", "", "::ffff:10.1.1.1", MATCH_YES },
	{ "inline:{10.0.0.1=x}", "", "10.0.0.1", MATCH_YES },
	{ "cidr:{{10.0.0.0/8 x}}", "", "10.0.0.1", MATCH_YES },
	{ "x.org", "a.x.org", "10.0.0.1", MATCH_YES },
	{ "x.org", "", "10.0.0.1", MATCH_NO },
	{ "inline:{x.org=1}", "a.x.org", "10.0.0.1", MATCH_YES },
	{ "10.0.0.1/8, 10.0.0.0/8", "", "10.0.0.1", MATCH_ERROR },
	{ "10.0.0.256, 10.0.0.0/8", "", "10.0.0.1", MATCH_ERROR },
	{ "10.0, 10.0.0.0/8", "", "10.0.0.1", MATCH_ERROR },
	{ "abc.de, 10.0.0.0/8", "", "10.0.0.1", MATCH_YES },
	{ "10.0.0.0/8", "", "unknown", MATCH_NO },
};

START_TEST(by_host)
{
	struct match_list *l;
	struct why why;
	enum match_result got;

	why_init(&why);
	pool = map_pool_new("hash", false);
	l = match_list_new(
	    pool, "mynetworks", span_str(hosts[_i].list), MATCH_HOSTS, true);
	got = match_list_host(
	    l, span_str(hosts[_i].name), span_str(hosts[_i].address), &why);
	ck_assert_msg(got == hosts[_i].want, "%s[%s] in \"%s\": %s",
	    hosts[_i].name, hosts[_i].address, hosts[_i].list, answers[got]);
	match_list_free(&l);
	map_pool_free(&pool);
	why_free(&why);
}
END_TEST

/* Each item is held against both names before the next has its say. */
static const struct {
	const char *list, *name, *other;
	enum match_result want;
} either[] = {
	{ "a.org", "a.org", "b.org", MATCH_YES },
	{ "b.org", "a.org", "b.org", MATCH_YES },
	{ "c.org", "a.org", "b.org", MATCH_NO },
	{ "a.org", "a.org", "", MATCH_YES },
	{ "!b.org, .org", "x.b.org", "b.org", MATCH_NO },
	{ "!a.org, b.org", "a.org", "b.org", MATCH_NO },
	{ "b.org, !a.org", "a.org", "b.org", MATCH_YES },
	{ "inline:{b.org=1}", "a.org", "b.org", MATCH_YES },
};

START_TEST(two_names)
{
	struct match_list *l;
	struct why why;

	why_init(&why);
	pool = map_pool_new("hash", false);
	l = match_list_new(
	    pool, "test", span_str(either[_i].list), MATCH_DOMAINS, false);
	ck_assert_msg(match_list_test_either(l, span_str(either[_i].name),
			  span_str(either[_i].other), &why) == either[_i].want,
	    "row %d", _i);
	match_list_free(&l);
	map_pool_free(&pool);
	why_free(&why);
}
END_TEST

static enum match_result
test_once(const char *list, const char *name)
{
	struct match_list *l =
	    match_list_new(pool, "test", span_str(list), MATCH_DOMAINS, false);
	enum match_result got;
	struct why why;

	why_init(&why);
	got = match_list_test(l, span_str(name), &why);
	match_list_free(&l);
	why_free(&why);
	return got;
}

START_TEST(files)
{
	static const char one[] = "# a list\na.x b.x\n  c.x\n!no.x\n";
	char two[256], list[256];

	scratch_make();
	pool = map_pool_new("hash", false);
	scratch_write("one", one, sizeof(one) - 1);
	snprintf(two, sizeof(two), "first.x %s no.x %s", scratch_path("one"),
	    scratch_path("two"));
	scratch_write("two", two, strlen(two));
	snprintf(list, sizeof(list), "%s", scratch_path("one"));
	ck_assert_int_eq(test_once(list, "c.x"), MATCH_YES);
	ck_assert_int_eq(test_once(list, "list"), MATCH_NO);
	snprintf(list, sizeof(list), "!%s, any.x", scratch_path("one"));
	ck_assert_int_eq(test_once(list, "c.x"), MATCH_NO);
	ck_assert_int_eq(test_once(list, "any.x"), MATCH_YES);
	ck_assert_ptr_null(map_pool_changed(pool));
	snprintf(list, sizeof(list), "%s", scratch_path("two"));
	ck_assert_int_eq(test_once(list, "b.x"), MATCH_YES);
	ck_assert_int_eq(test_once(list, "no.x"), MATCH_NO);
	/* it names itself: what is not found before that is not known */
	ck_assert_int_eq(test_once(list, "other.x"), MATCH_ERROR);
	scratch_write("one", "", 0);
	ck_assert_ptr_nonnull(map_pool_changed(pool));
	map_pool_free(&pool);
	scratch_remove();
}
END_TEST

START_TEST(pool_shares)
{
	struct map_list l;
	struct buf out = BUF_EMPTY;
	struct why why;

	why_init(&why);
	pool = map_pool_new("static", false);
	map_list_init(&l, pool,
	    SPAN("inline:{a=1}, regexp:{{/^b/ 2}} inline:{a=1}"), MAP_FOLD);
	ck_assert_uint_eq(l.count, 3);
	ck_assert_ptr_eq(l.maps[0], l.maps[2]);
	ck_assert_uint_eq(map_pool_count(pool), 2);
	ck_assert_ptr_ne(
	    map_pool_open(pool, SPAN("inline:{a=1}"), 0), l.maps[0]);
	ck_assert_ptr_eq(map_pool_open(pool, SPAN("inline:{a=1}"),
			     MAP_FOLD | MAP_NO_SUBSTITUTION),
	    l.maps[0]);
	ck_assert_ptr_ne(map_pool_open(pool, SPAN("regexp:{{/^b/ 2}}"),
			     MAP_FOLD | MAP_NO_SUBSTITUTION),
	    l.maps[1]);
	ck_assert_str_eq(
	    map_spec(map_pool_open(pool, SPAN("x"), 0)), "static:x");
	ck_assert_int_eq(
	    map_list_get(&l, SPAN("b"), false, &out, &why), MAP_FOUND);
	ck_assert_ptr_eq(l.hit, l.maps[1]);
	/* tables of patterns are passed over for parts of an address */
	ck_assert_int_eq(
	    map_list_get(&l, SPAN("b"), true, &out, &why), MAP_NONE);
	ck_assert_int_eq(
	    map_list_get(&l, SPAN("a"), true, &out, &why), MAP_FOUND);
	map_list_done(&l);
	map_list_init(&l, pool, SPAN("inline:{a=1}, fail:x, static:y"), 0);
	ck_assert_int_eq(
	    map_list_get(&l, SPAN("a"), false, &out, &why), MAP_FOUND);
	ck_assert_int_eq(
	    map_list_get(&l, SPAN("b"), false, &out, &why), MAP_ERROR);
	map_list_done(&l);
	map_pool_free(&pool);
	buf_free(&out);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, two_names, 0, UNIT_COUNT(either));
	tcase_add_loop_test(t, by_name, 0, UNIT_COUNT(names));
	tcase_add_loop_test(t, by_host, 0, UNIT_COUNT(hosts));
	tcase_add_test(t, files);
	tcase_add_test(t, pool_shares);
}

int
main(void)
{
	return unit_main("maps/match_list", fill);
}
