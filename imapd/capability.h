/* capability.h - what this server can do */

#ifndef IMAPD_CAPABILITY_H
#define IMAPD_CAPABILITY_H

struct buf;
struct session;

/* Append the capabilities, blanks between. */
void capability_put(const struct session *s, struct buf *out);

#endif
