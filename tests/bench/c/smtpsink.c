/* smtpsink - SMTP receiver that throws messages away. Counters live in a mapped
 * file so that a harness can read them. Recipients in a domain beginning
 * "defer" are answered 450, "reject" 550. -f FILE: three u64: sessions,
 * messages, recipients. */
#include "lg.h"
#include <sys/mman.h>

struct s {
	int data, ok, nok;
	unsigned char tail;
}; /* tail: how much of CRLF.CRLF has been seen */

int
main(int argc, char **argv)
{
	int o, port = 2525, one = 1;
	const char *file = NULL, *host = "127.0.0.1";
	while ((o = getopt(argc, argv, "H:p:f:")) != -1)
		switch (o) {
		case 'H':
			host = optarg;
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 'f':
			file = optarg;
			break;
		default:
			die("usage: smtpsink -p port -f counter-file");
		}
	lg_init(host, port);
	volatile uint64_t *cnt, mem[3] = { 0 };
	cnt = mem;
	if (file) {
		int fd = open(file, O_CREAT | O_RDWR | O_TRUNC, 0644);
		if (fd < 0 || ftruncate(fd, 24) < 0)
			die("%s: %s", file, strerror(errno));
		cnt = mmap(NULL, 24, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	int ls = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(ls, (struct sockaddr *)&peer_addr, sizeof peer_addr) < 0 ||
	    listen(ls, 1024) < 0)
		die("bind: %s", strerror(errno));
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
	epoll_ctl(ep, EPOLL_CTL_ADD, ls, &e);
	for (;;) {
		struct epoll_event ev[128];
		int n = epoll_wait(ep, ev, 128, -1);
		for (int i = 0; i < n; i++) {
			struct conn *c = ev[i].data.ptr;
			if (!c) {
				int fd = accept4(ls, NULL, NULL,
				    SOCK_NONBLOCK | SOCK_CLOEXEC);
				if (fd < 0)
					continue;
				setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				    sizeof one);
				c = calloc(1, sizeof *c);
				c->user = calloc(1, sizeof(struct s));
				c->fd = fd;
				c->st = ST_OPEN;
				c_events(c, EPOLLIN);
				cnt[0]++;
				c_put(c, "220 sink.test ESMTP\r\n");
				if (c_flush(c) < 0)
					goto drop;
				continue;
			}
			struct s *s = c->user;
			int r = c_fill(c), bye = 0;
			while (c->in.len) {
				char *b = c->in.p + c->in.off;
				if (s->data) {
					static const char end[] = "\r\n.\r\n";
					size_t k = 0;
					while (k < c->in.len && s->tail < 5) {
						if (s->tail == 0 ||
						    s->tail ==
							5) { /* skip fast to the
								next CR */
							char *p =
							    memchr(b + k, '\r',
								c->in.len - k);
							if (!p) {
								k = c->in.len;
								break;
							}
							k = p - b;
						}
						if (b[k] == end[s->tail])
							s->tail++;
						else
							s->tail = b[k] == '\r';
						k++;
					}
					buf_eat(&c->in, k);
					if (s->tail == 5) {
						s->data = 0;
						cnt[1]++;
						cnt[2] += s->ok;
						c_put(c, "250 2.0.0 taken\r\n");
					}
					continue;
				}
				char *e2 = memchr(b, '\n', c->in.len);
				if (!e2)
					break;
				*e2 = 0;
				size_t len = e2 - b + 1;
				if (!strncasecmp(b, "EHLO", 4))
					c_put(c,
					    "250-sink.test\r\n250-"
					    "PIPELINING\r\n250-SIZE "
					    "0\r\n250-8BITMIME\r\n250 "
					    "ENHANCEDSTATUSCODES\r\n");
				else if (!strncasecmp(b, "RCPT", 4)) {
					if (strstr(b, "@defer"))
						c_put(c, "450 4.3.0 later\r\n");
					else if (strstr(b, "@reject"))
						c_put(c, "550 5.1.1 no\r\n");
					else {
						s->ok++;
						c_put(c, "250 2.1.5 ok\r\n");
					}
				} else if (!strncasecmp(b, "DATA", 4)) {
					if (s->ok) {
						s->data = 1;
						s->tail =
						    2; /* an empty message is
							  CRLF-preceded by the
							  command itself */
						c_put(c, "354 go\r\n");
					} else
						c_put(c,
						    "554 5.5.1 no "
						    "recipients\r\n");
				} else if (!strncasecmp(b, "QUIT", 4)) {
					c_put(c, "221 2.0.0 bye\r\n");
					bye = 1;
				} else {
					if (!strncasecmp(b, "MAIL", 4) ||
					    !strncasecmp(b, "RSET", 4))
						s->ok = 0;
					c_put(c, "250 2.0.0 ok\r\n");
				}
				buf_eat(&c->in, len);
			}
			if (c_flush(c) < 0 || r < 0 || bye) {
			drop:
				c_close(c);
				free(c->in.p);
				free(c->out.p);
				free(c->user);
				free(c);
			}
		}
	}
}
