/* unit.h - the end of every unit test: one suite, one case, run and told */

#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>
#include <time.h>

#define UNIT_COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

/* Ask until it is so; in vain after some 20 s. Sets errno. */
#define UNIT_WAIT(condition) \
	do { \
		static const struct timespec nap = { 0, 1000000 }; \
		int naps = 0; \
		while (!(condition)) { \
			ck_assert_msg( \
			    ++naps < 20000, "in vain: %s", #condition); \
			(void)nanosleep(&nap, NULL); \
		} \
	} while (0)

/* Run and free it; what main() returns. */
static inline int
unit_run(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* For main(): name is "folder/module", fill adds the tests. */
static inline int
unit_main(const char *name, void (*fill)(TCase *))
{
	Suite *s = suite_create(name);
	TCase *t = tcase_create(name);

	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	fill(t);
	return unit_run(s);
}

#endif
