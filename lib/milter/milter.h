/* milter.h - the milters of a session: told of its events, asked for verdicts
 *
 * Milters are asked one after the other; the first that does not let the event
 * pass decides. Nothing here blocks: connector dials, the loop waits.
 */

#ifndef MILTER_MILTER_H
#define MILTER_MILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "milter/proto.h"

struct arena;
struct buf;
struct channel;
struct loop;
struct milter_conf;
struct milter_header;
struct milter_params;
struct milters;
struct queue_rcpt;
struct why;

/* servers: inet:HOST:PORT, unix:PATH (local:PATH), {one of these, settings}.
 * parameter is where they stand, for messages. Lives in a; params must stay.
 * NULL: why says what is wrong. */
struct milter_conf *
milter_conf_new(struct arena *a, const struct milter_params *params,
    const char *parameter, struct span servers, struct why *why);
/* How many milters there are. */
size_t milter_conf_count(const struct milter_conf *c);

enum milter_fate {
	MILTER_GO_ON,
	MILTER_REFUSE,
	MILTER_DROP /* say yes, and throw the message away */
};

struct milter_verdict {
	enum milter_fate fate;
	int code; /* of a refusal; 421: the connection is to end */
	char status[12]; /* never empty in a refusal */
	struct span text; /* LF between lines, no other control byte */
};

struct milter_env {
	struct loop *loop;
	struct channel *connector;
	/* Append the value of a macro ("j", "{auth_type}"): false: it has
	 * none. */
	bool (*macro)(void *arg, struct span name, struct buf *out);
	/* Called last, where a verdict was given from the loop. May be NULL. */
	void (*after)(void *arg);
	void *arg;
};

/* One for each client. It dials when there is something to tell. A milter that
 * was lost is dialled again for the next message, and told of the client
 * anew. */
struct milters *
milters_new(const struct milter_conf *c, const struct milter_env *env);
/* Takes leave of the milters. No verdict comes any more. */
void milters_free(struct milters **m);

enum milter_event {
	MILTER_ON_CONNECT,
	MILTER_ON_HELO,
	MILTER_ON_MAIL,
	MILTER_ON_RCPT,
	MILTER_ON_DATA,
	MILTER_ON_UNKNOWN,
	MILTER_ON_END /* of the message */
};

/* v lives until the function returns; it may free the milters. Called at once
 * or from the loop. */
typedef void milter_done_fn(void *arg, const struct milter_verdict *v);

struct milter_told {
	enum milter_event event;
	/* HELO: the name. MAIL, RCPT: "<address>", then parameters. UNKNOWN:
	 * the line. CONNECT: the client's name, its address. */
	const struct span *words;
	size_t count;
	int family; /* CONNECT: 4, 6 or 0 */
	unsigned port;
};
/* Only one thing at a time. */
void milters_tell(
    struct milters *m, const struct milter_told *told, milter_done_fn *done);

/* A message in a queue file, and what milters make of it. */
struct milter_mail {
	int fd; /* borrowed; read and written */
	uint64_t body_at, size, size_max;
	struct arena *arena;
	struct buf *edits; /* those made so far; emptied for a while */
	const char *qid; /* for the log */
	bool utf8; /* addresses may be internationalised (RFC 6531) */
	/* What came of it. */
	struct milter_header *header;
	bool body_replaced;
	uint32_t crc; /* of the new content, when the body was replaced */
	bool hold;
	struct span hold_reason;
	bool sender_changed;
	struct span sender;
	bool has_ret; /* with the new sender, RET= and ENVID= */
	unsigned ret;
	bool has_envid;
	struct span envid;
	/* What these point to lives in arena. */
	void (*rcpt_add)(void *arg, const struct queue_rcpt *r);
	void (*rcpt_remove)(void *arg, struct span address);
	void *arg;
};
/* Header, body, the end; changes are in mail when done is called with GO_ON,
 * those of the header after milter_mail_edits(). mail stays until then, or
 * until milters_abort(). */
void milters_message(
    struct milters *m, struct milter_mail *mail, milter_done_fn *done);
/* mail->edits gets them back, and what milters made of the header. */
void milter_mail_edits(struct milter_mail *mail);
/* The transaction is over without that; a verdict under way does not come. */
void milters_abort(struct milters *m);

#endif
