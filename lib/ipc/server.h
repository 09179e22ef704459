/* server.h - answering others of our processes, in an event loop */

#ifndef IPC_SERVER_H
#define IPC_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "ipc/packet.h"

struct loop;
struct server;
/* One caller's connection. It lives until it closes and nobody holds it. */
struct server_peer;

struct server_calls {
	/* A packet came; answer now or later with server_reply(). What is not
	 * understood: server_refuse(). */
	void (*request)(
	    void *arg, struct server_peer *peer, struct packet_in *in);
	/* The peer is gone; may be NULL. server_peer_data() still works. */
	void (*gone)(void *arg, struct server_peer *peer);
};

/* fd: a listening SOCK_SEQPACKET socket, not owned. label: the caller's role
 * ("smtpd"), which master vouches for. */
struct server *server_new(struct loop *loop, int fd, const char *label,
    const struct server_calls *calls, void *arg);
/* Stop accepting; peers stay. */
void server_stop(struct server *s);
void server_free(struct server **s);
/* Packets under way: peers that are connected. */
unsigned server_peers(const struct server *s);

const char *server_peer_label(const struct server_peer *p);
/* The kernel's word for who is at the other end. */
uid_t server_peer_uid(const struct server_peer *p);
void *server_peer_data(const struct server_peer *p);
void server_peer_data_set(struct server_peer *p, void *data);
/* To answer later: hold it, reply, drop it. */
struct server_peer *server_peer_hold(struct server_peer *p);
void server_peer_drop(struct server_peer **p);
/* A held one: its connection has ended, nobody reads an answer. */
bool server_peer_is_gone(const struct server_peer *p);
/* The same, also when packets of it are still to be read. Asks the kernel. */
bool server_peer_has_left(const struct server_peer *p);
/* Sends o; when the peer is gone or does not read, nothing happens. */
void server_reply(struct server_peer *p, const struct packet_out *o);
/* Stop and go on reading from this peer: back-pressure. */
void server_peer_pause(struct server_peer *p, bool pause);
/* Close the peer's connection and log why: a malformed or unknown request. */
void server_refuse(struct server_peer *p, const struct packet_in *in);

#endif
