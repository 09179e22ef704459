/* html_token.h - tags, attributes and text of HTML, as browsers cut them
 *
 * Shared by html_clean.c and html_text.c. Nothing is allocated; spans point
 * into the input. What a browser would cut otherwise does no harm, since
 * nothing of the input is written as markup.
 */

#ifndef MESSAGE_HTML_TOKEN_H
#define MESSAGE_HTML_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "message/html_clean.h"

struct buf;

enum html_token_kind {
	HTML_TEXT, /* text holds it, entities not decoded */
	HTML_OPEN,
	HTML_CLOSE,
	HTML_NOTHING, /* a comment, a declaration, a tag that never ends */
	HTML_OVER
};

struct html_attribute {
	struct span name, value; /* entities not decoded */
};

struct html_token {
	enum html_token_kind kind;
	struct span text;
	struct span name; /* as written */
	struct html_attribute attributes[HTML_ATTRIBUTES_MAX];
	size_t count;
	bool cut; /* there were more */
};

struct html_reader {
	struct span rest;
	uint64_t work;
};

/* Take the next token. What stands inside of script, style and their like is
 * passed over together with their tag. */
void html_next(struct html_reader *r, struct html_token *out);
/* Append s with its entities decoded: numbers, and the names of HTML 4. In an
 * attribute a name without ';' before '=' or a letter is none. */
void html_decode(struct buf *out, struct span s, bool in_attribute);

#endif
