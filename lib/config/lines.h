/* lines.h - the lines of a configuration file, one by one */

#ifndef CONFIG_LINES_H
#define CONFIG_LINES_H

#include "base/span.h"

struct notes;
struct why;

/* Set the first four, line to 0. */
struct conf_lines {
	struct span rest; /* the text, then what is left of it */
	const char *file; /* for messages */
	struct notes *notes; /* where remarks go */
	unsigned line; /* number of the line last given, from 1 */
};

enum conf_line { CONF_LINE, CONF_END, CONF_BAD };

/* The next line without its end. A UTF-8 mark at the start of the file and
 * <br/> at a line's end (text copied from a web page) are dropped, with a
 * remark. CONF_BAD, with why: a NUL, or outside comments (lines that begin
 * with #) a control byte other than tab. */
enum conf_line
conf_line_next(struct conf_lines *l, struct span *line, struct why *why);
/* True when nothing but blanks stands in it, or a comment. */
bool conf_line_idle(struct span line);
/* The length of line without trailing blanks and without the <br/> marks at
 * its end; *marks says how many there were. */
size_t conf_line_unmarked(struct span line, unsigned *marks);

#endif
