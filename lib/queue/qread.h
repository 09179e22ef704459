/* qread.h - reading a queue file's envelope from its descriptor */

#ifndef QUEUE_QREAD_H
#define QUEUE_QREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/qfile.h"

struct arena;

/* All lives in a. *whole: octets up to the end of the last whole record; what
 * lies behind is a torn block, to be cut off by the one who writes. -1 with
 * errno; EBADMSG: no queue file, or damaged. */
int qread(int fd, struct arena *a, struct qfile_envelope *e,
    struct qfile_closing *first, uint64_t *whole)
    __attribute__((warn_unused_result));
/* Is the content, [0, size), what its checksum says? -1 with errno; EBADMSG: it
 * is not. Reads it whole. */
int qread_check(int fd, uint64_t size, uint32_t crc)
    __attribute__((warn_unused_result));
/* Is this a queue file with so much content, all of it as it was? */
bool qread_is_whole(int fd, uint64_t content);
/* "active", "deferred", ...: the folders of the queue in the order tools
 * search them; NULL at the end. */
const char *qread_folder(unsigned i);
/* Has it the form of a queue id? Upper-case hexadecimal, or letters and digits
 * without vowels with a 'z' among them (enable_long_queue_ids); 6 to 20. */
bool qread_id_ok(struct span id);

#endif
