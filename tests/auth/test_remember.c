/* test_remember.c - auth/remember.h */

#include "auth/remember.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/conf.h"
#include "os/loop.h"
#include "tests/unit.h"

static const struct {
	const char *service, *user, *addr, *password;
	bool found;
} rows[] = {
	{ "imap", "u", "192.0.2.1", "pw", true },
	{ "imap", "u", "192.0.2.1", "pw2", false },
	{ "imap", "u", "192.0.2.2", "pw", false },
	{ "imap", "v", "192.0.2.1", "pw", false },
	{ "smtp", "u", "192.0.2.1", "pw", false },
	{ "imap", "u", "192.0.2.1p", "w", false },
	{ "imap", "u", "192.0.2.1", "", false },
};

static struct remember_facts
facts(int i)
{
	return (struct remember_facts){ span_str(rows[i].service),
		span_str(rows[i].user), span_str(rows[i].addr),
		span_str(rows[i].password) };
}

START_TEST(keyed)
{
	struct auth_conf conf = { .auth_user_database = "hash:/nosuch/x",
		.auth_cache_time = 60,
		.auth_cache_limit = 10 };
	struct loop *loop = loop_new();
	struct remembered *r = remembered_new(&conf, loop);
	struct remember_facts f = facts(0), asked = facts(_i);
	uid_t uid = 0;

	ck_assert(!remembered_find(r, &f, &uid));
	remembered_put(r, &f, 4711, remembered_state(r));
	ck_assert(remembered_find(r, &asked, &uid) == rows[_i].found);
	ck_assert_uint_eq(uid, rows[_i].found ? 4711 : 0);
	remembered_free(&r);
	loop_free(&loop);
}
END_TEST

/* Another password takes the place of the first; a new table ends all. */
START_TEST(changed)
{
	char folder[] = "/tmp/facteur-remember.XXXXXX", spec[80], path[80];
	struct auth_conf conf = { .auth_user_database = spec,
		.auth_cache_time = 60,
		.auth_cache_limit = 10 };
	struct loop *loop = loop_new();
	struct remember_facts f = facts(0), other = facts(1);
	struct remembered *r;
	unsigned before;
	uid_t uid;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(spec, sizeof(spec), "hash:%s/db", folder);
	(void)snprintf(path, sizeof(path), "%s/db.db", folder);
	r = remembered_new(&conf, loop);
	remembered_put(r, &f, 1, remembered_state(r));
	remembered_put(r, &other, 1, remembered_state(r));
	ck_assert(!remembered_find(r, &f, &uid));
	ck_assert(remembered_find(r, &other, &uid));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ne(fd, -1);
	ck_assert(!remembered_find(r, &other, &uid));
	remembered_put(r, &other, 1, remembered_state(r));
	ck_assert(remembered_find(r, &other, &uid));
	before = remembered_state(r);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	close(fd);
	ck_assert(!remembered_find(r, &other, &uid));
	/* it was being checked while the table changed */
	remembered_put(r, &other, 1, before);
	ck_assert(!remembered_find(r, &other, &uid));
	remembered_free(&r);
	loop_free(&loop);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, keyed, 0, UNIT_COUNT(rows));
	tcase_add_test(t, changed);
}

int
main(void)
{
	return unit_main("auth/remember", fill);
}
