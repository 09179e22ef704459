/* imap_list.h - what LIST asks for (RFC 3501, 6.3.8; RFC 5258, 5819, 6154) */

#ifndef WIRE_IMAP_LIST_H
#define WIRE_IMAP_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;

enum { LIST_PATTERNS_MAX = 50, LIST_PATTERN_BYTES_MAX = 1000 };

enum imap_status_item {
	STATUS_MESSAGES = 1,
	STATUS_RECENT = 2,
	STATUS_UIDNEXT = 4,
	STATUS_UIDVALIDITY = 8,
	STATUS_UNSEEN = 16,
	STATUS_SIZE = 32, /* RFC 8438 */
	STATUS_DELETED = 64, /* RFC 9051 */
	STATUS_HIGHESTMODSEQ = 128, /* RFC 7162 */
	STATUS_MAILBOXID = 256, /* RFC 8474 */
	STATUS_APPENDLIMIT = 512, /* RFC 7889 */
	STATUS_DELETED_STORAGE = 1024 /* RFC 9208 */
};

/* "(MESSAGES UNSEEN)" as bits. */
bool imap_status_items(struct span *rest, unsigned *items);

struct imap_list {
	struct span reference;
	struct span *patterns; /* in the arena; as the wire has them */
	size_t count;
	/* selection options */
	bool extended; /* the long form was used */
	bool subscribed, recursive, special_only;
	/* return options */
	bool return_subscribed, return_children, return_special;
	unsigned status; /* items of RETURN (STATUS (...)); 0: none */
	bool my_rights; /* RETURN (MYRIGHTS) (RFC 8440) */
	struct span *metadata; /* names of RETURN (METADATA (...)) (RFC 9590) */
	size_t metadata_count;
};

/* All behind LIST, to the line's end. */
bool imap_list_parse(struct arena *a, struct span rest, struct imap_list *out);

/* Does name match pattern? '*' stands for anything, '%' for anything without
 * separator. In time of both lengths multiplied. A pattern longer than the
 * limit matches nothing. */
bool imap_list_match(struct span pattern, struct span name, char separator);

#endif
