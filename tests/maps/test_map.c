/* test_map.c - maps/map.h: what is said of every type, and the small types */

#include "maps/map.h"

#include <sys/stat.h>

#include "tests/maps/scratch.h"

static const struct {
	const char *spec, *key, *answer;
} asks[] = {
	{ "inline:{a=1}", "a", "=1" },
	{ "inline:{a=1}", "A", "=1" },
	{ "inline:{A=1}", "a", "=1" },
	{ "inline:{a=1}", "b", "-" },
	{ "inline:{a=1}", "", "-" },
	{ "inline:{ {a = 1 2} , { b=3 } }", "a", "=1 2" },
	{ "inline:{ {a = 1 2} , { b=3 } }", "b", "=3" },
	{ "inline:{a=1 b=2}", "b", "=2" },
	{ "inline:{a=1=2}", "a", "=1=2" },
	{ "inline:{a=1,a=2}", "a", "=1" },
	{ "inline:{a=1, {b = }}", "b", "=" },
	{ "proxy:inline:{a=1}", "a", "=1" },
	{ "inline:{}", "a",
	    "?table inline:{}: bad syntax; need inline:{name=value...}" },
	{ "inline:a=1", "a",
	    "?table inline:a=1: bad syntax; need inline:{name=value...}" },
	{ "inline:{ a = 1 }", "a",
	    "?table inline:{ a = 1 }: \"a\" is not name=value" },
	{ "static:x y", "any", "=x y" },
	{ "static:{ x y }", "any", "=x y" },
	{ "static:", "any",
	    "?table static:: open dictionary: expecting \"type:name\" form" },
	{ "unix:passwd.byname", "root", "=root:x:0:0:root:/root:/bin/bash" },
	{ "unix:passwd.byname", "ROOT", "=root:x:0:0:root:/root:/bin/bash" },
	{ "unix:passwd.byname", "no-such-user", "-" },
	{ "unix:passwd.byname", "../root", "-" },
	{ "unix:foo", "root",
	    "?table unix:foo: unknown table (there are passwd.byname and "
	    "group.byname)" },
	{ "unix:group.byname", "root", "=root:x:0:" },
	{ "unix:group.byname", "nosuchgroup", "-" },
	{ "environ:", "nosuchvariable",
	    "?table environ:: open dictionary: "
	    "expecting \"type:name\" form" },
	{ "environ:x", "nosuchvariable", "-" },
	{ "fail:here", "a", "!table fail:here: fails by its nature" },
	{ "foo:bar", "a", "?table foo:bar: unsupported dictionary type: foo" },
	{ "hash:/nonexistent/x", "a",
	    "?table hash:/nonexistent/x: open database /nonexistent/x.db: "
	    "No such file or directory (postmap and newaliases make it)" },
	{ "/nonexistent/x", "a",
	    "?table hash:/nonexistent/x: open database /nonexistent/x.db: "
	    "No such file or directory (postmap and newaliases make it)" },
	{ "texthash:/nonexistent/x", "a",
	    "?table texthash:/nonexistent/x: open /nonexistent/x: "
	    "No such file or directory" },
	{ "regexp:/", "a", "?table regexp:/: read /: Is a directory" },
	{ "unionmap:{static:1,inline:{a=2},inline:{b=3},static:{4 5}}", "a",
	    "=1,2,4 5" },
	{ "unionmap:{inline:{a=2}, inline:{b=3}}", "c", "-" },
	{ "unionmap:{inline:{a=1},fail:x}", "a",
	    "!table fail:x: fails by its nature" },
	{ "pipemap:{inline:{a=b},inline:{b=c}}", "a", "=c" },
	{ "pipemap:{inline:{a=b},inline:{d=c}}", "a", "-" },
	{ "pipemap:{inline:{a=b},fail:x}", "a",
	    "!table fail:x: fails by its nature" },
	{ "pipemap:{inline:{a=b},fail:x}", "b", "-" },
	{ "unionmap:{ {inline:{a=b}} , {pipemap:{static:x}} }", "a", "=b,x" },
	{ "unionmap:static:x", "a",
	    "?table unionmap:static:x: bad syntax; need "
	    "unionmap:{type:name...}" },
	{ "unionmap:{nosuch:x}", "a",
	    "?table nosuch:x: unsupported dictionary type: nosuch" },
	{ "unionmap:{unionmap:{unionmap:{unionmap:{unionmap:{static:x}}}}}",
	    "a",
	    "?table unionmap:{unionmap:{unionmap:{unionmap:{unionmap:{static:x}"
	    "}}}}: bad syntax; need unionmap:{type:name...}" },
};

START_TEST(answers)
{
	ck_assert_str_eq(ask(asks[_i].spec, asks[_i].key), asks[_i].answer);
}
END_TEST

START_TEST(split)
{
	static const struct {
		const char *spec, *type, *name;
	} rows[] = {
		{ "hash:/a:b", "hash", "/a:b" },
		{ "proxy:hash:/a", "hash", "/a" },
		{ "/a:b", "", "/a:b" },
		{ ":x", "", ":x" },
		{ "a", "", "a" },
		{ "proxy:", "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span type, name;

		map_spec_split(span_str(rows[i].spec), &type, &name);
		ck_assert_msg(span_is(type, rows[i].type), "%s", rows[i].spec);
		ck_assert_msg(span_is(name, rows[i].name), "%s", rows[i].spec);
	}
}
END_TEST

START_TEST(odd_keys)
{
	struct why why;
	struct map *m;
	struct buf big = BUF_EMPTY;

	why_init(&why);
	m = map_open(SPAN("static:x"), "hash", 0, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(ask_map(m, SPAN("a\0b")), "-");
	ck_assert_str_eq(ask_map(m, SPAN("a\0")), "-");
	memset(buf_room(&big, MAP_KEY_MAX + 1), 'a', MAP_KEY_MAX + 1);
	big.n = MAP_KEY_MAX + 1;
	ck_assert_int_eq(ask_map(m, buf_span(&big))[0], '!');
	ck_assert_str_eq(ask_map(m, span_of(big.p, MAP_KEY_MAX)), "=x");
	map_close(&m);
	ck_assert_ptr_null(m);
	buf_free(&big);
	why_free(&why);
}
END_TEST

/* A missing table fails, and is seen as changed when it comes. */
START_TEST(missing_comes)
{
	static const char text[] = "a 1\n";
	char spec[256];
	struct why why;
	struct map *m;

	scratch_make();
	why_init(&why);
	snprintf(spec, sizeof(spec), "texthash:%s", scratch_path("t"));
	m = map_open_or_broken(span_str(spec), "hash", 0, &why);
	ck_assert(map_is_broken(m));
	ck_assert(!map_changed(m));
	ck_assert_ptr_nonnull(strstr(ask_map(m, SPAN("a")), "No such file"));
	ck_assert_int_eq(ask_map(m, SPAN(""))[0], '!');
	scratch_write("t", text, sizeof(text) - 1);
	ck_assert(map_changed(m));
	map_close(&m);
	m = map_open_or_broken(span_str(spec), "hash", 0, &why);
	ck_assert(!map_is_broken(m));
	ck_assert(!map_changed(m));
	ck_assert_str_eq(ask_map(m, SPAN("a")), "=1");
	ck_assert_uint_eq(map_owner(m), getuid());
	ck_assert_int_eq(unlink(scratch_path("t")), 0);
	ck_assert(map_changed(m));
	map_close(&m);
	why_free(&why);
	scratch_remove();
}
END_TEST

/* One that is there and cannot be opened has not changed by that. */
START_TEST(unreadable)
{
	static const char *const types[] = { "hash", "texthash", "cidr" };

	scratch_make();
	ck_assert_int_eq(mkdir(scratch_path("t"), 0700), 0);
	ck_assert_int_eq(mkdir(scratch_path("t.db"), 0700), 0);
	for (int i = 0; i < UNIT_COUNT(types); i++) {
		char spec[256];
		struct why why;
		struct map *m;

		why_init(&why);
		snprintf(
		    spec, sizeof(spec), "%s:%s", types[i], scratch_path("t"));
		m = map_open_or_broken(span_str(spec), "hash", 0, &why);
		ck_assert(map_is_broken(m));
		ck_assert_msg(!map_changed(m), "%s", spec);
		map_close(&m);
		why_free(&why);
	}
	rmdir(scratch_path("t"));
	rmdir(scratch_path("t.db"));
	scratch_remove();
}
END_TEST

/* Groups watch the files of their members. */
START_TEST(group_changes)
{
	static const char text[] = "a 1\n", other[] = "a 22\n";
	char spec[256];
	struct why why;
	struct map *m;

	scratch_make();
	why_init(&why);
	scratch_write("t", text, sizeof(text) - 1);
	snprintf(spec, sizeof(spec), "unionmap:{static:x,texthash:%s}",
	    scratch_path("t"));
	m = map_open(span_str(spec), "hash", 0, &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	ck_assert_str_eq(ask_map(m, SPAN("a")), "=x,1");
	ck_assert(!map_is_pattern(m));
	ck_assert(!map_changed(m));
	scratch_write("t", other, sizeof(other) - 1);
	ck_assert(map_changed(m));
	map_close(&m);
	why_free(&why);
	scratch_remove();
}
END_TEST

START_TEST(texthash)
{
	static const char text[] = "# c\nUser  x,\n  y\n\"q k\" v\nnoval\n"
				   "bad\xff x\nuser z\nlast w";
	char spec[256];

	scratch_make();
	scratch_write("t", text, sizeof(text) - 1);
	snprintf(spec, sizeof(spec), "texthash:%s", scratch_path("t"));
	ck_assert_str_eq(ask(spec, "uSER"), "=x,  y");
	ck_assert_str_eq(ask(spec, "\"q k\""), "=v");
	ck_assert_str_eq(ask(spec, "noval"), "-");
	ck_assert_str_eq(ask(spec, "last"), "=w");
	scratch_remove();
}
END_TEST

START_TEST(fifo_does_not_hang)
{
	char spec[256];

	scratch_make();
	ck_assert_int_eq(mkfifo(scratch_path("f"), 0600), 0);
	ck_assert_int_eq(mkfifo(scratch_path("f.db"), 0600), 0);
	snprintf(spec, sizeof(spec), "texthash:%s", scratch_path("f"));
	ck_assert_int_eq(ask(spec, "a")[0], '?');
	snprintf(spec, sizeof(spec), "hash:%s", scratch_path("f"));
	ck_assert_int_eq(ask(spec, "a")[0], '?');
	scratch_remove();
}
END_TEST

START_TEST(type_names)
{
	size_t n = 0;

	while (map_type_name(n) != NULL) {
		ck_assert(map_type_known(span_str(map_type_name(n))));
		n++;
	}
	ck_assert_uint_eq(n, 22);
	ck_assert(!map_type_known(SPAN("nosuch")));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, answers, 0, UNIT_COUNT(asks));
	tcase_add_test(t, split);
	tcase_add_test(t, odd_keys);
	tcase_add_test(t, missing_comes);
	tcase_add_test(t, unreadable);
	tcase_add_test(t, group_changes);
	tcase_add_test(t, texthash);
	tcase_add_test(t, fifo_does_not_hang);
	tcase_add_test(t, type_names);
}

int
main(void)
{
	return unit_main("maps/map", fill);
}
