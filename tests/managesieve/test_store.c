/* test_store.c - managesieve/store.h: scripts and the link to the active one */

#include "managesieve/store.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "managesieve/conf.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static const struct managesieve_conf conf = { .managesieve_max_scripts = 3,
	.sieve_dir = "$home/sieve",
	.sieve_script = "${home}/.sieve, $home/.dovecot.sieve" };

static char *home;
static struct store *store;

static void
setup(void)
{
	const char *what;

	home = scratch_new();
	store = store_open(&conf, home, SPAN("u"), &what);
	ck_assert_ptr_nonnull(store);
}

static void
teardown(void)
{
	store_close(&store);
	scratch_free(&home);
}

static enum store_result
put(const char *name, const char *text)
{
	return store_put(store, span_str(name), span_str(text));
}

/* "a b* c", the active one with a star. */
static void
is_list(const char *want)
{
	struct arena *a = arena_new();
	struct buf out = BUF_EMPTY, active = BUF_EMPTY;
	struct span *names;
	size_t n;

	ck_assert_int_eq(store_list(store, a, &names, &n), STORE_DONE);
	store_active(store, &active);
	for (size_t i = 0; i < n; i++) {
		buf_add_str(&out, i == 0 ? "" : " ");
		buf_add_span(&out, names[i]);
		if (span_eq(names[i], buf_span(&active)))
			buf_add_byte(&out, '*');
	}
	ck_assert_str_eq(buf_str(&out), want);
	buf_free(&out);
	buf_free(&active);
	arena_free(&a);
}

static void
is_link(const char *name, const char *want)
{
	char *path = mem_printf("%s/%s", home, name), text[200];
	ssize_t n = readlink(path, text, sizeof(text));

	ck_assert_msg(
	    n > 0 && span_is(span_of(text, (size_t)n), want), "%s", name);
	free(path);
}

START_TEST(keeps)
{
	struct buf out = BUF_EMPTY;

	is_list("");
	ck_assert_int_eq(store_get(store, SPAN("a"), 100, &out), STORE_MISSING);
	ck_assert_int_eq(put("b", "keep;"), STORE_DONE);
	ck_assert_int_eq(put("a", "x"), STORE_DONE);
	ck_assert_int_eq(put("a", "stop;"), STORE_DONE);
	is_list("a b");
	ck_assert_int_eq(store_get(store, SPAN("a"), 100, &out), STORE_DONE);
	ck_assert_str_eq(buf_str(&out), "stop;");
	ck_assert_int_eq(store_get(store, SPAN("a"), 4, &out), STORE_TROUBLE);
	ck_assert_int_eq(put("c", ""), STORE_DONE);
	ck_assert_int_eq(put("d", ""), STORE_FULL);
	ck_assert_int_eq(store_room(store, SPAN("c")), STORE_DONE);
	ck_assert_int_eq(store_room(store, SPAN("d")), STORE_FULL);
	ck_assert_int_eq(store_delete(store, SPAN("c")), STORE_DONE);
	ck_assert_int_eq(store_delete(store, SPAN("c")), STORE_MISSING);
	buf_free(&out);
}
END_TEST

START_TEST(activates)
{
	ck_assert_int_eq(store_activate(store, SPAN("a")), STORE_MISSING);
	ck_assert_int_eq(put("a", ""), STORE_DONE);
	ck_assert_int_eq(put("b", ""), STORE_DONE);
	ck_assert_int_eq(store_activate(store, SPAN("a")), STORE_DONE);
	is_link(".dovecot.sieve", "sieve/a.sieve");
	is_list("a* b");
	ck_assert_int_eq(store_delete(store, SPAN("a")), STORE_ACTIVE);
	ck_assert_int_eq(store_activate(store, SPAN("b")), STORE_DONE);
	is_list("a b*");
	ck_assert_int_eq(
	    store_rename(store, SPAN("b"), SPAN("a")), STORE_EXISTS);
	ck_assert_int_eq(store_rename(store, SPAN("b"), SPAN("z")), STORE_DONE);
	is_list("a z*");
	ck_assert_int_eq(
	    store_rename(store, SPAN("b"), SPAN("y")), STORE_MISSING);
	ck_assert_int_eq(store_activate(store, SPAN("none")), STORE_MISSING);
	is_list("a z*");
	ck_assert_int_eq(store_activate(store, SPAN("")), STORE_DONE);
	is_list("a z");
	ck_assert_int_eq(store_activate(store, SPAN("")), STORE_DONE);
}
END_TEST

/* A link that Dovecot has made, and one before it. */
START_TEST(finds_links)
{
	char *link = mem_printf("%s/.sieve", home);
	char *second = mem_printf("%s/.dovecot.sieve", home);
	char *target = mem_printf("%s/sieve/a.sieve", home);

	ck_assert_int_eq(put("a", ""), STORE_DONE);
	ck_assert_int_eq(put("b", ""), STORE_DONE);
	ck_assert_int_eq(symlink("sieve/b.sieve", second), 0);
	is_list("a b*");
	ck_assert_int_eq(symlink(target, link), 0);
	is_list("a* b");
	ck_assert_int_eq(store_activate(store, SPAN("b")), STORE_DONE);
	is_link(".sieve", "sieve/b.sieve");
	ck_assert_int_eq(store_activate(store, SPAN("")), STORE_DONE);
	ck_assert_int_eq(access(link, F_OK), -1);
	ck_assert_int_eq(access(second, F_OK), -1);
	free(link);
	free(second);
	free(target);
}
END_TEST

/* What is the user's own stays. */
START_TEST(leaves_files)
{
	char *link = mem_printf("%s/.sieve", home);

	ck_assert_int_eq(put("a", ""), STORE_DONE);
	scratch_write(home, ".sieve", "keep;");
	ck_assert_int_eq(store_activate(store, SPAN("a")), STORE_FOREIGN);
	ck_assert_int_eq(store_activate(store, SPAN("")), STORE_FOREIGN);
	is_list("a");
	ck_assert_int_eq(unlink(link), 0);
	ck_assert_int_eq(symlink("elsewhere/a.sieve", link), 0);
	ck_assert_int_eq(store_activate(store, SPAN("a")), STORE_FOREIGN);
	is_link(".sieve", "elsewhere/a.sieve");
	free(link);
}
END_TEST

/* A disk that fails at one step of renaming the active script. */
static const struct {
	enum fault kind;
	unsigned nth;
	const char *left;
	unsigned files;
} steps[] = {
	{ FAULT_LINK, 1, "a*", 1 }, /* the new name */
	{ FAULT_SYNC, 1, "a*", 1 }, /* its folder */
	{ FAULT_LINK, 2, "a*", 1 }, /* the link that makes it active */
	{ FAULT_SYNC, 2, "a b*", 2 }, /* its folder */
	{ FAULT_SYNC, 3, "b*", 1 }, /* the folder, without the old name */
};

START_TEST(fails_to_rename)
{
	ck_assert_int_eq(put("a", "keep;"), STORE_DONE);
	ck_assert_int_eq(store_activate(store, SPAN("a")), STORE_DONE);
	fault_arm(steps[_i].kind, steps[_i].nth, ENOSPC, false);
	ck_assert_int_eq(
	    store_rename(store, SPAN("a"), SPAN("b")), STORE_TROUBLE);
	fault_arm(steps[_i].kind, 0, 0, false);
	ck_assert_int_eq(errno, ENOSPC);
	is_list(steps[_i].left);
	ck_assert_uint_eq(scratch_count(home, "sieve"), steps[_i].files);
	ck_assert_uint_eq(scratch_count(home, ""), 2);
}
END_TEST

/* As many as the limit can allow, beside files that are no scripts. */
START_TEST(counts_many)
{
	struct managesieve_conf c = conf;
	const char *what;
	struct store *many;
	struct arena *a = arena_new();
	struct span *names;
	size_t n;
	char *path;

	c.managesieve_max_scripts = 10000;
	many = store_open(&c, home, SPAN("u"), &what);
	ck_assert_int_eq(put("first", ""), STORE_DONE);
	for (int i = 0; i < 10020; i++) {
		path = i < 20 ? mem_printf("%s/sieve/other%d", home, i)
			      : mem_printf("%s/sieve/s%d.sieve", home, i);
		if (i < 10019)
			scratch_write("", path + 1, "");
		free(path);
	}
	ck_assert_int_eq(store_list(many, a, &names, &n), STORE_DONE);
	ck_assert_uint_eq(n, 10000);
	ck_assert_int_eq(store_room(many, SPAN("more")), STORE_FULL);
	ck_assert_int_eq(store_room(many, SPAN("s9000")), STORE_DONE);
	store_close(&many);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *dir, *script;
	bool good;
} places[] = {
	{ "$home/a", "$home/b", true },
	{ "/v/$user/a", "/v/${user}/b", true },
	{ "$home/a", "$extension, $home/b", true },
	{ "$domain/a", "$home/b", false },
	{ "a", "$home/b", false },
	{ "", "$home/b", false },
	{ "$home/a", "", false },
	{ "$home/a", "$extension", false },
};

START_TEST(expands)
{
	const struct managesieve_conf c = { .sieve_dir = places[_i].dir,
		.sieve_script = places[_i].script };
	const char *what;
	struct store *s = store_open(&c, "/h/u", SPAN("u"), &what);

	ck_assert_msg((s != NULL) == places[_i].good, "%s, %s", places[_i].dir,
	    places[_i].script);
	store_close(&s);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, keeps);
	tcase_add_test(t, activates);
	tcase_add_test(t, finds_links);
	tcase_add_test(t, leaves_files);
	tcase_add_loop_test(t, fails_to_rename, 0, UNIT_COUNT(steps));
	tcase_add_test(t, counts_many);
	tcase_add_loop_test(t, expands, 0, UNIT_COUNT(places));
}

int
main(void)
{
	return unit_main("managesieve/store", fill);
}
