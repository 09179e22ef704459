/* notes.h - what a reader of a configuration file has to say about it */

#ifndef CONFIG_NOTES_H
#define CONFIG_NOTES_H

#include <stdbool.h>
#include <stddef.h>

/* A remark that does not stop the reading. */
struct note {
	unsigned line;
	char *text; /* "FILE, line N: ..." whole, no control bytes */
};

/* Remarks in the order of the file, NOTES_MAX at most: a last one says that
 * more were left out. { NULL, 0, 0 } is an empty list; the holder ends it with
 * notes_free(). */
struct notes {
	struct note *rows;
	size_t n, cap;
};

#define NOTES_MAX 200

void notes_free(struct notes *notes);
/* Append "FILE, line LINE: " (only "FILE: " when line is 0) and the text. */
void notes_add(struct notes *notes, const char *file, unsigned line,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
