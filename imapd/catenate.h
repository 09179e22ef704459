/* catenate.h - pieces of a message that are messages of ours (RFC 4469) */

#ifndef IMAPD_CATENATE_H
#define IMAPD_CATENATE_H

#include "base/span.h"

struct arena;
struct body_sink;
struct session;
struct why;

enum catenate_result {
	CATENATE_DONE,
	CATENATE_NONE, /* no such message or part, or no such URL */
	CATENATE_TROUBLE /* why says what, errno which */
};

/* Give what the URL means to the sink. Nothing is marked as read, and what is
 * selected stays so. */
enum catenate_result catenate_url(struct session *s, struct span url,
    struct body_sink *sink, struct why *why);
/* "BADURL url", in a. */
const char *catenate_code(struct arena *a, struct span url);

#endif
