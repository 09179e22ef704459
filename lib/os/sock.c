/* sock.c - sockets: addresses, listening, connecting */

#include "os/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"

static bool
parse_v4(const char *text, uint16_t port, struct address *out)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port) };

	if (inet_pton(AF_INET, text, &in.sin_addr) != 1)
		return false;
	*out = (struct address){ .n = sizeof(in) };
	memcpy(&out->storage, &in, sizeof(in));
	return true;
}

static bool
parse_v6(const char *text, uint16_t port, struct address *out)
{
	struct sockaddr_in6 in = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };

	if (inet_pton(AF_INET6, text, &in.sin6_addr) != 1)
		return false;
	address_from(out, (struct sockaddr *)&in, sizeof(in));
	return true;
}

bool
address_parse(struct span text, uint16_t port, struct address *out)
{
	char plain[INET6_ADDRSTRLEN];

	if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
		text = span_of(text.p + 1, text.n - 2);
	if (span_istarts(text, "IPv6:"))
		text = span_skip(text, 5);
	if (text.n == 0 || text.n >= sizeof(plain) || span_has_break(text))
		return false;
	memcpy(plain, text.p, text.n);
	plain[text.n] = '\0';
	return parse_v4(plain, port, out) || parse_v6(plain, port, out);
}

void
address_from(struct address *out, const struct sockaddr *sa, socklen_t n)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in = { .sin_family = AF_INET };

	*out = (struct address){ .n = 0 };
	if (n > sizeof(out->storage))
		n = sizeof(out->storage);
	memcpy(&out->storage, sa, n);
	out->n = n;
	if (sa->sa_family != AF_INET6 || n < sizeof(in6))
		return;
	memcpy(&in6, sa, sizeof(in6));
	if (!IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
		return;
	in.sin_port = in6.sin6_port;
	memcpy(&in.sin_addr, &in6.sin6_addr.s6_addr[12], 4);
	*out = (struct address){ .n = sizeof(in) };
	memcpy(&out->storage, &in, sizeof(in));
}

void
address_port_set(struct address *a, uint16_t port)
{
	if (a->storage.ss_family == AF_INET)
		((struct sockaddr_in *)(void *)&a->storage)->sin_port =
		    htons(port);
	else if (a->storage.ss_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)&a->storage)->sin6_port =
		    htons(port);
}

int
address_family(const struct address *a)
{
	return a->n == 0 ? AF_UNSPEC : a->storage.ss_family;
}

struct span
address_bytes(const struct address *a)
{
	const char *base = (const char *)&a->storage;

	if (address_family(a) == AF_INET)
		return span_of(
		    base + offsetof(struct sockaddr_in, sin_addr), 4);
	if (address_family(a) == AF_INET6)
		return span_of(
		    base + offsetof(struct sockaddr_in6, sin6_addr), 16);
	return span_of(NULL, 0);
}

void
address_print(struct buf *out, const struct address *a)
{
	char text[INET6_ADDRSTRLEN];
	struct span bytes = address_bytes(a);

	if (bytes.n == 0 ||
	    inet_ntop(address_family(a), bytes.p, text, sizeof(text)) == NULL)
		buf_add_str(out, "unknown");
	else
		buf_add_str(out, text);
}

bool
address_from_bytes(struct address *out, struct span bytes)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (bytes.n == sizeof(in.sin_addr)) {
		memcpy(&in.sin_addr, bytes.p, bytes.n);
		address_from(out, (struct sockaddr *)&in, sizeof(in));
	} else if (bytes.n == sizeof(in6.sin6_addr)) {
		memcpy(&in6.sin6_addr, bytes.p, bytes.n);
		address_from(out, (struct sockaddr *)&in6, sizeof(in6));
	}
	return bytes.n == sizeof(in.sin_addr) ||
	    bytes.n == sizeof(in6.sin6_addr);
}

uint16_t
address_port(const struct address *a)
{
	/* the port lies at the same place in both forms */
	struct sockaddr_in in;

	if (address_bytes(a).n == 0)
		return 0;
	memcpy(&in, &a->storage, sizeof(in));
	return ntohs(in.sin_port);
}

/* The first bits of what is not the world's. */
static bool
is_kept(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char size, bits, start[4];
	} rows[] = {
		{ 4, 8, { 0 } },
		{ 4, 8, { 10 } },
		{ 4, 10, { 100, 64 } },
		{ 4, 8, { 127 } },
		{ 4, 16, { 169, 254 } },
		{ 4, 12, { 172, 16 } },
		{ 4, 24, { 192, 0, 0 } },
		{ 4, 24, { 192, 0, 2 } },
		{ 4, 16, { 192, 168 } },
		{ 4, 15, { 198, 18 } },
		{ 4, 24, { 198, 51, 100 } },
		{ 4, 24, { 203, 0, 113 } },
		{ 4, 3, { 224 } },
		{ 16, 32, { 0x20, 0x01, 0x0d, 0xb8 } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned bits = rows[i].bits, whole = bits / 8;
		unsigned mask = 0xffU << (8 - bits % 8) & 0xffU;

		if (rows[i].size == n && memcmp(p, rows[i].start, whole) == 0 &&
		    (bits % 8 == 0 ||
			(p[whole] & mask) == rows[i].start[whole]))
			return true;
	}
	return false;
}

bool
address_is_global(const struct address *a)
{
	struct span bytes = address_bytes(a);
	const unsigned char *p = (const unsigned char *)bytes.p;

	if (bytes.n == 4)
		return !is_kept(p, 4);
	/* of IPv6 only 2000::/3 is given out; 6to4 and the mapped ones hide an
	 * IPv4 address */
	return bytes.n == 16 && (p[0] & 0xe0) == 0x20 && !is_kept(p, 16) &&
	    !(p[0] == 0x20 && p[1] == 0x02 && is_kept(p + 2, 4));
}

bool
address_is_loopback(const struct address *a)
{
	struct span bytes = address_bytes(a);

	if (bytes.n == 4)
		return bytes.p[0] == 127;
	return bytes.n == 16 &&
	    memcmp(bytes.p, &in6addr_loopback, sizeof(in6addr_loopback)) == 0;
}

static int
listen_bound(int fd, const struct sockaddr *sa, socklen_t n, int backlog)
{
	int error;

	if (bind(fd, sa, n) == 0 && listen(fd, backlog) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int
sock_listen_inet(const struct address *a, int backlog)
{
	int on = 1;
	int fd = socket(
	    address_family(a), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (address_family(a) == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return listen_bound(
	    fd, (const struct sockaddr *)&a->storage, a->n, backlog);
}

static bool
unix_address(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(out->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(out->sun_path, path, strlen(path) + 1);
	return true;
}

int
sock_listen_unix(const char *path, int type, mode_t mode, int backlog)
{
	struct sockaddr_un sa;
	mode_t before;
	int fd;

	if (!unix_address(path, &sa))
		return -1;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	(void)unlink(path);
	before = umask(0777 & ~mode);
	fd = listen_bound(fd, (struct sockaddr *)&sa, sizeof(sa), backlog);
	umask(before);
	return fd;
}

int
sock_connect_unix(const char *path, int type, bool non_blocking)
{
	struct sockaddr_un sa;
	int fd, error;

	if (!unix_address(path, &sa))
		return -1;
	fd = socket(AF_UNIX,
	    type | SOCK_CLOEXEC | (non_blocking ? SOCK_NONBLOCK : 0), 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int
sock_accept(int fd, struct address *peer)
{
	struct sockaddr_storage from;
	socklen_t n = sizeof(from);
	int got = accept4(
	    fd, (struct sockaddr *)&from, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (got != -1 && peer != NULL)
		address_from(peer, (struct sockaddr *)&from, n);
	return got;
}

int
sock_connect_inet(const struct address *to, const struct address *from)
{
	int on = 1, error;
	int fd = socket(
	    address_family(to), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if ((from == NULL ||
		bind(fd, (const struct sockaddr *)&from->storage, from->n) ==
		    0) &&
	    (connect(fd, (const struct sockaddr *)&to->storage, to->n) == 0 ||
		errno == EINPROGRESS))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

bool
sock_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == -1)
		return false;
	if (uid != NULL)
		*uid = cred.uid;
	if (gid != NULL)
		*gid = cred.gid;
	if (pid != NULL)
		*pid = cred.pid;
	return true;
}

bool
sock_local(int fd, struct address *out)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &n) == -1)
		return false;
	address_from(out, (struct sockaddr *)&sa, n);
	return true;
}

bool
sock_remote(int fd, struct address *out)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);

	if (getpeername(fd, (struct sockaddr *)&sa, &n) == -1)
		return false;
	address_from(out, (struct sockaddr *)&sa, n);
	return true;
}

int
sock_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return -1;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags);
}

int
sock_pair(int type, bool non_blocking, int fds[2])
{
	return socketpair(AF_UNIX,
	    type | SOCK_CLOEXEC | (non_blocking ? SOCK_NONBLOCK : 0), 0, fds);
}
