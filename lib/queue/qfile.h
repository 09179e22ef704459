/* qfile.h - the format of a queue file
 *
 *   content     as it came, LF line ends, from offset 0
 *   envelope    records: kind (1 byte), length (4 bytes LE), bytes
 *   closing     40 bytes: sizes and checksums; a file without it is unfinished
 *   blocks      appended later: records, then a closing of their own
 *
 * A recipient's state is one byte inside its record, rewritten in place; the
 * checksums take it as 0. docs/QUEUE.md has every legal state. All numbers are
 * little-endian. These functions are pure: bytes in, struct out.
 *
 * Records that came later are written only where there is something to say, so
 * that the files of most messages are those that every version reads:
 *   h   FUTURERELEASE: when (8 bytes), and what was asked for
 *   i   a content filter
 *   v   VERP: the two delimiters
 *   y   of recipients that local delivery sent the message on to: who did
 */

#ifndef QUEUE_QFILE_H
#define QUEUE_QFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum { QFILE_CLOSING = 40, QFILE_VERSION = 1, QFILE_VERP = 2 };
enum { QFILE_ENVELOPE_MAX = 64 * 1024 * 1024, QFILE_RCPTS_MAX = 100000 };

enum qfile_state {
	STATE_QUEUED = 'q',
	STATE_DONE = 'd', /* delivered */
	STATE_REPLACED = 'x', /* by recipients of a later block */
	/* The same two, where the sender wants to hear of it and has not:
	 * delivered; given to a system that will not tell him; replaced. */
	STATE_TELL_DONE = 's',
	STATE_TELL_RELAYED = 'r',
	STATE_TELL_REPLACED = 'e',
	STATE_FAILED = 'f', /* for good; the sender has not been told */
	STATE_TOLD = 'b' /* failed, and a report is in the queue */
};

enum qfile_kind {
	KIND_ADDRESS,
	KIND_COMMAND, /* "|command" */
	KIND_FILE, /* "/path" */
	KIND_INCLUDE, /* ":include:/path" */
	QFILE_KINDS
};

struct qfile_rcpt {
	enum qfile_state state;
	unsigned notify; /* as in calls/queue_call.h */
	/* An alias named itself: its maps are not asked again. */
	bool final;
	/* Only recipients that an alias or a ~/.forward made are anything but
	 * an address; user is then the account that runs or opens it. */
	enum qfile_kind kind;
	struct span address;
	struct span orig; /* what the client gave, when it differs */
	struct span orcpt;
	struct span user;
	/* The envelope sender for this recipient, where a list has an owner;
	 * empty: the message's. */
	struct span owner;
	struct span via; /* through whose hands it came: queue/via.h */
	uint64_t state_at; /* offset of the state byte in the file */
	/* Of the last deferral or failure: */
	struct span status, reason;
};

struct qfile_envelope {
	int64_t arrival_us;
	int64_t next_try; /* wall clock, seconds; 0: at once */
	/* As in calls/queue_call.h. Read, next_try is not before it. */
	int64_t release;
	struct span hold;
	bool warned; /* the sender knows that it takes long */
	unsigned attempts;
	unsigned flags, ret; /* as in calls/queue_call.h */
	struct span sender, envid, message_id, edits;
	struct span client_name, client_addr, helo, proto;
	struct span sasl_method, sasl_username;
	struct span filter; /* where all of it goes first, or empty */
	struct span verp; /* as in calls/queue_call.h */
	size_t rcpt_count;
	struct qfile_rcpt *rcpts;
};

/* What the closing record says. */
struct qfile_closing {
	bool is_block; /* of an appended block */
	uint64_t content_size, envelope_size; /* of the first part */
	uint32_t content_crc;
	uint32_t records_size; /* of the block; 0 in the first closing */
	uint32_t records_crc;
};

/* Append envelope and closing. Of rcpts, states are taken from the struct;
 * state_at is set for a file whose content has content_size octets. */
void qfile_put(struct buf *out, struct qfile_envelope *e, uint64_t content_size,
    uint32_t content_crc);

/* Append one block for a file with this first closing. Begin with
 * qfile_block_begin(), add records, end with qfile_block_end(). */
void qfile_block_begin(struct buf *out);
/* The owner of all recipients that follow in the block. */
void qfile_block_owner(struct buf *out, struct span owner);
/* The same of their via, until another one comes; it may be empty. */
void qfile_block_via(struct buf *out, struct span via);
/* state_at is set, given the size of the file before the block. */
void
qfile_block_rcpt(struct buf *out, struct qfile_rcpt *r, uint64_t file_size);
/* The number of the recipient whose delivery failed or waits. */
void qfile_block_reason(
    struct buf *out, uint32_t rcpt, struct span status, struct span reason);
/* The sender has been warned of the delay. */
void qfile_block_warned(struct buf *out);
void qfile_block_retry(struct buf *out, int64_t next_try, unsigned attempts);
void qfile_block_end(struct buf *out, const struct qfile_closing *first);

/* Read a closing record from its 40 bytes. */
bool qfile_closing_get(struct span bytes, struct qfile_closing *out);
/* Where the last whole closing record ends in tail (the last bytes of a file),
 * or 0 when there is none: what lies behind is a torn block. */
size_t qfile_tail(struct span tail, struct qfile_closing *out);

/* Parse: bytes are all of the file behind its content up to the end of the
 * last whole closing record. Spans point into bytes, the recipients live in a.
 * False when anything is not as it must be. */
bool qfile_get(struct span bytes, uint64_t content_size, struct arena *a,
    struct qfile_envelope *out, struct qfile_closing *first);

#endif
