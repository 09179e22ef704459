/* canon.h - canonical forms of header fields and bodies (RFC 6376, 3.4) */

#ifndef MAUTH_CANON_H
#define MAUTH_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/span.h"

struct buf;

enum canon { CANON_SIMPLE, CANON_RELAXED };

/* Append the canonical form of a whole field, with CRLF at its end. all: with
 * LF or CRLF line ends. */
void canon_field(enum canon canon, struct span all, struct buf *out);

/*
 * Digests of the body in each form that somebody wants, made as it streams by.
 */
struct bodies;

enum { BODIES_MAX = 24 }; /* forms of one message */

struct bodies *bodies_new(void);
void bodies_free(struct bodies **b);
/* Before the first byte: a form, and how many of its octets are digested (the
 * same form with another length is another). Gives its number; -1: too many. */
int bodies_want(struct bodies *b, enum canon canon, uint64_t length);
#define BODIES_WHOLE UINT64_MAX
/* LF line ends. */
void bodies_feed(struct bodies *b, struct span bytes);
/* Once, at the end. */
void bodies_end(struct bodies *b);
/* After the end: the digest, and how many octets the form has in all. */
const unsigned char *bodies_digest(const struct bodies *b, int number);
uint64_t bodies_length(const struct bodies *b, int number);

#endif
