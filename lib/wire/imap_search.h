/* imap_search.h - what SEARCH asks for, as a small program (RFC 3501, 6.4.4)
 *
 * Keys become a list of steps with one truth value: a leaf sets it, a jump
 * looks at it, NOT turns it. So neither reading nor asking recurses, and a
 * dear key is not asked when a cheap one before it has decided.
 */

#ifndef WIRE_IMAP_SEARCH_H
#define WIRE_IMAP_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/imap_parse.h"

struct arena;
struct imap_fetch;

enum {
	SEARCH_STEPS_MAX = 10000,
	SEARCH_DEPTH_MAX = 100 /* parentheses, NOT and OR inside each other */
};

enum imap_search_kind {
	/* jumps, to step to */
	SEARCH_IF_FALSE,
	SEARCH_IF_TRUE,
	SEARCH_NOT, /* turns the value */
	/* leaves */
	SEARCH_ALL,
	SEARCH_FLAG, /* all of flags set, none of without */
	SEARCH_KEYWORD, /* text */
	SEARCH_SEQ, /* set */
	SEARCH_UID, /* set */
	SEARCH_UIDAFTER, /* number: a greater UID than this (RFC 9738) */
	SEARCH_UIDBEFORE,
	SEARCH_BEFORE, /* INTERNALDATE: day */
	SEARCH_ON,
	SEARCH_SINCE,
	SEARCH_SAVEDBEFORE, /* when it came into the folder (RFC 8514) */
	SEARCH_SAVEDON,
	SEARCH_SAVEDSINCE,
	SEARCH_SENTBEFORE, /* Date: */
	SEARCH_SENTON,
	SEARCH_SENTSINCE,
	SEARCH_LARGER, /* number */
	SEARCH_SMALLER,
	SEARCH_OLDER, /* number: seconds (RFC 5032) */
	SEARCH_YOUNGER,
	SEARCH_MODSEQ, /* number */
	SEARCH_EMAILID, /* text (RFC 8474) */
	SEARCH_THREADID,
	SEARCH_ADDRESS, /* field, text */
	SEARCH_HEADER,
	SEARCH_BODY, /* text */
	SEARCH_TEXT
};

struct imap_search_step {
	enum imap_search_kind kind;
	size_t to;
	unsigned flags, without; /* of enum imap_flag */
	struct span field, text;
	struct imap_set set;
	int64_t day; /* since 1970 */
	uint64_t number;
};

enum imap_search_result {
	IMAP_SEARCH_OK,
	IMAP_SEARCH_BAD, /* ill-formed, or beyond the limits */
	IMAP_SEARCH_CHARSET /* not US-ASCII or UTF-8 */
};

struct imap_search {
	struct imap_search_step *steps; /* in the arena */
	size_t count;
	bool has_charset;
	bool has_return; /* RETURN (...) of RFC 4731 */
	bool min, max, all, count_wanted, save;
	bool has_partial; /* RFC 9394 */
	struct imap_partial partial;
	bool update; /* changes of the result are to be told (RFC 5267, 4.3) */
	bool context; /* the same will be asked for again (RFC 5267, 4.2) */
	struct imap_fetch *fetch; /* of messages that come into the result (RFC
				   * 5465, 7), or NULL */
	bool modseq; /* some key asks for it */
};

/* ["RETURN (...)" SP], as SORT has it too (RFC 5267, 3.1): only what it asks
 * for is set in out. False when it is ill-formed. */
bool
imap_search_return(struct arena *a, struct span *rest, struct imap_search *out);

/* day is asked to read dates ("1-Feb-1994"); message/date.h has one. */
typedef bool imap_day_fn(struct span text, int64_t *day);

/* [RETURN (...)] [CHARSET x] keys, to the end of the line. */
enum imap_search_result imap_search_parse(struct arena *a, struct span *rest,
    imap_day_fn *day, struct imap_search *out);

/* A copy of the program and what it names, in a; the spans of RETURN too. */
void imap_search_copy(
    struct arena *a, const struct imap_search *from, struct imap_search *to);

/* The steps at the front that every message must pass, as far as they are plain
 * leaves: how many steps, jumps between them counted. */
size_t imap_search_front(const struct imap_search *s);

/* Ask a leaf. */
typedef bool imap_leaf_fn(void *arg, const struct imap_search_step *step);
/* Run the program: true when the message matches. */
bool
imap_search_run(const struct imap_search *s, imap_leaf_fn *leaf, void *arg);

#endif
