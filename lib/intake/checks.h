/* checks.h - header_checks, body_checks and their kin: which lines are to be
 * looked up, and what becomes of them
 *
 * Nothing is asked here. The holder feeds fields and the block of content that
 * is not yet written; while items wait for an answer it feeds nothing more.
 */

#ifndef INTAKE_CHECKS_H
#define INTAKE_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct checks;

enum check_table {
	CHECK_HEADER,
	CHECK_MIME,
	CHECK_NESTED,
	CHECK_BODY,
	CHECK_TABLES
};

struct checks_conf {
	bool wanted[CHECK_TABLES];
	size_t field_max, line_max; /* longer ones are looked at in part */
	uint64_t body_max; /* octets of each part's body; 0: none */
	unsigned depth_max;
};

enum check_change { CHECK_KEEP, CHECK_DROP, CHECK_REPLACE, CHECK_PREPEND };

/* A line or field to be looked up. */
struct check_item {
	enum check_table table;
	bool top; /* of the message's own header: field is its number */
	uint32_t field;
	struct span text; /* until checks_settle() */
	struct span value; /* what the table says; p NULL: nothing */
	size_t from, to; /* in the block, with line end; not of top */
	enum check_change change;
	struct span with; /* without line end */
};

struct checks *checks_new(const struct checks_conf *conf);
void checks_free(struct checks **c);
/* A field of the message's own header. */
void checks_field(
    struct checks *c, struct span name, struct span all, uint32_t number);
/* That is over: the body begins at this place of the block. */
void checks_header_end(struct checks *c, size_t at);
/* Look at what is new of the block; last: there will be no more. */
void checks_scan(struct checks *c, struct span block, bool last);
/* So much of the block's front needs not be kept. */
size_t checks_settled(const struct checks *c);
void checks_shift(struct checks *c, size_t n);

/* Items are waiting. */
bool checks_pending(const struct checks *c);
/* The next of one table, each with a NUL behind it, appended to lines: at most
 * max octets in all. */
enum check_table
checks_batch(const struct checks *c, size_t max, struct buf *lines);
/* The value for the nth of them. Copied. */
void checks_hit(struct checks *c, uint32_t n, struct span value);
/* So many of them are done. */
void checks_done(struct checks *c, uint32_t n);
/* When none is pending: walk those that have a value; *at begins at 0. NULL at
 * the end. change and with may be set; with is copied. */
struct check_item *checks_next(struct checks *c, size_t *at);
void checks_with(struct checks *c, struct check_item *item, struct span with);
/* Do the changes: in the block, and as edits of the header. */
void checks_settle(struct checks *c, struct buf *block, struct buf *edits);
/* Look at nothing more. */
void checks_stop(struct checks *c);

#endif
