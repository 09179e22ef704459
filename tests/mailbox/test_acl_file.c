/* test_acl_file.c - facteur.acl: which file counts, and changes */

#include "mailbox/acl_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "os/fault.h"
#include "os/file.h"
#include "tests/mailbox/one_maildir.h"
#include "tests/unit.h"

static const char *
bob_may(int names, const char *name)
{
	struct acl_place p = { m, names, span_str(name) };
	const struct acl_who bob = { SPAN("bob"), false, NULL, 0 };
	struct buf out = BUF_EMPTY;
	const char *kept;
	struct acl acl;

	ck_assert_int_eq(acl_file_read(&p, a, &acl, &why), 0);
	if (!acl.found)
		return "none";
	acl_rights_put(&out, acl_rights(&acl, &bob), false);
	kept = arena_str(a, buf_str(&out));
	buf_free(&out);
	return kept;
}

static enum acl_file_result
set_bob(unsigned rights)
{
	struct acl_place p = { m, -1, SPAN("") };
	struct acl_entry e = { SPAN("user=bob"), false, rights };

	return acl_file_change(&p, ACL_SET, &e, &why);
}

START_TEST(goes_before)
{
	ck_assert_str_eq(bob_may(-1, ""), "none");
	scratch_write(base, "dovecot-acl", "user=bob l\n");
	ck_assert_str_eq(bob_may(-1, ""), "l");
	scratch_write(base, "courierimapacl", "user=bob lr\n");
	ck_assert_str_eq(bob_may(-1, ""), "lr");
	ck_assert_int_eq(set_bob(ACL_READ), ACL_FILE_DONE);
	ck_assert_str_eq(bob_may(-1, ""), "r");
}
END_TEST

START_TEST(by_name)
{
	int names;

	scratch_mkdir(base, ACL_COURIER_NAMES);
	scratch_write(base, ACL_COURIER_NAMES "/Work", "user=bob lr\n");
	scratch_write(base, ACL_COURIER_NAMES "/Work.a", "user=bob l\n");
	names = file_open_dir(maildir_dir(m), ACL_COURIER_NAMES, false);
	ck_assert_str_eq(bob_may(names, "Work"), "lr");
	ck_assert_str_eq(bob_may(names, "Work.a"), "l");
	ck_assert_str_eq(bob_may(names, "Work.a.b"), "l");
	ck_assert_str_eq(bob_may(names, "Work.b"), "lr");
	ck_assert_str_eq(bob_may(names, "Works"), "none");
	ck_assert_str_eq(bob_may(names, "../cur"), "none");
	ck_assert_str_eq(bob_may(names, ""), "none");
	file_close(&names);
}
END_TEST

/* Whatever fails, the list is the old one or the new one. */
START_TEST(faults)
{
	static const enum fault kinds[] = { FAULT_WRITE, FAULT_SYNC, FAULT_LINK,
		FAULT_OPEN };

	ck_assert_int_eq(set_bob(ACL_READ), ACL_FILE_DONE);
	for (int k = 0; k < UNIT_COUNT(kinds); k++) {
		const char *now;

		fault_arm(kinds[k], 1, ENOSPC, false);
		ck_assert_int_eq(set_bob(ACL_LOOKUP), ACL_FILE_TROUBLE);
		fault_arm(kinds[k], 0, 0, false);
		now = bob_may(-1, "");
		ck_assert(strcmp(now, "r") == 0 || strcmp(now, "l") == 0);
		ck_assert_int_eq(set_bob(ACL_READ), ACL_FILE_DONE);
	}
}
END_TEST

START_TEST(too_long)
{
	struct buf out = BUF_EMPTY;

	while (out.n <= ACL_TEXT_MAX)
		buf_add_str(&out, "anyone lr\n");
	scratch_write(base, "courierimapacl", buf_str(&out));
	ck_assert_str_eq(bob_may(-1, ""), "");
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, goes_before);
	tcase_add_test(t, by_name);
	tcase_add_test(t, faults);
	tcase_add_test(t, too_long);
}

int
main(void)
{
	return unit_main("mailbox/acl_file", fill);
}
