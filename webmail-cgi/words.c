/* words.c - what the pages say, in the languages there are */

#include "webmail-cgi/words.h"

static const char *const texts[WORD_COUNT][LANGUAGES] = {
#define WORD_ROW(name, en, fr) [WORD_##name] = { en, fr },
	WORDS(WORD_ROW)
#undef WORD_ROW
};

const char *
word_text(enum language l, enum word w)
{
	return texts[w][l];
}

enum language
language_find(struct span configured, struct span accepted)
{
	struct span item;

	if (configured.n > 0)
		return span_istarts(configured, "fr") ? LANGUAGE_FR
						      : LANGUAGE_EN;
	while (span_word(&accepted, ", ", &item)) {
		if (span_istarts(item, "fr"))
			return LANGUAGE_FR;
		if (span_istarts(item, "en"))
			return LANGUAGE_EN;
	}
	return LANGUAGE_EN;
}
