/* lg.h - shared parts of the load generators: non-blocking connections (plain
 * or TLS), an epoll loop, latency samples, and small helpers. Header-only; each
 * generator is one translation unit. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static inline double
now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void
die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

/* ---- latency samples ---- */
struct samples {
	double *v;
	size_t n, cap;
};

static void
smp_add(struct samples *s, double x)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 4096;
		s->v = realloc(s->v, s->cap * sizeof *s->v);
		if (!s->v)
			die("out of memory");
	}
	s->v[s->n++] = x;
}

static int
smp_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double
smp_q(struct samples *s, double q)
{
	if (!s->n)
		return 0;
	size_t i = (size_t)(q * (s->n - 1) + 0.5);
	return s->v[i];
}

static void
smp_print(const char *name, struct samples *s)
{
	qsort(s->v, s->n, sizeof *s->v, smp_cmp);
	printf("\"%s\":{\"n\":%zu,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%."
	       "3f,\"max_ms\":%.3f}",
	    name, s->n, smp_q(s, .5) * 1e3, smp_q(s, .9) * 1e3,
	    smp_q(s, .99) * 1e3, smp_q(s, 1) * 1e3);
}

/* ---- growing byte buffer ---- */
struct buf {
	char *p;
	size_t off, len, cap;
}; /* live bytes: p[off .. off+len) */

static void
buf_room(struct buf *b, size_t n)
{
	if (b->off && b->off + b->len + n > b->cap) {
		memmove(b->p, b->p + b->off, b->len);
		b->off = 0;
	}
	if (b->len + n > b->cap) {
		size_t c = b->cap ? b->cap : 512;
		while (c < b->len + n)
			c *= 2;
		b->p = realloc(b->p, c);
		if (!b->p)
			die("out of memory");
		b->cap = c;
	}
}

static void
buf_put(struct buf *b, const void *d, size_t n)
{
	buf_room(b, n);
	memcpy(b->p + b->off + b->len, d, n);
	b->len += n;
}

static void
buf_eat(struct buf *b, size_t n)
{
	b->off += n;
	b->len -= n;
	if (!b->len) {
		b->off = 0;
		if (b->cap > 65536) { /* do not let thousands of idle
					 connections keep big buffers */
			free(b->p);
			b->p = NULL;
			b->cap = 0;
		}
	}
}

/* ---- connections ---- */
enum { ST_CLOSED, ST_CONNECTING, ST_HANDSHAKE, ST_OPEN };

struct conn {
	int fd, st, id, ev;
	SSL *ssl;
	struct buf in, out;
	double t0;
	void *user;
};

static int ep = -1;
static SSL_CTX *tlsctx;
static struct sockaddr_in peer_addr;

static void
lg_init(const char *host, int port)
{
	struct rlimit rl;
	signal(SIGPIPE, SIG_IGN);
	if (!getrlimit(RLIMIT_NOFILE, &rl)) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
	ep = epoll_create1(EPOLL_CLOEXEC);
	peer_addr.sin_family = AF_INET;
	peer_addr.sin_port = htons(port);
	if (inet_pton(AF_INET, host, &peer_addr.sin_addr) != 1)
		die("bad address %s", host);
	tlsctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_verify(tlsctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(tlsctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(tlsctx,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

static void
c_events(struct conn *c, int want)
{
	struct epoll_event e = { .events = want, .data.ptr = c };
	if (c->ev == want)
		return;
	epoll_ctl(ep, c->ev ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &e);
	c->ev = want;
}

static void
c_close(struct conn *c)
{
	if (c->ssl)
		SSL_free(c->ssl);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->ssl = NULL;
	c->ev = 0;
	c->st = ST_CLOSED;
	c->in.len = c->in.off = c->out.len = c->out.off = 0;
}

static int
c_open(struct conn *c)
{
	int one = 1;
	static unsigned src;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket: %s", strerror(errno));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if ((ntohl(peer_addr.sin_addr.s_addr) >> 24) ==
	    127) { /* spread source addresses: port range, per-client limits */
		struct sockaddr_in a = { .sin_family = AF_INET };
		a.sin_addr.s_addr = htonl(0x7f000002 + (src++ % 200));
		setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
		    sizeof one);
		if (getenv("LG_SPREAD"))
			bind(c->fd, (struct sockaddr *)&a, sizeof a);
	}
	c->ev = 0;
	c->t0 = now_s();
	if (connect(c->fd, (struct sockaddr *)&peer_addr, sizeof peer_addr) <
		0 &&
	    errno != EINPROGRESS) {
		c_close(c);
		return -1;
	}
	c->st = ST_CONNECTING;
	c_events(c, EPOLLOUT);
	return 0;
}

static void
c_tls(struct conn *c) /* start a handshake on an open connection */
{
	c->ssl = SSL_new(tlsctx);
	SSL_set_fd(c->ssl, c->fd);
	SSL_set_connect_state(c->ssl);
	c->st = ST_HANDSHAKE;
	c_events(c, EPOLLIN | EPOLLOUT);
}

static int
c_flush(struct conn *c) /* 0 ok, -1 lost */
{
	while (c->out.len && c->st == ST_OPEN) {
		ssize_t n;
		if (c->ssl) {
			n = SSL_write(c->ssl, c->out.p + c->out.off,
			    c->out.len > 65536 ? 65536 : (int)c->out.len);
			if (n <= 0) {
				int e = SSL_get_error(c->ssl, (int)n);
				if (e == SSL_ERROR_WANT_WRITE ||
				    e == SSL_ERROR_WANT_READ)
					break;
				return -1;
			}
		} else {
			n = send(c->fd, c->out.p + c->out.off, c->out.len,
			    MSG_NOSIGNAL);
			if (n < 0) {
				if (errno == EAGAIN || errno == EINTR)
					break;
				return -1;
			}
		}
		buf_eat(&c->out, n);
	}
	if (c->st == ST_OPEN)
		c_events(c, c->out.len ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return 0;
}

static void
c_put(struct conn *c, const char *fmt, ...)
{
	char b[2048];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(b, sizeof b, fmt, ap);
	va_end(ap);
	buf_put(&c->out, b, n < (int)sizeof b ? n : (int)sizeof b - 1);
}

static int
c_fill(struct conn *c) /* 1 got data, 0 nothing, -1 end or error */
{
	int got = 0;
	for (;;) {
		ssize_t n;
		buf_room(&c->in, 16384);
		char *d = c->in.p + c->in.off + c->in.len;
		size_t room = c->in.cap - c->in.off - c->in.len;
		if (c->ssl) {
			n = SSL_read(
			    c->ssl, d, room > 65536 ? 65536 : (int)room);
			if (n <= 0) {
				int e = SSL_get_error(c->ssl, (int)n);
				if (e == SSL_ERROR_WANT_READ ||
				    e == SSL_ERROR_WANT_WRITE)
					break;
				return got ? got : -1;
			}
		} else {
			n = recv(c->fd, d, room, 0);
			if (n < 0 && (errno == EAGAIN || errno == EINTR))
				break;
			if (n <= 0)
				return got ? got : -1;
		}
		c->in.len += n;
		got = 1;
		if (!c->ssl && (size_t)n < room)
			break;
	}
	if (!got && !c->in.len) { /* give memory back while idle */
		free(c->in.p);
		memset(&c->in, 0, sizeof c->in);
	}
	return got;
}

/* Moves a connecting or handshaking connection on: 1 just became open, 0 not
 * yet, -1 failed. */
static int
c_step(struct conn *c)
{
	if (c->st == ST_CONNECTING) {
		int e = 0;
		socklen_t l = sizeof e;
		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &l);
		if (e)
			return -1;
		c->st = ST_OPEN;
		c_events(c, EPOLLIN);
		return 1;
	}
	if (c->st == ST_HANDSHAKE) {
		int r = SSL_connect(c->ssl);
		if (r == 1) {
			c->st = ST_OPEN;
			c_events(c, EPOLLIN);
			return 1;
		}
		int e = SSL_get_error(c->ssl, r);
		if (e == SSL_ERROR_WANT_READ)
			c_events(c, EPOLLIN);
		else if (e == SSL_ERROR_WANT_WRITE)
			c_events(c, EPOLLOUT);
		else
			return -1;
		return 0;
	}
	return 0;
}

static unsigned rng_s = 2463534242u;
static unsigned
rng(void)
{
	rng_s ^= rng_s << 13;
	rng_s ^= rng_s >> 17;
	rng_s ^= rng_s << 5;
	return rng_s;
}

/* A message of about `size` bytes with CRLF line ends, no line starting with a
 * dot. */
static char *
make_message(
    size_t size, size_t *len, const char *from, const char *to, unsigned serial)
{
	char *m = malloc(size + 1024);
	size_t n = sprintf(m,
	    "From: Bench Sender <%s>\r\nTo: <%s>\r\nSubject: bench message "
	    "%u\r\n"
	    "Message-ID: <fb-%u-%ld@bench.test>\r\nDate: Mon, 05 Jan 2026 "
	    "10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n\r\n",
	    from, to, serial, serial, (long)getpid());
	static const char *w[] = { "lorem", "queue", "spool", "quick", "brown",
		"letter", "delta", "seven", "courier", "plain" };
	size_t col = 0;
	while (n < size) {
		const char *s = w[rng() % 10];
		size_t l = strlen(s);
		memcpy(m + n, s, l);
		n += l;
		col += l;
		if (col > 64) {
			memcpy(m + n, "\r\n", 2);
			n += 2;
			col = 0;
		} else {
			m[n++] = ' ';
			col++;
		}
	}
	memcpy(m + n, "\r\n", 2);
	*len = n + 2;
	return m;
}
