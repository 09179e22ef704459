/* edit.h - changes to main.cf and master.cf that keep comments and layout */

#ifndef CONFIG_EDIT_H
#define CONFIG_EDIT_H

#include <stddef.h>

#include "base/span.h"

struct buf;

enum edit_how { EDIT_SET, EDIT_COMMENT, EDIT_REMOVE };

/* What to do with the entries of one key. */
struct edit {
	struct span key; /* main.cf: the name; master.cf: service/type */
	struct span text; /* EDIT_SET: the whole entry, without its line end */
	size_t found; /* set by edit_apply(): how many there were */
};

enum edit_file { EDIT_MAIN_CF, EDIT_MASTER_CF };

struct edit_job {
	enum edit_file file;
	enum edit_how how;
	struct edit *edits;
	size_t n;
};

/* Append text to out with the edits done. An entry is a line and the lines
 * that continue it; comments and empty lines between these stay. EDIT_SET puts
 * the text in the place of each entry of the key, and at the end where there
 * is none. */
void edit_apply(const struct edit_job *job, struct span text, struct buf *out);

#endif
