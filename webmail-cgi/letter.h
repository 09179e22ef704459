/* letter.h - one message, fetched and taken apart */

#ifndef WEBMAIL_CGI_LETTER_H
#define WEBMAIL_CGI_LETTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "message/mime.h"
#include "webmail-cgi/words.h"

struct buf;
struct webmail;

enum { LETTER_MAX = 48 * 1024 * 1024, LETTER_TEXT_MAX = 4 * 1024 * 1024 };

/* All in the page's arena. */
struct letter {
	uint64_t uid;
	struct span bytes;
	bool cut; /* larger than LETTER_MAX: only the front */
	struct mime_tree tree;
	/* What is shown as the text: NULL when there is none. */
	const struct mime_part *plain, *html;
};

/* Fetch a message. seen: mark it read. No page is made. */
enum letter_result { LETTER_OK, LETTER_NO_FOLDER, LETTER_GONE, LETTER_TROUBLE };
enum letter_result letter_load(struct webmail *w, struct span folder,
    uint64_t uid, bool seen, struct letter *out);
/* The request's message (fields f and u). False: an error page was made. */
bool letter_fetch(struct webmail *w, struct letter *out, bool seen);
/* What to tell the reader of a result that is not LETTER_OK. */
enum word letter_trouble(enum letter_result r, int *status);
/* A header field's value, unfolded, raw; empty when there is none. */
struct span
letter_field(struct webmail *w, const struct letter *l, const char *name);
/* The same, encoded words decoded. */
struct span
letter_words(struct webmail *w, const struct letter *l, const char *name);
/* Append the addresses of a field for a person to edit: names decoded and
 * quoted, so that what an encoded name holds ("=?utf-8?q?x=40evil,?=") becomes
 * no address. seen (may be NULL) holds those that are in no list again, one
 * a line, and takes these up. */
void letter_addresses(struct webmail *w, const struct letter *l,
    const char *name, struct buf *seen, struct buf *out);
/* Put "local@domain" into such a list; false when it is there. */
bool
letter_address_new(struct buf *seen, struct span local, struct span domain);
/* The text for a reply: UTF-8. */
struct span letter_text(struct webmail *w, const struct letter *l);
/* Is the part one to offer as a file? */
bool letter_is_attachment(const struct letter *l, const struct mime_part *p);
/* Append what to call it: its file name, else its type. */
void letter_part_name(const struct mime_part *p, struct buf *out);
/* The part that a number in the order of the message names; NULL: none. */
const struct mime_part *letter_part(const struct letter *l, uint64_t number);

#endif
