/* letter.h - one message, fetched and taken apart */

#ifndef WEBMAIL_CGI_LETTER_H
#define WEBMAIL_CGI_LETTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "message/mime.h"

struct webmail;

enum { LETTER_MAX = 48 * 1024 * 1024, LETTER_TEXT_MAX = 4 * 1024 * 1024 };

/* All in the page's arena. */
struct letter {
	uint64_t uid;
	struct span bytes;
	struct mime_tree tree;
	/* What is shown as the text: NULL when there is none. */
	const struct mime_part *plain, *html;
};

/* Fetch the request's message (fields f and u). seen: mark it read. False: an
 * error page was made. */
bool letter_fetch(struct webmail *w, struct letter *out, bool seen);
/* A header field's value, unfolded, raw; empty when there is none. */
struct span
letter_field(struct webmail *w, const struct letter *l, const char *name);
/* The same, encoded words decoded. */
struct span
letter_words(struct webmail *w, const struct letter *l, const char *name);
/* An address list for a person to edit: names decoded and quoted, so that what
 * an encoded name holds ("=?utf-8?q?x=40evil,?=") becomes no address. */
struct span
letter_addresses(struct webmail *w, const struct letter *l, const char *name);
/* The text for a reply: UTF-8. */
struct span letter_text(struct webmail *w, const struct letter *l);
/* Is the part one to offer as a file? */
bool letter_is_attachment(const struct letter *l, const struct mime_part *p);
/* The part that a number in the order of the message names; NULL: none. */
const struct mime_part *letter_part(const struct letter *l, uint64_t number);

#endif
