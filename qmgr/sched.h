/* sched.h - which delivery is next
 *
 * Two questions, asked apart. A site that may have another delivery chooses for
 * which message: senders take turns there, and the messages of one sender. A
 * transport that may have another one chooses among what sites have chosen:
 * senders take turns, their messages, then the sites of one message. So neither
 * a long list nor a heap of mail by one sender holds others up, be it at one
 * site or at all. Sites whose mail goes to one host share its places, in turn.
 */

#ifndef QMGR_SCHED_H
#define QMGR_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/span.h"
#include "qmgr/limits.h"

struct channel;
struct loop_timer;
struct message;
struct qmgr;
struct rcpt;
struct table;

struct transport {
	struct list in; /* qmgr.transport_list */
	struct qmgr *q;
	char *name;
	struct channel *channel;
	bool remote; /* to other machines: sites can be dead */
	struct limits limits, host_limits;
	unsigned underway, limit;
	struct table *sites; /* by key: struct site */
	struct table *hosts; /* by name: struct host */
	struct table *shares, *groups, *lanes; /* sched.c */
	struct list ready; /* struct lane, in turn */
	bool deferred; /* by defer_transports */
	/* No delivery is begun before that time on clock_ms(): it is broken,
	 * or TRANSPORT_transport_rate_delay. 0: not. */
	int64_t pause_until;
	struct loop_timer *pause; /* its end */
	unsigned losses; /* of the channel, at the last answer */
};

/* A receiving host that sites share: host.c. */
struct host {
	struct transport *transport;
	char *name; /* struct delivery_answer */
	struct window window;
	unsigned underway, promised; /* of its sites */
	struct list sites; /* site.of_host */
	struct list waiting; /* site.at_host: for a place, in turn */
	int64_t dead_until; /* on clock_ms(); 0: not */
	char *dead_reason;
	char dead_status[12];
};

/* Where deliveries are careful together: a next hop or domain, or with a
 * recipient limit of 1 one recipient. */
struct site {
	struct transport *transport;
	char *key;
	struct window window;
	unsigned underway, promised; /* promised: chosen, not begun */
	struct list groups; /* all of its recipients that wait */
	struct list shares; /* of senders that have something here, in turn */
	struct host *host; /* where its last answer came from; or NULL */
	struct list of_host, at_host; /* of host.sites; host.waiting */
	/* Until these times on clock_ms(); 0: not. */
	int64_t dead_until; /* could not be reached */
	int64_t pause_until; /* NAME_destination_rate_delay */
	int64_t known_until; /* its window is remembered so long */
	struct heap_node wake; /* of qmgr.sites_wake, by the first of these */
	char *dead_reason;
	char dead_status[12];
};

/* Recipients of one message, from one sender, at one site. */
struct group;

/* site.c */

/* NULL: no service delivers for that name. */
struct transport *transport_get(struct qmgr *q, struct span name);
struct transport *transport_new(struct qmgr *q, struct span name, bool remote);
/* Begin no delivery for so long. */
void transport_rest(struct transport *t, int64_t seconds);
/* The site of a recipient whose way is known. */
struct site *site_get(struct transport *t, const struct rcpt *r);
/* How many more deliveries may be chosen for it now. */
unsigned site_room(const struct site *s);
/* It is, or its host is; then *reason and *status say why. */
bool
site_is_dead(const struct site *s, const char **status, const char **reason);
/* Deliveries there that begin or end; or are chosen, or not any more. */
void site_count(struct site *s, int underway, int promised);
/* A delivery there ended: the site was reached, or not (why it was not). When
 * that makes it dead, true. */
bool site_result(
    struct site *s, bool reached, const char *status, struct span reason);
/* Plan when to look at it again, or forget it: after each change. */
void site_settle(struct site *s);
void site_revive(struct site *s);
/* The loop's timer for all sites. */
void sites_start(struct qmgr *q);

/* host.c */

/* The site's mail goes to that host; an empty name says nothing new. */
void host_join(struct site *s, struct span name);
void host_leave(struct site *s);
bool host_is_dead(const struct host *h);
unsigned host_room(struct host *h);
/* It may have room: let the sites that wait choose, in turn. */
void host_choose(struct host *h);
/* As site_result(). */
bool host_result(
    struct host *h, bool reached, const char *status, struct span reason);
/* All that waits at its sites: as sched_withdraw_site(). One of them at least
 * is remembered. */
void host_withdraw(struct host *h, struct list *out);
void hosts_revive(struct transport *t);

/* sched.c */
void sched_init(struct transport *t);
void sched_add(struct site *s, struct rcpt *r);
/* The site may have room again: let it choose. */
void sched_choose(struct site *s);
/* It has a place at its host: false, it has no use for it. */
bool sched_choose_one(struct site *s);
/* The group whose turn it is; NULL: none. Take recipients off it with
 * group_take(), at least one, then say group_begun(), which may end it; last is
 * one of those taken. */
struct group *sched_next(struct transport *t);
struct site *group_site(const struct group *g);
/* NULL: there are no more. */
struct rcpt *group_take(struct group *g);
struct rcpt *group_peek(const struct group *g);
void group_begun(struct group *g, const struct rcpt *last);
/* All recipients that wait at a site, or of a message: appended to out, each
 * AT_REST. */
void sched_withdraw_site(struct site *s, struct list *out);
void sched_withdraw(struct message *m, struct list *out);

#endif
