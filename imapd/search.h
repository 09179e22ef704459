/* search.h - the messages that match search keys, for more than SEARCH */

#ifndef IMAPD_SEARCH_H
#define IMAPD_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "imapd/numbers.h"

struct buf;
struct imap_search;
struct session;

/* As the answer has it: UIDs or numbers; and the greatest sequence. */
struct found {
	uint32_t *list;
	size_t count;
	uint64_t modseq;
};

/* Append ESEARCH (RFC 4731; RFC 5267, 3; RFC 9394) without the line's end. */
void search_put(const struct session *s, const struct imap_search *asked,
    const struct found *found, struct buf *out);

/* Take SP charset SP keys off args, as SORT and THREAD have them, to the line's
 * end, and find. False: answered. */
bool search_places(struct session *s, struct span args, struct numbers *out);

#endif
