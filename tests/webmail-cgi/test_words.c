/* test_words.c - webmail-cgi/words.h */

#include "webmail-cgi/words.h"

#include "base/utf8.h"
#include "tests/unit.h"

static const struct {
	const char *configured, *accepted;
	enum language language;
} rows[] = {
	{ "", "", LANGUAGE_EN },
	{ "", "fr", LANGUAGE_FR },
	{ "", "fr-CI,fr;q=0.8,en;q=0.5", LANGUAGE_FR },
	{ "", "en-US,en;q=0.9,fr;q=0.8", LANGUAGE_EN },
	{ "", "de, FR", LANGUAGE_FR },
	{ "", "de,it", LANGUAGE_EN },
	{ "", ",,, ,", LANGUAGE_EN },
	{ "fr_FR", "en", LANGUAGE_FR },
	{ "en_US", "fr", LANGUAGE_EN },
	{ "de_DE", "fr", LANGUAGE_EN },
};

START_TEST(language)
{
	ck_assert_msg(language_find(span_str(rows[_i].configured),
			  span_str(rows[_i].accepted)) == rows[_i].language,
	    "\"%s\", \"%s\"", rows[_i].configured, rows[_i].accepted);
}
END_TEST

START_TEST(texts)
{
	for (int w = 0; w < WORD_COUNT; w++)
		for (int l = 0; l < LANGUAGES; l++) {
			const char *text =
			    word_text((enum language)l, (enum word)w);

			ck_assert_msg(text != NULL && text[0] != '\0' &&
				utf8_valid(span_str(text)),
			    "word %d, language %d", w, l);
		}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, language, 0, UNIT_COUNT(rows));
	tcase_add_test(t, texts);
}

int
main(void)
{
	return unit_main("webmail-cgi/words", fill);
}
