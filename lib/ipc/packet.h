/* packet.h - one message between two of our processes
 *
 * A packet of a Unix SOCK_SEQPACKET socket: "F1", the call's name and an id,
 * then named attributes in a fixed order, each "name=value" ended by NUL.
 * Descriptors ride along. The kernel frames; nothing is trusted: a reader asks
 * for the names in order and at the end whether all was as it should be.
 */

#ifndef IPC_PACKET_H
#define IPC_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

enum { PACKET_MAX = 65536, PACKET_FDS = 4, PACKET_NAME_MAX = 32 };

/* A packet being made. Zero-initialised is empty; packet_done() frees. */
struct packet_out {
	struct buf bytes;
	int fds[PACKET_FDS]; /* borrowed until it is sent */
	unsigned fd_count;
	uint32_t id;
	bool bad; /* too long, or a value that cannot be carried */
};

/* Begin anew. id 0: no answer is wanted (or: channel_ask() sets it). An answer
 * carries the id of its question. */
void packet_begin(struct packet_out *o, const char *call, uint32_t id);
void packet_done(struct packet_out *o);
/* A value with NUL inside marks the packet bad: it will not be sent. */
void packet_str(struct packet_out *o, const char *name, struct span value);
void packet_num(struct packet_out *o, const char *name, uint64_t value);
void packet_signed(struct packet_out *o, const char *name, int64_t value);
/* Any bytes, carried as base64. */
void packet_bytes(struct packet_out *o, const char *name, struct span value);
void packet_fd(struct packet_out *o, int fd);
/* Bytes there would be room for in one more attribute's value. */
size_t packet_room(const struct packet_out *o);

/* A packet that came. Spans point into it and live until it is received into
 * again or freed. */
struct packet_in {
	struct buf bytes; /* the raw packet; reused */
	size_t written; /* the most octets that ever stood there */
	struct buf decoded; /* of packet_in_bytes() */
	struct span call;
	uint32_t id;
	struct span rest;
	bool bad;
	int fds[PACKET_FDS];
	unsigned fd_count, fd_taken;
};

enum packet_result {
	PACKET_OK,
	PACKET_WAIT, /* nothing there (non-blocking socket) */
	PACKET_CLOSED, /* the other end is gone */
	PACKET_BAD /* not a packet of ours: close the socket */
};

/* Blocks when fd does. -1 with errno; EINVAL for a bad packet. */
int packet_send(int fd, const struct packet_out *o)
    __attribute__((warn_unused_result));
enum packet_result
packet_recv(int fd, struct packet_in *in) __attribute__((warn_unused_result));
/* The same from bytes in memory, for tests and fuzzing. */
enum packet_result packet_parse(struct packet_in *in, struct span raw);
/* Close descriptors that nobody took, free. */
void packet_in_done(struct packet_in *in);

/* The next attribute, which must have this name; else in is bad and an empty
 * span or 0 comes back. */
struct span packet_in_str(struct packet_in *in, const char *name, size_t max);
uint64_t packet_in_num(struct packet_in *in, const char *name, uint64_t max);
int64_t packet_in_signed(struct packet_in *in, const char *name);
bool packet_in_bool(struct packet_in *in, const char *name);
/* Decoded base64; the span lives as long as the packet does. */
struct span packet_in_bytes(struct packet_in *in, const char *name, size_t max);
/* The next descriptor: the caller's from then on. -1 and bad when there is
 * none. */
int packet_in_fd(struct packet_in *in);
/* True when every attribute and descriptor was asked for and all was well. */
bool packet_in_end(struct packet_in *in);

#endif
