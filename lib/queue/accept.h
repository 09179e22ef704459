/* accept.h - the format of the accept log
 *
 * The log is a file of segments that is overwritten in place, round and round.
 * What is written at once is a batch: a head of 32 octets, records, zeros up to
 * a multiple of ACCEPT_ALIGN, so that no batch shares a page or a sector with
 * another. A batch lies within a segment; the first begins the segment, each
 * other follows the one before it and has the next number.
 *
 *   head     "FACTEUR1", number (8), oldest (8), octets of records (4), CRC (4)
 *   record   'm', octets of id (1), folder (1), 0, of content (4), of tail (4);
 *            id, content, tail: a message that was accepted, and the envelope
 *            and closing record behind its content (queue/qfile.h)
 *   record   'r', octets of id (1); id: that message needs no replay any more
 *
 * Numbers are little-endian. "oldest" is the number of the first batch that a
 * replay needs; what is older is on disk by other means. These functions are
 * pure: bytes in, struct out.
 */

#ifndef QUEUE_ACCEPT_H
#define QUEUE_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

enum {
	ACCEPT_SEGMENT = 4 * 1024 * 1024,
	ACCEPT_ALIGN = 4096,
	ACCEPT_HEAD = 32
};

struct accept_batch {
	uint64_t number; /* from 1 */
	uint64_t oldest;
	size_t size; /* with head and zeros */
	struct span records;
};

struct accept_record {
	bool removed; /* else a message */
	bool hold; /* it belongs into hold/, else into active/ */
	struct span id;
	struct span content, tail;
};

/* What a batch with so many octets of records takes. */
size_t accept_batch_size(size_t records);
/* Room for the head; then records; then the end, which fills the head in and
 * adds the zeros. out is empty before. */
void accept_batch_begin(struct buf *out);
void accept_put_removed(struct buf *out, struct span id);
/* Octets that a message takes as a record. */
size_t accept_message_size(struct span id, size_t content, size_t tail);
/* All of a message but its content, which the caller writes to the place
 * returned: room for content octets that are counted in out already. */
char *accept_put_message(struct buf *out, struct span id, bool hold,
    size_t content, struct span tail);
void accept_batch_end(struct buf *out, uint64_t number, uint64_t oldest);

/* The batch at the beginning of bytes. False: there is none, or it was torn. */
bool accept_batch_get(struct span bytes, struct accept_batch *out);
/* The next record, taken off *records. False: there are no more, or what is
 * left makes no sense. */
bool accept_record_next(struct span *records, struct accept_record *out);

#endif
