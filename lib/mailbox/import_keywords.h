/* import_keywords.h - keywords of Courier and Dovecot, for import.c */

#ifndef MAILBOX_IMPORT_KEYWORDS_H
#define MAILBOX_IMPORT_KEYWORDS_H

#include <stddef.h>

#include "base/span.h"

#define DOVECOT_KEYWORDS "dovecot-keywords"

struct arena;
struct keywords;
struct table;

struct import_keywords {
	int dir;
	struct arena *a;
	struct table *by_base; /* struct uid_entry: their kw are set */
	struct keywords *names;
	size_t lost; /* for which there was no room */
};

/* courierimapkeywords/: the list, and over it the newer files of single
 * messages. */
void import_courier_keywords(struct import_keywords *k);
/* dovecot-keywords, and the letters a to z in the names of files. */
void import_dovecot_keywords(
    struct import_keywords *k, const struct span *files, size_t file_count);

#endif
