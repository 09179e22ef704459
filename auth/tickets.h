/* tickets.h - a webmail user signs in once and shows a ticket for each page
 *
 * 256 random bits, told once; kept is only their SHA-256, with the user and
 * the ends: of unused life and of all life. Where the user's mail is on another
 * host that wants his password, that is kept too, sealed with the ticket: the
 * browser alone has what opens it.
 */

#ifndef AUTH_TICKETS_H
#define AUTH_TICKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct loop;
struct secret;
struct tickets;

/* In data_directory. */
struct tickets *tickets_open(
    struct loop *loop, const char *data_directory, int64_t idle, int64_t life);
/* Without writing what has not been written. */
void tickets_free(struct tickets **t);
void tickets_flush(struct tickets *t);
/* A new one for user, appended to out as base64url. word: the password to keep,
 * without NUL; NULL: none. */
void tickets_make(struct tickets *t, struct span user,
    const struct secret *word, struct buf *out);
/* Whose ticket is it? False: nobody's (any more). A good one lives on. user is
 * appended, *word is the caller's, NULL when none was kept; word may be NULL.
 */
bool tickets_check(struct tickets *t, struct span ticket, struct buf *user,
    struct secret **word);
void tickets_end(struct tickets *t, struct span ticket);

#endif
