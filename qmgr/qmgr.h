/* qmgr.h - the queue manager's state: messages, recipients, sites */

#ifndef QMGR_QMGR_H
#define QMGR_QMGR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/span.h"
#include "calls/delivery_call.h"
#include "calls/queue_call.h"
#include "queue/qfile.h"

struct accept_log;
struct arena;
struct authorized;
struct buf;
struct channel;
struct loop;
struct loop_timer;
struct lookup_target;
struct main_cf;
struct packet_in;
struct qmgr_conf;
struct server_peer;
struct syncpool;
struct syncpool_dir;
struct table;
struct transport;
struct waiting;

enum place {
	PLACE_INCOMING,
	PLACE_ACTIVE,
	PLACE_DEFERRED,
	PLACE_HOLD,
	PLACE_CORRUPT,
	PLACES
};

struct qmgr {
	const struct qmgr_conf *conf;
	const struct main_cf *main_cf;
	/* The socket of a service. */
	const char *(*path_of)(const char *service);
	struct loop *loop;
	struct syncpool *pool;
	/* Mail there is a report that could not be delivered: discarded. */
	char *double_bounce;
	int spool; /* the spool's root */
	int folders[PLACES];
	struct syncpool_dir *folder_sync[PLACES];
	struct accept_log *accept_log;
	/* ids.c: the last id; accept/last_id, and the mark that is in it. */
	uint64_t last_id, id_mark;
	int id_fd;
	struct table *messages; /* by id: struct message */
	/* waiting.c: what sleeps, by where it is to go; messages that are held
	 * for their release, by user. NULL while there are none. */
	struct table *waiting, *holders;
	/* Waiting for their next try. */
	struct heap *retries;
	struct loop_timer *retry_timer;
	/* The wall clock less the steady one, in seconds, when it was looked at
	 * last; and by how much it was set forward, and what it showed then. */
	int64_t clock_offset, jump, jumped_at;
	/* Recipients that wait for an answer of lookup. */
	struct channel *lookup, *bounce, *verify;
	struct list to_route;
	unsigned routing;
	struct table *transports; /* by name: struct transport */
	struct list transport_list;
	struct heap *sites_wake; /* struct site, by when to look at it */
	struct loop_timer *sites_timer;
	/* Free space, asked for at most once a second. */
	int64_t space_checked_ms;
	bool space_low;
	unsigned entries, commits, deliveries; /* under way */
	const struct message *reading; /* whose file deliveries are given, */
	int reading_fd; /* through this; NULL: none is open */
	unsigned slowed; /* new messages that in_flow_delay holds up */
	unsigned awake; /* messages in a run */
	int64_t clog_next; /* not told of before, on clock_ms() */
	size_t awake_rcpts; /* and their recipients when it began */
	bool draining; /* no delivery is begun any more */
	struct authorized *may_list, *may_flush;
};

/* One message in memory. Its file is the truth: while nothing is done with it,
 * no more is kept than a listing shows. */
struct message {
	struct qmgr *q;
	char id[QUEUE_ID_MAX + 1];
	enum place place;
	struct heap_node retry;
	int64_t arrival_us;
	int64_t next_try; /* wall clock, seconds; 0: at once */
	int64_t release; /* nothing is delivered before; 0: no such wish */
	char *held_for; /* who wishes so, by login name; or NULL. waiting.c */
	unsigned flags; /* of the file */
	unsigned attempts;
	/* accept_log.c: the batch that has it, or 0; and among those of its
	 * segment while only the log keeps it. */
	uint64_t log_number;
	struct list in_log;
	struct waiting *waits_for; /* waiting.c: while it sleeps */
	char *rest; /* what is listed of it, or NULL while it is awake */
	size_t rest_size;
	/* Only while it is awake: */
	struct arena *arena; /* of all spans below */
	struct qfile_envelope *e; /* its rcpts are not used: see rcpts */
	struct qfile_closing first;
	uint64_t size; /* of the edited message */
	uint64_t file_size; /* where the next block goes */
	struct rcpt **rcpts;
	size_t rcpt_count, rcpt_room;
	int fd; /* open for marks while it is active, or -1 */
	unsigned open_at; /* of rcpts: where one was open that was seen last */
	int64_t ready_us; /* when it became active */
	/* Lookups, deliveries, flushes and reports not answered yet. */
	unsigned outstanding;
	unsigned routing; /* lookups and new recipients among them */
	struct list routed; /* struct rcpt: wait for the others' lookups */
	size_t routed_count;
	struct list jobs; /* sched.c: at which transports it waits */
	/* Of this run, or NULL: where deliveries go, and all recipients. */
	struct table *ways, *known;
	bool marks_unsynced, sync_running;
	bool report_failed; /* in this run */
	size_t run_rcpts; /* of qmgr.awake_rcpts */
	bool loaded; /* read from its file: its content may be damaged */
	bool committing; /* intake.c has it: it is not durable yet */
	bool flushed; /* somebody wants it tried now: defer_transports */
	/* Asked for by the administrator while it was busy. want_expire stands
	 * in the file's mode as well. */
	bool want_hold, want_remove, want_expire, want_requeue;
};

enum rcpt_at {
	AT_REST,
	AT_LOOKUP, /* waits for lookup, or for its turn to ask */
	AT_SITE, /* waits for its turn at a site */
	AT_DELIVERY /* under way */
};

struct rcpt {
	struct message *m;
	struct list in; /* of qmgr.to_route, message.routed, or a group */
	struct qfile_rcpt file;
	enum rcpt_at at;
	/* What lookup said; spans in the message's arena. */
	enum delivery_kind kind;
	struct span address, transport, nexthop, user;
	struct rcpt *parent; /* whom it replaces in part; NULL: nobody, or
			      * not known since a restart */
	bool deferred; /* in this run: file.status and reason say why */
	bool warned; /* in this run: the sender, of the delay */
	bool traced; /* the sender was told how the first try went */
	/* Of a message that only asks: this is the answer. */
	bool probed;
	enum outcome outcome;
	int64_t tried; /* when a delivery of it ended last, wall clock; 0: not
			* since it was read */
};

/* spool.c: files by id */
const char *place_name(enum place p);
void spool_open(struct qmgr *q);
/* A new file in incoming/ with an id of its own: its descriptor, or -1. */
int spool_create(struct qmgr *q, char id[QUEUE_ID_MAX + 1]);
int spool_open_read(struct qmgr *q, const struct message *m);
/* The same for a delivery: it stays ours, and open, for the next recipients of
 * the message, until another one is asked for or it is closed. -1, errno. */
int spool_reading(struct qmgr *q, const struct message *m);
/* It was, if it is the one that is open; or NULL. */
void spool_read_end(struct qmgr *q, const struct message *m);
int spool_move(struct qmgr *q, const char *id, enum place from, enum place to);
bool spool_is_low(struct qmgr *q);
bool spool_id_ok(struct span id);

/* message.c: one message's life in memory and its marks on disk */
struct message *message_new(struct qmgr *q, const char *id, enum place place);
void message_free(struct message **m);
struct rcpt *message_rcpt_add(struct message *m, const struct qfile_rcpt *r);
/* Take the envelope over into the message's own arena. */
void message_take(struct message *m, const struct qfile_envelope *e,
    const struct qfile_closing *first, uint64_t file_size);
/* Read id in place. NULL: it is damaged (set aside in corrupt/) or gone. */
struct message *message_load(struct qmgr *q, const char *id, enum place place);
/* Is there something left to do or to tell? */
bool state_is_open(enum qfile_state state);
/* Change a recipient's state, in memory and at once in the file. */
void message_mark(struct rcpt *r, enum qfile_state state);
/* Append a block that stands in b behind the file. -1 with errno. */
int message_append(struct message *m, struct span block);
/* The envelope sender for this recipient. */
struct span rcpt_sender(const struct rcpt *r);
/* The one that an agent is to give: where VERP was asked for, made of the
 * recipient's address in out. */
struct span rcpt_verp_sender(const struct rcpt *r, struct buf *out);
/* Is there a recipient like this one, as the file has it? Then true; else it is
 * remembered. */
bool message_knows(struct message *m, const struct qfile_rcpt *r);
/* Has another recipient of this run the same final address? */
bool message_goes_there(const struct rcpt *r);
/* What is remembered of a run is not needed any more. */
void message_forget(struct message *m);
/* Is the sender, who was told of a delay, to hear that it is over? */
bool rcpt_confirms(const struct rcpt *r);
/* The reason of the last failure or deferral. */
void rcpt_why(struct rcpt *r, const char *status, struct span reason);
int message_open(struct message *m);
/* Give back the descriptors that are open of its file. */
void message_close(struct message *m);
/* Keep what is listed and nothing else; and read the file again: NULL when it
 * cannot be: the message is gone from memory then, or planned for later. */
void message_sleep(struct message *m);
struct message *message_wake(struct message *m);
/* The same asleep or awake: the sender, and the recipients in turn, from number
 * i on; false: there are no more. The message must not change meanwhile. */
struct span message_sender(const struct message *m);
struct message_line {
	bool waits; /* else it is to be passed over */
	struct span address, orig, status, reason, nexthop;
};
struct message_walk {
	const struct message *m;
	size_t i;
	struct span rest;
};
struct message_walk message_walk(const struct message *m, size_t i);
bool message_next(struct message_walk *w, struct message_line *out);

/* waiting.c: a message has gone to sleep; wakes, or goes. */
void waiting_add(struct message *m);
void waiting_remove(struct message *m);
/* Those that sleep and go there: a domain or next hop, "@domain" with all below
 * it. One may be listed twice. The caller frees ids. */
struct waiting_ids {
	char (*ids)[QUEUE_ID_MAX + 1];
	size_t count, room;
};
void waiting_for(struct qmgr *q, struct span site, struct waiting_ids *out);
/* The message is held for this user; it is not any more; how many are. */
void holder_set(struct message *m, struct span user);
void holder_clear(struct message *m);
unsigned holder_count(const struct qmgr *q, struct span user);
/* intake.c: smtpd, pickup and bounce put messages in */
void intake_start(struct qmgr *q);
/* One socket that listens, and who asks there. */
void intake_serve(struct qmgr *q, int fd, const char *label);
/* ids.c: ids go on from the mark; from this one; the last one is left there. */
void ids_start(struct qmgr *q);
void ids_seen(struct qmgr *q, struct span id);
void ids_stop(struct qmgr *q);
/* scan.c: what lies in the spool at start */
void scan_start(struct qmgr *q);
/* Give the file the mode of a queue file. True when it had another. */
bool scan_mode(struct qmgr *q, const char *id, enum place place);
/* Take what lies in corrupt/ (with a qid only that) up once more: how many. */
uint64_t scan_corrupt(struct qmgr *q, struct span qid);

/* active.c: a message's run, from ready to its end */
void active_start(struct message *m);
/* No more may be begun for now (qmgr_message_active_limit). */
bool active_is_full(const struct qmgr *q);
/* One outstanding thing ended. */
void active_done(struct message *m);
/* The recipient's delivery ended with this. */
void active_result(struct rcpt *r, struct delivery_result *result);
void active_result_text(
    struct rcpt *r, enum outcome outcome, const char *status, const char *text);

/* route.c: where recipients go */
void route_start(struct rcpt *r);
/* Between the two no recipient of the message is delivered to: more may come
 * that go the same way. */
void route_hold(struct message *m);
void route_release(struct message *m);
void route_next(struct qmgr *q);
/* Replace a recipient by others: appended, synced, then marked. owner: who is
 * their sender; empty: who was the old one's. local: by local delivery, which
 * tells of that in the message. */
void route_replace(struct rcpt *r, const struct lookup_target *targets,
    size_t count, struct span owner, bool local);

/* dispatch.c: deliveries, begun and ended; site.c and sched.c: sched.h */
void dispatch_add(struct rcpt *r);
/* All recipients of the message that wait have been looked up. */
void dispatch_settled(struct message *m);
/* Recipients that wait for their turn do so no more: the run ends as soon as
 * what is under way has ended. It may end with this call. */
void dispatch_withdraw(struct message *m);
/* The transport may have something to do. */
void dispatch_run(struct transport *t);
/* No more can be begun, and mail waits for it: does one site have the places?
 */
void clog_look(struct qmgr *q);
/* Let dead sites live: flush. */
void dispatch_revive(struct qmgr *q);

/* retry.c */
void retry_defer(struct message *m);
void retry_plan(struct message *m, int64_t when);
/* As soon as there is room for another run, but not before its release. */
void retry_now(struct message *m);
/* There may be room. */
void retry_more(struct qmgr *q);
void retry_start(struct qmgr *q);
bool retry_expired(const struct message *m);
/* Seconds until the next try of one that is deferred now. */
int64_t retry_wait(const struct message *m);
/* When it will be given up: wall clock, seconds. */
int64_t retry_end(const struct message *m);
/* So many messages of that user wait for their release that no more may. */
bool retry_too_many(const struct qmgr *q, struct span user);
/* Seconds since it came (or was released), whatever the clock did since. */
int64_t retry_age(const struct message *m);
/* Was the clock set? */
void retry_look(struct qmgr *q);
/* A message that has just come waits for its release. */
void retry_release(struct message *m);
/* Its release is still to come. */
bool retry_is_held(const struct message *m);
/* From when on its age counts, in microseconds: since it came, or since it was
 * to be delivered. */
int64_t retry_since_us(const struct message *m);

/* report.c */
/* Tell the sender what he is to be told at the end of a run; true when a report
 * is under way, or marks are: the run has not ended. */
bool report_due(struct message *m);

/* admin.c: listings, flush, hold, release, delete */
void admin_start(struct qmgr *q);
void admin_serve(struct qmgr *q, int fd, const char *label);
/* "flush" of a service that may ask for it. */
void admin_flush(struct qmgr *q, struct server_peer *p, struct packet_in *in);

/* Is it only to be seen whether it would be delivered? */
bool is_probe(const struct message *m);
/* Is the sender to be told how this, the first try, went? */
bool is_traced(const struct message *m);

/* The line "QID: to=<..>, ... status=.." for what never reached an agent. */
void log_result(const struct rcpt *r, const char *agent, enum outcome outcome,
    const char *status, struct span text);

#endif
