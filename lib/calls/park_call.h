/* park_call.h - a session that waits is kept by login, without a process
 *
 * Each imapd that login has asked for shares a socket pair with it, which goes
 * over with the client. Nothing else can be said on it but this:
 *
 *   park_offer    imapd to login: keep my client until something happens
 *   park_leave    imapd to login: my client is to log in anew (RFC 8437)
 *   park_answer   login to imapd: done, end; or no, go on
 *   share_*       of share_call.h
 *
 * and, on that of a webmail session, which serves one page after another:
 *
 *   park_free     imapd to login: the page has what it wanted
 *   park_join     login to imapd: here is the next one
 *
 * The descriptor is what says whose session it is. imapd touches its client no
 * more between its offer and the answer.
 */

#ifndef CALLS_PARK_CALL_H
#define CALLS_PARK_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct packet_in;
struct packet_out;

enum { PARK_PASS_MAX = 8192, PARK_STATE_MAX = 12288 };

struct park_offer {
	/* Octets of the client that imapd has read: those that login has passed
	 * on and imapd has not seen would be lost. */
	uint64_t received;
	bool idling; /* inside IDLE: a sign of life now and then is wanted */
	uint64_t silent_ms; /* from now until the client is sent away */
	struct span pass; /* who it is, sealed by auth */
	struct span state; /* for the imapd that goes on; opaque to login */
	/* For the line LOGOUT, if the client goes meanwhile. */
	struct span user, client_addr;
	uint64_t headers, body, rcvd, sent;
	int64_t began;
	int watch; /* readable when the folder changes; -1: none is wanted */
	int client; /* the client itself, where login gave it away; else -1 */
	/* What counts the session, as auth gave it: a Unix socket to keep and
	 * nothing else; -1: it is not counted. */
	int held;
};

void park_offer_put(struct packet_out *o, const struct park_offer *p);
/* watch, client and held are the receiver's. */
bool park_offer_get(struct packet_in *in, struct park_offer *out);

enum { PARK_INPUT_MAX = 16384 };

struct park_leave {
	uint64_t received; /* as in park_offer */
	struct span input; /* what the client had sent behind its command */
	int client; /* as in park_offer */
};

void park_leave_put(struct packet_out *o, const struct park_leave *p);
/* client is the receiver's. */
bool park_leave_get(struct packet_in *in, struct park_leave *out);

void park_answer_put(struct packet_out *o, bool kept);
bool park_answer_get(struct packet_in *in, bool *kept);

void park_free_put(struct packet_out *o);
bool park_free_get(struct packet_in *in);

void park_join_put(struct packet_out *o, struct span client_addr, int fd);
/* fd is the receiver's. */
bool park_join_get(struct packet_in *in, struct span *client_addr, int *fd);

#endif
