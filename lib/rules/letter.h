/* letter.h - the message of a run, as procmail sees it
 *
 * The header ends at the first empty line (empty lines at the very top belong
 * to it); without one all is header. A first line "From " is the envelope line.
 * Nothing is decoded, NUL is a byte like all.
 */

#ifndef RULES_LETTER_H
#define RULES_LETTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct buf;
struct grams;
struct letter;

/* text is copied. With lengths, a Content-Length field is kept true, within
 * the bytes it has, and shields the body in a mailbox file. */
struct letter *letter_new(struct span text, bool lengths);
/* The same without a copy: text is the letter's from now on, and empty. */
struct letter *letter_take(struct buf *text, bool lengths);
void letter_free(struct letter **l);

/* These live until the letter changes. */
struct span letter_text(const struct letter *l);
struct span letter_head(const struct letter *l);
struct span letter_body(const struct letter *l);
/* What conditions search: the same with folded header lines joined, a blank in
 * place of the newline. */
struct span letter_searched(struct letter *l, bool head, bool body);
/* What a condition may ask of the searched header before it searches it; NULL
 * while too few have searched it for that to pay. */
const struct grams *letter_head_grams(struct letter *l);
/* For the log alone: is the header one whose lines are joined? It is while
 * recipes that look at it are read, and no longer when one does something. */
void letter_show_joined(struct letter *l, bool joined);
/* The header as the log shows it. */
struct span letter_head_seen(struct letter *l);
/* The envelope line without its newline; n is 0 when there is none. */
struct span letter_from(const struct letter *l);

/* Put by in place of the part (or of all of it with both or none). Where the
 * header ends is looked for anew unless it is the body that was replaced. */
void letter_replace(struct letter *l, bool head, bool body, struct span by);
/* Put line (or nothing) in place of the envelope line; with more, also of the
 * ">From " lines behind it. */
void letter_set_from(struct letter *l, struct span line, bool more);
/* Take away empty lines at the top. */
void letter_skip_empty(struct letter *l);

/* Bytes to be written, in pieces; static or the letter's. */
struct pieces {
	struct span *at;
	size_t count, room;
	uint64_t bytes;
	bool ended; /* the last is a newline that was not the letter's */
};

void pieces_add(struct pieces *p, struct span s);
void pieces_free(struct pieces *p);

struct letter_how {
	bool head, body; /* none: both */
	bool no_from; /* without "From " and ">From " lines at the top */
	bool quote; /* '>' before later lines that begin "From " */
	bool end_line; /* a newline more unless it ends in an empty line */
};
void letter_render(
    struct letter *l, const struct letter_how *how, struct pieces *out);

#endif
