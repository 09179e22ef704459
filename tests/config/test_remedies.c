/* test_remedies.c - config/remedies.h */

#include "config/remedies.h"

#include <string.h>

#include "config/foreign.h"
#include "config/param.h"
#include "tests/unit.h"

/* What it sends an administrator to is a parameter of ours, and what it speaks
 * of is none. */
START_TEST(known)
{
	size_t found = 0;

	for (size_t i = 0; i < foreign_count(); i++) {
		struct span name = span_str(foreign_name(i)), words, word;
		const char *text = remedy_for(name);
		bool see = false;

		if (text == NULL)
			continue;
		found++;
		ck_assert(foreign_param(name));
		words = span_str(text);
		while (span_word(&words, " ,", &word)) {
			if (see)
				ck_assert_msg(
				    param_find(word) != NULL, "%s", text);
			see = span_is(word, "see");
		}
	}
	ck_assert_uint_eq(found, 29);
	ck_assert(remedy_for(SPAN("qmqpd_timeout")) == NULL);
	ck_assert(remedy_for(SPAN("")) == NULL);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, known);
}

int
main(void)
{
	return unit_main("config/remedies", fill);
}
