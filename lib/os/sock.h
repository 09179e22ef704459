/* sock.h - sockets: addresses, listening, connecting */

#ifndef OS_SOCK_H
#define OS_SOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/span.h"

struct buf;

/* An IPv4 or IPv6 address with its port, or AF_UNIX with neither. */
struct address {
	struct sockaddr_storage storage;
	socklen_t n;
};

/* From text: "192.0.2.1", "2001:db8::1", "[2001:db8::1]" or "IPv6:..."; no name
 * is looked up. A v4-mapped IPv6 address becomes IPv4. */
bool address_parse(struct span text, uint16_t port, struct address *out);
/* Append the text form, without brackets or port. "unknown" for others. */
void address_print(struct buf *out, const struct address *a);
uint16_t address_port(const struct address *a);
/* Of IPv4 and IPv6. */
void address_port_set(struct address *a, uint16_t port);
int address_family(const struct address *a);
/* The 4 or 16 address bytes, inside *a; empty for others. */
struct span address_bytes(const struct address *a);
bool address_is_loopback(const struct address *a);
/* One of the world's: not of this machine, a private network, a link, a group,
 * or kept for documentation and the like (RFC 6890). */
bool address_is_global(const struct address *a);
/* From 4 or 16 bytes, port 0; false for other lengths. */
bool address_from_bytes(struct address *out, struct span bytes);
/* As sockaddr into an address, v4-mapped IPv6 made IPv4. */
void address_from(struct address *out, const struct sockaddr *sa, socklen_t n);

/* Non-blocking, close-on-exec; what is accepted sends without delay: answers
 * are gathered before. -1 with errno. */
int sock_listen_inet(const struct address *a, int backlog);
/* A Unix socket of the given type (SOCK_STREAM, SOCK_SEQPACKET) at path; an old
 * socket file there is removed. mode is that of the file. */
int sock_listen_unix(const char *path, int type, mode_t mode, int backlog);
int sock_connect_unix(const char *path, int type, bool non_blocking);
/* accept4 with both flags; -1 with errno. peer may be NULL. */
int sock_accept(int fd, struct address *peer);
/* Start a connection; may return with it in progress (EINPROGRESS is no
 * error). from may be NULL. */
int sock_connect_inet(const struct address *to, const struct address *from);
/* uid and pid of the other end of a Unix socket, from the kernel. */
bool sock_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid);
bool sock_local(int fd, struct address *out);
/* The other end. */
bool sock_remote(int fd, struct address *out);
int sock_nonblock(int fd, bool on);
/* Both ends close-on-exec. */
int sock_pair(int type, bool non_blocking, int fds[2]);

#endif
