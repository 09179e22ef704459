/* edits.h - changes to a message's header, kept beside its content
 *
 * The content in a queue file stays as it came; what is to be added, replaced
 * or taken out is a list of edits in its envelope. A reader of the message
 * sees them applied.
 */

#ifndef QUEUE_EDITS_H
#define QUEUE_EDITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/span.h"

/* The list is a run of: kind (1 byte), field number (4 bytes, little-endian,
 * counted from 0 in the content; 0 where it does not matter), length of the
 * text (4 bytes), text (whole header fields with LF line ends, the last too).
 */
enum edit_kind {
	EDIT_PREPEND = 'P', /* before the first field; later ones go above */
	EDIT_APPEND = 'A', /* behind the last field */
	EDIT_INSERT = 'I', /* before field number */
	EDIT_REPLACE = 'R', /* in place of field number */
	EDIT_DELETE = 'D' /* field number; no text */
};

/* Append an edit to a list. text must end in LF (but for EDIT_DELETE). */
void edits_add(
    struct buf *list, enum edit_kind kind, uint32_t field, struct span text);
/* Take the first off *list. False at its end or when it is ill-formed (then
 * *list is not empty). */
bool edits_next(struct span *list, enum edit_kind *kind, uint32_t *field,
    struct span *text);

/* The message as pieces: text in memory, then a range of the content. */
struct edits_piece {
	struct span text; /* comes first; may be empty */
	uint64_t offset, size; /* then these bytes of the content */
};

struct edited; /* pieces in order */

/* Apply list to the content in fd [0, size): only when there are edits that
 * name fields is the header read (at most 1 MiB). The list must outlive it.
 * NULL with errno on trouble (EBADMSG: ill-formed list). */
struct edited *edited_open(int fd, uint64_t size, struct span list);
void edited_free(struct edited **e);
bool edited_next(const struct edited *e, size_t *at, struct edits_piece *out);
/* Read the first most bytes of the content now, unless as many are known, so
 * that reading what stands in them asks the file no more. -1 with errno. */
int edited_keep(struct edited *e, size_t most);
/* Where size bytes of the content at offset are in memory: true, and *out lives
 * until e is made to keep more. */
bool edited_kept(
    const struct edited *e, uint64_t offset, uint64_t size, struct span *out);
/* Octets of the whole edited message, LF line ends. */
uint64_t edited_size(const struct edited *e);
/* Read up to n bytes of the edited message at offset; as pread(). */
ssize_t edited_read(const struct edited *e, void *p, size_t n, uint64_t offset);

#endif
