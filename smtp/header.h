/* header.h - the header of a letter, as it was last made */

#ifndef SMTP_HEADER_H
#define SMTP_HEADER_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct buf;
struct header_list;
struct letter;

/* All fields of the letter's header, from the queue file or as it was made
 * anew; at most HEADER_BYTES_MAX of it. Lives in a. False: errno. */
bool
header_load(const struct letter *l, struct arena *a, struct header_list *out);
/* The letter gets this header from now on: fields with their LF, without the
 * empty line. was: what it had so far, of header_load(). */
void
header_set(struct letter *l, const struct header_list *was, struct span fresh);

#endif
