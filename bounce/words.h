/* words.h - what a report says to people, and in which language */

#ifndef BOUNCE_WORDS_H
#define BOUNCE_WORDS_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/template.h"

struct bounce_conf;
struct main_cf;

/* A template as it is used: UTF-8, the text expanded. */
struct words {
	struct buf from, subject, postmaster_subject, text;
};

/* The texts of all languages of bounce_language, and of bounce_template_file,
 * read while the process may still open files. What is wrong is logged, and
 * what the suite brings along stands in. Lives as long as the process. */
struct all_words;
struct all_words *
words_load(const struct bounce_conf *conf, const struct main_cf *m);
void words_free(struct all_words **w);

/* In the language that the original's header asks for by Content-Language or
 * Accept-Language, when it is one of bounce_language, else in the first. */
const struct words *words_choose(
    const struct all_words *w, enum template_kind kind, struct span header);

#endif
