/* net_reply.h - what the servers of socketmap: and tcp: tables say */

#ifndef MAPS_NET_REPLY_H
#define MAPS_NET_REPLY_H

#include "base/span.h"
#include "maps/map.h"

struct buf;
struct why;

enum { NET_REPLY_MAX = 100000 };

enum net_reply_result {
	NET_REPLY_MORE, /* not whole yet */
	NET_REPLY_DONE, /* *got and out or why are set */
	NET_REPLY_BAD
};

/* Look at all that came. Text that is put into why is the server's, without
 * control bytes. Pure. */

/* A netstring: "OK value", "NOTFOUND ", "TEMP reason", "TIMEOUT reason", "PERM
 * reason" (sendmail's socketmap). */
enum net_reply_result net_reply_socketmap(
    struct span in, enum map_result *got, struct buf *out, struct why *why);
/* A line: "200 value", "500 no such key", "400 reason", with %XX
 * (tcp_table(5)). */
enum net_reply_result net_reply_tcp(
    struct span in, enum map_result *got, struct buf *out, struct why *why);
/* The other way: append key for tcp:. */
void net_encode(struct buf *out, struct span key);

#endif
