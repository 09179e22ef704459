/* visit_inside.h - connections to the imapd's of others; inside visit*.c */

#ifndef IMAPD_VISIT_INSIDE_H
#define IMAPD_VISIT_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "calls/share_call.h"

struct session;
struct stream;

enum {
	VISIT_LINE_MOST = 65536,
	VISIT_ANSWER_MS = 600000, /* from one word to the next */
	VISIT_HURRY_MS = 20000 /* all of it, where it is one of many */
};

struct visit {
	struct buf owner;
	int fd;
	struct stream *io;
	int64_t ends; /* on clock_ms(), of all answers; 0: VISIT_ANSWER_MS */
	unsigned enabled; /* ENABLED_ bits that it was told */
	uint64_t used; /* when, in visits */
};

struct visits {
	struct visit list[SHARE_VISITS_MOST];
	struct visit *selected; /* or NULL */
	uint64_t clock;
};

enum said {
	SAID_OK,
	SAID_NO,
	SAID_BAD,
	SAID_GONE /* the visit is over */
};

/* What becomes of the answer. */
enum said_to {
	TO_CLIENT, /* all of it */
	TO_CLIENT_DATA, /* but for the line with the tag */
	TO_LIST, /* what LIST can ask for alone */
	TO_SEARCH, /* ESEARCH alone */
	TO_NOBODY
};

/* The visit to the owner of that folder, begun now when it is none yet. NULL:
 * NO was answered, missing being its code when there is no such folder. */
struct visit *
visit_to(struct session *s, struct span name, const char *missing);
/* The same for an owner; NULL: *denied, or trouble. ends as in struct visit; it
 * holds until it is set anew. */
struct visit *
visit_owner(struct session *s, struct span owner, int64_t ends, bool *denied);
void visit_end(struct session *s, struct visit *v);
/* One of our own, beside those; *v is filled. False: *denied, or trouble. */
bool
visit_open(struct session *s, struct visit *v, struct span owner, bool *denied);
void visit_close(struct visit *v);
/* What the client has enabled holds there too, before it is sent anything.
 * False: the visit is over. */
bool visit_enable(struct session *s, struct visit *v);
/* Send a command of our own, all but tag and line's end. */
void visit_say(struct visit *v, const char *tag, struct span command);
/* Pass on what is answered up to the tag's line, which is appended to last when
 * that is not NULL, without its end. */
enum said visit_answer(struct session *s, struct visit *v, struct span tag,
    enum said_to to, struct buf *last);
/* Wait for more of it; what the client is told already goes out before. */
bool visit_more(struct session *s, struct visit *v);
/* Pass on one whole response that has begun to come. False: the visit is over.
 */
bool visit_one(struct session *s, struct visit *v);
/* A command whose last piece is a literal, from line on, and more of them from
 * the client. v NULL: it goes nowhere, but what the client sends without being
 * asked belongs to it and is read. False: the client is gone. */
bool visit_stream(struct session *s, struct visit *v, struct span line);
/* IDLE was sent on. */
enum said visit_idle(struct session *s, struct visit *v);
/* The visit is over while a command waits: tell the client. */
void visit_lost(struct session *s, struct visit *v);

#endif
