/* wordfile.h - facteur.words: signatures of messages' texts, for searching
 *
 * Entries are appended, each with the message's UID and a checksum. The file
 * can be missing or damaged at any time: a message without an entry that is
 * whole is read.
 */

#ifndef MAILBOX_WORDFILE_H
#define MAILBOX_WORDFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"

struct buf;
struct wordfile;

/* dir stays the caller's. A file of another kind is none: UIDVALIDITY, and how
 * texts are made before they get signatures. */
struct wordfile *wordfile_new(int dir, const char *name, mode_t mode);
void wordfile_free(struct wordfile **w);
/* Give back what is kept in memory to be quick. */
void wordfile_rest(struct wordfile *w);
/* The signature of a message, good until the next call; false: there is none.
 */
bool
wordfile_get(struct wordfile *w, uint64_t kind, uint32_t uid, struct span *out);

/* Others may have made the file meanwhile, or removed it. */
void wordfile_look_again(struct wordfile *w);

/* Append an entry's bytes to out, for wordfile_append(). */
void wordfile_put(struct buf *out, uint32_t uid, struct span signature);
/* Append what wordfile_put() made, under the folder's lock. The file is made
 * when there is none or it is not right, and begun anew when it is longer than
 * most. False: it cannot be written. */
bool wordfile_append(
    struct wordfile *w, uint64_t kind, struct span entries, uint64_t most);

#endif
