/* pop3_lang.h - the LANG command of POP3 (RFC 6856, 3) */

#ifndef WIRE_POP3_LANG_H
#define WIRE_POP3_LANG_H

#include "base/span.h"

struct buf;

/* Append the whole answer to LANG with this argument: without one, the list of
 * languages. There is English; a range of it (en-GB) means that, "*" too. */
void pop3_lang(struct span arg, struct buf *out);

#endif
