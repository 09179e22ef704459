/* vacation.h - may a message be answered by a program, and the answer
 *
 * RFC 3834; RFC 5230 has the same rules for Sieve. Nothing is read or written
 * here: vacation_store.h remembers who was answered, others send.
 */

#ifndef RULES_VACATION_H
#define RULES_VACATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum { VACATION_SUBJECT_MAX = 250 };

struct vacation_names {
	/* local@domain, or a local part that counts with any domain */
	const struct span *list;
	size_t count;
	const char *delimiters; /* recipient_delimiter; of local parts alone */
};

/* Why this message gets no answer by a program, in words for a log; NULL: it
 * may have one. sender is that of the envelope. With anyone it need not be
 * addressed to one of names. */
const char *vacation_refused(struct arena *a, struct span message,
    struct span sender, const struct vacation_names *names, bool anyone);
/* Is address one of names? */
bool vacation_is_ours(const struct vacation_names *names, struct span address);

/* The sender of the envelope as the message tells it: its "From " line, else
 * its first Return-Path. False: it does not tell; empty: the null sender. */
bool vacation_sender(struct arena *a, struct span message, struct span *out);
/* The Subject as UTF-8, decoded, in the arena; at most VACATION_SUBJECT_MAX
 * bytes. */
struct span vacation_subject(struct arena *a, struct span message);

struct vacation_answer {
	struct span message; /* what is answered */
	struct span to; /* the sender of its envelope */
	struct span from; /* an address list, or one address */
	struct span subject; /* UTF-8; empty: "Auto: " and the old one */
	struct span fields; /* more fields, each with its LF, or none */
	/* UTF-8; or, with entity, a MIME entity: fields, empty line, body */
	struct span text;
	bool entity;
	struct span domain; /* for the Message-ID */
	int64_t now;
};

/* Append the whole message that is to go out with a null sender. False: from or
 * to cannot stand in a header, or fields or entity hold what no message may. */
bool vacation_compose(
    struct arena *a, const struct vacation_answer *v, struct buf *out);

/* What ~/.vacation.msg holds: fields or none, then text. */
struct vacation_file {
	struct span subject, from; /* empty: not given */
	struct span fields; /* other fields that may go out, in the arena */
	struct span text; /* or an entity, if it has Content-* fields */
	bool entity;
};

/* Read it; $SUBJECT in its subject and text becomes subject. Bytes that are no
 * UTF-8 are taken as windows-1252. All in the arena. */
void vacation_file_parse(struct arena *a, struct span file, struct span subject,
    struct vacation_file *out);

#endif
