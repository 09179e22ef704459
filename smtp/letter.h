/* letter.h - what is to be handed to a server, and what became of it */

#ifndef SMTP_LETTER_H
#define SMTP_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/why.h"

struct arena;
struct delivery_rcpt;
struct delivery_request;
struct edited;
struct target;

struct smtp_conf;
struct smtp_env;
struct status_query;

struct letter_rcpt {
	const struct delivery_rcpt *to;
	struct span address; /* what the server is told */
	/* The last word on it. Not decided: another host may still take it. */
	struct why why;
	bool decided;
	bool tried; /* at the present host */
	const struct target *where; /* that gave the last word, or NULL */
	bool told; /* of what it should tell the sender: it offers DSN */
	unsigned conn_use; /* messages over that connection, this included */
};

enum {
	LETTER_CHANGES_MAX = 4096,
	LETTER_CHANGES_BYTES = 1 << 20 /* of their texts */
};

/* In place of these octets of the message. */
struct change {
	uint64_t from, to;
	struct span text;
};

struct letter {
	const struct delivery_request *request; /* where it came from */
	struct span sender, envid;
	unsigned ret, flags; /* as in calls/queue_call.h */
	const struct edited *message;
	/* In place of the first header_size bytes of message; p NULL: they are
	 * sent as they are. */
	struct span header;
	size_t header_size;
	enum { WIDE_UNKNOWN, WIDE_NO, WIDE_YES } wide; /* some header is */
	/* behind the header, by their place; they do not overlap */
	struct change *changes;
	size_t change_count, change_octets;
	struct arena *arena; /* of what was made for it */
	const struct target *target; /* the present host; for where */
	bool required; /* REQUIRETLS holds for it */
	size_t count;
	struct letter_rcpt *rcpts;
	int64_t transfer_us; /* wall clock: MAIL was sent; 0: not yet */
};

/* REQUIRETLS was asked for, and by somebody who can be told that it could not
 * be had (RFC 8689, 5: reports go on without). */
bool letter_requires_tls(const struct letter *l);

/* A word for all that have no better one: those whom the host was not even told
 * of. decides: a refusal for good is the last one; else they may still go
 * elsewhere. */
void letter_word_for_rest(struct letter *l, const struct target *where,
    const struct why *why, bool decides);
/* The host cannot give what REQUIRETLS asks for (RFC 8689, 4.2.1); another of
 * its domain may, also one that could not be reached: then that word stays. */
void
letter_lacks(struct letter *l, const struct target *where, struct span what);
/* The host lacks what the letter asks for, and that is why somebody is not
 * served: such words alone are bounces and not decided. */
bool letter_is_lacking(const struct letter *l, const struct target *where);
/* Each recipient is decided. */
bool letter_decided(const struct letter *l);
/* Some were more than the server takes at once. */
bool letter_untried(const struct letter *l);
/* At the next host, or once more at this one, nobody has been tried. */
void letter_untry(struct letter *l);
/* Log the last word on recipient i, which soft_bounce makes a softer one. */
void letter_log(const struct letter *letter, size_t i,
    const struct smtp_conf *conf, int64_t setup_us);
/* Change the last words on all of them as smtp_delivery_status_filter says.
 * NULL: there is no such table, and fn will not be called. */
struct status_query *letter_filter(const struct smtp_env *env,
    const struct letter *letter, void (*fn)(void *arg), void *arg);
/* All of a request, copied into a. */
void letter_request_copy(struct arena *a, const struct delivery_request *from,
    struct delivery_request *to);
/* r outlives the letter. */
void letter_make(
    struct arena *a, const struct delivery_request *r, struct letter *l);

#endif
