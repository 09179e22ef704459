/* tickets.h - a webmail user signs in once and shows a ticket for each page
 *
 * 256 random bits, told once; kept is only their SHA-256, with the user and
 * the ends: of unused life and of all life.
 */

#ifndef AUTH_TICKETS_H
#define AUTH_TICKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct tickets;

struct tickets *
tickets_open(const char *data_directory, int64_t idle, int64_t life);
void tickets_flush(struct tickets *t);
/* A new one for user, appended to out as base64url. */
void tickets_make(struct tickets *t, struct span user, struct buf *out);
/* Whose ticket is it? False: nobody's (any more). A good one lives on. user is
 * appended. */
bool tickets_check(struct tickets *t, struct span ticket, struct buf *user);
void tickets_end(struct tickets *t, struct span ticket);

#endif
