/* index_note.h - a folder whose index lies elsewhere
 *
 * facteur.log says which changes were made in what order, and facteur.index is
 * right only together with it. Where they lie elsewhere, they may have missed
 * something: another process was without them, or had them in the folder. So a
 * note in the folder, in the place of facteur.log, names the log that all
 * changes are in. Whoever makes a change that goes into another log, or into
 * none, first takes the note away.
 */

#ifndef MAILBOX_INDEX_NOTE_H
#define MAILBOX_INDEX_NOTE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/span.h"

#define INDEX_FILE  "facteur.index"
#define INDEX_LOG   "facteur.log"
#define INDEX_CACHE "facteur.cache"
#define INDEX_WORDS "facteur.words"

struct buf;

/* The log's own number, and that of its file. */
struct index_note {
	uint64_t id, ino;
};

/* "facteur.log is elsewhere 1 ID INODE" and a line end. */
void index_note_print(struct buf *out, const struct index_note *n);
bool index_note_parse(struct span text, struct index_note *out);

/* The note in the folder home; false: there is none. st is what it is. */
bool index_note_read(int home, struct index_note *out, struct stat *st);
/* Nobody has written another one, or taken it away. */
bool index_note_is_still(int home, const struct stat *was);
/* Is that file, open for reading, a note? */
bool index_note_is(int fd);

/* The rest is done under the folder's lock (uidlist.h). */

/* Write it, and make sure of it. */
int index_note_write(int home, const struct index_note *n, mode_t mode,
    struct stat *st) __attribute__((warn_unused_result));
/* There are changes that the log elsewhere does not have: no note and no index
 * is in the folder any more, also when the power fails. */
void index_note_drop(int home);
/* Of an index that is not believed any more nothing is left in dir. */
void index_drop(int dir);

#endif
