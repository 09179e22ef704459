/* search.h - which messages match search keys, for more than SEARCH */

#ifndef IMAPD_SEARCH_H
#define IMAPD_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/why.h"
#include "imapd/numbers.h"
#include "wire/imap_search.h"

struct session;

/* Keys that are asked of the messages of the selected folder. */
struct search {
	struct session *s;
	struct imap_search asked;
	bool keeps_raw;
	const struct imap_search *raw; /* as parsed, when it was to be kept */
	uint32_t lowest; /* UID looked at when the limit cut it short; else 0 */
	size_t i; /* the message asked about */
	struct buf decoded; /* its text, as it stands */
	struct buf text; /* of it, for several keys */
	bool has_text;
	struct why why;
};

/* Begin, then set asked, and keeps_raw where the keys are wanted later;
 * search_end() ends it. */
void search_begin(struct search *q, struct session *s);
void search_end(struct search *q);
/* Some key names messages by number, which the client has forsworn (RFC 9586).
 */
bool search_has_numbers(const struct search *q);
/* Make the keys ready for the folder as it is now, once: sets become numbers,
 * texts are folded. Uses the command's memory. */
void search_prepare(struct search *q);
/* Does the message at i match? What is gone does not. */
bool search_one(struct search *q, size_t i);
/* All that match. */
void search_run(struct search *q, struct numbers *out);

/* As the answer has it: UIDs or numbers; and the greatest sequence. */
struct found {
	uint32_t *list;
	size_t count;
	uint64_t modseq;
	bool uids;
	struct span mailbox; /* told with validity unless empty (RFC 7377) */
	uint32_t validity;
};

/* The number by which a message is told: its UID when the command was given
 * with UID. */
uint32_t search_number(const struct session *s, size_t at);
/* The greatest sequence of those places that are told, of n in their order (RFC
 * 4731, 3.2; RFC 7162, 3.1.9). */
uint64_t search_told_modseq(const struct session *s,
    const struct imap_search *asked, const struct numbers *n);
/* Append SEARCH or SORT (RFC 3501, 7.2.5; RFC 5256; RFC 7162, 3.1.5, 3.1.9)
 * without the line's end. */
void search_put_plain(const char *word, const struct imap_search *asked,
    const struct found *found, struct buf *out);
/* Append ESEARCH (RFC 4731; RFC 5267, 3; RFC 7377; RFC 9394) without the line's
 * end. */
void search_put(const struct session *s, const struct imap_search *asked,
    const struct found *found, struct buf *out);

/* With SAVE alone nothing is told (RFC 5182, 2.1). */
bool search_saves_only(const struct imap_search *asked);
/* Save what is told of the places found, as SAVE wants it. */
void search_save(struct search *q, const struct numbers *n);

/* Take SP charset SP keys off args, as SORT and THREAD have them, to the line's
 * end, and find, no more than the limit. False: answered. */
bool search_places(struct search *q, struct span args, struct numbers *out);

#endif
