/* password.h - a password from a terminal or standard input, and its hash */

#ifndef TOOLS_FACTEUR_PASSWORD_H
#define TOOLS_FACTEUR_PASSWORD_H

#include "base/span.h"

struct buf;
struct secret;
struct tool;

/* Twice, without echo, from a terminal; else one line. Ends the process when
 * there is none, or it is empty or too long. */
struct secret *password_ask(const struct tool *t);
/* Append the hash of crypt(3), yescrypt. */
void password_hash(
    const struct tool *t, const struct secret *password, struct buf *out);

#endif
