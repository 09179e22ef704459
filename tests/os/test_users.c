/* test_users.c - the groups of an account, of a database that this file is */

#include "os/users.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tests/unit.h"

static int group_count; /* 1000, 1001 ... */
static gid_t broken; /* of this one the database does not answer */

/* In place of the C library's. */
int
getgrouplist(const char *user, gid_t gid, gid_t *groups, int *n)
{
	int room = *n;

	(void)user;
	*n = group_count;
	for (int i = 0; i < group_count && i < room; i++)
		groups[i] = gid + (gid_t)i;
	return group_count > room ? -1 : group_count;
}

int
getgrgid_r(
    gid_t gid, struct group *gr, char *room, size_t n, struct group **hit)
{
	static char *nobody[] = { NULL };

	*hit = NULL;
	if (gid == broken)
		return EIO;
	if (gid % 10 == 3)
		return 0; /* a number without a name */
	(void)snprintf(
	    room, n, gid % 10 == 4 ? "two words" : "g%u", (unsigned)gid);
	*gr =
	    (struct group){ .gr_name = room, .gr_gid = gid, .gr_mem = nobody };
	*hit = gr;
	return 0;
}

static const struct {
	const char *title;
	int count;
	gid_t broken;
	size_t max;
	enum users_result want;
	int error;
	const char *begin; /* of the names */
	const char *end;
} cases[] = {
	{ "none", 0, 0, 100, USERS_FOUND, 0, "", "" },
	{ "few", 6, 0, 100, USERS_FOUND, 0, "g1000 g1001 g1002 g1005",
	    " g1005" },
	{ "all that there is room for", 3, 0, 17, USERS_FOUND, 0,
	    "g1000 g1001 g1002", " g1002" },
	{ "one octet too many", 3, 0, 16, USERS_TROUBLE, E2BIG, "", "" },
	{ "many", 1000, 0, 16384, USERS_FOUND, 0, "g1000 g1001 ", " g1999" },
	{ "too many", 65537, 0, 1U << 20, USERS_TROUBLE, E2BIG, "", "" },
	{ "no answer", 6, 1002, 100, USERS_TROUBLE, EIO, "", "" },
};

START_TEST(groups)
{
	const struct account account = { .name = "user", .gid = 1000 };
	struct buf out = BUF_EMPTY;
	size_t n = strlen(cases[_i].end);

	group_count = cases[_i].count;
	broken = cases[_i].broken;
	ck_assert_msg(
	    users_groups(&account, cases[_i].max, &out) == cases[_i].want, "%s",
	    cases[_i].title);
	if (cases[_i].error != 0)
		ck_assert_int_eq(errno, cases[_i].error);
	ck_assert_msg(span_starts(buf_span(&out), cases[_i].begin) &&
		out.n >= n &&
		strcmp(buf_str(&out) + out.n - n, cases[_i].end) == 0 &&
		(cases[_i].begin[0] != '\0' || out.n == 0),
	    "%s: \"%s\"", cases[_i].title, buf_str(&out));
	buf_free(&out);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, groups, 0, UNIT_COUNT(cases));
}

int
main(void)
{
	return unit_main("os/users", fill);
}
