/* test_greylist.c - auth/greylist.h, and maps/store.h below it */

#include "auth/greylist.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/conf.h"
#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/param.h"
#include "maps/store.h"
#include "os/clock.h"
#include "os/loop.h"
#include "tests/unit.h"

enum { DELAY = 300, WINDOW = 172800, LIFE = 3024000 };

static char folder[64];
static struct loop *loop;
static struct greylist *g;
static int64_t start;

static void
begin(size_t limit)
{
	snprintf(folder, sizeof(folder), "/tmp/facteur-greylist.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	loop = loop_new();
	start = clock_wall();
	g = greylist_open(loop, folder, limit);
}

static char *
file(void)
{
	return mem_printf("%s/greylist.db", folder);
}

static void
end(void)
{
	char *path = file();

	greylist_free(&g);
	loop_free(&loop);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
	free(path);
}

static struct auth_greylist_answer
ask(const char *network, const char *triple, int64_t after)
{
	struct auth_greylist a = { .network = span_str(network),
		.triple = span_str(triple),
		.delay = DELAY,
		.window = WINDOW,
		.lifetime = LIFE,
		.enough = 3 };

	return greylist_ask(g, &a, start + after);
}

static const struct {
	const char *network, *triple;
	int64_t after;
	enum auth_greylist_verdict verdict;
	int64_t seconds;
} steps[] = {
	{ "n1", "n1 a b", 0, GREYLIST_NEW, DELAY },
	{ "n1", "n1 a b", 1, GREYLIST_EARLY, DELAY - 1 },
	{ "n1", "n1 a b", DELAY - 1, GREYLIST_EARLY, 1 },
	{ "n1", "n1 a b", DELAY, GREYLIST_PASSED, DELAY },
	{ "n1", "n1 a b", DELAY + 1, GREYLIST_KNOWN, 0 },
	/* each triple for itself, until there are enough */
	{ "n1", "n1 a c", 400, GREYLIST_NEW, DELAY },
	{ "n1", "n1 a c", 800, GREYLIST_PASSED, 400 },
	{ "n1", "n1 a d", 800, GREYLIST_NEW, DELAY },
	{ "n1", "n1 a d", 1200, GREYLIST_PASSED, 400 },
	{ "n1", "n1 x y", 1201, GREYLIST_KNOWN, 0 },
	{ "n2", "n2 x y", 1201, GREYLIST_NEW, DELAY },
	/* a clock that was set back keeps nobody out */
	{ "n2", "n2 x y", 1000, GREYLIST_PASSED, 0 },
};

START_TEST(rules)
{
	begin(1000);
	for (size_t i = 0; i < UNIT_COUNT(steps); i++) {
		struct auth_greylist_answer got =
		    ask(steps[i].network, steps[i].triple, steps[i].after);

		ck_assert_msg(got.verdict == steps[i].verdict &&
			got.seconds == steps[i].seconds,
		    "%zu: %d, %lld s", i, got.verdict, (long long)got.seconds);
	}
	end();
}
END_TEST

/* Another process reads what this one wrote; nothing is written at once. */
START_TEST(restart)
{
	begin(1000);
	(void)ask("n1", "n1 a b", 0);
	greylist_flush(g);
	greylist_free(&g);
	g = greylist_open(loop, folder, 1000);
	ck_assert_int_eq(ask("n1", "n1 a b", DELAY).verdict, GREYLIST_PASSED);
	greylist_free(&g); /* as when it is killed */
	g = greylist_open(loop, folder, 1000);
	ck_assert_int_eq(ask("n1", "n1 a b", DELAY).verdict, GREYLIST_PASSED);
	end();
}
END_TEST

/* Rubbish, a file cut short, an empty one: begun anew. */
START_TEST(damaged)
{
	static const char rubbish[] = "this is not a Berkeley DB file at all";
	char *path;
	int fd;

	begin(1000);
	path = file();
	for (int i = 0; i < 100; i++) {
		char *triple = mem_printf("n1 a r%d", i);

		(void)ask("n1", triple, 0);
		free(triple);
	}
	greylist_flush(g);
	greylist_free(&g);
	switch (_i) {
	case 0:
		ck_assert_int_eq(truncate(path, 5000), 0);
		break;
	case 1:
		ck_assert_int_eq(truncate(path, 0), 0);
		break;
	default:
		fd = open(path, O_WRONLY | O_CLOEXEC);
		for (off_t at = 0; at < 12000; at += 30)
			ck_assert_int_eq(
			    pwrite(fd, rubbish, sizeof(rubbish), at),
			    sizeof(rubbish));
		close(fd);
		break;
	}
	g = greylist_open(loop, folder, 1000);
	ck_assert_int_eq(ask("n9", "n9 a b", 0).verdict, GREYLIST_NEW);
	ck_assert_int_eq(ask("n9", "n9 a b", DELAY).verdict, GREYLIST_PASSED);
	greylist_flush(g);
	greylist_free(&g);
	g = greylist_open(loop, folder, 1000);
	ck_assert_int_eq(ask("n9", "n9 a b", DELAY).verdict, GREYLIST_KNOWN);
	free(path);
	end();
}
END_TEST

/* A flood of new triples drives out others of its kind, not who came back. */
START_TEST(bounded)
{
	struct store *s;
	char *other;

	begin(100);
	(void)ask("n1", "n1 a b", 0);
	(void)ask("n1", "n1 a b", DELAY);
	for (int i = 0; i < 5000; i++) {
		char *triple = mem_printf("n2 a r%d", i);

		ck_assert_int_eq(
		    ask("n2", triple, DELAY + i).verdict, GREYLIST_NEW);
		free(triple);
	}
	ck_assert_int_eq(ask("n1", "n1 a b", DELAY).verdict, GREYLIST_KNOWN);
	ck_assert_int_eq(ask("n2", "n2 a r1", 9000).verdict, GREYLIST_NEW);
	ck_assert_int_eq(
	    ask("n2", "n2 a r4999", 9000).verdict, GREYLIST_PASSED);
	greylist_flush(g);
	other = mem_printf("hash:%s/greylist", folder);
	s = store_open(loop, other, 1000, STORE_AFTER_MS);
	ck_assert_uint_eq(store_count(s), 100);
	/* what is over is gone */
	store_put(s, SPAN("old"), clock_wall() - 1, SPAN(""));
	store_put(s, SPAN("fresh"), clock_wall() + 1000, SPAN(""));
	ck_assert_uint_eq(store_count(s), 101);
	store_free(&s);
	free(other);
	end();
}
END_TEST

/* smtpd_greylist_limit: what ends first goes. */
static const struct {
	const char *config;
	bool forgotten;
} limits[] = {
	{ "smtpd_greylist_limit = 100\n", true },
	{ "smtpd_greylist_limit = 1000\n", false },
	{ "", false },
};

START_TEST(limit)
{
	struct arena *a = arena_new();
	struct auth_conf conf;
	struct main_cf *m;
	struct why why;

	why_init(&why);
	m = main_cf_parse(span_str(limits[_i].config), "main.cf", &why);
	ck_assert(m != NULL && param_fill(auth_params, m, a, &conf, &why));
	begin((size_t)conf.smtpd_greylist_limit);
	for (int i = 0; i < 101; i++)
		(void)ask("n1", arena_printf(a, "n1 a t%d", i), i);
	ck_assert_int_eq(ask("n1", "n1 a t0", DELAY).verdict,
	    limits[_i].forgotten ? GREYLIST_NEW : GREYLIST_PASSED);
	end();
	main_cf_free(&m);
	why_free(&why);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, rules);
	tcase_add_loop_test(t, limit, 0, UNIT_COUNT(limits));
	tcase_add_test(t, restart);
	tcase_add_loop_test(t, damaged, 0, 3);
	tcase_add_test(t, bounded);
}

int
main(void)
{
	return unit_main("auth/greylist", fill);
}
