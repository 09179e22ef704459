/* store.h - a message into a Maildir: whole and durable, or not at all
 *
 * Written in tmp/, flushed, renamed into new/ (or cur/), that folder flushed.
 * On any trouble nothing is left visible and the outcome is DEFER.
 */

#ifndef MAILBOX_STORE_H
#define MAILBOX_STORE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/why.h"

struct maildir;

/* Part of a message: bytes in memory, or n bytes of fd from offset at when fd
 * is not -1. A file that ends early is trouble. */
struct store_piece {
	struct span bytes;
	int fd;
	uint64_t at, n;
};

/* One message; the fields below outcome are filled by the call. */
struct store_letter {
	const struct store_piece *pieces;
	size_t count;
	enum outcome outcome;
	struct why *why; /* the caller's, may be shared; NULL for none */
	struct buf name; /* of the file in new/; the caller frees it */
	uint64_t size; /* as it lies on disk */
};

/* Deliver one message to new/. */
enum outcome
maildir_store(struct maildir *m, struct store_letter *letter, struct why *why);
/* Deliver n messages: all are written, then flushed one after the other while
 * the disk already works on all, then renamed, and new/ is flushed once. Each
 * has its own outcome. */
void
maildir_store_all(struct maildir *m, struct store_letter *letters, size_t n);

/* The same in steps, for a message that comes in pieces (IMAP's APPEND). */
struct store_file;

/* NULL: why says why. */
struct store_file *store_begin(struct maildir *m, struct why *why);
/* Add bytes as they are; or with each CRLF made LF, across calls. After a
 * failure (-1) only store_drop() is of use. */
int store_add(struct store_file *f, struct span bytes, struct why *why)
    __attribute__((warn_unused_result));
int store_add_crlf(struct store_file *f, struct span bytes, struct why *why)
    __attribute__((warn_unused_result));
/* n bytes of fd from offset at. */
int store_add_file(struct store_file *f, int fd, uint64_t at, uint64_t n,
    struct why *why) __attribute__((warn_unused_result));
/* Octets as on disk; and with each bare LF counted as CRLF. */
uint64_t store_size(const struct store_file *f);
uint64_t store_wire_size(const struct store_file *f);
/* The descriptor being written, readable too; what was added is in the file
 * after store_written(), but not durable. */
int store_fd(const struct store_file *f);
int store_written(struct store_file *f, struct why *why)
    __attribute__((warn_unused_result));
/* Make n files durable and visible, together: all or none. flags are FLAG_
 * bits (mailbox/flags.h): a file goes to new/ with none, else to cur/. date is
 * the time that the file gets, 0: now. Of the same folder all. */
struct store_how {
	unsigned flags;
	int64_t date;
};
enum outcome store_finish(struct store_file *const *files,
    const struct store_how *how, size_t n, struct why *why);
/* Its three parts: after the first all is written and the names are known,
 * after the second it is on disk, after the third it is visible, durably. */
enum outcome store_write(struct store_file *const *files,
    const struct store_how *how, size_t n, struct why *why);
enum outcome
store_sync(struct store_file *const *files, size_t n, struct why *why);
enum outcome store_show(struct store_file *const *files,
    const struct store_how *how, size_t n, struct why *why);
/* After store_write: the name. After store_finish: whether it lies in cur/. */
struct span store_name(const struct store_file *f);
bool store_in_cur(const struct store_file *f);
/* Remove a file that was finished after all: what it was for failed. */
void store_take_back(struct store_file *f);
/* Free; a file that was not finished is removed. */
void store_drop(struct store_file **f);

#endif
