/* source.h - the text that tables are made from: postmap(1), aliases(5) */

#ifndef MAPS_SOURCE_H
#define MAPS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

/* Reads logical lines: a line that begins with a blank continues the one
 * before (its line end is dropped, its blanks stay), comments (first mark '#')
 * and blank lines may stand anywhere and are passed over. */
struct source {
	struct span rest;
	size_t line; /* physical lines read so far */
	size_t first; /* where the last logical line began */
	struct buf text;
};

/* The text must outlive the reader. */
void source_init(struct source *s, struct span text);
void source_done(struct source *s);
/* The next logical line, without blanks at its end; it lives until the next
 * call. False at the end. A line of blanks that continues nothing is still a
 * line: its text begins with a blank. */
bool source_next(struct source *s, struct span *line);

/* Split "key value". The key ends at the first blank that is not between
 * quotes, and keeps its quotes. NULL, or what is wrong with the line in
 * Postfix's words. */
const char *source_pair(struct span line, struct span *key, struct span *value);

/* Split "name: value" of aliases(5). The name, without its quotes, is
 * appended to name. NULL, or what is wrong. */
const char *
source_alias(struct span line, struct buf *name, struct span *value);

/* What an alias's value may hold. */
enum alias_kind {
	ALIAS_ADDRESS, /* as written: an RFC 5322 address, with name perhaps */
	ALIAS_COMMAND, /* behind the '|' */
	ALIAS_FILE, /* a path, from its '/' on */
	ALIAS_INCLUDE /* the path behind :include: */
};

/* Take the next member off an alias's value: members are parted by commas
 * outside of quotes, comments and angle brackets, addresses also by blanks when
 * there is no <...> among them. The text is appended to out
 * (cleared first), quotes of a member that is wholly quoted taken off. False
 * at the end. Empty members are passed over. */
bool source_member(struct span *rest, enum alias_kind *kind, struct buf *out);

#endif
