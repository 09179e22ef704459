/* asked.h - questions to servers, and the connections that take them there */

#ifndef LOOKUP_ASKED_H
#define LOOKUP_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/span.h"
#include "lookup/parked.h"
#include "maps/map.h"

struct asked_pool;
struct buf;
struct loop;
struct loop_timer;
struct why;

enum { ASKED_LIMIT_MS = 10000 };

/* A server, or servers of which any will do. */
struct asked_site {
	struct list in;
	struct asked_pool *pool;
	char *name;
	struct list lines, queue; /* of questions that wait for one */
	unsigned line_count, queued;
	int64_t rest_until;
};

/* A connection, or one that is being made. */
struct asked_line {
	struct list in;
	struct asked_site *site;
	struct asked *question; /* NULL: it is idle */
	bool ready; /* it is made */
	int64_t since; /* it is idle */
};

/* A question. */
struct asked {
	struct list in; /* of the site's queue, while it waits */
	struct list by_age;
	struct asked_site *site;
	struct asked_line *line;
	char *name; /* no other has it */
	size_t name_size;
	struct list waiters;
	bool again; /* it is with its second connection */
	int64_t began;
};

/* What differs: the connection. Lines and questions are members of structs of
 * the caller's, who allocates and frees them. */
struct asked_kind {
	/* Make a connection and asked_line_add() it. False: none can be had. */
	bool (*open)(struct asked_site *s);
	/* Close and free; it belongs to no site any more. */
	void (*close)(struct asked_line *l);
	/* Send l->question. */
	void (*send)(struct asked_line *l);
	/* Free; all that waited have their answer. */
	void (*free)(struct asked *q);
	const char *unreachable; /* open said false, and there is no other */
	const char *late; /* no answer came in time */
};

struct asked_pool {
	struct loop *loop;
	const struct asked_kind *kind;
	void *arg; /* the caller's */
	int64_t limit_ms; /* of a question, its time in the queue too */
	struct table *sites; /* by name */
	struct table *questions; /* by name */
	struct list ages, all_sites;
	struct loop_timer *tick;
	struct loop_timer *go; /* questions wait for a connection */
};

void asked_pool_init(struct asked_pool *p, struct loop *loop,
    const struct asked_kind *kind, int64_t limit_ms, void *arg);
/* What waits fails. */
void asked_pool_done(struct asked_pool *p);

/* To ask: asked_join() who asks the same already, or else, where asked_may(),
 * asked_begin() a question. to.fn is never called from inside these. */
bool asked_join(struct asked_pool *p, struct span name, struct parked_to to)
    __attribute__((warn_unused_result));
/* False: not now, why says why. */
bool asked_may(const struct asked_site *s, struct why *why)
    __attribute__((warn_unused_result));
/* Takes what is in name. q is zero. */
void asked_begin(struct asked_site *s, struct asked *q, struct buf *name,
    struct parked_to to);

/* Makes one where there is none. It lives as long as the pool. */
struct asked_site *asked_site_find(struct asked_pool *p, struct span name);
/* Nobody waits for it for a while. */
void asked_site_rest(struct asked_site *s);
/* That, and all that wait in its queue fail. */
void asked_site_fail(struct asked_site *s, const char *text);
/* Questions that wait go to connections that do not, or to new ones. */
void asked_site_go(struct asked_site *s);
/* End the connections that are idle since then, or longer. */
void asked_site_idle_end(struct asked_site *s, int64_t since);

void asked_line_add(struct asked_site *s, struct asked_line *l, bool ready);
void asked_line_ready(struct asked_line *l);
/* It is idle again; its question, which the caller has, is to end. */
void asked_line_idle(struct asked_line *l);
/* Its question, if any, is the caller's. */
struct asked *asked_line_end(struct asked_line *l);

/* An answer for all that wait; q is freed. */
void asked_end(struct asked *q, enum map_result got, struct span value,
    const struct why *why);
void asked_fail(struct asked *q, const char *text);
/* Its connection ended: it is the next that is sent, once. False: it was sent
 * again before. */
bool asked_again(struct asked *q);

#endif
